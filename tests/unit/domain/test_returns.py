"""A return in the store is told at each step, once, and its order knows how far it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okaeri.domain.compare_orders import change_order, compare_order
from okaeri.domain.evidence import OrderChanged
from okaeri.domain.orders import Order
from tests.world import make_order

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
STEPS = ("requested", "approved", "closed")


def move(order: Order, status: str, return_id: str | None = "r1") -> tuple[Order, list[str]]:
    evidence = OrderChanged.model_validate(
        {"order_id": order.order_id, "change": f"return_{status}", "at": NOW, "return_id": return_id}
    )
    after, events = change_order("s1", order, evidence)
    return after, [event.name for event in events]


def test_each_step_is_told_once() -> None:
    order = make_order()
    assert order.return_status is None
    for status in STEPS:
        order, told = move(order, status)
        assert (order.return_status, told) == (status, [f"return.{status}"])
        assert move(order, status) == (order, [])


@pytest.mark.parametrize("last", ["declined", "closed"])
def test_a_step_that_comes_late_is_not_taken_back(last: str) -> None:
    order, _ = move(make_order(), last)
    assert move(order, "approved") == (order, [])
    assert order.return_status == last


def test_the_return_that_moved_last_is_the_one_that_is_told_of() -> None:
    order, _ = move(make_order(), "closed")
    order, told = move(order, "requested", "r2")
    assert (order.return_status, told) == ("requested", ["return.requested"])


def test_an_order_that_is_told_again_keeps_its_returns() -> None:
    order, _ = move(make_order(), "approved")
    seen = order.model_copy(update={"returns": {}, "updated_at": order.updated_at + timedelta(hours=1)})
    after, _ = compare_order("s1", order, seen)
    assert after.return_status == "approved"


def test_a_return_without_a_name_is_told_and_has_no_state() -> None:
    order, told = move(make_order(), "requested", None)
    assert (order.return_status, told) == (None, ["return.requested"])
