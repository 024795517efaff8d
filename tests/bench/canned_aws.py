"""AWS's answers in place of the socket: botocore takes what a `before-send` handler returns. Nothing of moto's here."""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders


@dataclass(frozen=True)
class Call:
    """One call of AWS as it was made once: by name and parameters, with the answer, and DynamoDB's units."""

    service: str
    operation: str
    parameters: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: bytes
    read_units: float = 0
    write_units: float = 0

    @property
    def cached_as(self) -> str | None:
        """A name for what is read once and then known for seconds or for good: store, journeys, templates, secrets."""
        if self.operation == "GetParameter":
            return str(self.parameters["Name"])
        key = self.parameters.get("Key", {})
        is_cached = key.get("pk", {}).get("S", "").startswith(("STORE#", "DEF#", "PHONE#", "TPL#", "PRICES"))
        return name_key(key) if is_cached else None


def name_key(key: Mapping[str, Mapping[str, str]]) -> str:
    """A DynamoDB key in one word."""
    return f"{key['pk']['S']} {key['sk']['S']}"


class _Body(io.BytesIO):
    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


def make_response(url: str, status: int, headers: dict[str, str], body: bytes) -> AWSResponse:
    """An answer as botocore would have read it off the wire."""
    return AWSResponse(url, status, HTTPHeaders.from_dict(headers), _Body(body))


def listen(client: BaseClient, event: str, handler: Callable[..., object]) -> None:
    """Registers a handler; what it returns counts for some events."""
    client.meta.events.register(event, handler)  # type: ignore[arg-type]  # the stubs know no such events


class CannedAws:
    """Gives each client the answers of `expect`, in their order, and before those what `cached` holds.

    Any other call is a fault of the measurement.
    """

    def __init__(self, clients: Iterable[BaseClient], cached: dict[str, Call]) -> None:
        self.cached = cached
        self._expected: deque[Call] = deque()
        for client in clients:
            listen(client, "before-send", self._answer)

    def expect(self, calls: Iterable[Call]) -> None:
        """What comes next. The calls before must all have been made."""
        if self._expected:
            raise AssertionError(f"{len(self._expected)} calls were not made: {self._expected[0].operation} …")
        self._expected.extend(calls)

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        if self.cached and (known := self._find_cached(request)) is not None:
            return make_response(str(request.url), known.status, known.headers, known.body)
        if not self._expected or not event_name.endswith(self._expected[0].operation):
            raise AssertionError(f"{event_name} was not expected")
        call = self._expected.popleft()
        return make_response(str(request.url), call.status, call.headers, call.body)

    def _find_cached(self, request: AWSPreparedRequest) -> Call | None:
        asked = json.loads(cast(bytes, request.body) or b"{}")
        name = asked.get("Name") or (name_key(asked["Key"]) if "Key" in asked else "")
        return self.cached.get(name)


def answer(body: bytes) -> Callable[..., AWSResponse]:
    """A `before-send` handler that gives the same answer to each call."""
    headers = {"content-type": "application/x-amz-json-1.0"}

    def reply(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return make_response(str(request.url), 200, headers, body)

    return reply
