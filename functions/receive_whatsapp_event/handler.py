"""HTTP: takes Meta's webhook, proves that Meta sent it, and queues replies and statuses.

SQS: takes what AWS tells of numbers that it hosts (infra/whatsapp-aws.yaml), and does the same.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from okaeri import wiring
from okaeri.errors import GiveUp, RefuseRequest, TryAgain
from okaeri.observability import make_logger
from okaeri.settings.receive_whatsapp_event import ReceiveWhatsappEventSettings
from receive_whatsapp_event.reading import read_webhook, unwrap_aws_notice

settings = ReceiveWhatsappEventSettings.from_environment()
logger = make_logger(settings)
receive_whatsapp_event = wiring.receive_whatsapp_event(settings, read_webhook)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway's HTTP API, payload format 2.0: GET is Meta's handshake, POST a webhook. Or a batch from SQS."""
    if "Records" in event:
        return take_batch(event)
    try:
        if event["requestContext"]["http"]["method"] == "GET":
            return answer(200, receive_whatsapp_event.shake_hands(event.get("queryStringParameters") or {}))
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        queued = receive_whatsapp_event(read_body(event), headers)
        logger.info("webhook", status=200, queued=queued)
        return answer(200, "")
    except RefuseRequest as refusal:
        logger.warning("webhook refused", status=refusal.status, code=refusal.code)
        return answer(refusal.status, str(refusal))
    except (TryAgain, GiveUp) as error:  # a queue or a secret that we cannot reach: Meta keeps the events
        logger.error("webhook not taken", status=503, code=error.code)
        return answer(503, "The events were not taken. Send them again.")


def take_batch(batch: dict[str, Any]) -> dict[str, Any]:
    """Answers with the notices to be given again."""
    return wiring.make_batches(settings).handle(
        batch, lambda event: receive_whatsapp_event.take(unwrap_aws_notice(event.body))
    )


def answer(status: int, text: str) -> dict[str, Any]:
    """Plain text: Meta wants the bare challenge, and reads nothing else."""
    return {"statusCode": status, "headers": {"content-type": "text/plain; charset=utf-8"}, "body": text}


def read_body(event: dict[str, Any]) -> bytes:
    """The bytes that were signed; a body that is not the base64 it claims to be is taken as it is."""
    body: bytes = (event.get("body") or "").encode("utf-8", "surrogatepass")
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error:
            logger.warning("body is not base64")
    return body
