"""Nothing lost, nothing doubled: crashes at every port call, repeated webhooks, lost timers, long waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okaeri.domain.evidence import CartSeen, CustomerWake, Evidence, OrderChanged, OrderSeen, ShipmentSeen
from okaeri.domain.orders import Order, Payment, Shipment, ShipmentStatus
from okaeri.errors import TryAgain
from tests.crashing import CrashingWorld, Plan
from tests.world import BOTH_OPT_INS, MONDAY, World, load_catalogue, make_cart, make_order, make_settings, make_store


def later(order: Order, hours: int, **changes: Any) -> Order:
    return order.model_copy(update={"updated_at": MONDAY + timedelta(hours=hours), **changes})


ORDER = make_order(opt_ins=BOTH_OPT_INS, checkout_token="chk1", payment=Payment.PENDING)
PARCEL = Shipment(shipment_id="f1", status=ShipmentStatus.SHIPPED, at=MONDAY + timedelta(hours=5))
STORY: tuple[Evidence, ...] = (
    CartSeen(cart=make_cart()),
    CartSeen(cart=make_cart(updated_at=MONDAY + timedelta(minutes=3), url="https://kinari.example/other")),
    OrderSeen(order=ORDER),
    OrderSeen(order=later(ORDER, 1, payment=Payment.PAID)),
    OrderChanged(order_id="5001", change="paid", at=MONDAY),
    ShipmentSeen(order_id="5001", shipment=PARCEL),
    ShipmentSeen(order_id="5001", shipment=PARCEL.model_copy(update={"status": ShipmentStatus.OUT_FOR_DELIVERY})),
    ShipmentSeen(order_id="5001", shipment=PARCEL.model_copy(update={"status": ShipmentStatus.DELIVERED})),
    OrderSeen(order=make_order("5002", opt_ins=BOTH_OPT_INS)),
)


def make_steady_store() -> Any:
    return make_store(load_catalogue(), settings=make_settings(marketing_hours=("00:00", "00:00")))


def play(world: World, story: list[tuple[int, Evidence, int]]) -> tuple[set[str], list[str]]:
    """Plays (hours to wait, evidence, repetitions); returns the messages' ids and the templates said, sorted."""
    for number, (hours, evidence, repetitions) in enumerate(story):
        for _ in range(repetitions):
            world.hear(evidence, key=f"webhook {number}")
        world.wait(hours=hours)
    world.wait(days=40)
    messages = {message_id for _, _, message_id in world.messages.messages}
    return messages, sorted(message.template for message in world.messages.messages.values())


stories = st.lists(
    st.tuples(st.sampled_from([0, 2, 30]), st.sampled_from(STORY), st.integers(1, 3)), min_size=1, max_size=9
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=stories, deaths=st.dictionaries(st.integers(1, 120), st.booleans(), max_size=6))
def test_crashes_and_redeliveries_change_nothing_of_what_is_said(
    story: list[tuple[int, Evidence, int]], deaths: dict[int, bool]
) -> None:
    calm = World(store=make_steady_store())
    expected = play(calm, [(hours, evidence, 1) for hours, evidence, _ in story])

    class Unlucky(CrashingWorld):
        plan = Plan(deaths)

    world = Unlucky(store=make_steady_store())
    assert play(world, story) == expected
    handed_over = {sent.queued.message_id for sent in world.queues.messages}
    assert handed_over == expected[0]  # every message that was decided reached its sender
    for customer in world.customers.customers.values():
        assert customer.merged_into or customer.pending == ()
        assert all(run.waiting for run in customer.runs), "a run is stuck"


def test_dying_at_each_single_call_of_an_order_loses_nothing() -> None:
    calm = World()
    expected = play(calm, [(0, STORY[3], 1), (0, STORY[5], 1)])
    for call in range(1, 60):
        for before in (True, False):

            class Unlucky(CrashingWorld):
                plan = Plan({call: before})

            assert play(Unlucky(), [(0, STORY[3], 1), (0, STORY[5], 1)]) == expected, (call, before)


def test_an_event_older_than_the_remembered_ids_is_still_known() -> None:
    world = World()
    first = world.order(make_order("1"))
    for number in range(2, 45):
        world.order(make_order(str(number), created_at=MONDAY + timedelta(days=number)))
    said = len(world.messages.messages)
    world.records.orders.clear()  # even where the order's own record is gone
    world.give(first)
    assert len(world.messages.messages) == said


def test_a_wait_of_400_days_is_shelved_armed_by_the_sweep_and_ends_on_its_day() -> None:
    from okaeri.catalogue.compile_journeys import compile_journey, hash_definition

    text = """
journey: patient
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
steps:
  - wait: P400D
  - send: order_updated
"""
    definition = compile_journey(text, "patient.yaml")
    definitions = {hash_definition(definition): definition}
    world = World(store=make_store(definitions), definitions=definitions)
    world.order(make_order())
    assert not world.timers.armed
    customer_id = world.customer().customer_id
    armed_at = None
    for day in range(1, 410):
        world.wait(days=1)
        sweep_at = world.customers.sweeps["kinari", customer_id]
        if sweep_at and sweep_at <= world.clock():
            world.hear(CustomerWake(customer_id=customer_id), source="okaeri sweep")
            armed_at = armed_at or (day if world.timers.armed else None)
        if world.told():
            assert day == 400
            break
    assert armed_at == 371
    assert world.told() == ["order_updated"]


def test_a_timer_that_was_lost_is_sent_again_by_the_sweep() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.timers.armed.clear()
    world._later.clear()
    world.clock.advance(minutes=21)
    customer_id = world.customer().customer_id
    assert (world.customers.sweeps["kinari", customer_id] or world.clock()) <= world.clock()
    world.hear(CustomerWake(customer_id=customer_id), source="okaeri sweep")
    assert world.told() == ["payment_pending"]


def test_a_timer_that_fires_twice_or_too_late_changes_nothing() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    (_delay_s, _, envelope) = world._later[0]
    world.wait(minutes=20)
    world.give(envelope)
    world.give(envelope, redelivered=True)
    assert world.told() == ["payment_pending"]


def test_an_early_timer_waits_for_its_moment() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.give(world._later[0][2])
    assert world.told() == []
    world.wait(minutes=16)
    assert world.told() == ["payment_pending"]


def test_effects_left_behind_by_a_crash_are_dispatched_by_whoever_comes_next() -> None:
    world = World()
    world.queues.failing = True
    with pytest.raises(TryAgain):
        world.order(make_order())
    world.queues.failing = False
    assert world.told() == []
    world.consent("email", "marketing")
    assert world.told() == ["order_confirmation_welcome"] * 2
    assert world.customer().pending == ()


def test_compressed_waits_end_in_their_order_on_the_customers_own_clock() -> None:
    from okaeri.domain.pace import Pace

    world = World(pace=Pace(seconds_per_day=8, queue_delay_limit_s=900, delivery_patience_s=20))
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    for status in (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED):
        world.ship("5001", status)
    world.wait(seconds=70)
    assert world.told("whatsapp")[-1] == "review_request"
    request = world.list_messages()[-1]
    tokyo = request.decided_at + timedelta(hours=9)
    assert tokyo.hour == 10
    assert world.customer().ahead_s > 6 * 86_400


def test_beyond_64_runs_the_oldest_marketing_runs_end_with_a_reason_and_do_not_begin_again() -> None:
    world = World(store=make_steady_store())
    for number in range(66):
        cart = make_cart(f"chk{number}", updated_at=world.clock())
        world.fill_cart(cart)
        world.clock.advance(seconds=1)
    keys = [run.key for run in world.customer().runs]
    assert (len(keys), keys[0]) == (64, "chk2")
    assert world.why().count("cart-recovery.run ended too_many_runs") == 2
    lines = make_order().lines
    world.fill_cart(make_cart("chk0", updated_at=world.clock(), lines=lines))
    assert "chk0" not in [run.key for run in world.customer().runs]
    assert "cart-recovery.run not started ran_already" in world.why()
