"""What a request to a page says: who asks, in which languages, and what was posted."""

from __future__ import annotations

from typing import Any

from okaeri.use_cases.serve_customer_pages import Visitor


def read_visitor(event: dict[str, Any]) -> Visitor:
    """From API Gateway's HTTP API, payload format 2.0."""
    headers = event.get("headers") or {}
    named: dict[str, str] = event["pathParameters"]
    request = event.get("requestContext", {}).get("http", {})
    return Visitor(
        token=named.get("token") or named.get("store", ""),
        languages=read_languages(headers.get("accept-language", "")),
        ip=request.get("sourceIp", ""),
        browser=headers.get("user-agent", ""),
        only_asks=request.get("method") == "HEAD",
    )


def read_languages(header: str) -> tuple[str, ...]:
    """`Accept-Language: ja, en;q=0.8` as tags, the liked first; at most 10."""
    weighted = []
    for part in header.split(",")[:10]:
        tag, _, weight = part.strip().partition(";q=")
        if tag and tag != "*":
            weighted.append((-float(weight) if weight.replace(".", "", 1).isdigit() else -1.0, tag))
    return tuple(tag for _, tag in sorted(weighted, key=lambda pair: pair[0]))
