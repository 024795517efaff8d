"""The shop's hours as a message says them: open or not, when again, by when an answer comes, the week in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypedDict

from okaeri.adapters.locale_formats import LocaleFormats
from okaeri.domain.shop_hours import WEEK, find_answer_time, find_opening, is_always_open, is_open
from okaeri.domain.stores import Store


class HoursFields(TypedDict):
    """`opens_at` ("9:00 tomorrow") is empty while somebody is there, `hours` where the shop set no days.

    `answers_by` ("15:00 today") is what the shop promises for what comes in now.
    """

    is_open: bool
    opens_at: str
    answers_by: str
    hours: str


def describe_hours(store: Store, formats: LocaleFormats, now: datetime) -> HoursFields:
    """Moments by the reader's own clock, the week by the shop's."""
    return {
        "is_open": is_open(store, now),
        "opens_at": describe_moment(find_opening(store, now), formats, now),
        "answers_by": describe_promise(find_answer_time(store, now), formats, now),
        "hours": "" if is_always_open(store) else _describe_week(store, formats),
    }


def describe_moment(moment: datetime | None, formats: LocaleFormats, now: datetime) -> str:
    """ "15:00 today", "9:00 tomorrow", "9:00 on Tue, Nov 24"; empty where there is none."""
    if moment is None:
        return ""
    words, hour = formats.words, formats.format_clock(moment)
    ahead = moment.astimezone(formats.zone).date() - now.astimezone(formats.zone).date()
    if ahead == timedelta(0):
        return str(words["moment_today"].format(hour=hour))
    if ahead == timedelta(days=1):
        return str(words["moment_tomorrow"].format(hour=hour))
    return str(words["moment_later"].format(hour=hour, day=formats.format_local_day(moment)))


def describe_promise(moment: datetime, formats: LocaleFormats, now: datetime) -> str:
    """The same of a time by which something is promised: the next quarter of an hour, as people say it."""
    quarter = 15 * 60
    return describe_moment(datetime.fromtimestamp(-(-moment.timestamp() // quarter) * quarter, UTC), formats, now)


def _describe_week(store: Store, formats: LocaleFormats) -> str:
    """Days with the same hours as one: "Mon–Fri 9:00–12:30, 14:00–18:00; Sat 10:00–14:00"."""
    days = store.settings.shop_hours.days
    groups: list[tuple[list[int], str]] = []
    for place, name in enumerate(WEEK):
        spans = days.get(name, ())
        said = ", ".join(f"{_say(opens, formats)}–{_say(closes, formats)}" for opens, closes in spans)
        if groups and groups[-1][1] == said and groups[-1][0][-1] == place - 1:
            groups[-1][0].append(place)
        elif said:
            groups.append(([place], said))
    return "; ".join(f"{_name_days(places, formats)} {said}" for places, said in groups)


def _name_days(places: list[int], formats: LocaleFormats) -> str:
    names = formats.list_day_names()
    first, last = names[places[0]], names[places[-1]]
    return first if len(places) == 1 else f"{first}–{last}"


def _say(wall: str, formats: LocaleFormats) -> str:
    hour = "00:00" if wall == "24:00" else wall
    return formats.format_wall(datetime.combine(date.min, datetime.strptime(hour, "%H:%M").time()))
