"""`okaeri stores webhooks …`"""

from __future__ import annotations

from typing import Annotated

import typer

from command_line import records, shop_webhooks
from command_line.screen import say, show_table
from command_line.stack import open_stack

app = typer.Typer(help="The shop's own addresses that journeys may call.", no_args_is_help=True)

StoreId = Annotated[str, typer.Argument(metavar="STORE", help="Id of the store.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What journeys call it: crm, loyalty, …")]


@app.command("set")
def name_address(
    context: typer.Context,
    store_id: StoreId,
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its https address.")],
) -> None:
    """Names an address, or gives a name another address."""
    secret = shop_webhooks.set_webhook(open_stack(context.obj), store_id, name, url)
    say(f"✓ Journeys of {store_id} may call {name}.")
    if secret:
        _show_secret(secret)


@app.command("remove")
def remove(context: typer.Context, store_id: StoreId, name: Name) -> None:
    """Takes an address away: calls of it fail from now on."""
    shop_webhooks.remove_webhook(open_stack(context.obj), store_id, name)
    say(f"✓ Journeys of {store_id} call {name} no more.")


@app.command("list")
def show_all(context: typer.Context, store_id: StoreId) -> None:
    """Lists names and addresses."""
    webhooks = records.read_store(open_stack(context.obj), store_id).settings.webhooks
    if webhooks:
        show_table(("name", "address"), sorted(webhooks.items()))
    else:
        say(f"None yet. Name one: okaeri stores webhooks set {store_id} crm https://…")


@app.command("rotate-secret")
def rotate(context: typer.Context, store_id: StoreId) -> None:
    """Makes a new secret; calls carry a signature by the one before too, until the next rotation."""
    _show_secret(shop_webhooks.rotate_calls_secret(open_stack(context.obj), store_id))


def _show_secret(secret: str) -> None:
    say("  Our calls are signed by Standard Webhooks with this secret, shown this once:")
    say(f"  {secret}", style="bold")
