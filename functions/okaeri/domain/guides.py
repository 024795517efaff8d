"""Which of a shop's guides help with an order: in the reader's language, each kind of product once. Pure."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import NamedTuple

from okaeri.domain.facts import Scene
from okaeri.domain.languages import SHIPPED, choose_locale
from okaeri.domain.orders import Guide

MOST_GUIDES = 3
_FIRST = ("video", "guide", "faq")  # what is easiest to take in comes first


class GuideFor(NamedTuple):
    """A guide, and the product that it is about, as the shopper knows it."""

    guide: Guide
    item: str


def list_guides(scene: Scene) -> tuple[GuideFor, ...]:
    """At most three guides for the run's order, each address once.

    Of several products of one type the first one speaks; where there are several types they take turns.
    """
    order = scene.find_order()
    language = _split(choose_locale(scene.customer, scene.facts.store, SHIPPED) or scene.facts.store.locale)
    by_type: dict[str, list[GuideFor]] = {}
    for line in order.lines if order else ():
        record = scene.facts.products.get(line.product_id or "")
        product = record.product if record else None
        if product is None or product.care is None or line.quantity <= 0:
            continue
        spoken = [guide for guide in product.care.guides if not guide.locale or _split(guide.locale) == language]
        if not spoken:
            continue
        in_turn = sorted(spoken, key=lambda guide: (_FIRST.index(guide.kind), not guide.locale))
        kind = product.product_type or product.product_id
        by_type.setdefault(kind, [GuideFor(guide, line.title) for guide in in_turn])
    turns = chain.from_iterable(zip_longest(*by_type.values()))
    found = {entry.guide.url: entry for entry in reversed([turn for turn in turns if turn is not None])}
    return tuple(reversed(found.values()))[:MOST_GUIDES]


def describe_guides(scene: Scene) -> dict[str, str]:
    """What a run's messages carry of them: `guide_1.title`, `guide_1.url`, `guide_1.item`, and so on."""
    return {
        f"guide_{number}.{name}": value
        for number, (guide, item) in enumerate(list_guides(scene), 1)
        for name, value in (("title", guide.title), ("url", guide.url), ("item", item))
    }


def _split(locale: str) -> str:
    return locale.replace("-", "_").partition("_")[0]
