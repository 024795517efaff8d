"""What each record adds to a store's results, and which message an order is owed to. Pure.

A record that changes is counted by the difference between what it was and what it is: whatever came meanwhile, doubled
or out of order, each thing is counted once, and what turns out to have been a program's click is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from okaeri.domain.local_time import name_month
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.records import Ticket
from okaeri.domain.touches import Touch
from okaeri.domain.values import Channel

Amounts = Mapping[str, Decimal]

UNSUBSCRIBED_WITHIN = timedelta(hours=24)  # after a message, and by it
ONE = Decimal(1)
# Minutes until a ticket's first answer: each ticket stands in the first of these that holds it, or beyond all.
ANSWER_MINUTES = (5, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 10080)
# Days to the second order: each for itself at first, then by the week, and all beyond two years together. So an item
# that every second order is added to stays small.
DAY_BY_DAY, MOST_DAYS = 90, 730
# What is counted by the look of a message besides: `picture/read`. Its text alone is what is left.
BY_FORMAT = frozenset({"sent", "delivered", "read", "opened", "clicked", "answered", "goals", "bought", "unsubscribed"})
PLAIN = "text"
SECOND_ORDERS = "*second-orders"  # where they stand, apart from what each order adds to; no journey has such a name

_TAKEN = frozenset(
    {MessageState.ACCEPTED, MessageState.HELD, MessageState.SENT, MessageState.DELIVERED, MessageState.READ}
)
_ARRIVED = frozenset({MessageState.DELIVERED, MessageState.READ})


class Place(NamedTuple):
    """Where something is counted. `month` is the store's own ("2026-11"); the rest is empty where it does not apply."""

    month: str
    journey: str = ""
    template: str = ""
    channel: str = ""
    arm: str = ""


def find_place(message: Message, zone: ZoneInfo) -> Place:
    """A message stays in the month in which it was decided, whenever it is read: a funnel speaks of the same ones."""
    month = name_month(message.decided_at, zone)
    return Place(month, message.journey or "", message.template, message.channel, message.arm)


def count_message(message: Message) -> Amounts:
    """How far it is. What a person did and what a program did stand apart; `read` is WhatsApp's, `opened` e-mail's."""
    state = message.state
    is_mail = message.channel is Channel.EMAIL
    was_taken = state in _TAKEN or (state is MessageState.FAILED and message.provider_id is not None)
    found = {
        "decided": True,
        "sent": was_taken,
        "delivered": state in _ARRIVED,
        "read": state is MessageState.READ and not is_mail,
        "opened": state is MessageState.READ and is_mail,
        "machine_opened": message.machine_opened,
        "clicked": message.clicked == "person",
        "machine_clicked": message.clicked == "machine",
        "withheld": state in (MessageState.SUPPRESSED, MessageState.EXPIRED),
        "failed": state is MessageState.FAILED,
        f"failed.{message.reason or 'unknown'}": state is MessageState.FAILED,
    }
    return add_format({name: ONE for name, is_so in found.items() if is_so}, message.format)


def add_format(amounts: Amounts, format: str) -> Amounts:
    """The same, and again under the look of the message that they are of."""
    if format in ("", PLAIN):
        return amounts
    return {**amounts, **{f"{format}/{name}": count for name, count in amounts.items() if name in BY_FORMAT}}


def count_ticket(ticket: Ticket) -> Amounts:
    """How soon it was answered, and whether one answer was enough."""
    found = {"tickets": ONE}
    if ticket.first_told_at is not None:
        minutes = (ticket.first_told_at - ticket.opened_at).total_seconds() / 60
        within = next((edge for edge in ANSWER_MINUTES if minutes <= edge), None)
        found |= {"answered_tickets": ONE, f"first_answer.{within or 'later'}": ONE}
    if ticket.solved_at is not None:
        found["solved"] = ONE
        if ticket.replies <= 1 and not ticket.reopened:
            found["solved_at_first"] = ONE
    return found


def count_second_order(first: datetime, second: datetime) -> Amounts:
    """A customer's second order, by the days since the first."""
    days = min(max((second - first).days, 0), MOST_DAYS)
    return {"second_orders": ONE, f"second_after.{days if days <= DAY_BY_DAY else days // 7 * 7}": ONE}


def subtract(after: Amounts, before: Amounts) -> Amounts:
    """What has been added since; negative where something is taken back."""
    names = {*after, *before}
    changes = {name: after.get(name, Decimal(0)) - before.get(name, Decimal(0)) for name in names}
    return {name: change for name, change in changes.items() if change}


def add_up(parts: Iterable[Amounts]) -> dict[str, Decimal]:
    """The sum of each; what comes to nothing is left out."""
    total: dict[str, Decimal] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, Decimal(0)) + amount
    return {name: amount for name, amount in total.items() if amount}


def find_last_touch(touches: Iterable[Touch], at: datetime, within: timedelta) -> Touch | None:
    """The marketing message that last reached them before: delivered, read or clicked, whichever was the latest."""
    reached = ((touch.find_latest(at), touch) for touch in touches)
    near = [(moment, touch.message_id, touch) for moment, touch in reached if moment and at - moment <= within]
    return max(near, key=lambda found: found[:2])[2] if near else None
