"""The customer's own clock: where they are, when marketing may speak there, which hour suits them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from okaeri.domain.customers import Customer
from okaeri.domain.local_time import find_best_hour, find_country, find_window, find_zone
from okaeri.domain.orders import Buyer
from okaeri.domain.profile import take_buyer
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.domain.values import Channel, Purpose

BORN = datetime(2026, 1, 5, tzinfo=UTC)


def make_customer(**fields: Any) -> Customer:
    return Customer(**{"store_id": "tokyo", "customer_id": "c", "created_at": BORN} | fields)


def make_shop(hours: tuple[str, str] = ("09:00", "20:00"), days: tuple[int, ...] = tuple(range(7))) -> Store:
    """A shop in Tokyo."""
    return Store(
        store_id="tokyo",
        name="Tokyo",
        platform=Platform.STANDARD,
        domain="tokyo.example",
        site_url="https://tokyo.example",
        country="JP",
        time_zone="Asia/Tokyo",
        settings=StoreSettings(marketing_hours=hours, marketing_days=days),
    )


def find_marketing(
    moment: datetime, customer: Customer, store: Store | None = None, channel: Channel = Channel.WHATSAPP
) -> datetime | None:
    return find_window(
        moment, purpose=Purpose.MARKETING, channel=channel, customer=customer, store=store or make_shop()
    )


def in_zone(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


# -- where they are ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "zone"),
    [
        ({}, "Asia/Tokyo"),
        ({"time_zone": "America/Denver", "country": "US", "phones": ("+12125550142",)}, "America/Denver"),
        ({"country": "DE"}, "Europe/Berlin"),
        ({"country": "US", "phones": ("+12125550142",)}, "America/New_York"),
        ({"country": "US"}, "America/Chicago"),
        ({"country": "US", "phones": ("+919812345678",)}, "America/Chicago"),
        ({"phones": ("+919812345678",)}, "Asia/Kolkata"),
        ({"phones": ("+61412345678",)}, "Australia/Sydney"),
        ({"phones": ("+5592991234567",)}, "America/Manaus"),
        ({"phones": ("+80012345678",)}, "Asia/Tokyo"),
        ({"phones": ("not a number",)}, "Asia/Tokyo"),
        ({"time_zone": "Atlantis/Capital", "country": "IN"}, "Asia/Kolkata"),
        ({"country": "ZZ"}, "Asia/Tokyo"),
    ],
)
def test_the_zone_is_that_of_address_then_phone_then_country_then_shop(customer: dict[str, Any], zone: str) -> None:
    assert find_zone(make_customer(**customer), make_shop()).key == zone


def test_at_home_a_country_of_several_zones_is_taken_to_be_where_the_shop_is() -> None:
    shop = make_shop().model_copy(update={"country": "US", "time_zone": "America/Los_Angeles"})
    assert find_zone(make_customer(country="US"), shop).key == "America/Los_Angeles"


def test_whoever_moves_abroad_takes_nothing_of_the_old_clock_along() -> None:
    customer = take_buyer(make_customer(), Buyer(country="US", time_zone="America/New_York"))
    assert find_zone(customer, make_shop()).key == "America/New_York"
    assert find_zone(take_buyer(customer, Buyer(email="a@b.test")), make_shop()).key == "America/New_York"
    moved = take_buyer(customer, Buyer(country="BR"))
    assert (find_zone(moved, make_shop()).key, find_country(moved, make_shop())) == ("America/Sao_Paulo", "BR")


# -- when marketing may speak ------------------------------------------------------------------------------------------


def test_an_order_message_never_waits() -> None:
    night = in_zone("Asia/Tokyo", "2026-11-02T03:00")
    for channel in Channel:
        assert (
            find_window(night, purpose=Purpose.ORDER, channel=channel, customer=make_customer(), store=make_shop())
            is None
        )


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-02T09:00", None),
        ("2026-11-02T19:59", None),
        ("2026-11-02T20:00", "2026-11-03T09:00"),
        ("2026-11-02T08:59", "2026-11-02T09:00"),
    ],
)
def test_the_shops_hours_are_kept_by_the_customers_clock(moment: str, opens: str | None) -> None:
    customer = make_customer(country="SG")
    opening = find_marketing(in_zone("Asia/Singapore", moment), customer)
    assert opening == (in_zone("Asia/Singapore", opens) if opens else None)


def test_a_day_that_the_shop_keeps_free_is_passed_over() -> None:
    saturday = in_zone("Asia/Tokyo", "2026-11-07T12:00")
    opening = find_marketing(saturday, make_customer(), make_shop(days=(0, 1, 2, 3, 4)))
    assert opening == in_zone("Asia/Tokyo", "2026-11-09T09:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-06T23:30", None),
        ("2026-11-07T01:00", None),  # Friday's hours, after midnight
        ("2026-11-07T02:00", "2026-11-09T18:00"),
        ("2026-11-09T01:00", "2026-11-09T18:00"),  # Sunday has no hours that could last into Monday
    ],
)
def test_hours_that_pass_midnight_belong_to_the_day_on_which_they_begin(moment: str, opens: str | None) -> None:
    shop = make_shop(hours=("18:00", "02:00"), days=(0, 1, 2, 3, 4))
    opening = find_marketing(in_zone("Asia/Tokyo", moment), make_customer(), shop, Channel.EMAIL)
    assert opening == (in_zone("Asia/Tokyo", opens) if opens else None)


def test_the_country_closes_a_shop_that_speaks_at_night_on_whatsapp_and_not_by_mail() -> None:
    shop, night = make_shop(hours=("18:00", "02:00")), in_zone("Asia/Tokyo", "2026-11-06T23:30")
    assert find_marketing(night, make_customer(), shop) == in_zone("Asia/Tokyo", "2026-11-07T18:00")
    assert find_marketing(night, make_customer(), shop, Channel.EMAIL) is None


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-07-13T19:00", None),
        ("2026-07-13T20:30", "2026-07-15T09:00"),  # over Bastille Day
        ("2026-11-01T12:00", "2026-11-02T09:00"),  # a Sunday and All Saints' Day
        ("2027-03-27T20:00", "2027-03-30T09:00"),  # over Easter, and the change to summer time
    ],
)
def test_a_country_rests_on_its_holidays(moment: str, opens: str | None) -> None:
    opening = find_marketing(in_zone("Europe/Paris", moment), make_customer(country="FR"))
    assert opening == (in_zone("Europe/Paris", opens) if opens else None)


def test_a_shop_and_a_country_that_share_no_hour_leave_it_to_the_country() -> None:
    shop = make_shop(hours=("22:00", "23:00"))
    customer = make_customer(country="IN")
    assert find_marketing(in_zone("Asia/Kolkata", "2026-11-02T08:00"), customer, shop) == in_zone(
        "Asia/Kolkata", "2026-11-02T10:00"
    )
    assert find_marketing(in_zone("Asia/Kolkata", "2026-11-02T11:00"), customer, shop) is None


def test_hours_that_open_in_a_skipped_hour_open_when_it_is_over() -> None:
    shop = make_shop(hours=("02:30", "05:00"))
    berlin = make_customer(country="DE")
    opening = find_marketing(in_zone("Europe/Berlin", "2026-03-29T01:00"), berlin, shop, Channel.EMAIL)
    assert opening == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00, the first minute after the gap


def test_hours_that_lie_in_a_skipped_hour_alone_wait_a_day() -> None:
    shop = make_shop(hours=("02:10", "02:50"))
    berlin = make_customer(country="DE")
    opening = find_marketing(in_zone("Europe/Berlin", "2026-03-29T01:00"), berlin, shop, Channel.EMAIL)
    assert opening == in_zone("Europe/Berlin", "2026-03-30T02:10")


def test_of_a_doubled_hour_the_first_closes() -> None:
    shop = make_shop(hours=("01:00", "02:30"))
    berlin = make_customer(country="DE")
    first, second = (in_zone("Europe/Berlin", "2026-10-25T02:15", fold) for fold in (0, 1))
    assert find_marketing(first, berlin, shop, Channel.EMAIL) is None
    assert find_marketing(second, berlin, shop, Channel.EMAIL) == in_zone("Europe/Berlin", "2026-10-26T01:00")


def test_a_window_that_opens_is_open() -> None:
    """Whatever the moment, the zone and the hours: at the opening nothing more is waited for."""
    for country in ("FR", "US", "IN", "CO", "ZA", "NP", "AU", None):
        for hours in (("09:00", "20:00"), ("21:00", "03:00"), ("00:00", "00:00"), ("02:30", "02:45")):
            customer, shop = make_customer(country=country), make_shop(hours=hours)
            for step in range(60):
                moment = datetime(2026, 3, 1, tzinfo=UTC) + step * timedelta(hours=13, minutes=7)
                opening = find_marketing(moment, customer, shop)
                if opening is None:
                    continue
                assert opening > moment and find_marketing(opening, customer, shop) is None
                just_before = opening - timedelta(minutes=1)
                assert just_before < moment or find_marketing(just_before, customer, shop) == opening


# -- the hour that suits them ------------------------------------------------------------------------------------------


def test_two_hours_are_no_habit() -> None:
    assert find_best_hour(make_customer(active_hours=(9, 9)), ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    ("active", "zone", "best"),
    [
        ((12, 12, 3), "UTC", 12),
        ((22, 23, 0, 1, 10), "UTC", 0),  # the day is round
        ((11, 11, 12), "Asia/Tokyo", 20),
        ((4, 4, 4), "Asia/Kolkata", 10),
        ((1, 1, 1), "America/New_York", 20),
        ((8, 8, 20, 20), "UTC", 20),  # what they did lately counts where both say the same
    ],
)
def test_the_best_hour_is_where_their_own_hours_gather(active: tuple[int, ...], zone: str, best: int) -> None:
    assert find_best_hour(make_customer(active_hours=active), ZoneInfo(zone)) == best
