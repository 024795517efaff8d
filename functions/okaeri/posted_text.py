"""What was posted to a page or an API of ours, as API Gateway's HTTP API hands it over (payload format 2.0)."""

from __future__ import annotations

import base64
import binascii
from typing import Any


def read_posted_text(event: dict[str, Any]) -> str:
    """The body as text. API Gateway hands forms over in base64; one that is not what it claims is empty."""
    body: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
