"""The words that a journey file may use: events with what they carry, and the fields that conditions read."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from okaeri.domain.compare_shipments import SILENT
from okaeri.domain.conversations import ConversationState
from okaeri.domain.customer_fields import CUSTOMER_FIELDS, LISTS
from okaeri.domain.customers import Run
from okaeri.domain.interpretations import INTENTS
from okaeri.domain.order_mail import KINDS as CONFIRMATIONS
from okaeri.domain.orders import Cart, Order, Payment, Product, ProductCare, ShipmentStatus
from okaeri.domain.referrals import REFUSALS
from okaeri.domain.store_fields import STORE_FIELDS
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.domain.values import Channel, Purpose

type Kind = Literal["text", "number", "flag", "time", "list", "thing", "any"]

CUSTOM = "custom."
# What an event and a run may share, and what may make a run unique.
REFERENCES = (
    "order.id",
    "cart.token",
    "shipment.id",
    "refund.id",
    "message.id",
    "ask.id",
    "act.id",
    "ticket.id",
    "broadcast.id",
    "coupon.code",
    "friend.order",
    "product.id",
    "variant.id",
)
KEYS = (*REFERENCES, "event.id", "customer")
MATCHES = (*REFERENCES, "customer")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Field(NamedTuple):
    """A field's kind, and the only values that it takes where they are known. A `thing` is there or is not."""

    kind: Kind
    values: tuple[str, ...] = ()


class EventShape(NamedTuple):
    """What an event carries: references to things, and its own fields."""

    refs: tuple[str, ...]
    fields: Mapping[str, Field] = types.MappingProxyType({})


def _list_values(words: type[StrEnum]) -> Field:
    return Field("text", tuple(words))


_TEXT, _FLAG, _NUMBER = Field("text"), Field("flag"), Field("number")
_ORDER = {"payment": _list_values(Payment), "offline": _FLAG, "cancelled": _FLAG}
_ORDER_SHAPE = EventShape(("order.id", "cart.token"), _ORDER)
_SHIPMENT_SHAPE = EventShape(
    ("order.id", "shipment.id"),
    {"status": _list_values(ShipmentStatus), "parcels": _NUMBER, "has_eta": _FLAG, "by_carrier": _FLAG},
)
_CART_SHAPE = EventShape(("cart.token",), {"items": _NUMBER})
_CONSENT_SHAPE = EventShape((), {"channel": _list_values(Channel), "purpose": _list_values(Purpose)})

_TURN = {
    "intent": Field("text", INTENTS),
    "score": _NUMBER,
    "faq": _TEXT,
    "code": _TEXT,
    "guesses": _TEXT,
    "text": _TEXT,
    "type": _TEXT,
    "media_id": _TEXT,
    "language": _TEXT,
    "misread": _NUMBER,
    "order_unknown": _FLAG,
    "faq_known": _FLAG,
    "state": _list_values(ConversationState),
}

_PRODUCT_SHAPE = EventShape(("product.id", "variant.id"), {"before": _TEXT, "after": _TEXT})

EVENTS: dict[str, EventShape] = {
    "order.placed": _ORDER_SHAPE,
    "order.confirmed": EventShape(("order.id",)),
    "order.payment_promised": _ORDER_SHAPE,
    "order.paid": _ORDER_SHAPE,
    "order.payment_failed": _ORDER_SHAPE,
    "order.updated": _ORDER_SHAPE,
    "order.cancelled": _ORDER_SHAPE,
    "order.refunded": EventShape(("order.id", "cart.token", "refund.id"), _ORDER),
    "order.deleted": _ORDER_SHAPE,
    "order.delivered": _ORDER_SHAPE,
    **{f"shipment.{status}": _SHIPMENT_SHAPE for status in ShipmentStatus if status not in SILENT},
    "shipment.moved": _SHIPMENT_SHAPE,
    "return.requested": _ORDER_SHAPE,
    "return.approved": _ORDER_SHAPE,
    "return.declined": _ORDER_SHAPE,
    "return.closed": _ORDER_SHAPE,
    "cart.updated": _CART_SHAPE,
    "cart.emptied": _CART_SHAPE,
    "cart.completed": _CART_SHAPE,
    "message.received": EventShape(
        (), {"type": _TEXT, "text": _TEXT, "media_id": _TEXT, "keyword": _TEXT, "tapped": _FLAG}
    ),
    "message.answered": EventShape(("ask.id",), {"answer": _TEXT}),
    "message.failed": EventShape(("message.id",), {"channel": _list_values(Channel), "code": _TEXT}),
    "consent.given": _CONSENT_SHAPE,
    "consent.withdrawn": _CONSENT_SHAPE,
    "segment.entered": EventShape((), {"segment": _TEXT}),
    "review.posted": EventShape(("order.id",), {"rating": _NUMBER}),
    "ticket.opened": EventShape(("ticket.id", "order.id"), {"queue": _TEXT, "priority": _TEXT, "due": Field("time")}),
    "ticket.reopened": EventShape(("ticket.id",), {"by": _TEXT}),
    "staff.replied": EventShape(("ticket.id",), {"by": _TEXT, "expected": _FLAG}),
    "reply.scheduled": EventShape(("ticket.id",), {"by": _TEXT}),
    "turn.taken": EventShape(("order.id",), _TURN),
    "letter.received": EventShape(
        ("ticket.id", "order.id"),
        {
            "via": Field("text", ("email", "form")),
            "is_proven": _FLAG,
            "subject": _TEXT,
            "text": _TEXT,
            "is_threaded": _FLAG,
            "letter_id": _TEXT,
        },
    ),
    "change.done": EventShape(("act.id",)),
    "change.refused": EventShape(("act.id",)),
    "change.failed": EventShape(("act.id",)),
    "ticket.solved": EventShape(("ticket.id",), {"outcome": _TEXT}),
    "coupon.redeemed": EventShape(("coupon.code", "order.id")),
    "coupon.issued": EventShape(("act.id",)),
    "coupon.failed": EventShape(("act.id",)),
    "call.answered": EventShape(("act.id",)),
    "call.failed": EventShape(("act.id",)),
    "broadcast.due": EventShape(("broadcast.id",)),
    "product.viewed": EventShape(("product.id", "variant.id"), {"views": _NUMBER}),
    "notify.requested": EventShape(("product.id", "variant.id"), {"wish": Field("text", ("stock", "launch"))}),
    "wishlist.added": EventShape(("product.id", "variant.id")),
    "wishlist.removed": EventShape(("product.id", "variant.id")),
    "product.back_in_stock": _PRODUCT_SHAPE,
    "product.launched": _PRODUCT_SHAPE,
    "product.price_dropped": _PRODUCT_SHAPE,
    "customer.registered": EventShape(()),
    "points.changed": EventShape((), {"points": _NUMBER, "reason": _TEXT}),
    "tier.reached": EventShape((), {"tier": _TEXT}),
    "referral.used": EventShape(("friend.order", "coupon.code"), {"refused": Field("text", REFUSALS)}),
}
# An event of the shop's own brings whatever the shop gave it.
CUSTOM_SHAPE = EventShape(REFERENCES)


def find_event(name: str) -> EventShape | None:
    """What an event carries, None where there is no such event."""
    return CUSTOM_SHAPE if name.startswith(CUSTOM) else EVENTS.get(name)


def _find_kind(annotation: Any) -> Field:
    """The kind of a model's field, by its annotation."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return _find_kind(inner[0]) if len(inner) == 1 else Field("any")
    origin = get_origin(annotation) or annotation
    if not isinstance(origin, type):
        return Field("any")
    if issubclass(origin, StrEnum):
        return _list_values(origin)
    kinds: tuple[tuple[tuple[type, ...], Kind], ...] = (
        ((bool,), "flag"),
        ((int, float, Decimal), "number"),
        ((str,), "text"),
        ((datetime,), "time"),
        ((tuple, list), "list"),
    )
    return Field(next((kind for known, kind in kinds if issubclass(origin, known)), "thing"))


def _list_fields(model: type[BaseModel], names: Iterable[str] | None = None) -> dict[str, Field]:
    chosen = model.model_fields if names is None else names
    return {name: _find_kind(model.model_fields[name].annotation) for name in chosen}


_NUMBERS = (
    *("orders_count", "spent", "average_order", "days_since_order"),
    *("points", "points_pending", "points_to_next", "points_worth"),
)


def _find_customer_kind(name: str) -> Kind:
    if name in LISTS:
        return "list"
    if name.endswith("_at") or name.startswith("next_"):
        return "time"
    if name in ("country", "language", "tier", "birthday", "company"):
        return "text"
    return "number" if name in _NUMBERS else "flag"


_TIME = Field("time")
# The outcome of a wait is checked by lint, which knows the waits.
FIELDS: dict[str, dict[str, Field]] = {
    "run": _list_fields(Run, ("outcome", "key", "journey", "entry", "started_at")),
    "store": {
        **_list_fields(StoreSettings),
        **_list_fields(Store, ("store_id", "name", "domain", "locale", "country", "time_zone", "currency")),
        "platform": _list_values(Platform),
        **{name: Field("flag" if name.startswith(("is_", "has_")) else "time") for name in STORE_FIELDS},
    },
    "customer": {name: Field(_find_customer_kind(name)) for name in CUSTOMER_FIELDS if "<" not in name},
    "order": {
        **_list_fields(Order),
        **{name: _TIME for name in ("eta_from", "late_from", "ship_by", "shipped_at", "moved_at", "midway")},
        **{name: _FLAG for name in ("is_split", "is_tracked", "is_sent", "ships")},
        "is_delivered": _FLAG,
        "is_cancelled": _FLAG,
        "return_status": Field("text", ("requested", "approved", "declined", "closed")),
        "eta_source": Field("text", ("carrier", "shop")),
        "confirmation": Field("text", CONFIRMATIONS),
        "may_promote": _FLAG,
        "refill_at": _TIME,
        "reorders": _NUMBER,
        "is_guest": _FLAG,
        "guides": _NUMBER,
        "kept": _NUMBER,
        "points": _NUMBER,
        "product_types": Field("list"),
    },
    "cart": {**_list_fields(Cart), "is_bought": _FLAG},
    "turn": {
        **{name: field for name, field in _TURN.items() if name != "text"},
        **{"said": _TEXT, "subject": _TEXT, "via": _TEXT, "at": _TIME},
    },
    "ticket": {"queue": _TEXT, "due": _TIME, "opened_at": _TIME, "order_id": _TEXT},
    "product": {
        **_list_fields(Product, ("product_id", "title", "url", "product_type", "vendor", "tags")),
        **_list_fields(ProductCare, ("refill_days", "review_days", "guides")),
        "in_stock": _FLAG,
        "price": _NUMBER,
    },
}
ROOTS = (
    *("event", "run", "setting", "answer", "split", "coupon", "call", "find", "change", "link", "turn", "points"),
    *("store", "customer", "order", "cart", "product", "ticket"),
)
# What reads better in a file than in the model.
ALIASES = {"order.id": "order.order_id"}
