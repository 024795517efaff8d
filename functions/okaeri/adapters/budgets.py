"""What a journey's codes cost in a month: one counter, and one item for each step that took something of it.

Taking is a transaction of two writes. The counter's condition keeps it within the limit, the step's item makes that a
step takes once, whoever repeats it; giving back undoes both.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed, aws_errors
from okaeri.adapters.dynamodb import Item, to_key, to_seconds
from okaeri.errors import TryAgain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_TRIES = 8
_KEEP = timedelta(days=400)


class DynamoBudgets:
    """Implements `ports.Budgets`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._client, self._name, self._clock = client, table_name, clock

    def take(self, store_id: str, journey: str, month: str, *, action_id: str, worth: Decimal, limit: Decimal) -> bool:
        """Takes what a code is worth, once for each step; False where that would be over the limit."""
        pk = keys.budget_key(store_id, journey, month)
        for _ in range(_TRIES):
            if self._find_taken(pk, action_id) is not None:
                return True
            if worth > limit:
                return False
            try:
                self._take(pk, action_id, worth, limit)
            except ConditionFailed:  # over the limit, or another step was faster
                if self._read_spent(pk) + worth > limit and self._find_taken(pk, action_id) is None:
                    return False
            else:
                return True
        raise TryAgain("budget_contended", after_s=2)

    def give_back(self, store_id: str, journey: str, month: str, *, action_id: str) -> None:
        """No code was given: what the step took is there again. A step that took nothing is fine."""
        pk = keys.budget_key(store_id, journey, month)
        for _ in range(_TRIES):
            taken = self._find_taken(pk, action_id)
            if taken is None:
                return
            try:
                self._give_back(pk, action_id, taken)
            except ConditionFailed:
                continue
            return
        raise TryAgain("budget_contended", after_s=2)

    def read_spent(self, store_id: str, journey: str, month: str) -> Decimal:
        """What the codes of a month have cost so far."""
        return self._read_spent(keys.budget_key(store_id, journey, month))

    def _take(self, pk: str, action_id: str, worth: Decimal, limit: Decimal) -> None:
        values: Item = {":worth": {"N": f"{worth:f}"}, ":room": {"N": f"{limit - worth:f}"}, ":end": self._end()}
        with aws_errors():
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Update": {
                            "TableName": self._name,
                            "Key": to_key(pk, keys.SPENT),
                            "UpdateExpression": "SET expires_at = :end ADD spent :worth",
                            "ConditionExpression": "attribute_not_exists(spent) OR spent <= :room",
                            "ExpressionAttributeValues": values,
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._name,
                            "Key": to_key(pk, keys.TAKEN + action_id),
                            "UpdateExpression": "SET worth = :worth, expires_at = :end",
                            "ConditionExpression": "attribute_not_exists(pk)",
                            "ExpressionAttributeValues": {":worth": values[":worth"], ":end": values[":end"]},
                        }
                    },
                ]
            )

    def _give_back(self, pk: str, action_id: str, taken: Decimal) -> None:
        with aws_errors():
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Delete": {
                            "TableName": self._name,
                            "Key": to_key(pk, keys.TAKEN + action_id),
                            "ConditionExpression": "attribute_exists(pk)",
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._name,
                            "Key": to_key(pk, keys.SPENT),
                            "UpdateExpression": "ADD spent :back",
                            "ExpressionAttributeValues": {":back": {"N": f"{-taken:f}"}},
                        }
                    },
                ]
            )

    def _find_taken(self, pk: str, action_id: str) -> Decimal | None:
        item = self._get(pk, keys.TAKEN + action_id)
        return Decimal(item["worth"]["N"]) if item else None

    def _read_spent(self, pk: str) -> Decimal:
        item = self._get(pk, keys.SPENT)
        return Decimal(item["spent"]["N"]) if item else Decimal(0)

    def _get(self, pk: str, sk: str) -> Item | None:
        with aws_errors():
            return self._client.get_item(TableName=self._name, Key=to_key(pk, sk), ConsistentRead=True).get("Item")

    def _end(self) -> Item:
        return to_seconds(self._clock() + _KEEP)
