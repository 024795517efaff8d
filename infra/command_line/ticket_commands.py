"""`okaeri tickets …`"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from command_line import tickets
from command_line.screen import say, show_table
from command_line.stack import open_stack
from command_line.store_commands import StoreId
from okaeri.domain.records import Ticket

app = typer.Typer(help="What journeys left for people to look at.", no_args_is_help=True)


@app.command("list")
def show_tickets(
    context: typer.Context,
    store_id: StoreId,
    open_only: Annotated[bool, typer.Option("--open", help="Those alone that are not solved.")] = False,
) -> None:
    """Lists a store's tickets, the most urgent first."""
    found = tickets.list_tickets(open_stack(context.obj), store_id, open_only=open_only)
    if not found:
        say("No ticket is open." if open_only else "No ticket yet.")
        return
    show_table(
        ("id", "queue", "priority", "opened (UTC)", "due (UTC)", "about", "customer", "state"),
        [
            (
                ticket.ticket_id[:10],
                ticket.queue,
                ticket.priority,
                f"{ticket.opened_at:%Y-%m-%d %H:%M}",
                f"{ticket.due:%Y-%m-%d %H:%M}" if ticket.due else "",
                " ".join(filter(None, (ticket.subject, ticket.order_id and f"order {ticket.order_id}"))),
                ticket.customer_id,
                _say_state(ticket),
            )
            for ticket in found
        ],
    )
    say(f"Who it is about: okaeri explain {store_id} CUSTOMER. Done: okaeri tickets solve {store_id} ID --outcome …")


@app.command("solve")
def solve(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: Annotated[str, typer.Argument(metavar="ID", help="As listed; its first characters will do.")],
    outcome: Annotated[str, typer.Option("--outcome", help="How it came out; journeys may read it.")],
) -> None:
    """Notes that a ticket is solved; marketing may speak to its customer again."""
    solved = tickets.solve_ticket(open_stack(context.obj), store_id, ticket_id, outcome.strip())
    say(f"✓ {solved.ticket_id[:10]} is solved: {solved.outcome}")


def _say_state(ticket: Ticket) -> str:
    if ticket.solved_at is not None:
        return f"solved {ticket.solved_at:%Y-%m-%d}: {ticket.outcome}"
    return "late" if ticket.due and ticket.due < datetime.now(UTC) else "open"
