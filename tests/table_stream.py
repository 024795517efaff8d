"""The table's stream as Lambda hands it to count_engagement: filtered by the template's patterns, binary in Base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass
class TableStream:
    """Reads a table's changes, each once, by DynamoDB's own API."""

    table_name: str
    _read: set[str] = field(default_factory=set)

    def take(self) -> list[Json]:
        """What changed since the last time and passes the filters, in order."""
        new = [record for record in self._list() if record["eventID"] not in self._read]
        self._read |= {record["eventID"] for record in new}
        return [record for record in new if lets_through(record)]

    def _list(self) -> Iterator[Json]:
        client = boto3.client("dynamodbstreams")
        arn = boto3.client("dynamodb").describe_table(TableName=self.table_name)["Table"]["LatestStreamArn"]
        for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = client.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for record in client.get_records(ShardIterator=iterator, Limit=1000)["Records"]:
                yield _to_lambda(record)


def _to_lambda(record: Any) -> Json:
    told = dict(record["dynamodb"])
    told["ApproximateCreationDateTime"] = told["ApproximateCreationDateTime"].timestamp()
    plain: Json = json.loads(json.dumps({**record, "dynamodb": told}, default=_write_binary))
    return plain


def _write_binary(value: bytes) -> str:
    return base64.b64encode(value).decode()
