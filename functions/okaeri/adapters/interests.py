"""Who waits for a product, in DynamoDB: one partition for each product, the waiting in the order in which they asked.

Beside each place in the queue (`Q#<wish>#<time>#<customer>#<variant>`) stands whose it is
(`C#<customer>#<wish>#<variant>`), so that nobody stands in it twice. The place is written after that and deleted before
it: wherever a process dies, the next try finds the same place.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, is_expired, to_key, to_seconds
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.domain.interests import KEEP_INTEREST, KEEP_PLACE, KEPT, name_place
from okaeri.domain.records import Interest
from okaeri.domain.values import format_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_KEEP_ROUND = timedelta(days=7)
_KEEP_VIEWS = timedelta(days=30)
_WANTED_FRESH_S = 180
_MOST_WANTED = 5_000  # products that anybody waits for
_MOST_WISHES = 40  # of one customer about one product
_MOST_EXPIRED = 500  # places that DynamoDB has not deleted yet, passed over in one reading of a list


class DynamoInterests:
    """Implements `ports.Interests`, and what the command line needs to tell the demand."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock
        self._wanted: ExpiringCache[str, frozenset[str]] = ExpiringCache(fresh_s=_WANTED_FRESH_S)

    def put(self, interest: Interest) -> None:
        """Three writes for who is new, one conditional one for who waits already."""
        asked_at = self._take_place(interest)
        if asked_at is None:
            return
        place = interest.model_copy(update={"at": asked_at})
        expires = {"expires_at": to_seconds(interest.at + KEEP_INTEREST)}
        pk = _pk(interest)
        with suppress(ConditionFailed):  # it stands there
            self._table.put(to_key(pk, name_place(place)) | expires, condition="attribute_not_exists(pk)")
        self._table.put(to_key(keys.wanted_key(interest.store_id), interest.product_id) | expires)

    def _take_place(self, interest: Interest) -> datetime | None:
        """Since when they wait; None where this wish was granted already."""
        item = to_key(_pk(interest), _name_holder(interest)) | {
            "asked_at": {"S": format_time(interest.at)},
            "expires_at": to_seconds(interest.at + KEEP_INTEREST),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as held:
            return self._take_held_place(interest, item, held.item or {})
        return interest.at

    def _take_held_place(self, interest: Interest, item: Item, held: Item) -> datetime | None:
        asked_at = datetime.fromisoformat(held["asked_at"]["S"])
        told_at = datetime.fromisoformat(held["told_at"]["S"]) if "told_at" in held else None
        if told_at is None and not is_expired(held, self._clock()):
            return asked_at
        if told_at is not None and interest.at <= told_at:
            return None
        keeps = told_at is not None and interest.at - told_at <= KEEP_PLACE
        since = asked_at if keeps else interest.at
        self._table.put(item | {"asked_at": {"S": format_time(since)}})
        return since

    def remove(self, interest: Interest) -> None:
        """One read, and two deletes where there is something to delete."""
        held = self._table.get(_pk(interest), _name_holder(interest))
        if held is not None:
            self._remove(_pk(interest), interest, held)

    def remove_customer(self, store_id: str, product_id: str, customer_id: str) -> None:
        """One query, and two deletes for each wish."""
        pk = keys.waiting_key(store_id, product_id)
        for held in list(self._table.query_prefix(pk, f"C#{customer_id}#", most=_MOST_WISHES)):
            _, _, wish, variant_id = held["sk"]["S"].split("#", 3)
            self._remove(pk, _make(store_id, product_id, wish, datetime.min, customer_id, variant_id), held)

    def _remove(self, pk: str, interest: Interest, held: Item) -> None:
        place = interest.model_copy(update={"at": datetime.fromisoformat(held["asked_at"]["S"])})
        self._table.delete(pk, name_place(place))
        self._table.delete(pk, _name_holder(interest))

    def list_wanted(self, store_id: str) -> Collection[str]:
        """At most 3 minutes old."""
        return self._wanted.get(store_id, lambda: frozenset(self.read_wanted(store_id))) or frozenset()

    def read_wanted(self, store_id: str) -> list[str]:
        """As they stand, expired ones left out."""
        now = self._clock()
        found = islice(self._table.query(keys.wanted_key(store_id), consistent=False), _MOST_WANTED)
        return [item["sk"]["S"] for item in found if not is_expired(item, now)]

    def is_wanted(self, store_id: str, product_id: str) -> bool:
        """Whether anybody may wait for it: one read."""
        item = self._table.get(keys.wanted_key(store_id), product_id)
        return item is not None and not is_expired(item, self._clock())

    def list_waiting(
        self, store_id: str, product_id: str, *, wish: str, after: str = "", most: int
    ) -> Sequence[Interest]:
        """One query of at most `most` items, and of those that should be gone: fewer are the end of the list."""
        pk, prefix = keys.waiting_key(store_id, product_id), f"Q#{wish}#"
        found = self._table.query_prefix(pk, prefix, most=most + _MOST_EXPIRED, after=after)
        return list(islice(self._read_places(store_id, product_id, found), most))

    def list_everybody(self, store_id: str, product_id: str) -> Iterator[Interest]:
        """All who wait for a product, with every wish, page by page: for people, not for functions."""
        items = self._table.query(keys.waiting_key(store_id, product_id), consistent=False)
        return self._read_places(store_id, product_id, (item for item in items if item["sk"]["S"].startswith("Q#")))

    def _read_places(self, store_id: str, product_id: str, items: Iterator[Item]) -> Iterator[Interest]:
        now = self._clock()
        for item in items:
            if is_expired(item, now):
                continue
            _, wish, at, customer_id, variant_id = item["sk"]["S"].split("#", 4)
            told_at = datetime.fromisoformat(item["told_at"]["S"]) if "told_at" in item else None
            interest = _make(store_id, product_id, wish, datetime.fromisoformat(at), customer_id, variant_id)
            yield interest.model_copy(update={"told_at": told_at})

    def keep_round(
        self, store_id: str, product_id: str, round_id: str, chosen: Sequence[Interest]
    ) -> Sequence[Interest]:
        """One conditional put; kept for a week."""
        places = [name_place(interest) for interest in chosen]
        item = to_key(keys.waiting_key(store_id, product_id), f"R#{round_id}") | {
            "places": {"S": json.dumps(places)},
            "expires_at": to_seconds(self._clock() + _KEEP_ROUND),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as held:
            settled = json.loads((held.item or item)["places"]["S"])
            return [_read_place(store_id, product_id, place) for place in settled]
        return chosen

    def mark_told(self, interest: Interest, at: datetime) -> None:
        """One conditional write for a wish list, a write and a delete else. Harmless twice."""
        told: Item = {":told": {"S": format_time(at)}}
        with suppress(ConditionFailed):  # it was taken back meanwhile
            if interest.wish in KEPT:
                self._table.update(
                    _pk(interest),
                    name_place(interest),
                    "SET told_at = :told",
                    values=told,
                    condition="attribute_exists(pk)",
                )
                return
            self._table.update(
                _pk(interest),
                _name_holder(interest),
                "SET told_at = :told",
                values={**told, ":asked": {"S": format_time(interest.at)}},
                condition="asked_at = :asked",
            )
        self._table.delete(_pk(interest), name_place(interest))

    def note_view(self, store_id: str, product_id: str, customer_id: str, at: datetime) -> int:
        """One conditional update."""
        moment = {"S": format_time(at)}
        try:
            item = self._table.update(
                keys.waiting_key(store_id, product_id),
                f"V#{customer_id}",
                "SET looked_at = :at, expires_at = :expires ADD looks :one",
                values={":at": moment, ":expires": to_seconds(at + _KEEP_VIEWS), ":one": {"N": "1"}},
                condition="attribute_not_exists(looked_at) OR looked_at < :at",
            )
        except ConditionFailed as held:  # this look, or a later one, was counted
            item = held.item or {"looks": {"N": "1"}}
        return int(item["looks"]["N"])


def _read_place(store_id: str, product_id: str, place: str) -> Interest:
    _, wish, at, customer_id, variant_id = place.split("#", 4)
    return _make(store_id, product_id, wish, datetime.fromisoformat(at), customer_id, variant_id)


def _make(store_id: str, product_id: str, wish: str, at: datetime, customer_id: str, variant_id: str) -> Interest:
    return Interest.model_validate(
        {
            "store_id": store_id,
            "product_id": product_id,
            "wish": wish,
            "at": at,
            "customer_id": customer_id,
            "variant_id": variant_id or None,
        }
    )


def _name_holder(interest: Interest) -> str:
    return f"C#{interest.customer_id}#{interest.wish}#{interest.variant_id or ''}"


def _pk(interest: Interest) -> str:
    return keys.waiting_key(interest.store_id, interest.product_id)
