"""`okaeri stores access`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from command_line import records, store_access
from command_line.screen import say, warn
from command_line.stack import open_stack
from okaeri.domain.stores import Platform

StoreId = Annotated[str, typer.Argument(metavar="STORE", help="Id of the store.")]


def put_access(
    context: typer.Context,
    store_id: StoreId,
    client_id: Annotated[str | None, typer.Option(help="Shopify: the app's client id.")] = None,
    client_secret: Annotated[
        str | None, typer.Option(help="Shopify: the app's client secret; asked for beside --client-id.")
    ] = None,
    token: Annotated[str | None, typer.Option(help="Shopify: a fixed Admin API token, shpat_….")] = None,
    key: Annotated[str | None, typer.Option(help="WooCommerce: the consumer key, ck_….")] = None,
    secret: Annotated[str | None, typer.Option(help="WooCommerce: its secret, cs_…; asked for beside --key.")] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the API is, if not at the store's domain: https://example.com/shop")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget it: changes become tickets.")] = False,
) -> None:
    """Lets Okaeri change orders in the store itself: cancel, address, size, note, return (docs/store-access.md)."""
    stack = open_stack(context.obj)
    if remove:
        store_access.remove_access(stack, store_id)
        say(f"✓ {store_id} is changed by people alone, within 5 minutes.")
        return
    platform = records.read_store(stack, store_id).platform
    given = {"client_id": client_id, "client_secret": client_secret, "token": token, "key": key, "secret": secret}
    if not any(given.values()) and platform is not Platform.STANDARD and sys.stdin.isatty():
        first = "client_id" if platform is Platform.SHOPIFY else "key"
        given[first] = typer.prompt("Client id" if platform is Platform.SHOPIFY else "Consumer key")
    for name, beside in (("client_secret", "client_id"), ("secret", "key")):
        if given[beside] and not given[name] and sys.stdin.isatty():
            given[name] = typer.prompt(name.replace("_", " ").capitalize(), hide_input=True)
    values = {name: text for name, text in (given | {"url": url}).items() if text}
    store = store_access.put_access(stack, store_id, values)
    missing = store_access.find_missing(stack, store)
    say(f"✓ {store_id} answers. Functions use the new access within 5 minutes.")
    for do, scopes in missing.items():
        warn(f"{do} needs {' and '.join(scopes)}: add it to the app and install the new version.")
