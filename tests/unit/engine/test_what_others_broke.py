"""What other systems got wrong, as their users reported it, played on this one.

Two more of them live where they belong: a retry that reuses the message's old id and so never goes out (Chatwoot
#14120) in tests/functional/speaking/test_whatsapp_rules.py, and Brazil's ninth digit (Chatwoot #5840) in
tests/unit/engine/test_numbers_in_two_forms.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.evidence import Envelope, ShipmentSeen
from okaeri.domain.orders import Shipment, ShipmentStatus
from okaeri.domain.values import make_id
from okaeri.use_cases.keep_house import KeepHouse
from simulator.messages import MemoryDueIndex
from tests.crashing import CrashingWorld, Plan
from tests.history_world import HistoryWorld
from tests.unit.engine.shops import change_store, open_shop, place, write
from tests.world import MONDAY, World, make_cart, make_order, make_store

REMIND = write(
    "remind",
    "wait: {event: [{event: order.placed, match: cart.token}], timeout: PT2H}",
    "branch: [{when: {field: run.outcome, is: timeout}, steps: [{send: cart_reminder_1}]}]",
    event="cart.updated",
    key="cart.token",
)


def test_who_checks_out_in_time_is_not_reminded_and_who_does_not_is() -> None:
    """Dittofeed #1463: after a cart, a wait for the checkout that times out never came to its reminder."""
    world = open_shop(REMIND)
    world.fill_cart(make_cart("chk1"))
    world.wait(hours=1)
    world.order(make_order(checkout_token="chk1", created_at=world.clock()))
    world.wait(hours=23)
    assert world.told() == []
    world.fill_cart(make_cart("chk2", updated_at=world.clock()))
    world.wait(hours=1, minutes=59)
    assert world.told() == []
    world.wait(minutes=2)
    assert world.told() == ["cart_reminder_1"]
    assert world.customer().runs == ()


@pytest.mark.parametrize("days", [30, 31, 119, 120, 400])
def test_a_delay_of_many_days_is_over_on_its_day(days: int) -> None:
    """Novu #12334: delays beyond 119 days never fired, since the queue's own counter overflowed."""
    shop = open_shop(write("later", f"wait: P{days}D", "send: order_updated", purpose="order"))
    world = HistoryWorld(store=shop.store, definitions=shop.definitions)
    place(world)
    for _ in range(days - 1):
        world.wait(days=1)
        world.sweep()
    assert world.told() == []
    world.wait(days=1)
    assert world.told() == ["order_updated"]
    (message,) = world.list_messages()
    assert timedelta(0) <= message.decided_at - (MONDAY + timedelta(days=days)) < timedelta(minutes=1)


GATHER = write(
    "parcels",
    "send: {template: shipment_shipped, gather: PT10M, channels: [whatsapp]}",
    purpose="order",
    event="shipment.shipped",
    key="shipment.id",
)


@pytest.mark.parametrize("is_before", [True, False])
def test_a_redelivery_while_siblings_are_gathered_is_still_one_message_for_all(is_before: bool) -> None:
    """Novu #12373: a job that its queue gave again while a digest was open started a second digest, or lost the first.

    The engine dies at every third of its calls in turn, each parcel's news comes twice, and the timers ring twice.
    """
    shop = open_shop(GATHER)
    died = 0
    for death in range(1, 400, 3):

        class Unlucky(CrashingWorld):
            plan = Plan({death: is_before})

        world = Unlucky(store=shop.store, definitions=shop.definitions)
        place(world)
        for parcel in ("f1", "f2", "f3"):
            news = _ship(world, parcel)
            world.give(news)
            world.wait(minutes=2)
            world.give(news, redelivered=True)
        ringing = [envelope for _, _, envelope in world._later]
        world.wait(hours=1)
        for envelope in ringing:
            world.give(envelope, redelivered=True)
        if world.plan.calls < death:
            break
        died += 1
        said = list(world.messages.messages.values())
        assert len(said) == 1, f"death at call {death}"
        assert {said[0].refs.shipment_id, *said[0].refs.siblings} == {"f1", "f2", "f3"}
        assert world.customer().runs == ()
    assert died > 25


def _ship(world: World, parcel: str) -> Envelope:
    shipment = Shipment(shipment_id=parcel, status=ShipmentStatus.SHIPPED, at=world.clock())
    return Envelope(
        id=make_id("news", parcel),
        store_id=world.store.store_id,
        source="shopify test",
        received_at=world.clock(),
        evidence=ShipmentSeen(order_id="5001", shipment=shipment),
    )


def test_two_sweepers_at_once_wake_a_run_once() -> None:
    """Parcelvoy polls its delays without a lock: two workers that look at once both send."""
    shop = open_shop(write("later", "wait: PT5H", "send: order_updated", purpose="order"))
    world = HistoryWorld(store=shop.store, definitions=shop.definitions)
    place(world)
    world.timers.armed.clear()  # the timer is lost: only the sweep is left
    world.wait(hours=6)
    due = MemoryDueIndex(world.customers, world.messages)
    house = KeepHouse(due=due, messages=world.messages, queues=world.queues, clock=world.clock)
    swept_inside: list[int] = []

    def let_the_other_sweep() -> bool:
        """Between the first one's look and its claim the second one sweeps from end to end."""
        if not swept_inside:
            swept_inside.append(house(lambda: True).woken)
        return True

    first = house(let_the_other_sweep)
    assert (swept_inside, first.woken) == ([1], 0)
    # Even where both had woken it: the wake-up is one event, whoever sends it.
    for _, envelope in list(world.queues.evidence):
        world.give(envelope)
        world.give(envelope)
    world.wait(hours=1)
    assert world.told() == ["order_updated"]


def test_what_the_budget_holds_back_is_said_the_next_day_and_not_dropped() -> None:
    """Klaviyo's smart sending and Braze's frequency caps drop the message that comes second; nobody hears of it."""
    sends = {"review": "review_request", "offer": "cart_reminder_1"}
    world = open_shop(*(write(journey, f"send: {template}") for journey, template in sends.items()))
    place(world)
    assert len(world.told()) == 1
    world.wait(hours=24)
    assert sorted(world.told()) == ["cart_reminder_1", "review_request"]
    assert any("deferred attention_day_full" in line for line in world.why())


def test_a_journey_that_is_changed_does_not_change_the_runs_that_wait() -> None:
    """Shopify Flow's waiting runs go on in the new version of the workflow, at whatever step has their place there."""
    old, new = (
        compile_journey(write("news", *steps, purpose="order"), "news.yaml")
        for steps in (("wait: P2D", "send: order_updated"), ("wait: P2D", "exit: stopped", "send: order_confirmation"))
    )
    definitions = {hash_definition(definition): definition for definition in (old, new)}
    world = World(store=make_store({hash_definition(old): old}), definitions=definitions)
    world.order(make_order("5001"))
    world.wait(days=1)
    change_store(world, triggers=make_store({hash_definition(new): new}).triggers)
    world.order(make_order("5002", created_at=world.clock(), updated_at=world.clock()))
    world.wait(days=3)
    assert world.told() == ["order_updated"]
    assert "news.run ended stopped" in world.why()
