"""A customer: one person in one store, one aggregate, written with one conditional put (design §4)."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from pydantic import Field

from okaeri.domain.conversations import Conversation
from okaeri.domain.values import Stored, make_id

CONFIRM_SUBSCRIPTION = "confirm_subscription"  # the template that asks whether a sign-up was meant
PENDING_FOR = timedelta(days=30)  # how long a sign-up may be confirmed; then it ends without a word

# What the aggregate holds at most, so that a customer of many years still fits into one small item.
MAX_TAGS = 32
MAX_ATTRIBUTES = 32
MAX_TICKETS = 8
MAX_GOALS = 16


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
    """The present state of one (channel, purpose); each change is also an entry of the ledger.

    `pending` is a sign-up that has yet to be confirmed from the address itself: until then it counts for nothing.
    """

    given: bool
    at: datetime
    source: str
    pending: bool = False

    @property
    def counts(self) -> bool:
        """Whether something may be said on its strength."""
        return self.given and not self.pending

    @property
    def strictness(self) -> int:
        """Which of two wins where two records turn out to be one person: the higher."""
        return 0 if self.counts else 1 if self.given else 2


class Waiting(Stored):
    """What a run waits for: a moment in the customer's own time, events, or both.

    `wish` names the template that the run would say and puts off, wanted since `wanted_at`: the hours, the budget
    or a sibling are waited for, and the same step is taken again at `due`.
    """

    due: datetime | None = None
    wish: str | None = None
    wanted_at: datetime | None = None
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
        return _make_run_id(store_id, self.journey, self.key, self.entry)


_make_run_id = lru_cache(maxsize=4096)(make_id)  # asked for dozens of times in one decision


class Attention(Stored):
    """One message that took of the customer's attention: when, for what, and by which journey."""

    at: datetime
    purpose: str
    journey: str = ""
    seed: str = ""  # the first ten characters


class GoalWatch(Stored):
    """A goal that a run may still be credited with, whether it goes on or has ended.

    `arm` is the split's arm, or `holdout` for who got nothing.
    """

    run_id: str
    journey: str
    definition: str
    since: datetime
    until: datetime
    refs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    arm: str = ""


class OpenTicket(Stored):
    """A ticket that the shop's people have not solved. While one is open there is no marketing."""

    ticket_id: str
    queue: str
    opened_at: datetime
    due: datetime | None = None
    order_id: str | None = None


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
    wrote_from: str | None = None  # the number that it came from; None where WhatsApp hides it
    shared: bool = False
    orders: tuple[str, ...] = ()  # the latest 20 order ids, newest last
    orders_count: int = 0
    orders_today: tuple[str, int] = ("", 0)  # (UTC day, orders on it)
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    spent: dict[str, str] = Field(default_factory=dict)  # currency → decimal sum of what was paid for
    paid: dict[str, str] = Field(default_factory=dict)  # order id → "9600 JPY", its part of `spent`, of `orders`
    tags: tuple[str, ...] = ()  # at most 32
    attributes: dict[str, str] = Field(default_factory=dict)  # at most 32, the shop's own
    active_hours: tuple[int, ...] = ()  # UTC hours at which they ordered or wrote, latest 24, newest last
    free_entry_until: datetime | None = None  # Meta's free entry point, real time
    attention: tuple[Attention, ...] = ()  # what was said lately, oldest first: 30 days, at most 32
    entered: dict[str, tuple[datetime, ...]] = Field(default_factory=dict)  # name_entry → starts, of limited journeys
    goals: tuple[GoalWatch, ...] = ()  # at most 16
    open_tickets: tuple[OpenTicket, ...] = ()  # at most 8
    conversation: Conversation | None = None
    surveyed_at: datetime | None = None  # when a survey last asked them something, their own time
    told_at: datetime | None = None  # when anything was last said to them, their own time
    birthday: str | None = None  # "1990-05-21" or "--05-21"
    registered_at: datetime | None = None  # since when they are known to have an account in the store
    company: str | None = None
    points: int = 0  # of the shop's loyalty programme, those that wait among them; the ledger says where from
    earned: dict[str, int] = Field(default_factory=dict)  # month "2026-11" → points earned in it, latest 13
    order_points: dict[str, int] = Field(default_factory=dict)  # order id → points that it has brought, of `orders`
    points_free_at: dict[str, datetime] = Field(default_factory=dict)  # order id → when its points can be spent
    rewarded: dict[str, datetime] = Field(default_factory=dict)  # kind (gift, welcome, birthday) → when last given
    ended_runs: dict[str, int] = Field(default_factory=dict)  # hash(journey, key) → entries so far, latest 64
    ended_own: dict[str, int] = Field(default_factory=dict)  # the same of journeys about the person, not pushed out
    runs: tuple[Run, ...] = ()
    recent: tuple[str, ...] = ()  # short hashes of the latest 32 events
    evicted: bool = False  # older events were forgotten here: look them up in the decisions
    latest_event_at: datetime | None = None  # of all that was decided: what an order tells of later times is new
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
