"""What is bought together, counted in memory as the table counts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from okaeri.domain.purchases import list_rarest, weigh_purchase
from okaeri.ports import Clock

Counts = defaultdict[str, float]


def _make_counts() -> Counts:
    return defaultdict(float)


class MemoryCompanions:
    """Counts by store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counted: set[tuple[str, str]] = set()
        self._bought: defaultdict[str, Counts] = defaultdict(_make_counts)
        self._together: defaultdict[tuple[str, str], Counts] = defaultdict(_make_counts)

    def count_order(self, store_id: str, order_id: str, product_ids: Sequence[str], others: Sequence[str]) -> None:
        if (store_id, order_id) in self._counted:
            return
        self._counted.add((store_id, order_id))
        weight = weigh_purchase(self._clock())
        for product in product_ids:
            self._bought[store_id][product] += weight
        for product in (*product_ids, *others):
            partners = product_ids if product in others else (*product_ids, *others)
            counts = self._together[store_id, product]
            for partner in partners:
                if partner != product:
                    counts[partner] += weight
            for rarest in list_rarest(counts):
                del counts[rarest]

    def get_many(self, store_id: str, product_ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
        found = {name: self._together[store_id, name] for name in product_ids if self._together.get((store_id, name))}
        return {name: self._fade(counts) for name, counts in found.items()}

    def list_bought(self, store_id: str) -> Mapping[str, float]:
        return self._fade(self._bought[store_id])

    def _fade(self, counts: Counts) -> Mapping[str, float]:
        weight = weigh_purchase(self._clock())
        return {name: times / weight for name, times in counts.items()}
