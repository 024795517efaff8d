"""What was recommended, as a message shows it: with the price of this moment, and nothing that is gone since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypedDict

from okaeri.adapters.locale_formats import LocaleFormats, clean_text, clean_url, cut_text
from okaeri.domain.finds import list_finds
from okaeri.domain.records import ProductRecord, ShelfEntry
from okaeri.domain.shelf import make_entry

_LONGEST_TITLE = 60
_LINE_LIMIT = 240  # characters


class FoundProduct(TypedDict):
    """One of them. Price, page and picture may be empty."""

    title: str
    price: str
    url: str
    image: str


class FindFields(TypedDict):
    """What a recommend step has chosen."""

    products: list[FoundProduct]
    line: str
    url: str


def describe_finds(
    data: Mapping[str, str], products: Mapping[str, ProductRecord], formats: LocaleFormats, *, currency: str, home: str
) -> dict[str, FindFields]:
    """By the id of the step; one of which nothing is left is not there. `home` is where what has no page leads."""
    described: dict[str, FindFields] = {}
    for name, product_ids in list_finds(data).items():
        records = (products[product_id] for product_id in product_ids if product_id in products)
        entries = [entry for record in records if (entry := make_entry(record.product)) and entry.in_stock]
        if entries:
            found = [_describe(entry, formats, currency) for entry in entries]
            described[name] = {
                "products": found,
                "line": formats.words["list_separator"].join(_fit_line(found, formats)),
                "url": found[0]["url"] or home,
            }
    return described


def _describe(entry: ShelfEntry, formats: LocaleFormats, currency: str) -> FoundProduct:
    return {
        "title": formats.isolate(cut_text(clean_text(entry.title), _LONGEST_TITLE)),
        "price": formats.format_money(Decimal(entry.price), currency) if entry.price else "",
        "url": clean_url(entry.url),
        "image": clean_url(entry.image),
    }


def _fit_line(found: list[FoundProduct], formats: LocaleFormats) -> Iterator[str]:
    """As many as fit, at least one."""
    left = _LINE_LIMIT
    for index, product in enumerate(found):
        title, price = product["title"], product["price"]
        label = formats.words["with_detail"].format(title=title, detail=price) if price else title
        left -= len(label)
        if index and left < 0:
            return
        yield label
