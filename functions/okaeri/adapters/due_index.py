"""The due index of the table: customers to wake, parked messages to send (design §4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import DUE_SHARDS, Item, Table, to_seconds
from okaeri.domain.records import DueItem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDueIndex:
    """Implements `ports.DueIndex`."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)

    def list_due(self, until: datetime) -> Iterator[DueItem]:
        """Shard by shard, oldest first in each, read page by page as it is asked for."""
        for shard in range(DUE_SHARDS):
            for item in self._table.query_due(shard, until):
                yield _read_due(item)

    def postpone(self, item: DueItem, until: datetime) -> bool:
        """One conditional update; the loser of two sweepers, or of a sweep and a commit, gets False."""
        try:
            self._table.update(
                keys.customer_key(item.store_id, item.customer_id),
                keys.message_key(item.message_id) if item.message_id else keys.AGGREGATE,
                "SET sweep_at = :until",
                condition="sweep_at = :listed",
                values={":until": to_seconds(until), ":listed": to_seconds(item.sweep_at)},
            )
        except ConditionFailed:
            return False
        return True


def _read_due(item: Item) -> DueItem:
    store_id, customer_id = keys.read_customer_key(item["pk"]["S"])
    kind, _, message_id = item["sk"]["S"].partition("#")
    return DueItem(
        store_id=store_id,
        customer_id=customer_id,
        message_id=message_id if kind == "M" else None,
        sweep_at=datetime.fromtimestamp(int(item["sweep_at"]["N"]), UTC),
    )
