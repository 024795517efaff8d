"""The shelf: what a product finder sees of the shop's products, and how it chooses among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from okaeri.domain.orders import Product
from okaeri.domain.records import ShelfEntry

ANY = "any"  # an answer that is no wish
_ROUND = tuple(map(Decimal, ("1", "2", "3", "5", "7.5", "10")))
# What the stores call a product that shoppers can see: Shopify, WooCommerce, our own store API, and no word at all.
_ON_SALE = ("active", "publish", "published", "")

# `1,500`, `1.500,00`, `1 500`: a separator before each three digits, then perhaps cents; else a number as it is.
_GROUPED = re.compile(r"(\d{1,3}(?:[.,'\u066c \u00a0\u202f]\d{3})+)(?:[.,\u066b](\d{1,2}))?(?!\d)")
_PLAIN = re.compile(r"(\d+)(?:[.,\u066b](\d+))?")

Wish = Callable[[ShelfEntry], bool]


def make_entry(product: Product) -> ShelfEntry | None:
    """How the product stands on the shelf; None where shoppers cannot see it, or where it has no title yet.

    The price is the lowest among the variants that can be bought, else among all.
    """
    if not product.title or (product.status or "").casefold() not in _ON_SALE:
        return None
    prices = [variant.price for variant in product.buyable or product.variants if variant.price is not None]
    price = min(prices, default=product.price)
    return ShelfEntry(
        product_id=product.product_id,
        title=product.title,
        url=product.url or "",
        image=product.image_url or "",
        price="" if price is None else format(price.normalize(), "f"),
        product_type=product.product_type or "",
        tags=product.tags,
        in_stock=product.is_in_stock,
    )


def is_on_sale(product: Product) -> bool:
    """Whether shoppers can see it and nobody said that it is gone."""
    entry = make_entry(product)
    return entry is not None and entry.in_stock


def find_products(entries: Iterable[ShelfEntry], wanted: Mapping[str, str], *, most: int) -> tuple[ShelfEntry, ...]:
    """At most `most` products that can be bought and are as wished, those first that fulfil most wishes; then by title.

    `wanted` maps `type`, `tag`, `price_at_most`, `price_at_least` to values; an empty value and `any` are no wish.
    Where no product fulfils all, the last wish is let go, then the one before it.
    """
    wishes = _make_wishes(wanted)
    found = [entry for entry in entries if entry.in_stock]
    for kept in range(len(wishes), -1, -1):
        fitting = [entry for entry in found if _count(entry, wishes[:kept]) == kept]
        if fitting:
            found = fitting
            break
    ranked = sorted(found, key=lambda entry: (-_count(entry, wishes), entry.title.casefold(), entry.product_id))
    return tuple(ranked[:most])


def count_fitting(entries: Iterable[ShelfEntry], wanted: Mapping[str, str]) -> int:
    """How many of them fulfil every wish."""
    wishes = _make_wishes(wanted)
    return sum(_count(entry, wishes) == len(wishes) for entry in entries)


def list_product_types(entries: Iterable[ShelfEntry]) -> list[str]:
    """The kinds of product that can be bought, as the shop writes them, the commonest first."""
    kinds = Counter(entry.product_type for entry in entries if entry.in_stock and entry.product_type)
    return [kind for kind, _ in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]


def list_budgets(entries: Iterable[ShelfEntry]) -> list[str]:
    """At most three round limits, the lowest first, that divide the prices into parts of about the same size.

    None divides where all prices are nearly the same.
    """
    prices = sorted(Decimal(entry.price) for entry in entries if entry.price)
    quarters = (prices[len(prices) * part // 4] for part in (1, 2, 3) if len(prices) > 1)
    limits = dict.fromkeys(_round_up(price) for price in quarters if price > 0)
    return [format(limit, "f") for limit in limits if limit < prices[-1]]


def _round_up(price: Decimal) -> Decimal:
    """The next amount that people say: 1, 2, 3, 5 or 7.5 times a power of ten."""
    power = Decimal(1).scaleb(price.adjusted())
    step = next(step for step in _ROUND if step * power >= price)
    return (step * power).normalize()


def _count(entry: ShelfEntry, wishes: Sequence[Wish]) -> int:
    return sum(wish(entry) for wish in wishes)


def _make_wishes(wanted: Mapping[str, str]) -> list[Wish]:
    return [wish for what, value in wanted.items() if (wish := _make_wish(what, value))]


def _make_wish(what: str, value: str) -> Wish | None:
    wished = fold_tag(value)
    if wished in ("", ANY):
        return None
    match what:
        case "type":
            return lambda entry: fold_tag(entry.product_type) == wished
        case "tag":
            return lambda entry: wished in map(fold_tag, entry.tags)
        case "price_at_most" | "price_at_least":
            return _wish_price(what, read_amount(value))
    raise ValueError(f"{what!r} is nothing that a finder compares")


def _wish_price(what: str, limit: Decimal | None) -> Wish | None:
    if limit is None:
        return None
    if what == "price_at_most":
        return lambda entry: bool(entry.price) and Decimal(entry.price) <= limit
    return lambda entry: bool(entry.price) and Decimal(entry.price) >= limit


def read_amount(text: str) -> Decimal | None:
    """The first number in what somebody typed as a budget (`5,000円`, `R$ 1.500,00`, `٢٠٠`); None without one."""
    found = _GROUPED.search(text) or _PLAIN.search(text)
    if found is None:
        return None
    return Decimal(f"{re.sub(r'\D', '', found[1])}.{found[2] or 0}")  # digits of any script


@lru_cache(maxsize=4096)  # a shelf repeats its types and tags
def fold_tag(text: str) -> str:
    """A product's type or tag as it is compared."""
    return " ".join(text.casefold().split())
