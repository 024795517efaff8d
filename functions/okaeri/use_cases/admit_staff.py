"""Lets a person of the shop into its inbox: whose token it is, and of which store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from okaeri.domain.staff import StaffMember, is_token_of, read_token
from okaeri.errors import RefuseRequest

if TYPE_CHECKING:
    from okaeri.ports import Clock, Staff

MOST_FAILURES = 10  # of one address within the span below; more are not even looked at
_SPAN = timedelta(minutes=1)
_MOST_ADDRESSES = 1000

_FIX = "Send the header Authorization: Bearer TOKEN with a token of this store: okaeri staff add STORE NAME."


@dataclass(frozen=True)
class AdmitStaff:
    """Remembers failures in this process alone: a light brake before the API's own limit."""

    staff: Staff
    clock: Clock
    _failures: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, store_id: str, authorization: str, *, address: str) -> StaffMember:
        """Who it is. Raises RefuseRequest: 401 where the token is none of this store's, 429 after many of those."""
        now = self.clock()
        recent = [at for at in self._failures.get(address, ()) if now - at < _SPAN]
        if len(recent) >= MOST_FAILURES:
            raise RefuseRequest(429, "too_many_attempts", "Too many wrong tokens came from here.", fix="Wait a minute.")
        credentials = read_token(authorization)
        member = self.staff.find(store_id, credentials.name) if credentials else None
        is_theirs = credentials is not None and is_token_of(member, credentials.token)
        if member is None or not is_theirs:
            if len(self._failures) >= _MOST_ADDRESSES:
                self._failures.clear()
            self._failures[address] = [*recent, now]
            raise RefuseRequest(
                401, "not_admitted", "This token opens no inbox of this store.", at="Authorization", fix=_FIX
            )
        return member
