"""Products of a story's shop, and what its shopper looks at, asks for and saves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from okaeri.domain.evidence import InterestSeen
from okaeri.domain.orders import Buyer, Product, Variant
from simulator.story_source import Story, StoryEvent, parse_part

WISHES = {"looks_at": "viewed", "asks_for": "stock", "saves": "wishlist"}
_SAID = {"viewed": "looks at", "stock": "asks to be told when it is back:", "launch": "asks for the launch of"}
_FIRST = "p1"
_SHORT = ("id", "title", "price", "quantity", "status", "url")


def make_product(story: Story, event: StoryEvent, known: dict[str, Product], *, at: datetime) -> Product:
    """The product as it is from now on; what is not said stays. `product: {price: 3900, quantity: 0}`."""
    given: dict[str, Any] = dict(event.value) if isinstance(event.value, dict) else {"quantity": event.value}
    strange = [name for name in given if name not in _SHORT]
    if strange:
        raise story.blame(event.line, f"product: {strange[0]!r} is not understood", ", ".join(_SHORT))
    product_id = str(given.get("id", _FIRST))
    before = known.get(product_id)
    held = before.variants[0] if before else Variant(variant_id=f"v{product_id.removeprefix('p')}", in_stock=True)
    changes: dict[str, Any] = {}
    if given.get("quantity") is not None:
        changes = {"quantity": given["quantity"], "in_stock": _is_some(story, event, given["quantity"])}
    if "price" in given:
        changes["price"] = _read_price(story, event, given["price"])
    values = {
        "product_id": product_id,
        "title": str(given.get("title") or (before.title if before else "") or "Linen apron"),
        "url": str(given.get("url") or (before.url if before else "") or f"https://shop.example/{product_id}"),
        "status": given.get("status") or (before.status if before else None),
        "updated_at": at,
        "variants": (parse_part(Variant, held.model_dump() | changes, story.file, event.line),),
    }
    return parse_part(Product, values, story.file, event.line)


def make_interest(
    story: Story, event: StoryEvent, shopper: Buyer, known: dict[str, Product], *, at: datetime
) -> tuple[InterestSeen, str]:
    """What the shopper wants, and the sentence that says so. `asks_for: {product: p1, wish: launch}`."""
    given = event.value if isinstance(event.value, dict) else {"product": event.value or _FIRST}
    product_id = str(given.get("product", _FIRST))
    wish = str(given.get("wish", WISHES[event.action]))
    product = known.get(product_id)
    title = product.title if product else product_id
    values = {
        "wish": wish,
        "product_id": product_id,
        "variant_id": product.variants[0].variant_id if product and wish != "launch" else None,
        "buyer": shopper,
        "at": at,
        "gone": bool(given.get("gone")),
    }
    verb = _SAID.get(wish, "saves") if not given.get("gone") else "wants no more of"
    return parse_part(InterestSeen, values, story.file, event.line), f"{verb} {title}"


def _is_some(story: Story, event: StoryEvent, quantity: Any) -> bool:
    if not isinstance(quantity, int):
        raise story.blame(event.line, f"{quantity!r} is no number of pieces", "product: {quantity: 3}")
    return quantity > 0


def _read_price(story: Story, event: StoryEvent, text: Any) -> Decimal:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        raise story.blame(event.line, f"{text!r} is no price", "product: {price: 4800}") from None
