"""What is kept beside the customer: orders, carts, products, decisions, consent entries, ended runs, timeline."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from okaeri.domain.customers import Run
from okaeri.domain.evidence import Envelope
from okaeri.domain.orders import Cart, Order, Product
from okaeri.domain.values import Purpose, Stored, Value


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

    model_config = Stored.model_config | {"populate_by_name": True}


class ActionRequest(Stored):
    """Something that a run asks of the world and waits for: a call of a webhook, a code from a pool.

    `action_id` is the step's and visit's, so a repetition is recognised; `target` names the webhook or the pool.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    customer_id: str
    action_id: str
    kind: Literal["call", "coupon"]
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
