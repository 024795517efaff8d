"""Customers and their identifiers in DynamoDB: one item each (design §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import ROSTER_SHARDS, Item, Put, Table, expect_version, to_due, to_key, to_roster
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.customers import Customer, Identity, IdentityRecord
from okaeri.domain.roster import RosterPage
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_HOPS = 3  # from tombstone to tombstone; a merge always names a survivor, so chains are short


class DynamoCustomers:
    """Implements `ports.Customers`. The aggregate's body is compressed; identifiers are plain attributes."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._table = Table(client, table_name)

    def load(self, store_id: str, customer_id: str) -> Customer | None:
        """Consistent read; follows tombstones, at most three. Raises GiveUp beyond that."""
        for _ in range(_MOST_HOPS + 1):
            item = self._table.get(keys.customer_key(store_id, customer_id), keys.AGGREGATE)
            if item is None:
                return None
            customer = decode_body(Customer, item["body"])
            if customer.merged_into is None:
                return customer
            customer_id = customer.merged_into
        raise GiveUp("merged_too_often")

    def save(self, customer: Customer, *, sweep_at: datetime | None) -> None:
        """One conditional put. Raises Conflict."""
        put = _make_put(customer, sweep_at)
        self._table.put(put.item, condition=put.condition, values=put.values)

    def merge(self, survivor: Customer, lost: Customer, *, sweep_at: datetime | None) -> None:
        """One transaction of two conditional puts. Raises Conflict."""
        self._table.put_together([_make_put(survivor, sweep_at), _make_put(lost, None)])

    def find(self, store_id: str, identities: Sequence[Identity]) -> dict[Identity, IdentityRecord]:
        """Those that name somebody, read at once."""
        by_key = {keys.identity_key(store_id, identity): identity for identity in identities}
        items = self._table.get_many((pk, keys.IDENTITY) for pk in by_key)
        found = {by_key[item["pk"]["S"]]: item for item in items}
        return {identity: _read_identity(identity, item) for identity, item in found.items()}

    def claim(self, store_id: str, identity: Identity, customer_id: str) -> IdentityRecord:
        """Makes `customer_id` the owner if nobody is; returns the record as it stands afterwards."""
        item = to_key(keys.identity_key(store_id, identity), keys.IDENTITY)
        item |= {"customer_id": {"S": customer_id}, "schema": {"N": "1"}}
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as taken:
            if taken.item is None:
                raise
            item = taken.item
        return _read_identity(identity, item)

    def add_bearer(self, store_id: str, identity: Identity, customer_id: str) -> None:
        """Adds to `others`, unless this customer is the owner or nobody is."""
        with suppress(ConditionFailed):
            self._table.update(
                keys.identity_key(store_id, identity),
                keys.IDENTITY,
                "ADD #others :bearer",
                names={"#others": "others"},
                condition="attribute_exists(pk) AND customer_id <> :customer",
                values={":bearer": {"SS": [customer_id]}, ":customer": {"S": customer_id}},
            )

    def move_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        """Makes `customer_id` the owner, whoever was before."""
        self._table.update(
            keys.identity_key(store_id, identity),
            keys.IDENTITY,
            "SET customer_id = :customer, #schema = :schema DELETE #others :bearer",
            names={"#schema": "schema", "#others": "others"},
            values={
                ":customer": {"S": customer_id},
                ":bearer": {"SS": [customer_id]},
                ":schema": {"N": "1"},
            },
        )

    def release_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        """Deletes the item, hands it to the first of `others`, or takes the customer out of these."""
        pk = keys.identity_key(store_id, identity)
        record = self.find(store_id, (identity,)).get(identity)
        if record is None:
            return
        names, mine = {"#others": "others"}, {":customer": {"S": customer_id}}
        with suppress(ConditionFailed):
            if record.customer_id != customer_id:
                self._table.update(
                    pk,
                    keys.IDENTITY,
                    "DELETE #others :bearer",
                    names=names,
                    condition="attribute_exists(pk)",
                    values={":bearer": {"SS": [customer_id]}},
                )
            elif record.others:
                heir = min(record.others)
                self._table.update(
                    pk,
                    keys.IDENTITY,
                    "SET customer_id = :heir DELETE #others :bearer",
                    names=names,
                    condition="customer_id = :customer AND contains(#others, :heir)",
                    values=mine | {":heir": {"S": heir}, ":bearer": {"SS": [heir]}},
                )
            else:
                self._table.delete(
                    pk,
                    keys.IDENTITY,
                    condition="customer_id = :customer AND attribute_not_exists(#others)",
                    names=names,
                    values=mine,
                )

    def mark_shared(self, store_id: str, identities: Iterable[Identity]) -> None:
        """Marks those that name somebody."""
        for identity in identities:
            with suppress(ConditionFailed):
                self._table.update(
                    keys.identity_key(store_id, identity),
                    keys.IDENTITY,
                    "SET #shared = :yes",
                    names={"#shared": "shared"},
                    condition="attribute_exists(pk)",
                    values={":yes": {"BOOL": True}},
                )

    def list_page(self, store_id: str, *, after: str | None, limit: int) -> RosterPage:
        """Part by part of the roster, which is eventually consistent; the customers are read as they are now."""
        start, _, last = (after or "0:").partition(":")
        shard = int(start)
        pks: list[str] = []
        while shard < ROSTER_SHARDS and len(pks) < limit:
            found, has_more = self._table.query_roster(
                keys.roster_key(store_id, shard), after=last, limit=limit - len(pks)
            )
            pks += found
            shard, last = (shard, pks[-1]) if has_more else (shard + 1, "")
        customers = _list_in_order(self._table.get_many((pk, keys.AGGREGATE) for pk in pks), pks)
        return RosterPage(tuple(customers), f"{shard}:{last}" if shard < ROSTER_SHARDS else None)


def _list_in_order(found: Iterable[Item], pks: Iterable[str]) -> Iterator[Customer]:
    bodies = {item["pk"]["S"]: item["body"] for item in found}
    customers = (decode_body(Customer, bodies[pk]) for pk in pks if pk in bodies)
    return (customer for customer in customers if customer.merged_into is None)  # the index hears of it later


def _make_put(customer: Customer, sweep_at: datetime | None) -> Put:
    pk = keys.customer_key(customer.store_id, customer.customer_id)
    item = {
        **to_key(pk, keys.AGGREGATE),
        "version": {"N": str(customer.version)},
        "schema": {"N": str(customer.schema_version)},
        "body": encode_body(customer),
        **to_due(pk, sweep_at),
    }
    if customer.merged_into is None:
        item |= to_roster(customer.store_id, pk)
    return Put(item, *expect_version(customer.version))


def _read_identity(identity: Identity, item: Item) -> IdentityRecord:
    return IdentityRecord(
        identity=identity,
        customer_id=item["customer_id"]["S"],
        others=tuple(sorted(item.get("others", {}).get("SS", ()))),
        shared=item.get("shared", {}).get("BOOL", False),
    )
