"""Whose parcel a tracking number names, and what carriers told of it before we knew. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from okaeri.domain.carriers import fold_tracking_number
from okaeri.domain.evidence import Envelope, ShipmentSeen, TrackingSeen
from okaeri.domain.orders import Order
from okaeri.domain.values import make_id


class TrackedParcel(NamedTuple):
    """A parcel that carries a number. `number` is folded."""

    number: str
    order_id: str
    shipment_id: str


class Tracked(NamedTuple):
    """What is kept under a number: the parcels that carry it, and what came before their orders did."""

    parcels: tuple[TrackedParcel, ...] = ()
    parked: tuple[Envelope, ...] = ()


def list_new_numbers(before: Order | None, after: Order) -> Iterator[TrackedParcel]:
    """The parcels whose numbers became known with this view of the order."""
    known = {parcel.shipment_id: parcel.tracking_number for parcel in before.shipments} if before else {}
    for parcel in after.shipments:
        number = fold_tracking_number(parcel.tracking_number or "")
        if number and known.get(parcel.shipment_id) != parcel.tracking_number:
            yield TrackedParcel(number, after.order_id, parcel.shipment_id)


def hand_on(envelope: Envelope, parcel: TrackedParcel) -> Envelope:
    """What the carrier told, as evidence of this order's parcel. The same each time it is handed on."""
    evidence = envelope.evidence
    assert isinstance(evidence, TrackingSeen)
    shipment = evidence.shipment.model_copy(update={"shipment_id": parcel.shipment_id})
    return Envelope(
        id=make_id(envelope.id, parcel.order_id, parcel.shipment_id),
        store_id=envelope.store_id,
        source=envelope.source,
        received_at=envelope.received_at,
        evidence=ShipmentSeen(order_id=parcel.order_id, shipment=shipment),
    )
