"""Early access: those of a segment or tier are told before the others, everybody once, under the same limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okaeri.catalogue.compile_journeys import hash_definition
from okaeri.domain.broadcasts import (
    Broadcast,
    BroadcastCoupon,
    BroadcastState,
    EarlyAccess,
    Ramp,
    RampPart,
    compile_broadcast,
    plan_times,
)
from okaeri.domain.customers import Identity, IdentityKind
from okaeri.domain.evidence import CustomersMerged
from okaeri.domain.messages import MessageState
from okaeri.domain.sentences import say_event
from okaeri.domain.stores import Loyalty, PublishedTemplate, Tier
from tests.broadcasting import NO_RAMP, BroadcastWorld, make_broadcast, make_broadcasting_store
from tests.world import MONDAY, make_settings

LOYAL = {"orders_count": 5, "last_order_at": MONDAY - timedelta(days=9)}
AHEAD = timedelta(hours=24)
OTHERS = [f"c{number:04}" for number in range(8) if number not in (3, 6)]


def make_early(**changes: Any) -> Broadcast:
    """Eight shoppers on Monday at noon in Tokyo; the loyal ones now, the others a day later."""
    access = EarlyAccess(segment="loyal", ahead=AHEAD, template="sale_early")
    values: dict[str, Any] = {"early_access": access, "opens_at": MONDAY + AHEAD, "size": 8, "ramp": NO_RAMP}
    broadcast = make_broadcast(**values | changes)
    return broadcast.model_copy(update={"early_definition": hash_definition(compile_broadcast(broadcast, early=True))})


def open_shop(
    broadcast: Broadcast | None = None, *, loyal: tuple[int, ...] = (3, 6), **settings: Any
) -> BroadcastWorld:
    store = make_broadcasting_store(settings=make_settings(**{"marketing_hours": ("00:00", "00:00"), **settings}))
    both = PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja"))
    templates = {"sale_early": both, "sale_early_code": both, "news_code": both}
    store = store.model_copy(update={"templates": store.templates | templates})
    broadcast = broadcast or make_early()
    world = BroadcastWorld(broadcast=broadcast, store=store, shoppers=8)
    for number in loyal:
        world.change_shopper(number, **LOYAL)
    return world


def list_templates(world: BroadcastWorld) -> dict[str, str]:
    return {message.customer_id: message.template for message in world.list_news()}


def list_reasons(world: BroadcastWorld) -> dict[str, str]:
    """Who had it early, and as what, by the decisions that are kept."""
    records = world.records.decisions.values()
    return {record.customer_id: record.data["early_access"] for record in records if "early_access" in record.data}


def pass_day(world: BroadcastWorld) -> Broadcast:
    world.wait(hours=24)
    return world.pass_minute(2)


def test_loyal_customers_are_told_a_day_before_the_others_in_words_of_their_own() -> None:
    world = open_shop()
    between = world.pass_minute(3)
    assert world.list_told() == ["c0003", "c0006"]
    assert (between.state, between.released, between.has_told_early) == (BroadcastState.SENDING, 2, True)
    world.wait(hours=23)
    assert world.pass_minute().released == 2, "the others are not told an hour too early"
    assert pass_day(world).state is BroadcastState.DONE
    assert world.list_told() == sorted(["c0003", "c0006", *OTHERS])
    assert list_templates(world) == {"c0003": "sale_early", "c0006": "sale_early"} | dict.fromkeys(OTHERS, "news")
    assert world.read().released == 8
    assert not world.wakeups.running


def test_who_becomes_loyal_in_between_is_told_with_the_others_and_who_was_loyal_not_again() -> None:
    world = open_shop()
    world.pass_minute()
    world.change_shopper(1, **LOYAL)
    world.change_shopper(3, last_order_at=MONDAY - timedelta(days=400))
    pass_day(world)
    assert world.list_told() == sorted(["c0003", "c0006", *OTHERS])
    assert list_templates(world)["c0001"] == "news"


def test_nobody_is_told_twice_whose_profile_has_forgotten_the_first_time() -> None:
    """After many events only the decisions still know: the engine itself turns the second one away."""
    world = open_shop()
    world.pass_minute()
    world.change_shopper(3, recent=(), evicted=True, ended_runs={})
    pass_day(world)
    assert world.list_told().count("c0003") == 1


def test_two_records_that_become_one_in_between_are_told_once() -> None:
    world = open_shop()
    for number in (3, 4):
        world.change_shopper(number, store_customer_ids=(str(number),))
        identity = Identity(kind=IdentityKind.STORE_CUSTOMER, value=str(number))
        world.customers.claim("kinari", identity, f"c{number:04}")
    world.pass_minute()
    world.hear(CustomersMerged(kept="4", lost="3", at=world.clock()), source="shopify customers/merge")
    pass_day(world)
    told = world.list_told()
    assert len([who for who in told if who in ("c0003", "c0004")]) == 1
    assert len(told) == 7


def test_a_tier_may_have_it_too() -> None:
    programme = Loyalty(per_unit=1, worth="0.01", tiers=(Tier(name="Gold", from_points=500),))
    access = EarlyAccess(tier="Gold", ahead=AHEAD)
    world = open_shop(make_early(early_access=access), loyal=(), loyalty=programme)
    world.change_shopper(5, points=600, earned={f"{MONDAY:%Y-%m}": 600})
    world.pass_minute()
    assert list_templates(world) == {"c0005": "news"}, "without words of their own they are told what all are told"
    assert list_reasons(world) == {"c0005": "tier:Gold"}


def test_the_decision_says_that_they_had_it_early_and_as_what() -> None:
    world = open_shop()
    world.pass_minute()
    pass_day(world)
    assert list_reasons(world) == {"c0003": "segment:loyal", "c0006": "segment:loyal"}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("segment:loyal", "a loyal customer"),
        ("segment:linen_lovers", "one of the segment linen_lovers"),
        ("tier:Gold", "a customer on the tier Gold"),
    ],
)
def test_explain_says_as_what_they_had_it(reason: str, words: str) -> None:
    data = {"broadcast.id": "summer", "early_access": reason}
    assert say_event("broadcast.due", data) == f"the broadcast summer comes to them: early access, as {words}"


def test_at_night_they_wait_for_their_own_morning_and_have_it_before_the_others() -> None:
    world = open_shop(marketing_hours=("09:00", "20:00"))
    world.clock.advance(hours=9)  # nine in the evening in Tokyo: three hours after it began
    world.pass_minute()
    assert world.list_told() == []
    world.wait(hours=13)
    assert world.list_told() == ["c0003", "c0006"]
    pass_day(world)
    assert world.list_told() == sorted(["c0003", "c0006", *OTHERS])


def test_who_could_not_be_told_before_it_opened_is_told_with_the_others_as_the_others() -> None:
    """Paused over the hour at which it opens: nobody reads that they are the first when they are not."""
    world = open_shop()
    world.allowed = 1
    world.pass_minute()
    world.command(state=BroadcastState.PAUSED, reason="by hand")
    world.wait(hours=25)
    world.allowed = 100
    world.command(state=BroadcastState.SENDING, reason="")
    world.wakeups.start("kinari", "summer")
    assert world.pass_minute(2).state is BroadcastState.DONE
    assert list_templates(world) == {"c0003": "sale_early", "c0006": "news"} | dict.fromkeys(OTHERS, "news")


def test_a_pause_holds_for_the_early_ones_too() -> None:
    world = open_shop()
    world.run("kinari", "summer", lambda: True)
    world.command(state=BroadcastState.PAUSED, reason="by hand")
    world._run_due()
    assert world.list_told() == []
    world.command(state=BroadcastState.SENDING, reason="")
    world.wakeups.start("kinari", "summer")
    world.wait(minutes=6)
    assert world.list_told() == ["c0003", "c0006"]


def test_the_minutes_allowance_and_the_ramp_go_over_both() -> None:
    world = open_shop(make_early(ramp=Ramp(parts=(RampPart(percent=50),), watch=timedelta(minutes=30))))
    world.allowed = 1
    assert [world.pass_minute().released for _ in range(4)] == [1, 2, 2, 2]
    world.allowed = 100
    world.wait(hours=24)
    assert world.pass_minute().released == 4, "half of eight, the early two among them"
    for message in world.list_news():
        delivered = message.model_copy(update={"state": MessageState.DELIVERED})
        world.messages.messages["kinari", message.customer_id, message.message_id] = delivered
    assert world.pass_minute(35).state is BroadcastState.DONE


def test_what_goes_badly_with_the_early_ones_pauses_it_before_the_others() -> None:
    world = open_shop(loyal=(1, 2, 3, 4, 5, 6))
    world.pass_minute()
    for message in world.list_news():
        failed = message.model_copy(update={"state": MessageState.FAILED, "reason": "131049"})
        world.messages.messages["kinari", message.customer_id, message.message_id] = failed
    paused = pass_day(world)
    assert (paused.state, paused.reason) == (BroadcastState.PAUSED, "blocked 6 of 6")
    assert world.list_told() == [f"c{number:04}" for number in range(1, 7)]
    world.command(state=BroadcastState.SENDING, reason="")
    world.wakeups.start("kinari", "summer")
    assert world.pass_minute().state is BroadcastState.DONE


def test_each_has_a_code_of_their_own_early_or_not() -> None:
    access = EarlyAccess(segment="loyal", ahead=AHEAD, template="sale_early_code")
    coupon = BroadcastCoupon(percent="15", days="14")
    world = open_shop(make_early(template="news_code", coupon=coupon, early_access=access))
    world.pass_minute()
    assert {request.customer_id for request in world.queues.actions} == {"c0003", "c0006"}
    pass_day(world)
    assert len({request.action_id + request.customer_id for request in world.queues.actions}) == 8


@pytest.mark.parametrize(
    ("at", "begins", "opens"),
    [
        (None, None, MONDAY + AHEAD),
        (MONDAY + timedelta(days=3), MONDAY + timedelta(days=2), MONDAY + timedelta(days=3)),
        (MONDAY + timedelta(hours=5), None, MONDAY + timedelta(hours=5)),
        (MONDAY - timedelta(hours=5), None, MONDAY + AHEAD),
    ],
)
def test_the_time_that_is_asked_for_is_that_of_the_others(at: Any, begins: Any, opens: Any) -> None:
    assert plan_times(make_early(), at, MONDAY) == (begins, opens)


def test_without_early_access_it_begins_at_its_time() -> None:
    at = MONDAY + timedelta(days=3)
    assert plan_times(make_broadcast(), at, MONDAY) == (at, None)
    assert plan_times(make_broadcast(), None, MONDAY) == (None, None)
