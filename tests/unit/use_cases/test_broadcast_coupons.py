"""A broadcast with a code of their own for each: asked for before anything is said, and never promised in vain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from command_line.broadcast_trials import make_sample_code
from okaeri.domain.broadcast_reach import list_message_ids
from okaeri.domain.broadcasts import CODES_A_MINUTE, Broadcast, BroadcastCoupon
from okaeri.domain.evidence import ActionDone
from okaeri.domain.stores import PublishedTemplate
from okaeri.use_cases.measure_release import MeasureRelease
from tests.broadcasting import BroadcastWorld, make_broadcast, make_broadcasting_store

COUPON = BroadcastCoupon(percent="15", days="14", budget="500", worth="6")


def make_sale(**changes: Any) -> Broadcast:
    return make_broadcast(**{"template": "news_code", "coupon": COUPON} | changes)


def open_shop(**changes: Any) -> BroadcastWorld:
    store = make_broadcasting_store()
    template = {"news_code": PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja"))}
    store = store.model_copy(update={"templates": store.templates | template})
    return BroadcastWorld(broadcast=make_sale(**changes), store=store, shoppers=3)


def answer(world: BroadcastWorld, *, refuse: tuple[str, ...] = ()) -> None:
    for number, request in enumerate(world.queues.actions):
        ok = request.customer_id not in refuse
        data = {"code": f"KINARI-{number}", "percent": "15"} if ok else {"reason": "over_budget"}
        done = ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action="coupon",
            ok=ok,
            at=world.clock(),
            data=data,
        )
        world.hear(done, source="actions")


def test_each_gets_a_code_of_their_own_and_then_the_news() -> None:
    world = open_shop()
    world.pass_minute()
    assert world.list_told() == []
    assert {request.customer_id for request in world.queues.actions} == {"c0000", "c0001", "c0002"}
    assert len({request.action_id for request in world.queues.actions}) == 3  # by which a code is found again
    assert world.queues.actions[0].data == {"percent": "15", "days": "14", "worth": "6", "budget": "500"}
    answer(world)
    assert world.list_told() == ["c0000", "c0001", "c0002"]
    assert len({message.data["coupon.own"] for message in world.list_news()}) == 3
    assert {message.data["coupon.own.percent"] for message in world.list_news()} == {"15"}


def test_who_gets_no_code_is_told_nothing() -> None:
    world = open_shop()
    world.pass_minute()
    answer(world, refuse=("c0001",))
    assert world.list_told() == ["c0000", "c0002"]
    assert "broadcast/summer.run ended no code" in world.why()


def test_what_became_of_its_messages_is_found() -> None:
    world = open_shop()
    world.pass_minute()
    answer(world)
    assert {message.message_id for message in world.list_news()} <= set(list_message_ids(world.broadcast))


class Plenty:
    """A number that may write as much as it likes, and nothing that waits."""

    def how_many_now(self, store: object, number: str) -> int:
        return 1_000_000

    def count(self) -> int:
        return 0

    def get(self, number: str) -> None:
        return None


@pytest.mark.parametrize(("broadcast", "most"), [(make_sale(), CODES_A_MINUTE), (make_broadcast(), 3360)])
def test_no_more_are_released_in_a_minute_than_codes_can_be_made(broadcast: Broadcast, most: int) -> None:
    plenty: Any = Plenty()
    assert MeasureRelease(plenty, plenty, plenty)(broadcast, make_broadcasting_store()) == most


def test_the_code_of_a_trial_is_told_with_the_conditions_of_the_true_ones() -> None:
    asked = COUPON.model_copy(update={"minimum": "40"})
    sample = make_sample_code(make_sale(coupon=asked), datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert sample == {
        "coupon.own": "SAMPLE-CODE",
        "coupon.own.percent": "15",
        "coupon.own.minimum": "40",
        "coupon.own.last_day": "2026-12-06",
    }
    assert make_sample_code(make_sale(coupon=None), datetime(2026, 11, 22, 12, tzinfo=UTC)) == {}
