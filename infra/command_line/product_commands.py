"""`okaeri products …`"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from command_line import products, records
from command_line.failures import CommandFailure
from command_line.screen import say, show_table, warn
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.adapters.shelf import MOST_ENTRIES, DynamoShelf
from okaeri.domain.shelf import find_products

app = typer.Typer(help="The products that the finder chooses from.", no_args_is_help=True)


@app.command("list")
def show_products(
    context: typer.Context,
    store_id: StoreId,
    product_type: Annotated[str, typer.Option("--type", help="As the finder would look: of this type.")] = "",
    tag: Annotated[str, typer.Option("--tag", help="With this tag.")] = "",
    price_at_most: Annotated[str, typer.Option("--price-at-most", help="At this price or less.")] = "",
    price_at_least: Annotated[str, typer.Option("--price-at-least", help="At this price or more.")] = "",
) -> None:
    """Lists the products as the finder sees them; with wishes, what it would find, a wish let go if it must be."""
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    entries = DynamoShelf(stack.dynamodb, stack.table_name, lambda: datetime.now(UTC)).list_entries(store_id)
    wanted = {"type": product_type, "tag": tag, "price_at_most": price_at_most, "price_at_least": price_at_least}
    if not entries:
        say(f"No product is known yet: each comes with the store's next webhook, or okaeri products pull {store_id}")
        return
    found = find_products(entries, wanted, most=len(entries)) if any(wanted.values()) else entries
    show_table(
        ("id", "product", f"price ({store.currency})", "type", "tags", "in stock"),
        [
            (
                entry.product_id,
                entry.title,
                entry.price,
                entry.product_type,
                ", ".join(entry.tags),
                "yes" if entry.in_stock else "no",
            )
            for entry in found
        ],
    )
    if len(entries) == MOST_ENTRIES:
        warn(f"Only the first {MOST_ENTRIES:,} products are looked at, in the order of their ids.")


@app.command("demand")
def show_demand(context: typer.Context, store_id: StoreId) -> None:
    """Lists the products that somebody waits for: how many asked for it back, for its launch, or saved it."""
    stack = open_stack(context.obj)
    wanted = products.count_demand(stack, records.read_store(stack, store_id).store_id)
    if not wanted:
        say("Nobody waits for anything now.")
        return
    show_table(
        ("id", "product", "variant", "in stock", "asked for it", "wait for its launch", "saved it", "since"),
        [
            (
                one.product_id,
                one.title,
                one.variant,
                one.in_stock,
                str(one.stock),
                str(one.launch),
                str(one.wishlist),
                f"{one.since:%Y-%m-%d}",
            )
            for one in wanted
        ],
    )


@app.command("pull")
def pull_products(
    context: typer.Context,
    store_id: StoreId,
    anew: Annotated[bool, typer.Option("--anew", help="From the beginning, not where the last one stopped.")] = False,
) -> None:
    """Reads all products from the store's own API. One that was stopped goes on; each is taken as its webhook is."""
    _report(products.pull_products(open_stack(context.obj), store_id, anew=anew), store_id, at=store_id)


@app.command("import")
def import_products(
    context: typer.Context,
    store_id: StoreId,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, or JSON: a list of products as the store's API gives it.")
    ],
    anew: Annotated[bool, typer.Option("--anew", help="From the beginning, not where the last one stopped.")] = False,
) -> None:
    """Tells of products from a file. Each is taken as if its webhook had come."""
    _report(products.import_products(open_stack(context.obj), store_id, path, anew=anew), store_id, at=path.name)


def _report(loaded: products.Loaded, store_id: str, *, at: str) -> None:
    for problem in loaded.refused:
        warn(f"{at}: {problem.where}: {problem.what} {problem.fix}")
    say(f"✓ {loaded.taken} products are on their way. In some minutes: okaeri products list {store_id}")
    if loaded.refused:
        raise CommandFailure(
            f"{len(loaded.refused)} products were not taken", at=at, fix="Mend them and do the same again."
        )
