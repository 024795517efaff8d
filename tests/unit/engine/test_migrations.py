"""Runs that move to another version of their journey: nothing is lost, nothing is said twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.decide import MAX_RECENT
from okaeri.domain.evidence import Envelope, RunMigration
from okaeri.domain.journeys import Definition
from okaeri.domain.migrations import map_steps
from okaeri.domain.orders import Payment
from okaeri.domain.stores import PublishedTemplate
from tests.world import World, make_order, make_store

HEAD = """
journey: thanks
version: {version}
purpose: order
trigger: {{event: order.placed, key: order.id}}
exit: [{{event: order.cancelled, match: order.id, reason: cancelled}}]
steps:
"""


def write(version: int, *steps: str) -> Definition:
    return compile_journey(HEAD.format(version=version) + "\n".join(f"  - {step}" for step in steps), "thanks.yaml")


def open_world(*versions: Definition) -> World:
    """A shop with the first version published."""
    by_hash = {hash_definition(definition): definition for definition in versions}
    first = hash_definition(versions[0])
    store = make_store({first: versions[0]})
    named = make_store(by_hash).templates  # templates of all versions
    return World(store=store.model_copy(update={"templates": named}), definitions=by_hash)


def migrate(world: World, before: Definition, after: Definition, **changes: object) -> Envelope:
    evidence = RunMigration.model_validate(
        {
            "customer_id": world.customer().customer_id,
            "journey": "thanks",
            "before": hash_definition(before),
            "after": hash_definition(after),
            "steps": map_steps(before, after),
            "by": "mika",
            "at": world.clock(),
        }
        | changes
    )
    return world.hear(evidence, source="okaeri migrate")


def find_due(world: World) -> datetime:
    (run,) = world.customer().runs
    assert run.waiting is not None and run.waiting.due is not None
    return run.waiting.due


def test_steps_are_found_again_by_what_they_say_and_where_they_stand() -> None:
    before = write(1, "send: order_confirmation", "wait: P7D", "send: payment_pending", "wait: P1D")
    after = write(2, "wait: PT1H", "send: order_confirmation", "wait: P3D", "send: payment_pending", "wait: P1D")
    assert map_steps(before, after) == {0: 1, 1: 2, 2: 3, 3: 4}
    assert map_steps(before, before) == {0: 0, 1: 1, 2: 2, 3: 3}
    assert map_steps(before, write(2, "send: review_request")) == {}


def test_a_run_keeps_its_version_until_it_is_moved() -> None:
    before, after = write(1, "wait: P7D", "send: order_confirmation"), write(2, "wait: P7D", "send: payment_received")
    world = open_world(before, after)
    world.order(make_order())
    started = world.clock()
    world.wait(days=2)
    migrate(world, before, after)
    assert find_due(world) == started + timedelta(days=7)  # the same wait keeps its time
    assert "thanks.run moved versions:1:2:mika" in world.why()
    world.wait(days=10)
    assert set(world.told()) == {"payment_received"}
    assert world.customer().runs == ()


@pytest.mark.parametrize(("days", "left"), [(2, timedelta(days=1)), (5, timedelta(0))])
def test_a_wait_that_was_shortened_counts_from_when_it_began(days: int, left: timedelta) -> None:
    before, after = write(1, "wait: P7D", "send: order_confirmation"), write(2, "wait: P3D", "send: order_confirmation")
    world = open_world(before, after)
    world.order(make_order())
    world.wait(days=days)
    moved_at = world.clock()
    migrate(world, before, after)
    world.wait(seconds=left.total_seconds())
    assert [message.decided_at for message in world.list_messages()][:1] == [moved_at + left]
    world.wait(days=20)
    assert len(world.told("whatsapp")) == 1


def test_what_is_said_after_a_move_is_not_taken_for_what_was_said_before_it_at_the_same_step() -> None:
    before = write(1, "wait: PT1H", "send: order_confirmation", "wait: P7D", "send: payment_pending")
    after = write(2, "wait: P7D", "send: payment_received")
    world = open_world(before, after)
    world.order(make_order(payment=Payment.PAID))
    world.wait(days=1)
    assert world.told("whatsapp") == ["order_confirmation"]
    migrate(world, before, after)
    world.wait(days=10)
    assert world.told("whatsapp") == ["order_confirmation", "payment_received"]


def test_a_move_that_is_delivered_twice_happens_once() -> None:
    before, after = write(1, "wait: P7D", "send: order_confirmation"), write(2, "wait: P3D", "send: order_confirmation")
    world = open_world(before, after)
    world.order(make_order())
    envelope = migrate(world, before, after)
    moved = world.customer()
    world.give(envelope, redelivered=True)
    world.give(envelope)
    assert world.customer().runs == moved.runs
    assert len(world.list_timers()) == 1
    world.wait(days=20)
    assert len(world.told("whatsapp")) == 1


def test_a_run_that_moves_can_move_back() -> None:
    before, after = write(1, "wait: P7D", "send: order_confirmation"), write(2, "wait: P3D", "send: payment_received")
    world = open_world(before, after)
    world.order(make_order())
    migrate(world, before, after)
    world.wait(hours=1)
    migrate(world, after, before)
    world.wait(days=20)
    assert world.told("whatsapp") == ["order_confirmation"]


def test_a_run_whose_step_is_gone_stays_in_its_version_or_ends_as_asked() -> None:
    before, after = write(1, "wait: P7D", "send: order_confirmation"), write(2, "send: payment_received")
    world = open_world(before, after)
    world.order(make_order())
    migrate(world, before, after)
    assert "thanks.run stays no_counterpart" in world.why()
    assert [run.definition for run in world.customer().runs] == [hash_definition(before)]
    world.wait(hours=1)
    migrate(world, before, after, otherwise="end")
    assert world.customer().runs == ()
    assert world.list_timers() == [] or world.told() == []
    world.order(make_order(updated_at=world.clock(), note="again"))
    world.wait(days=20)
    assert world.told() == []


def test_a_question_that_was_asked_is_answered_in_the_version_that_asked() -> None:
    ask = 'ask: {id: ok, template: order_confirmation, answers: {"yes": "yes", "no": "no"}, timeout: P3D}'
    before, after = write(1, ask, "send: payment_received"), write(2, ask, "wait: P1D", "send: payment_received")
    world = open_world(before, after, write(3, "send: order_confirmation"))
    world.order(make_order())
    migrate(world, before, after)
    assert "thanks.run stays question_open" in world.why()
    world.write("yes")
    assert world.told("whatsapp") == ["order_confirmation", "payment_received"]


def test_an_event_that_ends_the_run_ends_it_after_a_move_too() -> None:
    before, after = write(1, "wait: P7D", "send: order_confirmation"), write(2, "wait: P3D", "send: order_confirmation")
    world = open_world(before, after)
    world.order(make_order())
    migrate(world, before, after)
    world.order(make_order(cancelled_at=world.clock(), updated_at=world.clock()))
    world.wait(days=20)
    assert world.told() == []
    assert world.customer().runs == ()


def test_a_run_that_moves_says_its_own_beside_another_of_the_same_key_that_was_quicker() -> None:
    head = HEAD.replace("key: order.id", "key: customer").replace("steps:", "again: always\nsteps:")
    steps = ("wait: {event: order.paid, match: order.id, timeout: P9D}", "send: one")
    first, second = (
        compile_journey(head.format(version=version) + "\n".join(f"  - {step}" for step in more), "thanks.yaml")
        for version, more in ((1, steps), (2, (*steps, "wait: P1D")))
    )
    world = open_world(first, second)
    for order_id in ("5001", "5002"):
        world.order(make_order(order_id, payment=Payment.PENDING))
    world.order(make_order("5002", payment=Payment.PAID, updated_at=world.clock() + timedelta(minutes=1)))
    migrate(world, first, second)
    world.wait(days=20)
    said = [message.message_id for message in world.list_messages() if message.channel == "whatsapp"]
    assert len(said) == len(set(said)) == 2


def test_a_move_that_is_delivered_again_long_after_leaves_alone_what_it_left_behind() -> None:
    """By then more has happened than the customer's own record remembers."""
    ask = "ask: {id: size, template: order_updated, text: true, timeout: P1D}"
    before, after = write(1, ask, "wait: P30D"), write(2, ask, "wait: P3D")
    world = open_world(before, after)
    templates = {"order_updated": PublishedTemplate(whatsapp=("en",), email=("en",))}
    world.stores.stores[world.store.store_id] = world.store.model_copy(update={"templates": templates})
    world.order(make_order())
    envelope = migrate(world, before, after)  # the question is open: the run stays
    world.wait(days=2)
    for _ in range(MAX_RECENT + 1):
        world.write("hello")
    world.give(envelope, redelivered=True)
    (run,) = world.customer().runs
    assert run.definition == hash_definition(before)
