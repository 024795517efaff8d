"""`okaeri loyalty …`"""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import Annotated

import typer

from command_line import loyalty, records
from command_line.screen import say, show_table
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.local_time import find_store_zone
from okaeri.domain.loyalty import (
    Standing,
    count_earned,
    count_missing,
    find_next_tier,
    find_standing,
    find_tier,
    find_worth,
)

app = typer.Typer(help="The loyalty programme: points, levels, and who stands where.", no_args_is_help=True)

_LINES = 20


@app.command("set")
def set_programme(
    context: typer.Context,
    store_id: StoreId,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]…", help=loyalty.PAIRS + ".")] = None,
) -> None:
    """Shows what the shop's programme gives, or sets it."""
    stack = open_stack(context.obj)
    store = loyalty.change_programme(stack, store_id, pairs) if pairs else records.read_store(stack, store_id)
    rows = loyalty.describe_programme(store)
    if not rows:
        say(f"No programme. Begin one: okaeri loyalty set {store_id} per_unit=1 worth=0.01 tier:Gold=500")
        return
    show_table(("", ""), rows)
    if pairs:
        say("✓ Functions see it within a minute. Switch on loyalty-points, loyalty-welcome, tier-reached, talk-points.")


@app.command("show")
def show(
    context: typer.Context,
    store_id: StoreId,
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="E-mail, phone (+81…), order name or id, or customer id.")
    ],
) -> None:
    """Shows how a customer stands, and the latest lines of their ledger."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    found = loyalty.find_customer(stack, store, customer)
    now = loyalty.read_clock() + timedelta(seconds=found.ahead_s)
    programme, earned, standing = store.settings.loyalty, count_earned(found, now), find_standing(found, now)
    tier, following = find_tier(programme, earned), find_next_tier(programme, earned)
    missing = count_missing(programme, earned)
    worth = find_worth(programme, standing.points, store.currency)
    zone = find_store_zone(store)
    rows = [
        ("points", f"{standing.points:,}"),
        *_describe_pending(standing, zone),
        ("worth", f"{worth} {store.currency}"),
        ("earned in twelve months", f"{earned:,}"),
        ("level", tier.name if tier else "none"),
    ]
    show_table(("", ""), [*rows, *([(f"until {following.name}", f"{missing:,}")] if following else [])])
    entries = loyalty.list_entries(stack, found, most=_LINES)
    if not entries:
        say("No points have moved yet.")
        return
    lines = []
    for line in entries:
        when = f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}"
        waits = f"{line.free_at.astimezone(zone):%Y-%m-%d}" if line.free_at else ""
        lines.append((when, f"{line.points:+,}", f"{line.balance:,}", line.reason, line.order_id or "", waits))
    show_table(("when", "points", "then had", "why", "order", "waits until"), lines)


def _describe_pending(standing: Standing, zone: tzinfo) -> list[tuple[str, str]]:
    if standing.free_at is None:
        return []
    return [("more that wait", f"{standing.pending:,}, until {standing.free_at.astimezone(zone):%Y-%m-%d}")]
