"""Replays what a store recorded of a customer, as if a journey had been live: the real engine, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.customers import Attention, Customer
from okaeri.domain.events import Event
from okaeri.domain.journeys import Definition
from okaeri.domain.local_time import find_zone
from okaeri.domain.messages import Message
from okaeri.domain.prices import PriceList
from okaeri.domain.records import CartRecord, ConsentEntry, OrderRecord, ProductRecord
from okaeri.domain.stores import Mode, PublishedJourney, Sending, Store
from okaeri.domain.touches import Touches
from okaeri.use_cases.advance_journeys import AdvanceJourneys, Subject
from okaeri.use_cases.read_evidence import Reading
from simulator.clock import StandingClock
from simulator.habits import MemoryTouchBook
from simulator.living import LivingWorld
from simulator.records import MemoryRecords
from simulator.result import Entry, StillWaiting
from simulator.rewind import (
    OWN_EVENTS,
    apply_entry,
    rewind_cart,
    rewind_customer,
    rewind_order_record,
    rewind_touches,
)
from simulator.stores import MemoryTemplates
from simulator.watching import Watch


@dataclass(frozen=True)
class Past:
    """What the table holds of one customer: the person, orders and carts as they are now, and what was recorded."""

    customer: Customer
    events: tuple[tuple[datetime, Event], ...] = ()  # when each was decided on
    ledger: tuple[ConsentEntry, ...] = ()
    orders: Mapping[str, OrderRecord] = field(default_factory=dict)
    carts: Mapping[str, CartRecord] = field(default_factory=dict)
    products: Mapping[str, ProductRecord] = field(default_factory=dict)
    touches: tuple[Touches, ...] = ()


@dataclass(frozen=True)
class Replayed:
    """What the journey would have done for one customer. Times are in their own zone."""

    customer_id: str
    zone: ZoneInfo
    log: tuple[Entry, ...]
    messages: tuple[Message, ...]
    waiting: tuple[StillWaiting, ...]


class ReplayedJourneys(AdvanceJourneys):
    """The engine, given events that were found before, where the product gives it evidence."""

    def replay(self, event: Event, customer_id: str, store: Store) -> None:
        """Decides on the event, and has it done."""
        self._advance(Subject(Reading(events=(event,), customer_id=customer_id)), store)


class RewoundRecords(MemoryRecords):
    """Orders and carts as they were known at the clock's moment."""

    def __init__(self, clock: StandingClock, events: Iterable[Event]) -> None:
        super().__init__()
        self._clock, self._events = clock, tuple(events)

    def get_order(self, store_id: str, order_id: str) -> OrderRecord | None:
        record = super().get_order(store_id, order_id)
        return rewind_order_record(record, self._clock(), self._events) if record else None

    def get_cart(self, store_id: str, token: str) -> CartRecord | None:
        record = super().get_cart(store_id, token)
        return rewind_cart(record, self._clock(), self._events) if record else None


class RewoundTouchBook(MemoryTouchBook):
    """What had been learned of the customer at the clock's moment; what is replayed teaches nothing."""

    def __init__(self, clock: StandingClock, touches: Iterable[Touches]) -> None:
        super().__init__()
        self._clock = clock
        self.touches = {(each.store_id, each.customer_id): each for each in touches}

    def get_many(self, store_id: str, customer_ids: Sequence[str]) -> Sequence[Touches]:
        return [rewind_touches(each, self._clock()) for each in super().get_many(store_id, customer_ids)]


def make_live(store: Store, definition: Definition) -> Store:
    """The store with this journey alone, switched on, whatever is switched off at present."""
    entries = (entry for listed in store.triggers.values() for entry in listed)
    known = next((entry for entry in entries if entry.journey == definition.journey), None)
    live = PublishedJourney(
        journey=definition.journey,
        definition=hash_definition(definition),
        mode=Mode.ON,
        settings=known.settings if known else {},
    )
    triggers = {event: (live,) for event in definition.events}
    return store.model_copy(
        update={"triggers": triggers, "mode": Mode.ON, "share": 100, "sending": Sending.ON, "paused": None}
    )


def replay_customer(
    past: Past,
    store: Store,
    definition: Definition,
    templates: MemoryTemplates,
    *,
    since: datetime,
    until: datetime,
    prices: PriceList,
) -> Replayed:
    """Plays the recorded events from `since` to `until`; `store` is as `make_live` leaves it."""
    clock = StandingClock(since)
    events = [event for _, event in past.events]
    records = RewoundRecords(clock, events)
    world = LivingWorld(
        clock=clock,
        store=store,
        definitions={hash_definition(definition): definition},
        records=records,
        templates=templates,
        prices=prices,
        learned=RewoundTouchBook(clock, past.touches),
        engine=ReplayedJourneys,
    )
    store_id, customer = store.store_id, rewind_customer(past.customer, since, events, past.ledger)
    world.customers.save(customer, sweep_at=None)
    records.orders.update({(store_id, order_id): record for order_id, record in past.orders.items()})
    records.carts.update({(store_id, token): record for token, record in past.carts.items()})
    records.products.update({(store_id, product_id): record for product_id, record in past.products.items()})
    watch = Watch(world)
    for at, act in sorted(_list_moments(past, world, customer.customer_id), key=lambda moment: moment[0]):
        if since < at <= until:
            world.wait(seconds=(at - clock()).total_seconds())
            act()
    world.wait(seconds=(until - clock()).total_seconds())
    zone = find_zone(world.customer(), store)
    return Replayed(
        customer_id=customer.customer_id,
        zone=zone,
        log=watch.list_log(zone),
        messages=tuple(world.list_messages()),
        waiting=watch.list_waiting(zone),
    )


def _list_moments(past: Past, world: LivingWorld, customer_id: str) -> Iterable[tuple[datetime, Callable[[], None]]]:
    """Everything that came to be known of the customer, each as a change to make at its moment."""
    engine = world.advance
    assert isinstance(engine, ReplayedJourneys)

    def change(update: Callable[[Customer], dict[str, object]]) -> None:
        customer = world.customer()
        changed = {"version": customer.version + 1} | update(customer)
        sweep_at = world.customers.sweeps[customer.store_id, customer.customer_id]
        world.customers.save(customer.model_copy(update=changed), sweep_at=sweep_at)

    def hear(event: Event) -> None:
        if event.name == "order.placed":
            change(partial(_count_order, event))
        if event.name == "message.received":
            change(lambda customer: {"window_opened_at": event.occurred_at})
        engine.replay(event, customer_id, world.store)
        world.settle()

    for at, event in past.events:
        if event.name not in OWN_EVENTS:
            yield at, partial(hear, event)
    for entry in past.ledger:
        yield entry.at, partial(change, partial(_note_consent, entry))
    live = {entry.journey for listed in world.store.triggers.values() for entry in listed}
    for spoken in past.customer.attention:
        if spoken.journey not in live:
            yield spoken.at, partial(change, partial(_note_attention, spoken))


def _count_order(event: Event, customer: Customer) -> dict[str, object]:
    return {
        "orders": (*customer.orders, *event.refs.get("order.id", ()))[-20:],
        "orders_count": customer.orders_count + 1,
        "first_order_at": customer.first_order_at or event.occurred_at,
        "last_order_at": event.occurred_at,
    }


def _note_consent(entry: ConsentEntry, customer: Customer) -> dict[str, object]:
    return {"consents": apply_entry(customer.consents, entry)}


def _note_attention(spoken: Attention, customer: Customer) -> dict[str, object]:
    return {"attention": (*customer.attention, spoken)[-32:]}
