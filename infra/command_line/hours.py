"""A shop's hours as its people type them: `mon-fri=09:00-18:00`, `2026-12-24=closed`; checked, and shown as a week."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.domain.shop_hours import WEEK, find_shop_zone, list_day_hours
from okaeri.domain.stores import ShopHours, Store

CLOSED, USUAL = "closed", "usual"
LONGEST_HOLIDAY = timedelta(days=366)
_ANSWER_LIMIT = timedelta(days=31)
_SPAN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
_DAY = timedelta(days=1)
_MIDNIGHT = 24 * 60  # minutes

type Spans = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HourChanges:
    """What is to be changed; None stays as it is. `pairs` are DAYS=HOURS and DATES=HOURS, as typed."""

    pairs: Sequence[str] = ()
    always: bool = False
    on_holidays: bool | None = None
    answer_within: str | None = None
    peak_answer_within: str | None = None  # empty: at a peak it takes no longer than usual
    is_peak: bool | None = None
    region: str | None = None  # of the store's country: its own holidays become closed dates

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return self != HourChanges()


class ShopDay(NamedTuple):
    """One day as the shop keeps it. `note` names the holiday, or says what makes the day another one."""

    day: date
    hours: str
    note: str


def change_hours(stack: Stack, store_id: str, changes: HourChanges, now: datetime) -> Store:
    """Writes the hours. Raises CommandFailure."""
    return records.change_store(stack, store_id, lambda store: apply_changes(store, changes, now))


def apply_changes(store: Store, changes: HourChanges, now: datetime) -> Store:
    """The store with its hours changed; dates that are over are dropped. Raises CommandFailure."""
    before = store.settings.shop_hours
    yesterday = now.astimezone(find_shop_zone(store)).date() - _DAY  # its night may not be over
    days = {} if changes.always else dict(before.days)
    opens = {day: spans for day, spans in before.open.items() if day >= yesterday.isoformat()}
    closed = {day for day in before.closed if day >= yesterday.isoformat()}
    pairs = [_read_pair(pair) for pair in changes.pairs]
    for name, spans in pairs:
        if _is_date(name):
            for day in _list_dates(name, yesterday):
                opens.pop(day, None)
                closed.discard(day)
                if spans:
                    opens[day] = spans
                elif spans is not None:
                    closed.add(day)
        else:
            for day in _list_days(name):
                days.pop(day, None)
                if spans:
                    days[day] = spans
    closed |= {day.isoformat() for day in _list_region_holidays(store, changes.region, yesterday)} - opens.keys()
    if not days and (before.days or not all(_is_date(name) for name, _ in pairs)) and not changes.always:
        raise CommandFailure(
            "no day is left on which the shop opens",
            at="DAY=HOURS",
            fix="Give hours to one: mon-fri=09:00-18:00; the others are closed. A shop that is always there: --always.",
        )
    hours = before.model_copy(
        update={
            "days": {day: days[day] for day in WEEK if day in days},
            "open": dict(sorted(opens.items())),
            "closed": tuple(sorted(closed)),
            **_read_promises(before, changes),
        }
    )
    chosen = {"shop_hours": hours} | ({} if changes.is_peak is None else {"is_peak": changes.is_peak})
    return store.model_copy(update={"settings": store.settings.model_copy(update=chosen)})


def list_week(store: Store, now: datetime) -> list[ShopDay]:
    """Today and the six days after it, by the shop's calendar."""
    today = now.astimezone(find_shop_zone(store)).date()
    week = [today + ahead * _DAY for ahead in range(7)]
    names = name_holidays(store.country, (week[0].year, week[-1].year))
    return [ShopDay(day, _say_hours(store, day), _say_note(store.settings.shop_hours, day, names)) for day in week]


def list_further_dates(store: Store, now: datetime) -> list[tuple[str, str]]:
    """Dates after the week that are closed or have hours of their own, with what they are."""
    hours = store.settings.shop_hours
    end = (now.astimezone(find_shop_zone(store)).date() + 6 * _DAY).isoformat()
    dates = dict.fromkeys(hours.closed, CLOSED) | {day: say_spans(spans) for day, spans in hours.open.items()}
    return [(day, said) for day, said in sorted(dates.items()) if day > end]


def name_holidays(country: str | None, years: Sequence[int]) -> dict[date, str]:
    """The country's holidays with their names, in English where the library has them in it."""
    import holidays  # 300 modules and most of a second: for the one command that shows names

    try:
        return dict(holidays.country_holidays(country or "", years=sorted(set(years)), language="en_US"))
    except NotImplementedError:  # how the library says that it knows no such country
        return {}


def _list_region_holidays(store: Store, region: str | None, since: date) -> set[date]:
    """The days of this year and the next on which the region rests and the country as a whole does not."""
    if region is None:
        return set()
    import holidays  # as above

    regions = holidays.list_supported_countries(include_aliases=False).get(store.country or "", [])
    if not regions:
        raise CommandFailure(
            f"no regions are known of {store.country or 'a store without a country'}",
            at="--region",
            fix="Give its holidays as dates: 2026-11-18=closed.",
        )
    code = checks.check_one_of(region.strip().upper(), "--region", regions)
    years = (since.year, since.year + 1)
    own = holidays.country_holidays(store.country or "", subdiv=code, years=years)
    return {day for day in own.keys() - holidays.country_holidays(store.country or "", years=years) if day > since}


def say_spans(spans: Spans) -> str:
    """ "09:00–12:30, 13:30–18:00"."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in spans) or CLOSED


def say_length(length: timedelta) -> str:
    """ "4 hours", "1 hour 30 minutes": of the shop's hours, so never days."""
    minutes = length // timedelta(minutes=1)
    parts = ((minutes // 60, "hour"), (minutes % 60, "minute"))
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)


def read_clock() -> datetime:
    """Real time, UTC."""
    return datetime.now(UTC)


def _say_hours(store: Store, day: date) -> str:
    spans = list_day_hours(store, day)
    return ", ".join(f"{_say_time(opens)}–{_say_time(closes)}" for opens, closes in sorted(spans)) or CLOSED


def _say_time(since_midnight: timedelta) -> str:
    minutes = since_midnight // timedelta(minutes=1)
    wall = minutes if minutes <= _MIDNIGHT else minutes - _MIDNIGHT
    return f"{wall // 60:02d}:{wall % 60:02d}"


def _say_note(hours: ShopHours, day: date, names: dict[date, str]) -> str:
    dated = day.isoformat()
    own = "hours of its own" if dated in hours.open else "closed that day" if dated in hours.closed else ""
    return ", ".join(filter(None, (names.get(day, ""), own)))


def _read_pair(pair: str) -> tuple[str, Spans | None]:
    """Days or dates, and their hours; none where they are closed, None where they are as usual again."""
    name, equals, text = pair.partition("=")
    name, text = name.strip().lower(), re.sub("[–—]", "-", text).strip().lower()
    if not equals or not name:
        raise CommandFailure(
            f"{pair!r} is neither a day nor a date with hours",
            at="DAY=HOURS",
            fix="Write mon-fri=09:00-12:30,13:30-18:00, sat=closed or 2026-12-24=closed.",
        )
    if text == CLOSED:
        return name, ()
    if text == USUAL and _is_date(name):
        return name, None
    return name, tuple(_check_spans(text, name))


def _check_spans(text: str, at: str) -> Iterator[tuple[str, str]]:
    spans = []
    for part in re.split(r"[,\s]+", text):
        found = _SPAN.fullmatch(part)
        if not found or found[1] == found[2]:
            raise CommandFailure(
                f"{part!r} are no hours",
                at=at,
                fix="Write 09:00-18:00, 22:00-02:00 over midnight, 00:00-24:00 for the whole day, or closed.",
            )
        spans.append((found[1], found[2]))
    spans.sort()
    for (opens, closes), (next_opens, next_closes) in pairwise(spans):
        if closes <= opens or next_opens < closes:
            raise CommandFailure(
                f"{opens}-{closes} and {next_opens}-{next_closes} overlap", at=at, fix="Write them as one."
            )
    yield from spans


def _is_date(name: str) -> bool:
    return name[:1].isdigit()


def _list_days(name: str) -> list[str]:
    return [WEEK[day] for day in checks.check_days(name, "DAY=HOURS")]


def _list_dates(name: str, yesterday: date) -> Iterator[str]:
    found = _DATES.fullmatch(name)
    try:
        if found is None:
            raise ValueError(name)
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError:
        raise CommandFailure(
            f"{name!r} is no date", at="DATE=HOURS", fix="Write 2026-12-24, or 2026-12-24..2027-01-03 for several."
        ) from None
    if last < first or last - first > LONGEST_HOLIDAY:
        raise CommandFailure(f"{name} is no stretch of a year at most", at="DATE=HOURS", fix="Begin with its first.")
    if last <= yesterday:
        raise CommandFailure(f"{name} is over", at="DATE=HOURS", fix="Give dates to come.")
    for ahead in range((last - first).days + 1):
        yield (first + ahead * _DAY).isoformat()


def _read_promises(before: ShopHours, changes: HourChanges) -> dict[str, object]:
    usual, peak = before.answer_within, before.peak_answer_within
    if changes.answer_within is not None:
        usual = _check_promise(changes.answer_within, "--answer-within")
    if changes.peak_answer_within is not None:
        text = changes.peak_answer_within.strip()
        peak = _check_promise(text, "--peak-answer-within") if text else None
    if peak is not None and peak < usual:
        raise CommandFailure(
            f"at a peak an answer would come sooner ({say_length(peak)}) than usual ({say_length(usual)})",
            at="--peak-answer-within",
            fix="Give it at least as much as --answer-within.",
        )
    on_holidays = before.on_holidays if changes.on_holidays is None else changes.on_holidays
    return {"answer_within": usual, "peak_answer_within": peak, "on_holidays": on_holidays}


def _check_promise(text: str, at: str) -> timedelta:
    span = checks.check_duration(text, at)
    if not timedelta(minutes=1) <= span <= _ANSWER_LIMIT:
        raise CommandFailure(
            f"{text!r} is no time for an answer", at=at, fix="Say PT1M to P31D, of the shop's hours: PT4H."
        )
    return span
