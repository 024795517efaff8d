"""`okaeri coupons …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command_line import coupons
from command_line.screen import say, show_table
from command_line.stack import open_stack

app = typer.Typer(help="Single-use codes that journeys give to customers.", no_args_is_help=True)

StoreId = Annotated[str, typer.Argument(metavar="STORE", help="Id of the store.")]


@app.command("import")
def import_codes(
    context: typer.Context,
    store_id: StoreId,
    pool: Annotated[str, typer.Argument(metavar="POOL", help="The pool's name in journeys: thanks-10.")],
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV file: a code in each line, and perhaps its last day.")
    ],
) -> None:
    """Adds the codes of a file to a pool. What the store had before is passed over."""
    added, found = coupons.import_coupons(open_stack(context.obj), store_id, pool, path)
    known = f", {found - added} were there before" if found > added else ""
    say(f"✓ {added} codes are added to {pool}{known}.")


@app.command("prefix")
def set_prefix(
    context: typer.Context,
    store_id: StoreId,
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="Letters and digits, at most 10: KINARI.")],
) -> None:
    """Chooses what the codes begin with that are made in the store. An empty one is the store's id again."""
    store = coupons.set_prefix(open_stack(context.obj), store_id, prefix)
    say(f"✓ Codes look like {coupons.make_example(store)}. Functions see it within a minute.")


@app.command("show")
def show(context: typer.Context, store_id: StoreId) -> None:
    """Shows how many codes each pool has left, how many were given, and what budgets of journeys have cost."""
    stack = open_stack(context.obj)
    if spent := coupons.list_spent(stack, store_id):
        show_table(("journey", "given this month"), spent)
    counted = coupons.count_pools(stack, store_id)
    if counted:
        rows = [(count.pool, f"{count.left:,}", f"{count.issued:,}", f"{count.ended:,}") for count in counted]
        show_table(("pool", "left", "given", "ended unused"), rows)
    else:
        say(f"No pool yet. Fill one: okaeri coupons import {store_id} thanks-10 codes.csv")
