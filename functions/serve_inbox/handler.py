"""HTTP: the inbox of the shop's people, as JSON."""

from __future__ import annotations

from typing import Any

from okaeri import wiring
from okaeri.errors import RefuseRequest, TryAgain
from okaeri.observability import make_logger
from okaeri.posted_text import read_posted_text
from okaeri.settings.serve_inbox import ServeInboxSettings
from serve_inbox.models import Fault
from serve_inbox.operations import Call, find_operation

# No CORS headers: a page of somebody else's cannot read this with a person's browser.
HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}

settings = ServeInboxSettings.from_environment()
logger = make_logger(settings)
serve_inbox = wiring.serve_inbox(settings)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway's HTTP API, payload format 2.0. Logs who did what to which store, and nothing of customers."""
    seen = {"store": event["pathParameters"]["store_id"][:64], "operation": "", "by": ""}
    status, body = 200, ""
    try:
        body = answer_request(event, seen)
    except RefuseRequest as refused:
        status = refused.status
        fault = Fault(error=refused.code, message=str(refused), at=refused.at, fix=refused.fix)
        seen["code"], body = refused.code, fault.model_dump_json()
    except TryAgain as error:
        status = 503
        fault = Fault(error="try_again", message="It did not work just now.", fix="Send the same again.")
        seen["code"], body = error.code, fault.model_dump_json()
    log = logger.error if status >= 500 else logger.info
    log("inbox", status=status, **seen)
    return {"statusCode": status, "headers": HEADERS, "body": body}


def answer_request(event: dict[str, Any], seen: dict[str, str]) -> str:
    """Lets the caller in, finds what they want, does it. `seen` is filled for the log."""
    store_id = event["pathParameters"]["store_id"]
    http = event["requestContext"]["http"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    member = serve_inbox.admit(store_id, headers.get("authorization", ""), address=http.get("sourceIp", ""))
    seen["by"] = member.name
    operation, path = find_operation(http["method"], event["pathParameters"].get("proxy", ""))
    seen["operation"] = operation.name
    store = serve_inbox.stores.get(store_id)
    if store is None:
        raise RefuseRequest(404, "store_unknown", "This store is gone.", fix="Ask who runs the stack.")
    call = Call(serve_inbox, store, member, path, event.get("queryStringParameters") or {}, read_posted_text(event))
    return operation.run(call).model_dump_json()
