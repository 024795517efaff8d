"""HTTP: the pages that stop and confirm marketing e-mails, and signed links that lead on."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from okaeri import wiring
from okaeri.adapters.customer_pages import CustomerPages, make_security_policy
from okaeri.domain.pages import PageKind
from okaeri.errors import TryAgain
from okaeri.observability import make_logger
from okaeri.settings import ServeCustomerPagesSettings
from okaeri.use_cases.serve_customer_pages import Answer, Visitor

# Nobody keeps, indexes or frames these pages, and the token in their address goes nowhere else.
HEADERS = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

settings = ServeCustomerPagesSettings.from_environment()
logger = make_logger(settings)
pages = CustomerPages()
serve_customer_pages = wiring.serve_customer_pages(settings, pages)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway's HTTP API, payload format 2.0."""
    headers = event.get("headers") or {}
    visitor = Visitor(
        token=event["pathParameters"]["token"],
        languages=read_languages(headers.get("accept-language", "")),
        ip=event.get("requestContext", {}).get("http", {}).get("sourceIp", ""),
        browser=headers.get("user-agent", ""),
    )
    try:
        answer = answer_request(event, visitor)
    except TryAgain as error:
        logger.error("page not served", code=error.code)
        answer = Answer(503, PageKind.LATER)
    store_id = answer.store.store_id if answer.store else None
    logger.info("page", route=event["routeKey"], status=answer.status, page=answer.page, store=store_id)
    if answer.page is None:
        return {"statusCode": answer.status, "headers": HEADERS | {"location": answer.location or ""}}
    page_headers = HEADERS | {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": make_security_policy(),
    }
    body = pages.render(answer.page, answer.store, visitor.languages)
    return {"statusCode": answer.status, "headers": page_headers, "body": body}


def answer_request(event: dict[str, Any], visitor: Visitor) -> Answer:
    """Asks the use case what the route means."""
    match event["routeKey"]:
        case "GET /u/{token}":
            return serve_customer_pages.show_unsubscribe(visitor)
        case "POST /u/{token}":
            return serve_customer_pages.change_subscription(visitor, read_form(event))
        case "GET /c/{token}":
            return serve_customer_pages.show_confirmation(visitor)
        case "POST /c/{token}":
            return serve_customer_pages.confirm_subscription(visitor)
        case "GET /l/{token}":
            return serve_customer_pages.follow_link(visitor)
    return Answer(404, PageKind.BROKEN)


def read_form(event: dict[str, Any]) -> str:
    """The posted body. API Gateway hands forms over in base64; one that is not what it claims is empty."""
    body: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def read_languages(header: str) -> tuple[str, ...]:
    """`Accept-Language: ja, en;q=0.8` as tags, the liked first; at most 10."""
    weighted = []
    for part in header.split(",")[:10]:
        tag, _, weight = part.strip().partition(";q=")
        if tag and tag != "*":
            weighted.append((-float(weight) if weight.replace(".", "", 1).isdigit() else -1.0, tag))
    return tuple(tag for _, tag in sorted(weighted, key=lambda pair: pair[0]))
