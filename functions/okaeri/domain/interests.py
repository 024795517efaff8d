"""Who waits for a product, what is news to them, and how many may hear of it at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from okaeri.domain.orders import Product, Variant
from okaeri.domain.records import Interest
from okaeri.domain.shelf import make_entry
from okaeri.domain.values import format_time

type NewsKind = Literal["back_in_stock", "launched", "price_dropped"]

# Whose wait a piece of news ends, in this order: who asked goes before who only saved it.
WISHES: Mapping[NewsKind, tuple[str, ...]] = {
    "back_in_stock": ("stock", "wishlist"),
    "launched": ("launch",),
    "price_dropped": ("wishlist",),
}
# The templates that end a wait, and the wish that stays where there was nothing to say after all.
WAITED_FOR = {"back_in_stock": "stock", "launch_alert": "launch"}
KEPT = ("wishlist",)  # a wish list stays one after it was told of something
KEEP_INTEREST = timedelta(days=180)
# Who was told, found it gone and asks again within so long keeps their old place.
KEEP_PLACE = timedelta(days=2)
TOGETHER = 200  # people told in one go; the rest a minute later
NEXT_GO, NEXT_DAY = timedelta(minutes=1), timedelta(days=1)
ANY = ""  # in a quota: the product as a whole


class News(NamedTuple):
    """Something that people wait for has happened. `data` holds the prices `before` and `after` of a lower price."""

    kind: NewsKind
    data: Mapping[str, str]


class Choice(NamedTuple):
    """Whose turn it is. `is_full`: more of these may be told in another go, beyond the `last` that was looked at."""

    chosen: tuple[Interest, ...]
    last: Interest | None  # how far the list was looked at
    is_full: bool


def find_news(before: Product | None, after: Product) -> tuple[News, ...]:
    """What a product's change means to those who wait; a product that is seen for the first time may be a launch."""
    if not is_buyable(after):
        return ()
    found: list[News] = []
    if before is not None and _has_returned(before, after):
        found.append(News("back_in_stock", {}))
    if before is None or not is_buyable(before):
        found.append(News("launched", {}))
    prices = (_find_price(before) if before else None), _find_price(after)
    if prices[0] is not None and prices[1] is not None and prices[1] < prices[0]:
        found.append(News("price_dropped", {"before": str(prices[0]), "after": str(prices[1])}))
    return tuple(found)


def is_still_so(kind: NewsKind, data: Mapping[str, str], product: Product) -> bool:
    """Whether the news holds now: it can be bought, for no more than was said."""
    if not is_buyable(product):
        return False
    price, said = _find_price(product), data.get("after")
    return kind != "price_dropped" or price is None or said is None or price <= Decimal(said)


def is_buyable(product: Product, variant_id: str | None = None) -> bool:
    """Whether shoppers see it and it, or this form of it, is in stock; a form that nobody knows counts as the whole."""
    entry = make_entry(product)
    if entry is None:
        return False
    meant = [variant for variant in product.variants if variant.variant_id == variant_id]
    return meant[0].in_stock is not False if meant else entry.in_stock


def find_quota(product: Product, per_piece: int) -> dict[str, int]:
    """How many may be told of each variant that is counted, and of the product where all are: a few for each piece."""
    counted = {
        variant.variant_id: max(0, variant.quantity) * per_piece
        for variant in product.variants
        if variant.quantity is not None and not _is_sold_on(variant)
    }
    if product.buyable and all(variant.variant_id in counted for variant in product.buyable):
        counted[ANY] = sum(counted[variant.variant_id] for variant in product.buyable)
    return counted


def choose_waiting(
    waiting: Iterable[Interest], product: Product, quota: Mapping[str, int], *, most: int = TOGETHER
) -> Choice:
    """The next ones in the order in which they asked, as far as stock and one go reach."""
    left = dict(quota)
    chosen: list[Interest] = []
    last = None
    for interest in waiting:
        if len(chosen) == most:
            return Choice(tuple(chosen), last, True)
        last = interest
        if is_buyable(product, interest.variant_id) and _is_left(interest, left):
            left = spend(left, [interest])
            chosen.append(interest)
    return Choice(tuple(chosen), last, False)


def must_wait(waiting: Iterable[Interest], told: Iterable[Interest], product: Product) -> bool:
    """Whether some of them have to wait though what they want is there: there is not enough for all at once."""
    places = {name_place(interest) for interest in told}
    return any(is_buyable(product, one.variant_id) for one in waiting if name_place(one) not in places)


def spend(quota: Mapping[str, int], told: Iterable[Interest]) -> dict[str, int]:
    """What is left of a quota once these are told."""
    left = dict(quota)
    for interest in told:
        for name in (ANY, interest.variant_id or ANY) if interest.variant_id else (ANY,):
            if name in left:
                left[name] -= 1
    return left


def _is_left(interest: Interest, left: Mapping[str, int]) -> bool:
    return left.get(interest.variant_id or ANY, 1) > 0 and left.get(ANY, 1) > 0


def _has_returned(before: Product, after: Product) -> bool:
    """Whether any form of it, or the whole where no forms are known, was out of stock and is there."""
    gone = {variant.variant_id for variant in before.variants if variant.in_stock is False}
    there = {variant.variant_id for variant in after.variants if variant.in_stock is True}
    return bool(gone & there) or (before.in_stock is False and after.in_stock is True)


def _is_sold_on(variant: Variant) -> bool:
    """Sold though the count is at nothing: made to order, or with a longer wait."""
    return variant.in_stock is True and (variant.quantity or 0) <= 0


def _find_price(product: Product) -> Decimal | None:
    entry = make_entry(product)
    return Decimal(entry.price) if entry and entry.price else None


def name_place(interest: Interest) -> str:
    """Where an interest stands in its product's queue; sorts by time."""
    return f"Q#{interest.wish}#{format_time(interest.at)}#{interest.customer_id}#{interest.variant_id or ''}"


def describe_product(product: Product, variant_id: str | None) -> dict[str, str]:
    """What a message carries of the product that it is about; the price is that of the form that is meant."""
    meant = next((variant for variant in product.variants if variant.variant_id == variant_id), None)
    price = meant.price if meant and meant.price is not None else _find_price(product)
    return {
        "product.id": product.product_id,
        "product.variant": meant.variant_id if meant else "",
        "product.title": product.title or "",
        "product.price": "" if price is None else format(price.normalize(), "f"),
        "product.url": product.url or "",
        "product.image": product.image_url or "",
    }
