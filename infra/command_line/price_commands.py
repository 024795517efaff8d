"""`okaeri prices …`"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from command_line import prices
from command_line.failures import CommandFailure
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack

app = typer.Typer(help="What messages cost: the list that estimates are made from.", no_args_is_help=True)


@app.command("import")
def import_list(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file; docs/whatsapp.md names its columns.")],
) -> None:
    """Replaces the stack's price list by a file's."""
    imported = prices.import_prices(open_stack(context.obj), path)
    markets = {rate.market for rate in imported.rates if rate.market}
    say(f"✓ {len(imported.rates)} rates of {len(markets)} markets, in {imported.currency}. Senders use them within")
    say("  ten minutes; messages that were sent keep the cost that they had.")
    unverified = sum(not rate.verified for rate in imported.rates if rate.market)
    if unverified:
        warn(f"{unverified} of them are not marked as verified: compare them with Meta's own list.")


@app.command("show")
def show(
    context: typer.Context,
    market: Annotated[str | None, typer.Option(help="One market alone: BR, …")] = None,
    on: Annotated[str | None, typer.Option(help="The day to show, such as 2026-10-01; today if left out.")] = None,
) -> None:
    """Shows the rates in force and where they come from."""
    try:
        day = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        raise CommandFailure(f"{on!r} is no day", at="--on", fix="Write it as 2026-10-01.") from None
    current = prices.read_current(open_stack(context.obj))
    rows = [
        (
            rate.market or "everywhere",
            rate.category,
            f"{rate.amount} {current.currency}",
            rate.since.isoformat(),
            "yes" if rate.verified else "no",
            rate.source,
        )
        for rate in prices.list_rates(current, day, market)
    ]
    if rows:
        show_table(("market", "category", "a message", "since", "verified", "source"), rows)
    else:
        say("No rate is known there.")
    if current.imported_at is None:
        warn("This is the list that we ship: few figures, none compared with Meta's. okaeri prices import FILE")
