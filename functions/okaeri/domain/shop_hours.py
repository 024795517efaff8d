"""When the people of a shop are there: open or not, when next, and by when an answer is honestly promised.

Hours are the shop's own (`ShopHours`), on the wall clock of its zone. The day's rule is the first of: a date with hours
of its own, a closed date, a public holiday of its country, its day of the week. A shop that set no days is there at any
time, holidays too. All moments that are returned are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from okaeri.domain.country_rules import is_holiday
from okaeri.domain.local_time import WallHours, place_wall_time
from okaeri.domain.stores import ShopHours, Store

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SEARCH = timedelta(days=400)  # whoever opens not once in a year is not waited for
_MAX_SEARCHES = 20
_DAY = timedelta(days=1)


class Opening(NamedTuple):
    """One stretch of time in which somebody is there: from `opens` until just before `closes`. UTC."""

    opens: datetime
    closes: datetime


def is_open(store: Store, now: datetime) -> bool:
    """Whether somebody of the shop is there."""
    return is_always_open(store) or _find_current(store, now) is not None


def is_always_open(store: Store) -> bool:
    """Whether the shop set neither days nor dates."""
    hours = store.settings.shop_hours
    return not (hours.days or hours.open or hours.closed)


def find_opening(store: Store, now: datetime) -> datetime | None:
    """When somebody is there again; None where somebody is there now, or nobody within a year."""
    if is_always_open(store):
        return None
    first = next(list_openings(store, now), None)
    return first.opens if first and first.opens > now else None


def find_closing(store: Store, now: datetime) -> datetime | None:
    """When the last of the shop leaves; None where nobody is there now, or somebody for a year to come."""
    current = None if is_always_open(store) else _find_current(store, now)
    return current.closes if current and current.closes < now + MAX_SEARCH else None


def add_shop_time(store: Store, start: datetime, span: timedelta) -> datetime:
    """When so much of the shop's hours has passed since `start`: inside of hours, or at their very end.

    Without hours, and where no further ones come within a year, time is counted by the clock, and so is what twenty
    years do not hold. A span of nothing is `start`.
    """
    if span <= timedelta(0) or is_always_open(store):
        return (start + max(span, timedelta(0))).astimezone(UTC)
    counted = start.astimezone(UTC)
    for _ in range(_MAX_SEARCHES):
        searched = counted
        for opening in list_openings(store, searched):
            opens = max(opening.opens, counted)
            if opens + span <= opening.closes:
                return opens + span
            span -= opening.closes - opens
            counted = opening.closes
        if counted == searched:
            break
    return counted + span


def find_answer_time(store: Store, now: datetime) -> datetime:
    """By when the shop promises an answer to what comes in now: so many of its hours, more of them at a peak."""
    return add_shop_time(store, now, find_promise(store))


def find_promise(store: Store) -> timedelta:
    """How much of its hours the shop takes to answer, as things stand."""
    hours = store.settings.shop_hours
    return (hours.peak_answer_within if store.settings.is_peak else None) or hours.answer_within


def is_shop_holiday(store: Store, now: datetime) -> bool:
    """Whether today, where the shop is, the whole country rests."""
    return is_holiday(store.country, now.astimezone(find_shop_zone(store)).date())


def list_openings(store: Store, since: datetime) -> Iterator[Opening]:
    """The stretches that end after `since`, in order, those that touch or overlap as one. They end with the search."""
    zone = find_shop_zone(store)
    pending: Opening | None = None
    today = since.astimezone(zone).date()
    # Hours of yesterday may pass midnight.
    for ahead in range(-1, MAX_SEARCH.days + 1):
        day = today + ahead * _DAY
        for opens, closes in sorted(list_day_hours(store, day)):
            found = Opening(place_wall_time(day, opens, zone), place_wall_time(day, closes, zone))
            if found.closes <= since or found.opens >= found.closes:  # over, or skipped by a change to summer time
                continue
            if pending is None:
                pending = found
            elif found.opens <= pending.closes:
                pending = Opening(pending.opens, max(pending.closes, found.closes))
            else:
                yield pending
                pending = found
    if pending is not None:
        yield pending


def list_day_hours(store: Store, day: date) -> tuple[WallHours, ...]:
    """The hours that begin on that day of the shop, since its midnight; more than 24 h where they pass the next."""
    hours = store.settings.shop_hours
    dated = f"{day:%Y-%m-%d}"
    if dated in hours.open:
        return _read_spans(hours.open[dated])
    if dated in hours.closed:
        return ()
    if not hours.days:
        return ((timedelta(0), _DAY),)
    if rests_on(store, day):
        return ()
    return _read_spans(hours.days.get(WEEK[day.weekday()], ()))


def rests_on(store: Store, day: date) -> bool:
    """Whether the shop is closed on that day because its country is; a date with hours of its own comes first."""
    hours: ShopHours = store.settings.shop_hours
    return bool(hours.days) and not hours.on_holidays and is_holiday(store.country, day)


def find_shop_zone(store: Store) -> ZoneInfo:
    """The zone of the shop's clock."""
    try:
        return ZoneInfo(store.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _find_current(store: Store, now: datetime) -> Opening | None:
    first = next(list_openings(store, now), None)
    return first if first and first.opens <= now else None


def _read_spans(spans: tuple[tuple[str, str], ...]) -> tuple[WallHours, ...]:
    read = ((_read_wall_time(opens), _read_wall_time(closes)) for opens, closes in spans)
    return tuple((opens, closes if closes > opens else closes + _DAY) for opens, closes in read)


def _read_wall_time(text: str) -> timedelta:
    """Since midnight; "24:00" is the day's end."""
    if text == "24:00":
        return _DAY
    wall = time.fromisoformat(text)
    return timedelta(hours=wall.hour, minutes=wall.minute)
