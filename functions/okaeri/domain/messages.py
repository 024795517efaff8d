"""One thing said to one customer on one channel, and the states that it moves through (design §5, promise 5)."""

from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field

from okaeri.domain.conversations import STAFF_REPLY
from okaeri.domain.values import Channel, Lane, Purpose, Stored


class MessageState(StrEnum):
    """Where a message is. See RANK for what may follow what."""

    DECIDED = "decided"
    QUEUED = "queued"
    SENDING = "sending"
    PARKED = "parked"
    UNCONFIRMED = "unconfirmed"
    ACCEPTED = "accepted"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


# A provider's word moves a message only to a higher rank: `read` implies `delivered`, a late `sent` changes nothing,
# and a failure after delivery is not believed. Between equal ranks nothing moves.
RANK: dict[MessageState, int] = {
    MessageState.DECIDED: 0,
    MessageState.QUEUED: 10,
    MessageState.PARKED: 10,
    MessageState.SENDING: 20,
    MessageState.UNCONFIRMED: 25,
    MessageState.ACCEPTED: 30,
    MessageState.HELD: 35,
    MessageState.SENT: 40,
    MessageState.FAILED: 45,
    MessageState.DELIVERED: 50,
    MessageState.READ: 60,
    MessageState.EXPIRED: 90,
    MessageState.SUPPRESSED: 90,
}

ENDED = frozenset({MessageState.FAILED, MessageState.EXPIRED, MessageState.SUPPRESSED})
REACHED = frozenset({MessageState.DELIVERED, MessageState.READ})


class MessageRefs(Stored):
    """What a message is about; senders read these again before they speak."""

    order_id: str | None = None
    shipment_id: str | None = None
    refund_id: str | None = None
    cart_token: str | None = None
    reply_to: str | None = None  # the provider's id of the message that this one answers
    broadcast_id: str | None = None
    ticket_id: str | None = None
    siblings: tuple[str, ...] = ()  # what else it speaks of, gathered: shipment ids, cart tokens or order ids


class MessageCost(Stored):
    """What a message costs: estimated when it is sent, settled by the provider's own word.

    `amount` is a decimal text in `currency`, None where the price list knows none: never a guess. `category` and
    `type` are the provider's words (Meta: utility, marketing, service…; regular, free_customer_service…). `rate` is
    the whole amount where the message is billed, `fee` the part of it that is asked even where Meta bills nothing.
    """

    currency: str = "USD"
    amount: str | None = None
    rate: str | None = None
    fee: str | None = None
    category: str = ""
    type: str = ""
    market: str = ""
    settled: bool = False


class Charge(NamedTuple):
    """A provider's word on how a message is charged; see `settle_cost`."""

    type: str
    category: str
    billable: bool


def settle_cost(estimate: MessageCost | None, charge: Charge) -> MessageCost:
    """The estimate after Meta's own word on how the message is charged.

    Where Meta bills another category than we thought, the amount is None: `prices.price_again` finds it in a list.
    """
    cost = estimate or MessageCost()
    category = charge.category or cost.category
    rate = cost.rate if category == cost.category else None
    amount = rate if charge.billable else cost.fee or "0"
    words = {"type": charge.type or cost.type, "category": category, "amount": amount, "settled": True}
    return cost.model_copy(update=words)


class Message(Stored):
    """A decided message. Its id is hash(run, step, visit, channel): never from the attempt or the clock.

    `fallback` lists the channels still to try; `decided_at` and `valid_until` are in the customer's own time.
    `tell` lists the outcomes that the engine wants to hear of.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    message_id: str
    store_id: str
    customer_id: str
    channel: Channel
    purpose: Purpose
    template: str
    locale: str
    seed: str = ""  # hash(run, step, visit), shared by the same message on other channels
    run_id: str | None = None
    journey: str | None = None
    refs: MessageRefs = Field(default_factory=MessageRefs)
    data: dict[str, str] = Field(default_factory=dict)
    fallback: tuple[Channel, ...] = ()
    tell: tuple[str, ...] = ("failed",)
    decided_at: datetime
    valid_until: datetime | None = None
    stands_in: bool = False  # for another channel that failed, at whatever hour that came to be known
    free_form: bool = False  # an answer inside the 24-hour window: text, not a template
    is_answer: bool = False  # to what the customer has just asked: said whatever became of the order since
    takes_files: bool = False  # it asks for a photo: an answer to the mail may bring one
    priority: int = 50
    arm: str = ""  # the arms that its run drew, for comparison: `subject=a`

    # How far it is. Written by the senders and record_delivery only, by conditional writes.
    state: MessageState = MessageState.DECIDED
    state_at: datetime | None = None
    reason: str = ""
    attempt: int = 0
    repeated: bool = False
    withheld: bool = False  # a provider put it off for a day already, and is asked once more
    provider_id: str | None = None
    address: str | None = None
    parked_until: datetime | None = None
    cost: MessageCost | None = None
    clicked: Literal["", "person", "machine"] = ""  # who followed its links (`visits.judge_visits`)
    format: str = ""  # how it looked when it was sent (`formats`), empty until then
    machine_opened: bool = False  # a program fetched the pictures of a mail, which says nothing of its reader

    model_config = Stored.model_config | {"populate_by_name": True}

    @property
    def lane(self) -> Lane:
        """Transactional for order messages, else marketing."""
        return Lane.TRANSACTIONAL if self.purpose is Purpose.ORDER else Lane.MARKETING


class QueuedMessage(Stored):
    """The body on a sender's queue: which message to say. Everything else is read again from the table."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    customer_id: str
    message_id: str
    attempt: int = 0

    model_config = Stored.model_config | {"populate_by_name": True}


def is_held_back(message: Message) -> bool:
    """Whether the message only asks to open the window for an answer that waits."""
    return message.template == STAFF_REPLY and message.channel is Channel.WHATSAPP and not message.free_form


def find_floor(after: MessageState) -> int:
    """The least rank at which a provider's report of `after` is believed.

    `sent` and `failed` reports of a message that waits for its next attempt speak of the one before, doubled or late.
    """
    return 0 if after in REACHED else RANK[MessageState.SENDING]


def may_move(before: MessageState, after: MessageState) -> bool:
    """Whether a provider's report of `after` changes a message that is at `before`."""
    return find_floor(after) <= RANK[before] < RANK[after]
