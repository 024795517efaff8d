"""Days that come again each year."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from okaeri.domain.yearly import find_next_day

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # 18:00 in Tokyo


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        ("1990-12-24", "2026-12-24"),
        ("--12-24", "2026-12-24"),
        ("1990-05-21", "2027-05-21"),
        ("1990-11-22", "2027-11-22"),  # today: it is too late for this year's
        ("1996-02-29", "2027-02-28"),
    ],
)
def test_a_birthday_comes_at_the_first_hour_of_the_customers_own_day(day: str, next_day: str) -> None:
    found = find_next_day(day, NOW, TOKYO)
    assert found is not None
    assert found.astimezone(TOKYO).isoformat() == f"{next_day}T00:00:00+09:00"


@pytest.mark.parametrize("day", [None, "", "soon", "1990-13-01", "--02-30", "1990-5-2"])
def test_what_is_no_day_never_comes(day: str | None) -> None:
    assert find_next_day(day, NOW, TOKYO) is None


def test_the_leap_day_is_kept_in_leap_years() -> None:
    found = find_next_day("--02-29", datetime(2027, 6, 1, tzinfo=UTC), ZoneInfo("UTC"))
    assert found == datetime(2028, 2, 29, tzinfo=UTC)
