"""Orders, parcels, refunds: what a store tells us, in one vocabulary for all platforms."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field

from okaeri.domain.values import Stored


class Payment(StrEnum):
    """How far the money is. The order of the members is the order in which it moves forward."""

    PENDING = "pending"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"


class ShipmentStatus(StrEnum):
    """Where a parcel is. One vocabulary over stores and carriers (facts: store and carrier webhooks §5)."""

    PENDING = "pending"
    LABEL_CREATED = "label_created"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELAYED = "delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    PICKUP_READY = "pickup_ready"
    ATTEMPT_FAILED = "attempt_failed"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURNED = "returned"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# Why a parcel is held up, was not handed over, or was handed to somebody else.
REASONS = (
    *("address", "closed", "customs", "damaged", "documents", "lost", "neighbour", "nobody_home"),
    *("not_collected", "outside", "payment", "processing", "refused", "weather"),
)


class Buyer(Stored):
    """Who bought, from the buyer's own fields only: never from a delivery address (design §4, identity).

    `phone` is E.164 or None, `email` lower-cased or None, `locale` as the store gave it ("ja-JP"),
    `country` ISO 3166-1 alpha-2, `time_zone` an IANA name, None where the address leaves it open.
    """

    store_customer_id: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    country: str | None = None
    time_zone: str | None = None
    birthday: str | None = None  # "1990-05-21", or "--05-21" where the year is nobody's business
    is_registered: bool | None = None  # whether they have an account in the store; None where it does not say
    company: str | None = None  # they buy for a business


class Address(Stored):
    """A postal address as it is printed; its phone is contact data of the order and identifies nobody."""

    name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None


class OrderLine(Stored):
    """One line of an order or cart. `price` is one unit's, `total` the line's after discounts, in its currency."""

    line_id: str
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    title: str
    variant: str | None = None
    vendor: str | None = None
    quantity: int
    price: Decimal
    total: Decimal | None = None
    image_url: str | None = None
    url: str | None = None
    needs_shipping: bool = True


class Refund(Stored):
    """Money given back. `method` is the way as the shopper knows it ("Visa"), None when the store didn't say."""

    refund_id: str
    amount: Decimal
    at: datetime
    method: str | None = None
    reason: str | None = None


class Shipment(Stored):
    """A parcel. `at` is when its status happened; `eta` the carrier's promise, no guess; `message` its words.

    `reason` is why its status is so, a word of ours (`REASONS`). `by_carrier`: the carrier itself has told of it once,
    not the shop alone; `scanned_at` is when it last did.
    """

    shipment_id: str
    status: ShipmentStatus
    at: datetime
    eta: datetime | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    place: str | None = None
    message: str | None = None
    line_ids: tuple[str, ...] = ()
    reason: str | None = None
    by_carrier: bool = False
    scanned_at: datetime | None = None
    shipped_at: datetime | None = None  # when it left, as it was first heard


class OptIn(Stored):
    """A consent that came with an order, a cart or a customer: channel, purpose, its wording and where it was given."""

    channel: str
    purpose: str
    given: bool = True
    source: str
    wording: str = ""
    explicit: bool = False  # ticked by the shopper for this; only such a one undoes an earlier withdrawal
    confirmed: bool = False  # the store had it confirmed from the address itself (double opt-in)


class Order(Stored):
    """One order, as last seen. Money is decimal in `currency`; times are UTC; ids are text (they pass 2^53).

    `tax_included` says that prices hold the tax already. `offline_payment` is set where the shopper pays outside
    the checkout (bank transfer, cash on delivery); `payment_method` is its name. `quiet` names why this order
    says nothing (test, draft, point_of_sale, marketplace, old), None where it speaks.
    """

    order_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    buyer: Buyer
    currency: str
    lines: tuple[OrderLine, ...] = ()
    subtotal: Decimal | None = None
    discount: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
    tax_included: bool = False
    total: Decimal
    payment: Payment = Payment.PENDING
    payment_method: str | None = None
    offline_payment: bool = False
    cash_on_delivery: bool = False
    payment_instructions: str | None = None
    payment_url: str | None = None
    shipping_method: str | None = None
    shipping_address: Address | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    status_url: str | None = None
    checkout_token: str | None = None
    cart_token: str | None = None
    eta: datetime | None = None
    paid_at: datetime | None = None  # where the money came after the order
    fulfilled: bool = False
    shipments: tuple[Shipment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()
    coupon_codes: tuple[str, ...] = ()  # as they were entered at the checkout
    quiet: str | None = None
    sales_channel: str | None = None
    returns: dict[str, str] = Field(default_factory=dict)  # id → requested, approved, declined or closed; latest last

    @property
    def return_status(self) -> str | None:
        """How far the return is that moved last, None where none was asked for in the store."""
        return next(reversed(self.returns.values()), None)

    @property
    def is_placed_by_shopper(self) -> bool:
        """Whether the shopper sat before the shop at that hour: not a till's, and none that the shop wrote itself."""
        return self.quiet not in ("test", "draft", "point_of_sale")


class Cart(Stored):
    """A cart or checkout that may be left behind, keyed by its token."""

    token: str
    cart_token: str | None = None
    buyer: Buyer
    lines: tuple[OrderLine, ...] = ()
    currency: str
    total: Decimal | None = None
    url: str | None = None
    updated_at: datetime
    completed_at: datetime | None = None
    opt_ins: tuple[OptIn, ...] = ()


class Variant(Stored):
    """One buyable form of a product. `in_stock` None means unknown."""

    variant_id: str
    sku: str | None = None
    title: str | None = None
    price: Decimal | None = None
    quantity: int | None = None
    in_stock: bool | None = None


class Guide(Stored):
    """Help with a product. `locale` is its language, empty where it speaks to all."""

    title: str
    url: str
    kind: Literal["video", "guide", "faq"] = "guide"
    locale: str = ""


class ProductCare(Stored):
    """What a shop tells of a product beyond its store's record: from a file, or the store's own extra fields.

    `refill_days` is how long one unit lasts, `review_days` after how many days it can be judged, `parcel` what is in
    the box.
    """

    specification: dict[str, str] = Field(default_factory=dict)
    guides: tuple[Guide, ...] = ()
    refill_days: int | None = None
    review_days: int | None = None
    parcel: str = ""


class Product(Stored):
    """A product as last seen. `variants` may be a part only (a stock notice names one).

    `price` and `in_stock` are what the store says of the product as a whole, where it sells variants and does not list
    them.
    """

    product_id: str
    title: str | None = None
    updated_at: datetime
    vendor: str | None = None
    product_type: str | None = None
    tags: tuple[str, ...] = ()
    url: str | None = None
    image_url: str | None = None
    status: str | None = None
    price: Decimal | None = None
    in_stock: bool | None = None
    variants: tuple[Variant, ...] = Field(default=())
    care: ProductCare | None = None  # None where nothing is said of it: what is known stays

    @property
    def buyable(self) -> tuple[Variant, ...]:
        """The variants of which nobody said that they are gone: most shops count only some of their goods."""
        return tuple(variant for variant in self.variants if variant.in_stock is not False)

    @property
    def is_in_stock(self) -> bool:
        """Whether some of it can be bought; stock that nobody told of counts as there."""
        return bool(self.buyable or self.in_stock) or (not self.variants and self.in_stock is None)


def fold_order_name(name: str) -> str:
    """`#1001` and `1001` are one order."""
    return name.strip().lstrip("#").casefold()
