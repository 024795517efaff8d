"""What is bought together, in DynamoDB: one small item for each product, whose attributes are counts.

A count is added to without being read, so that two orders of one moment are both in it. What fades does so as it is
read (`weigh_purchase`). An order costs one write for itself, and one or two for each product in it and each that the
customer had before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, to_key, to_seconds
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.domain.purchases import list_rarest, weigh_purchase

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

MOST_PRODUCTS = 3_000
_FRESH_S = 600
_FORGOTTEN_AFTER = timedelta(days=400)  # without a purchase
_REMEMBER_ORDER = timedelta(days=30)  # events come again for days, not for weeks
_WITH = "with:"  # and the other product's id: an attribute's name
_TIMES = "times"


class DynamoCompanions:
    """Implements `ports.Companions`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock
        self._bought: ExpiringCache[str, Mapping[str, float]] = ExpiringCache(fresh_s=_FRESH_S, most=20)

    def count_order(self, store_id: str, order_id: str, product_ids: Sequence[str], others: Sequence[str]) -> None:
        """One conditional put, then one update for each count. Who dies in between leaves an order half counted."""
        now = self._clock()
        mark = to_key(keys.counted_key(store_id, order_id), "-") | {"expires_at": to_seconds(now + _REMEMBER_ORDER)}
        try:
            self._table.put(mark, condition="attribute_not_exists(pk)")
        except ConditionFailed:
            return
        added = {"N": f"{weigh_purchase(now):.6f}"}
        expires_at = to_seconds(now + _FORGOTTEN_AFTER)
        for product in product_ids:
            self._add(keys.bought_key(store_id), product, [_TIMES], added, expires_at)
        for product in (*product_ids, *others):
            partners = product_ids if product in others else (*product_ids, *others)
            names = [f"{_WITH}{partner}" for partner in partners if partner != product]
            if names:
                item = self._add(keys.together_key(store_id), product, names, added, expires_at)
                self._prune(item)

    def get_many(self, store_id: str, product_ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
        """One batch, read when it is asked for."""
        weight = weigh_purchase(self._clock())
        partition = keys.together_key(store_id)
        items = self._table.get_many([(partition, product) for product in product_ids])
        return {
            item["sk"]["S"]: {name.removeprefix(_WITH): times / weight for name, times in _read_counts(item).items()}
            for item in items
        }

    def list_bought(self, store_id: str) -> Mapping[str, float]:
        """By product id, at most 10 minutes old."""
        return self._bought.get(store_id, lambda: self._load(store_id)) or {}

    def _load(self, store_id: str) -> Mapping[str, float]:
        weight = weigh_purchase(self._clock())
        items = self._table.query(keys.bought_key(store_id), consistent=False, page=MOST_PRODUCTS)
        return {item["sk"]["S"]: float(item[_TIMES]["N"]) / weight for item in islice(items, MOST_PRODUCTS)}

    def _add(self, pk: str, sk: str, names: Sequence[str], added: Item, expires_at: Item) -> Item:
        places = {f"#n{index}": name for index, name in enumerate(names)}
        sums = ", ".join(f"{place} :added" for place in places)
        return self._table.update(
            pk,
            sk,
            f"ADD {sums} SET expires_at = :expires_at",
            names=places,
            values={":added": added, ":expires_at": expires_at},
        )

    def _prune(self, item: Item) -> None:
        """Forgets the rarest companions of a product that has had too many."""
        rarest = list_rarest(_read_counts(item))
        if not rarest:
            return
        places = {f"#n{index}": name for index, name in enumerate(rarest)}
        self._table.update(item["pk"]["S"], item["sk"]["S"], f"REMOVE {', '.join(places)}", names=places)


def _read_counts(item: Item) -> dict[str, float]:
    return {name: float(value["N"]) for name, value in item.items() if name.startswith(_WITH)}
