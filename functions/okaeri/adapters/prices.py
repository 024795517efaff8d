"""The price list: the one imported for this stack, else the one that we ship."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, to_key
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.prices import PriceList

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SHIPPED = Path(__file__).parent.parent / "catalogue" / "prices" / "shipped.json"
_FRESH_S = 600  # rates change on quarter days


class DynamoPrices:
    """Implements `ports.Prices`. The command line imports lists."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)
        self._imported: ExpiringCache[str, PriceList] = ExpiringCache(fresh_s=_FRESH_S, missing_s=_FRESH_S)

    def get(self) -> PriceList:
        """At most ten minutes old."""
        return self._imported.get(keys.PRICES, self._load) or load_shipped()

    def put(self, prices: PriceList) -> None:
        """Replaces the stack's list; functions at work learn of it within ten minutes."""
        self._table.put({**to_key(keys.PRICES, keys.PRICES), "body": encode_body(prices, whole=True)})
        self._imported.forget(keys.PRICES)

    def _load(self) -> PriceList | None:
        item = self._table.get(keys.PRICES, keys.PRICES, consistent=False)
        return decode_body(PriceList, item["body"]) if item else None


@functools.cache
def load_shipped() -> PriceList:
    """The list in the catalogue: few figures, none of them compared with Meta's own."""
    return PriceList.model_validate_json(_SHIPPED.read_bytes())
