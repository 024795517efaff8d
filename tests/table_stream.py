"""The table's stream as Lambda hands it to count_engagement: filtered by the template's patterns, binary in Base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3

from tests.template.stack import deployed

type Json = dict[str, Any]


def lets_through(record: Json) -> bool:
    """Whether one of the template's patterns fits, by Lambda's rules as far as they are used."""
    return any(_fits(record, pattern) for pattern in _read_patterns())


@cache
def _read_patterns() -> list[Json]:
    return [json.loads(entry["Pattern"]) for entry in deployed().stream_mapping()["FilterCriteria"]["Filters"]]


def _fits(value: Any, pattern: Any) -> bool:
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(_fits(value.get(name), inner) for name, inner in pattern.items())
    return any(_fits_one(value, wanted) for wanted in pattern)


def _fits_one(value: Any, wanted: Any) -> bool:
    if wanted == {"exists": True}:
        return value is not None
    if isinstance(wanted, dict):
        return isinstance(value, str) and value.startswith(wanted["prefix"])
    return bool(value == wanted)


class TableStream:
    """Reads a table's changes, each once, by DynamoDB's own API."""

    def __init__(self, table_name: str) -> None:
        self._client = boto3.client("dynamodbstreams")
        self._arn = boto3.client("dynamodb").describe_table(TableName=table_name)["Table"]["LatestStreamArn"]
        self._last: dict[str, str] = {}  # shard → the latest sequence number that was read

    def take(self) -> list[Json]:
        """What changed since the last time and passes the filters, in order."""
        return [record for record in map(_to_lambda, self._list_new()) if lets_through(record)]

    def _list_new(self) -> Iterator[Any]:
        for shard in self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]:
            name = shard["ShardId"]
            while page := self._client.get_records(ShardIterator=self._find_place(name), Limit=1000)["Records"]:
                yield from page
                self._last[name] = page[-1]["dynamodb"]["SequenceNumber"]

    def _find_place(self, shard: str) -> str:
        place: Json = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard in self._last:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last[shard]}
        return str(self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **place)["ShardIterator"])


def _to_lambda(record: Any) -> Json:
    told = dict(record["dynamodb"])
    told["ApproximateCreationDateTime"] = told["ApproximateCreationDateTime"].timestamp()
    plain: Json = json.loads(json.dumps({**record, "dynamodb": told}, default=_write_binary))
    return plain


def _write_binary(value: bytes) -> str:
    return base64.b64encode(value).decode()
