"""Pools of codes in a real table: one code for one step, whoever races and wherever a process dies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest

from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.coupons import DynamoCoupons
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.coupons import Coupon
from okaeri.domain.values import make_id
from okaeri.errors import TryAgain
from tests.functional.aws_from_template import MadeStack

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def coupons(made_stack: MadeStack) -> DynamoCoupons:
    return DynamoCoupons(boto3.client("dynamodb"), made_stack.table_name)


def fill(coupons: DynamoCoupons, *codes: str, pool: str = "thanks", last_day: date | None = None) -> int:
    return coupons.add("aya", pool, [Coupon(code=code, last_day=last_day) for code in codes])


def draw(coupons: DynamoCoupons, step: str, now: datetime = NOW) -> str | None:
    drawn = coupons.draw("aya", "thanks", action_id=make_id(step), customer_id="c1", now=now)
    return drawn.code if drawn else None


def test_a_step_gets_one_code_and_keeps_it(coupons: DynamoCoupons) -> None:
    fill(coupons, "A", "B")
    first = draw(coupons, "one")
    assert first in ("A", "B")
    assert draw(coupons, "one") == first
    assert {first, draw(coupons, "two")} == {"A", "B"}
    assert draw(coupons, "three") is None
    assert draw(coupons, "two") != first  # also when the pool is empty


@pytest.mark.parametrize("last_day", [None, date(2026, 12, 31)])
def test_a_code_says_its_last_day_each_time_it_is_asked_for(coupons: DynamoCoupons, last_day: date | None) -> None:
    fill(coupons, "A", last_day=last_day)
    for _ in range(2):
        drawn = coupons.draw("aya", "thanks", action_id=make_id("one"), customer_id="c1", now=NOW)
        assert drawn == Coupon(code="A", last_day=last_day)


def test_steps_that_saw_the_same_free_codes_get_one_each(
    coupons: DynamoCoupons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What each step reads first is how the pool stood before any of them wrote."""
    fill(coupons, *(f"CODE{number:02}" for number in range(20)))
    list_free = coupons._list_free
    stale = list_free("aya", "thanks", NOW)
    looks: list[int] = []

    def look(*arguments: Any) -> list[str]:
        looks.append(1)
        return stale if len(looks) == 1 else list_free(*arguments)

    monkeypatch.setattr(coupons, "_list_free", look)
    drawn = []
    for step in range(25):
        looks.clear()
        drawn.append(draw(coupons, f"step {step}"))
    assert sorted(filter(None, drawn)) == [f"CODE{number:02}" for number in range(20)]
    assert drawn.count(None) == 5


def test_a_code_is_kept_for_its_step_where_the_answer_of_the_table_was_lost(
    coupons: DynamoCoupons, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(coupons, "A", "B")
    give = coupons._give

    def give_and_die(*arguments: Any, **named: Any) -> None:
        give(*arguments, **named)
        raise TryAgain("aws_unreachable")

    monkeypatch.setattr(coupons, "_give", give_and_die)
    with pytest.raises(TryAgain):
        draw(coupons, "one")
    monkeypatch.undo()
    first = draw(coupons, "one")
    assert {first, draw(coupons, "two")} == {"A", "B"}


def test_a_race_that_is_always_lost_comes_back_later(coupons: DynamoCoupons, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(coupons, "A")

    def lose(*arguments: Any, **named: Any) -> None:
        raise ConditionFailed()

    monkeypatch.setattr(coupons, "_give", lose)
    with pytest.raises(TryAgain, match="coupons_contended"):
        draw(coupons, "one")


def test_codes_that_end_soon_go_first_and_those_that_ended_to_nobody(coupons: DynamoCoupons) -> None:
    fill(coupons, "FOREVER")
    fill(coupons, "TODAY", last_day=date(2026, 11, 22))
    fill(coupons, "SOON", last_day=date(2026, 11, 30))
    found = coupons.count("aya", "thanks", NOW)
    assert (found.left, found.issued, found.ended) == (2, 0, 1)
    assert coupons.count_left("aya", "thanks", NOW, at_most=50) == 2
    assert {draw(coupons, "one"), draw(coupons, "two")} == {"SOON", "FOREVER"}
    assert draw(coupons, "three") is None
    assert coupons.count("aya", "thanks", NOW).issued == 2


def test_what_the_shop_had_before_is_not_given_again(coupons: DynamoCoupons) -> None:
    assert fill(coupons, *(f"C{number}" for number in range(75))) == 75
    assert fill(coupons, "C1", "C2", "NEW") == 1
    assert fill(coupons, "C3", pool="other") == 0
    given = draw(coupons, "one")
    assert given and fill(coupons, given) == 0
    assert coupons.count("aya", "thanks", NOW).left == 75


def test_a_store_knows_its_pools(coupons: DynamoCoupons) -> None:
    assert coupons.list_pools("aya") == ()
    for pool in ("thanks", "birthday", "thanks"):
        coupons.open_pool("aya", pool)
    assert coupons.list_pools("aya") == ("birthday", "thanks")


def test_a_step_names_the_code_that_it_makes_once(coupons: DynamoCoupons) -> None:
    def name(step: str, code: str) -> str:
        return coupons.name_code("aya", code, action_id=make_id(step), customer_id="c1", now=NOW)

    assert [name("one", "KINARI-1"), name("one", "KINARI-2"), name("two", "KINARI-2")] == [
        *("KINARI-1", "KINARI-1", "KINARI-2")
    ]


def test_who_passes_a_code_on_is_found_by_it_however_it_is_typed(coupons: DynamoCoupons, made_stack: MadeStack) -> None:
    records = DynamoRecords(boto3.client("dynamodb"), made_stack.table_name, lambda: NOW)
    coupons.note_owner("aya", "KINARI-7F3K", "c1")
    assert records.find_coupon_owner("aya", " kinari-7f3k ") == "c1"
    assert records.find_coupon_owner("aya", "OTHER") is None
    assert records.find_coupon_owner("other-shop", "KINARI-7F3K") is None
