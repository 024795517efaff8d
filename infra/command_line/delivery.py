"""A shop's table of handling and transit days as its people type it: `"Yamato:JP=1-2"`; checked, and shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.domain.delivery_times import ANY
from okaeri.domain.stores import DeliveryTimes, Store, TransitTime

NONE = "none"
_MOST_DAYS = 120
_DAYS = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class DeliveryChanges:
    """What is to be changed; None stays as it is. `pairs` are WAY[:COUNTRY]=DAYS, as typed."""

    pairs: Sequence[str] = ()
    handling: str | None = None
    cutoff: str | None = None
    days: str | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return self != DeliveryChanges()


def change_delivery(stack: Stack, store_id: str, changes: DeliveryChanges) -> Store:
    """Writes the table. Raises CommandFailure."""
    return records.change_store(stack, store_id, lambda store: apply_changes(store, changes))


def apply_changes(store: Store, changes: DeliveryChanges) -> Store:
    """The store with its table changed; a row that is named again takes the place of the one before."""
    times = store.settings.delivery_times
    update: dict[str, object] = {"transit": _change_rows(times.transit, changes.pairs)}
    if changes.handling is not None:
        update["handling_least"], update["handling_most"] = _read_days(changes.handling, "--handling")
    if changes.cutoff is not None:
        if not _CLOCK.fullmatch(changes.cutoff):
            raise CommandFailure(f"{changes.cutoff!r} is no time of day", at="--cutoff", fix="Write it as 14:00.")
        update["cutoff"] = changes.cutoff
    if changes.days is not None:
        update["days"] = tuple(checks.check_days(changes.days, "--days"))
    settings = store.settings.model_copy(update={"delivery_times": times.model_copy(update=update)})
    return store.model_copy(update={"settings": settings})


def list_rows(times: DeliveryTimes) -> list[tuple[str, str, str]]:
    """Way, country and business days of each row, the one that names more first, as they are looked up."""
    rows = sorted(times.transit, key=lambda row: (row.method == ANY, row.country == ANY))
    return [
        (
            "any way" if row.method == ANY else row.method,
            "any country" if row.country == ANY else row.country,
            say_days(row.least, row.most),
        )
        for row in rows
    ]


def say_days(least: int, most: int) -> str:
    """ "1 to 2", or "1"."""
    return f"{least} to {most}" if least != most else f"{least}"


def _change_rows(rows: Sequence[TransitTime], pairs: Sequence[str]) -> tuple[TransitTime, ...]:
    found = {(row.method.casefold(), row.country): row for row in rows}
    for pair in pairs:
        name, equals, text = pair.rpartition("=")
        way, colon, country = name.rpartition(":")
        if not colon:
            way, country = name, ANY
        way, country, text = way.strip(), country.strip().upper(), text.strip().lower()
        if not equals or not way or not (country == ANY or _COUNTRY.fullmatch(country)):
            fix = 'Write "Standard Shipping:US=3-5"; "Standard Shipping=3-5" for any country, "*:US=3-5" for any way.'
            raise CommandFailure(f"{pair!r} names no way with its days", at="WAY:COUNTRY=DAYS", fix=fix)
        key = (way.casefold(), country)
        if text == NONE:
            found.pop(key, None)
            continue
        least, most = _read_days(text, pair)
        found[key] = TransitTime(method=way, country=country, least=least, most=most)
    return tuple(found.values())


def _read_days(text: str, at: str) -> tuple[int, int]:
    days = _DAYS.fullmatch(text.strip())
    least, most = (int(days[1]), int(days[2] or days[1])) if days else (1, 0)
    if least > most or most > _MOST_DAYS:
        raise CommandFailure(f"{text!r} are no business days", at=at, fix="Write 2, or 3-5; at most 120.")
    return least, most
