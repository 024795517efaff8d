"""What may happen in a talk: bursts, taps, second thoughts, letters, and what the shop's people do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from okaeri.domain.choices import OPTIONS
from okaeri.domain.evidence import (
    ActionDone,
    Evidence,
    LetterReceived,
    MessageReceived,
    StaffReplied,
    TicketReopened,
    TicketSolved,
    TurnDue,
)
from okaeri.domain.records import Ticket
from tests.happenings import Happening, Play, tap_answer

INTENTS = ("order_status", "cancel_order", "return", "find_product", "person", "menu", "dance", "faq:delivery_time")


def _receive(play: Play, number: int = 0, **details: Any) -> MessageReceived:
    said = {"provider_id": f"wamid.{play.count}.{number}", "type": "text", "phone": play.find_phone()} | details
    received = MessageReceived(at=play.now(), **said)
    play.note_said(received)
    return received


def say(*texts: str) -> Happening:
    """The shopper writes, several messages at one moment perhaps."""
    return lambda play: [_receive(play, number, text=text) for number, text in enumerate(texts)]


def do(intent: str) -> Happening:
    """The shopper taps what begins something."""
    return lambda play: [_receive(play, type="interactive", text="…", payload=f"DO:{intent}")]


def send(kind: str) -> Happening:
    """Something that has no words."""
    return lambda play: [_receive(play, type=kind, text="", media_id=f"m{play.count}")]


def change_mind(amends: str, *, back: int) -> Happening:
    """One of the latest messages is edited or deleted."""

    def happen(play: Play) -> Sequence[Evidence]:
        if len(play.said) <= back:
            return []
        meant = play.said[-1 - back]
        words = "order" if amends == "edit" else ""
        return [_receive(play, text=words, amends=amends, reply_to=meant.provider_id)]

    return happen


def choose(row: int, *, back: int) -> Happening:
    """The shopper taps a row of one of the latest questions."""

    def happen(play: Play) -> Sequence[Evidence]:
        asked = [message for message in play.list_messages() if OPTIONS in message.data]
        if len(asked) <= back:
            return []
        rows = json.loads(asked[-1 - back].data[OPTIONS])
        if not rows:
            return []
        answer = rows[row % len(rows)]["id"]
        return [_receive(play, type="interactive", text=answer, payload=f"ANSWER:{asked[-1 - back].seed}:{answer}")]

    return happen


# -- people ------------------------------------------------------------------------------------------------------------


def _find_ticket(play: Play) -> Ticket | None:
    tickets = play.world.records.tickets.values()
    return max(tickets, key=lambda ticket: (ticket.opened_at, ticket.ticket_id), default=None)


def reply(count: int = 1, *, after: timedelta = timedelta(0), expected: bool = False) -> Happening:
    """A person of the shop answers, now or planned for later; `expected` is a notice to who waits."""

    def happen(play: Play) -> Sequence[Evidence]:
        ticket = _find_ticket(play)
        if ticket is None:
            return []
        names = [f"r{play.count}.{number}" for number in range(count)]
        replies = [
            StaffReplied(
                customer_id=ticket.customer_id,
                ticket_id=ticket.ticket_id,
                reply_id=name,
                by="mia",
                text=f"Words of {name}",
                at=play.now() + after,
                expected=expected,
            )
            for name in names
        ]
        play.replies += replies
        return replies

    return happen


def reopen(play: Play) -> Sequence[Evidence]:
    """A person takes a ticket up again, or the talk over."""
    ticket = _find_ticket(play)
    if ticket is None:
        return []
    return [TicketReopened(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, by="mia", at=play.now())]


def solve_latest(play: Play) -> Sequence[Evidence]:
    """The latest ticket is solved."""
    ticket = _find_ticket(play)
    if ticket is None:
        return []
    return [TicketSolved(customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, at=play.now(), outcome="done")]


def write_letter(*, threaded: bool) -> Happening:
    """The shopper writes an e-mail, which answers a ticket of theirs or does not."""

    def happen(play: Play) -> Sequence[Evidence]:
        ticket = _find_ticket(play) if threaded else None
        return [
            LetterReceived(
                letter_id=f"<{play.count}@example.jp>",
                via="email",
                at=play.now(),
                email=play.place.buyer.email or "",
                subject="A question",
                text="Where is it?",
                ticket_id=ticket.ticket_id if ticket else None,
                customer_id=ticket.customer_id if ticket else None,
            )
        ]

    return happen


def settle_change(outcome: str) -> Happening:
    """The store has answered to the latest change that it was asked for."""

    def happen(play: Play) -> Sequence[Evidence]:
        changes = [request for request in play.world.queues.actions if request.kind == "change"]
        if not changes:
            return []
        request = max(changes, key=lambda request: (request.requested_at, request.action_id))
        return [
            ActionDone(
                customer_id=request.customer_id,
                action_id=request.action_id,
                action="change",
                ok=outcome == "done",
                at=play.now(),
                data={"outcome": outcome},
            )
        ]

    return happen


# -- queues ------------------------------------------------------------------------------------------------------------


def lose_turns(play: Play) -> Sequence[Evidence]:
    """The end of a burst is lost in its queue: what is left is the sweep."""
    play.world.forget_later(TurnDue)
    return []


def ring_turns(play: Play) -> Sequence[Evidence]:
    """The end of a burst comes again, or early."""
    talks = (
        (customer.customer_id, customer.conversation.read_at, customer.conversation.unread[0].provider_id)
        for customer in play.world.customers.customers.values()
        if customer.conversation is not None and customer.conversation.unread and customer.merged_into is None
    )
    return [TurnDue(customer_id=name, at=at, first=first) for name, at, first in sorted(talks) if at is not None]


TALK_HAPPENINGS: tuple[Happening, ...] = (
    *(say(text) for text in ("hm", "hello", "order", "order 5001", "order 5003", "cancel", "return", "find", "1", "2")),
    *(say(text) for text in ("skip", "person", "language", "thanks", "yes", "STOP", "START", "9")),
    say("hello", "my", "parcel"),
    say("hm", "STOP", "hm"),
    say("hm", "order"),
    say(*("and" for _ in range(24))),
    *(do(intent) for intent in INTENTS),
    *(send(kind) for kind in ("image", "audio", "sticker")),
    *(change_mind(amends, back=back) for amends in ("edit", "revoke") for back in (0, 1)),
    *(choose(row, back=back) for row in (0, 1) for back in (0, 0, 1)),
    *(tap_answer(answer, back=back) for answer in ("yes", "person", "9", "skip") for back in (0, 1)),
    reply(),
    reply(),
    reply(5),
    reply(expected=True),
    reply(after=timedelta(hours=5)),
    reply(after=timedelta(days=2)),
    reopen,
    solve_latest,
    solve_latest,
    write_letter(threaded=False),
    write_letter(threaded=True),
    *(settle_change(outcome) for outcome in ("done", "refused", "failed")),
    lose_turns,
    ring_turns,
)
