"""Replays: what a journey did while it was live is what a replay of the records says it would have done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from command_line.publish import load_catalogue
from okaeri.domain.events import Event, make_event
from okaeri.domain.journeys import Definition
from okaeri.domain.orders import Payment, Refund, Shipment, ShipmentStatus
from okaeri.domain.prices import PriceList, Rate
from okaeri.domain.records import DecisionRecord, Finding
from okaeri.domain.stores import PublishedJourney
from simulator.clock import StandingClock
from simulator.living import LivingWorld
from simulator.replay import Past, make_live, replay_customer
from simulator.rewind import read_event, rewind_cart, rewind_order
from simulator.shop import publish_templates
from simulator.tally import Tally
from tests.world import BOTH_OPT_INS, MONDAY, make_cart, make_order, make_store
from tests.world import load_catalogue as load_definitions

JOURNEYS = {definition.journey: definition for definition in load_catalogue().journeys}
PRICES = PriceList(
    markets={"81": "JP"}, rates=(Rate(market="JP", category="marketing", amount="0.05", since=date(2026, 1, 1)),)
)
LATER = MONDAY + timedelta(days=40)


def switch_on(entry: PublishedJourney) -> PublishedJourney:
    return entry.model_copy(update={"on": True, "mode": None})


@cache  # played once, read by all
def live(*names: str) -> LivingWorld:
    """Aiko leaves a cart, buys it, pays late, gets her parcel, and orders again, while these journeys are live."""
    chosen = {key: found for key, found in load_definitions().items() if found.journey in names}
    found = make_store(chosen)
    on = {event: tuple(switch_on(entry) for entry in entries) for event, entries in found.triggers.items()}
    store = found.model_copy(update={"triggers": on, "templates": make_store(load_definitions()).templates})
    world = LivingWorld(
        clock=StandingClock(MONDAY),
        store=store,
        definitions=chosen,
        templates=publish_templates(store, load_catalogue()),
    )
    world.fill_cart(make_cart())
    world.wait(hours=30)
    order = make_order(
        payment=Payment.PENDING, checkout_token="chk1", opt_ins=BOTH_OPT_INS, created_at=world.clock(),
        updated_at=world.clock(),
    )  # fmt: skip
    world.order(order)
    world.wait(minutes=40)
    world.order(order.model_copy(update={"payment": Payment.PAID, "updated_at": world.clock()}))
    for status in (ShipmentStatus.SHIPPED, ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.DELIVERED):
        world.wait(days=1)
        world.ship("5001", status)
    world.wait(days=12)
    world.order(make_order("5002", created_at=world.clock(), updated_at=world.clock()))
    world.wait(seconds=(LATER - world.clock()).total_seconds())
    return world


def remember(world: LivingWorld) -> Past:
    """What the table would hold of Aiko by now."""
    decisions = sorted(world.records.decisions.values(), key=lambda record: record.decided_at)
    return Past(
        customer=world.customer(),
        events=tuple((record.decided_at, read_event(record)) for record in decisions),
        ledger=tuple(world.records.consents.values()),
        orders={order_id: record for (_, order_id), record in world.records.orders.items()},
        carts={token: record for (_, token), record in world.records.carts.items()},
    )


def list_said(world: LivingWorld) -> list[tuple[datetime, str, str]]:
    messages = world.messages.messages
    return [(item.at, item.channel, messages[item.key].template) for item in world.outside.arrived]


def replay(world: LivingWorld, definition: Definition) -> tuple[list[tuple[datetime, str, str]], Tally]:
    store = make_live(world.store, definition)
    before = MONDAY - timedelta(days=1)
    replayed = replay_customer(
        remember(world), store, definition, world.templates, since=before, until=LATER, prices=PRICES
    )
    tally = Tally()
    tally.add(replayed)
    sent = [entry for entry in replayed.log if type(entry).__name__ == "Said"]
    return [(entry.at, entry.channel, entry.template) for entry in sent], tally  # type: ignore[union-attr]  # Said has them


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_journey_that_was_live_says_the_same_when_its_records_are_replayed(journey: str) -> None:
    world = live(journey)
    said, _ = replay(world, JOURNEYS[journey])
    assert said == list_said(world)


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_journey_that_was_not_live_would_have_said_what_it_says_when_it_is(journey: str) -> None:
    said, tally = replay(live(), JOURNEYS[journey])
    told = list_said(live(journey))
    assert said == told
    assert sum(tally.messages.values()) == len(told)
    assert tally.customers == 1 and tally.people == bool(told)


def test_a_replay_counts_runs_reasons_and_cost() -> None:
    _, tally = replay(live(), JOURNEYS["cart-recovery"])
    assert tally.runs == 1
    assert dict(tally.ended) == {"bought": 1}
    assert tally.messages["whatsapp", "cart_reminder_1"] == 1
    assert tally.refused["email cart_reminder_1", "no_marketing_consent"] >= 1
    assert tally.cost == {"USD": Decimal("0.10")}


def test_nothing_of_the_store_or_the_past_is_changed_by_a_replay() -> None:
    world = live()
    before = remember(world)
    replay(world, JOURNEYS["review-request"])
    assert remember(world) == before
    assert list_said(world) == []


def at(day: float) -> datetime:
    return MONDAY + timedelta(days=day)


def happen(name: str, day: float, **refs: str) -> Event:
    named: dict[str, tuple[str, ...]] = {key.replace("_", "."): (value,) for key, value in refs.items()}
    return make_event("kinari", name, at(day), str(day), refs=named)


def test_an_order_is_shown_as_it_was_known_at_that_time() -> None:
    refund = Refund(refund_id="r1", amount=Decimal(100), at=at(8))
    parcel = Shipment(shipment_id="f1", status=ShipmentStatus.DELIVERED, at=at(5))
    now = make_order(
        payment=Payment.PARTIALLY_REFUNDED, refunds=(refund,), shipments=(parcel,), cancelled_at=at(9), updated_at=at(9)
    )
    events = [
        happen("order.paid", 1, order_id="5001"),
        happen("shipment.shipped", 3, order_id="5001", shipment_id="f1"),
        happen("shipment.delivered", 5, order_id="5001", shipment_id="f1"),
    ]
    first, shipped, arrived, refunded = (rewind_order(now, at(day), events) for day in (0.5, 4, 6, 8.5))
    assert (first.payment, first.shipments, first.refunds, first.cancelled_at) == (Payment.PENDING, (), (), None)
    assert [(parcel.status, parcel.at) for parcel in shipped.shipments] == [(ShipmentStatus.SHIPPED, at(3))]
    assert (arrived.payment, arrived.shipments) == (Payment.PAID, (parcel,))
    assert (refunded.payment, refunded.refunds, refunded.cancelled_at) == (Payment.PARTIALLY_REFUNDED, (refund,), None)
    assert rewind_order(now, at(10), events) == now


def test_an_order_of_which_no_payment_was_recorded_came_paid() -> None:
    assert rewind_order(make_order(), at(0.1)).payment is Payment.PAID
    assert rewind_order(make_order(payment=Payment.VOIDED, cancelled_at=at(2)), at(1)).payment is Payment.PENDING


def test_a_cart_that_was_bought_later_is_a_cart_again() -> None:
    world = live()
    record = world.records.carts["kinari", "chk1"]
    events = [event for _, event in remember(world).events]
    assert record.order_id == "5001"
    assert rewind_cart(record, at(1), events).order_id is None
    assert rewind_cart(record, at(3), events).order_id == "5001"


def test_a_test_order_stays_quiet_in_a_replay() -> None:
    record = DecisionRecord(
        store_id="kinari", customer_id="c", event_id="e", event="order.placed", occurred_at=MONDAY, decided_at=MONDAY,
        data={"order.id": "1", "is_first": "True", "total": "9600"},
        findings=(Finding(what="order-confirmation.run", verdict="not started", why="quiet:test"),),
    )  # fmt: skip
    event = read_event(record)
    assert event.quiet == "test"
    assert event.refs == {"order.id": ("1",)} and event.data == {"is_first": True, "total": "9600"}
