"""SES: reads a customer's e-mail out of the bucket, keeps its files, and queues the letter."""

from __future__ import annotations

from typing import Any

from okaeri import wiring
from okaeri.settings.receive_email_event import ReceiveEmailEventSettings
from receive_email_event.payloads import SesEvent
from receive_email_event.reading import read_mail

settings = ReceiveEmailEventSettings.from_environment()
receive_letter = wiring.receive_letter(settings, read_mail)


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """What fails is given again twice by Lambda, then put aside with the dead letters."""
    for record in SesEvent.model_validate(event).records:
        receive_letter(record.ses.to_notice())
