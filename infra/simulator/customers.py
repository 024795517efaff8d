"""Customers in memory, under the table's own conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from okaeri.domain.customers import Customer, Identity, IdentityRecord
from okaeri.domain.roster import RosterPage
from okaeri.errors import Conflict, GiveUp


class MemoryCustomers:
    """Aggregates with their versions and wake-ups, and the identifiers that name them."""

    MOST_HOPS = 3

    def __init__(self) -> None:
        self.customers: dict[tuple[str, str], Customer] = {}
        self.sweeps: dict[tuple[str, str], datetime | None] = {}
        self.identities: dict[tuple[str, Identity], IdentityRecord] = {}

    def load(self, store_id: str, customer_id: str) -> Customer | None:
        for _ in range(self.MOST_HOPS + 1):
            customer = self.customers.get((store_id, customer_id))
            if customer is None or customer.merged_into is None:
                return customer
            customer_id = customer.merged_into
        raise GiveUp("merged_too_often")

    def save(self, customer: Customer, *, sweep_at: datetime | None) -> None:
        self._check(customer)
        self._put(customer, sweep_at)

    def merge(self, survivor: Customer, lost: Customer, *, sweep_at: datetime | None) -> None:
        self._check(survivor)
        self._check(lost)
        self._put(survivor, sweep_at)
        self._put(lost, None)

    def _check(self, customer: Customer) -> None:
        stored = self.customers.get((customer.store_id, customer.customer_id))
        if (stored.version if stored else 0) != customer.version - 1:
            raise Conflict("changed_meanwhile")

    def _put(self, customer: Customer, sweep_at: datetime | None) -> None:
        self.customers[customer.store_id, customer.customer_id] = customer
        self.sweeps[customer.store_id, customer.customer_id] = sweep_at

    def find(self, store_id: str, identities: Sequence[Identity]) -> dict[Identity, IdentityRecord]:
        return {
            identity: self.identities[store_id, identity]
            for identity in identities
            if (store_id, identity) in self.identities
        }

    def claim(self, store_id: str, identity: Identity, customer_id: str) -> IdentityRecord:
        new = IdentityRecord(identity=identity, customer_id=customer_id)
        return self.identities.setdefault((store_id, identity), new)

    def add_bearer(self, store_id: str, identity: Identity, customer_id: str) -> None:
        record = self.identities.get((store_id, identity))
        if record is not None and record.customer_id != customer_id:
            others = tuple(sorted({*record.others, customer_id}))
            self.identities[store_id, identity] = record.model_copy(update={"others": others})

    def move_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        record = self.claim(store_id, identity, customer_id)
        others = tuple(other for other in record.others if other != customer_id)
        moved = record.model_copy(update={"customer_id": customer_id, "others": others})
        self.identities[store_id, identity] = moved

    def release_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        record = self.identities.get((store_id, identity))
        if record is None:
            return
        others = tuple(other for other in record.others if other != customer_id)
        if record.customer_id != customer_id:
            self.identities[store_id, identity] = record.model_copy(update={"others": others})
        elif others:
            heir = {"customer_id": others[0], "others": others[1:]}
            self.identities[store_id, identity] = record.model_copy(update=heir)
        else:
            del self.identities[store_id, identity]

    def mark_shared(self, store_id: str, identities: Iterable[Identity]) -> None:
        for identity in identities:
            record = self.identities.get((store_id, identity))
            if record is not None:
                self.identities[store_id, identity] = record.model_copy(update={"shared": True})

    def list_page(self, store_id: str, *, after: str | None, limit: int) -> RosterPage:
        mine = sorted(key for key in self.customers if key[0] == store_id and (after is None or key[1] > after))
        page = [self.customers[key] for key in mine[:limit]]
        living = tuple(customer for customer in page if customer.merged_into is None)
        return RosterPage(living, page[-1].customer_id if len(mine) > limit else None)
