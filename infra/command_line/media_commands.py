"""`okaeri media …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from command_line import media
from command_line.failures import CommandFailure
from command_line.screen import say, show_table
from command_line.stack import open_stack
from okaeri.domain.sentences import say_reason

app = typer.Typer(help="Files that customers sent.", no_args_is_help=True)

StoreId = Annotated[str, typer.Argument(metavar="STORE", help="Id of the store.")]
CustomerName = Annotated[str, typer.Argument(metavar="CUSTOMER", help="Our id, an e-mail address, or a phone.")]
MediaId = Annotated[str, typer.Argument(metavar="MEDIA", help="Its id, or how that begins.")]


@app.command("list")
def list_files(context: typer.Context, store_id: StoreId, customer: CustomerName) -> None:
    """Lists what a customer sent, oldest first, and why something was not kept."""
    found = media.list_media(open_stack(context.obj), store_id, customer)
    if not found:
        say("They sent no files.")
        return
    rows = [
        (
            record.media_id,
            f"{record.received_at:%Y-%m-%d %H:%M}",
            record.content_type or "—",
            f"{record.size:,}" if record.size else "—",
            f"not kept: {say_reason(record.refused)}" if record.refused else "kept",
            "yes" if record.may_publish else "no",
        )
        for record in found
    ]
    show_table(("file", "came (UTC)", "type", "bytes", "", "may be published"), rows)


@app.command("get")
def get_file(
    context: typer.Context,
    store_id: StoreId,
    customer: CustomerName,
    media_id: MediaId,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where to put it; beside you if left out.")] = None,
) -> None:
    """Fetches one of them."""
    record, body = media.fetch_media(open_stack(context.obj), store_id, customer, media_id)
    path = out or Path(record.key.rpartition("/")[2])
    if path.exists():
        raise CommandFailure(f"{path} is there already", at="--out", fix="Name another file.")
    path.write_bytes(body)
    say(f"✓ {path}: {record.content_type}, {len(body):,} bytes")


@app.command("publishable")
def set_publishable(
    context: typer.Context,
    store_id: StoreId,
    customer: CustomerName,
    media_id: MediaId,
    agreed: Annotated[bool, typer.Option("--yes/--no", help="Whether the customer agreed.")] = True,
) -> None:
    """Notes that a customer agreed to have a file published, or no longer does."""
    record = media.set_publishable(open_stack(context.obj), store_id, customer, media_id, agreed=agreed)
    say(f"✓ {record.media_id} {'may' if agreed else 'may not'} be published.")
