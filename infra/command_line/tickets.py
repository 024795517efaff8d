"""A store's tickets: what journeys left for people to look at."""

from __future__ import annotations

from datetime import UTC, datetime

from command_line import records
from command_line.failures import CommandFailure
from command_line.queues import open_queues
from command_line.stack import Stack
from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.histories import DynamoHistories
from okaeri.domain.evidence import Envelope, TicketSolved
from okaeri.domain.records import Ticket
from okaeri.domain.values import format_time, make_id


def list_tickets(stack: Stack, store_id: str, *, open_only: bool = False) -> list[Ticket]:
    """The store's tickets, the most urgent first: open ones before solved ones, by when they are due."""
    records.read_store(stack, store_id)
    found = DynamoHistories(stack.dynamodb, stack.table_name, _read_clock).list_tickets(store_id)
    chosen = [ticket for ticket in found if not (open_only and ticket.solved_at)]
    return sorted(
        chosen, key=lambda t: (t.solved_at is not None, t.due or datetime.max.replace(tzinfo=UTC), t.opened_at)
    )


def solve_ticket(stack: Stack, store_id: str, ticket_id: str, outcome: str) -> Ticket:
    """Notes how it was solved, and tells the engine: marketing speaks again, journeys that wait for it go on.

    `ticket_id` may be cut short. Solved already, it stays as it was, and the engine is told once more: it may not
    have heard. Raises CommandFailure.
    """
    found = [ticket for ticket in list_tickets(stack, store_id) if ticket.ticket_id.startswith(ticket_id)]
    if len(found) != 1:
        what = "several tickets have such an id" if found else "no ticket has such an id"
        raise CommandFailure(what, at="ID", fix=f"See okaeri tickets list {store_id}.")
    solved = _note_solved(stack, found[0], outcome)
    assert solved.solved_at is not None  # it was noted just now, or before
    evidence = TicketSolved(
        customer_id=solved.customer_id, ticket_id=solved.ticket_id, at=solved.solved_at, outcome=solved.outcome
    )
    envelope = Envelope(
        id=make_id(store_id, "ticket.solved", solved.ticket_id),
        store_id=store_id,
        source="okaeri tickets",
        received_at=_read_clock(),
        evidence=evidence,
    )
    open_queues(stack).send_evidence([envelope])
    return solved


def _note_solved(stack: Stack, ticket: Ticket, outcome: str) -> Ticket:
    at = _read_clock()
    try:
        Table(stack.dynamodb, stack.table_name).update(
            keys.tickets_key(ticket.store_id),
            ticket.ticket_id,
            "SET solved_at = :at, outcome = :outcome",
            condition="attribute_exists(pk) AND attribute_not_exists(solved_at)",
            values={":at": {"S": format_time(at)}, ":outcome": {"S": outcome}},
        )
    except ConditionFailed as lost:
        if ticket.solved_at is not None:
            return ticket
        raise CommandFailure("somebody else solved it just now", at="ID", fix="List the tickets again.") from lost
    return ticket.model_copy(update={"solved_at": at, "outcome": outcome})


def _read_clock() -> datetime:
    return datetime.now(UTC)
