"""SQS: says each decided message by e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri import wiring
from okaeri.event_batches import Batch, BatchResponse
from okaeri.settings.send_email import SendEmailSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = SendEmailSettings.from_environment()
send_email = wiring.send_email(settings)
batches = wiring.make_batches(settings)


def lambda_handler(batch: Batch, context: LambdaContext) -> BatchResponse:
    """Answers with the messages to be given again."""
    return batches.send(batch, context, send_email)
