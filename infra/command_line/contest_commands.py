"""`okaeri contests …`"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from command_line import contests
from command_line.screen import say, show_table
from command_line.stack import Stack, open_stack
from command_line.store_commands import StoreId
from okaeri.domain.contests import Draw, commit

app = typer.Typer(help="Draws of contests that anybody can check.", no_args_is_help=True)

ContestName = Annotated[str, typer.Argument(metavar="CONTEST", help="Under which name its journey records entries.")]


@app.command("seed")
def make_seed() -> None:
    """Makes a seed to keep, and the commitment to publish before entries close."""
    seed = secrets.token_hex(16)
    say(f"seed        {seed}")
    say(f"commitment  {commit(seed)}")
    say("Keep the seed to yourself until the draw; publish the commitment with the rules.")


@app.command("draw")
def draw(
    context: typer.Context,
    store_id: StoreId,
    contest: ContestName,
    seed: Annotated[str, typer.Option(help="The seed whose commitment was published.")],
    winners: Annotated[int, typer.Option(min=1, help="How many win.")] = 1,
    public: Annotated[str, typer.Option(help="What nobody could know before, such as a lottery's numbers.")] = "",
) -> None:
    """Draws the winners, once for all; everybody who entered counts once."""
    stack = open_stack(context.obj)
    held = contests.hold_draw(
        stack, store_id, contest, winners=winners, seed=seed, public=public, now=datetime.now(UTC)
    )
    _show(stack, held)


@app.command("show")
def show(
    context: typer.Context,
    store_id: StoreId,
    contest: ContestName,
    tickets: Annotated[bool, typer.Option("--tickets", help="All tickets too, to be published.")] = False,
) -> None:
    """Shows the record of a draw."""
    stack = open_stack(context.obj)
    held = contests.read_draw(stack, store_id, contest)
    _show(stack, held)
    if tickets:
        say()
        for ticket in held.tickets:
            say(ticket)


def _show(stack: Stack, held: Draw) -> None:
    say(f"{held.contest}: {len(held.tickets)} took part, drawn {held.drawn_at:%Y-%m-%d %H:%M} UTC")
    say(f"seed        {held.seed}")
    if held.public:
        say(f"public      {held.public}")
    say(f"commitment  {held.commitment}")
    rows = [
        (winner.ticket, winner.name, winner.reach, winner.customer_id) for winner in contests.name_winners(stack, held)
    ]
    show_table(("ticket", "winner", "reached by", "customer"), rows)
