"""`okaeri stores hours`: by day, by date, and how soon the shop answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from command_line import hour_commands, hours, records
from command_line.commands import app
from command_line.failures import CommandFailure
from command_line.hours import HourChanges, apply_changes, change_hours, list_further_dates, list_week
from command_line.stack import Stack
from okaeri.domain.shop_hours import is_open
from okaeri.domain.stores import Platform, ShopHours, Store

NOW = datetime(2026, 12, 21, 3, 0, tzinfo=UTC)  # a Monday noon in Tokyo
TOKYO = Store(
    store_id="aya",
    name="Aya Ceramics",
    platform=Platform.STANDARD,
    domain="aya.example",
    site_url="https://aya.example",
    country="JP",
    time_zone="Asia/Tokyo",
)
NINE_TO_SIX = (("09:00", "18:00"),)


def set_hours(*pairs: str, store: Store = TOKYO, **changes: Any) -> Store:
    return apply_changes(store, HourChanges(pairs=pairs, **changes), NOW)


def read_hours(*pairs: str, store: Store = TOKYO) -> ShopHours:
    return set_hours(*pairs, store=store).settings.shop_hours


def test_hours_are_set_by_day_and_the_days_that_are_not_named_are_closed() -> None:
    chosen = read_hours("mon-fri=09:00-12:30,13:30-18:00", "sat=10:00–14:00", "wed=closed")
    assert list(chosen.days) == ["mon", "tue", "thu", "fri", "sat"]
    assert chosen.days["mon"] == (("09:00", "12:30"), ("13:30", "18:00"))
    assert chosen.days["sat"] == (("10:00", "14:00"),)


def test_a_later_change_leaves_the_other_days_and_dates_as_they_are() -> None:
    first = set_hours("mon-fri=09:00-18:00", "2026-12-29..2027-01-02=closed")
    second = read_hours("sat=22:00-02:00", "2027-01-01=11:00-15:00", "2027-01-02=usual", store=first)
    assert list(second.days) == ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert second.closed == ("2026-12-29", "2026-12-30", "2026-12-31")
    assert second.open == {"2027-01-01": (("11:00", "15:00"),)}


def test_dates_that_are_over_are_dropped_but_for_yesterday_s_night() -> None:
    old = ShopHours(days={"mon": NINE_TO_SIX}, closed=("2026-01-01",), open={"2026-12-20": (("22:00", "02:00"),)})
    before = TOKYO.model_copy(update={"settings": TOKYO.settings.model_copy(update={"shop_hours": old})})
    after = read_hours("2026-12-25=closed", store=before)
    assert after.closed == ("2026-12-25",)
    assert list(after.open) == ["2026-12-20"]


def test_a_shop_that_is_always_there_may_close_for_a_date_alone() -> None:
    store = set_hours("2027-01-01=closed")
    assert is_open(store, NOW)
    assert not is_open(store, datetime(2026, 12, 31, 15, 0, tzinfo=UTC))


def test_what_is_promised_and_the_peak_are_set_beside_the_hours() -> None:
    store = set_hours(answer_within="PT2H", peak_answer_within="PT8H", is_peak=True, on_holidays=True)
    chosen = store.settings.shop_hours
    assert (chosen.answer_within, chosen.peak_answer_within) == (timedelta(hours=2), timedelta(hours=8))
    assert (store.settings.is_peak, chosen.on_holidays) == (True, True)
    assert set_hours(store=store, peak_answer_within="").settings.shop_hours.peak_answer_within is None
    assert set_hours(store=set_hours("mon=09:00-18:00"), always=True).settings.shop_hours.days == {}


@pytest.mark.parametrize(
    ("pairs", "says", "fix"),
    [
        (["monday"], "neither a day nor a date", "mon-fri=09:00-12:30,13:30-18:00"),
        (["moon=09:00-18:00"], "'moon' is no day", "mon-fri"),
        (["mon=9-18"], "'9-18' are no hours", "09:00-18:00"),
        (["mon=09:00-09:00"], "are no hours", "00:00-24:00"),
        (["mon=24:00-02:00"], "are no hours", "22:00-02:00"),
        (["mon=09:00-13:00,12:00-18:00"], "overlap", "as one"),
        (["mon=22:00-02:00,23:00-23:30"], "overlap", "as one"),
        (["mon=usual"], "'usual' are no hours", "closed"),
        (["sun=closed"], "no day is left", "--always"),
        (["2026-13-24=closed"], "is no date", "2026-12-24"),
        (["2026-12-24..2026-12-20=closed"], "no stretch", "first"),
        (["2026-12-01=closed"], "is over", "to come"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_to_write_it(pairs: list[str], says: str, fix: str) -> None:
    with pytest.raises(CommandFailure, match=says) as caught:
        set_hours(*pairs)
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"answer_within": "4h"}, "no length of time"),
        ({"answer_within": "PT0S"}, "no time for an answer"),
        ({"answer_within": "P60D"}, "no time for an answer"),
        ({"answer_within": "PT4H", "peak_answer_within": "PT2H"}, "would come sooner"),
    ],
)
def test_a_promise_that_cannot_be_meant_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandFailure, match=says):
        set_hours(**changes)


def test_holidays_of_a_region_become_closed_dates_of_this_year_and_the_next() -> None:
    london = TOKYO.model_copy(update={"country": "GB", "time_zone": "Europe/London"})
    chosen = set_hours("mon-fri=09:00-18:00", "2027-08-30=10:00-12:00", store=london, region="eng").settings.shop_hours
    assert "2027-03-29" in chosen.closed  # Easter Monday is none in Scotland
    assert "2027-08-30" not in chosen.closed and "2027-12-25" not in chosen.closed
    assert {day[:4] for day in chosen.closed} <= {"2026", "2027"} and min(chosen.closed) > "2026-12-20"


@pytest.mark.parametrize(("country", "says"), [("GB", "is not known here"), ("JP", "no regions"), (None, "no regions")])
def test_a_region_that_nobody_knows_is_refused(country: str | None, says: str) -> None:
    with pytest.raises(CommandFailure, match=says):
        set_hours(store=TOKYO.model_copy(update={"country": country}), region="QQ")


def test_the_last_day_cannot_be_taken_away() -> None:
    with pytest.raises(CommandFailure, match="no day is left"):
        set_hours("mon=closed", store=set_hours("mon=09:00-18:00"))


def test_the_week_names_holidays_and_dates_that_differ() -> None:
    new_year = datetime(2026, 12, 30, 3, 0, tzinfo=UTC)
    store = set_hours("mon-fri=09:00-18:00", "sat=22:00-02:00", "2026-12-31=10:00-15:00", "2027-01-04=closed")
    assert [(f"{day:%m-%d}", said, note) for day, said, note in list_week(store, new_year)] == [
        ("12-30", "09:00–18:00", ""),
        ("12-31", "10:00–15:00", "hours of its own"),
        ("01-01", "closed", "New Year's Day"),
        ("01-02", "22:00–02:00", ""),
        ("01-03", "closed", ""),
        ("01-04", "closed", "closed that day"),
        ("01-05", "09:00–18:00", ""),
    ]
    assert list_further_dates(store, NOW) == [("2026-12-31", "10:00–15:00"), ("2027-01-04", "closed")]


def test_the_hours_are_kept_for_the_functions_to_read(stack: Stack) -> None:
    records.create_store(stack, TOKYO)
    change_hours(stack, "aya", HourChanges(pairs=("mon-fri=09:00-18:00",), is_peak=True), NOW)
    kept = records.read_store(stack, "aya").settings
    assert (kept.shop_hours.days["fri"], kept.is_peak) == (NINE_TO_SIX, True)


def test_the_command_shows_the_week_and_what_is_promised(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hour_commands, "open_stack", lambda name: stack)
    monkeypatch.setattr(hours, "read_clock", lambda: NOW)
    records.create_store(stack, TOKYO)
    shown = CliRunner().invoke(app, ["stores", "hours", "aya"])
    assert "Aya Ceramics is always there, by the clock of Asia/Tokyo." in shown.output
    changed = CliRunner().invoke(app, ["stores", "hours", "aya", "mon-fri=09:00-13:00", "--answer-within", "PT90M"])
    assert changed.exit_code == 0
    assert "is there until Mon 13:00" in changed.output
    assert "within 1 hour 30 minutes of shop time: who writes now is promised Tue 2026-12-22 09:30." in changed.output
