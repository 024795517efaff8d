"""Answers a customer from the inbox, now or later, and tells all who wait of a delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from okaeri.domain.conversations import MAX_HELD
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import Envelope, StaffReplied
from okaeri.domain.inbox import describe_window, find_channel
from okaeri.domain.languages import choose_locale
from okaeri.domain.records import Ticket
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.domain.tickets import is_owed, name_place
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest
from okaeri.use_cases.keep_tickets import KeepTickets, refuse_clash, refuse_solved

if TYPE_CHECKING:
    from okaeri.ports import Knowledge

LONGEST_AHEAD = timedelta(days=30)  # of a scheduled answer
MOST_WAITING = 1000  # tickets of one announcement; the next call goes on
LEAD = "lead"
_BATCH = 10  # envelopes in one call of the queue


class Reply(NamedTuple):
    """What a person says. One of `text` and `quick_reply` (its name), with or without a file of our store of media.

    `at` ahead of now is a scheduled answer. `reply_id` makes the same answer sent twice one. `seen` is the tag of the
    ticket as its writer saw it; `anyway` says it whatever happened since.
    """

    reply_id: str
    text: str = ""
    quick_reply: str = ""
    media_key: str | None = None
    at: datetime | None = None
    seen: str | None = None
    anyway: bool = False


class Notice(NamedTuple):
    """What is told to all who wait, by language; who speaks none of them gets the store's, else the first.

    `announcement_id` makes the same notice sent twice one. `queue` leaves others out; empty means everybody.
    """

    announcement_id: str
    texts: Mapping[str, str]
    queue: str = ""


class Announced(NamedTuple):
    """How many customers this call told, and from where the next one goes on (None at the end)."""

    told: int
    after: str | None


@dataclass(frozen=True)
class AnswerCustomer:
    """What is said goes to the engine as evidence: it knows the window, the channel and what is held."""

    keep: KeepTickets
    knowledge: Knowledge

    def reply(self, store: Store, by: StaffMember, ticket_id: str, reply: Reply) -> Ticket:
        """The ticket with the answer noted. Raises RefuseRequest (404, 409, 422), TryAgain.

        The colleague who answers in the same second is told so, and says it again if they want to.
        """
        now = self.keep.clock()
        ticket = self.keep.find(store, ticket_id)
        customer = self.keep.load_customer(ticket)
        text = self._choose_text(store, customer, reply)
        if reply.at is not None and not now - timedelta(minutes=1) <= reply.at <= now + LONGEST_AHEAD:
            raise RefuseRequest(
                422, "time_refused", "An answer is scheduled for the next 30 days.", at="at", fix="Give such a time."
            )
        if reply.media_key is not None and not reply.media_key.startswith(f"files/{store.store_id}/"):
            raise RefuseRequest(
                422, "file_unknown", "This store has no such file.", at="media_key", fix="Keep it first."
            )
        is_later = reply.at is not None and reply.at > now
        is_open = describe_window(find_channel(ticket, customer), customer, now).is_open
        if not is_open and not is_later:
            refuse_more_held(customer, reply)

        def check(ticket: Ticket) -> None:
            if ticket.reply_id == reply.reply_id:
                return
            refuse_solved(ticket)
            if not reply.anyway:
                refuse_clash(ticket, by=by.name, seen=reply.seen, now=now)

        def make_changes(ticket: Ticket) -> Mapping[str, Any]:
            if ticket.reply_id == reply.reply_id:
                return {}
            changes: dict[str, Any] = {"reply_id": reply.reply_id, "replies": ticket.replies + 1}
            if is_later:
                return changes
            changes |= {"replied_at": now, "replied_by": by.name, "state": "person"}
            if not ticket.assignee:
                changes["assignee"] = by.name
            if is_open:
                changes |= {"last_told_at": now, "first_told_at": now}
            return changes

        ticket = self.keep.change(store, ticket_id, make_changes, check=check)
        evidence = StaffReplied(
            customer_id=ticket.customer_id,
            ticket_id=ticket.ticket_id,
            reply_id=reply.reply_id,
            by=by.name,
            text=text,
            media_key=reply.media_key,
            at=reply.at if reply.at is not None and is_later else now,
            channel=ticket.channel,
        )
        self.keep.tell_engine(ticket, evidence, key=reply.reply_id)
        if is_later:
            self.keep.note(ticket, "scheduled", by.name, text, note_id=make_id(reply.reply_id)[:16])
        return ticket

    def announce(self, store: Store, by: StaffMember, notice: Notice, *, after: str = "") -> Announced:
        """Tells everybody who waits for an answer, each in their language, once however often it is pressed.

        The tickets stay unanswered. `after` is where a former call ended. Raises RefuseRequest, TryAgain.
        """
        if by.role != LEAD:
            raise RefuseRequest(
                403, "not_your_role", "All who wait are told by a lead.", at="Authorization", fix="Ask a lead."
            )
        told: set[str] = set()
        place = None
        waiting = islice(self.keep.tickets.list_open(store.store_id, beyond=after), MOST_WAITING)
        for tickets in batched(waiting, _BATCH, strict=False):
            place = name_place(tickets[-1])
            made = [self._make_notice(ticket, store, by, notice) for ticket in tickets if _concerns(notice, ticket)]
            envelopes = {envelope.id: envelope for envelope in made if envelope and envelope.id not in told}
            if envelopes:
                self.keep.queues.send_evidence(list(envelopes.values()))
            told.update(envelopes)
        is_over = next(self.keep.tickets.list_open(store.store_id, beyond=place), None) is None if place else True
        return Announced(len(told), None if is_over else place)

    def _make_notice(self, ticket: Ticket, store: Store, by: StaffMember, notice: Notice) -> Envelope | None:
        customer = self.keep.customers.load(ticket.store_id, ticket.customer_id)
        if customer is None:
            return None
        now = self.keep.clock()
        locale = choose_locale(customer, store, notice.texts) or next(iter(notice.texts))
        # Of the customer rather than the ticket: who waits for two answers is told once.
        reply_id = make_id(store.store_id, "announcement", notice.announcement_id, ticket.customer_id)
        evidence = StaffReplied(
            customer_id=ticket.customer_id,
            ticket_id=ticket.ticket_id,
            reply_id=reply_id,
            by=by.name,
            text=notice.texts[locale],
            at=now,
            expected=True,
            channel=ticket.channel,
        )
        return Envelope(id=reply_id, store_id=store.store_id, source="inbox", received_at=now, evidence=evidence)

    def _choose_text(self, store: Store, customer: Customer, reply: Reply) -> str:
        if reply.text.strip() and not reply.quick_reply:
            return reply.text.strip()
        if not reply.quick_reply:
            if reply.media_key:
                return ""
            raise RefuseRequest(422, "text_missing", "An answer has no words.", at="text", fix="Write some.")
        if reply.text.strip():
            raise RefuseRequest(
                422, "two_texts", "A quick reply brings its own words.", at="quick_reply", fix="Send one of the two."
            )
        known: dict[str, str] = {}
        for locale in dict.fromkeys(filter(None, (customer.asked_locale, customer.locale, store.locale, "en"))):
            for ready in self.knowledge.list_quick_replies(store.store_id, locale):
                known.setdefault(ready.name, ready.text)
        if reply.quick_reply not in known:
            names = ", ".join(sorted(known)) or "none yet: okaeri replies set"
            raise RefuseRequest(
                422,
                "quick_reply_unknown",
                f"There is no quick reply {reply.quick_reply} in a language of this customer.",
                at="quick_reply",
                fix=f"Choose one of: {names}.",
            )
        return known[reply.quick_reply]


def refuse_more_held(customer: Customer, reply: Reply) -> None:
    """Raises RefuseRequest(409) where so many answers wait for WhatsApp's window that one would be lost."""
    held = customer.conversation.held if customer.conversation else ()
    if len(held) >= MAX_HELD and all(other.reply_id != reply.reply_id for other in held):
        raise RefuseRequest(
            409,
            "too_many_held",
            f"{len(held)} answers wait already until the customer writes again.",
            at="ticket_id",
            fix="Wait for them to write; keep your words in a note until then.",
        )


def _concerns(notice: Notice, ticket: Ticket) -> bool:
    return is_owed(ticket) and notice.queue in ("", ticket.queue)
