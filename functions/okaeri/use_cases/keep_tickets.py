"""What every move in the inbox has in common: the ticket is found, changed without losing others' words, noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from okaeri.domain.customers import Customer
from okaeri.domain.evidence import Envelope, Evidence
from okaeri.domain.inbox import say_span
from okaeri.domain.records import Ticket
from okaeri.domain.stores import Store
from okaeri.domain.tickets import Clash, NoteKind, TicketNote, apply_changes, find_clash
from okaeri.domain.values import format_time, make_id
from okaeri.errors import Conflict, RefuseRequest

if TYPE_CHECKING:
    from okaeri.ports import Clock, Customers, Queues, Tickets

_RACES = 5

Check = Callable[[Ticket], None]


@dataclass(frozen=True)
class KeepTickets:
    """Finds tickets and their customers, changes, notes, and tells the engine what it must hear of."""

    tickets: Tickets
    customers: Customers
    queues: Queues
    clock: Clock

    def find(self, store: Store, ticket_id: str) -> Ticket:
        """Raises RefuseRequest(404)."""
        ticket = self.tickets.get(store.store_id, ticket_id)
        if ticket is None:
            raise RefuseRequest(
                404, "ticket_unknown", "This store has no such ticket.", at="ticket_id", fix="List the tickets."
            )
        return ticket

    def load_customer(self, ticket: Ticket) -> Customer:
        """Raises RefuseRequest(409) where they were erased."""
        customer = self.customers.load(ticket.store_id, ticket.customer_id)
        if customer is None:
            raise RefuseRequest(
                409, "customer_gone", "The customer of this ticket was erased.", at="ticket_id", fix="Solve the ticket."
            )
        return customer

    def change(
        self,
        store: Store,
        ticket_id: str,
        make_changes: Callable[[Ticket], Mapping[str, Any]],
        *,
        check: Check | None = None,
    ) -> Ticket:
        """The ticket as it now is. Who loses a race looks again: `check` and `make_changes` see what others did.

        No changes at all: nothing is written. Raises what `check` raises, RefuseRequest(404), TryAgain.
        """
        for attempt in range(_RACES):
            ticket = self.find(store, ticket_id)
            if check is not None:
                check(ticket)
            changes = make_changes(ticket)
            if not changes:
                return ticket
            changed = apply_changes(ticket, changes)
            try:
                self.tickets.save(changed)
            except Conflict:
                if attempt == _RACES - 1:
                    raise
                continue
            return changed
        raise AssertionError("the last round returns or raises")

    def note(self, ticket: Ticket, kind: NoteKind, by: str, text: str = "", *, note_id: str = "") -> TicketNote:
        """Kept beside the ticket; the same `note_id` at the same moment is one note."""
        at = self.clock()
        note = TicketNote(
            store_id=ticket.store_id,
            ticket_id=ticket.ticket_id,
            note_id=note_id or make_id(kind, by, text, format_time(at))[:16],
            kind=kind,
            by=by,
            at=at,
            text=text,
        )
        self.tickets.put_note(note)
        return note

    def tell_engine(self, ticket: Ticket, evidence: Evidence, *, key: str) -> None:
        """Queues evidence; the same `key` within five minutes is dropped by the queue. Raises TryAgain."""
        envelope = Envelope(
            id=make_id(ticket.store_id, evidence.kind, key),
            store_id=ticket.store_id,
            source="inbox",
            received_at=self.clock(),
            evidence=evidence,
        )
        self.queues.send_evidence([envelope])


def refuse_clash(ticket: Ticket, *, by: str, seen: str | None, now: datetime) -> None:
    """Raises RefuseRequest(409) where somebody did something since this person looked."""
    clash = find_clash(ticket, by=by, seen=seen, now=now)
    if clash is not None:
        raise RefuseRequest(
            409,
            clash.code,
            _say_clash(clash, now),
            at="seen",
            fix="Read the ticket again and send it with the new `seen`, or with `anyway`.",
        )


def _say_clash(clash: Clash, now: datetime) -> str:
    ago = f" {say_span(now - clash.at)} ago" if clash.at else ""
    match clash.code:
        case "answered_meanwhile":
            return f"{clash.by or 'Somebody'} answered{ago}."
        case "customer_wrote_meanwhile":
            return f"The customer wrote{ago}."
        case "solved_meanwhile":
            return f"{clash.by or 'Somebody'} solved it{ago}."
        case "changed_meanwhile":
            return "The ticket was changed since you looked."


def refuse_solved(ticket: Ticket) -> None:
    """Raises RefuseRequest(409) where the ticket is solved."""
    if ticket.solved_at is not None:
        raise RefuseRequest(
            409, "ticket_solved", "The ticket is solved.", at="ticket_id", fix="Reopen it first, then do this."
        )
