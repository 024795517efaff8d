"""A store's shelf in DynamoDB: one partition of small items, read together and cached for minutes.

Each item carries the version of the product that it was made of, so that a late writer cannot put an old price back.
A product that was taken off leaves its version behind for a day, for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, to_key, to_seconds
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.records import ShelfEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

MOST_ENTRIES = 3_000
_FRESH_S = 180
_MOST_SHELVES = 20  # in one process: a full one takes some megabytes
_REMEMBER_REMOVED = timedelta(days=1)


class DynamoShelf:
    """Implements `ports.Shelf`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock
        self._shelves: ExpiringCache[str, tuple[ShelfEntry, ...]] = ExpiringCache(fresh_s=_FRESH_S, most=_MOST_SHELVES)

    def list_entries(self, store_id: str) -> Sequence[ShelfEntry]:
        """By product id, at most 3 minutes old. A thousand or so come with each read."""
        return self._shelves.get(store_id, lambda: self._load(store_id)) or ()

    def put_entry(self, store_id: str, entry: ShelfEntry, *, version: int) -> None:
        """One conditional put."""
        self._write(store_id, entry.product_id, version, {"body": encode_body(entry)})

    def remove_entry(self, store_id: str, product_id: str, *, version: int) -> None:
        """One conditional put, of an item that expires."""
        self._write(store_id, product_id, version, {"expires_at": to_seconds(self._clock() + _REMEMBER_REMOVED)})

    def _load(self, store_id: str) -> tuple[ShelfEntry, ...]:
        items = self._table.query(keys.shelf_key(store_id), consistent=False, only="body", page=MOST_ENTRIES)
        bodies = (item["body"] for item in items if "body" in item)
        return tuple(decode_body(ShelfEntry, body) for body in islice(bodies, MOST_ENTRIES))

    def _write(self, store_id: str, product_id: str, version: int, content: Item) -> None:
        item = to_key(keys.shelf_key(store_id), product_id) | {"version": {"N": str(version)}, **content}
        condition = "attribute_not_exists(pk) OR version <= :version"
        with suppress(ConditionFailed):  # the shelf shows a later version already
            self._table.put(item, condition=condition, values={":version": item["version"]})
