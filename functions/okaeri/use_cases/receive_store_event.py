"""Takes a store's webhook, or one of a carrier that it chose: proves who sent it, reads it, queues it, answers.

4xx only before trust; after it a platform's webhook is always answered 2xx, because Shopify deletes and WooCommerce
disables a subscription that keeps failing. What our models refuse goes to quarantine (design §1).
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from okaeri.domain.carriers import Carrier
from okaeri.domain.evidence import Envelope, Evidence
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import make_id
from okaeri.errors import GiveUp, RefuseRequest

if TYPE_CHECKING:  # ports name every model there is; this function needs few, and starts sooner without the others
    from okaeri.ports import Clock, Queues, Secrets, Stores

BODY_LIMIT = 6 * 1024 * 1024  # bytes as received; Lambda takes no larger request
UNPACKED_LIMIT = 20 * 1024 * 1024  # bytes after gunzip
_STORE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_GZIP = b"\x1f\x8b"  # no JSON begins so

IsSigned = Callable[[bytes, Mapping[str, str], Sequence[str]], bool]


Sender = Platform | Carrier


class Request(NamedTuple):
    """A webhook as it came. Header names are lower-cased; `body` is raw, not yet gunzipped.

    `carrier` is empty where the store itself speaks. A token in the address
    stands among the headers, as `ADDRESS_TOKEN`.
    """

    store_id: str
    headers: Mapping[str, str]
    body: bytes
    carrier: str = ""


class Response(NamedTuple):
    """An HTTP answer; `body` is a JSON object."""

    status: int
    body: Mapping[str, object]


class Reading(NamedTuple):
    """What a webhook says. `delivery` is the same each time this delivery is repeated, and unlike any other's."""

    source: str
    delivery: str
    evidence: tuple[Evidence, ...] = ()


class PayloadRefused(GiveUp):
    """A signed payload that our models cannot read: where (`path`) and why, never its content."""

    def __init__(self, source: str, path: str, reason: str) -> None:
        super().__init__("payload_refused", f"{path}: {reason}")
        self.source, self.path, self.reason = source, path, reason


class Problem(NamedTuple):
    """One mistake in an event of our own store API."""

    at: str
    message: str
    fix: str


class EventInvalid(RefuseRequest):
    """An event of our own store API that does not match its schema: 422, with every mistake in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more, see `errors`)" if len(problems) > 1 else ""
        super().__init__(422, "invalid_event", first.message + more, at=first.at, fix=first.fix)
        self.problems = problems


class Dialect(Protocol):
    """How one platform words its webhooks. One module beside the handler for each."""

    accepted: int
    """The status of a webhook that was taken."""

    def is_ping(self, request: Request) -> bool:
        """Whether this is the platform's unsigned call that only asks whether anybody is there."""

    def check_sender(self, request: Request, store: Store) -> None:
        """Raises RefuseRequest 401 where the signed webhook names another shop than this one."""

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """What the webhook says. Raises RefuseRequest (broken JSON, our own API's mistakes) or PayloadRefused."""


@dataclass(frozen=True)
class ReceiveStoreEvent:
    """From a Request to a Response. Raises TryAgain where a queue or a secret cannot be reached: answer 5xx."""

    stores: Stores
    secrets: Secrets
    queues: Queues
    clock: Clock
    signatures: Mapping[Sender, IsSigned]
    load_dialect: Callable[[Sender], Dialect]
    body_limit: int = BODY_LIMIT
    unpacked_limit: int = field(default=UNPACKED_LIMIT)

    def __call__(self, request: Request) -> Response:
        try:
            return self._receive(request)
        except RefuseRequest as refusal:
            return _answer_refusal(refusal)

    def _receive(self, request: Request) -> Response:
        if len(request.body) > self.body_limit:
            raise _too_large(self.body_limit)
        store = self.stores.get(request.store_id) if _STORE_ID.fullmatch(request.store_id) else None
        if store is None:
            raise RefuseRequest(
                404, "unknown_store", "No store has this id.", at="path", fix="Copy the URL from `okaeri stores list`."
            )
        sender = _find_sender(request, store)
        dialect = self.load_dialect(sender)
        if dialect.is_ping(request):
            return Response(200, {"result": "pong"})
        unpacked = self._verify(request, store, sender)
        dialect.check_sender(request, store)
        try:
            return self._queue(dialect.read(unpacked, store, self.clock()), store, dialect)
        except PayloadRefused as refused:
            self.queues.quarantine(
                store.store_id, refused.source, unpacked.body, path=refused.path, reason=refused.reason
            )
            result = {"result": "quarantined", "at": refused.path, "reason": refused.reason}
            return Response(dialect.accepted, result)

    def _verify(self, request: Request, store: Store, sender: Sender) -> Request:
        """The request with its body unpacked, once its signature is known to be good.

        Senders sign what they send; proxies that pack a body on its way leave the signature over the unpacked one.
        """
        record = self._read_secret(store, sender)
        secrets = [secret for secret in (record.get("current"), record.get("previous")) if secret]
        is_signed = self.signatures[sender]
        is_packed = request.body.startswith(_GZIP)
        if is_signed(request.body, request.headers, secrets):
            return replace(request, body=self._unpack(request.body)) if is_packed else request
        if is_packed:
            unpacked = replace(request, body=self._unpack(request.body))
            if is_signed(unpacked.body, request.headers, secrets):
                return unpacked
        raise RefuseRequest(
            401,
            "bad_signature",
            "The signature does not match the body.",
            at="headers",
            fix="Sign the raw body with this store's secret; a proxy must not change it on its way.",
        )

    def _read_secret(self, store: Store, sender: Sender) -> Mapping[str, str]:
        """A store without its secret is a mistake of ours, and worth a second try; a carrier's was never given."""
        if isinstance(sender, Platform):
            return self.secrets.get(f"stores/{store.store_id}/webhook")
        try:
            return self.secrets.get(f"stores/{store.store_id}/{sender}/webhook")
        except GiveUp as error:
            if error.code != "secret_missing":
                raise
            fix = f"Run: okaeri stores add-carrier {store.store_id} {sender}"
            raise RefuseRequest(404, "carrier_not_added", "The store has not added it.", at="path", fix=fix) from None

    def _unpack(self, body: bytes) -> bytes:
        """Raises 413 where little becomes too much, 400 where it is broken."""
        unpacker = zlib.decompressobj(wbits=31)
        try:
            unpacked = unpacker.decompress(body, self.unpacked_limit + 1)
        except zlib.error:
            raise _broken_gzip() from None
        if len(unpacked) > self.unpacked_limit:
            raise _too_large(self.unpacked_limit)
        if not unpacker.eof:
            raise _broken_gzip()
        return unpacked

    def _queue(self, reading: Reading, store: Store, dialect: Dialect) -> Response:
        delivery = make_id(store.store_id, reading.source, reading.delivery)
        if not reading.evidence:
            return Response(dialect.accepted, {"result": "ignored", "id": delivery})
        now = self.clock()
        envelopes = [
            Envelope(
                id=make_id(delivery, position) if position else delivery,
                store_id=store.store_id,
                source=reading.source,
                received_at=now,
                evidence=evidence,
            )
            for position, evidence in enumerate(reading.evidence)
        ]
        try:
            self.queues.send_evidence(envelopes)
        except GiveUp as error:  # larger than a queue takes, even compressed
            raise PayloadRefused(reading.source, "body", error.code) from None
        return Response(dialect.accepted, {"result": "queued", "id": delivery})


def _find_sender(request: Request, store: Store) -> Sender:
    if not request.carrier:
        return store.platform
    try:
        return Carrier(request.carrier)
    except ValueError:
        known = ", ".join(Carrier)
        raise RefuseRequest(404, "unknown_carrier", f"Known are {known}.", at="path", fix="Mend the URL.") from None


def hash_body(body: bytes) -> str:
    """Tells deliveries apart whose platform gives them no id of their own."""
    return hashlib.sha256(body).hexdigest()


def _answer_refusal(refusal: RefuseRequest) -> Response:
    body: dict[str, object] = {"error": refusal.code, "message": str(refusal)}
    if refusal.at:
        body["at"] = refusal.at
    if refusal.fix:
        body["fix"] = refusal.fix
    if isinstance(refusal, EventInvalid):
        body["errors"] = [{"at": p.at, "message": p.message, "fix": p.fix} for p in refusal.problems]
    return Response(refusal.status, body)


def _too_large(limit: int) -> RefuseRequest:
    return RefuseRequest(
        413,
        "body_too_large",
        f"The body is larger than {limit // (1024 * 1024)} MB.",
        at="body",
        fix="Send less in one event, or gzip it.",
    )


def _broken_gzip() -> RefuseRequest:
    return RefuseRequest(
        400, "broken_gzip", "The body starts like gzip and cannot be unpacked.", at="body", fix="Send the whole body."
    )
