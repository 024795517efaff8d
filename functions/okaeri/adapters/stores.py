"""Stores in DynamoDB, cached for seconds: they are read with each event and change by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body
from okaeri.domain.stores import Store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FRESH_S = 10  # the one switch that stops a store is obeyed within so many seconds


class DynamoStores:
    """Implements `ports.Stores`. The command line writes them."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)
        self._stores: ExpiringCache[str, Store] = ExpiringCache(fresh_s=_FRESH_S)
        self._phones: ExpiringCache[str, str] = ExpiringCache(fresh_s=_FRESH_S)

    def get(self, store_id: str) -> Store | None:
        """At most 10 s old; one that is unknown is looked for again after 10 s."""
        return self._stores.get(store_id, lambda: self._load(store_id))

    def list_ids(self) -> Sequence[str]:
        """Every store of this stack, not cached."""
        return [item["sk"]["S"] for item in self._table.query(keys.STORES)]

    def find_by_phone_number(self, phone_number_id: str) -> Store | None:
        """The store that a WhatsApp number belongs to."""
        store_id = self._phones.get(phone_number_id, lambda: self._load_phone(phone_number_id))
        return self.get(store_id) if store_id else None

    def forget(self, store_id: str) -> None:
        """Leaves the cache; other processes learn of a change within 10 s."""
        self._stores.forget(store_id)

    def _load(self, store_id: str) -> Store | None:
        item = self._table.get(keys.store_key(store_id), keys.STORE)
        return decode_body(Store, item["body"]) if item else None

    def _load_phone(self, phone_number_id: str) -> str | None:
        item = self._table.get(keys.phone_key(phone_number_id), keys.PHONE, consistent=False)
        return item["store_id"]["S"] if item else None
