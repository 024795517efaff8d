"""Which marketing messages reached a customer lately and what was learned of them, in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, to_seconds
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.errors import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.domain.touches import Touches
    from okaeri.ports import Clock


class DynamoTouchBook:
    """Implements `ports.TouchBook`. A customer's item is named by their id, in a partition of its own."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def get(self, store_id: str, customer_id: str) -> Touches | None:
        """One read."""
        item = self._table.get(keys.touches_key(store_id, customer_id), keys.TOUCHES)
        return _read(item) if item else None

    def get_many(self, store_id: str, customer_ids: Sequence[str]) -> Sequence[Touches]:
        """One read for each."""
        wanted = [(keys.touches_key(store_id, customer_id), keys.TOUCHES) for customer_id in customer_ids]
        return [_read(item) for item in self._table.get_many(wanted)]

    def put(self, touches: Touches) -> None:
        """One write, if nobody wrote since it was read."""
        from okaeri.domain.touches import KEPT_FOR

        after = touches.model_copy(update={"version": touches.version + 1})
        try:
            self._table.update(
                keys.touches_key(touches.store_id, touches.customer_id),
                keys.TOUCHES,
                "SET body = :body, version = :version, expires_at = :expires_at",
                condition="attribute_not_exists(version) OR version = :before",
                values={
                    ":body": encode_body(after),
                    ":version": {"N": str(after.version)},
                    ":before": {"N": str(touches.version)},
                    ":expires_at": to_seconds(self._clock() + KEPT_FOR),
                },
            )
        except ConditionFailed as lost:
            raise Conflict("touches_busy", "another batch wrote this customer's touches") from lost


def _read(item: Item) -> Touches:
    from okaeri.domain.touches import Touches  # the engine reads few: its cold start does without

    return decode_body(Touches, item["body"])
