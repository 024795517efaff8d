"""HTTP: takes a store's or its carrier's webhook, proves who sent it, and queues it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from okaeri import wiring
from okaeri.domain.carriers import ADDRESS_TOKEN
from okaeri.errors import GiveUp, TryAgain
from okaeri.observability import make_logger
from okaeri.settings.receive_store_event import ReceiveStoreEventSettings
from okaeri.use_cases.receive_store_event import Request, Response
from receive_store_event.dialects import load_dialect

settings = ReceiveStoreEventSettings.from_environment()
logger = make_logger(settings)
receive_store_event = wiring.receive_store_event(settings, load_dialect)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway's HTTP API, payload format 2.0."""
    request = read_request(event)
    try:
        response = receive_store_event(request)
    except (TryAgain, GiveUp) as error:  # a queue or a secret that we cannot reach: the sender keeps the event
        logger.error("webhook not taken", store=request.store_id, code=error.code)
        response = Response(503, {"error": "try_again", "message": "The event was not taken. Send it again."})
    if response.body.get("result") not in ("queued", "ignored", "pong"):  # for those, the API's own log is enough
        logger.warning(
            "webhook refused",
            store=request.store_id[:64],
            status=response.status,
            code=response.body.get("error", "quarantined"),
            at=response.body.get("at"),
        )
    return {
        "statusCode": response.status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(response.body, ensure_ascii=False),
    }


def read_request(event: dict[str, Any]) -> Request:
    """The call as a Request; a body that is not the base64 it claims to be is taken as it is."""
    body = (event.get("body") or "").encode("utf-8", "surrogatepass")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            logger.warning("body is not base64")
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    path, query = event["pathParameters"], event.get("queryStringParameters") or {}
    headers[ADDRESS_TOKEN] = query.get("token", "")
    return Request(path["store_id"], headers, body, carrier=path.get("carrier", ""))
