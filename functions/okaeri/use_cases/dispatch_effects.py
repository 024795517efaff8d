"""Carries out committed effects. Each may be carried out twice and must then do no more than once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from okaeri.domain.customers import Customer
from okaeri.domain.effects import (
    ArmTimer,
    ChangeTicket,
    CheckMessage,
    CountPurchase,
    DisarmTimer,
    Effect,
    EndMessage,
    KeepConsent,
    KeepDecision,
    KeepGoal,
    KeepPoints,
    KeepResponse,
    KeepRun,
    KeepTicket,
    KeepTimeline,
    MarkShared,
    ReadLater,
    ReleaseIdentities,
    RepeatMessage,
    RequestAction,
    SayMessage,
    ShowFiles,
)
from okaeri.domain.evidence import Envelope, MessageCheck, TimerDue, TurnDue
from okaeri.domain.messages import Message, MessageState, QueuedMessage
from okaeri.domain.pace import Pace
from okaeri.domain.purchases import MOST_COUNTED
from okaeri.domain.values import make_id

if TYPE_CHECKING:
    from okaeri.ports import Clock, Companions, Customers, Messages, Queues, Records, Timers


class DispatchEffects:
    """The one place where a decision becomes deeds."""

    def __init__(
        self,
        *,
        customers: Customers,
        records: Records,
        messages: Messages,
        companions: Companions,
        queues: Queues,
        timers: Timers,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._customers, self._records, self._messages = customers, records, messages
        self._companions = companions
        self._queues, self._timers, self._clock, self._pace = queues, timers, clock, pace

    def __call__(self, customer: Customer, effects: Iterable[Effect]) -> None:
        """Records first, so that a message is never without its reason."""
        ordered = sorted(effects, key=lambda effect: isinstance(effect, SayMessage | RepeatMessage))
        for effect in ordered:
            self._dispatch(customer, effect)

    def _dispatch(self, customer: Customer, effect: Effect) -> None:
        match effect:
            case SayMessage():
                self._say(effect.message)
            case RepeatMessage():
                self._repeat(customer, effect)
            case EndMessage():
                self._end(customer, effect)
            case CheckMessage():
                holder = effect.customer_id or customer.customer_id
                check = MessageCheck(customer_id=holder, message_id=effect.message_id)
                envelope = self._wrap(customer, effect.id, "okaeri message.check", check)
                self._queues.send_later(envelope, delay_s=effect.after_s)
            case ArmTimer():
                self._arm(customer, effect)
            case DisarmTimer():
                self._timers.disarm(effect.id)
            case KeepDecision():
                self._records.put_decision(effect.record)
            case KeepConsent():
                self._records.put_consent_entry(effect.entry)
            case KeepRun():
                self._records.put_finished_run(effect.run)
            case KeepTimeline():
                self._records.put_timeline_entry(effect.entry)
            case KeepTicket():
                self._records.put_ticket(effect.ticket)
            case KeepGoal():
                self._records.put_goal(effect.goal)
            case KeepResponse():
                self._records.put_response(effect.response)
            case KeepPoints():
                self._records.put_points(effect.entry)
            case ShowFiles():
                for holder in (customer.customer_id, *customer.absorbed):
                    for media_id in effect.media_ids:
                        self._records.note_showing(customer.store_id, holder, media_id, agreed=effect.may_publish)
            case CountPurchase():
                self._count(customer, effect)
            case ChangeTicket():
                self._records.change_ticket(customer.store_id, effect.ticket_id, effect.changes)
            case ReadLater():
                due = TurnDue(customer_id=customer.customer_id, at=effect.at, first=effect.first)
                envelope = self._wrap(customer, effect.id, "okaeri turn.due", due)
                self._queues.send_later(envelope, delay_s=effect.after_s)
            case RequestAction():
                self._queues.request_action(effect.request)
            case MarkShared():
                self._customers.mark_shared(customer.store_id, effect.identities)
            case ReleaseIdentities():
                for identity in effect.identities:
                    self._customers.release_identity(customer.store_id, identity, customer.customer_id)
            case _:
                assert_never(effect)

    def _count(self, customer: Customer, effect: CountPurchase) -> None:
        """With what the customer had before, each product once."""
        records = (self._records.get_order(customer.store_id, order_id) for order_id in effect.earlier)
        lines = [line for record in records if record and record.order for line in record.order.lines]
        had = dict.fromkeys(line.product_id for line in lines if line.product_id)
        others = [name for name in had if name not in effect.product_ids][:MOST_COUNTED]
        self._companions.count_order(customer.store_id, effect.order_id, effect.product_ids, others)

    def _say(self, message: Message) -> None:
        """Puts the item, then hands it over; one that is on its way already is not handed over again."""
        is_silent = message.state is MessageState.SUPPRESSED  # shadow mode: kept, and handed to nobody
        begins = message.state if is_silent else MessageState.QUEUED
        queued = message.model_copy(update={"state": begins, "state_at": self._clock()})
        state = self._messages.create(queued)
        if state is MessageState.QUEUED:
            self._hand_over(queued)

    def _hand_over(self, message: Message) -> None:
        self._queues.send_message(
            QueuedMessage(
                store_id=message.store_id,
                customer_id=message.customer_id,
                message_id=message.message_id,
                attempt=message.attempt,
            ),
            channel=message.channel,
            lane=message.lane,
        )

    def _repeat(self, customer: Customer, effect: RepeatMessage) -> None:
        holder = effect.customer_id or customer.customer_id
        message = self._messages.get(customer.store_id, holder, effect.message_id)
        if message is None:
            return
        if message.state is MessageState.UNCONFIRMED and not message.repeated:
            moved = self._messages.move(
                message,
                MessageState.QUEUED,
                expected=(MessageState.UNCONFIRMED,),
                at=self._clock(),
                reason="repeated_once",
                attempt=message.attempt + 1,
                repeated=True,
            )
            message = moved or message
        if message.state is MessageState.QUEUED and message.repeated:
            self._hand_over(message)

    def _end(self, customer: Customer, effect: EndMessage) -> None:
        holder = effect.customer_id or customer.customer_id
        message = self._messages.get(customer.store_id, holder, effect.message_id)
        if message is not None:
            self._messages.move(
                message, MessageState.FAILED, expected=(effect.expected,), at=self._clock(), reason=effect.reason
            )

    def _arm(self, customer: Customer, effect: ArmTimer) -> None:
        """A queue's delay for a short wait, a schedule for a longer one; an overdue one goes straight to the queue."""
        real_now = self._clock()
        now = real_now + timedelta(seconds=customer.ahead_s)
        delay_s = self._pace.to_real_delay((effect.due - now).total_seconds())
        timer = TimerDue(customer_id=customer.customer_id, run_id=effect.run_id, step=effect.step, due=effect.due)
        envelope = self._wrap(customer, effect.id, "okaeri timer.due", timer)
        if delay_s <= self._pace.queue_delay_limit_s:
            self._queues.send_later(envelope, delay_s=delay_s)
        else:
            self._timers.arm(effect.id, real_now + timedelta(seconds=delay_s), envelope, lane=effect.lane)

    def _wrap(self, customer: Customer, key: str, source: str, evidence: TimerDue | MessageCheck | TurnDue) -> Envelope:
        return Envelope(
            id=make_id("wrapped", key),
            store_id=customer.store_id,
            source=source,
            received_at=self._clock(),
            evidence=evidence,
        )
