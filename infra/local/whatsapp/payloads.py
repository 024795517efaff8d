"""What a caller of the Graph API sent."""

import json
from typing import Any

from starlette.requests import Request

from .errors import GraphError


def read_token(request: Request) -> str:
    """The bearer token, or `access_token` of the query; 190 when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() in ("bearer", "oauth") else request.query_params.get("access_token", "")
    if not given:
        raise GraphError(190, message="An access token is required to request this resource.")
    return given


async def read_payload(request: Request) -> dict[str, Any]:
    """The JSON object of the body; code 100 for anything else."""
    try:
        payload = json.loads(await request.body())
    except ValueError:
        raise GraphError(100, message="(#100) Invalid JSON in the request body") from None
    if not isinstance(payload, dict):
        raise GraphError(100, message="(#100) The request body must be a JSON object")
    return payload
