"""What a shop knew before Okaeri: customers with what they agreed to, and past orders. State moves, nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from command_line import records
from command_line.csv_rows import write_report
from command_line.import_customers import read_customers, take_customer
from command_line.import_orders import read_orders, take_order
from command_line.loads import Loader, Place, Taking, hash_file, join
from command_line.stack import Stack
from okaeri.adapters.store_apis.calls import Json
from okaeri.adapters.store_apis.lists import Kind
from okaeri.domain.stores import Store

_PART = 100  # things of a file that are put between two notes of the place
_FROM_STORE: dict[Kind, Callable[[Json, Store, datetime], Taking]] = {
    "customers": take_customer,
    "orders": take_order,
}
_FROM_FILE: dict[Kind, Callable[[Path, Store, datetime], list[Callable[[], Taking]]]] = {
    "customers": read_customers,
    "orders": read_orders,
}


class Imported(NamedTuple):
    """How much is on its way and was refused, of this run and of the one that it went on with; where that stands."""

    taken: int
    refused: int
    report: Path | None


def import_file(stack: Stack, store_id: str, kind: Kind, path: Path, report: Path, *, anew: bool = False) -> Imported:
    """A CSV file of customers or orders; goes on where the same file stopped."""
    store = records.read_store(stack, store_id)
    load = Loader(stack, store, f"{kind}-file")
    begun = load.find_place(hash_file(path), anew=anew)
    things = _FROM_FILE[kind](path, store, datetime.now(UTC))
    parts = [partial(_take_part, things[start : start + _PART]) for start in range(0, len(things), _PART)]
    return _finish(begun, load.put_parts(begun, parts), report)


def import_from_store(
    stack: Stack, store_id: str, kind: Kind, report: Path, *, anew: bool = False, loader: Loader | None = None
) -> Imported:
    """All that the store's own API lists; goes on where it stopped."""
    store = records.read_store(stack, store_id)
    load = loader or Loader(stack, store, kind)
    begun = load.find_place("store", anew=anew)
    now = datetime.now(UTC)
    return _finish(begun, load.pull(kind, begun, lambda item: _FROM_STORE[kind](item, store, now)), report)


def _take_part(things: Iterable[Callable[[], Taking]]) -> Taking:
    return join(take() for take in things)


def _finish(begun: Place, parts: Iterable[tuple[Place, Taking]], report: Path) -> Imported:
    """Each part's refusals are on paper before the next part is read."""
    place, is_written = begun, bool(begun.after)
    for now_at, taking in parts:
        place = now_at
        if taking.refused:
            write_report(report, taking.refused, goes_on=is_written)
            is_written = True
    return Imported(place.taken, place.refused, report if place.refused else None)
