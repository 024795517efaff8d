"""When a supply runs low: from how long a product lasts, and from the customer's own rhythm. Pure.

Two things are known, often neither: how many days one unit lasts (the shop's word, `ProductCare.refill_days`), and the
gaps between the customer's own orders of the same product. A gap is counted by the unit: who buys two comes back later.

| purchases so far | with the shop's word            | without                                           |
|------------------|---------------------------------|---------------------------------------------------|
| 1                | the shop's word                 | nothing is asked                                  |
| 2 (one gap)      | two parts of it, one of the gap | nothing is asked: one gap is no rhythm            |
| 3 (two gaps)     | half and half                   | the gaps' median, where they are regular          |
| n + 1            | 2 : n                           | the same                                          |

The median is weighted: each gap counts 0.8 of the one after it, so that a rhythm may change and one long holiday moves
nothing. Where the gaps are irregular (less than half of them within half and double of their median), the customer has
no rhythm and the shop's word alone counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from okaeri.domain.orders import Order, Payment, ShipmentStatus

SHOPS_WORD = 2.0  # gaps that the shop's word is worth
FADING = 0.8  # what a gap counts of the one after it
SHORTEST, LONGEST = timedelta(days=3), timedelta(days=400)  # less is a forgotten item, more a new beginning
ENOUGH_GAPS = 2  # without the shop's word
LEAD_PART, LONGEST_LEAD = 6, timedelta(days=30)  # asked a sixth of the cycle ahead, a month at most
_WITHIN = 2.0  # a regular gap is at least half and at most double the median
_GIVEN_BACK = (Payment.REFUNDED, Payment.VOIDED)
_NOT_BOUGHT = ("test", "draft", "deleted")


class Purchase(NamedTuple):
    """One order of one product."""

    at: datetime
    units: int


class Rhythm(NamedTuple):
    """How long one unit lasts this customer, and how many of the gaps tell so."""

    per_unit: timedelta
    gaps: int


def find_refill(order: Order, orders: Iterable[Order], refill_days: Mapping[str, int]) -> datetime | None:
    """When to ask how the supply of an order holds out: of its lines that are known to run out the first.

    `orders` are the customer's, `refill_days` the shop's word by product id. None where nothing is known, where the
    order came to nothing, and where the same was bought again since.
    """
    if not _is_bought(order):
        return None
    begun = _find_arrival(order)
    asked = []
    for product_id, units in _count_units(order).items():
        history = list_purchases(product_id, [order, *(other for other in orders if other.order_id != order.order_id)])
        if any(purchase.at > order.created_at for purchase in history):
            continue
        per_unit = find_cycle(history, refill_days.get(product_id))
        if per_unit is not None:
            cycle = min(per_unit * units, LONGEST)
            asked.append(begun + cycle - min(cycle / LEAD_PART, LONGEST_LEAD))
    return min(asked, default=None)


def count_reorders(order: Order, orders: Iterable[Order]) -> int:
    """How often the customer bought again, in a rhythm, what is in the order: of its products the one most often."""
    others = [other for other in orders if other.order_id != order.order_id and other.created_at <= order.created_at]
    counts = (
        rhythm.gaps
        for product_id in _count_units(order)
        if (rhythm := find_rhythm(list_purchases(product_id, [order, *others])))
    )
    return max(counts, default=0)


def find_cycle(history: Sequence[Purchase], refill_days: int | None) -> timedelta | None:
    """How long one unit lasts; None where neither the shop nor the customer's own orders tell."""
    rhythm = find_rhythm(history)
    if refill_days is None:
        return rhythm.per_unit if rhythm and rhythm.gaps >= ENOUGH_GAPS else None
    word = timedelta(days=refill_days)
    if rhythm is None:
        return word
    return (word * SHOPS_WORD + rhythm.per_unit * rhythm.gaps) / (SHOPS_WORD + rhythm.gaps)


def find_rhythm(history: Sequence[Purchase]) -> Rhythm | None:
    """The customer's own pace, from purchases of one product in the order of time; None where there is none."""
    gaps = [
        (later.at - earlier.at) / earlier.units
        for earlier, later in pairwise(history)
        if SHORTEST <= later.at - earlier.at <= LONGEST
    ]
    if not gaps:
        return None
    weights = [FADING ** (len(gaps) - 1 - index) for index in range(len(gaps))]
    median = find_weighted_median(gaps, weights)
    regular = sum(median / _WITHIN <= gap <= median * _WITHIN for gap in gaps)
    return Rhythm(median, regular) if 2 * regular > len(gaps) else None


def find_weighted_median(values: Sequence[timedelta], weights: Sequence[float]) -> timedelta:
    """The value in the middle of the weight; between two of them as far as the middle lies between theirs."""
    ordered = sorted(zip(values, weights, strict=True))
    middle, reached = sum(weights) / 2, 0.0
    before: tuple[timedelta, float] | None = None
    for value, weight in ordered:
        centre = reached + weight / 2
        if centre >= middle:
            if before is None:
                return value
            lower, place = before
            return lower + (value - lower) * ((middle - place) / (centre - place))
        before, reached = (value, centre), reached + weight
    return ordered[-1][0]


def list_purchases(product_id: str, orders: Iterable[Order]) -> list[Purchase]:
    """The orders that hold the product and came to something, in the order of time."""
    found = ((order.created_at, _count_units(order).get(product_id, 0)) for order in orders if _is_bought(order))
    return sorted(Purchase(at, units) for at, units in found if units)


def _count_units(order: Order) -> dict[str, int]:
    """By product id."""
    units: dict[str, int] = {}
    for line in order.lines:
        if line.product_id and line.quantity > 0:
            units[line.product_id] = units.get(line.product_id, 0) + line.quantity
    return units


def _is_bought(order: Order) -> bool:
    is_void = order.cancelled_at is not None or order.payment in _GIVEN_BACK
    return not is_void and order.quiet not in _NOT_BOUGHT


def _find_arrival(order: Order) -> datetime:
    """When the last parcel arrived; before that, and where nobody tells, when it was ordered."""
    arrivals = (parcel.at for parcel in order.shipments if parcel.status is ShipmentStatus.DELIVERED)
    return max(arrivals, default=order.created_at)
