"""`okaeri stores hours`"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from command_line import hours, records
from command_line.hours import HourChanges
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.shop_hours import (
    find_answer_time,
    find_closing,
    find_opening,
    find_shop_zone,
    is_always_open,
    is_open,
)
from okaeri.domain.stores import Store


def set_hours(
    context: typer.Context,
    store_id: StoreId,
    pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DAY=HOURS]…",
            help="mon-fri=09:00-12:30,13:30-18:00, sat=closed, 2026-12-24=closed, 2026-12-24..2027-01-03=closed, "
            "2026-12-20=10:00-14:00, 2026-12-24=usual.",
        ),
    ] = None,
    always: Annotated[bool, typer.Option("--always", help="No days at all: somebody is always there.")] = False,
    on_holidays: Annotated[
        bool | None,
        typer.Option("--on-holidays/--not-on-holidays", help="Whether the shop works while its country rests."),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Close on the holidays of a region too, this year and next: BY, ENG."),
    ] = None,
    answer_within: Annotated[
        str | None, typer.Option(metavar="SPAN", help="What is promised, of these hours: PT4H.")
    ] = None,
    peak_answer_within: Annotated[
        str | None, typer.Option(metavar="SPAN", help="What is promised at a peak: PT24H. Empty: as usual.")
    ] = None,
    peak: Annotated[bool | None, typer.Option("--peak/--no-peak", help="Whether there is a peak now.")] = None,
) -> None:
    """Shows when people of the shop are there, or sets it: by day, by date, and how soon they answer."""
    stack, now = open_stack(context.obj), hours.read_clock()
    changes = HourChanges(
        pairs=tuple(pairs or ()),
        always=always,
        on_holidays=on_holidays,
        answer_within=answer_within,
        peak_answer_within=peak_answer_within,
        is_peak=peak,
        region=region,
    )
    if changes:
        store = hours.change_hours(stack, store_id, changes, now)
        say(f"✓ The hours of {store_id} are changed. Functions see it within a minute.")
    else:
        store = records.read_store(stack, store_id)
    show_hours(store, now)


def show_hours(store: Store, now: datetime) -> None:
    """Open or not, the week, what is promised, and what is missing."""
    chosen = store.settings.shop_hours
    say(f"{store.name} {_say_state(store, now)}, by the clock of {store.time_zone}.")
    show_table(
        ("day", "date", "hours", ""),
        [(f"{day.day:%a}", f"{day.day:%Y-%m-%d}", day.hours, day.note) for day in hours.list_week(store, now)],
    )
    for day, said in hours.list_further_dates(store, now):
        say(f"  {day}: {said}")
    promised = find_answer_time(store, now).astimezone(find_shop_zone(store))
    say(f"Answers come within {_say_promise(store)}: who writes now is promised {promised:%a %Y-%m-%d %H:%M}.")
    if chosen.days and chosen.on_holidays:
        say("Public holidays are days like others.")
    if chosen.days and not store.country:
        warn(f"No holidays are known without a country: okaeri stores set {store.store_id} country=JP")


def _say_state(store: Store, now: datetime) -> str:
    zone = find_shop_zone(store)
    if is_always_open(store):
        return "is always there"
    if is_open(store, now):
        closes = find_closing(store, now)
        return f"is there until {closes.astimezone(zone):%a %H:%M}" if closes else "is there"
    opens = find_opening(store, now)
    return f"is there again on {opens.astimezone(zone):%a %Y-%m-%d %H:%M}" if opens else "is not there for a year"


def _say_promise(store: Store) -> str:
    chosen = store.settings.shop_hours
    of_hours = "" if is_always_open(store) else " of shop time"
    usual = f"{hours.say_length(chosen.answer_within)}{of_hours}"
    if not store.settings.is_peak:
        return usual
    if chosen.peak_answer_within is None:
        return f"{usual}, at this peak too"
    return f"{hours.say_length(chosen.peak_answer_within)}{of_hours} at this peak (else {usual})"
