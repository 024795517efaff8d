"""SQS: writes what WhatsApp and SES say became of each message, and tells the journey that waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri import wiring
from okaeri.domain.reports import Report, ReportChunk
from okaeri.errors import TryAgain
from okaeri.event_batches import Batch, BatchResponse, QueuedEvent
from okaeri.settings.record_delivery import RecordDeliverySettings
from record_delivery.payloads import read_ses_event

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = RecordDeliverySettings.from_environment()
record_delivery = wiring.record_delivery(settings)
batches = wiring.make_batches(settings)


def read_reports(body: str) -> tuple[Report, ...]:
    """A chunk of our own, or an event of SES by EventBridge. Raises ValidationError for anything else."""
    if body.startswith('{"schema"'):
        return ReportChunk.model_validate_json(body).reports
    report = read_ses_event(body)
    return (report,) if report else ()


# Milliseconds that one body of 25 reports may take. A function that is ended gives its whole batch back.
BODY_MS = 3_000


def lambda_handler(batch: Batch, context: LambdaContext) -> BatchResponse:
    """Answers with the bodies to be given again. A report that is recorded twice changes nothing."""

    def handle_event(event: QueuedEvent) -> None:
        if context.get_remaining_time_in_millis() < BODY_MS:
            raise TryAgain("out_of_time")
        for report in read_reports(event.body):
            record_delivery(report)

    return batches.handle(batch, handle_event)
