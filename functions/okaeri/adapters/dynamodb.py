"""The table, as its adapters use it: low-level items in and out, DynamoDB's errors as ours.

boto3's client rather than its resource: the resource's type serialiser takes five times the CPU of these few lines.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import aws_errors
from okaeri.errors import TryAgain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

Item = dict[str, Any]  # attribute name → {"S": …} and the like
Key = tuple[str, str]  # pk, sk

DUE_SHARDS = 16
ROSTER_SHARDS = 4  # written once for each customer: four thousand new ones a second
_MOST_KEYS = 100  # of one BatchGetItem
_ROUNDS = 4  # of a BatchGetItem that DynamoDB answers in part
_LONGEST_PK, _LONGEST_SK = 2048, 1024  # bytes: DynamoDB refuses what is longer as a fault
_PAGE = 100  # items; an order's partition seldom holds more than one


class Put(NamedTuple):
    """One put and the condition under which it is made."""

    item: Item
    condition: str
    values: Item


class Table:
    """One table. Reads are consistent unless said otherwise."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client, self._name = client, name

    def get(self, pk: str, sk: str, *, consistent: bool = True, only: str | None = None) -> Item | None:
        """The item; `only` names the attributes to hand over, as a projection expression.

        A key that is too long for DynamoDB names nothing: anybody may write such an address, and it is no fault.
        """
        if len(pk.encode()) > _LONGEST_PK or len(sk.encode()) > _LONGEST_SK:
            return None
        projection: Item = {"ProjectionExpression": only} if only else {}
        with aws_errors():
            answer = self._client.get_item(
                TableName=self._name, Key=to_key(pk, sk), ConsistentRead=consistent, **projection
            )
        return answer.get("Item")

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """The items that exist, in no order. Keys that DynamoDB leaves for later are asked for again."""
        wanted = [to_key(*key) for key in dict.fromkeys(keys)]
        found: list[Item] = []
        for start in range(0, len(wanted), _MOST_KEYS):
            found += self._get_batch(wanted[start : start + _MOST_KEYS])
        return found

    def _get_batch(self, keys: list[Item]) -> list[Item]:
        found: list[Item] = []
        for round_number in range(_ROUNDS):
            if round_number:
                time.sleep(0.05 * 2**round_number)
            with aws_errors():
                answer = self._client.batch_get_item(RequestItems={self._name: {"Keys": keys, "ConsistentRead": True}})
            found += answer["Responses"].get(self._name, [])
            left = answer.get("UnprocessedKeys", {}).get(self._name)
            if not left:
                return found
            keys = list(left["Keys"])
        raise TryAgain("table_throttled")

    def query(self, pk: str, *, consistent: bool = True, only: str | None = None, page: int = _PAGE) -> Iterator[Item]:
        """Every item of a partition in the order of its sort keys, read page by page as it is asked for.

        `only` names the attributes to hand over, as a projection expression; `page` is the most items of one read,
        which DynamoDB ends at 1 MB besides.
        """
        projection: Item = {"ProjectionExpression": only} if only else {}
        start: Item = {}
        while True:
            with aws_errors():
                answer = self._client.query(
                    TableName=self._name,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues={":pk": {"S": pk}},
                    ConsistentRead=consistent,
                    Limit=page,
                    **projection,
                    **start,
                )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def query_prefix(
        self, pk: str, prefix: str, *, most: int, newest_first: bool = False, after: str = ""
    ) -> Iterator[Item]:
        """At most `most` items of a partition whose sort keys begin so, in their order or the other way round.

        `after` is a sort key beyond which they are listed, whether or not an item has it.
        """
        start: Item = {"ExclusiveStartKey": to_key(pk, after)} if after else {}
        left = most
        while left > 0:
            with aws_errors():
                answer = self._client.query(
                    TableName=self._name,
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
                    ConsistentRead=True,
                    ScanIndexForward=not newest_first,
                    Limit=min(left, _PAGE),
                    **start,
                )
            yield from answer["Items"]
            left -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def query_inbox(self, inbox: str, *, beyond: str = "", newest_first: bool = False) -> Iterator[list[Key]]:
        """Keys of a store's tickets on one side of the inbox, in its order, beyond a place; eventually consistent."""
        start: Item = {}
        condition, values = "inbox = :inbox", {":inbox": {"S": inbox}}
        if beyond:
            condition += f" AND inbox_place {'<' if newest_first else '>'} :beyond"
            values[":beyond"] = {"S": beyond}
        while True:
            with aws_errors():
                answer = self._client.query(
                    TableName=self._name,
                    IndexName="inbox",
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    ScanIndexForward=not newest_first,
                    Limit=_PAGE,
                    **start,
                )
            yield [(item["pk"]["S"], item["sk"]["S"]) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def query_due(self, shard: int, until: datetime) -> Iterator[Item]:
        """Keys and `sweep_at` of what is due in one shard of the due index, oldest first."""
        start: Item = {}
        while True:
            with aws_errors():
                answer = self._client.query(
                    TableName=self._name,
                    IndexName="due",
                    KeyConditionExpression="due_shard = :shard AND sweep_at <= :until",
                    ExpressionAttributeValues={":shard": {"S": str(shard)}, ":until": to_seconds(until)},
                    **start,
                )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def query_roster(self, roster: str, *, after: str, limit: int) -> tuple[list[str], bool]:
        """Partition keys of the customers in one part of the roster, beyond `after`; whether there are more."""
        with aws_errors():
            answer = self._client.query(
                TableName=self._name,
                IndexName="roster",
                KeyConditionExpression="roster = :roster AND pk > :after",
                ExpressionAttributeValues={":roster": {"S": roster}, ":after": {"S": after or " "}},
                Limit=limit,
            )
        found = [item["pk"]["S"] for item in answer["Items"]]
        return found, bool(found) and "LastEvaluatedKey" in answer

    def put(self, item: Item, *, condition: str | None = None, values: Item | None = None) -> None:
        """Puts the item. Raises ConditionFailed, which carries the item that stands in the way."""
        conditions: Item = {}
        if condition:
            conditions = {
                "ConditionExpression": condition,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        if values:
            conditions["ExpressionAttributeValues"] = values
        with aws_errors():
            self._client.put_item(TableName=self._name, Item=item, **conditions)

    def put_together(self, puts: Sequence[Put]) -> None:
        """All of the puts or none. Raises ConditionFailed."""
        writes: list[TransactWriteItemTypeDef] = []
        for put in puts:
            write: PutTypeDef = {
                "TableName": self._name,
                "Item": put.item,
                "ConditionExpression": put.condition,
            }
            if put.values:
                write["ExpressionAttributeValues"] = put.values
            writes.append({"Put": write})
        with aws_errors():
            self._client.transact_write_items(TransactItems=writes)

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        *,
        values: Item | None = None,
        names: dict[str, str] | None = None,
        condition: str | None = None,
    ) -> Item:
        """Updates the item and returns it whole. Raises ConditionFailed, which carries the item as it stands."""
        given: Item = {
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        with aws_errors():
            answer = self._client.update_item(
                TableName=self._name,
                Key=to_key(pk, sk),
                UpdateExpression=expression,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **{name: value for name, value in given.items() if value},
            )
        return answer["Attributes"]

    def delete(
        self,
        pk: str,
        sk: str,
        *,
        condition: str | None = None,
        values: Item | None = None,
        names: dict[str, str] | None = None,
    ) -> None:
        """Deletes the item; one that is gone is fine. Raises ConditionFailed."""
        given: Item = {
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        with aws_errors():
            self._client.delete_item(
                TableName=self._name, Key=to_key(pk, sk), **{name: value for name, value in given.items() if value}
            )


def to_key(pk: str, sk: str) -> Item:
    """An item's key as attributes."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def to_seconds(moment: datetime) -> Item:
    """A time as whole epoch seconds, rounded up: nothing is swept, or expires, early."""
    return {"N": str(-int(-moment.timestamp() // 1))}


def to_due(pk: str, sweep_at: datetime | None) -> Item:
    """The attributes that put an item into the due index; none where nothing is to be swept."""
    if sweep_at is None:
        return {}
    return {"due_shard": {"S": str(crc32(pk.encode()) % DUE_SHARDS)}, "sweep_at": to_seconds(sweep_at)}


def to_roster(store_id: str, pk: str) -> Item:
    """The attribute that lists a customer. It never changes, so the index is written once for each customer."""
    return {"roster": {"S": keys.roster_key(store_id, crc32(pk.encode()) % ROSTER_SHARDS)}}


def expect_version(version: int) -> tuple[str, Item]:
    """Condition and values of a put that follows the version before; version 1 must be the first."""
    if version == 1:
        return "attribute_not_exists(pk)", {}
    return "version = :before", {":before": {"N": str(version - 1)}}


def is_expired(item: Item, now: datetime) -> bool:
    """Whether DynamoDB should have deleted it already; it takes days over that."""
    expires_at = item.get("expires_at")
    return expires_at is not None and int(expires_at["N"]) <= now.timestamp()
