"""SQS: says each decided message on WhatsApp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri import wiring
from okaeri.domain.messages import QueuedMessage
from okaeri.event_batches import Batch, BatchResponse, QueuedEvent
from okaeri.settings import SendWhatsappSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = SendWhatsappSettings.from_environment()
send_whatsapp = wiring.send_whatsapp(settings)
batches = wiring.make_batches(settings)


# Milliseconds that one attempt may take: 2 s to connect, 8 s for Meta's answer, and the table. A function that
# is ended in the middle of an attempt leaves a message of which nobody knows whether it was sent.
ATTEMPT_MS = 12_000


def lambda_handler(batch: Batch, context: LambdaContext) -> BatchResponse:
    """Answers with the messages to be given again."""

    def handle_event(event: QueuedEvent) -> None:
        queued = QueuedMessage.model_validate_json(event.body)
        if context.get_remaining_time_in_millis() < ATTEMPT_MS:
            send_whatsapp.settle.hand_back(queued)
        else:
            send_whatsapp(queued)

    return batches.handle(batch, handle_event)
