"""Reads the facts again before a message is sent, and asks every gate once more (design §1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from okaeri.domain.broadcasts import Broadcast, BroadcastState
from okaeri.domain.delivery import Turn, judge_turn
from okaeri.domain.gates import check_permission, check_truth
from okaeri.domain.local_time import find_window
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message, MessageState, QueuedMessage
from okaeri.errors import AnswerLost, TryAgain
from okaeri.ports import Clock, Customers, Messages, Records, Stores
from okaeri.use_cases.settle_message import SettleMessage

BROADCAST_PAUSE = timedelta(minutes=5)  # how often a message asks whether its broadcast goes on
FRESH_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class PrepareMessage:
    """From a queue's body to the facts, or None where there is nothing to send."""

    stores: Stores
    customers: Customers
    records: Records
    messages: Messages
    settle: SettleMessage
    clock: Clock

    def __call__(self, queued: QueuedMessage) -> MessageFacts | None:
        """Raises TryAgain where another worker may be sending it, or where the message is not there (yet)."""
        message = self.messages.get(queued.store_id, queued.customer_id, queued.message_id)
        if message is None:
            raise TryAgain("message_unknown")
        match judge_turn(message, self.clock()):
            case Turn.WAIT:
                raise TryAgain("sending_elsewhere", after_s=60)
            case Turn.LOST:
                self.settle.lose(message, AnswerLost("sender_died"))
                return None
            case Turn.DONE:
                self.settle.follow_up(message)
                return None
        facts = self._read_facts(message)
        return facts if facts and self._may_be_said(facts) else None

    def _read_facts(self, message: Message) -> MessageFacts | None:
        store = self.stores.get(message.store_id)
        customer = self.customers.load(message.store_id, message.customer_id) if store else None
        if store is None or customer is None:
            missing = "customer_gone" if store else "store_gone"
            self.settle.end(message, MessageState.SUPPRESSED, missing, tell=False)
            return None
        refs = message.refs
        order = self.records.get_order(message.store_id, refs.order_id) if refs.order_id else None
        cart = self.records.get_cart(message.store_id, refs.cart_token) if refs.cart_token else None
        broadcast = self.records.get_broadcast(message.store_id, refs.broadcast_id) if refs.broadcast_id else None
        if (refs.order_id and (order is None or order.order is None)) or (refs.cart_token and cart is None):
            # Decided by a process that died before it wrote the record; the event's redelivery writes it.
            raise TryAgain("record_not_written_yet")
        return MessageFacts(
            message=message,
            store=store,
            customer=customer,
            order=order,
            cart=cart,
            broadcast=broadcast,
            now=self.clock() + timedelta(seconds=customer.ahead_s),
        )

    def _may_be_said(self, facts: MessageFacts) -> bool:
        if facts.broadcast is not None and self._holds_back(facts.message, facts.broadcast):
            return False
        untrue, refused = _ask_gates(facts)
        if untrue is None and refused is None:
            return not self._defer_to_opening(facts)
        state = MessageState.EXPIRED if untrue == "too_late" else MessageState.SUPPRESSED
        # What is no longer true is not said on another channel either.
        self.settle.end(facts.message, state, untrue or refused or "", tell=untrue is None)
        return False

    def _holds_back(self, message: Message, broadcast: Broadcast) -> bool:
        """A broadcast that is paused or cancelled, also for those of its messages that were decided already."""
        if broadcast.state is BroadcastState.CANCELLED:
            self.settle.end(message, MessageState.SUPPRESSED, "broadcast_cancelled", tell=False)
        elif broadcast.state is BroadcastState.PAUSED:
            self.settle.defer(message, self.clock() + BROADCAST_PAUSE, "broadcast_paused")
        return broadcast.state in (BroadcastState.CANCELLED, BroadcastState.PAUSED)

    def _defer_to_opening(self, facts: MessageFacts) -> bool:
        """Marketing that was held up past the shop's hours, by the customer's clock, waits until they open."""
        message = facts.message
        if self._is_fresh(message):
            return False
        opening = find_window(
            facts.now,
            purpose=message.purpose,
            channel=message.channel,
            customer=facts.customer,
            store=facts.store,
        )
        if opening is None:
            return False
        self.settle.defer(message, self.clock() + (opening - facts.now), "outside_hours")
        return True

    def _is_fresh(self, message: Message) -> bool:
        """Whether the engine, which minds the hours, has decided it only just now."""
        if message.state is MessageState.PARKED or message.state_at is None or message.stands_in:
            return False
        return self.clock() - message.state_at < FRESH_FOR


def _ask_gates(facts: MessageFacts) -> tuple[str | None, str | None]:
    """Why the message is no longer true, and why it may not be said here; None where nothing is wrong."""
    message, customer, store = facts.message, facts.customer, facts.store
    order, cart, now = facts.order, facts.cart, facts.now
    untrue = check_truth(message, customer=customer, store=store, order=order, cart=cart, now=now)
    return untrue, check_permission(message, customer=customer, store=store)
