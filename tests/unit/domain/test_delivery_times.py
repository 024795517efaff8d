"""When an order arrives: the carrier's word, else the store's, else the shop's table in business days, else nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from okaeri.domain.compare_orders import change_order, compare_order
from okaeri.domain.delivery_times import (
    Arrival,
    find_arrival,
    find_dispatch_day,
    has_more_to_come,
    read_delivery_field,
    works_on,
)
from okaeri.domain.evidence import OrderChanged
from okaeri.domain.orders import Address, Buyer, Order, OrderLine, Payment, Shipment, ShipmentStatus
from okaeri.domain.stores import DeliveryTimes, Platform, ShopHours, Store, StoreSettings, TransitTime

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo
WEEK = {day: (("09:00", "18:00"),) for day in ("mon", "tue", "wed", "thu", "fri")}


def make_store(*transit: TransitTime, hours: ShopHours | None = None, **times: Any) -> Store:
    rows = transit or (TransitTime(least=1, most=2),)
    settings = StoreSettings(
        delivery_times=DeliveryTimes(transit=rows, **times), shop_hours=hours or ShopHours(days=WEEK)
    )
    return Store(
        store_id="kinari",
        name="Kinari",
        platform=Platform.SHOPIFY,
        domain="kinari.myshopify.com",
        site_url="https://kinari.example",
        country="JP",
        time_zone="Asia/Tokyo",
        settings=settings,
    )


def make_order(at: datetime = MONDAY, **changes: Any) -> Order:
    values: dict[str, Any] = {
        "order_id": "1",
        "name": "#1",
        "created_at": at,
        "updated_at": at,
        "buyer": Buyer(country="JP"),
        "currency": "JPY",
        "lines": (OrderLine(line_id="1", title="Apron", quantity=1, price=Decimal(1)),),
        "total": Decimal(1),
        "payment": Payment.PAID,
        "shipping_method": "Yamato",
    }
    return Order(**values | changes)


def make_parcel(status: ShipmentStatus = ShipmentStatus.SHIPPED, at: datetime = MONDAY, **changes: Any) -> Shipment:
    return Shipment(**{"shipment_id": "f1", "status": status, "at": at} | changes)


def expect(order: Order, store: Store, now: datetime | None = None) -> tuple[date, date] | None:
    found = find_arrival(order, store, now or order.created_at)
    return (found.first.date(), found.last.date()) if found else None


def days(first: int, last: int) -> tuple[date, date]:
    """Of November 2026, whose 16th, 23rd and 30th are Mondays; on the 23rd Japan rests."""
    return date(2026, 11, first), date(2026, 11, last)


def test_ordered_in_the_morning_it_leaves_the_same_day_or_the_next_and_travels_a_day_or_two() -> None:
    assert expect(make_order(), make_store()) == days(17, 19)


def test_ordered_after_the_cutoff_it_counts_from_the_next_day() -> None:
    after = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)  # 14:00 in Tokyo
    assert expect(make_order(after), make_store()) == days(18, 20)
    assert expect(make_order(after - timedelta(minutes=1)), make_store()) == days(17, 19)


def test_weekends_and_holidays_do_not_count() -> None:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # 17:00 on the Friday before a long weekend
    assert expect(make_order(friday), make_store()) == days(25, 27)


def test_the_shops_closed_days_are_no_handling_days_and_parcels_travel_on_them() -> None:
    hours = ShopHours(days=WEEK, closed=("2026-11-16", "2026-11-17"))
    assert expect(make_order(), make_store(hours=hours, handling_most=0)) == days(19, 20)
    sent = make_order(shipments=(make_parcel(),))
    assert expect(sent, make_store(hours=hours)) == days(17, 18)


def test_a_day_with_hours_of_its_own_counts_though_it_is_a_sunday() -> None:
    hours = ShopHours(days=WEEK, open={"2026-11-22": (("10:00", "15:00"),)})
    saturday = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    store = make_store(hours=hours, handling_most=0, days=(0, 1, 2, 3, 4, 5, 6))
    assert expect(make_order(saturday), store) == days(24, 25)  # on the 23rd no parcel travels


def test_the_holidays_of_the_customers_country_hold_a_parcel_up() -> None:
    to_america = make_order(
        datetime(2026, 11, 24, 1, tzinfo=UTC), shipping_address=Address(country="US"), buyer=Buyer(country="US")
    )
    thanksgiving = date(2026, 11, 26)
    assert expect(to_america, make_store(TransitTime(least=2, most=2), handling_most=0)) == days(27, 27)
    assert thanksgiving.weekday() == 3


def test_a_shop_that_set_no_days_works_from_monday_to_friday_and_rests_with_its_country() -> None:
    store = make_store(hours=ShopHours())
    assert [works_on(store, date(2026, 11, day)) for day in (20, 21, 22, 23, 24)] == [True, False, False, False, True]
    works = make_store(hours=ShopHours(on_holidays=True))
    assert works_on(works, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("method", "country", "least"),
    [("Yamato", "JP", 1), ("yamato ", "US", 2), ("Sea mail", "JP", 3), ("Sea mail", "US", 4)],
)
def test_the_row_that_names_more_goes_first(method: str, country: str, least: int) -> None:
    rows = (
        TransitTime(least=4, most=9),
        TransitTime(country="JP", least=3, most=9),
        TransitTime(method="Yamato", least=2, most=9),
        TransitTime(method="Yamato", country="jp", least=1, most=9),
    )
    order = make_order(shipping_method=method, buyer=Buyer(country=country))
    found = find_arrival(order, make_store(*rows, handling_most=0), MONDAY)
    assert found is not None
    assert (found.first.date() - date(2026, 11, 16)).days == least


def test_without_a_row_nothing_is_invented() -> None:
    assert expect(make_order(), make_store(TransitTime(method="Pickup", least=0, most=0))) is None
    assert expect(make_order(buyer=Buyer()), make_store(TransitTime(country="JP", least=1, most=1))) is None


def test_what_is_not_paid_or_not_sent_has_no_day() -> None:
    store = make_store()
    assert expect(make_order(payment=Payment.PENDING), store) is None
    assert expect(make_order(payment=Payment.PENDING, cash_on_delivery=True), store) == days(17, 19)
    download = OrderLine(line_id="1", title="Pattern", quantity=1, price=Decimal(1), needs_shipping=False)
    assert expect(make_order(lines=(download,)), store) is None


def test_money_that_came_later_begins_the_count() -> None:
    placed = make_order(payment=Payment.PENDING, offline_payment=True)
    paid, _ = change_order("kinari", placed, OrderChanged(order_id="1", change="paid", at=MONDAY + timedelta(days=2)))
    assert expect(paid, make_store()) == days(19, 24)
    again, _ = compare_order("kinari", placed, make_order(updated_at=MONDAY + timedelta(days=2)))
    assert again.paid_at == paid.paid_at
    later, _ = compare_order("kinari", again, make_order(updated_at=MONDAY + timedelta(days=9)))
    assert later.paid_at == paid.paid_at


def test_once_it_has_left_the_day_of_leaving_counts() -> None:
    sent = make_order(shipments=(make_parcel(at=MONDAY + timedelta(days=3)),))
    assert expect(sent, make_store()) == days(20, 24)


def test_the_day_of_leaving_stays_though_the_parcel_moves() -> None:
    scanned = make_order(shipments=(make_parcel(ShipmentStatus.IN_TRANSIT, MONDAY + timedelta(days=2)),))
    for known in (make_order(), None):  # also where the order was first seen with its parcel
        sent, _ = compare_order("kinari", known, make_order(shipments=(make_parcel(),)))
        moved, _ = compare_order("kinari", sent, scanned)
        assert expect(moved, make_store()) == days(17, 18)


def test_what_should_have_left_and_has_not_has_no_day_any_more() -> None:
    store, order = make_store(), make_order()
    assert find_dispatch_day(order, store) == datetime(2026, 11, 17, tzinfo=UTC)
    assert expect(order, store, MONDAY + timedelta(days=1)) == days(17, 19)
    assert expect(order, store, MONDAY + timedelta(days=2)) is None


def test_the_carriers_day_goes_before_the_stores_and_the_stores_before_the_table() -> None:
    carriers, stores = MONDAY + timedelta(days=8), MONDAY + timedelta(days=5)
    store = make_store()
    both = make_order(eta=stores, shipments=(make_parcel(eta=carriers),))
    assert find_arrival(both, store, MONDAY) == Arrival(carriers, carriers, "carrier")
    assert find_arrival(make_order(eta=stores), store, MONDAY) == Arrival(stores, stores, "shop")


def test_of_several_parcels_the_last_that_is_still_to_come_counts() -> None:
    parcels = (
        make_parcel(ShipmentStatus.DELIVERED, eta=MONDAY + timedelta(days=9)),
        make_parcel(shipment_id="f2", eta=MONDAY + timedelta(days=3)),
        make_parcel(shipment_id="f3", eta=MONDAY + timedelta(days=4)),
    )
    found = find_arrival(make_order(shipments=parcels), make_store(), MONDAY)
    assert found is not None
    assert found.last == MONDAY + timedelta(days=4)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"])
def test_a_change_to_or_from_summer_time_moves_no_day(zone: str) -> None:
    """Ordered at ten in the morning of each week of two years: always seven days after the week before."""
    store = make_store(days=(0, 1, 2, 3, 4, 5, 6), hours=ShopHours(on_holidays=True)).model_copy(
        update={"time_zone": zone, "country": None}
    )
    first = datetime(2026, 1, 7, 10, 0, tzinfo=ZoneInfo(zone))
    ordered = [(first + timedelta(weeks=week)).astimezone(UTC) for week in range(104)]  # on the wall's clock
    found = [find_arrival(make_order(at, buyer=Buyer()), store, at) for at in ordered]
    starts = [arrival.first for arrival in found if arrival]
    assert len(starts) == 104
    assert {later - earlier for earlier, later in pairwise(starts)} == {timedelta(weeks=1)}


def test_a_shop_that_never_opens_promises_nothing() -> None:
    assert expect(make_order(), make_store(days=())) is None


def test_midway_lies_between_the_order_and_its_first_day() -> None:
    middle = read_delivery_field(make_order(eta=MONDAY + timedelta(days=6)), make_store(), "midway", MONDAY)
    assert middle == MONDAY + timedelta(days=3)


@pytest.mark.parametrize("eta", [datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 19, 16, tzinfo=UTC)])
def test_it_is_late_from_the_day_after_the_last_whether_the_carrier_named_an_hour_or_not(eta: datetime) -> None:
    order, store = make_order(shipments=(make_parcel(eta=eta),)), make_store()
    assert read_delivery_field(order, store, "late_from", MONDAY) == datetime(2026, 11, 21, tzinfo=UTC)
    assert read_delivery_field(order, store, "eta_from", MONDAY) == datetime(2026, 11, 20, tzinfo=UTC)


def test_an_order_is_split_where_parcels_are_several_or_something_is_in_none() -> None:
    lines = tuple(OrderLine(line_id=name, title=name, quantity=1, price=Decimal(1)) for name in ("1", "2"))
    store = make_store()
    first = make_order(lines=lines, shipments=(make_parcel(line_ids=("1",)),))
    assert has_more_to_come(first)
    assert read_delivery_field(first, store, "is_split", MONDAY) is True
    whole = make_order(lines=lines, shipments=(make_parcel(line_ids=("1", "2")),))
    assert read_delivery_field(whole, store, "is_split", MONDAY) is False
    assert read_delivery_field(make_order(lines=lines, shipments=(make_parcel(),)), store, "is_split", MONDAY) is False
