"""SQS: says each decided message on WhatsApp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri import wiring
from okaeri.event_batches import Batch, BatchResponse
from okaeri.settings.send_whatsapp import SendWhatsappSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = SendWhatsappSettings.from_environment()
send_whatsapp = wiring.send_whatsapp(settings)
batches = wiring.make_batches(settings)


def lambda_handler(batch: Batch, context: LambdaContext) -> BatchResponse:
    """Answers with the messages to be given again."""
    return batches.send(batch, context, send_whatsapp)
