"""What a decision asks of the world.

Effects are committed with the state and dispatched after it; each may be dispatched twice and must bear it. What is to
be kept bears its own id: every other one would weigh as much again in the customer's item.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from okaeri.domain.customers import Identity
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.records import (
    ActionRequest,
    ConsentEntry,
    DecisionRecord,
    FinishedRun,
    GoalReached,
    PointsEntry,
    Response,
    Ticket,
    TimelineEntry,
)
from okaeri.domain.values import Lane, Stored


class SayMessage(Stored):
    """Put the message item and hand it to its sender."""

    kind: Literal["say"] = "say"
    id: str
    message: Message


class RepeatMessage(Stored):
    """Hand a message to its sender once more (a transactional one whose fate stayed unknown)."""

    kind: Literal["repeat"] = "repeat"
    id: str
    message_id: str
    customer_id: str | None = None  # whose item it is, where that record was joined to another one since


class EndMessage(Stored):
    """Give a message up with a reason (a marketing one whose fate stayed unknown)."""

    kind: Literal["end_message"] = "end_message"
    id: str
    message_id: str
    customer_id: str | None = None
    expected: MessageState
    reason: str


class CheckMessage(Stored):
    """Look at a message again after `after_s` real seconds."""

    kind: Literal["check"] = "check"
    id: str
    message_id: str
    customer_id: str | None = None
    after_s: float


class ArmTimer(Stored):
    """Wake the run at `due`, the customer's own time. The id is also the schedule's name."""

    kind: Literal["arm"] = "arm"
    id: str
    run_id: str
    step: int
    due: datetime
    lane: Lane


class DisarmTimer(Stored):
    """Delete a schedule that is no longer waited for."""

    kind: Literal["disarm"] = "disarm"
    id: str


class KeepDecision(Stored):
    """Write the decision record."""

    kind: Literal["decision"] = "decision"
    id: str
    record: DecisionRecord


class KeepConsent(Stored):
    """Write an entry of the consent ledger."""

    kind: Literal["consent"] = "consent"
    id: str
    entry: ConsentEntry


class KeepRun(Stored):
    """Write a run that ended."""

    kind: Literal["run"] = "run"
    id: str
    run: FinishedRun


class KeepTimeline(Stored):
    """Write what the customer said."""

    kind: Literal["timeline"] = "timeline"
    id: str
    entry: TimelineEntry


class KeepTicket(Stored):
    """Open a ticket."""

    kind: Literal["ticket"] = "ticket"
    id: str
    ticket: Ticket


class KeepGoal(Stored):
    """Write that a goal was reached."""

    kind: Literal["goal"] = "goal"
    id: str
    goal: GoalReached


class RequestAction(Stored):
    """Have something done outside: a webhook called, a code drawn from a pool."""

    kind: Literal["action"] = "action"
    id: str
    request: ActionRequest


class ReadLater(Stored):
    """Read what they wrote once the burst is over, after `after_s` real seconds; `first` is its first message."""

    kind: Literal["read_later"] = "read_later"
    id: str
    after_s: float
    at: datetime
    first: str = ""


class ChangeTicket(Stored):
    """Note on a ticket what happened: the names of its fields with their new values, None to empty one."""

    kind: Literal["change_ticket"] = "change_ticket"
    id: str
    ticket_id: str
    changes: dict[str, str | None]


class KeepResponse(Stored):
    """Write what was answered to a survey."""

    kind: Literal["response"] = "response"
    id: str
    response: Response


class KeepPoints(Stored):
    """Write a line of the loyalty ledger."""

    kind: Literal["points"] = "points"
    id: str
    entry: PointsEntry


class ShowFiles(Stored):
    """Notes beside these files of the customer whether they may be shown."""

    kind: Literal["show_files"] = "show_files"
    id: str
    media_ids: tuple[str, ...]
    may_publish: bool


class CountPurchase(Stored):
    """Count what was bought together: the products of one order, with each other and with those of earlier orders."""

    kind: Literal["count_purchase"] = "count_purchase"
    id: str
    order_id: str
    product_ids: tuple[str, ...]
    earlier: tuple[str, ...] = ()  # order ids, the latest last


class MarkShared(Stored):
    """Note that these identifiers name more than one person."""

    kind: Literal["mark_shared"] = "mark_shared"
    id: str
    identities: tuple[Identity, ...]


class ReleaseIdentities(Stored):
    """Let go of identifiers that name this customer no more: whoever shows up with one is somebody new."""

    kind: Literal["release"] = "release"
    id: str
    identities: tuple[Identity, ...]


Effect = Annotated[
    SayMessage
    | RepeatMessage
    | EndMessage
    | CheckMessage
    | ArmTimer
    | DisarmTimer
    | KeepDecision
    | KeepConsent
    | KeepRun
    | KeepTimeline
    | KeepTicket
    | KeepGoal
    | RequestAction
    | ReadLater
    | ChangeTicket
    | KeepResponse
    | KeepPoints
    | ShowFiles
    | CountPurchase
    | MarkShared
    | ReleaseIdentities,
    Field(discriminator="kind"),
]

# Of what waits in a customer's item: its shape is the item's, which bears the number of it.
EFFECTS: TypeAdapter[tuple[Effect, ...]] = TypeAdapter(tuple[Effect, ...], config=ConfigDict(defer_build=True))


def dump_effects(effects: Iterable[Effect]) -> tuple[dict[str, Any], ...]:
    """As they wait in their customer's item: without defaults, but for the kind, by which they are read again."""
    return tuple(
        {"kind": effect.kind} | effect.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for effect in effects
    )
