"""What people do with a ticket besides answering: take it, give it to somebody, note, solve, reopen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from okaeri.domain.customers import Customer
from okaeri.domain.evidence import TicketReopened, TicketSolved
from okaeri.domain.records import Ticket
from okaeri.domain.shop_hours import find_answer_time
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.domain.tickets import TicketNote, is_open
from okaeri.domain.values import Channel, format_time, make_id
from okaeri.errors import RefuseRequest
from okaeri.use_cases.keep_tickets import KeepTickets, refuse_clash, refuse_solved

if TYPE_CHECKING:
    from okaeri.ports import Staff

CONVERSATION = "conversation"  # the queue of talks that a person took over


@dataclass(frozen=True)
class HandleTicket:
    """Each move is noted beside the ticket with who made it."""

    keep: KeepTickets
    staff: Staff

    def assign(self, store: Store, by: StaffMember, ticket_id: str, assignee: str) -> Ticket:
        """Gives it to a member of the staff, or with an empty name to nobody. Raises RefuseRequest."""
        if assignee and self.staff.find(store.store_id, assignee) is None:
            known = ", ".join(member.name for member in self.staff.list_all(store.store_id))
            raise RefuseRequest(
                422, "staff_unknown", f"Nobody here is called {assignee}.", at="assignee", fix=f"One of: {known}."
            )
        before = self.keep.find(store, ticket_id)
        ticket = self.keep.change(
            store, ticket_id, lambda ticket: {} if ticket.assignee == assignee else {"assignee": assignee}
        )
        if before.assignee != assignee:
            self.keep.note(ticket, "assigned", by.name, assignee)
        return ticket

    def set_priority(
        self, store: Store, by: StaffMember, ticket_id: str, priority: Literal["low", "normal", "high"]
    ) -> Ticket:
        """A high one moves to the front. Raises RefuseRequest."""
        before = self.keep.find(store, ticket_id)
        ticket = self.keep.change(
            store, ticket_id, lambda ticket: {} if ticket.priority == priority else {"priority": priority}
        )
        if before.priority != priority:
            self.keep.note(ticket, "priority", by.name, priority)
        return ticket

    def note(self, store: Store, by: StaffMember, ticket_id: str, text: str) -> TicketNote:
        """For colleagues; the customer sees nothing of it. Raises RefuseRequest."""
        return self.keep.note(self.keep.find(store, ticket_id), "note", by.name, text)

    def take(self, store: Store, by: StaffMember, ticket_id: str) -> Ticket:
        """Makes it theirs: from now on a person is in charge of the talk, and the assistant is silent.

        Raises RefuseRequest where it is solved, TryAgain.
        """
        ticket = self.keep.change(
            store,
            ticket_id,
            lambda ticket: {"state": "person", "assignee": by.name},
            check=refuse_solved,
        )
        self._say_taken(ticket, by, key=f"{ticket.ticket_id}:{ticket.version}")
        self.keep.note(ticket, "taken", by.name)
        return ticket

    def take_talk(self, store: Store, by: StaffMember, customer_id: str) -> Ticket:
        """Takes a talk over from the assistant: its open ticket, else a new one. Raises RefuseRequest, TryAgain."""
        customer = self.keep.customers.load(store.store_id, customer_id)
        if customer is None:
            raise RefuseRequest(
                404,
                "customer_unknown",
                "This store has no such customer.",
                at="customer_id",
                fix="Take the id from a ticket.",
            )
        open_id = _find_open_ticket(customer)
        known = self.keep.tickets.get(store.store_id, open_id) if open_id else None
        if known is not None and is_open(known):
            return self.take(store, by, known.ticket_id)
        ticket = self._make_ticket(store, customer)
        self.keep.tickets.create(ticket)
        return self.take(store, by, ticket.ticket_id)

    def solve(
        self,
        store: Store,
        by: StaffMember,
        ticket_id: str,
        outcome: str,
        *,
        seen: str | None = None,
        anyway: bool = False,
    ) -> Ticket:
        """Notes how it came out and tells the engine: the assistant and marketing may speak again.

        Solved already, it stays as it was, and the engine is told once more: it may not have heard.
        Raises RefuseRequest, TryAgain.
        """
        now = self.keep.clock()

        def make_changes(ticket: Ticket) -> Mapping[str, Any]:
            if ticket.solved_at is not None:
                return {}
            return {"solved_at": now, "solved_by": by.name, "outcome": outcome, "state": "solved"}

        def check(ticket: Ticket) -> None:
            if ticket.solved_at is None and not anyway:
                refuse_clash(ticket, by=by.name, seen=seen, now=now)

        ticket = self.keep.change(store, ticket_id, make_changes, check=check)
        assert ticket.solved_at is not None  # set just now, or before
        evidence = TicketSolved(
            customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=ticket.solved_at, outcome=ticket.outcome
        )
        self.keep.tell_engine(ticket, evidence, key=f"{ticket.ticket_id}:{format_time(ticket.solved_at)}")
        if ticket.solved_at == now:
            self.keep.note(ticket, "solved", by.name, outcome)
        return ticket

    def reopen(self, store: Store, by: StaffMember, ticket_id: str) -> Ticket:
        """Takes a solved one up again, as theirs; an open one stays as it is. Raises RefuseRequest, TryAgain."""

        def make_changes(ticket: Ticket) -> Mapping[str, Any]:
            if ticket.solved_at is None:
                return {}
            return {
                "solved_at": None,
                "solved_by": None,
                "outcome": None,
                "reopened": ticket.reopened + 1,
                "state": "person",
                "assignee": by.name,
                "due": find_answer_time(store, self.keep.clock()),
            }

        before = self.keep.find(store, ticket_id)
        ticket = self.keep.change(store, ticket_id, make_changes)
        self._say_taken(ticket, by, key=f"{ticket.ticket_id}:{ticket.version}")
        if before.solved_at is not None:
            self.keep.note(ticket, "reopened", by.name)
        return ticket

    def _say_taken(self, ticket: Ticket, by: StaffMember, *, key: str) -> None:
        evidence = TicketReopened(
            customer_id=ticket.customer_id,
            ticket_id=ticket.ticket_id,
            queue=ticket.queue,
            by=by.name,
            at=self.keep.clock(),
        )
        self.keep.tell_engine(ticket, evidence, key=key)

    def _make_ticket(self, store: Store, customer: Customer) -> Ticket:
        """Two who take the same talk make the same ticket: its id is of the customer as both saw them."""
        now = self.keep.clock()
        conversation = customer.conversation
        return Ticket(
            store_id=store.store_id,
            ticket_id=make_id(store.store_id, customer.customer_id, CONVERSATION, customer.version)[:20],
            customer_id=customer.customer_id,
            queue=CONVERSATION,
            opened_at=now,
            due=find_answer_time(store, now),
            order_id=next(reversed(customer.orders), None),
            channel=conversation.channel if conversation else Channel.WHATSAPP,
            last_heard_at=customer.window_opened_at,
        )


def _find_open_ticket(customer: Customer) -> str | None:
    """The talk's own, else the latest of those that are open."""
    opened = {ticket.ticket_id: ticket.opened_at for ticket in customer.open_tickets}
    talk = customer.conversation.ticket_id if customer.conversation else None
    if talk in opened:
        return talk
    return max(opened, key=lambda ticket_id: opened[ticket_id], default=None)
