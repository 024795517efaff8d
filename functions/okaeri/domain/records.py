"""What is kept beside the customer: orders, carts, products, decisions, consent entries, ended runs, timeline."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from okaeri.domain.customers import Run
from okaeri.domain.evidence import Envelope
from okaeri.domain.orders import Cart, Order, Product
from okaeri.domain.remedies import Remedy
from okaeri.domain.values import Channel, Purpose, Stored, Value


class OrderRecord(Stored):
    """An order as last seen and whom it belongs to. `parked` holds evidence that came before the order itself."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    order_id: str
    customer_id: str | None = None
    order: Order | None = None
    version: int = 0
    parked: tuple[Envelope, ...] = Field(default=(), exclude=True)

    model_config = Stored.model_config | {"populate_by_name": True}


class CartRecord(Stored):
    """A cart as last seen. `order_id` is set once it was bought; a bought cart may be known by nothing else."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    token: str
    customer_id: str | None = None
    cart: Cart | None = None
    order_id: str | None = None
    version: int = 0

    model_config = Stored.model_config | {"populate_by_name": True}


class ProductRecord(Stored):
    """A product as last seen."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    product: Product
    version: int = 0

    model_config = Stored.model_config | {"populate_by_name": True}


class Finding(Stored):
    """One thing that the engine weighed: `what` was looked at, the `verdict`, and `why` in a stable code."""

    what: str
    verdict: str
    why: str = ""


class DecisionRecord(Stored):
    """Why something did, or didn't, happen on one event. Kept 90 days with the normalised event."""

    store_id: str
    customer_id: str
    event_id: str
    event: str
    occurred_at: datetime
    decided_at: datetime
    data: dict[str, str] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


class ConsentEntry(Stored):
    """One line of the consent ledger: never changed, never deleted but by a privacy request.

    `address` is who was asked. `needs_confirmation` is a sign-up that counts once it was `confirmed`. `proof` holds
    what shows it, by name: `order`, `cart`, `message` (our id), `provider_message`, `page`, `reference`, and of a
    visitor of our pages `ip` and `browser` as keyed hashes.
    """

    store_id: str
    customer_id: str
    entry_id: str
    channel: str
    purpose: str
    given: bool
    at: datetime
    source: str
    wording: str = ""
    address: str | None = None
    needs_confirmation: bool = False
    confirmed: bool = False
    proof: dict[str, str] = Field(default_factory=dict)


class FinishedRun(Stored):
    """A run that ended, and why."""

    store_id: str
    customer_id: str
    run_id: str
    run: Run
    ended_at: datetime
    reason: str


class Ticket(Stored):
    """Something that a person of the shop has to look at. `order_id` and `journey` say where it comes from."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    ticket_id: str
    customer_id: str
    queue: str
    subject: str = ""
    priority: Literal["low", "normal", "high"] = "normal"
    opened_at: datetime
    due: datetime | None = None
    order_id: str | None = None
    journey: str | None = None
    solved_at: datetime | None = None
    outcome: str = ""
    channel: Channel = Channel.WHATSAPP  # where the customer is answered
    state: Literal["waiting", "person", "solved"] = "waiting"
    stage: str = ""  # of a return or claim: requested, approved, received, refunded, declined
    data: dict[str, str] = Field(default_factory=dict)  # what the journey learnt: item, reason, wish, media
    assignee: str = ""
    escalated_at: datetime | None = None
    last_heard_at: datetime | None = None  # the customer's latest word, real time
    last_told_at: datetime | None = None  # the shop's
    first_told_at: datetime | None = None
    solved_by: str = ""
    remedy: str = ""  # what was offered: "refund 20.00 EUR", "replacement", "credit 10.00 EUR"
    remedies: tuple[Remedy, ...] = ()  # the same with who gave it and when
    replied_at: datetime | None = None  # when a person last wrote an answer, also one that waits for its hour
    replied_by: str = ""
    reply_id: str = ""  # that answer's
    replies: int = 0  # of people; one, and never reopened: solved at first contact
    reopened: int = 0  # times
    version: int = 0  # counts writes

    model_config = Stored.model_config | {"populate_by_name": True}


class ActionRequest(Stored):
    """Something that a run asks of the world and waits for: a call of a webhook, a code from a pool.

    `action_id` is the step's and visit's, so a repetition is recognised; `target` names the webhook or the pool. Of a
    consent that the store is to be told no run waits: `target` is where it goes.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    customer_id: str
    action_id: str
    kind: Literal["call", "coupon", "change", "media", "consent"]
    target: str
    journey: str
    purpose: Purpose
    refs: dict[str, str] = Field(default_factory=dict)
    data: dict[str, str] = Field(default_factory=dict)
    requested_at: datetime

    model_config = Stored.model_config | {"populate_by_name": True}


class GoalReached(Stored):
    """A run's goal was reached: which, by what, and for which arm of a split or hold-out it counts."""

    store_id: str
    customer_id: str
    run_id: str
    journey: str
    definition: str
    arm: str = ""
    event: str
    event_id: str
    at: datetime
    order_id: str | None = None  # the order that reached it, where it was one


class MediaRecord(Stored):
    """A file that a customer or the shop sent: where it is kept, and whether the customer agreed to publish it.

    `media_id` is the provider's, or our own for mails and staff. `key` is empty where it was refused, `refused` says
    why (`too_large`, `not_allowed:<type>`, `expired`).
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    customer_id: str
    media_id: str
    content_type: str = ""
    size: int = 0  # bytes
    sha256: str = ""
    name: str = ""
    key: str = ""
    refused: str = ""
    received_at: datetime
    may_publish: bool = False

    model_config = Stored.model_config | {"populate_by_name": True}


class Response(Stored):
    """What a customer answered to a survey: a score where it asks one, and the answers by name."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    survey: str
    response_id: str
    customer_id: str
    journey: str
    at: datetime
    score: int | None = None
    answers: dict[str, str] = Field(default_factory=dict)
    order_id: str | None = None

    model_config = Stored.model_config | {"populate_by_name": True}


class ShelfEntry(Stored):
    """A product as a finder sees it: one of at most a few thousand, read together. `price` in the store's currency."""

    product_id: str
    title: str
    url: str = ""
    image: str = ""
    price: str = ""
    product_type: str = ""
    tags: tuple[str, ...] = ()
    in_stock: bool = True


class Interest(Stored):
    """Who waits for a product, kept with the product in the order in which they asked. `told_at`: it was their turn."""

    store_id: str
    product_id: str
    variant_id: str | None = None
    customer_id: str
    wish: Literal["stock", "launch", "wishlist"]
    at: datetime
    told_at: datetime | None = None


class PointsEntry(Stored):
    """One line of the loyalty ledger: never changed. `points` may be negative; `balance` is what they have after it.

    `free_at` is from when on they could be spent, as it was known then; None: at once.
    """

    store_id: str
    customer_id: str
    entry_id: str
    points: int
    balance: int
    reason: str
    at: datetime
    order_id: str | None = None
    free_at: datetime | None = None


class TimelineEntry(Stored):
    """What a customer said or did that is no order: an inbound message, a click."""

    store_id: str
    customer_id: str
    entry_id: str
    at: datetime
    kind: str
    text: str | None = None
    data: dict[str, str] = Field(default_factory=dict)


class DueItem(Value):
    """An entry of the due index: a customer to wake or, with `message_id`, a parked message."""

    store_id: str
    customer_id: str
    message_id: str | None = None
    sweep_at: datetime
