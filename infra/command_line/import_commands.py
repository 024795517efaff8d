"""`okaeri import …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command_line import imports
from command_line.failures import CommandFailure
from command_line.screen import say, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.adapters.store_apis.lists import Kind

app = typer.Typer(
    help="What a shop knew before Okaeri: it is kept, and nobody is written to because of it.", no_args_is_help=True
)

FilePath = Annotated[Path | None, typer.Argument(metavar="FILE", help="CSV; its columns: docs/import.md.")]
FromStore = Annotated[bool, typer.Option("--from-store", help="Read them from the store's own API instead.")]
Report = Annotated[Path | None, typer.Option("--report", help="Where what was refused is written, line by line.")]
Anew = Annotated[bool, typer.Option("--anew", help="From the beginning, not where the last one stopped.")]


@app.command("customers")
def import_customers(
    context: typer.Context,
    store_id: StoreId,
    path: FilePath = None,
    from_store: FromStore = False,
    report: Report = None,
    anew: Anew = False,
) -> None:
    """Customers, with what they agreed to (each with its proof) and what they took back."""
    _import(context, store_id, "customers", path, from_store=from_store, report=report, anew=anew)


@app.command("orders")
def import_orders(
    context: typer.Context,
    store_id: StoreId,
    path: FilePath = None,
    from_store: FromStore = False,
    report: Report = None,
    anew: Anew = False,
) -> None:
    """Past orders: they count for segments, and no journey begins for them."""
    _import(context, store_id, "orders", path, from_store=from_store, report=report, anew=anew)


def _import(
    context: typer.Context,
    store_id: str,
    kind: Kind,
    path: Path | None,
    *,
    from_store: bool,
    report: Path | None,
    anew: bool,
) -> None:
    if (path is None) == (not from_store):
        raise CommandFailure("a file or --from-store is needed, not both", at="FILE", fix="Give one of the two.")
    stack = open_stack(context.obj)
    paper = report or Path(f"{path.stem if path else store_id}-{kind}-refused.csv")
    if path is not None:
        done = imports.import_file(stack, store_id, kind, path, paper, anew=anew)
    else:
        done = imports.import_from_store(stack, store_id, kind, paper, anew=anew)
    say(f"✓ {done.taken} entries about {kind} are on their way. Nobody is written to because of them.")
    if done.report:
        warn(
            f"{done.refused} things were not taken, or not whole: {done.report} says which, why, and how to mend them."
        )
