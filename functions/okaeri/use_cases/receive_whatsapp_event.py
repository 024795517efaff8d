"""Takes Meta's webhook: proves who sent it, splits it, queues what shoppers said and what became of messages.

After trust the answer is 200: what our models refuse goes to quarantine, and only that part of the POST.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from okaeri.domain.evidence import Envelope, Evidence
from okaeri.domain.reports import Report, pack_reports
from okaeri.domain.stores import Store
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, Queues, Secrets, Stores

_SOURCE = "whatsapp"


class Said(NamedTuple):
    """Something that a shopper said or did to one of our numbers. `delivery` is the same each time it is told."""

    phone_number_id: str
    delivery: str
    evidence: Evidence


class RefusedPart(NamedTuple):
    """A part that our models refuse: where it is, why, and the part itself."""

    path: str
    reason: str
    body: bytes


Part = Said | Report | RefusedPart


class Reading(NamedTuple):
    """All parts of one webhook that say something to us."""

    parts: tuple[Part, ...] = ()


IsSigned = Callable[[bytes, Mapping[str, str], Sequence[str]], bool]
ReadWebhook = Callable[[bytes, datetime], Reading]


@dataclass(frozen=True)
class ReceiveWhatsappEvent:
    """From a POST's raw bytes to the queues. `read_webhook` knows Meta's words."""

    stores: Stores
    secrets: Secrets
    queues: Queues
    clock: Clock
    log: Log
    is_signed: IsSigned
    read_webhook: ReadWebhook
    _unknown_numbers: set[str] = field(default_factory=set)

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        """How many parts were queued. Header names are lower-cased.

        Raises RefuseRequest 401 before trust, TryAgain where a queue did not take something: Meta sends it again,
        and what was taken already bears the same ids.
        """
        secret = self.secrets.get("meta-app").get("app_secret", "")
        if not secret or not self.is_signed(body, headers, [secret]):
            raise RefuseRequest(401, "bad_signature", "The signature does not match the body.")
        return self.take(body)

    def take(self, body: bytes) -> int:
        """The same for a body that is trusted already: AWS's queue admits what comes from its topic alone."""
        now = self.clock()
        parts = self.read_webhook(body, now).parts
        envelopes = [found for part in parts if isinstance(part, Said) and (found := self._wrap(part, now))]
        reports = [part for part in parts if not isinstance(part, Said | RefusedPart)]
        if envelopes:
            self.queues.send_evidence(envelopes)
        if reports:
            self.queues.send_statuses([chunk.to_body() for chunk in pack_reports(reports)])
        for part in parts:
            if isinstance(part, RefusedPart):
                self.queues.quarantine("", _SOURCE, part.body, path=part.path, reason=part.reason)
                self.log.error("webhook quarantined", extra={"path": part.path, "reason": part.reason})
        return len(envelopes) + len(reports)

    def shake_hands(self, query: Mapping[str, str]) -> str:
        """The challenge, given back to who knows the token. Raises RefuseRequest 403."""
        token = self.secrets.get("meta-app").get("verify_token", "")
        given = query.get("hub.verify_token", "")
        is_known = bool(token) and hmac.compare_digest(given.encode(), token.encode())
        if query.get("hub.mode") != "subscribe" or not is_known:
            raise RefuseRequest(403, "bad_verify_token", "The verify token is not ours.")
        return query.get("hub.challenge", "")

    def _wrap(self, said: Said, now: datetime) -> Envelope | None:
        store = self._find_store(said.phone_number_id)
        if store is None:
            return None
        return Envelope(
            id=make_id(store.store_id, _SOURCE, said.evidence.kind, said.delivery),
            store_id=store.store_id,
            source=f"{_SOURCE} {said.evidence.kind}",
            received_at=now,
            evidence=said.evidence,
        )

    def _find_store(self, phone_number_id: str) -> Store | None:
        store = self.stores.find_by_phone_number(phone_number_id) if phone_number_id else None
        if store is None and phone_number_id not in self._unknown_numbers:
            self._unknown_numbers.add(phone_number_id)
            self.log.warning("no store has this number", extra={"phone_number_id": phone_number_id})
        return store
