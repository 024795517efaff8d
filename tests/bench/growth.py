"""What a long past and many journeys add to an event."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3

from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.keys import STORE as STORE_SORT_KEY
from okaeri.adapters.keys import customer_key, store_key
from okaeri.adapters.stores import DynamoStores
from okaeri.domain.customers import Customer
from okaeri.domain.decide import MAX_ENDED, MAX_RECENT
from okaeri.domain.stores import PublishedJourney, Store
from okaeri.domain.values import make_id
from tests.bench.canned_aws import Call
from tests.bench.shop import STORE, Invocation, Shop

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

_BATCH = 25  # of a BatchWriteItem
_MOST_ORDERS = 20  # that an aggregate remembers

BY_KEY = frozenset({"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


def find_customer(road: Iterable[Invocation]) -> str:
    """The id of the road's customer, by the message items."""
    keys: Iterator[str] = (
        call.parameters.get("Item", {}).get("pk", {}).get("S", "") for done in road for call in done.calls
    )
    return next(key for key in keys if "#C#" in key).rpartition("#C#")[2]


def give_a_past(shop: Shop, customer_id: str, messages: int) -> None:
    """Puts so many messages into the customer's partition, and fills the aggregate to the limits of its memory."""
    client, table = boto3.client("dynamodb"), shop.stack.table_name
    pk = customer_key(STORE.store_id, customer_id)
    found = client.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :message)",
        ExpressionAttributeValues={":pk": {"S": pk}, ":message": {"S": "M#"}},
    )["Items"]
    requests: list[WriteRequestTypeDef] = [
        {"PutRequest": {"Item": {**found[0], "sk": {"S": f"M#{make_id('past', number)}"}}}}
        for number in range(messages - len(found))
    ]
    for start in range(0, len(requests), _BATCH):
        client.batch_write_item(RequestItems={table: requests[start : start + _BATCH]})
    customers = DynamoCustomers(client, table)
    customer = customers.load(STORE.store_id, customer_id)
    assert customer is not None
    customers.save(_fill_memory(customer), sweep_at=None)


def _fill_memory(customer: Customer) -> Customer:
    def name(kind: str, number: int) -> str:
        return make_id(kind, number)[:10]

    past = tuple(str(10**12 + number) for number in range(_MOST_ORDERS))
    ended = {name("ended", number): 1 for number in range(MAX_ENDED)} | customer.ended_runs
    return customer.model_copy(
        update={
            "version": customer.version + 1,
            "recent": (*(name("event", number) for number in range(MAX_RECENT)), *customer.recent)[-MAX_RECENT:],
            "evicted": True,
            "ended_runs": dict(list(ended.items())[-MAX_ENDED:]),
            "orders": (*past, *customer.orders)[-_MOST_ORDERS:],
            "orders_count": customer.orders_count + 1400,
        }
    )


def publish_many_journeys(shop: Shop, cached: dict[str, Call], journeys: int) -> tuple[dict[str, Call], int]:
    """What a warm process knows once so many journeys are defined, the new ones for other events; the store's bytes."""
    store = DynamoStores(boto3.client("dynamodb"), shop.stack.table_name).get(STORE.store_id)
    assert store is not None
    body = encode_body(_define_journeys(store, journeys))
    item = {"Item": {"body": {"B": base64.b64encode(body["B"]).decode()}}}
    name = f"{store_key(STORE.store_id)} {STORE_SORT_KEY}"
    read = replace(cached[name], body=json.dumps(item).encode(), headers={"content-type": "application/x-amz-json-1.0"})
    return {**cached, name: read}, len(body["B"])


def _define_journeys(store: Store, journeys: int) -> Store:
    triggers = dict(store.triggers)
    known = {published.journey for several in triggers.values() for published in several}
    for number in range(journeys - len(known)):
        event = f"segment.entered.{number % 50}"
        mine = PublishedJourney(journey=f"campaign-{number}", definition=make_id("definition", number))
        triggers[event] = (*triggers.get(event, ()), mine)
    return store.model_copy(update={"triggers": triggers})


def count_units(invocations: Iterable[Invocation]) -> tuple[float, float]:
    """DynamoDB's read and write units, without what a warm process knows."""
    calls = [call for done in invocations for call in done.calls if call.cached_as is None]
    return sum(call.read_units for call in calls), sum(call.write_units for call in calls)


def list_unkeyed(invocations: Iterable[Invocation]) -> list[str]:
    """Calls of DynamoDB that name no key: their cost could grow with the number of customers."""
    calls = (call for done in invocations for call in done.calls if call.service == "dynamodb")
    return [
        call.operation
        for call in calls
        if call.operation not in BY_KEY and call.parameters.get("KeyConditionExpression") != "pk = :pk"
    ]
