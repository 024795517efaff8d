"""What the table's stream tells of: a record that is new, or that changed. `id` names the change, once for all."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from okaeri.domain.messages import Message
from okaeri.domain.records import ConsentEntry, DecisionRecord, GoalReached, OrderRecord, Ticket


class MessageMoved(NamedTuple):
    """A message that is new (`before` is None), or moved."""

    id: str
    at: datetime
    before: Message | None
    after: Message


class TicketMoved(NamedTuple):
    """A ticket that is new (`before` is None), or moved."""

    id: str
    before: Ticket | None
    after: Ticket


class OrderPlaced(NamedTuple):
    """An order, seen for the first time."""

    id: str
    record: OrderRecord


class GoalKept(NamedTuple):
    """A run's goal was reached."""

    id: str
    goal: GoalReached


class ConsentKept(NamedTuple):
    """A line of the consent ledger."""

    id: str
    entry: ConsentEntry


class DecisionKept(NamedTuple):
    """A decision that somebody was held out or in by, or that took an answer or a question."""

    id: str
    record: DecisionRecord


Change = MessageMoved | TicketMoved | OrderPlaced | GoalKept | ConsentKept | DecisionKept
