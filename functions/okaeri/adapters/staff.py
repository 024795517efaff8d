"""The shop's own people in DynamoDB: a few items in one partition of the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Table, to_key
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.staff import StaffMember

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoStaff:
    """Implements `ports.Staff`."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)

    def find(self, store_id: str, name: str) -> StaffMember | None:
        """Consistent read: who was removed is out at once."""
        item = self._table.get(keys.staff_key(store_id), name)
        return decode_body(StaffMember, item["body"]) if item else None

    def put(self, member: StaffMember) -> None:
        """Takes the place of one of the same name: their old token is worth nothing any more."""
        self._table.put({**to_key(keys.staff_key(member.store_id), member.name), "body": encode_body(member)})

    def remove(self, store_id: str, name: str) -> bool:
        """False where there was nobody of that name."""
        try:
            self._table.delete(keys.staff_key(store_id), name, condition="attribute_exists(pk)")
        except ConditionFailed:
            return False
        return True

    def list_all(self, store_id: str) -> Sequence[StaffMember]:
        """By name."""
        return [decode_body(StaffMember, item["body"]) for item in self._table.query(keys.staff_key(store_id))]
