"""SQS: writes what WhatsApp and SES say became of each message, and tells the journey that waits for it."""

from __future__ import annotations

from okaeri import wiring
from okaeri.domain.reports import Report, ReportChunk
from okaeri.event_batches import Batch, BatchResponse, QueuedEvent
from okaeri.settings import RecordDeliverySettings
from record_delivery.payloads import read_ses_event

settings = RecordDeliverySettings.from_environment()
record_delivery = wiring.record_delivery(settings)
batches = wiring.make_batches(settings)


def read_reports(body: str) -> tuple[Report, ...]:
    """A chunk of our own, or an event of SES by EventBridge. Raises ValidationError for anything else."""
    if body.startswith('{"schema"'):
        return ReportChunk.model_validate_json(body).reports
    report = read_ses_event(body)
    return (report,) if report else ()


def handle_event(event: QueuedEvent) -> None:
    """Records one body. If it fails half-way it is given again whole: a report recorded twice changes nothing."""
    for report in read_reports(event.body):
        record_delivery(report)


def lambda_handler(batch: Batch, context: object) -> BatchResponse:
    """Answers with the bodies to be given again."""
    return batches.handle(batch, handle_event)
