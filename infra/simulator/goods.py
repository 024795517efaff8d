"""Orders, carts and parcels from the short forms of a story: "2 × Linen apron @ 4800", a status, an amount."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from okaeri.domain.facts import parse_duration
from okaeri.domain.orders import Cart, Order, OrderLine, Payment, Refund, Shipment, ShipmentStatus
from simulator.story_source import Story, StoryEvent, parse_part

_ITEM = re.compile(r"(?:(\d+) ?[×x] ?)?(.+?)(?: @ ?([\d.]+))?")
_FIRST_NUMBER = 1001


def make_order(story: Story, event: StoryEvent, *, number: int, currency: str, at: datetime) -> Order:
    """A paid order of one item, unless the story says otherwise. Raises StoryError."""
    given = read_mapping(story, event)
    lines = _make_lines(story, event, given.pop("items", None))
    order_id = str(given.pop("id", _FIRST_NUMBER + number))
    cart = given.pop("cart", None)
    _check_names(story, event, given, Order.model_fields, ("id", "items", "cart"))
    values: dict[str, Any] = {
        "order_id": order_id,
        "name": f"#{order_id}",
        "created_at": at,
        "updated_at": at,
        "buyer": story.shopper,
        "currency": currency,
        "lines": lines,
        "subtotal": _sum(lines),
        "total": _sum(lines),
        "payment": Payment.PAID,
        "payment_method": "Visa",
        "checkout_token": str(cart) if cart else None,
    }
    return parse_part(Order, values | given, story.file, event.line)


def make_cart(story: Story, event: StoryEvent, *, currency: str, at: datetime) -> Cart:
    """A cart with one item, `emptied` one without. Raises StoryError."""
    is_emptied = event.value == "emptied"
    given = {} if is_emptied else read_mapping(story, event)
    lines = () if is_emptied else _make_lines(story, event, given.pop("items", None))
    _check_names(story, event, given, Cart.model_fields, ("items",))
    values: dict[str, Any] = {
        "token": "cart1",
        "buyer": story.shopper,
        "lines": lines,
        "currency": currency,
        "total": _sum(lines),
        "url": "https://shop.example/cart",
        "updated_at": at,
    }
    return parse_part(Cart, values | given, story.file, event.line)


def make_parcel(story: Story, event: StoryEvent, *, at: datetime) -> tuple[str | None, Shipment]:
    """The order's number, where the story names it, and the parcel. `eta` is a date or a duration from now."""
    value = event.value
    given: dict[str, Any] = {"status": value} if isinstance(value, str) else read_mapping(story, event)
    if event.action == "delivered":
        given = (read_mapping(story, event) if isinstance(value, dict) else {}) | {"status": "delivered"}
    order = given.pop("order", None)
    known = {"shipment_id": str(given.pop("id", "parcel1")), "at": at, "carrier": "Post", "tracking_number": "TRACK1"}
    _check_names(story, event, given, Shipment.model_fields, ("id", "order"))
    if "status" not in given or given["status"] not in tuple(ShipmentStatus):
        words = ", ".join(ShipmentStatus)
        raise story.blame(event.line, f"{given.get('status')!r} is no state of a parcel", f"one of {words}")
    if "eta" in given:
        given["eta"] = _read_eta(story, event, given["eta"], at)
    return (str(order) if order else None), parse_part(Shipment, known | given, story.file, event.line)


def make_refund(story: Story, event: StoryEvent, order: Order, *, number: int, at: datetime) -> Refund:
    """Money back: an amount, a mapping, or all of it where nothing is said."""
    given = read_mapping(story, event) if isinstance(event.value, dict) else {"amount": event.value}
    given.pop("order", None)
    amount = order.total if given.get("amount") in (None, True) else given["amount"]
    known = {"refund_id": f"refund{number}", "at": at, "method": order.payment_method}
    return parse_part(Refund, known | given | {"amount": amount}, story.file, event.line)


def read_mapping(story: Story, event: StoryEvent) -> dict[str, Any]:
    """What stands below the happening; nothing, `true` and a bare name are an empty mapping."""
    if isinstance(event.value, Mapping):
        return dict(event.value)
    if event.value is None or event.value is True:
        return {}
    raise story.blame(event.line, f"{event.action}: {event.value!r} is not understood", f"{event.action}: {{…}}")


def _make_lines(story: Story, event: StoryEvent, items: Any) -> tuple[OrderLine, ...]:
    chosen = items if isinstance(items, list) else ["1 × Linen apron @ 4800"] if items is None else [items]
    return tuple(_make_line(story, event, number, item) for number, item in enumerate(chosen, 1))


def _make_line(story: Story, event: StoryEvent, number: int, item: Any) -> OrderLine:
    values: dict[str, Any] = {"line_id": str(number), "product_id": f"p{number}", "variant_id": f"v{number}"}
    if isinstance(item, dict):
        values |= {"quantity": 1, "price": 0} | dict(item)
    else:
        found = _ITEM.fullmatch(str(item).strip())
        if not found:
            raise story.blame(event.line, f"{item!r} is no item", '"2 × Linen apron @ 4800"')
        quantity, title, price = found.groups()
        values |= {"quantity": int(quantity or 1), "title": title, "price": _read_price(story, event, price or "0")}
    return parse_part(OrderLine, values, story.file, event.line)


def _read_price(story: Story, event: StoryEvent, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise story.blame(event.line, f"{text!r} is no price", '"2 × Linen apron @ 4800"') from None


def _read_eta(story: Story, event: StoryEvent, value: Any, at: datetime) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=at.tzinfo)
    try:
        moment: timedelta | datetime = parse_duration(str(value))
    except ValueError:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise story.blame(event.line, f"{value!r} is no date", "2026-11-05, or P2D from now") from None
    if isinstance(moment, timedelta):
        return at + moment
    return moment if moment.tzinfo else moment.replace(tzinfo=at.tzinfo)


def _check_names(
    story: Story, event: StoryEvent, given: Mapping[str, Any], fields: Mapping[str, Any], extra: tuple[str, ...]
) -> None:
    known = (*fields, *extra)
    for name in given:
        if name not in known:
            raise story.blame(event.line, f"unknown key {name!r} of {event.action}", f"one of {', '.join(known)}")


def _sum(lines: tuple[OrderLine, ...]) -> Decimal:
    return sum((line.price * line.quantity for line in lines), Decimal(0))
