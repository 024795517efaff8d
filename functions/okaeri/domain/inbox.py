"""What the inbox tells of a ticket: the talk, the customer in plain words, the window, the deadline. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from okaeri.domain.conversations import STAFF_REPLY
from okaeri.domain.customers import Customer
from okaeri.domain.gates import SERVICE_WINDOW, find_email, find_whatsapp_address, is_window_open
from okaeri.domain.histories import History, KeptMessage
from okaeri.domain.messages import ENDED, MessageState
from okaeri.domain.orders import Order
from okaeri.domain.records import Ticket, TimelineEntry
from okaeri.domain.segments import LIFE_CYCLE, list_segments
from okaeri.domain.sentences import say_reason
from okaeri.domain.shop_hours import find_shop_zone, is_always_open, list_openings
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel

_HEARD = ".received"  # how the kinds of timeline entries end that are words of the customer
_SAID = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED, MessageState.READ)
_HELD = "What you write is held: they get a message that asks for a word, and yours once they answer."
_SHORTEST = timedelta(minutes=1)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Window(NamedTuple):
    """Whether free words reach the customer now. `until` is when that ends, `since` when it ended."""

    channel: Channel
    is_open: bool
    until: datetime | None
    since: datetime | None
    advice: str  # what can be said now, one sentence


class Line(NamedTuple):
    """One thing that was said. `who` is customer, assistant (journeys and flows) or shop (a person, `by`)."""

    line_id: str
    at: datetime
    who: Literal["customer", "assistant", "shop"]
    channel: str
    text: str = ""
    by: str = ""
    template: str = ""
    state: str = ""  # of what was told: sent, delivered, read, failed, held …
    reason: str = ""  # why it was not said, in words
    media_id: str = ""
    type: str = "text"
    subject: str = ""
    amends: str = ""  # edit or revoke: of an earlier line


class CustomerSummary(NamedTuple):
    """Who it is, in sentences, and how else they are reached, the address in use first."""

    name: str
    locale: str | None
    sentences: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]


def find_channel(ticket: Ticket, customer: Customer) -> Channel:
    """Where the customer is answered: where they wrote last in this talk, else where the ticket was opened."""
    talk = customer.conversation
    return talk.channel if talk is not None and talk.ticket_id == ticket.ticket_id else ticket.channel


def describe_window(channel: Channel, customer: Customer, now: datetime) -> Window:
    """`now` is real time: WhatsApp's 24 hours are Meta's."""
    if channel is Channel.EMAIL:
        reached = find_email(customer) is not None
        advice = "It goes out as an e-mail." if reached else "No e-mail address of theirs works: nothing can be said."
        return Window(channel, reached, None, None, advice)
    if find_whatsapp_address(customer) is None:
        return Window(channel, False, None, None, "No WhatsApp number of theirs works: nothing can be said there.")
    if customer.window_opened_at is None:
        return Window(channel, False, None, None, f"They never wrote on WhatsApp. {_HELD}")
    closes = customer.window_opened_at + SERVICE_WINDOW
    if is_window_open(customer, now):
        return Window(channel, True, closes, None, f"Free words until then, for {say_span(closes - now)} more.")
    return Window(channel, False, None, closes, f"Closed for {say_span(now - closes)}. {_HELD}")


def describe_deadline(ticket: Ticket, store: Store, now: datetime) -> str:
    """`due in 2 h (shop hours)`, `late by 30 min (shop hours)`, `solved`, or nothing where it has none."""
    if ticket.solved_at is not None:
        return "solved"
    if ticket.due is None:
        return ""
    hours = "" if is_always_open(store) else " (shop hours)"
    if ticket.due > now:
        return f"due in {say_span(measure_shop_time(store, now, ticket.due))}{hours}"
    return f"late by {say_span(measure_shop_time(store, ticket.due, now))}{hours}"


def measure_shop_time(store: Store, start: datetime, end: datetime) -> timedelta:
    """How much of the shop's hours lies between two moments; all of it for a shop without hours."""
    if is_always_open(store):
        return max(end - start, timedelta(0))
    passed = timedelta(0)
    for opening in list_openings(store, start):
        if opening.opens >= end:
            break
        passed += min(opening.closes, end) - max(opening.opens, start)
    return passed


def say_span(span: timedelta) -> str:
    """`5 min`, `2 h`, `2 h 30 min`, `3 days`; rounded down."""
    if span < _SHORTEST:
        return "less than a minute"
    if span < _HOUR:
        return f"{span // _MINUTE} min"
    if span < 2 * _DAY:
        hours, minutes = span // _HOUR, span % _HOUR // _MINUTE
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    return f"{span // _DAY} days"


def describe_customer(customer: Customer, order: Order | None, store: Store, now: datetime) -> CustomerSummary:
    """`order` is the ticket's, else their latest one."""
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part) or "Nobody knows their name"
    return CustomerSummary(
        name=name,
        locale=customer.asked_locale or customer.locale,
        sentences=tuple(_tell(customer, order, store, now)),
        phones=customer.phones,
        emails=customer.emails,
    )


def _tell(customer: Customer, order: Order | None, store: Store, now: datetime) -> Iterator[str]:
    zone = find_shop_zone(store)
    names = list_segments(customer, store, now)
    life = next((name for name in names if name in LIFE_CYCLE), "")
    if customer.orders_count == 0:
        yield "No order yet."
    else:
        spent = ", ".join(f"{amount} {currency}" for currency, amount in sorted(customer.spent.items()))
        count = "1 order" if customer.orders_count == 1 else f"{customer.orders_count} orders"
        paid = f", {spent} paid" if spent else ""
        yield f"{count}{paid}; {LIFE_CYCLE[life]}." if life else f"{count}{paid}."
    if order is not None:
        status = _say_order(order)
        yield f"Order {order.name} of {order.created_at.astimezone(zone):%Y-%m-%d}, {status}."
    own = [name for name in names if name not in LIFE_CYCLE]
    if own:
        yield f"Segments: {', '.join(own)}."
    if customer.tags:
        yield f"Tags: {', '.join(customer.tags)}."
    others = len(customer.open_tickets)
    if others > 1:
        yield f"{others} tickets of theirs are open."
    if customer.shared:
        yield "Their number or address is used by more than one person."


def _say_order(order: Order) -> str:
    if order.cancelled_at is not None:
        return "cancelled"
    parcels = ", ".join(dict.fromkeys(parcel.status.replace("_", " ") for parcel in order.shipments))
    return f"{order.total} {order.currency} ({order.payment}){f', {parcels}' if parcels else ', not shipped'}"


def list_lines(history: History, customer: Customer) -> tuple[Line, ...]:
    """The talk in the order of time, with what could not be said and what waits to be."""
    lines = [*_list_heard(history.timeline), *map(_read_told, history.messages), *_list_held(customer)]
    return tuple(sorted(lines, key=lambda line: line.at))


def _list_heard(timeline: Iterable[TimelineEntry]) -> Iterator[Line]:
    for entry in timeline:
        if not entry.kind.endswith(_HEARD):
            continue
        data = entry.data
        yield Line(
            line_id=entry.entry_id,
            at=entry.at,
            who="customer",
            channel=entry.kind.partition(".")[0],
            text=entry.text or "",
            media_id=data.get("media_id", ""),
            type=data.get("type", "text"),
            subject=data.get("subject", ""),
            amends=data.get("amends", ""),
        )


def _list_held(customer: Customer) -> Iterator[Line]:
    """What people wrote and WhatsApp does not take yet."""
    for reply in customer.conversation.held if customer.conversation else ():
        yield Line(
            line_id=reply.reply_id, at=reply.at, who="shop", channel="whatsapp", text=reply.text, by=reply.by,
            state="held", reason="it is said once they write",
        )  # fmt: skip


def _read_told(kept: KeptMessage) -> Line:
    message = kept.message
    is_reply = message.template == STAFF_REPLY
    # Outside the window the template asks for a word, and the reply itself waits.
    is_request = is_reply and message.channel is Channel.WHATSAPP and not message.free_form
    is_lost = message.state in ENDED or message.state is MessageState.PARKED
    said = next((move.at for move in kept.moves if move.state in _SAID), None)
    return Line(
        line_id=message.message_id,
        at=said or message.state_at or message.decided_at,
        who="shop" if is_reply and not is_request else "assistant",
        by=message.data.get("reply.by", ""),
        channel=message.channel,
        text="" if is_request else message.data.get("reply.text", ""),
        template=message.template,
        state=message.state,
        reason=say_reason(message.reason) if is_lost and message.reason else "",
    )
