"""The events of our own store API, as docs/store-api.md describes them: the schema there is made from these models.

`python -m receive_store_event.standard_events` prints the JSON Schema.
"""

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator
from pydantic_core import PydanticKnownError

Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255),
    Field(json_schema_extra={"type": ["string", "integer"]}),
]


def _refuse_list(value: object) -> object:
    """Three of anything pass for a Decimal's parts, and fail in its own words, which are not pydantic's."""
    if isinstance(value, list):
        raise PydanticKnownError("decimal_type")
    return value


Amount = Annotated[
    Decimal,
    BeforeValidator(_refuse_list),
    Field(ge=0, max_digits=24, description='In units of the currency, best as text: "49.90".'),
]
Country = Annotated[
    str, StringConstraints(to_upper=True, pattern="^[A-Za-z]{2}$"), Field(description="ISO 3166-1: JP, DE, BR.")
]
Currency = Annotated[
    str, StringConstraints(to_upper=True, pattern="^[A-Za-z]{3}$"), Field(description="ISO 4217: JPY, EUR, BRL.")
]
Moment = Annotated[datetime, Field(description="ISO 8601 with its zone; without one it is UTC.")]
Quantity = Annotated[int, Field(ge=0, le=10_000_000)]
Channel = Literal["whatsapp", "email"]
PaymentWord = Literal[
    "pending",
    "failed",
    "authorized",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "voided",
]
ShipmentWord = Literal[
    "pending",
    "label_created",
    "shipped",
    "in_transit",
    "delayed",
    "out_for_delivery",
    "pickup_ready",
    "attempt_failed",
    "exception",
    "delivered",
    "returned",
    "expired",
    "cancelled",
]


class Part(BaseModel):
    """A part of an event. Fields that we do not know are accepted and ignored; numbers are taken where text is."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, defer_build=True)


class CustomerData(Part):
    """The buyer, by at least one of id, email and phone. Never the recipient of a gift."""

    id: Annotated[Id | None, Field(description="The customer's id in your store.")] = None
    email: str | None = None
    phone: Annotated[
        str | None,
        Field(description="Best as +819012345678. A number that cannot be read is left out, the event is taken."),
    ] = None
    first_name: str | None = None
    last_name: str | None = None
    locale: Annotated[str | None, Field(description="The language of the shop as the buyer used it: ja-JP.")] = None
    country: Country | None = None
    region: Annotated[str | None, Field(description="State or province, by code or name: CA. Tells the time zone.")] = (
        None
    )
    postcode: str | None = None
    time_zone: Annotated[str | None, Field(description="IANA name, where your store knows it: America/Denver.")] = None
    birthday: Annotated[
        str | None,
        StringConstraints(pattern=r"^(\d{4}|-)-\d{2}-\d{2}$"),
        Field(description="1990-05-21, or --05-21 where the year is nobody's business."),
    ] = None
    registered: Annotated[bool | None, Field(description="Whether they have an account; false for a guest.")] = None
    company: Annotated[str | None, Field(max_length=200, description="They buy for this business.")] = None

    @model_validator(mode="after")
    def _require_identifier(self) -> Self:
        if not (self.id or self.email or self.phone):
            raise ValueError("one of id, email and phone is needed to know who the customer is")
        return self


class AddressData(Part):
    """Where the parcel goes. Its phone is for the carrier and gets no message."""

    name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: Country | None = None
    phone: str | None = None


class LineData(Part):
    """One line of an order or cart."""

    line_id: Annotated[Id | None, Field(description="Unlike the other lines'; else the variant, product or title.")] = (
        None
    )
    product_id: Id | None = None
    variant_id: Id | None = None
    sku: str | None = None
    title: str
    variant: Annotated[str | None, Field(description="What was chosen: M, blue.")] = None
    vendor: str | None = None
    quantity: Quantity = 1
    price: Annotated[Amount, Field(description="Of one piece.")]
    total: Annotated[Amount | None, Field(description="Of the line after discounts; else price x quantity.")] = None
    image_url: str | None = None
    url: str | None = None
    needs_shipping: bool = True


class OptInData(Part):
    """A consent that the buyer gave with this order or cart."""

    channel: Channel
    purpose: Literal["order", "marketing"]
    wording: Annotated[str, Field(description="What the buyer read and agreed to.")] = ""
    confirmed: Annotated[
        bool, Field(description="You had it confirmed from the address itself (double opt-in). Else Okaeri asks.")
    ] = False


class OrderData(Part):
    """A whole order as it now stands."""

    order_id: Id
    name: Annotated[str | None, Field(description="As the buyer knows it: #1001. Else # and the id.")] = None
    created_at: Annotated[Moment | None, Field(description="Else the event's timestamp.")] = None
    updated_at: Annotated[Moment | None, Field(description="Else the event's timestamp.")] = None
    customer: CustomerData
    currency: Currency
    lines: list[LineData] = Field(default_factory=list)
    subtotal: Annotated[Amount | None, Field(description="The lines before discounts.")] = None
    discount: Amount | None = None
    coupon_codes: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=60)]],
        Field(max_length=20, description="As they were entered at the checkout."),
    ] = Field(default_factory=list)
    shipping: Amount | None = None
    tax: Amount | None = None
    tax_included: Annotated[bool, Field(description="Whether prices hold the tax already.")] = False
    total: Amount
    payment: PaymentWord = "pending"
    payment_method: Annotated[str | None, Field(description="As the buyer knows it: Visa, bank transfer.")] = None
    offline_payment: Annotated[
        bool, Field(description="Paid outside the checkout: bank transfer, cash on delivery.")
    ] = False
    payment_instructions: Annotated[str | None, Field(description="How to pay, where it is offline.")] = None
    payment_url: Annotated[str | None, Field(description="Where an unpaid order can be paid.")] = None
    shipping_method: str | None = None
    shipping_address: AddressData | None = None
    status_url: Annotated[str | None, Field(description="The page of this order.")] = None
    cart_token: Annotated[Id | None, Field(description="The token of the cart that became this order.")] = None
    eta: Annotated[Moment | None, Field(description="When it is promised to arrive.")] = None
    opt_ins: list[OptInData] = Field(default_factory=list)
    test: Annotated[bool, Field(description="A trial: stored, and nobody is written to.")] = False


class CartData(Part):
    """A cart as it now stands. It counts as left behind when it is neither changed nor completed for an hour."""

    token: Id
    customer: CustomerData
    currency: Currency
    lines: list[LineData] = Field(default_factory=list)
    total: Amount | None = None
    url: Annotated[str | None, Field(description="Brings the buyer back to this cart.")] = None
    updated_at: Annotated[Moment | None, Field(description="Else the event's timestamp.")] = None
    completed_at: Annotated[Moment | None, Field(description="When it became an order.")] = None
    opt_ins: list[OptInData] = Field(default_factory=list)


class OrderFactData(Part):
    """One fact about an order that was sent before, or will be."""

    order_id: Id
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None
    reason: str | None = None


class RefundData(Part):
    """Money given back."""

    order_id: Id
    refund_id: Id
    amount: Amount
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None
    method: Annotated[str | None, Field(description="As the buyer knows it: Visa.")] = None
    reason: str | None = None


class ShipmentData(Part):
    """One parcel of an order as it now is."""

    order_id: Id
    shipment_id: Annotated[
        Id | None,
        Field(description="Unlike the order's other parcels'; else the tracking number, else the order's only one."),
    ] = None
    status: ShipmentWord
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None
    eta: Annotated[Moment | None, Field(description="The carrier's promise.")] = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    place: str | None = None
    message: Annotated[str | None, Field(description="The carrier's words.")] = None
    line_ids: list[Id] = Field(default_factory=list)


class ConsentData(Part):
    """Consent for one channel and purpose."""

    channel: Channel
    purpose: Literal["order", "marketing"]
    customer: CustomerData
    wording: Annotated[str, Field(description="What the person read and agreed to: the proof.")] = ""
    source: Annotated[str, Field(description="Where it was given: newsletter form, counter.")] = "store API"
    confirmed: Annotated[
        bool, Field(description="You had it confirmed from the address itself (double opt-in). Else Okaeri asks.")
    ] = False
    page: Annotated[str | None, Field(description="Proof: the address of the page where it was given.")] = None
    reference: Annotated[str | None, Field(description="Proof: where your own record of it is found.")] = None
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None


class WithdrawalData(Part):
    """Consent withdrawn. Purpose `all` means nothing more on this channel, not even about orders."""

    channel: Channel
    purpose: Literal["order", "marketing", "all"]
    customer: CustomerData
    source: Annotated[str, Field(description="Where it was withdrawn: account page, call.")] = "store API"
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None


class VariantData(Part):
    """One buyable form of a product."""

    variant_id: Id
    sku: str | None = None
    title: str | None = None
    price: Amount | None = None
    quantity: int | None = None
    in_stock: Annotated[bool | None, Field(description="Else quantity above zero, where it is given.")] = None


class GuideData(Part):
    """Help with a product."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    url: Annotated[str, StringConstraints(pattern="^https?://")]
    kind: Literal["guide", "video", "faq"] = "guide"
    locale: Annotated[str, Field(description="Its language, such as ja; empty where it speaks to all.")] = ""


class CareData(Part):
    """What is told of a product beyond its price and stock. Left out, what was told before stays."""

    specification: Annotated[dict[str, str], Field(max_length=40, description='By name: {"Material": "linen"}.')] = (
        Field(default_factory=dict)
    )
    guides: Annotated[list[GuideData], Field(max_length=20)] = Field(default_factory=list)
    refill_days: Annotated[int | None, Field(ge=1, le=3_650, description="How long one lasts, in days.")] = None
    review_days: Annotated[int | None, Field(ge=1, le=3_650, description="After how many days it can be judged.")] = (
        None
    )
    parcel: Annotated[str, Field(max_length=500, description="What is in the box.")] = ""


class ProductData(Part):
    """A whole product as it now is."""

    product_id: Id
    title: str
    updated_at: Annotated[Moment | None, Field(description="Else the event's timestamp.")] = None
    vendor: str | None = None
    product_type: str | None = None
    tags: list[str] = Field(default_factory=list)
    url: str | None = None
    image_url: str | None = None
    status: str | None = None
    variants: list[VariantData] = Field(default_factory=list)
    care: CareData | None = None


class StockData(Part):
    """The stock of one variant."""

    product_id: Id
    variant_id: Annotated[Id | None, Field(description="Else the product's only one.")] = None
    sku: str | None = None
    quantity: int | None = None
    in_stock: Annotated[bool | None, Field(description="Else quantity above zero.")] = None
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None

    @model_validator(mode="after")
    def _require_stock(self) -> Self:
        if self.quantity is None and self.in_stock is None:
            raise ValueError("one of quantity and in_stock is needed")
        return self


class InterestData(Part):
    """A product that somebody looked at or wants."""

    customer: CustomerData
    product_id: Id
    variant_id: Annotated[Id | None, Field(description="The very size or colour; else any of the product's.")] = None
    at: Annotated[Moment | None, Field(description="When it happened; else the event's timestamp.")] = None


class RequestData(InterestData):
    """Somebody asks to be told of a product: once, when it can be bought (again)."""

    wish: Annotated[
        Literal["stock", "launch"],
        Field(description="`stock`: when it is back. `launch`: when something new can be ordered."),
    ] = "stock"
    withdrawn: Annotated[bool, Field(description="They want to hear of it no more.")] = False
    opt_ins: list[OptInData] = Field(default_factory=list)


class WishlistData(InterestData):
    """Somebody put a product on their wish list."""

    removed: Annotated[bool, Field(description="They took it off again.")] = False
    opt_ins: list[OptInData] = Field(default_factory=list)


class StoreEvent(Part):
    """What all events have in common."""

    timestamp: Annotated[Moment | None, Field(description="When it happened; else when we received it.")] = None


class OrderPlaced(StoreEvent):
    type: Literal["order.placed"]
    data: OrderData


class OrderUpdated(StoreEvent):
    type: Literal["order.updated"]
    data: OrderData


class OrderPaid(StoreEvent):
    type: Literal["order.paid"]
    data: OrderFactData


class OrderPaymentFailed(StoreEvent):
    type: Literal["order.payment_failed"]
    data: OrderFactData


class OrderCancelled(StoreEvent):
    type: Literal["order.cancelled"]
    data: OrderFactData


class OrderRefunded(StoreEvent):
    type: Literal["order.refunded"]
    data: RefundData


class ShipmentUpdated(StoreEvent):
    type: Literal["shipment.updated"]
    data: ShipmentData


class CartUpdated(StoreEvent):
    type: Literal["cart.updated"]
    data: CartData


class CustomerUpdated(StoreEvent):
    type: Literal["customer.updated"]
    data: CustomerData


class ConsentGiven(StoreEvent):
    type: Literal["consent.given"]
    data: ConsentData


class ConsentWithdrawn(StoreEvent):
    type: Literal["consent.withdrawn"]
    data: WithdrawalData


class ProductUpdated(StoreEvent):
    type: Literal["product.updated"]
    data: ProductData


class StockChanged(StoreEvent):
    type: Literal["stock.changed"]
    data: StockData


class ProductViewed(StoreEvent):
    type: Literal["product.viewed"]
    data: InterestData


class NotifyRequested(StoreEvent):
    type: Literal["notify.requested"]
    data: RequestData


class WishlistAdded(StoreEvent):
    type: Literal["wishlist.added"]
    data: WishlistData


AnyStoreEvent = (
    CartUpdated
    | OrderPlaced
    | OrderPaid
    | OrderPaymentFailed
    | OrderUpdated
    | OrderCancelled
    | OrderRefunded
    | ShipmentUpdated
    | CustomerUpdated
    | ConsentGiven
    | ConsentWithdrawn
    | ProductUpdated
    | StockChanged
    | ProductViewed
    | NotifyRequested
    | WishlistAdded
)


@cache
def build_event_model() -> TypeAdapter[AnyStoreEvent]:
    """The models of all events, told apart by `type`."""
    return TypeAdapter(Annotated[AnyStoreEvent, Field(discriminator="type")])


def make_schema() -> dict[str, Any]:
    """The JSON Schema of every event, as it may be sent."""
    schema = build_event_model().json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Okaeri store API: an event",
        **schema,
    }


if __name__ == "__main__":
    print(json.dumps(make_schema(), indent=2))
