"""Compiled journeys in DynamoDB under their content hash: written once, cached for the life of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, to_key
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.journeys import Definition
from okaeri.errors import TryAgain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDefinitions:
    """Implements `ports.Definitions`, and writes definitions for who publishes them."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)
        self._known: dict[str, Definition] = {}

    def get(self, definition: str) -> Definition:
        """Raises TryAgain where it is not published."""
        if definition not in self._known:
            item = self._table.get(keys.definition_key(definition), keys.DEFINITION)
            if item is None:
                raise TryAgain("definition_missing", f"definition {definition} is not published")
            self._known[definition] = decode_body(Definition, item["body"])
        return self._known[definition]

    def put(self, definition_hash: str, definition: Definition) -> None:
        """Writes it under its hash; the same hash is the same content."""
        item = to_key(keys.definition_key(definition_hash), keys.DEFINITION)
        self._table.put({**item, "body": encode_body(definition, whole=True)})
