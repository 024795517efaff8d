"""Broadcasts in DynamoDB: one item each beside the store, and one for each page of the people who were released."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, expect_version, to_seconds
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.broadcasts import Broadcast

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_KEEP = timedelta(days=400)  # the recipients, as long as their messages


class DynamoBroadcasts:
    """Implements `ports.Broadcasts`. Written by updates alone: who runs broadcasts may put no customer."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def get(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        """Consistent read."""
        item = self._table.get(keys.broadcasts_key(store_id), broadcast_id)
        return decode_body(Broadcast, item["body"]) if item else None

    def save(self, broadcast: Broadcast) -> None:
        """One conditional update. Raises Conflict."""
        condition, values = expect_version(broadcast.version)
        self._table.update(
            keys.broadcasts_key(broadcast.store_id),
            broadcast.broadcast_id,
            "SET body = :body, version = :version",
            condition=condition,
            values={":body": encode_body(broadcast), ":version": {"N": str(broadcast.version)}, **values},
        )

    def list_all(self, store_id: str) -> Iterator[Broadcast]:
        """By id."""
        for item in self._table.query(keys.broadcasts_key(store_id)):
            yield decode_body(Broadcast, item["body"])

    def put_recipients(self, broadcast: Broadcast, page: int, customer_ids: Sequence[str]) -> None:
        """The same page again takes the place of the first."""
        self._table.update(
            keys.recipients_key(broadcast.store_id, broadcast.broadcast_id),
            keys.recipient_page_key(page),
            "SET customers = :customers, expires_at = :expires_at",
            values={
                ":customers": {"S": json.dumps(list(customer_ids))},
                ":expires_at": to_seconds(self._clock() + _KEEP),
            },
        )

    def list_recipients(self, broadcast: Broadcast, *, newest_first: bool = False) -> Iterator[str]:
        """Customer ids in the order of their release, or the latest pages first."""
        pages = range(broadcast.pages)
        for page in reversed(pages) if newest_first else pages:
            item = self._table.get(
                keys.recipients_key(broadcast.store_id, broadcast.broadcast_id), keys.recipient_page_key(page)
            )
            yield from json.loads(item["customers"]["S"]) if item else ()
