"""Notes each call that our clients make of moto's AWS, its answer, and what DynamoDB would charge for it."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from tests.bench.canned_aws import Call
from tests.item_size import measure_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, dict[str, Any]]

_INDEX_KEYS = ("due_shard", "sweep_at")  # of the due index, which holds keys only


class Recorder:
    """Listens to clients. `aside` is one that it does not listen to, for a look at items before and after."""

    def __init__(self, clients: Iterable[BaseClient], aside: DynamoDBClient) -> None:
        self.calls: list[Call] = []
        self._aside = aside
        self._begun: tuple[dict[str, Any], list[Item | None]] | None = None
        for client in clients:
            client.meta.events.register("provide-client-params", self._begin)
            client.meta.events.register("response-received", self._end)

    def take(self) -> list[Call]:
        """The calls since the last `take`."""
        taken, self.calls = self.calls, []
        return taken

    def _begin(self, params: dict[str, Any], **_: object) -> None:
        parameters = pickle.loads(pickle.dumps(params))  # as they are now: some are changed on their way
        self._begun = parameters, [self._read(*key) for key in _list_keys(parameters)]

    def _end(self, response_dict: Mapping[str, Any] | None, event_name: str, **more: Any) -> None:
        if self._begun is None or response_dict is None:
            raise RuntimeError(f"{event_name} had no answer: {more.get('exception')}")
        (parameters, before), self._begun = self._begun, None
        _, service, operation = event_name.split(".")
        reads, writes = 0.0, 0.0
        if service == "dynamodb":
            after = [self._read(*key) for key in _list_keys(parameters)]
            reads, writes = count_units(operation, parameters, before, after, more["parsed_response"])
        headers = {str(name): str(value) for name, value in response_dict["headers"].items()}
        self.calls.append(
            Call(
                service,
                operation,
                parameters,
                response_dict["status_code"],
                headers,
                response_dict["body"],
                reads,
                writes,
            )
        )

    def _read(self, table: str, key: Item) -> Item | None:
        found: Item | None = self._aside.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")  # type: ignore[assignment]  # the same, less precisely
        return found


def _list_keys(parameters: Mapping[str, Any]) -> list[tuple[str, Item]]:
    """Table and key of each item that a call names one by one."""
    if "TransactItems" in parameters:
        puts = [action["Put"] for action in parameters["TransactItems"]]
        return [key for put in puts for key in _list_keys(put)]
    if "RequestItems" in parameters:
        return [(table, key) for table, wanted in parameters["RequestItems"].items() for key in wanted["Keys"]]
    if "Key" in parameters:
        return [(parameters["TableName"], parameters["Key"])]
    if "Item" in parameters:
        item = parameters["Item"]
        return [(parameters["TableName"], {"pk": item["pk"], "sk": item["sk"]})]
    return []


def count_units(
    operation: str, parameters: Mapping[str, Any], before: list[Item | None], after: list[Item | None], answer: Any
) -> tuple[float, float]:
    """Read and write units by DynamoDB's rules: 4 KB and 1 KB steps of whole items, halves for eventual reads,
    doubled in transactions, one more for each entry of the due index that comes, goes or changes."""
    if operation == "Query":
        size = sum(map(measure_item, answer["Items"]))
        return _halve(max(1, math.ceil(size / 4096)), parameters), 0.0
    if operation in ("GetItem", "BatchGetItem"):
        wanted = parameters if operation == "GetItem" else next(iter(parameters["RequestItems"].values()))
        return sum(_halve(max(1, math.ceil(_size(item) / 4096)), wanted) for item in after), 0.0
    factor = 2 if operation == "TransactWriteItems" else 1
    units = 0.0
    for old, new in zip(before, after, strict=True):
        units += factor * max(1, math.ceil(max(_size(old), _size(new)) / 1024))
        units += _count_index_writes(old or {}, new or {})
    return 0.0, units


def _size(item: Item | None) -> int:
    return measure_item(item) if item else 0


def _halve(units: float, parameters: Mapping[str, Any]) -> float:
    return units if parameters.get("ConsistentRead") else units / 2


def _count_index_writes(old: Item, new: Item) -> int:
    was, is_now = ([item.get(name) for name in _INDEX_KEYS if name in item] for item in (old, new))
    return 0 if was == is_now else bool(was) + bool(is_now)
