"""The counts of a store in DynamoDB: one item for each place, each count an attribute of its own name.

An update adds to an item's counts and remembers its batch among the latest there. A batch that comes again fails on
that condition; so does boto3's own repetition of a write whose answer was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table
from okaeri.domain.engagement import Amounts, Place

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The latest batches of an item. A failed one comes again before the next one of its shard, and a table under this load
# has a handful of shards.
_BATCHES = ("batch_1", "batch_2", "batch_3", "batch_4", "batch_5", "batch_6")
_MOST_PLACES = 100_000
_CENTURY = "20"  # what every month begins with: DynamoDB takes no empty prefix


class DynamoResults:
    """Implements `ports.Results`."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)

    def add(self, store_id: str, place: Place, amounts: Amounts, batch_id: str) -> None:
        """One conditional update of one item."""
        names = {f"#c{number}": name for number, name in enumerate(amounts)}
        values: Item = {f":c{number}": {"N": str(amount)} for number, amount in enumerate(amounts.values())}
        adds = ", ".join(f"#c{number} :c{number}" for number in range(len(amounts)))
        later = (f"{name} = if_not_exists({before}, :none)" for before, name in pairwise(_BATCHES))
        known = " OR ".join(f"{name} = :batch" for name in _BATCHES)
        with suppress(ConditionFailed):
            self._table.update(
                keys.results_key(store_id),
                keys.result_key(place),
                f"SET {_BATCHES[0]} = :batch, {', '.join(later)} ADD {adds}",
                condition=f"NOT ({known})",
                names=names,
                values={**values, ":batch": {"S": batch_id}, ":none": {"S": "-"}},
            )

    def read(self, store_id: str, *, month: str = "") -> Mapping[Place, Amounts]:
        """One query."""
        found = self._table.query_prefix(keys.results_key(store_id), month or _CENTURY, most=_MOST_PLACES)
        return {_read_place(item): _read_amounts(item) for item in found}


def _read_place(item: Item) -> Place:
    month, journey, template, channel, arm = item["sk"]["S"].split("#", 4)
    return Place(month, journey, template, channel, arm)


def _read_amounts(item: Item) -> Amounts:
    return {name: Decimal(value["N"]) for name, value in item.items() if "N" in value}
