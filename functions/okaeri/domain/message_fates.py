"""What became of a message, and what was done about it, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from okaeri.domain.histories import KeptMessage, MessageMove
from okaeri.domain.messages import REACHED, Message, MessageCost, MessageState
from okaeri.domain.sentences import say_channel, say_moment, say_reason, say_state
from okaeri.domain.values import Channel

_MEANWHILE = (MessageState.DECIDED, MessageState.QUEUED, MessageState.SENDING)


@dataclass(frozen=True)
class Line:
    """One thing that was weighed, or that became of a message. `code` is what stands in the table."""

    text: str
    code: str = ""
    at: datetime | None = None


def say_fate(message: Message, zone: tzinfo) -> str:
    """The message and how it stands, in one sentence."""
    until = ""
    if message.state is MessageState.PARKED and message.parked_until:
        until = f" until {say_moment(message.parked_until.astimezone(zone))}"
    why = f" ({say_reason(message.reason, zone)})" if message.reason and message.state not in REACHED else ""
    what = f"{message.template} by {say_channel(message.channel)}, in {message.locale}"
    return f"{what}: {say_state(message.state)}{until}{why}"


def tell_fate(kept: KeptMessage, others: Iterable[Message], zone: tzinfo) -> Iterator[Line]:
    """How it came there, what was done where it failed, and what it costs. `others` are the customer's messages."""
    message = kept.message
    for move in _list_moves(kept):
        at = move.at.astimezone(zone)
        why = f": {say_reason(move.reason, zone)}" if move.reason else ""
        yield Line(f"{say_moment(at)} {say_state(move.state)}{why}", f"{move.state} {move.reason}".strip(), at)
    heir = _find_heir(message, others)
    if message.state is MessageState.FAILED and heir is not None:
        yield Line(f"It goes by {say_channel(heir.channel)} instead", "falls back")
    if message.repeated:
        yield Line("It was sent twice: the first time without an answer", "repeated")
    if message.cost is not None and _is_billed(message, message.cost):
        yield Line(_say_cost(message.cost), "cost")


def _is_billed(message: Message, cost: MessageCost) -> bool:
    """An estimate stands for what is delivered; WhatsApp bills nothing else, and says so where it does."""
    if message.state is MessageState.SUPPRESSED:
        return False
    is_undelivered = message.state in (MessageState.FAILED, MessageState.PARKED)
    return cost.settled or not (is_undelivered and message.channel is Channel.WHATSAPP)


def _list_moves(kept: KeptMessage) -> Iterable[MessageMove]:
    """Without what lies in the nature of sending, unless it says why, or is how the message stands."""
    last = len(kept.moves) - 1
    return (
        move
        for place, move in enumerate(kept.moves)
        if move.state not in _MEANWHILE or move.reason or (place == last and place)
    )


def _find_heir(message: Message, others: Iterable[Message]) -> Message | None:
    """The same thing on the channel that took its place."""
    alike = (other for other in others if other.seed and other.seed == message.seed)
    return next((other for other in alike if other.stands_in and other.channel != message.channel), None)


def _say_cost(cost: MessageCost) -> str:
    about = ", ".join(filter(None, (cost.category, cost.type.replace("_", " "), cost.market)))
    if cost.amount is None:
        amount = "what no price list of ours knows"
    else:
        amount = f"{cost.amount} {cost.currency}" if float(cost.amount) else "nothing"
    surety = "as the provider says" if cost.settled else "by our own estimate"
    return f"It costs {amount}{f' ({about})' if about else ''}, {surety}"
