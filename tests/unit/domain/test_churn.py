"""When a customer has been silent for longer than their own pauses are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.customer_fields import read_customer_field
from okaeri.domain.customers import Customer
from okaeri.domain.stores import SegmentRules, StoreSettings
from tests.world import MONDAY, make_store


def find_pause(orders: int, every: float, at_risk_days: int = 90) -> float | None:
    """Days after the last of so many orders, each so many days after the one before."""
    store = make_store({}, settings=StoreSettings(segment_rules=SegmentRules(at_risk_days=at_risk_days)))
    last = MONDAY + timedelta(days=every * (orders - 1)) if orders else None
    customer = Customer(
        store_id="kinari",
        customer_id="c1",
        created_at=MONDAY,
        orders_count=orders,
        first_order_at=MONDAY if orders else None,
        last_order_at=last,
    )
    churn_at = read_customer_field(customer, store, "churn_at", MONDAY)
    return (churn_at - last) / timedelta(days=1) if churn_at and last else None


@pytest.mark.parametrize(
    ("orders", "every", "days"),
    [(1, 0, 90), (2, 30, 80), (6, 30, 73), (12, 30, 71), (6, 7, 30), (4, 180, 333), (9, 400, 400)],
)
def test_a_pause_is_judged_by_the_customers_own(orders: int, every: float, days: float) -> None:
    assert find_pause(orders, every) == pytest.approx(days, abs=0.6)


def test_who_ordered_once_is_at_risk_when_the_shop_says_so() -> None:
    assert find_pause(1, 0, at_risk_days=45) == pytest.approx(45)


def test_who_never_ordered_cannot_be_missed() -> None:
    assert find_pause(0, 0) is None
