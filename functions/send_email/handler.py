"""SQS: says each decided message by e-mail."""

from __future__ import annotations

from okaeri import wiring
from okaeri.domain.messages import QueuedMessage
from okaeri.event_batches import Batch, BatchResponse, QueuedEvent
from okaeri.settings import SendEmailSettings

settings = SendEmailSettings.from_environment()
send_email = wiring.send_email(settings)
batches = wiring.make_batches(settings)


def handle_event(event: QueuedEvent) -> None:
    """Says one message."""
    send_email(QueuedMessage.model_validate_json(event.body))


def lambda_handler(batch: Batch, context: object) -> BatchResponse:
    """Answers with the messages to be given again."""
    return batches.handle(batch, handle_event)
