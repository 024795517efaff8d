"""SES v2's side: sending ends here, every other call goes on to the local AWS unchanged."""

import asyncio
import json
import uuid
from urllib.parse import urljoin

import requests
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.serving import HungUp, keep_waiting

from .mail import Refused
from .post_office import PostOffice

PROXY_TIMEOUT_S = 30
# Headers of one connection, and those that the HTTP client writes itself.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
    }
)
_FAULT_KINDS = {429: "TooManyRequestsException", 403: "AccessDeniedException", 404: "NotFoundException"}


class SesApi:
    """Two endpoints over one post office."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def send_email(self, request: Request) -> Response:
        """`SendEmail`; faults strike here."""
        if self.office.configuration.passes_sends_on:
            return await self.pass_on(request)
        fault = self.office.faults.take()
        if fault and fault.timeout:
            return await keep_waiting(request)
        try:
            if fault and fault.http_status:
                kind = _FAULT_KINDS.get(fault.http_status, "InternalFailure")
                raise Refused(kind, "This error was ordered through the control API.", fault.http_status)
            if fault and fault.code is not None:
                status = 429 if fault.code == "TooManyRequestsException" else 400
                raise Refused(str(fault.code), "This error was ordered through the control API.", status)
            kept = self.office.accept(await read_request(request))
        except Refused as error:
            return answer_refused(error)
        if fault and fault.drop_response:
            return HungUp()
        return JSONResponse({"MessageId": kept.message_id}, headers={"x-amzn-RequestId": str(uuid.uuid4())})

    async def pass_on(self, request: Request) -> Response:
        """Method, path, query, body and headers (with the signature and its Host) as they came."""
        endpoint = self.office.configuration.aws_endpoint_url
        if not endpoint:
            return answer_refused(Refused("NotFoundException", "The mailbox has no aws_endpoint_url.", 404))
        target = urljoin(endpoint, request.url.path)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP}
        body = await request.body()

        def forward() -> requests.Response:
            return requests.request(
                request.method,
                f"{target}?{request.url.query}" if request.url.query else target,
                headers=headers,
                data=body,
                timeout=PROXY_TIMEOUT_S,
                allow_redirects=False,
            )

        try:
            answer = await asyncio.to_thread(forward)
        except requests.RequestException as error:
            return answer_refused(Refused("ServiceUnavailable", f"{type(error).__name__} at {endpoint}", 503))
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP_BY_HOP}
        return Response(answer.content, answer.status_code, kept)


async def read_request(request: Request) -> dict[str, object]:
    """The JSON object of the body."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Refused("SerializationException", "The request body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused("SerializationException", "The request body is not a JSON object.")
    return body


def answer_refused(error: Refused) -> Response:
    """In SES's shape."""
    headers = {"x-amzn-ErrorType": error.kind, "x-amzn-RequestId": str(uuid.uuid4())}
    return JSONResponse({"message": error.message}, error.http_status, headers)
