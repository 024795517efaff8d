"""What a provider's word means for a message: rules without a clock or a network."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from okaeri.domain.messages import Message, MessageState
from okaeri.domain.values import Purpose, Value

Outcome = Literal["failed", "delivered", "read", "clicked", "bounced", "complained"]

MAX_ATTEMPTS = 6
DAY_S = 86_400
QUEUE_DELAY_LIMIT_S = 900  # SQS's longest DelaySeconds
# A sender's function ends after 30 s: a younger `sending` may be at work, an older one was left by a death.
SENDING_LIMIT = timedelta(seconds=60)


class MessageKey(NamedTuple):
    """How a provider's report finds its message: `store/customer/message` travels with each send."""

    store_id: str
    customer_id: str
    message_id: str

    def __str__(self) -> str:
        return "/".join(self)


def name_message(message: Message) -> MessageKey:
    """The key that goes out with the message."""
    return MessageKey(message.store_id, message.customer_id, message.message_id)


def read_key(text: str | None) -> MessageKey | None:
    """The key back from callback data; None where it is not ours (another app of the same number)."""
    parts = (text or "").split("/")
    return MessageKey(*parts) if len(parts) == 3 and all(parts) else None


FOREIGN_ID = "aws:"  # before the id that a carrier gave, which no status of Meta's will name


class Turn(StrEnum):
    """What a sender does with a message that its queue gave it."""

    SEND = "send"
    WAIT = "wait"  # another worker may be sending it at this moment
    LOST = "lost"  # a worker died while sending: nobody knows whether it was sent
    DONE = "done"


def judge_turn(message: Message, now: datetime) -> Turn:
    """Whether a message may be sent, by its state. All times are real, not the customer's."""
    match message.state:
        case MessageState.DECIDED | MessageState.QUEUED:
            return Turn.SEND
        case MessageState.PARKED:
            return Turn.DONE if message.parked_until and message.parked_until > now else Turn.SEND
        case MessageState.SENDING:
            young = message.state_at is not None and now - message.state_at < SENDING_LIMIT
            return Turn.WAIT if young else Turn.LOST
        case _:
            return Turn.DONE


class Receipt(Value):
    """A provider took the message. `held`: it may still drop it after a quality check (Meta).

    `phone` (E.164) and `wa_user_id` are whom Meta says that it reaches, None where it does not say.
    """

    provider_id: str
    held: bool = False
    phone: str | None = None
    wa_user_id: str | None = None


class Advice(StrEnum):
    """What a provider's error means for the next step: the three branches of okaeri.errors."""

    AGAIN = "again"  # this message, later
    GIVE_UP = "give_up"  # this message, never
    STOP = "stop"  # nothing of this sender for now


class Refusal(Value):
    """A definite no of a provider. `wait_s` is the least wait, None where a backoff will do."""

    code: str
    advice: Advice
    wait_s: float | None = None


class Retry(Value):
    """Send again after `delay_s` seconds, by the queue's own delay."""

    delay_s: int


class Park(Value):
    """Keep it in the table until then; the sweep sends it. `withheld`: a wait that is granted once."""

    until: datetime
    withheld: bool = False


class Fail(Value):
    """End it. The engine is told, and tries the next channel where there is one."""


def choose_after_refusal(message: Message, refusal: Refusal, *, now: datetime, chance: float) -> Retry | Park | Fail:
    """What becomes of a message that was refused. `chance` in [0, 1) spreads retries; `now` is real time.

    Waits of up to 15 minutes are the queue's; longer ones are parked, unless another channel can say it now:
    for an order message always, for marketing only where the reason lies in this message or person (a whole
    broadcast does not move to e-mail because a token has expired). A wait of a day (131049) is granted once, and none
    beyond the time until which the words are true.
    """
    if refusal.advice is Advice.GIVE_UP:
        return Fail()
    if refusal.advice is Advice.STOP:
        if message.fallback and message.purpose is Purpose.ORDER:
            return Fail()
        return Park(until=now + timedelta(seconds=refusal.wait_s or QUEUE_DELAY_LIMIT_S))
    if message.attempt + 1 >= MAX_ATTEMPTS:
        return Fail()
    delay_s = find_backoff_s(message.attempt, chance) if refusal.wait_s is None else refusal.wait_s
    if delay_s <= QUEUE_DELAY_LIMIT_S:
        return Retry(delay_s=round(delay_s))
    until = now + timedelta(seconds=delay_s)
    is_useless = message.valid_until is not None and until > message.valid_until
    is_second_day = delay_s >= DAY_S and message.withheld
    if message.fallback or is_useless or is_second_day:
        return Fail()
    return Park(until=until, withheld=delay_s >= DAY_S)


def find_backoff_s(attempt: int, chance: float) -> float:
    """5, 15, 45, 135, 405 seconds and up to half as much again, so that many do not return at once."""
    return float(5 * 3**attempt * (1 + chance / 2))


class Meaning(Value):
    """Where a report moves its message (None: nowhere) and what the engine hears (`always`: unasked)."""

    state: MessageState | None = None
    outcome: Outcome | None = None
    always: bool = False


_NOTHING = Meaning()
_WHATSAPP_MEANINGS = {
    "sent": Meaning(state=MessageState.SENT),
    "delivered": Meaning(state=MessageState.DELIVERED, outcome="delivered"),
    "read": Meaning(state=MessageState.READ, outcome="read"),
    "played": Meaning(state=MessageState.READ, outcome="read"),  # a voice message heard
    "failed": Meaning(state=MessageState.FAILED, outcome="failed"),
}
_EMAIL_MEANINGS = {
    "send": Meaning(state=MessageState.SENT),
    "delivery": Meaning(state=MessageState.DELIVERED, outcome="delivered"),
    "open": Meaning(state=MessageState.READ, outcome="read"),
    "click": Meaning(state=MessageState.READ, outcome="clicked"),
    # Consent and dead addresses are the engine's, whatever the message asked for and however late this comes.
    "bounce": Meaning(state=MessageState.FAILED, outcome="bounced", always=True),
    "complaint": Meaning(state=MessageState.DELIVERED, outcome="complained", always=True),
    "reject": Meaning(state=MessageState.FAILED, outcome="failed"),
    "renderingfailure": Meaning(state=MessageState.FAILED, outcome="failed"),
}


def read_whatsapp_status(status: str) -> Meaning:
    """Of Meta's statuses; one that we do not know means nothing."""
    return _WHATSAPP_MEANINGS.get(status.lower(), _NOTHING)


def read_email_event(event: str, *, permanent: bool) -> Meaning:
    """Of SES's event types; a bounce that is not permanent fails the message and spares the address."""
    name = event.lower().replace(" ", "")
    if name == "bounce" and not permanent:
        return Meaning(state=MessageState.FAILED, outcome="failed")
    return _EMAIL_MEANINGS.get(name, _NOTHING)


def should_tell(message: Message, outcome: Outcome) -> bool:
    """Whether the engine wants to hear this of the message; a failure it always does."""
    return outcome == "failed" or outcome in message.tell


# FLAGGED warns of low quality and goes on sending; a template at rest says PAUSED.
_SENDABLE_STATUSES = frozenset({"APPROVED", "FLAGGED", "REINSTATED"})


def is_template_ready(status: str) -> bool:
    """Whether Meta sends a template of this status."""
    return status.upper() in _SENDABLE_STATUSES
