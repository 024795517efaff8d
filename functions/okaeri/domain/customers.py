"""A customer: one person in one store, one aggregate, written with one conditional put (design §4)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from okaeri.domain.values import Stored, make_id


class IdentityKind(StrEnum):
    """What names a person. The order of the members is their strength, strongest first."""

    STORE_CUSTOMER = "store"
    EMAIL = "email"
    WHATSAPP_USER = "wa"
    PHONE = "phone"
    ORDER = "order"  # an order whose buyer left nothing else


class Identity(Stored):
    """One identifier of a person, already normalised (E.164, lower-case address)."""

    kind: IdentityKind
    value: str


class IdentityRecord(Stored):
    """Whom an identifier names: `customer_id` owns it, `others` carry it too without being joined."""

    identity: Identity
    customer_id: str
    others: tuple[str, ...] = ()
    shared: bool = False


class Consent(Stored):
    """The present state of one (channel, purpose); each change is also an entry of the ledger."""

    given: bool
    at: datetime
    source: str


class Waiting(Stored):
    """What a run waits for: a moment in the customer's own time, events, or both."""

    due: datetime | None = None
    events: tuple[str, ...] = ()
    scheduled: bool = False  # a schedule exists (the wait was too long for a queue's delay)
    shelved: bool = False  # more than 30 days ahead: no schedule yet, the sweep arms it


class Run(Stored):
    """One customer's walk through a journey. `refs` name what it is about, `definition` the version it began with."""

    journey: str
    definition: str
    key: str
    entry: int = 0
    step: int = 0
    visit: int = 0
    started_at: datetime
    refs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    data: dict[str, str] = Field(default_factory=dict)
    outcome: str | None = None  # how the last wait ended: an event's name, or "timeout"
    waiting: Waiting | None = None

    def make_id(self, store_id: str) -> str:
        """Run id = hash(store, journey, key, entry number): the same whoever decides, whenever."""
        return make_id(store_id, self.journey, self.key, self.entry)


class Customer(Stored):
    """The aggregate. `version` counts commits. `ahead_s` is how many seconds of waits were skipped (laptop only)."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    customer_id: str
    version: int = 0
    created_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    asked_locale: str | None = None
    country: str | None = None
    time_zone: str | None = None
    phones: tuple[str, ...] = ()  # the one in use first
    emails: tuple[str, ...] = ()
    wa_user_ids: tuple[str, ...] = ()
    store_customer_ids: tuple[str, ...] = ()
    consents: dict[str, Consent] = Field(default_factory=dict)  # "whatsapp:order"
    dead_addresses: dict[str, str] = Field(default_factory=dict)  # address → why
    window_opened_at: datetime | None = None  # the shopper's last WhatsApp message, real time
    shared: bool = False
    orders: tuple[str, ...] = ()  # the latest 20 order ids, newest last
    orders_count: int = 0
    orders_today: tuple[str, int] = ("", 0)  # (UTC day, orders on it)
    ended_runs: dict[str, int] = Field(default_factory=dict)  # hash(journey, key) → entries so far, latest 64
    runs: tuple[Run, ...] = ()
    recent: tuple[str, ...] = ()  # short hashes of the latest 32 events
    evicted: bool = False  # older events were forgotten here: look them up in the decisions
    pending: tuple[dict[str, Any], ...] = ()  # effects committed and not yet dispatched
    ahead_s: float = 0.0
    absorbed: tuple[str, ...] = ()  # the ids of records that were joined to this one, whose items lie under them
    merged_into: str | None = None

    model_config = Stored.model_config | {"populate_by_name": True}


def list_identities(customer: Customer) -> tuple[Identity, ...]:
    """Every identifier that the customer holds, strongest first."""
    held = (
        (IdentityKind.STORE_CUSTOMER, customer.store_customer_ids),
        (IdentityKind.EMAIL, customer.emails),
        (IdentityKind.WHATSAPP_USER, customer.wa_user_ids),
        (IdentityKind.PHONE, customer.phones),
    )
    return tuple(Identity(kind=kind, value=value) for kind, values in held for value in values)
