"""The arithmetic of points, levels and codes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.coupons import make_code, name_prefix, read_offer
from okaeri.domain.customers import Customer
from okaeri.domain.loyalty import Cause, change_points, count_earned, count_points, find_worth, settle_order
from okaeri.domain.orders import Address
from okaeri.domain.records import PointsEntry
from okaeri.domain.referrals import fold_address, fold_email
from okaeri.domain.stores import Loyalty, Tier

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PROGRAMME = Loyalty(per_unit=Decimal("1.5"), worth=Decimal("0.013"), tiers=(Tier(name="Gold", from_points=100),))


def make_customer(**changes: object) -> Customer:
    customer = Customer(store_id="aya", customer_id="c1", created_at=NOW, orders=("1", "2"))
    return customer.model_copy(update=changes)


@pytest.mark.parametrize(("money", "points"), [("0.66", 0), ("0.67", 1), ("10", 15), ("-5", 0)])
def test_points_are_whole_ones(money: str, points: int) -> None:
    assert count_points(PROGRAMME, Decimal(money)) == points


@pytest.mark.parametrize(("currency", "worth"), [("EUR", "1.30"), ("JPY", "1")])
def test_their_worth_is_an_amount_that_the_currency_knows(currency: str, worth: str) -> None:
    assert find_worth(PROGRAMME, 100, currency) == Decimal(worth)
    assert find_worth(PROGRAMME, -100, currency) == 0


@given(st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 500)), max_size=12))
def test_whatever_is_seen_of_orders_in_whatever_order_the_balance_is_what_they_are_worth_last(
    seen: list[tuple[str, int]],
) -> None:
    customer = make_customer()
    lines: list[PointsEntry] = []
    last: dict[str, int] = {}
    for number, (order_id, kept) in enumerate(seen):
        cause = Cause(f"e{number}", "purchase", NOW, "2026-11", order_id)
        change = settle_order(customer, PROGRAMME, Decimal(kept), cause)
        last[order_id] = count_points(PROGRAMME, Decimal(kept))
        if change is not None:
            customer, lines = change.customer, [*lines, change.entry]
    assert customer.points == sum(last.values()) == sum(line.points for line in lines)
    assert sum(customer.earned.values()) == customer.points
    assert [line.balance for line in lines[-1:]] == ([customer.points] if lines else [])


def test_an_order_of_long_ago_is_left_alone() -> None:
    cause = Cause("e1", "purchase", NOW, "2026-11", "0")
    assert settle_order(make_customer(), PROGRAMME, Decimal(10), cause) is None


def test_a_level_counts_this_month_and_the_eleven_before() -> None:
    customer = make_customer(earned={"2025-11": 90, "2025-12": 40, "2026-11": 7})
    assert count_earned(customer, NOW) == 47
    assert count_earned(customer, datetime(2026, 12, 1, tzinfo=UTC)) == 7


def test_thirteen_months_are_kept() -> None:
    customer = make_customer(earned={f"{year}-{month:02}": 1 for year in (2024, 2025) for month in range(1, 13)})
    change = change_points(customer, PROGRAMME, 1, Cause("e1", "purchase", NOW, "2026-11"))
    assert len(change.customer.earned) == 13
    assert min(change.customer.earned) == "2025-01"


def test_a_level_is_reached_once() -> None:
    cause = Cause("e1", "purchase", NOW, "2026-11")
    first = change_points(make_customer(), PROGRAMME, 120, cause)
    assert first.reached is not None and first.reached.name == "Gold"
    assert change_points(first.customer, PROGRAMME, 50, cause).reached is None
    spent = change_points(first.customer, PROGRAMME, -120, Cause("e2", "redeemed", NOW))
    assert (spent.customer.points, spent.customer.earned) == (0, {"2026-11": 120})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aiko+shop@Example.jp", "aiko@example.jp"),
        ("a.i.ko@gmail.com", "aiko+x@googlemail.com"),
    ],
)
def test_one_mailbox_is_one_however_it_is_written(one: str, other: str) -> None:
    assert fold_email(one) == fold_email(other)


def test_dots_count_where_a_provider_counts_them() -> None:
    assert fold_email("a.iko@example.jp") != fold_email("aiko@example.jp")


def test_an_address_is_compared_by_street_and_postcode() -> None:
    one = Address(name="Ada", line1="Große Straße 5", postcode="10115", city="Berlin", country="DE")
    other = Address(name="Grace", line1="GROSSE STRASSE, 5", postcode="10 115", city="Berlin-Mitte", country="DE")
    assert fold_address(one) == fold_address(other) != ""
    assert fold_address(one.model_copy(update={"line2": "2nd floor"})) != fold_address(one)
    assert fold_address(Address(city="Berlin")) == fold_address(None) == ""


def test_a_code_is_readable_and_of_no_sign_that_looks_like_another() -> None:
    numbers = iter(range(1000))
    codes = {make_code("KINARI", lambda below: next(numbers) % below) for _ in range(20)}
    letters = set("".join(code.removeprefix("KINARI") for code in codes)) - {"-"}
    assert not letters & set("0O1ILB8S5Z2AEU")
    assert len(letters) == 22


@pytest.mark.parametrize(
    ("store_id", "chosen", "prefix"),
    [("kinari-2", "", "KINARI2"), ("kinari", "Linen & Co", "LINENCO"), ("店", "", "CODE")],
)
def test_a_shop_s_codes_begin_alike(store_id: str, chosen: str, prefix: str) -> None:
    assert name_prefix(store_id, chosen) == prefix


def test_an_offer_of_more_than_the_order_is_none() -> None:
    assert read_offer({"percent": "101"}) is None
    offer = read_offer({"percent": "15.5", "days": "30", "budget": "100", "worth": "4"})
    assert offer is not None
    assert (offer.percent, offer.days, offer.uses, offer.worth) == (Decimal("15.5"), 30, 1, Decimal(4))
