"""What receivers put on the queues: evidence of the outside world, and our own wake-ups.

A store's topic is evidence, not an event: `advance_journeys` compares it with what is stored, and only a
change becomes an event (design §1).
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from okaeri.domain.orders import Address, Buyer, Cart, OptIn, Order, Product, Refund, Shipment
from okaeri.domain.values import Channel, Stored


class OrderSeen(Stored):
    """A whole order, from whichever topic."""

    kind: Literal["order.seen"] = "order.seen"
    order: Order


class OrderChanged(Stored):
    """One fact about an order, from a topic that does not carry the order."""

    kind: Literal["order.changed"] = "order.changed"
    order_id: str
    change: Literal[
        "paid",
        "payment_failed",
        "cancelled",
        "refunded",
        "return_requested",
        "return_approved",
        "return_declined",
        "return_closed",
        "gone",
    ]
    at: datetime
    refund: Refund | None = None
    return_id: str | None = None
    reason: str | None = None


class ShipmentSeen(Stored):
    """A parcel of an order."""

    kind: Literal["shipment.seen"] = "shipment.seen"
    order_id: str
    shipment: Shipment


class CartSeen(Stored):
    """A cart or checkout as it stands."""

    kind: Literal["cart.seen"] = "cart.seen"
    cart: Cart


class CartCompleted(Stored):
    """A cart became an order (told to the cart's customer where the order's is another)."""

    kind: Literal["cart.completed"] = "cart.completed"
    token: str
    order_id: str
    at: datetime


class CustomerSeen(Stored):
    """A customer's own data changed in the store."""

    kind: Literal["customer.seen"] = "customer.seen"
    buyer: Buyer
    at: datetime
    opt_ins: tuple[OptIn, ...] = ()
    quiet: str | None = None  # why this moves state and starts nothing: `imported`


class CustomersMerged(Stored):
    """The store joined two of its customers."""

    kind: Literal["customers.merged"] = "customers.merged"
    kept: str
    lost: str
    at: datetime


class ConsentSeen(Stored):
    """Consent given or withdrawn. `purpose` "all" on a channel means nothing at all may be said there.

    The person is found by `customer_id` where we made the link ourselves (unsubscribe page), else by `buyer`.
    """

    kind: Literal["consent.seen"] = "consent.seen"
    channel: Literal["whatsapp", "email"]
    purpose: Literal["order", "marketing", "all"]
    given: bool
    at: datetime
    source: str
    wording: str = ""
    customer_id: str | None = None
    buyer: Buyer = Field(default_factory=Buyer)
    wa_user_id: str | None = None
    confirmed: bool = False  # from the address itself (double opt-in), by the store or on our page
    proof: dict[str, str] = Field(default_factory=dict)
    quiet: str | None = None  # as of CustomerSeen


class ProductSeen(Stored):
    """A product, or a part of one (`partial`: only the variants named, a stock notice)."""

    kind: Literal["product.seen"] = "product.seen"
    product: Product
    partial: bool = False
    gone: bool = False


class InterestSeen(Stored):
    """Somebody looked at a product, or wants to hear of it: back in stock, on sale at last, on their wish list.

    `gone` takes the wish back. With `kept` they wait on as before: a place is kept, and nothing has happened.
    Whoever is known by nothing is nobody: such evidence is dropped at the edge.
    """

    kind: Literal["interest.seen"] = "interest.seen"
    wish: Literal["viewed", "stock", "launch", "wishlist"]
    product_id: str
    variant_id: str | None = None
    buyer: Buyer
    at: datetime
    gone: bool = False
    kept: bool = False
    opt_ins: tuple[OptIn, ...] = ()


class ProductTold(Stored):
    """It is the customer's turn to hear of a product that they wait for."""

    kind: Literal["product.told"] = "product.told"
    customer_id: str
    news: Literal["back_in_stock", "launched", "price_dropped"]
    product_id: str
    variant_id: str | None = None
    at: datetime
    data: dict[str, str] = Field(default_factory=dict)  # of a lower price: before, after


class WaitingDue(Stored):
    """Those who wait for a product are to hear of news: as many as stock and one go allow, then the next.

    `at` is when the news came to be. Each `day` begins at the front of the list; its goes follow each other from
    `after` on, with what is `left` of the day's number for each variant; `waits` says that some have to wait for more.
    """

    kind: Literal["waiting.due"] = "waiting.due"
    news: Literal["back_in_stock", "launched", "price_dropped"]
    product_id: str
    at: datetime
    day: int = 0
    go: int = 0
    wish: str = ""
    after: str = ""
    left: dict[str, int] = Field(default_factory=dict)
    waits: bool = False
    data: dict[str, str] = Field(default_factory=dict)


class TrackingSeen(Stored):
    """A carrier, or a service that asks carriers, tells of a parcel by its tracking number alone."""

    kind: Literal["tracking.seen"] = "tracking.seen"
    source: Literal["aftership", "easypost", "shippo"]
    tracking_number: str
    shipment: Shipment


class ReferralUsed(Stored):
    """An order used a code that a customer passes on: told to the code's owner, `customer_id`.

    `friend_id` is who ordered, `is_first` whether it was their first order; what else is said of them is to be held
    against the owner, for nobody is their own friend.
    """

    kind: Literal["referral.used"] = "referral.used"
    customer_id: str
    code: str
    order_id: str
    at: datetime
    friend_id: str
    is_first: bool = False
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    address: Address | None = None


class StoreUninstalled(Stored):
    """The shop removed the app: the store is paused, its runs end."""

    kind: Literal["store.uninstalled"] = "store.uninstalled"
    at: datetime


class PrivacyRequested(Stored):
    """A data protection request of the platform (Shopify's three mandatory topics), kept until carried out."""

    kind: Literal["privacy.requested"] = "privacy.requested"
    request: Literal["export_customer", "erase_customer", "erase_store"]
    at: datetime
    store_customer_id: str | None = None
    email: str | None = None
    phone: str | None = None
    order_ids: tuple[str, ...] = ()
    request_id: str | None = None


class MessageReceived(Stored):
    """A shopper wrote on WhatsApp. `text` is what they typed or tapped, `payload` a button's; media by Meta's id."""

    kind: Literal["message.received"] = "message.received"
    provider_id: str
    at: datetime
    type: str
    phone: str | None = None
    wa_user_id: str | None = None
    profile_name: str | None = None
    text: str | None = None
    payload: str | None = None
    media_id: str | None = None
    reply_to: str | None = None
    referral: dict[str, str] = Field(default_factory=dict)  # the advertisement or post by which they came
    amends: str | None = None  # `edit` or `revoke`: of the message `reply_to`


class WhatsappKnown(Stored):
    """Under which number or user id Meta knows a customer to whom we wrote, where it is not one that we had."""

    kind: Literal["whatsapp.known"] = "whatsapp.known"
    customer_id: str
    phone: str | None = None
    wa_user_id: str | None = None


class NumberChanged(Stored):
    """A shopper's WhatsApp number or user id changed (Meta's system message)."""

    kind: Literal["number.changed"] = "number.changed"
    at: datetime
    old_phone: str | None = None
    old_wa_user_id: str | None = None
    new_phone: str | None = None
    new_wa_user_id: str | None = None


class MessageOutcome(Stored):
    """What became of a message, told to the engine only where it matters (fallback, consent, a waiting run)."""

    kind: Literal["message.outcome"] = "message.outcome"
    customer_id: str
    message_id: str
    outcome: Literal["failed", "delivered", "read", "clicked", "bounced", "complained"]
    at: datetime
    code: str = ""
    address: str | None = None


class MessageCheck(Stored):
    """Look at a message again: has it been confirmed, delivered or read by now?"""

    kind: Literal["message.check"] = "message.check"
    customer_id: str
    message_id: str


class TimerDue(Stored):
    """A run's wait is over. `due` is in the customer's own (possibly compressed) time."""

    kind: Literal["timer.due"] = "timer.due"
    customer_id: str
    run_id: str
    step: int
    due: datetime


class BroadcastDue(Stored):
    """A broadcast's turn has come for one customer. `definition` is what it was compiled to, for the `early` or all."""

    kind: Literal["broadcast.due"] = "broadcast.due"
    customer_id: str
    broadcast_id: str
    definition: str
    early: bool = False


class ActionDone(Stored):
    """What came of something that a run asked for: a webhook's answer, a code, or why not."""

    kind: Literal["action.done"] = "action.done"
    customer_id: str
    action_id: str
    action: Literal["call", "coupon", "change", "consent"]
    ok: bool
    at: datetime
    data: dict[str, str] = Field(default_factory=dict)


class AnswerGiven(Stored):
    """A shopper answered a question on our page. `ask` is the question's seed, `answer` the answer's name.

    A page with the rest of a run's questions gives the run `run_id` several `answers` at once, by the questions' ids,
    in place of the one: names or own words, empty where a question was left out.
    """

    kind: Literal["answer.given"] = "answer.given"
    customer_id: str
    ask: str
    answer: str = ""
    at: datetime

    run_id: str = ""
    answers: dict[str, str] = Field(default_factory=dict)


class TurnDue(Stored):
    """The burst is over: what a customer wrote is to be read as one turn.

    `first` is the provider's id of its first message: two bursts may end at the same moment, each has its own.
    """

    kind: Literal["turn.due"] = "turn.due"
    customer_id: str
    at: datetime
    first: str = ""


class Attachment(Stored):
    """A file that came with an e-mail or a form, kept in our store of media already. `size` in bytes.

    `media_key` is empty where it was refused, `refused` says why, as in `MediaRecord`. `is_photo`: a picture or film
    that its writer shows, and no part of a signature or a quote.
    """

    media_key: str
    content_type: str
    name: str = ""
    size: int = 0
    refused: str = ""
    is_photo: bool = False


class LetterReceived(Stored):
    """A customer wrote by e-mail or by the form on our page.

    `ticket_id` is set where the signed reply address (or link) names the ticket that it answers, `question` where it
    names a question that asked for a photo and there is one: the beginning of the question's seed. `customer_id` then
    names whose they are. `text` is what is new in it, without what it quotes.
    """

    kind: Literal["letter.received"] = "letter.received"
    letter_id: str  # the Message-ID, or the form's own
    via: Literal["email", "form"]
    at: datetime
    email: str
    name: str = ""
    phone: str | None = None
    subject: str = ""
    text: str = ""
    order_name: str = ""
    locale: str | None = None
    attachments: tuple[Attachment, ...] = ()
    is_proven: bool = True  # False where the sender's domain does not stand by it, or anybody may type an address
    ticket_id: str | None = None
    question: str | None = None
    customer_id: str | None = None


class StaffReplied(Stored):
    """A person of the shop answers a customer, on the channel of the ticket. `at` ahead of now: a scheduled reply."""

    kind: Literal["staff.replied"] = "staff.replied"
    customer_id: str
    ticket_id: str
    reply_id: str
    by: str
    text: str
    media_key: str | None = None
    at: datetime
    expected: bool = False  # a notice to somebody who waits: the ticket stays unanswered
    channel: Channel | None = None  # the ticket's; the talk's where none is named


class TicketReopened(Stored):
    """A person of the shop takes a solved ticket up again, or takes over a talk from the assistant."""

    kind: Literal["ticket.reopened"] = "ticket.reopened"
    customer_id: str
    ticket_id: str
    queue: str = "conversation"
    by: str
    at: datetime


class TicketSolved(Stored):
    """A person of the shop has solved a ticket."""

    kind: Literal["ticket.solved"] = "ticket.solved"
    customer_id: str
    ticket_id: str
    at: datetime
    outcome: str = ""


class RunMigration(Stored):
    """A person of the shop moves a customer's runs of one version of a journey to another (both by content hash).

    `steps` maps the steps at which a run may rest; one that rests elsewhere stays in its version, or ends.
    """

    kind: Literal["run.migration"] = "run.migration"
    customer_id: str
    journey: str
    before: str
    after: str
    steps: dict[int, int] = Field(default_factory=dict)
    otherwise: Literal["stay", "end"] = "stay"
    by: str
    at: datetime


class CustomerWake(Stored):
    """The sweep found a wake-up overdue, or one that is near enough now to be armed."""

    kind: Literal["customer.wake"] = "customer.wake"
    customer_id: str
    rearm: bool = False  # schedules may be gone (`okaeri timers rebuild`): make them all again


Evidence = Annotated[
    OrderSeen
    | OrderChanged
    | ShipmentSeen
    | CartSeen
    | CartCompleted
    | CustomerSeen
    | CustomersMerged
    | ConsentSeen
    | ProductSeen
    | StoreUninstalled
    | PrivacyRequested
    | MessageReceived
    | WhatsappKnown
    | NumberChanged
    | MessageOutcome
    | MessageCheck
    | TimerDue
    | ActionDone
    | AnswerGiven
    | TicketSolved
    | TurnDue
    | LetterReceived
    | StaffReplied
    | TicketReopened
    | BroadcastDue
    | RunMigration
    | InterestSeen
    | ProductTold
    | WaitingDue
    | TrackingSeen
    | ReferralUsed
    | CustomerWake,
    Field(discriminator="kind"),
]


class Envelope(Stored):
    """One queue body. `id` is stable over redeliveries and repeated webhooks; `source` names platform and topic."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    id: str
    store_id: str
    source: str
    received_at: datetime
    evidence: Evidence

    model_config = Stored.model_config | {"populate_by_name": True}

    def to_body(self) -> str:
        """The queue body: JSON in ASCII (SQS refuses lone control characters), empty fields left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True, ensure_ascii=True)


def name_group(evidence: Evidence) -> str:
    """The strongest key in the payload: what must stay in order (design §1, groups order one thing)."""
    match evidence:
        case OrderSeen():
            return f"order:{evidence.order.order_id}"
        case OrderChanged() | ShipmentSeen():
            return f"order:{evidence.order_id}"
        case CartSeen():
            return f"cart:{evidence.cart.token}"
        case CartCompleted():
            return f"cart:{evidence.token}"
        case ProductSeen():
            return f"product:{evidence.product.product_id}"
        case WaitingDue():
            return f"product:{evidence.product_id}"
        case TrackingSeen():
            return f"tracking:{evidence.tracking_number}"
        case CustomerSeen() | InterestSeen():
            return f"customer:{evidence.buyer.store_customer_id or evidence.buyer.email or evidence.buyer.phone}"
        case CustomersMerged():
            return f"customer:{evidence.kept}"
        case ConsentSeen():
            buyer = evidence.buyer
            person = evidence.customer_id or evidence.wa_user_id or buyer.phone
            return f"wa:{person}" if person else f"mail:{buyer.email or buyer.store_customer_id}"
        case MessageReceived():
            return f"wa:{evidence.wa_user_id or evidence.phone}"
        case LetterReceived():
            return f"mail:{evidence.email}"
        case NumberChanged():
            return f"wa:{evidence.new_wa_user_id or evidence.new_phone}"
        case TimerDue():
            return f"run:{evidence.run_id}:{evidence.customer_id}"  # the runs of one broadcast all have one id
        case (
            MessageOutcome()
            | MessageCheck()
            | WhatsappKnown()
            | ActionDone()
            | AnswerGiven()
            | TicketSolved()
            | TurnDue()
            | StaffReplied()
            | TicketReopened()
            | ProductTold()
            | ReferralUsed()
            | CustomerWake()
            | BroadcastDue()
            | RunMigration()
        ):
            return f"customer:{evidence.customer_id}"
        case StoreUninstalled() | PrivacyRequested():
            return "store"
