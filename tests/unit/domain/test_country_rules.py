"""The rules of countries, and the map of time zones: complete, plausible, and what their sources give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.core import get_global

from country_tables import CONSENT_PAGE, YEARS, list_holidays, put_table
from okaeri.domain import country_rules, time_zones
from okaeri.domain.country_rules import find_rule, is_holiday, list_rules
from okaeri.domain.time_zones import find_place_zone
from okaeri.domain.values import Channel, Purpose


def test_a_country_without_a_rule_is_held_to_the_careful_one() -> None:
    for country in (None, "", "ZZ"):
        hours = find_rule(country).find_hours(Purpose.MARKETING, Channel.WHATSAPP)
        assert hours is not None
        assert all(day is not None and (day[0].hour, day[1].hour) == (8, 21) for day in hours.days)
        assert find_rule(country).find_hours(Purpose.MARKETING, Channel.EMAIL) is None


def test_order_messages_know_no_hours() -> None:
    for rule in list_rules():
        assert all(rule.find_hours(Purpose.ORDER, channel) is None for channel in Channel)


def test_a_sign_up_is_confirmed_where_the_country_asks_for_it_and_for_marketing_by_mail_alone() -> None:
    assert find_rule("de").needs_confirmation("marketing", "email")
    assert not find_rule("DE").needs_confirmation("order", "email")
    assert not find_rule("DE").needs_confirmation("marketing", "whatsapp")
    assert not find_rule("JP").needs_confirmation("marketing", "email")


def test_every_rule_says_where_it_comes_from_and_opens_at_least_once_a_week() -> None:
    for rule in list_rules():
        for hours in rule.hours.values():
            assert hours.source or hours.note, rule.country
            spans = [day for day in hours.days if day]
            assert spans and all(opens < closes for opens, closes in spans), rule.country
        assert all(one.source or one.note for one in rule.confirmed.values()), rule.country
        assert not rule.consent_lasts or rule.lasts_because.source, rule.country


def test_the_holidays_are_those_of_the_library() -> None:
    assert country_rules._load_holidays() == list_holidays(), (
        "run: PYTHONPATH=functions:infra .venv/bin/python -m country_tables holidays"
        " > functions/okaeri/catalogue/holidays.json"
    )


@pytest.mark.parametrize(
    ("country", "day", "rests"),
    [
        ("FR", "2026-07-14", True),
        ("FR", "2027-03-29", True),
        ("FR", "2026-07-15", False),
        ("fr", "2026-07-14", True),
        ("JP", "2026-01-01", True),
        ("JP", "2026-09-22", True),  # between two holidays
        ("IN", "2026-01-26", True),
        ("AE", "2026-12-02", True),
        ("US", "2026-11-26", True),
        ("US", "2026-11-27", False),
        ("DE", "2040-12-25", True),
        ("ZZ", "2026-01-01", False),
        (None, "2026-01-01", False),
    ],
)
def test_holidays_are_known_wherever_a_shop_may_be(country: str | None, day: str, rests: bool) -> None:
    assert is_holiday(country, date.fromisoformat(day)) is rests


@pytest.mark.parametrize(
    "country", ["US", "JP", "DE", "AT", "CH", "ES", "MX", "BR", "PT", "IN", "MY", "AE", "SA", "EG"]
)
def test_where_our_languages_are_spoken_there_are_holidays_in_each_year(country: str) -> None:
    for year in YEARS:
        days = [date(year, 1, 1) + timedelta(days=ahead) for ahead in range(365)]
        assert 3 <= sum(is_holiday(country, day) for day in days) <= 30


def test_the_table_in_the_docs_is_that_of_the_rules() -> None:
    page = CONSENT_PAGE.read_text("utf-8")
    assert page == put_table(page), "run: PYTHONPATH=functions:infra .venv/bin/python -m country_tables docs"


# -- the map of time zones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "region", "postcode", "zone"),
    [
        ("JP", None, None, "Asia/Tokyo"),
        ("US", "CA", None, "America/Los_Angeles"),
        ("us", "US-CA", "90210-1234", "America/Los_Angeles"),
        ("US", "New York", None, "America/New_York"),
        ("US", "TX", "79901", "America/Denver"),
        ("US", "TN", "37902", "America/New_York"),
        ("US", "TN", "37201", "America/Chicago"),
        ("US", "AZ", None, "America/Phoenix"),
        ("US", None, None, None),
        ("US", "AE", "09012", None),
        ("CA", "SK", None, "America/Regina"),
        ("CA", "BC", "V1C 2A1", "America/Edmonton"),
        ("AU", "NSW", "2880", "Australia/Broken_Hill"),
        ("AU", "Queensland", None, "Australia/Brisbane"),
        ("BR", "AM", None, "America/Manaus"),
        ("BR", "São Paulo", None, "America/Sao_Paulo"),
        ("MX", "Q ROO", None, "America/Cancun"),
        ("MX", "Jalisco", None, "America/Mexico_City"),
        ("ID", "Bali", None, "Asia/Makassar"),
        ("ID", None, "99111", "Asia/Jayapura"),
        ("RU", "Москва", "690091", "Asia/Vladivostok"),
        ("RU", "Москва", "101000", "Europe/Moscow"),
        ("ES", None, "35001", "Atlantic/Canary"),
        ("ES", "Madrid", "28001", "Europe/Madrid"),
        ("PT", None, "9500-321", "Atlantic/Azores"),
        ("ZZ", "CA", None, None),
    ],
)
def test_an_address_tells_the_zone(country: str, region: str | None, postcode: str | None, zone: str | None) -> None:
    assert find_place_zone(country, region, postcode) == zone


def test_a_bare_country_is_guessed_where_most_of_its_people_live_and_only_when_asked() -> None:
    assert find_place_zone("BR") is None
    assert find_place_zone("BR", guess=True) == "America/Sao_Paulo"


def test_every_zone_of_the_map_exists_and_lies_in_its_country() -> None:
    territories = get_global("zone_territories")
    for country, place in time_zones._load_places().items():
        named = {"guess": place} if isinstance(place, str) else place
        zones = {named["guess"], named.get("rest"), *named.get("regions", ()), *named.get("postcodes", ())} - {None}
        for zone in zones:
            ZoneInfo(zone)  # raises where there is no such zone
            # Kosovo keeps Belgrade's time; the islands that are written as states of the US are countries here.
            allowed = {"XK": ("RS",), "US": ("US", "PR", "VI", "GU", "AS")}.get(country, (country,))
            assert territories[zone] in allowed, (country, zone)


def test_a_country_with_one_zone_on_the_map_has_one_clock() -> None:
    """Where the tz database knows several zones, they have shown the same time in all of the years to come."""
    zones: dict[str, list[str]] = {}
    for zone, territory in get_global("zone_territories").items():
        zones.setdefault(territory, []).append(zone)
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=9 * step) for step in range(80)]
    for country, place in time_zones._load_places().items():
        if isinstance(place, str):
            # China's Urumqi is an unofficial clock beside Beijing's.
            others = [name for name in zones.get(country, ()) if name not in ("Asia/Urumqi", "Europe/Simferopol")]
            for other in others:
                assert [at.astimezone(ZoneInfo(other)).utcoffset() for at in hours] == [
                    at.astimezone(ZoneInfo(place)).utcoffset() for at in hours
                ], (country, other)
    assert {name for name in zones if len(name) == 2 and name.isalpha()} - set(time_zones._load_places()) <= {
        "ZZ",
        "AQ",
        "UM",
    }
