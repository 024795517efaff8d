"""Renders an e-mail's blocks to plain values for the layouts; what comes out empty is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from okaeri.adapters.locale_formats import choose_plural
from okaeri.adapters.template_engine import render_text
from okaeri.domain.templates import EmailBlock, Links

Rendered = dict[str, Any]

ITEMS_SHOWN = 50  # Gmail cuts a mail off at 102 kB
SHORT_CALLOUT = 24  # characters: a code, a number, a name; it is set large
SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।")
LONGEST_NUMBER = 10  # characters: "1 oder 0"

# A fact's name → (the word that labels it, its value or values from the context).
FACTS: dict[str, tuple[str, Callable[[dict[str, Any]], str | list[str]]]] = {
    "order": ("order", lambda c: c["order"]["name"]),
    "order_date": ("order_date", lambda c: c["order"]["date"]),
    "payment_method": ("payment_method", lambda c: c["order"]["payment_method"]),
    "delivery_address": ("delivery_address", lambda c: c["order"]["address"]),
    "shipping_method": ("shipping_method", lambda c: c["order"]["shipping_method"]),
    "eta": ("eta", lambda c: c["shipment"]["eta"] or c["order"]["eta"]),
    "carrier": ("carrier", lambda c: c["shipment"]["carrier"] if c["shipment"]["carrier_known"] else ""),
    "tracking_number": ("tracking_number", lambda c: c["shipment"]["tracking_number"]),
    "parcel": ("parcel", lambda c: _number_parcel(c["shipment"], c["words"])),
    "place": ("place", lambda c: c["shipment"]["place"]),
    "pickup_place": ("pickup_place", lambda c: c["shipment"]["place"]),
    "refund_amount": ("refund_amount", lambda c: c["refund"]["amount"]),
    "refund_method": ("refund_method", lambda c: c["refund"]["method"] if c["refund"]["method_known"] else ""),
    "refund_by": ("refund_by", lambda c: c["refund"]["by"]),
}


def _number_parcel(shipment: dict[str, Any], words: dict[str, Any]) -> str:
    several = shipment["count"] > 1
    return str(words["parcel_number"].format(**shipment)) if several else ""


def render_blocks(blocks: Sequence[EmailBlock], context: dict[str, Any], *, where: str) -> list[Rendered]:
    """Each block as `{"kind": …}` with its values, in order."""
    rendered = (
        _render_block(block, context, where=f"{where} email.blocks[{index}]") for index, block in enumerate(blocks)
    )
    return [block for block in rendered if block is not None]


def _render_block(block: EmailBlock, context: dict[str, Any], *, where: str) -> Rendered | None:
    for kind, source in (("text", block.text), ("note", block.note), ("callout", block.callout)):
        if source is not None:
            text = render_text(source, context, where=where)
            paragraphs = [part.split("\n") for part in text.split("\n\n")]
            is_short = len(text) <= SHORT_CALLOUT and not text.endswith(SENTENCE_ENDS) and "\n" not in text
            return {"kind": kind, "paragraphs": paragraphs, "is_short": is_short} if text else None
    if block.button is not None:
        url = render_text(block.button.url, context, where=where)
        text = render_text(block.button.text, context, where=where)
        return {"kind": "button", "text": text, "url": url} if url and text else None
    if block.answers is not None:
        links: Links = context["links"]
        texts = [(answer, render_text(answer.text, context, where=where)) for answer in block.answers]
        return {
            "kind": "answers",
            "answers": [{"text": text, "url": links.answer(answer.answer, text)} for answer, text in texts],
            "is_scale": all(_is_number(text) for _, text in texts),
        }
    if block.items == "product":
        return _show_product(context["product"])
    if block.items is not None:
        return _list_items(context[block.items]["items"], context)
    if block.products is not None:
        found = context["finds"].get(block.products)
        return {"kind": "products", "products": found["products"]} if found else None
    if block.totals is not None:
        return _list_totals(context)
    if block.progress is not None:
        return _draw_progress(context)
    return _list_facts(block.facts or (), context)


def _is_number(answer: str) -> bool:
    """Whether it is one of a scale's, which stand in rows."""
    return answer[:1].isdecimal() and len(answer) <= LONGEST_NUMBER


def _show_product(product: dict[str, Any]) -> Rendered | None:
    return {"kind": "products", "products": [product]} if product["title"] else None


def _list_items(items: Sequence[dict[str, Any]], context: dict[str, Any]) -> Rendered | None:
    if not items:
        return None
    left = len(items) - ITEMS_SHOWN
    language = context["locale"]["language"]
    return {
        "kind": "items",
        "items": items[:ITEMS_SHOWN],
        "more": choose_plural(context["words"], "more_items", left, language) if left > 0 else "",
    }


def _list_totals(context: dict[str, Any]) -> Rendered | None:
    order, words = context["order"], context["words"]
    if not order["total"]:
        return None
    rows = [
        (words["subtotal"], order["subtotal"]),
        (words["discount"], order["discount"]),
        (words["shipping"], order["shipping"]),
    ]
    tax = (words["tax_included" if order["tax_included"] else "tax"], order["tax"])
    total = (order["total_label"], order["total"])
    after = [(words["amount_refunded"], order["refunded"])]
    before_total = rows if order["tax_included"] else [*rows, tax]
    after_total = [tax, *after] if order["tax_included"] else after
    return {
        "kind": "totals",
        "rows": [row for row in before_total if row[1]],
        "total": total,
        "after": [row for row in after_total if row[1]],
    }


def _list_facts(names: Sequence[str], context: dict[str, Any]) -> Rendered | None:
    facts = []
    for name in names:
        word, read = FACTS[name]
        value = read(context)
        lines = [value] if isinstance(value, str) else value
        if any(lines):
            facts.append({"label": context["words"][word], "lines": lines})
    return {"kind": "facts", "facts": facts} if facts else None


def _draw_progress(context: dict[str, Any]) -> Rendered | None:
    step = context["shipment"]["step"]
    if not step:
        return None
    labels = [context["words"][f"step_{name}"] for name in ("ordered", "shipped", "out_for_delivery", "delivered")]
    return {
        "kind": "progress",
        "steps": [{"label": label, "done": at < step, "now": at == step - 1} for at, label in enumerate(labels)],
        "current": labels[step - 1],
    }
