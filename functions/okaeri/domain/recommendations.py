"""Which products to recommend: like what somebody has, going with it, cheaper, better, or bought most. Pure.

Purchases decide as far as they go, then popularity and the products' own attributes. Of something at hand the chance
of what goes with it is estimated as `(n(a,b) + 30·p(b)) / (n(a) + 30)`: as often as they were bought together, drawn to
the popularity p(b) where that is not often yet. It is divided by `p(b)^¼`, so that what is special to the thing goes
before what everybody buys, and grows by as much as the two share of their tags. Measured in docs/recommendations.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import exp, log

from okaeri.domain.purchases import MOST_COUNTED, Purchases
from okaeri.domain.records import ShelfEntry
from okaeri.domain.shelf import fold_tag

SHRINKAGE = 30.0  # purchases with something at hand that weigh as much as popularity
TEMPER = 0.25  # 0 counts how likely it is, 1 how much more likely than for anybody
CHEAPER = (0.4, 0.9)  # of the price at hand: half a price is an alternative, a tenth is another thing
BETTER = (1.1, 2.5)
MOST_AT_HAND = 10
_TYPE, _TAGS, _PRICE = 0.5, 0.3, 0.2  # parts of the likeness of two products
_ENOUGH_LIKE = 0.1  # without the price: nothing in common is not alike, whatever it costs


def recommend(
    kind: str,
    at_hand: Sequence[str],
    shelf: Iterable[ShelfEntry],
    purchases: Purchases,
    *,
    without: Collection[str],
    most: int,
) -> tuple[ShelfEntry, ...]:
    """At most `most` products in stock, the best first, none of `at_hand` nor `without`.

    Cheaper and better ones are only such as really are; the others are filled up with what is bought most of the same
    type. Where nothing is known of any product, nothing is recommended.
    """
    entries = {entry.product_id: entry for entry in shelf}
    known = [entries[name] for name in dict.fromkeys(at_hand) if name in entries][:MOST_AT_HAND]
    refused = {*at_hand, *without}
    offered = [entry for entry in entries.values() if entry.in_stock and entry.product_id not in refused]
    match kind:
        case "similar":
            ways = [_rank_alike(offered, known), _rank_bought(offered, known, purchases)]
        case "complementary":
            ways = [
                _rank_together(offered, at_hand[:MOST_COUNTED], known, purchases),
                _rank_beside(offered, known),
            ]
        case "cheaper":
            ways = [_rank_priced(offered, known, CHEAPER)]
        case "better":
            ways = [_rank_priced(offered, known, BETTER)]
        case "popular":
            ways = [
                _rank_bought(offered, known, purchases),
                _rank_bought(offered, (), purchases),
            ]
        case _:
            raise ValueError(f"{kind!r} is no kind of recommendation")
    return tuple(entries[name] for name in _take(ways, entries, purchases, most))


def measure_likeness(one: ShelfEntry, other: ShelfEntry) -> float:
    """How alike two products are by type, tags and price, 0 to 1; 0 where neither type nor tag is shared."""
    same_type = fold_tag(one.product_type) == fold_tag(other.product_type) != ""
    ours, theirs = set(map(fold_tag, one.tags)), set(map(fold_tag, other.tags))
    shared = len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0
    likeness = _TYPE * same_type + _TAGS * shared
    return likeness + _PRICE * _measure_nearness(one, other) if likeness >= _ENOUGH_LIKE else 0.0


def _measure_nearness(one: ShelfEntry, other: ShelfEntry) -> float:
    """1 for the same price, about a third where one costs three times the other."""
    ours, theirs = _read_price(one), _read_price(other)
    return exp(-abs(log(ours / theirs))) if ours and theirs else 0.0


type Ranking = Mapping[str, float]  # by product id


def _take(ways: Iterable[Ranking], entries: Mapping[str, ShelfEntry], purchases: Purchases, most: int) -> Sequence[str]:
    """The best of the first way, then of the next ones; of those as good the ones bought more often first."""
    chosen: dict[str, None] = {}
    for ranking in ways:
        best = sorted(
            ranking,
            key=lambda name: (
                -round(ranking[name], 6),
                -purchases.bought.get(name, 0.0),
                entries[name].title.casefold(),
                name,
            ),
        )
        chosen |= dict.fromkeys(best)
        if len(chosen) >= most:
            break
    return list(chosen)[:most]


def _rank(offered: Iterable[ShelfEntry], score: Callable[[ShelfEntry], float]) -> Ranking:
    return {entry.product_id: found for entry in offered if (found := score(entry)) > 0}


def _rank_alike(offered: Iterable[ShelfEntry], known: Sequence[ShelfEntry]) -> Ranking:
    return _rank(offered, lambda entry: max((measure_likeness(entry, other) for other in known), default=0.0))


def _rank_together(
    offered: Iterable[ShelfEntry], at_hand: Sequence[str], known: Sequence[ShelfEntry], purchases: Purchases
) -> Ranking:
    near = [purchases.together.get(name, {}) for name in dict.fromkeys(at_hand)]
    sums = [sum(companions.values()) + SHRINKAGE for companions in near]
    total = sum(purchases.bought.values())
    tags = [set(map(fold_tag, entry.tags)) for entry in known]

    def score(entry: ShelfEntry) -> float:
        times = purchases.bought.get(entry.product_id, 0.0)
        if times <= 0:
            return 0.0
        share, ours = times / total, set(map(fold_tag, entry.tags))
        chances = (
            (companions.get(entry.product_id, 0.0) + SHRINKAGE * share) / of
            for companions, of in zip(near, sums, strict=True)
        )
        shared = sum(len(ours & theirs) / len(ours | theirs) for theirs in tags if ours | theirs)
        return float(sum(chances) / share**TEMPER * (1 + shared / max(len(tags), 1)))

    return _rank(offered, score)


def _rank_beside(offered: Iterable[ShelfEntry], known: Sequence[ShelfEntry]) -> Ranking:
    """Of another kind with a tag in common, and no dearer than the dearest at hand: a napkin to the tablecloth."""
    types = {fold_tag(entry.product_type) for entry in known if entry.product_type}
    tags = {fold_tag(tag) for entry in known for tag in entry.tags}
    dearest = max((price for entry in known if (price := _read_price(entry))), default=None)

    def score(entry: ShelfEntry) -> float:
        price = _read_price(entry)
        is_too_dear = dearest is not None and price is not None and price > dearest
        if fold_tag(entry.product_type) in types or is_too_dear:
            return 0.0
        return float(len(tags & set(map(fold_tag, entry.tags))))

    return _rank(offered, score)


def _rank_priced(offered: Iterable[ShelfEntry], known: Sequence[ShelfEntry], bounds: tuple[float, float]) -> Ranking:
    """Of the same type at another price: those most alike first, and so those nearest in price."""
    least, most = bounds
    priced = [(entry, price) for entry in known if entry.product_type and (price := _read_price(entry))]

    def score(entry: ShelfEntry) -> float:
        price, kind = _read_price(entry) or 0.0, fold_tag(entry.product_type)
        near = (
            other for other, paid in priced if least <= price / paid <= most and fold_tag(other.product_type) == kind
        )
        return max((measure_likeness(entry, other) for other in near), default=0.0)

    return _rank(offered, score)


def _rank_bought(offered: Iterable[ShelfEntry], known: Sequence[ShelfEntry], purchases: Purchases) -> Ranking:
    """What is bought most, of the same types where something is at hand."""
    types = {fold_tag(entry.product_type) for entry in known if entry.product_type}
    of_kind = [entry for entry in offered if not types or fold_tag(entry.product_type) in types]
    return _rank(of_kind, lambda entry: purchases.bought.get(entry.product_id, 0.0))


def _read_price(entry: ShelfEntry) -> float | None:
    return float(entry.price) if entry.price else None
