"""When a supply runs low: the shop's word, the customer's own rhythm, and what few purchases can tell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from okaeri.domain.orders import Order, OrderLine, Payment, Shipment, ShipmentStatus
from okaeri.domain.refills import (
    Purchase,
    count_reorders,
    find_cycle,
    find_refill,
    find_rhythm,
    find_weighted_median,
)
from tests.world import MONDAY, make_order


def buy(*days: float, units: int = 1) -> list[Purchase]:
    return [Purchase(MONDAY + timedelta(days=day), units) for day in days]


def order_tea(day: float, *, quantity: int = 1, product: str = "tea", **changes: object) -> Order:
    line = OrderLine(line_id="1", product_id=product, title="Tea", quantity=quantity, price=Decimal(10))
    at = MONDAY + timedelta(days=day)
    return make_order(f"o{day}{product}", created_at=at, updated_at=at, lines=(line,), **changes)


def read_days(cycle: timedelta | None) -> float | None:
    return cycle / timedelta(days=1) if cycle is not None else None


@pytest.mark.parametrize(
    ("history", "with_the_shops_word", "without"),
    [
        (buy(0), 30, None),
        (buy(0, 60), 40, None),  # two parts of 30, one of 60
        (buy(0, 60, 120), 45, 60),  # half and half
        (buy(0, 60, 120, 180, 240, 300, 360, 420, 480), 54, 60),  # 2 : 8
    ],
)
def test_what_one_two_three_and_more_purchases_tell(
    history: list[Purchase], with_the_shops_word: float, without: float | None
) -> None:
    assert read_days(find_cycle(history, 30)) == pytest.approx(with_the_shops_word)
    assert read_days(find_cycle(history, None)) == without


def test_one_long_holiday_moves_nothing() -> None:
    rhythm = find_rhythm(buy(0, 30, 60, 90, 290, 320, 350))
    assert rhythm is not None
    assert read_days(rhythm.per_unit) == pytest.approx(30)
    assert rhythm.gaps == 5


def test_who_buys_two_comes_back_later() -> None:
    rhythm = find_rhythm(buy(0, 60, 120, units=2))
    assert rhythm is not None
    assert read_days(rhythm.per_unit) == 30


def test_a_rhythm_that_changes_is_followed() -> None:
    slow = find_rhythm(buy(0, 30, 60, 90, 140, 190, 240))
    assert slow is not None
    assert read_days(slow.per_unit) == pytest.approx(50, abs=6)


def test_gaps_without_order_are_no_rhythm_and_the_shops_word_counts_alone() -> None:
    anyhow = buy(0, 5, 100, 108, 390)
    assert find_rhythm(anyhow) is None
    assert find_cycle(anyhow, None) is None
    assert read_days(find_cycle(anyhow, 30)) == 30


def test_what_was_forgotten_in_the_first_order_is_no_gap() -> None:
    assert find_rhythm(buy(0, 1)) is None
    assert find_rhythm(buy(0, 500)) is None


def test_the_weighted_median_of_two_lies_between_them() -> None:
    days = [timedelta(days=20), timedelta(days=40)]
    assert read_days(find_weighted_median(days, [1, 1])) == 30
    assert read_days(find_weighted_median(days, [1, 3])) == 35


def test_it_is_asked_a_sixth_of_the_cycle_ahead_and_a_month_where_that_is_long() -> None:
    assert find_refill(order_tea(0), [], {"tea": 30}) == MONDAY + timedelta(days=25)
    assert find_refill(order_tea(0, quantity=2), [], {"tea": 30}) == MONDAY + timedelta(days=50)
    assert find_refill(order_tea(0), [], {"tea": 360}) == MONDAY + timedelta(days=330)


def test_a_supply_begins_to_run_when_it_arrives() -> None:
    arrived = Shipment(shipment_id="f1", status=ShipmentStatus.DELIVERED, at=MONDAY + timedelta(days=4))
    assert find_refill(order_tea(0, shipments=(arrived,)), [], {"tea": 30}) == MONDAY + timedelta(days=29)


def test_of_several_things_the_first_to_run_out_is_asked_about() -> None:
    lines = tuple(
        OrderLine(line_id=name, product_id=name, title=name, quantity=1, price=Decimal(10))
        for name in ("tea", "soap", "apron")
    )
    order = make_order(lines=lines)
    assert find_refill(order, [], {"tea": 60, "soap": 30}) == MONDAY + timedelta(days=25)
    assert find_refill(order, [], {}) is None


def test_who_has_it_again_is_not_asked() -> None:
    first, second = order_tea(0), order_tea(20)
    assert find_refill(first, [first, second], {"tea": 30}) is None
    assert find_refill(first, [first, order_tea(20, product="soap")], {"tea": 30}) is not None
    assert find_refill(first, [first, order_tea(20, cancelled_at=MONDAY)], {"tea": 30}) is not None


@pytest.mark.parametrize("changes", [{"cancelled_at": MONDAY}, {"payment": Payment.REFUNDED}, {"quiet": "test"}])
def test_an_order_that_came_to_nothing_runs_out_of_nothing(changes: dict[str, Any]) -> None:
    assert find_refill(order_tea(0, **changes), [], {"tea": 30}) is None


def test_reorders_count_what_was_bought_again_in_a_rhythm() -> None:
    orders = [order_tea(day) for day in (0, 30, 61, 89)]
    assert count_reorders(orders[-1], orders) == 3
    assert count_reorders(orders[0], orders) == 0
    assert count_reorders(order_tea(90, product="soap"), orders) == 0


def test_of_a_thousand_customers_few_purchases_come_nearer_than_the_shops_word_alone() -> None:
    """Each has a pace of their own around the shop's word; a purchase comes a fifth early or late by chance."""
    random = Random(7)
    errors: dict[str, list[float]] = {"word": [], "blend": []}
    for _ in range(1000):
        pace = 30 * random.lognormvariate(0, 0.4)
        days = [0.0]
        for _ in range(3):
            days.append(days[-1] + pace * random.lognormvariate(0, 0.2))
        history = buy(*days)
        cycle = find_cycle(history, 30)
        assert cycle is not None
        errors["word"].append(abs(30 - pace) / pace)
        errors["blend"].append(abs(cycle / timedelta(days=1) - pace) / pace)
    mean = {name: sum(found) / len(found) for name, found in errors.items()}
    assert mean["blend"] < 0.75 * mean["word"]
