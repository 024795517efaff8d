"""What a template may name: the fields of a message's context. Everything is ready text; what is unknown is empty."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypedDict, get_origin, get_type_hints, is_typeddict


class StoreFields(TypedDict):
    """The shop. `signer` is "Mia from Linen & Co" or the shop's name; `reach` the best way to reach it.

    `is_open`, `opens_at`, `answers_by` and `hours` are those of hours_fields.py.
    """

    name: str
    url: str
    person: str
    signer: str
    contact: str
    reach: str
    email: str
    phone: str
    contact_url: str
    account_url: str
    address: str
    return_promise: str
    catalog: str
    is_open: bool
    opens_at: str
    answers_by: str
    hours: str


class CustomerFields(TypedDict):
    """`name` always reads well in a sentence ("there", お客様 where it is unknown); `given_name` may be empty."""

    name: str
    given_name: str
    greeting: str
    known: bool
    has_email: bool
    company: str


class ItemFields(TypedDict):
    """One line. `label` is "Linen Apron (M, Natural)"."""

    title: str
    variant: str
    label: str
    quantity: int
    price: str
    total: str
    url: str


class ParcelFields(TypedDict):
    """A parcel in an order's answer. `parcel` is "parcel 2 of 3", empty where there is one; `status` our own word."""

    parcel: str
    status: str
    carrier: str
    carrier_known: bool
    tracking_number: str
    tracking_url: str
    place: str
    eta: str
    day: str


class OrderFields(TypedDict):
    """An order. `payment` says amount and method, `total_with_parts` names shipping and tax in the total.

    `eta` is a day, or a range of days whose ends are `eta_first` and `eta_last`.
    `paid` is true once all of it is, `charged` once any of it is, `ships` where something of it is sent,
    `shipped` once a parcel left. `tracking_url` is that of the parcel with the longest way to go, else the order's
    page. `id` is the store's own, for what a button answers with.
    """

    id: str
    name: str
    date: str
    url: str
    items: list[ItemFields]
    items_line: str
    first_item: str
    first_item_url: str
    subtotal: str
    discount: str
    shipping: str
    tax: str
    tax_included: bool
    total: str
    total_with_parts: str
    total_label: str
    refunded: str
    paid: bool
    charged: bool
    payment: str
    payment_method: str
    payment_instructions: str
    payment_url: str
    shipping_method: str
    address: list[str]
    address_line: str
    delivery: str
    eta: str
    eta_first: str
    eta_last: str
    ships: bool
    cancel_reason: str
    shipped: bool
    parcels: list[ParcelFields]
    tracking_url: str
    delivered_day: str


class ShipmentFields(TypedDict):
    """A parcel. `parcel` is "parcel 2 of 3", empty where the order has one only."""

    parcel: str
    position: str
    count: int
    rest_follows: bool
    items: list[ItemFields]
    items_line: str
    carrier: str
    carrier_known: bool
    tracking_number: str
    tracking_url: str
    url: str
    place: str
    eta: str
    hour: str
    day: str
    step: int


class RefundFields(TypedDict):
    """Money given back. `by` is the day by which a bank usually shows it, ten working days on."""

    amount: str
    method: str
    method_known: bool
    date: str
    by: str


class CommunityFields(TypedDict):
    """Where the shop's customers meet, and the handle to tag it with."""

    name: str
    url: str
    handle: str


class GuideFields(TypedDict):
    """Help with what was bought: a video, a guide, questions and answers. `item` is the product that it is about."""

    title: str
    url: str
    item: str


class CartFields(TypedDict):
    """A cart that was left."""

    items: list[ItemFields]
    items_line: str
    first_item: str
    total: str
    url: str


class BroadcastFields(TypedDict):
    """What a broadcast says, in the reader's language or the nearest of its own. `url` is where it leads.

    `opens` is the day on which all are told, where some are told earlier ("Friday 27 November").
    """

    title: str
    text: str
    url: str
    opens: str


class TalkFields(TypedDict):
    """What a talk has come to: by when a person answers ("15:00 today"), empty where no ticket says."""

    due: str


class FaqFields(TypedDict):
    """The question that the talk is at, and the shop's answer."""

    question: str
    answer: str


class ReplyFields(TypedDict):
    """What a person of the shop wrote, and their name."""

    text: str
    by: str


class ProductFields(TypedDict):
    """The product that the shopper looks at. Its price, page and picture may be empty."""

    id: str
    title: str
    price: str
    url: str
    image: str


class DocumentFields(TypedDict):
    """The file that goes along: what it is called ("Receipt"), empty where none does; `label` is the line on it."""

    title: str
    label: str


class LoyaltyFields(TypedDict):
    """The reader's points, what they are worth, and how they stand; empty where the shop has no such programme.

    `points` can be spent, `pending` from `pending_from` on; `standing` says both ("120, and 40 more from May 3").
    `asked` is whether the shop's assistant tells of them.
    """

    points: str
    pending: str
    pending_from: str
    standing: str
    worth: str
    tier: str
    next_tier: str
    to_next: str
    asked: bool


class MessageFields(TypedDict):
    """The message itself: the day it is read on and what the engine knew.

    `questions_url` is the page on which its question, and those that follow, are answered.
    """

    today: str
    reason: str
    unsubscribe_url: str
    confirm_url: str
    questions_url: str


class Fields(TypedDict):
    """All of them. A text may name order, shipment, refund and cart only where the message is about one."""

    store: StoreFields
    customer: CustomerFields
    order: OrderFields
    shipment: ShipmentFields
    refund: RefundFields
    cart: CartFields
    broadcast: BroadcastFields
    talk: TalkFields
    faq: FaqFields
    reply: ReplyFields
    product: ProductFields
    document: DocumentFields
    loyalty: LoyaltyFields
    community: CommunityFields
    guide_1: GuideFields
    guide_2: GuideFields
    guide_3: GuideFields
    message: MessageFields


# What the run that speaks has learnt: `answer.<question>`, `chosen.<question>` (what the chosen row said),
# `coupon.<id>`, `until.<id>` (the code's last day, empty where it has none), `worth.<id>` ("10%", "€5.00", empty where
# nobody said), `minimum.<id>` (what an order has to come to for it, empty where any will do), `link.<id>` (the address
# of a filled cart; `filled.<id>` is what is in it, `missing.<id>` what cannot be bought now) and `call.<id>.<name>`, as
# in conditions. `finds.<id>` is what a recommend step has chosen: `line` names it with its prices, `url` is the first
# one's page. `setting.url`, and any setting whose name ends so, is an address.
# The names are the journey's own. A text that names what the run did not learn gives up: no mail without its code.
LEARNT_ROOTS = ("answer", "coupon", "call", "link", "setting")
_LEARNT = re.compile(
    r"(answer|coupon|until|worth|minimum|link|missing|filled|chosen)\.[a-z]\w*|call\.[a-z]\w*\.[A-Za-z_]\w*"
    r"|finds\.[a-z]\w*\.(line|url)|setting\.([a-z]\w*_)?url"
)


def is_field(path: str) -> bool:
    """Whether a template may name it."""
    return path in list_field_paths() or bool(_LEARNT.fullmatch(path))


def make_blank[T](fields: type[T]) -> T:
    """The fields of what a message is not about: empty texts and lists, zero, False."""
    assert is_typeddict(fields)
    blank: Any = {name: (get_origin(kind) or kind)() for name, kind in get_type_hints(fields).items()}
    return blank  # type: ignore[no-any-return]  # built from T's own annotations


@cache
def list_field_paths() -> frozenset[str]:
    """Every dotted name that a template may use (`order.items_line`)."""
    paths: set[str] = set()
    for root, fields in get_type_hints(Fields).items():
        assert is_typeddict(fields)
        paths.update(f"{root}.{name}" for name in get_type_hints(fields))
    return frozenset(paths)
