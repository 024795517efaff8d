"""Pools of single-use codes in DynamoDB: one item for a code that is free, one for each that was given.

A pool's free codes stand in its partition in the order of their last day, so that the next one is found by reading
a few. Giving one is a transaction of two writes: the free item goes, and the item of the step that asked comes. Each
is conditional, so a code goes to one step and a step gets one code, whoever races and wherever a process dies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed, aws_errors
from okaeri.adapters.dynamodb import Item, to_key
from okaeri.domain.coupons import Coupon, PoolCount, first_day
from okaeri.domain.order_events import fold_code
from okaeri.domain.values import format_time
from okaeri.errors import TryAgain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_LOOKED_AT = 25  # free codes of which a step takes one: as many steps may draw at once without a race
_DRAWS = 8
_TOGETHER = 50  # codes: a transaction takes 100 writes
_FREE, _ISSUED = "FREE#", "ISSUED#"
_BEYOND = "\uffff"  # sorts after every code
_NEVER = date(9999, 12, 31)


class DynamoCoupons:
    """Implements `ports.Coupons`, and what the command line needs to fill pools and to count them."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._client, self._name = client, table_name

    def draw(self, store_id: str, pool: str, *, action_id: str, customer_id: str, now: datetime) -> Coupon | None:
        """The step's code: the one that it has, else a free one that does not end within a day, else None."""
        for _ in range(_DRAWS):
            given = self._find_given(store_id, pool, action_id)
            if given is not None:
                return given
            free = self._list_free(store_id, pool, now)
            if not free:
                return None
            chosen = free[int(action_id[:8], 16) % len(free)]
            try:
                self._give(store_id, pool, chosen, action_id=action_id, customer_id=customer_id, now=now)
            except ConditionFailed:
                continue  # another step took it, or this one has its code by now
            return read_coupon(chosen)
        raise TryAgain("coupons_contended", after_s=2)

    def name_code(self, store_id: str, code: str, *, action_id: str, customer_id: str, now: datetime) -> str:
        """The code that the step is to have made in the store: this one, or the one that it named before."""
        with aws_errors():
            answer = self._client.update_item(
                TableName=self._name,
                Key=to_key(keys.made_key(store_id, action_id), keys.COUPON),
                UpdateExpression=(
                    "SET code = if_not_exists(code, :code), customer = :customer, "
                    "issued_at = if_not_exists(issued_at, :at)"
                ),
                ExpressionAttributeValues={
                    ":code": {"S": code},
                    ":customer": {"S": customer_id},
                    ":at": {"S": format_time(now)},
                },
                ReturnValues="ALL_NEW",
            )
        return answer["Attributes"]["code"]["S"]

    def note_owner(self, store_id: str, code: str, customer_id: str) -> None:
        """Under the code as it is compared. Kept for ever: a friend may come after a year."""
        with aws_errors():
            self._client.update_item(
                TableName=self._name,
                Key=to_key(keys.coupon_key(store_id, fold_code(code)), keys.OWNER),
                UpdateExpression="SET customer = :customer",
                ExpressionAttributeValues={":customer": {"S": customer_id}},
            )

    def open_pool(self, store_id: str, pool: str) -> None:
        """Notes the pool's name beside the store's settings; one that is noted is fine."""
        with aws_errors():
            self._client.update_item(
                TableName=self._name,
                Key=to_key(keys.store_key(store_id), keys.POOLS),
                UpdateExpression="ADD pools :pool",
                ExpressionAttributeValues={":pool": {"SS": [pool]}},
            )

    def add(self, store_id: str, pool: str, coupons: Sequence[Coupon]) -> int:
        """Puts codes into a pool, each named once; how many were new to the store, in whichever pool.

        What the store once had is passed over: no code is given twice.
        """
        added = 0
        for start in range(0, len(coupons), _TOGETHER):
            batch = coupons[start : start + _TOGETHER]
            if self._put_new(store_id, pool, batch):
                added += len(batch)
            else:
                added += sum(self._put_new(store_id, pool, [coupon]) for coupon in batch)
        return added

    def _put_new(self, store_id: str, pool: str, coupons: Sequence[Coupon]) -> bool:
        """All of them or none."""
        writes: list[TransactWriteItemTypeDef] = []
        for coupon in coupons:
            known = to_key(keys.coupon_key(store_id, coupon.code), keys.COUPON) | {"pool": {"S": pool}}
            free = to_key(keys.coupons_key(store_id, pool), name_free(coupon))
            condition = "attribute_not_exists(pk)"
            writes.append({"Put": {"TableName": self._name, "Item": known, "ConditionExpression": condition}})
            writes.append({"Put": {"TableName": self._name, "Item": free}})
        try:
            with aws_errors():
                self._client.transact_write_items(TransactItems=writes)
        except ConditionFailed:
            return False
        return True

    def list_pools(self, store_id: str) -> tuple[str, ...]:
        """The names of the pools that were ever filled."""
        with aws_errors():
            answer = self._client.get_item(TableName=self._name, Key=to_key(keys.store_key(store_id), keys.POOLS))
        return tuple(sorted(answer.get("Item", {}).get("pools", {}).get("SS", ())))

    def count(self, store_id: str, pool: str, now: datetime) -> PoolCount:
        """Reads all keys of the pool: for people, not for functions."""
        today = f"{_FREE}{first_day(now).isoformat()}"
        return PoolCount(
            pool=pool,
            left=self._count(store_id, pool, today, _FREE + _BEYOND),
            issued=self._count(store_id, pool, _ISSUED, _ISSUED + _BEYOND),
            ended=self._count(store_id, pool, _FREE, today),
        )

    def count_left(self, store_id: str, pool: str, now: datetime, *, at_most: int) -> int:
        """How many there are to give; stops counting at `at_most`."""
        return len(self._list_free(store_id, pool, now, limit=at_most))

    def _find_given(self, store_id: str, pool: str, action_id: str) -> Coupon | None:
        with aws_errors():
            answer = self._client.get_item(
                TableName=self._name,
                Key=to_key(keys.coupons_key(store_id, pool), _ISSUED + action_id),
                ConsistentRead=True,
            )
        if "Item" not in answer:
            return None
        item = answer["Item"]
        last_day = item.get("last_day", {}).get("S")
        return Coupon(code=item["code"]["S"], last_day=date.fromisoformat(last_day) if last_day else None)

    def _list_free(self, store_id: str, pool: str, now: datetime, *, limit: int = _LOOKED_AT) -> list[str]:
        """Sort keys of free codes, those first that end first."""
        with aws_errors():
            answer = self._client.query(
                TableName=self._name,
                ConsistentRead=True,
                Limit=limit,
                ProjectionExpression="sk",
                **_between(store_id, pool, f"{_FREE}{first_day(now).isoformat()}", _FREE + _BEYOND),
            )
        return [item["sk"]["S"] for item in answer["Items"]]

    def _give(self, store_id: str, pool: str, chosen: str, *, action_id: str, customer_id: str, now: datetime) -> None:
        partition, coupon = keys.coupons_key(store_id, pool), read_coupon(chosen)
        values: Item = {
            ":code": {"S": coupon.code},
            ":customer": {"S": customer_id},
            ":at": {"S": format_time(now)},
            ":last_day": {"S": coupon.last_day.isoformat() if coupon.last_day else ""},
        }
        with aws_errors():
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Delete": {
                            "TableName": self._name,
                            "Key": to_key(partition, chosen),
                            "ConditionExpression": "attribute_exists(pk)",
                        }
                    },
                    {
                        "Update": {
                            "TableName": self._name,
                            "Key": to_key(partition, _ISSUED + action_id),
                            "UpdateExpression": (
                                "SET code = :code, customer = :customer, issued_at = :at, last_day = :last_day"
                            ),
                            "ExpressionAttributeValues": values,
                            "ConditionExpression": "attribute_not_exists(pk)",
                        }
                    },
                ]
            )

    def _count(self, store_id: str, pool: str, first: str, last: str) -> int:
        return sum(self._count_pages(store_id, pool, first, last))

    def _count_pages(self, store_id: str, pool: str, first: str, last: str) -> Iterator[int]:
        start: Item = {}
        while True:
            with aws_errors():
                answer = self._client.query(
                    TableName=self._name, Select="COUNT", **_between(store_id, pool, first, last), **start
                )
            yield answer["Count"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def name_free(coupon: Coupon) -> str:
    """The sort key of a free code: its last day, then the code."""
    return f"{_FREE}{(coupon.last_day or _NEVER).isoformat()}#{coupon.code}"


def read_coupon(free: str) -> Coupon:
    """The code and its last day in the sort key of a free one."""
    _, day, code = free.split("#", 2)
    last_day = date.fromisoformat(day)
    return Coupon(code=code, last_day=None if last_day == _NEVER else last_day)


def _between(store_id: str, pool: str, first: str, last: str) -> Item:
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":pk": {"S": keys.coupons_key(store_id, pool)},
            ":first": {"S": first},
            ":last": {"S": last},
        },
    }
