"""What the shop's people see: who waits, and everything about one ticket. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from okaeri.domain.conversations import ConversationState
from okaeri.domain.customers import Customer
from okaeri.domain.histories import History, join_histories
from okaeri.domain.inbox import (
    CustomerSummary,
    Line,
    Window,
    describe_customer,
    describe_deadline,
    describe_window,
    find_channel,
    list_lines,
)
from okaeri.domain.knowledge import QuickReply
from okaeri.domain.languages import choose_locale
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.orders import Order
from okaeri.domain.records import MediaRecord, OrderRecord, Ticket
from okaeri.domain.remedies import RemedyKind, find_left, list_allowed
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.domain.tickets import TicketNote, is_owed, is_urgent, list_next_stages, name_place, tag_sight
from okaeri.errors import GiveUp
from okaeri.use_cases.keep_tickets import KeepTickets

if TYPE_CHECKING:
    from okaeri.ports import Histories, Knowledge, MediaStore, Records, SaidWords

MOST_LISTED = 200
_MOST_LOOKED_AT = 2000  # tickets read for one list: a filter that few pass must not read on for ever
_MOST_SAID = 200  # entries of one timeline
_MOST_FILES = 20
_MOST_RECALLED = 30  # lines whose words are worked out again: a millisecond each
LINK_S = 3600  # how long a link to a file opens it

type State = Literal["open", "waiting", "person", "solved"]


class Filter(NamedTuple):
    """Which tickets. `open` is waiting and person together; `assignee` is a name, "" everybody, "-" nobody."""

    state: State = "open"
    assignee: str = ""
    queue: str = ""
    customer_id: str = ""
    order_id: str = ""


class Row(NamedTuple):
    """One ticket in a list."""

    ticket: Ticket
    deadline: str
    is_owed: bool
    is_urgent: bool


class Page(NamedTuple):
    """`after` is where the next page begins, None at the end."""

    rows: tuple[Row, ...]
    after: str | None


class Allowed(NamedTuple):
    """A remedy that this person may give on this ticket, and how much of it is left (None: not counted in money)."""

    kind: RemedyKind
    left: Decimal | None
    currency: str


class File(NamedTuple):
    """A file of the talk. `link` opens it for an hour; it is empty, with the reason, where there is none to open."""

    media_id: str
    content_type: str
    name: str
    size: int
    link: str
    refused: str
    may_publish: bool


class TicketView(NamedTuple):
    """Everything about one ticket as one person sees it. `seen` goes back with what they do."""

    row: Row
    seen: str
    customer: CustomerSummary
    talk: ConversationState
    window: Window
    lines: tuple[Line, ...]
    files: tuple[File, ...]  # the latest, newest first
    notes: tuple[TicketNote, ...]
    order_name: str
    may_give: tuple[Allowed, ...]
    next_stages: tuple[str, ...]
    quick_replies: tuple[QuickReply, ...]


@dataclass(frozen=True)
class ReadInbox:
    """Lists read the index and the tickets that they show; one ticket is a handful of reads."""

    keep: KeepTickets
    records: Records
    histories: Histories
    knowledge: Knowledge
    media: MediaStore
    said: SaidWords

    def list(self, store: Store, wanted: Filter, *, limit: int = 50, after: str = "") -> Page:
        """In the inbox's order; solved ones the latest first."""
        tickets = self.keep.tickets
        lists = tickets.list_solved if wanted.state == "solved" else tickets.list_open
        rows: list[Row] = []
        for looked_at, ticket in enumerate(lists(store.store_id, beyond=after), 1):
            if len(rows) == min(limit, MOST_LISTED) or looked_at > _MOST_LOOKED_AT:
                return Page(tuple(rows), after)
            after = name_place(ticket)
            if _passes(ticket, wanted):
                rows.append(self.make_row(ticket, store))
        return Page(tuple(rows), None)

    def show(self, store: Store, by: StaffMember, ticket_id: str) -> TicketView:
        """Raises RefuseRequest(404), TryAgain."""
        ticket = self.keep.find(store, ticket_id)
        customer = self.keep.customers.load(store.store_id, ticket.customer_id) or _forget(ticket)
        order = self._find_order(ticket, customer)
        now = self.keep.clock()
        role = store.settings.roles.get(by.role)
        history = self._read_talk(customer)
        locale = choose_locale(customer, store, store.settings.languages or (store.locale, "en")) or store.locale
        return TicketView(
            row=self.make_row(ticket, store),
            seen=tag_sight(ticket),
            customer=describe_customer(customer, order, store, now),
            talk=customer.conversation.state if customer.conversation else ConversationState.BOT,
            window=describe_window(find_channel(ticket, customer), customer, now),
            lines=self._recall(list_lines(history, customer)[-_MOST_SAID:], history, customer, store),
            files=tuple(map(self._open_file, sorted(history.media, key=_by_arrival, reverse=True)[:_MOST_FILES])),
            notes=tuple(self.keep.tickets.list_notes(store.store_id, ticket_id)),
            order_name=order.name if order else "",
            may_give=tuple(
                Allowed(kind, find_left(kind, role, ticket.remedies), store.currency) for kind in list_allowed(role)
            ),
            next_stages=list_next_stages(ticket),
            quick_replies=tuple(self.knowledge.list_quick_replies(store.store_id, locale)),
        )

    def make_row(self, ticket: Ticket, store: Store) -> Row:
        """The ticket with what lists show beside it."""
        return Row(ticket, describe_deadline(ticket, store, self.keep.clock()), is_owed(ticket), is_urgent(ticket))

    def _read_talk(self, customer: Customer) -> History:
        ids = (customer.customer_id, *customer.absorbed)
        read = (self.histories.read_talk(customer.store_id, customer_id, most=_MOST_SAID) for customer_id in ids)
        return join_histories(*read)

    def _recall(self, lines: tuple[Line, ...], history: History, customer: Customer, store: Store) -> tuple[Line, ...]:
        """The lines with the words of the latest messages that keep none themselves: what flows and journeys said."""
        messages = {kept.message.message_id: kept.message for kept in history.messages}
        orders: dict[str, OrderRecord | None] = {}

        def say(line: Line) -> Line:
            message = messages.get(line.line_id)
            if message is None or line.text:
                return line
            order_id = message.refs.order_id
            if order_id and order_id not in orders:
                orders[order_id] = self.records.get_order(store.store_id, order_id)
            facts = MessageFacts(
                message=message,
                store=store,
                customer=customer,
                order=orders[order_id] if order_id else None,
                cart=None,
                now=line.at,
            )
            return line._replace(text=self.said.recall(facts))

        return (*lines[:-_MOST_RECALLED], *map(say, lines[-_MOST_RECALLED:]))

    def _find_order(self, ticket: Ticket, customer: Customer) -> Order | None:
        order_id = ticket.order_id or next(reversed(customer.orders), None)
        record = self.records.get_order(ticket.store_id, order_id) if order_id else None
        return record.order if record else None

    def _open_file(self, record: MediaRecord) -> File:
        link, refused = "", record.refused
        if record.key:
            try:
                link = self.media.make_link(record.key, seconds=LINK_S)
            except GiveUp as gone:  # its retention is over
                refused = gone.code
        return File(record.media_id, record.content_type, record.name, record.size, link, refused, record.may_publish)


def _by_arrival(record: MediaRecord) -> datetime:
    return record.received_at


def _passes(ticket: Ticket, wanted: Filter) -> bool:
    if wanted.state in ("waiting", "person") and ticket.state != wanted.state:
        return False
    for asked, found in (
        (wanted.queue, ticket.queue),
        (wanted.customer_id, ticket.customer_id),
        (wanted.order_id, ticket.order_id),
    ):
        if asked and asked != found:
            return False
    return not wanted.assignee or ticket.assignee == ("" if wanted.assignee == "-" else wanted.assignee)


def _forget(ticket: Ticket) -> Customer:
    """Who was erased: the ticket stays, without anybody behind it."""
    return Customer(store_id=ticket.store_id, customer_id=ticket.customer_id, created_at=ticket.opened_at)
