"""Writes what came of sending a message, and tells whoever must hear of it. Every move is conditional.

A worker may die between a move and what follows from it. The queue then gives the message again, its state
says that it is settled, and `follow_up` says the same things once more; their ids make a repetition harmless.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from okaeri.domain.delivery import (
    Advice,
    Fail,
    Park,
    Receipt,
    Refusal,
    Retry,
    choose_after_refusal,
)
from okaeri.domain.evidence import Envelope, MessageCheck, MessageOutcome
from okaeri.domain.gates import REFUSALS
from okaeri.domain.messages import Message, MessageCost, MessageState, QueuedMessage
from okaeri.domain.values import Channel, Purpose, make_id
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, Messages, Queues

Refused = (TryAgain, GiveUp, StopSender)


def read_refusal(error: TryAgain | GiveUp | StopSender) -> Refusal:
    """The provider's no in the words of the rules."""
    match error:
        case TryAgain():
            return Refusal(code=error.code, advice=Advice.AGAIN, wait_s=error.after_s)
        case StopSender():
            return Refusal(code=error.code, advice=Advice.STOP, wait_s=error.until_s)
        case GiveUp():
            return Refusal(code=error.code, advice=Advice.GIVE_UP)


@dataclass(frozen=True)
class SettleMessage:
    """What a sender does with a message before and after it speaks. `patience_s` is real time."""

    messages: Messages
    queues: Queues
    clock: Clock
    log: Log
    patience_s: float
    chance: Callable[[], float] = random.random

    def hand_back(self, queued: QueuedMessage, *, delay_s: float = 0) -> None:
        """Puts it on its queue again untouched: it cannot be sent at this moment, and that is not its fault."""
        message = self.messages.get(queued.store_id, queued.customer_id, queued.message_id)
        if message is None:
            raise TryAgain("message_unknown")
        self.queues.send_message(queued, channel=message.channel, lane=message.lane, delay_s=delay_s)

    def start(self, message: Message, address: str, cost: MessageCost, format: str) -> Message | None:
        """Claims the message for this attempt; None where another worker has it.

        What it will cost, and how it looks, is written here and not with the answer: a status may outrun that.
        """
        return self.messages.move(
            message,
            MessageState.SENDING,
            expected=(message.state,),
            at=self.clock(),
            address=address,
            cost=cost,
            format=format,
        )

    def accept(self, message: Message, receipt: Receipt, *, note: str = "") -> None:
        """The provider took it. A report may have come first, and moved the message further already.

        `note` says what is to be known of it besides (`without_document`).
        """
        state = MessageState.HELD if receipt.held else MessageState.ACCEPTED
        moved = self._move(message, state, reason=note, provider_id=receipt.provider_id)
        self.follow_up(moved or message.model_copy(update={"state": state}))

    def refuse(self, message: Message, error: TryAgain | GiveUp | StopSender) -> None:
        """It was definitely not sent: again later, parked, or ended, by the one rule for all channels."""
        refusal = read_refusal(error)
        if refusal.advice is Advice.STOP:
            # The line that an alarm watches: nothing of this sender goes out until a person acts.
            self.log.error("sender stopped", extra=_name(message, refusal.code))
        choice = choose_after_refusal(message, refusal, now=self.clock(), chance=self.chance())
        match choice:
            case Retry():
                self._send_again(message, refusal, choice.delay_s)
            case Park():
                # Only what the provider was asked, and answered of this very message, uses up an attempt.
                is_spent = refusal.advice is Advice.AGAIN and message.state is MessageState.SENDING
                self._move(
                    message,
                    MessageState.PARKED,
                    reason=refusal.code,
                    attempt=message.attempt + 1 if is_spent else None,
                    parked_until=choice.until,
                    withheld=choice.withheld or None,
                )
            case Fail():
                self.end(message, MessageState.FAILED, refusal.code)

    def defer(self, message: Message, until: datetime, reason: str) -> None:
        """Keeps it for later: it may be said, and not now."""
        self._move(message, MessageState.PARKED, reason=reason, parked_until=until)

    def lose(self, message: Message, error: AnswerLost) -> None:
        """Nobody knows whether it was sent. A report may settle it; after a while the engine looks again."""
        self.log.warning("answer lost", extra=_name(message, error.code))
        moved = self.messages.move(
            message,
            MessageState.UNCONFIRMED,
            expected=(MessageState.SENDING,),
            at=self.clock(),
            reason=error.code,
        )
        if moved:
            self.follow_up(moved)

    def end(self, message: Message, state: MessageState, reason: str) -> None:
        """Ends it: failed, expired or suppressed."""
        moved = self._move(message, state, reason=reason)
        if moved:
            self.follow_up(moved)

    def follow_up(self, message: Message) -> None:
        """What must be said about a message in its present state."""
        match message.state:
            case MessageState.FAILED:
                self._tell_failed(message)
            case MessageState.SUPPRESSED if message.fallback and message.reason in REFUSALS:
                self._tell_failed(message)  # another channel may still say it: what is untrue is untrue everywhere
            case MessageState.UNCONFIRMED:
                self._check_later(message)
            case MessageState.ACCEPTED | MessageState.HELD | MessageState.SENT:
                # WhatsApp's silence means something; an e-mail may take its time.
                if message.channel is Channel.WHATSAPP and message.purpose is Purpose.ORDER and message.fallback:
                    self._check_later(message)
            case _:
                pass

    def _send_again(self, message: Message, refusal: Refusal, delay_s: int) -> None:
        moved = self._move(message, MessageState.QUEUED, reason=refusal.code, attempt=message.attempt + 1)
        if moved is None:
            return
        queued = QueuedMessage(
            store_id=moved.store_id,
            customer_id=moved.customer_id,
            message_id=moved.message_id,
            attempt=moved.attempt,
        )
        self.queues.send_message(queued, channel=moved.channel, lane=moved.lane, delay_s=delay_s)

    def _move(
        self,
        message: Message,
        to: MessageState,
        *,
        reason: str = "",
        attempt: int | None = None,
        provider_id: str | None = None,
        parked_until: datetime | None = None,
        withheld: bool | None = None,
    ) -> Message | None:
        # A redelivery may have called a slow attempt lost; the attempt's own word is better.
        slow = (MessageState.UNCONFIRMED,) if message.state is MessageState.SENDING else ()
        return self.messages.move(
            message,
            to,
            expected=(message.state, *slow),
            at=self.clock(),
            reason=reason,
            attempt=attempt,
            provider_id=provider_id,
            parked_until=parked_until,
            withheld=withheld,
        )

    def _tell_failed(self, message: Message) -> None:
        outcome = MessageOutcome(
            customer_id=message.customer_id,
            message_id=message.message_id,
            outcome="failed",
            at=message.state_at or self.clock(),
            code=message.reason,
            address=message.address,
        )
        envelope = Envelope(
            id=make_id(message.message_id, "failed"),
            store_id=message.store_id,
            source=f"send_{message.channel}",
            received_at=self.clock(),
            evidence=outcome,
        )
        self.queues.send_evidence([envelope], lane=message.lane)

    def _check_later(self, message: Message) -> None:
        envelope = Envelope(
            id=make_id(message.message_id, "check", message.attempt),
            store_id=message.store_id,
            source=f"send_{message.channel}",
            received_at=self.clock(),
            evidence=MessageCheck(customer_id=message.customer_id, message_id=message.message_id),
        )
        self.queues.send_later(envelope, delay_s=self.patience_s)


def _name(message: Message, code: str) -> dict[str, object]:
    return {
        "store": message.store_id,
        "channel": message.channel,
        "message_id": message.message_id,
        "attempt": message.attempt,
        "code": code,
    }
