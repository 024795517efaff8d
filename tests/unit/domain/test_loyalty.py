"""The arithmetic of points, levels and codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.coupons import make_code, name_prefix, read_offer
from okaeri.domain.customers import Customer
from okaeri.domain.loyalty import (
    Cause,
    change_points,
    count_earned,
    count_points,
    find_free_at,
    find_standing,
    find_worth,
    hold_points,
    settle_order,
)
from okaeri.domain.orders import Address, OrderLine, Shipment, ShipmentStatus
from okaeri.domain.records import PointsEntry
from okaeri.domain.referrals import fold_address, fold_email
from okaeri.domain.stores import Loyalty, Tier
from tests.world import make_order

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


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["buy", "buy", "keep", "return", "spend", "deliver"])), max_size=30
    )
)
def test_whoever_sends_back_only_while_points_wait_owes_none(story: list[tuple[int, str]]) -> None:
    customer, now = make_customer(orders=tuple(map(str, range(30)))), NOW
    bought: dict[str, datetime] = {}  # what may still be sent back, and until when
    for number, (days, act) in enumerate(story):
        now += timedelta(days=days)
        bought = {name: until for name, until in bought.items() if until > now}
        before = find_standing(customer, now)
        cause = Cause(f"e{number}", act, now, "2026-11", str(number), now + timedelta(days=14))
        match act:
            case "buy":
                change = settle_order(customer, PROGRAMME, Decimal(10 + number), cause)
                bought[str(number)] = now + timedelta(days=14)
            case "return" if bought:
                name = next(iter(bought))
                change = settle_order(customer, PROGRAMME, Decimal(0), cause._replace(order_id=name))
                del bought[name]
            case "spend" if before.points:
                change = change_points(customer, PROGRAMME, -before.points, Cause(f"e{number}", act, now))
            case "deliver" if bought:
                name, until = next(iter(bought.items()))
                bought[name] = max(until, now + timedelta(days=14))
                customer = hold_points(customer, cause._replace(order_id=name, free_at=bought[name]))
                continue
            case _:
                continue
        customer = change.customer if change else customer
        standing = find_standing(customer, now)
        assert standing.points >= 0 and standing.pending >= 0
        assert standing.points + standing.pending == customer.points
        assert len(customer.points_free_at) <= len(customer.order_points)


def test_points_of_before_there_was_a_wait_can_be_spent() -> None:
    assert find_standing(make_customer(points=70, order_points={"1": 70}), NOW) == (70, 0, None)


def test_what_waits_is_forgotten_with_the_next_change_once_its_time_is_over() -> None:
    first = Cause("e1", "purchase", NOW, "2026-11", "1", NOW + timedelta(days=14))
    change = settle_order(make_customer(), PROGRAMME, Decimal(10), first)
    assert change is not None and change.entry.free_at == first.free_at
    later = NOW + timedelta(days=15)
    assert find_standing(change.customer, later) == (15, 0, None)
    again = settle_order(change.customer, PROGRAMME, Decimal(10), Cause("e2", "purchase", later, "2026-12", "2"))
    assert again is not None and again.customer.points_free_at == {}


@pytest.mark.parametrize(
    ("delivered", "needs_shipping", "day"),
    [(True, True, "2026-12-09"), (False, True, "2026-12-15"), (False, False, "2026-12-01")],
)
def test_points_wait_from_the_delivery_or_from_the_purchase(delivered: bool, needs_shipping: bool, day: str) -> None:
    bought = datetime(2026, 11, 17, 1, tzinfo=UTC)
    parcel = Shipment(shipment_id="f1", status=ShipmentStatus.DELIVERED, at=bought + timedelta(days=8))
    line = OrderLine(line_id="1", title="Mug", quantity=1, price=Decimal(10), needs_shipping=needs_shipping)
    order = make_order().model_copy(
        update={"created_at": bought, "lines": (line,), "shipments": (parcel,) if delivered else ()}
    )
    free_at = find_free_at(PROGRAMME, order, ZoneInfo("Asia/Tokyo"))
    assert free_at is not None and free_at.isoformat() == f"{day}T15:00:00+00:00"  # midnight in Tokyo
    assert find_free_at(PROGRAMME.model_copy(update={"hold_days": 0}), order, ZoneInfo("Asia/Tokyo")) is None


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
