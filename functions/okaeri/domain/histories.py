"""All that is kept with one customer, as it was read from the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from okaeri.domain.messages import Message, MessageState
from okaeri.domain.records import ConsentEntry, DecisionRecord, FinishedRun, GoalReached, MediaRecord, TimelineEntry


@dataclass(frozen=True)
class MessageMove:
    """One line of a message's history: when it came to `state`, why, and what the provider said besides."""

    at: datetime
    state: MessageState
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptMessage:
    """A message as it stands, and how it came there, oldest first."""

    message: Message
    moves: tuple[MessageMove, ...] = ()


@dataclass(frozen=True)
class History:
    """In no order. `is_cut` where there is more than was read."""

    decisions: tuple[DecisionRecord, ...] = ()
    messages: tuple[KeptMessage, ...] = ()
    consents: tuple[ConsentEntry, ...] = ()
    runs: tuple[FinishedRun, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    goals: tuple[GoalReached, ...] = ()
    media: tuple[MediaRecord, ...] = ()
    is_cut: bool = False


def join_histories(*histories: History) -> History:
    """One person's, whose records were joined."""
    return History(
        decisions=tuple(entry for history in histories for entry in history.decisions),
        messages=tuple(entry for history in histories for entry in history.messages),
        consents=tuple(entry for history in histories for entry in history.consents),
        runs=tuple(entry for history in histories for entry in history.runs),
        timeline=tuple(entry for history in histories for entry in history.timeline),
        goals=tuple(entry for history in histories for entry in history.goals),
        media=tuple(entry for history in histories for entry in history.media),
        is_cut=any(history.is_cut for history in histories),
    )
