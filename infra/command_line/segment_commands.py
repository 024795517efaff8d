"""`okaeri segments …`"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from command_line import broadcasts, records
from command_line.failures import CommandFailure
from command_line.screen import say, show_table
from command_line.source_files import read_source
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.adapters.customers import DynamoCustomers
from okaeri.catalogue.compile_broadcasts import compile_segment
from okaeri.catalogue.journey_yaml import JourneyError
from okaeri.domain.conditions import Condition
from okaeri.domain.segments import BIG_SPENDER, LIFE_CYCLE, SHIPPED, list_segments
from okaeri.domain.stores import Store
from okaeri.use_cases.list_customers import list_customers

app = typer.Typer(help="Who is new, loyal, at risk; and the shop's own groups.", no_args_is_help=True)

_NO_BIG_SPENDER = "nobody: the shop has chosen no sum (big-spender-from)"

SegmentName = Annotated[str, typer.Argument(metavar="SEGMENT", help="Small letters, digits and _.")]


@app.command("list")
def show(context: typer.Context, store_id: StoreId) -> None:
    """Lists the segments of a store and what each means."""
    store = records.read_store(open_stack(context.obj), store_id)
    rows = _list_shipped(store)
    rows += [
        (name, own.model_dump_json(exclude_defaults=True)) for name, own in sorted(store.settings.segments.items())
    ]
    show_table(("segment", "who"), rows)


def _list_shipped(store: Store) -> list[tuple[str, str]]:
    """What the shipped segments mean in this store, with the setting that draws each line."""
    rules = store.settings.segment_rules
    least = rules.big_spender_from
    lines = {
        "loyal": f"ordered {rules.loyal_orders} times or more (loyal-orders)",
        "at_risk": f"ordered, and not for {rules.at_risk_days} days (at-risk-days)",
        "lost": f"ordered, and not for {rules.lost_days} days (lost-days)",
        BIG_SPENDER: f"paid {least} {store.currency} or more (big-spender-from)" if least else _NO_BIG_SPENDER,
    }
    return [(name, lines.get(name, LIFE_CYCLE.get(name, ""))) for name in SHIPPED]


@app.command("count")
def count(context: typer.Context, store_id: StoreId) -> None:
    """Counts the customers in each segment, as of now."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    counts: Counter[str] = Counter()
    total = 0
    for customer in list_customers(DynamoCustomers(stack.dynamodb, stack.table_name), store_id):
        total += 1
        counts.update(list_segments(customer, store, broadcasts.read_clock() + timedelta(seconds=customer.ahead_s)))
    show_table(("segment", "customers"), [(name, str(counts[name])) for name in (*SHIPPED, *store.settings.segments)])
    say(f"{total} customers")


@app.command("set")
def set_segment(
    context: typer.Context,
    store_id: StoreId,
    name: SegmentName,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A condition as YAML (docs/broadcasts.md).")],
) -> None:
    """Makes or changes a segment of the shop's own. Customers are in it, or not, from this moment on."""
    if name in SHIPPED or not name.replace("_", "").isalnum() or name != name.lower():
        raise CommandFailure(f"{name!r} cannot be a segment's name", at="SEGMENT", fix="Such as linen_lovers.")
    text = read_source(path, fix="Give the path of a file with a condition.")
    try:
        condition = compile_segment(text, path.name)
    except JourneyError as error:
        raise CommandFailure(str(error), at=path.name, fix="docs/broadcasts.md describes the file.") from error
    _change(context, store_id, lambda own: own | {name: condition})
    say(f"✓ {name}. How many: okaeri segments count {store_id}")


@app.command("remove")
def remove(context: typer.Context, store_id: StoreId, name: SegmentName) -> None:
    """Takes a segment of the shop's own away. Journeys and broadcasts that name it find nobody in it."""
    store = records.read_store(open_stack(context.obj), store_id)
    if name not in store.settings.segments:
        known = ", ".join(sorted(store.settings.segments)) or "none"
        raise CommandFailure(f"{store_id} has no segment {name} of its own", at="SEGMENT", fix=f"Its own: {known}.")
    _change(context, store_id, lambda own: {other: condition for other, condition in own.items() if other != name})
    say(f"✓ {name} is removed.")


def _change(
    context: typer.Context, store_id: str, change: Callable[[dict[str, Condition]], dict[str, Condition]]
) -> None:
    def apply(store: Store) -> Store:
        settings = store.settings.model_copy(update={"segments": change(store.settings.segments)})
        return store.model_copy(update={"settings": settings})

    records.change_store(open_stack(context.obj), store_id, apply)
