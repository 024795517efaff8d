"""Calls of the shop's own webhooks, by Standard Webhooks (https://www.standardwebhooks.com), one POST each.

A journey reaches none but the addresses in the store's settings, and of these none inside a private network: the name
is resolved here, and the connection goes to the very address that was looked at: a name cannot change in between.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import certifi
import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError, TimeoutError

from okaeri.errors import GiveUp, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import Secrets

CONNECT_S, ANSWER_S = 3.0, 7.0  # ten seconds in all: a third of the function's time
MOST_BYTES = 65_536  # of an answer
MOST_VALUES = 16
MOST_CHARACTERS = 500  # of a value
_CHUNK = 16_384

Resolve = Callable[[str, int], Sequence[str]]


class SignedWebhooks:
    """Implements `ports.ShopWebhooks`. `allow_local` is for a laptop alone: plain http and private addresses."""

    def __init__(
        self,
        secrets: Secrets,
        *,
        allow_local: bool,
        resolve: Resolve | None = None,
        ca_certificates: str | None = None,
        read_seconds: Callable[[], float] = time.time,
    ) -> None:
        self._secrets, self._allow_local = secrets, allow_local
        self._resolve = resolve or find_addresses
        self._ca_certificates = ca_certificates or certifi.where()
        self._read_seconds = read_seconds

    def call(self, store_id: str, url: str, body: str, *, call_id: str) -> dict[str, str]:
        """`call_id` is the same for each try of a step, so that the shop can tell a repetition."""
        headers = self._sign(store_id, body, call_id)
        status, answer = self._post(url, body.encode(), headers)
        if status in (408, 429) or status >= 500:
            raise TryAgain(f"http_{status}")
        if not 200 <= status < 300:  # a redirect too: the shop named this address and no other
            raise GiveUp(f"http_{status}")
        return read_values(answer)

    def _sign(self, store_id: str, body: str, call_id: str) -> dict[str, str]:
        from standardwebhooks.webhooks import Webhook

        secret = self._secrets.get(f"stores/{store_id}/calls")
        now = datetime.fromtimestamp(int(self._read_seconds()), UTC)
        # Both while the shop changes over: a reader takes whichever it knows.
        signers = [secret[name] for name in ("current", "previous") if secret.get(name)]
        return {
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "Okaeri",
            "webhook-id": call_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(Webhook(signer).sign(call_id, now, body) for signer in signers),
        }

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer."""
        pool, target = self._open(url)
        ends_at = time.monotonic() + CONNECT_S + ANSWER_S
        try:
            with pool:
                answer = pool.urlopen(
                    "POST",
                    target.request_uri,
                    body=body,
                    headers=headers | {"host": target.netloc or ""},
                    retries=False,
                    redirect=False,
                    preload_content=False,
                    timeout=urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S),
                )
                return answer.status, _read_all(answer, ends_at)
        except HTTPError as error:
            if isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError):  # which is one to urllib3
                raise TryAgain("webhook_timeout") from error
            raise TryAgain("webhook_unreachable") from error

    def _open(self, url: str) -> tuple[urllib3.HTTPConnectionPool, urllib3.util.Url]:
        """A connection to one of the name's addresses; its certificate must be the name's."""
        try:
            target = urllib3.util.parse_url(url)
        except LocationParseError as error:
            raise GiveUp("webhook_address_broken") from error
        is_plain = target.scheme == "http" and self._allow_local
        if not target.host or not (target.scheme == "https" or is_plain):
            raise GiveUp("webhook_not_https")
        port = target.port or (80 if is_plain else 443)
        host = target.host.strip("[]")
        addresses = self._resolve(host, port)
        if not self._allow_local and not all(map(is_public, addresses)):
            raise GiveUp("webhook_address_private")
        if is_plain:
            return urllib3.HTTPConnectionPool(addresses[0], port), target
        secured = urllib3.HTTPSConnectionPool(
            addresses[0],
            port,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._ca_certificates,
            server_hostname=host,
            assert_hostname=host,
        )
        return secured, target


def find_addresses(host: str, port: int) -> Sequence[str]:
    """The IPv4 addresses of a name: a function without a network of its own has no other road out."""
    try:
        found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TryAgain("webhook_name_unknown") from error
    return [str(address[4][0]) for address in found]


def is_public(address: str) -> bool:
    """Whether everybody on the internet could reach it: no private, loopback, link-local or shared one."""
    parsed = ipaddress.ip_address(address)
    return parsed.version == 4 and parsed.is_global and not parsed.is_multicast


def read_values(answer: bytes) -> dict[str, str]:
    """The first values of a flat JSON object as text. Lists, objects and nulls are left out; no JSON has no values."""
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    values = {name: _write(value) for name, value in found.items() if _is_name(name)}
    kept = [(name, text[:MOST_CHARACTERS]) for name, text in values.items() if text is not None]
    return dict(kept[:MOST_VALUES])


def _is_name(name: str) -> bool:
    return name.isidentifier() and name.isascii() and len(name) <= 40


def _write(value: Any) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
    return None


def _read_all(answer: urllib3.BaseHTTPResponse, ends_at: float) -> bytes:
    body = b""
    while chunk := answer.read(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise GiveUp("webhook_answer_too_large")
        if time.monotonic() > ends_at:
            raise TryAgain("webhook_timeout")
    return body
