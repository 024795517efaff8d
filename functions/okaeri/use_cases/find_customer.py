"""Finds the person that identifiers name, makes one who is new, joins records that prove to be one (design §4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

from okaeri.domain.consents import take_refusals
from okaeri.domain.customers import Customer, Identity, IdentityKind, IdentityRecord, list_identities
from okaeri.domain.identities import (
    LAST_RESORTS,
    choose_addresses,
    choose_identities,
    match_customer,
    name_new_customer,
)
from okaeri.domain.profile import unite_customers
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel
from okaeri.errors import Conflict

if TYPE_CHECKING:
    from okaeri.ports import Clock, Customers

MAX_TRIES = 5


class FindCustomer:
    """Who it is. Identifiers are claimed before the aggregate is first written, so two events of a new person agree."""

    def __init__(self, customers: Customers, clock: Clock) -> None:
        self._customers = customers
        self._clock = clock

    def by_id(self, store: Store, customer_id: str) -> Customer:
        """The aggregate, or the person whose identifiers were claimed and who is written now for the first time."""
        return self._customers.load(store.store_id, customer_id) or self._make_customer(store, customer_id)

    def _make_customer(self, store: Store, customer_id: str) -> Customer:
        return Customer(store_id=store.store_id, customer_id=customer_id, created_at=self._clock())

    def by_identities(self, store: Store, identities: Sequence[Identity]) -> Customer:
        """The person these identifiers name. Raises Conflict when others keep claiming them."""
        for _ in range(MAX_TRIES):
            found = self._customers.find(store.store_id, identities)
            listed = store.settings.shared_identifiers
            shared = {i for i in identities if i.value in listed or (i in found and found[i].shared)}
            chosen_by = choose_identities(identities, shared)
            records = {identity: record for identity, record in found.items() if identity in chosen_by}
            owners = dict.fromkeys(record.customer_id for record in records.values())
            loaded = {owner: self._customers.load(store.store_id, owner) for owner in owners}
            match = match_customer(chosen_by, records, loaded)
            chosen = match.customer_id or self._name_new(store, chosen_by, match.strangers, loaded)
            if not self._claim(store, chosen_by, records, chosen):
                continue
            for identity, record in records.items():
                if record.customer_id in match.strangers and chosen not in record.others:
                    self._customers.add_bearer(store.store_id, identity, chosen)
            customer = loaded[chosen] or self._make_customer(store, chosen)
            for other in match.join:
                customer = self._join(store, customer, loaded[other], other)
            customer = self._join_nameless(store, customer, found)
            customer = self._share_refusals(store, customer, found, loaded)
            return customer.model_copy(update={"shared": True}) if shared else customer
        raise Conflict("identity_race", "identifiers are being claimed by others")

    def _name_new(
        self,
        store: Store,
        identities: Sequence[Identity],
        strangers: Sequence[str],
        loaded: dict[str, Customer | None],
    ) -> str:
        """An id for somebody new; not that of a person who had the identifier once and let it go (a changed number)."""
        # A merge that died half way leaves identifiers with the lost record: who it is now is what counts.
        owners = (loaded[stranger] for stranger in strangers)
        apart = list(dict.fromkeys(owner.customer_id for owner in owners if owner is not None))
        while True:
            name = name_new_customer(store.store_id, identities, apart_from=apart)
            namesake = self._customers.load(store.store_id, name)
            if namesake is None or not set(identities).isdisjoint(list_identities(namesake)):
                loaded[name] = namesake
                return name
            apart.append(name)

    def merge(self, store: Store, kept_id: str, lost_id: str) -> None:
        """The store itself says that two of its customers are one; the ids are the store's."""
        kept, lost = (Identity(kind=IdentityKind.STORE_CUSTOMER, value=value) for value in (kept_id, lost_id))
        records = self._customers.find(store.store_id, (kept, lost))
        if lost not in records:
            return
        if kept not in records:
            self._customers.move_identity(store.store_id, kept, records[lost].customer_id)
            return
        survivor = self.by_id(store, records[kept].customer_id)
        loser = self._customers.load(store.store_id, records[lost].customer_id)
        self._join(store, survivor, loser, records[lost].customer_id)

    def _join_nameless(self, store: Store, customer: Customer, found: Mapping[Identity, IdentityRecord]) -> Customer:
        """The record of an order whose buyer had left nothing else, once the order says who it was."""
        for identity, record in found.items():
            if identity.kind in LAST_RESORTS and record.customer_id != customer.customer_id:
                nameless = self._customers.load(store.store_id, record.customer_id)
                if nameless is not None and not list_identities(nameless):
                    customer = self._join(store, customer, nameless, record.customer_id)
        return customer

    def _share_refusals(
        self,
        store: Store,
        customer: Customer,
        found: Mapping[Identity, IdentityRecord],
        loaded: Mapping[str, Customer | None],
    ) -> Customer:
        """Whoever comes to be reached by an address that somebody else holds is bound by what was refused there."""
        held = list_identities(customer)
        for channel in Channel:
            for identity in choose_addresses(tuple(found), channel):
                owner = found[identity].customer_id
                if identity in held or owner == customer.customer_id:
                    continue
                other = loaded[owner] if owner in loaded else self._customers.load(store.store_id, owner)
                if other is not None and other.customer_id != customer.customer_id:
                    customer = take_refusals(customer, other, channel)
        return customer

    def list_bearers(self, store: Store, identities: Sequence[Identity]) -> set[str]:
        """Every customer who carries one of these identifiers, owner or not."""
        records = self._customers.find(store.store_id, identities)
        return {name for record in records.values() for name in (record.customer_id, *record.others)}

    def move_bearers(self, store: Store, old: Sequence[Identity], new: Sequence[Identity]) -> set[str]:
        """Everybody who carries an identifier that was left carries what came instead; who they are."""
        bearers = self.list_bearers(store, old)
        for identity, bearer in product(new, sorted(bearers)):
            self._customers.add_bearer(store.store_id, identity, bearer)
        return bearers

    def _claim(self, store: Store, identities: Sequence[Identity], known: Collection[Identity], chosen: str) -> bool:
        for identity in identities:
            if identity in known:
                continue
            if self._customers.claim(store.store_id, identity, chosen).customer_id != chosen:
                return False
        return True

    def _join(self, store: Store, survivor: Customer, lost: Customer | None, lost_id: str) -> Customer:
        if lost_id == survivor.customer_id or (lost is not None and lost.customer_id == survivor.customer_id):
            return survivor
        if lost is None:
            lost = Customer(store_id=store.store_id, customer_id=lost_id, created_at=self._clock())
        united, tombstone = unite_customers(survivor, lost)
        self._customers.merge(united, tombstone, sweep_at=self._clock())
        for identity in list_identities(lost):
            self._customers.move_identity(store.store_id, identity, united.customer_id)
        return united


def needs_resolution(customer: Customer | None, identities: Sequence[Identity]) -> bool:
    """Whether identifiers bring something that this customer is not yet known by."""
    if customer is None:
        return True
    return not {i for i in identities if i.kind not in LAST_RESORTS} <= set(list_identities(customer))
