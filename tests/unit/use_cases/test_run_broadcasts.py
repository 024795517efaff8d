"""Broadcasts, minute by minute: whom they reach, how fast, what stops them, and that nobody is told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okaeri.domain.broadcast_reach import list_message_ids
from okaeri.domain.broadcasts import BroadcastState, Ramp, RampLimits, RampPart
from okaeri.domain.conditions import Condition
from okaeri.domain.customers import Consent
from okaeri.domain.messages import MessageState
from okaeri.domain.stores import UNINSTALLED, Sending
from okaeri.domain.values import Channel, Lane
from okaeri.errors import TryAgain
from tests.broadcasting import SMALL_RAMP, BroadcastWorld, make_broadcast, make_broadcasting_store
from tests.crashing import Crash, Crashing, CrashingWorld, Plan
from tests.world import MONDAY, make_settings

EVERYBODY = [f"c{number:04}" for number in range(20)]
LOYAL = Condition(field="customer.segments", has="loyal")


def test_everybody_in_the_audience_is_told_once_and_the_schedule_ends() -> None:
    world = BroadcastWorld()
    assert world.pass_minute().state is BroadcastState.DONE
    assert world.list_told() == EVERYBODY
    assert {message.channel for message in world.list_news()} == {Channel.WHATSAPP}
    assert not world.wakeups.running


def test_recipients_and_their_messages_take_the_marketing_road() -> None:
    world = BroadcastWorld()
    world.run("kinari", "summer", lambda: True)
    assert {lane for lane, _ in world.queues.evidence} == {Lane.MARKETING}
    world._run_due()
    assert {sent.lane for sent in world.queues.messages} == {Lane.MARKETING}


def test_only_the_segment_is_told() -> None:
    world = BroadcastWorld(broadcast=make_broadcast(audience=LOYAL))
    for number in (3, 7):
        world.change_shopper(number, orders_count=5, last_order_at=MONDAY)
    world.pass_minute()
    assert world.list_told() == ["c0003", "c0007"]


def test_who_has_left_the_segment_by_then_is_told_nothing_and_the_reason_is_kept() -> None:
    world = BroadcastWorld(broadcast=make_broadcast(audience=LOYAL))
    for number in (3, 7):
        world.change_shopper(number, orders_count=5, last_order_at=MONDAY)
    world.run("kinari", "summer", lambda: True)
    world.change_shopper(3, last_order_at=MONDAY - timedelta(days=400))
    world._run_due()
    assert world.list_told() == ["c0007"]
    assert "broadcast/summer.run not started condition_not_met" in world.why()


def test_whom_no_channel_can_reach_is_passed_over_with_the_reason() -> None:
    world = BroadcastWorld(shoppers=3)
    world.add_shopper(5, consents={})
    world.add_shopper(6, phones=(), emails=())
    world.add_shopper(7, phones=())
    done = world.pass_minute()
    assert world.list_told() == ["c0000", "c0001", "c0002", "c0007"]
    assert done.passed_over == {"no_marketing_consent": 1, "no_whatsapp_number": 1}
    assert done.released == 4


def test_each_minute_releases_what_is_allowed_and_no_more() -> None:
    world = BroadcastWorld(allowed=6)
    counts = [world.pass_minute().released for _ in range(4)]
    assert counts == [6, 12, 18, 20]
    assert world.list_told() == EVERYBODY


def test_nothing_is_released_while_nothing_is_allowed() -> None:
    world = BroadcastWorld(allowed=0)
    assert world.pass_minute(5).released == 0
    world.allowed = 50
    assert world.pass_minute().state is BroadcastState.DONE


def test_it_starts_at_its_time() -> None:
    at = MONDAY + timedelta(minutes=30)
    world = BroadcastWorld(broadcast=make_broadcast(state=BroadcastState.SCHEDULED, send_at=at))
    assert world.pass_minute(30).released == 0
    started = world.pass_minute()
    assert (started.released, started.started_at) == (20, at)


def test_at_night_the_message_waits_for_each_shoppers_morning() -> None:
    store = make_broadcasting_store(settings=make_settings(marketing_hours=("09:00", "20:00")))
    world = BroadcastWorld(store=store, shoppers=4)
    world.clock.advance(hours=10)  # ten in the evening in Tokyo
    world.add_shopper(8, time_zone="Europe/Berlin", country="DE", phones=("+4915112345678",))
    assert world.pass_minute().state is BroadcastState.DONE
    assert world.list_told() == ["c0008"]
    assert len(world.timers.armed) == 4, "each has a timer of their own"
    world.wait(hours=12)
    assert world.list_told() == ["c0000", "c0001", "c0002", "c0003", "c0008"]


# ── The ramp ──


def settle(world: BroadcastWorld, state: MessageState, reason: str = "", *, most: int = 1_000) -> None:
    """Providers' words on what waits for one."""
    waiting = [message for message in world.list_news() if message.state is MessageState.QUEUED]
    for message in waiting[:most]:
        world.messages.messages["kinari", message.customer_id, message.message_id] = message.model_copy(
            update={"state": state, "reason": reason}
        )


def test_a_small_part_goes_first_and_the_rest_when_it_went_well() -> None:
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP))
    assert world.pass_minute(5).released == 4
    settle(world, MessageState.DELIVERED)
    assert world.pass_minute(24).released == 4, "it is watched for half an hour"
    assert world.pass_minute(2).released == 10
    settle(world, MessageState.DELIVERED)
    assert world.pass_minute(40).state is BroadcastState.DONE
    assert world.list_told() == EVERYBODY


@pytest.mark.parametrize(
    ("code", "name"), [("131049", "blocked"), ("131050", "blocked"), ("131048", "blocked"), ("131053", "failed")]
)
def test_a_part_that_goes_badly_pauses_the_rest_with_the_reason(code: str, name: str) -> None:
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP))
    world.pass_minute()
    settle(world, MessageState.FAILED, code, most=3)
    settle(world, MessageState.DELIVERED)
    paused = world.pass_minute(40)
    assert (paused.state, paused.reason) == (BroadcastState.PAUSED, f"{name} 3 of 4")
    assert len(world.list_told()) == 4
    assert not world.wakeups.running


def test_what_meta_puts_off_for_a_day_is_blocked_too() -> None:
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP))
    world.pass_minute()
    settle(world, MessageState.PARKED, "131049", most=3)
    settle(world, MessageState.DELIVERED)
    assert world.pass_minute(40).reason == "blocked 3 of 4"


@pytest.mark.parametrize(("source", "name"), [("complaint", "complained"), ("unsubscribe page", "unsubscribed")])
def test_complaints_and_unsubscribing_pause_it_too(source: str, name: str) -> None:
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP))
    world.pass_minute()
    settle(world, MessageState.DELIVERED)
    for number in range(3):
        refused = Consent(given=False, at=world.clock(), source=source)
        world.change_shopper(number, consents={"email:marketing": refused})
    assert world.pass_minute(40).reason == f"{name} 3 of 4"


def test_one_or_two_people_are_chance() -> None:
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP))
    world.pass_minute()
    settle(world, MessageState.FAILED, "131049", most=2)
    settle(world, MessageState.DELIVERED)
    assert world.pass_minute(40).released > 4


def test_a_refusal_of_long_ago_is_no_answer_to_this_broadcast() -> None:
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP))
    for number in range(4):
        agreed = world.customers.customers["kinari", f"c{number:04}"].consents
        refused = Consent(given=False, at=MONDAY - timedelta(days=1), source="unsubscribe page")
        world.change_shopper(number, consents=agreed | {"email:marketing": refused})
    world.pass_minute()
    settle(world, MessageState.DELIVERED)
    assert world.pass_minute(40).state is BroadcastState.SENDING


def test_a_part_of_whom_most_still_wait_for_their_morning_is_watched_longer() -> None:
    store = make_broadcasting_store(settings=make_settings(marketing_hours=("09:00", "20:00")))
    world = BroadcastWorld(broadcast=make_broadcast(ramp=SMALL_RAMP), store=store)
    world.clock.advance(hours=10)
    assert world.pass_minute(10 * 60).released == 4
    world.wait(hours=2)
    settle(world, MessageState.DELIVERED)
    assert world.pass_minute(70).released == 10


def test_a_small_audience_needs_no_ramp() -> None:
    ramp = Ramp(parts=(RampPart(percent=1, at_least=50),), limits=RampLimits())
    world = BroadcastWorld(broadcast=make_broadcast(ramp=ramp))
    assert world.pass_minute().state is BroadcastState.DONE


# ── Pause, resume, cancel ──


def test_a_pause_holds_what_is_released_already_and_resuming_tells_it() -> None:
    world = BroadcastWorld(allowed=6)
    world.run("kinari", "summer", lambda: True)
    world.command(state=BroadcastState.PAUSED)
    world.pass_minute(10)
    assert world.list_told() == []
    assert not world.wakeups.running
    world.command(state=BroadcastState.SENDING)
    world.wakeups.start("kinari", "summer")
    world.pass_minute(10)
    assert world.list_told() == EVERYBODY


def test_a_cancelled_one_tells_nobody_any_more() -> None:
    world = BroadcastWorld(allowed=6)
    world.run("kinari", "summer", lambda: True)
    world.command(state=BroadcastState.CANCELLED)
    world.pass_minute(10)
    assert world.list_told() == []
    assert not world.wakeups.running


def test_an_operators_word_between_two_pages_counts() -> None:
    world = BroadcastWorld(allowed=6)
    save = world.records.broadcasts.save

    def interfere(broadcast: Any) -> None:
        if broadcast.released and world.read().state is BroadcastState.SENDING:
            world.command(state=BroadcastState.PAUSED)
        save(broadcast)

    world.records.broadcasts.save = interfere  # type: ignore[method-assign]  # a race, made to happen
    world.pass_minute()
    assert (world.read().state, world.read().released) == (BroadcastState.PAUSED, 0)
    world.records.broadcasts.save = save  # type: ignore[method-assign]  # the race is over
    world.command(state=BroadcastState.SENDING)
    world.wakeups.start("kinari", "summer")
    world.pass_minute(12)
    assert world.list_told() == EVERYBODY


@pytest.mark.parametrize("sending", [Sending.ORDERS_ONLY, Sending.OFF])
def test_nothing_is_released_while_the_shops_switch_is_off(sending: Sending) -> None:
    world = BroadcastWorld()
    on = world.store
    world.stores.stores["kinari"] = on.model_copy(update={"sending": sending})
    assert world.pass_minute(3).released == 0
    world.stores.stores["kinari"] = on
    assert world.pass_minute().state is BroadcastState.DONE


def test_a_shop_that_removed_the_app_broadcasts_no_more() -> None:
    world = BroadcastWorld()
    world.stores.stores["kinari"] = world.store.model_copy(update={"paused": UNINSTALLED})
    ended = world.pass_minute()
    assert (ended.state, ended.reason) == (BroadcastState.CANCELLED, "uninstalled")
    assert not world.wakeups.running


def test_two_wake_ups_at_once_release_nobody_twice() -> None:
    world = BroadcastWorld(allowed=6)
    world.run("kinari", "summer", lambda: True)
    before = world.read()
    world.records.broadcasts.broadcasts["kinari", "summer"] = before.model_copy(update={"cursor": None, "released": 0})
    world.pass_minute(10)
    assert world.list_told() == EVERYBODY


def test_a_minute_that_has_no_time_left_leaves_the_rest_to_the_next() -> None:
    world = BroadcastWorld()
    world.run("kinari", "summer", lambda: False)
    assert world.read().released == 0
    assert world.pass_minute().state is BroadcastState.DONE


def test_a_broadcast_that_is_gone_is_woken_no_more() -> None:
    world = BroadcastWorld()
    world.records.broadcasts.broadcasts.clear()
    world.run("kinari", "summer", lambda: True)
    assert not world.wakeups.running


def test_two_records_that_turn_out_to_be_one_person_hear_it_once() -> None:
    store = make_broadcasting_store(settings=make_settings(marketing_hours=("09:00", "20:00")))
    world = BroadcastWorld(store=store, shoppers=2)
    world.clock.advance(hours=10)
    world.pass_minute()
    from okaeri.domain.profile import unite_customers

    kept, lost = (world.customers.customers["kinari", f"c000{number}"] for number in (0, 1))
    united, tombstone = unite_customers(kept, lost)
    world.customers.merge(united, tombstone, sweep_at=None)
    world.wait(hours=14)
    assert world.list_told() == ["c0000"]


def test_the_judge_looks_at_the_very_messages_that_the_engine_said() -> None:
    world = BroadcastWorld(shoppers=1)
    world.pass_minute()
    [message] = world.list_news()
    assert message.message_id == list_message_ids(world.broadcast)[0]


# ── Crashes ──


class CrashingBroadcastWorld(CrashingWorld, BroadcastWorld):
    """Engine and releases die at the calls of the plan."""

    def __post_init__(self) -> None:
        super().__post_init__()
        ports = ("customers", "broadcasts", "messages", "queues", "wakeups")
        crashing: dict[str, Any] = {name: Crashing(getattr(self.run, name), self.plan) for name in ports}
        self.run = replace(self.run, **crashing)
        run = self.run

        def survive(*args: Any) -> None:
            try:
                run(*args)
            except (Crash, TryAgain):
                return  # the next minute comes

        self.run = survive  # type: ignore[assignment]  # the same call, and a death ends the minute


def play(world: BroadcastWorld) -> None:
    for _ in range(3):
        world.pass_minute(6)
        settle(world, MessageState.DELIVERED)
        world.wait(minutes=30)
    world.pass_minute(30)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deaths=st.dictionaries(st.integers(1, 220), st.booleans(), max_size=8), allowed=st.sampled_from([3, 7, 100]))
def test_wherever_it_dies_nobody_is_told_twice_and_nobody_is_forgotten(deaths: dict[int, bool], allowed: int) -> None:
    class Unlucky(CrashingBroadcastWorld):
        plan = Plan(deaths)

    world = Unlucky(broadcast=make_broadcast(ramp=SMALL_RAMP), allowed=allowed)
    play(world)
    assert world.read().state is BroadcastState.DONE
    assert sorted(message.customer_id for message in world.list_news()) == EVERYBODY
    assert set(world.list_told()) == set(EVERYBODY)


def test_dying_at_each_single_call_of_a_release_changes_nothing() -> None:
    for call in range(1, 26):
        for before in (True, False):

            class Unlucky(CrashingBroadcastWorld):
                plan = Plan({call: before})

            world = Unlucky(shoppers=5, allowed=3)
            world.pass_minute(10)
            assert sorted(message.customer_id for message in world.list_news()) == EVERYBODY[:5], (call, before)
