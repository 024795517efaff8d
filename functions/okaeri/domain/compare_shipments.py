"""What moved among an order's parcels: each stage once, forward only."""

from __future__ import annotations

from collections.abc import Sequence

from okaeri.domain.events import Event
from okaeri.domain.order_events import INCIDENTS, make_order_event, make_place_event, make_shipment_event
from okaeri.domain.orders import Order, Shipment, ShipmentStatus

# A parcel only moves forward through these. The others (delayed, attempt failed, exception) may happen on the way.
_STAGE: dict[ShipmentStatus, int] = {
    ShipmentStatus.PENDING: 0,
    ShipmentStatus.LABEL_CREATED: 1,
    ShipmentStatus.SHIPPED: 2,
    ShipmentStatus.IN_TRANSIT: 3,
    ShipmentStatus.OUT_FOR_DELIVERY: 4,
    ShipmentStatus.PICKUP_READY: 5,  # also where a courier met nobody
    ShipmentStatus.EXPIRED: 6,
    ShipmentStatus.CANCELLED: 7,
    ShipmentStatus.DELIVERED: 8,
    ShipmentStatus.RETURNED: 9,
}
_ENDED = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED)
_IN_HOUSE = (ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED, ShipmentStatus.CANCELLED)
SILENT = (ShipmentStatus.PENDING, ShipmentStatus.EXPIRED, ShipmentStatus.CANCELLED)


def merge_shipments(
    store_id: str, order: Order, seen: Sequence[Shipment]
) -> tuple[tuple[Shipment, ...], tuple[Event, ...]]:
    """The order's parcels after these views of some of them, and the events of those that moved."""
    known = {shipment.shipment_id: shipment for shipment in order.shipments}
    moved: list[Shipment] = []
    elsewhere: list[Shipment] = []
    for shipment in seen:
        before = known.get(shipment.shipment_id)
        after, has_moved = _move_shipment(before, shipment)
        after = _note_departure(before, after)
        known[shipment.shipment_id] = after
        if has_moved:
            moved.append(after)
        elif before is not None and after.by_carrier and after.place != before.place:
            elsewhere.append(after)
    merged = tuple(known.values())
    whole = order.model_copy(update={"shipments": merged})
    events = [make_shipment_event(store_id, whole, shipment) for shipment in moved]
    events += [make_place_event(store_id, whole, shipment) for shipment in elsewhere]
    if has_delivered_all(whole) and not has_delivered_all(order):
        events.append(make_delivered_event(store_id, whole))
    return merged, tuple(events)


def _move_shipment(before: Shipment | None, seen: Shipment) -> tuple[Shipment, bool]:
    if before is None:
        return seen, seen.status not in SILENT
    kept = {name: value for name, value in before.model_dump().items() if getattr(seen, name, None) in (None, ())}
    filled = seen.model_copy(
        update={
            **{name: getattr(before, name) for name in kept},
            "by_carrier": before.by_carrier or seen.by_carrier,
            "reason": seen.reason,  # why it was held up before is no reason of what it is now
        }
    )
    ended = before.status in _ENDED
    if seen.status in INCIDENTS:
        is_new = (
            seen.status is not before.status
            or (seen.eta is not None and seen.eta != before.eta)
            or (seen.reason is not None and seen.reason != before.reason)
        )
        if ended or seen.at < before.at or not is_new:
            return before, False
        return filled, True
    before_stage = _STAGE.get(before.status)
    stage = _STAGE[seen.status]
    if before_stage is None:  # after an incident the parcel goes on where it says it is
        is_past = seen.at < before.at and seen.status not in _ENDED  # an end is one, whenever the incident was noted
        if is_past or stage < _STAGE[ShipmentStatus.IN_TRANSIT]:
            return before, False
        return filled, seen.status not in SILENT
    if stage > before_stage:
        return filled, seen.status not in SILENT
    if stage == before_stage and not _is_late(before, seen):  # again: a new place, a tracking number, a promise
        return filled.model_copy(update={"at": before.at, "reason": seen.reason or before.reason}), False
    learnt = {
        name: getattr(seen, name)
        for name in ("carrier", "tracking_number", "tracking_url", "eta")
        if getattr(before, name) is None and getattr(seen, name) is not None
    }
    return before.model_copy(update=learnt | {"by_carrier": before.by_carrier or seen.by_carrier}), False


def _note_departure(before: Shipment | None, parcel: Shipment) -> Shipment:
    """Its time is the time of its status; when it left is kept beside it."""
    if parcel.shipped_at is not None or parcel.status in _IN_HOUSE:
        return parcel
    had_left = before is not None and before.status not in _IN_HOUSE
    return parcel.model_copy(update={"shipped_at": before.at if before and had_left else parcel.at})


def _is_late(before: Shipment, seen: Shipment) -> bool:
    """Whether the carrier's scan is older than one that is known: what it says of place and day is over."""
    return seen.scanned_at is not None and before.scanned_at is not None and seen.scanned_at < before.scanned_at


def has_delivered_all(order: Order) -> bool:
    """Whether no known parcel is still on its way."""
    on_their_way = [s for s in order.shipments if s.status is not ShipmentStatus.CANCELLED]
    return bool(on_their_way) and all(s.status is ShipmentStatus.DELIVERED for s in on_their_way)


def make_delivered_event(store_id: str, order: Order) -> Event:
    """`order.delivered`; once more where a further parcel became known since."""
    latest = max(shipment.at for shipment in order.shipments)
    return make_order_event(store_id, order, "order.delivered", latest, str(len(order.shipments)))
