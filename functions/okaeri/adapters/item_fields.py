"""The lines of an order, parcel or cart as a message shows them."""

from __future__ import annotations

from collections.abc import Sequence

from okaeri.adapters.locale_formats import LocaleFormats, choose_plural, clean_text, clean_url, cut_text
from okaeri.adapters.message_fields import ItemFields
from okaeri.domain.orders import OrderLine

_LONGEST_TITLE = 80
_ITEMS_LINE_LIMIT = 120  # characters, before "and 3 more"


def describe_items(lines: Sequence[OrderLine], currency: str, formats: LocaleFormats) -> list[ItemFields]:
    """The lines in order; a line that was removed (quantity 0) is none of them."""
    items: list[ItemFields] = []
    for line in lines:
        if line.quantity < 1:
            continue
        title = formats.isolate(cut_text(clean_text(line.title), _LONGEST_TITLE)) or formats.words["item"]
        variant = _clean_variant(line.variant, formats)
        total = line.total if line.total is not None else line.price * line.quantity
        items.append(
            {
                "title": title,
                "variant": variant,
                "label": formats.words["with_detail"].format(title=title, detail=variant) if variant else title,
                "quantity": line.quantity,
                "price": formats.format_money(line.price, currency),
                "total": formats.format_money(total, currency),
                "url": clean_url(line.url),
            }
        )
    return items


def _clean_variant(variant: str | None, formats: LocaleFormats) -> str:
    """`M / Natural` reads `M, Natural`; Shopify's `Default Title` says that there is none."""
    cleaned = cut_text(clean_text(variant), _LONGEST_TITLE)
    separator: str = formats.words["detail_separator"]
    return "" if cleaned == "Default Title" else separator.join(map(formats.isolate, cleaned.split(" / ")))


def join_items(items: Sequence[ItemFields], formats: LocaleFormats) -> str:
    """`Linen Apron (M, Natural) × 2, Tea Towel × 1 and 3 more`: as many as fit, at least one."""
    words = formats.words
    said: list[str] = []
    for item in items:
        label = words["quantity"].format(title=item["label"], quantity=item["quantity"])
        if said and len(words["list_separator"].join([*said, label])) > _ITEMS_LINE_LIMIT:
            break
        said.append(label)
    if not said:
        return str(words["items_unknown"])
    line: str = words["list_separator"].join(said)
    if left := len(items) - len(said):
        line += words["list_separator"] + choose_plural(words, "more_items", left, formats.locale.language)
    return line
