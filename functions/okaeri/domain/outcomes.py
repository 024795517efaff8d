"""What follows from a message's fate: another channel, a repetition, or an honest end."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from okaeri.domain.conversations import STAFF_REPLY
from okaeri.domain.customers import Customer
from okaeri.domain.effects import CheckMessage, Effect, EndMessage, RepeatMessage
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts
from okaeri.domain.messages import ENDED, REACHED, Message, MessageState, is_held_back
from okaeri.domain.records import Finding
from okaeri.domain.say import fall_back
from okaeri.domain.values import Purpose, make_id

# Meta holds a message back to check the template's quality (facts: WhatsApp §0); it may still go out, but nobody
# says when. A shopper who waits for news of an order hears it elsewhere after an hour of real time.
HELD_LIMIT_S = 3600
_TAKEN = (MessageState.ACCEPTED, MessageState.HELD, MessageState.SENT)


class Outcome(NamedTuple):
    """What to do about one message, and why; `customer` where that changes them."""

    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    customer: Customer | None = None


def decide_message(customer: Customer, event: Event, now: datetime, facts: Facts) -> Outcome:
    """A message failed, or its time to be confirmed is over (`message.checked`)."""
    message = facts.message
    if message is None:
        return _note(event.name, "ignored", "message_unknown")
    if event.name == "message.failed":
        return _replace(message, customer, now, facts, str(event.data.get("code", "")))
    return _check(message, event, customer, now, facts)


def _check(message: Message, event: Event, customer: Customer, now: datetime, facts: Facts) -> Outcome:
    patience = facts.pace.delivery_patience_s
    if message.state in REACHED or message.state in ENDED:
        return _note(message.template, "settled", message.state)
    quiet_for = (facts.real_now - message.state_at).total_seconds() if message.state_at else patience
    is_held = message.state is MessageState.HELD and quiet_for < max(HELD_LIMIT_S, patience)
    if quiet_for < patience * 0.9 or is_held:
        check = CheckMessage(
            id=make_id(event.event_id, "again"),  # a check that is asked for twice is one
            message_id=message.message_id,
            customer_id=message.customer_id,
            after_s=patience,
        )
        return Outcome((check,), (Finding(what=message.template, verdict="checked again later", why=message.state),))
    if message.state is MessageState.UNCONFIRMED:
        return _settle_unconfirmed(message, customer, now, facts)
    if message.purpose is Purpose.ORDER and message.state in _TAKEN:
        return _replace(message, customer, now, facts, "not_delivered_in_time")
    return _note(message.template, "left as it is", message.state)


def _settle_unconfirmed(message: Message, customer: Customer, now: datetime, facts: Facts) -> Outcome:
    """The provider's answer was lost and no status came: an order message is repeated once, a marketing one never."""
    if message.purpose is Purpose.ORDER:
        if message.fallback:
            return _replace(message, customer, now, facts, "unconfirmed")
        if not message.repeated:
            repeat = RepeatMessage(
                id=make_id(message.message_id, "repeat"),
                message_id=message.message_id,
                customer_id=message.customer_id,
            )
            return Outcome((repeat,), (Finding(what=message.template, verdict="repeated", why="unconfirmed"),))
    end = EndMessage(
        id=make_id(message.message_id, "unconfirmed"),
        message_id=message.message_id,
        customer_id=message.customer_id,
        expected=MessageState.UNCONFIRMED,
        reason="unconfirmed",
    )
    return Outcome((end,), (Finding(what=message.template, verdict="given up", why="unconfirmed"),))


def _replace(message: Message, customer: Customer, now: datetime, facts: Facts, code: str) -> Outcome:
    if not message.fallback:
        return _fail(message, customer, code or "no_other_channel")
    after = None
    if is_held_back(message):
        from okaeri.domain.staff_talk import let_go_held  # planned answers are few

        after = let_go_held(customer, message.seed)
        if after is None:
            return _note(message.template, "settled", "said_meanwhile")
    said = fall_back(message, customer, now, facts)
    findings = (Finding(what=message.template, verdict="falls back", why=code), *said.findings)
    return Outcome(said.effects, findings, after if said.effects else None)


def _fail(message: Message, customer: Customer, why: str) -> Outcome:
    failed = _note(message.template, "failed", why)
    if message.template != STAFF_REPLY:
        return failed
    from okaeri.domain.staff_talk import take_failure  # what people say fails seldom

    heeding = take_failure(customer, message)
    return Outcome(heeding.effects, failed.findings, heeding.customer)


def _note(what: str, verdict: str, why: str) -> Outcome:
    return Outcome((), (Finding(what=what, verdict=verdict, why=why),))
