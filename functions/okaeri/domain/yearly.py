"""Days that come again each year: birthdays and anniversaries. Pure."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_DAY = re.compile(r"(?:\d{4}|-)-(\d\d)-(\d\d)")
_LEAP_DAY = (2, 29)


def find_next_day(day: str | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When "1990-05-21" or "--05-21" comes next after today, at its first hour in the zone; None where it is no day.

    The 29th of February is kept on the 28th in years that have none.
    """
    found = _DAY.fullmatch(day or "")
    if found is None:
        return None
    today = now.astimezone(zone).date()
    for year in (today.year, today.year + 1):
        try:
            next_day = _place(year, int(found[1]), int(found[2]))
        except ValueError:
            return None
        if next_day > today:
            return datetime.combine(next_day, time.min, zone).astimezone(UTC)
    return None


def _place(year: int, month: int, number: int) -> date:
    return date(year, 2, 28) if (month, number) == _LEAP_DAY and not isleap(year) else date(year, month, number)
