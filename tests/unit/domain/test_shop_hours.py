"""When the people of a shop are there, by its own clock; and deadlines that count those hours alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okaeri.domain.shop_hours import (
    WEEK,
    add_shop_time,
    find_answer_time,
    find_closing,
    find_opening,
    is_open,
    is_shop_holiday,
    list_openings,
)
from okaeri.domain.store_fields import STORE_FIELDS, read_store_field
from okaeri.domain.stores import Platform, ShopHours, Store, StoreSettings

HOUR = timedelta(hours=1)
NINE_TO_FIVE = {day: (("09:00", "17:00"),) for day in WEEK[:5]}
LUNCH = {day: (("09:00", "12:30"), ("13:30", "18:00")) for day in WEEK[:5]}
BAR = {day: (("22:00", "02:00"),) for day in WEEK}


def make_shop(
    days: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
    zone: str = "Europe/Berlin",
    *,
    country: str | None = "DE",
    is_peak: bool = False,
    **hours: Any,
) -> Store:
    return Store(
        store_id="s",
        name="Shop",
        platform=Platform.STANDARD,
        domain="shop.example",
        site_url="https://shop.example",
        country=country,
        time_zone=zone,
        settings=StoreSettings(shop_hours=ShopHours(days=dict(days or {}), **hours), is_peak=is_peak),
    )


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


# -- open or not -------------------------------------------------------------------------------------------------------


def test_a_shop_that_set_no_hours_is_always_there() -> None:
    shop = make_shop()
    for moment in (at("2026-12-25T03:00"), at("2026-06-01T12:00")):
        assert is_open(shop, moment)
        assert (find_opening(shop, moment), find_closing(shop, moment)) == (None, None)
        assert add_shop_time(shop, moment, 4 * HOUR) == moment + 4 * HOUR


@pytest.mark.parametrize(
    ("moment", "opens", "closes"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00", None),  # a Monday
        ("2026-11-23T09:00", None, "2026-11-23T12:30"),
        ("2026-11-23T12:29", None, "2026-11-23T12:30"),
        ("2026-11-23T12:30", "2026-11-23T13:30", None),
        ("2026-11-23T18:00", "2026-11-24T09:00", None),
        ("2026-11-27T18:00", "2026-11-30T09:00", None),  # over the weekend
        ("2026-12-24T20:00", "2026-12-28T09:00", None),  # over Christmas, which is a Friday and a Saturday
        ("2026-12-31T18:00", "2027-01-04T09:00", None),
    ],
)
def test_hours_with_a_break_at_noon_weekends_and_holidays(moment: str, opens: str | None, closes: str | None) -> None:
    shop = make_shop(LUNCH)
    assert is_open(shop, at(moment)) is (opens is None)
    assert find_opening(shop, at(moment)) == (at(opens) if opens else None)
    assert find_closing(shop, at(moment)) == (at(closes) if closes else None)


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    shop = make_shop({"fri": (("22:00", "02:00"),)}, on_holidays=True)
    assert find_opening(shop, at("2026-11-27T21:00")) == at("2026-11-27T22:00")
    assert find_closing(shop, at("2026-11-28T01:59")) == at("2026-11-28T02:00")
    assert find_opening(shop, at("2026-11-28T02:00")) == at("2026-12-04T22:00")


def test_a_night_that_begins_before_a_holiday_is_worked_to_its_end() -> None:
    shop = make_shop(BAR)
    assert is_open(shop, at("2026-12-25T01:00"))
    assert find_opening(shop, at("2026-12-25T02:00")) == at("2026-12-27T22:00")


def test_a_whole_day_runs_into_the_next_without_a_gap() -> None:
    shop = make_shop({"mon": (("00:00", "24:00"),), "tue": (("00:00", "00:00"),)}, on_holidays=True)
    assert find_closing(shop, at("2026-11-23T05:00")) == at("2026-11-25T00:00")
    assert not is_open(shop, at("2026-11-25T00:00"))


def test_a_closed_date_is_closed_and_a_date_with_hours_of_its_own_comes_before_all_others() -> None:
    shop = make_shop(
        NINE_TO_FIVE,
        closed=("2026-12-24", "2026-12-26"),
        open={"2026-12-25": (("10:00", "12:00"),), "2026-12-26": (("11:00", "12:00"),)},
    )
    assert find_opening(shop, at("2026-12-23T17:00")) == at("2026-12-25T10:00")
    assert find_opening(shop, at("2026-12-25T12:00")) == at("2026-12-26T11:00")


def test_a_shop_that_is_always_there_may_close_for_a_day() -> None:
    shop = make_shop(closed=("2027-01-01",))
    assert is_open(shop, at("2026-12-25T03:00"))
    assert find_closing(shop, at("2026-12-25T03:00")) == at("2027-01-01T00:00")
    assert find_opening(shop, at("2027-01-01T12:00")) == at("2027-01-02T00:00")
    assert find_closing(shop, at("2027-01-02T12:00")) is None


def test_a_shop_may_work_on_holidays() -> None:
    assert not is_open(make_shop(NINE_TO_FIVE), at("2026-12-25T10:00"))
    assert is_open(make_shop(NINE_TO_FIVE, on_holidays=True), at("2026-12-25T10:00"))
    assert is_open(make_shop(NINE_TO_FIVE, country=None), at("2026-12-25T10:00"))


def test_today_is_a_holiday_by_the_shop_s_own_date() -> None:
    shop = make_shop(zone="Asia/Tokyo", country="JP")
    assert is_shop_holiday(shop, datetime(2025, 12, 31, 15, 0, tzinfo=UTC) + timedelta(days=365))
    assert not is_shop_holiday(shop, datetime(2027, 1, 1, 15, 0, tzinfo=UTC))


def test_a_shop_that_never_opens_is_not_waited_for() -> None:
    shop = make_shop({"mon": ()})
    now = at("2026-11-23T10:00")
    assert not is_open(shop, now)
    assert find_opening(shop, now) is None
    assert add_shop_time(shop, now, HOUR) == now + HOUR


def test_a_few_minutes_a_week_add_up_over_the_years_and_nothing_is_waited_for_in_eternity() -> None:
    shop = make_shop({"mon": (("10:00", "10:15"),)}, on_holidays=True)
    start = at("2026-01-05T10:00")
    assert add_shop_time(shop, start, 26 * HOUR) == at("2027-12-27T10:15")
    late = add_shop_time(shop, start, timedelta(days=3653))
    assert start + timedelta(days=3653) < late < start + timedelta(days=12_000)


# -- the shop's clock changes ------------------------------------------------------------------------------------------


def test_an_hour_that_summer_time_skips_is_nobody_s_hour() -> None:
    shop = make_shop({"sun": (("01:00", "04:00"),)})
    assert add_shop_time(shop, at("2026-03-29T01:00"), 2 * HOUR) == at("2026-03-29T04:00")
    only = make_shop({"sun": (("02:10", "02:50"),)}, on_holidays=True)
    assert find_opening(only, at("2026-03-28T12:00")) == at("2026-04-05T02:10")


def test_an_hour_that_winter_time_doubles_is_worked_twice() -> None:
    shop = make_shop({"sun": (("01:00", "04:00"),)}, on_holidays=True)
    assert add_shop_time(shop, at("2026-10-25T01:00"), 4 * HOUR) == at("2026-10-25T04:00")


def test_opening_time_stays_on_the_wall_clock_over_a_change() -> None:
    shop = make_shop(NINE_TO_FIVE, "America/New_York", country="US")
    friday = at("2026-10-30T17:00", "America/New_York")
    assert find_opening(shop, friday) == at("2026-11-02T09:00", "America/New_York") == friday + timedelta(hours=65)


# -- deadlines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T09:00", 4, "2026-11-23T14:00"),  # the break does not count
        ("2026-11-23T09:00", 3.5, "2026-11-23T12:30"),  # at the very end of hours
        ("2026-11-23T12:30", 0.5, "2026-11-23T14:00"),
        ("2026-11-23T17:00", 4, "2026-11-24T12:00"),
        ("2026-11-27T17:00", 4, "2026-11-30T12:00"),
        ("2026-11-28T11:00", 4, "2026-11-30T14:00"),
        ("2026-12-24T17:00", 4, "2026-12-28T12:00"),
        ("2026-11-28T11:00", 0, "2026-11-28T11:00"),
        ("2026-11-23T09:00", 40, "2026-11-27T18:00"),
    ],
)
def test_a_deadline_counts_the_shop_s_hours_alone(start: str, hours: float, end: str) -> None:
    assert add_shop_time(make_shop(LUNCH), at(start), timedelta(hours=hours)) == at(end)


def test_what_is_promised_is_longer_at_a_peak() -> None:
    hours: dict[str, Any] = {"answer_within": 2 * HOUR, "peak_answer_within": 8 * HOUR}
    now = at("2026-11-27T16:00")
    assert find_answer_time(make_shop(NINE_TO_FIVE, **hours), now) == at("2026-11-30T10:00")
    assert find_answer_time(make_shop(NINE_TO_FIVE, is_peak=True, **hours), now) == at("2026-11-30T16:00")
    assert find_answer_time(make_shop(NINE_TO_FIVE, is_peak=True, answer_within=2 * HOUR), now) == at(
        "2026-11-30T10:00"
    )


# -- whatever the hours ------------------------------------------------------------------------------------------------

_TIMES = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
_SPANS = st.lists(st.tuples(_TIMES, _TIMES), max_size=3).map(tuple)
_WEEKS = st.dictionaries(st.sampled_from(WEEK), _SPANS, max_size=7)
# Changes of summer time at 02:00, at midnight, by half an hour, in the south, and none.
_ZONES = st.sampled_from(
    ("Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata")
)
_DATES = ("2026-03-28", "2026-03-29", "2026-10-25", "2026-12-25")
_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
_LENGTHS = st.timedeltas(timedelta(0), timedelta(days=3))  # of a quarter of an hour a week: five years


@st.composite
def draw_shops(draw: st.DrawFn) -> Store:
    zone = draw(_ZONES)
    return make_shop(
        draw(_WEEKS),
        zone,
        country=draw(st.sampled_from(("DE", "US", "CL", "AU", "EG", "IN", None))),
        on_holidays=draw(st.booleans()),
        closed=tuple(draw(st.sets(st.sampled_from(_DATES)))),
        open=draw(st.dictionaries(st.sampled_from(_DATES), _SPANS, max_size=2)),
    )


@settings(max_examples=50)  # a shop takes long to draw
@given(draw_shops(), _MOMENTS, _MOMENTS, _LENGTHS)
def test_who_comes_later_is_never_promised_an_earlier_answer(
    shop: Store, one: datetime, other: datetime, span: timedelta
) -> None:
    earlier, later = sorted((one, other))
    assert add_shop_time(shop, earlier, span) <= add_shop_time(shop, later, span)


@settings(max_examples=50)  # a shop takes long to draw
@given(draw_shops(), _MOMENTS, _LENGTHS, _LENGTHS)
def test_two_spans_after_each_other_are_their_sum(
    shop: Store, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert add_shop_time(shop, add_shop_time(shop, start, first), second) == add_shop_time(shop, start, first + second)


@settings(max_examples=50)  # a shop takes long to draw
@given(draw_shops(), _MOMENTS, _LENGTHS.filter(bool))
def test_a_deadline_lies_inside_of_hours_or_at_their_end(shop: Store, start: datetime, span: timedelta) -> None:
    end = add_shop_time(shop, start, span)
    openings = list(list_openings(shop, start))
    assert end >= start + span
    if shop.settings.shop_hours.days and openings and end <= openings[-1].closes:
        assert any(opening.opens < end <= opening.closes for opening in openings)
        counted = sum(
            (
                min(opening.closes, end) - max(opening.opens, start)
                for opening in openings
                if opening.opens < end and opening.closes > start
            ),
            timedelta(0),
        )
        assert counted == span


@settings(max_examples=50)  # a shop takes long to draw
@given(draw_shops(), _MOMENTS)
def test_a_shop_is_open_or_says_when_it_opens(shop: Store, now: datetime) -> None:
    opening, closing = find_opening(shop, now), find_closing(shop, now)
    if is_open(shop, now):
        assert opening is None
        assert closing is None or (closing > now and not is_open(shop, closing))
    else:
        assert closing is None
        assert opening is None or (opening > now and is_open(shop, opening))


@settings(max_examples=50)  # a shop takes long to draw
@given(draw_shops(), _MOMENTS)
def test_openings_stand_apart_and_in_order(shop: Store, now: datetime) -> None:
    openings = list(list_openings(shop, now))
    assert all(opening.opens < opening.closes and opening.closes > now for opening in openings)
    assert all(before.closes < after.opens for before, after in pairwise(openings))


# -- what journeys may ask ---------------------------------------------------------------------------------------------


def test_a_condition_may_ask_for_the_hours_and_for_what_the_shop_chose() -> None:
    shop, now = make_shop(NINE_TO_FIVE, is_peak=True), at("2026-11-28T10:00")
    read = {name: read_store_field(shop, name, now) for name in (*STORE_FIELDS, "is_peak", "country", "nothing")}
    assert read == {
        "is_open": False,
        "opens_at": at("2026-11-30T09:00"),
        "closes_at": None,
        "answers_by": at("2026-11-30T13:00"),
        "is_holiday": False,
        "is_invoicing": False,
        "has_community": False,
        "is_peak": True,
        "country": "DE",
        "nothing": None,
    }
