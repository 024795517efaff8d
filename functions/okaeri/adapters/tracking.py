"""Tracking numbers in DynamoDB: a partition for each, with the parcels that carry it and what waits for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, is_expired, to_key, to_seconds
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.evidence import Envelope
from okaeri.domain.tracking import Tracked, TrackedParcel

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_KEEP_NUMBER = timedelta(days=180)  # carriers use their numbers again
_KEEP_PARKED = timedelta(days=7)


class DynamoTracking:
    """The part of `ports.Records` that is about tracking numbers."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def find(self, store_id: str, number: str) -> Tracked:
        """One query over the number's partition, what is parked oldest first."""
        parcels, parked, now = [], [], self._clock()
        for item in self._table.query(keys.record_key(store_id, keys.TRACKING, number)):
            if is_expired(item, now):
                continue
            if "order_id" in item:
                parcels.append(TrackedParcel(number, item["order_id"]["S"], item["shipment_id"]["S"]))
            else:
                parked.append(decode_body(Envelope, item["body"]))
        parked.sort(key=lambda envelope: (envelope.received_at, envelope.id))
        return Tracked(tuple(parcels), tuple(parked))

    def put(self, store_id: str, parcel: TrackedParcel) -> None:
        """The same parcel twice is one item."""
        pk = keys.record_key(store_id, keys.TRACKING, parcel.number)
        item = to_key(pk, keys.tracked_key(parcel.order_id, parcel.shipment_id))
        item |= {"order_id": {"S": parcel.order_id}, "shipment_id": {"S": parcel.shipment_id}}
        self._table.put(item | {"expires_at": to_seconds(self._clock() + _KEEP_NUMBER)})

    def park(self, envelope: Envelope, number: str) -> None:
        """Keeps it for seven days; the same envelope twice is one item."""
        item = to_key(keys.record_key(envelope.store_id, keys.TRACKING, number), keys.parked_key(envelope.id))
        item |= {"body": encode_body(envelope, whole=True), "expires_at": to_seconds(self._clock() + _KEEP_PARKED)}
        self._table.put(item)
