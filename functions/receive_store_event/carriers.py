"""What AfterShip, EasyPost and Shippo say of a parcel, in our words for it (`catalogue/carriers/*.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

import okaeri
from okaeri.domain.carriers import Carrier
from okaeri.domain.evidence import TrackingSeen
from okaeri.domain.orders import Shipment, ShipmentStatus
from okaeri.domain.stores import Store
from okaeri.use_cases.receive_store_event import PayloadRefused, Reading, Request, hash_body
from receive_store_event.carrier_payloads import (
    AfterShipEstimate,
    AfterShipEvent,
    EasyPostEvent,
    EasyPostTracker,
    ShippoEvent,
    ShippoTrack,
)
from receive_store_event.payload import Payload, name_path, parse_payload, to_utc, to_utc_or_none

_WORDS = Path(okaeri.__file__).parent / "catalogue" / "carriers"
_GUESSED = "aftership"  # AfterShip's own estimate; its other sources are the carrier and the shop


class Meaning(NamedTuple):
    """A carrier's words in ours."""

    status: ShipmentStatus
    reason: str | None = None


class Service:
    """What the three dialects have in common: a signature names one shop already, and nobody asks who is there."""

    accepted = 200
    carrier: Carrier

    def is_ping(self, request: Request) -> bool:
        """There is none: the test webhooks of all three are signed."""
        return False

    def check_sender(self, request: Request, store: Store) -> None:
        """Each store has a secret of its own."""


class AfterShip(Service):
    """AfterShip Tracking's webhooks."""

    carrier = Carrier.AFTERSHIP

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """Of all its events we read the parcel as it then is."""
        event = parse_payload(AfterShipEvent, request.body, self.carrier)
        parcel = event.msg
        source = f"{self.carrier}:{event.event}"
        delivery = event.event_id or hash_body(request.body)
        meaning = find_meaning(self.carrier, parcel.tag, parcel.subtag)
        if meaning is None:
            return Reading(source, delivery)
        scans = [scan for scan in parcel.checkpoints or () if scan.checkpoint_time is not None]
        last = max(scans, key=lambda scan: to_utc(scan.checkpoint_time, now), default=None)
        at = to_utc(last.checkpoint_time if last else parcel.updated_at, now)
        place = _join(last.city, last.state) or last.location or last.country_name if last else None
        shipment = _make_shipment(
            meaning,
            at,
            eta=_choose_day(
                parcel.expected_delivery,
                _read_estimate(parcel.courier_estimated_delivery_date),
                _read_estimate(parcel.latest_estimated_delivery),
            ),
            place=place,
            message=last.message if last else None,
        )
        return _read_parcel(self.carrier, source, delivery, parcel.tracking_number, shipment)


class EasyPost(Service):
    """EasyPost's events: those about trackers."""

    carrier = Carrier.EASYPOST

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """What is about no tracker is ignored."""
        event = parse_payload(EasyPostEvent, request.body, self.carrier)
        source, delivery = f"{self.carrier}:{event.description}", event.id or hash_body(request.body)
        if event.result.get("object") != "Tracker":
            return Reading(source, delivery)
        parcel = _parse_part(EasyPostTracker, event.result, source, "result")
        meaning = find_meaning(self.carrier, parcel.status, parcel.status_detail)
        if meaning is None or not parcel.tracking_code:
            return Reading(source, delivery)
        scans = [scan for scan in parcel.tracking_details or () if scan.datetime is not None]
        last = max(scans, key=lambda scan: to_utc(scan.datetime, now), default=None)
        where = last.tracking_location if last else None
        shipment = _make_shipment(
            meaning,
            to_utc(last.datetime if last else parcel.updated_at, now),
            eta=to_utc_or_none(parcel.est_delivery_date),
            place=(_join(where.city, where.state) or where.country) if where else None,
            message=last.message if last else None,
        )
        return _read_parcel(self.carrier, source, delivery, parcel.tracking_code, shipment)


class Shippo(Service):
    """Shippo's `track_updated`."""

    carrier = Carrier.SHIPPO

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """Its other events are about labels, which the store tells of itself."""
        event = parse_payload(ShippoEvent, request.body, self.carrier)
        source, delivery = f"{self.carrier}:{event.event}", hash_body(request.body)
        if event.event != "track_updated":
            return Reading(source, delivery)
        parcel = _parse_part(ShippoTrack, event.data, source, "data")
        scan = parcel.tracking_status
        detail = scan.substatus.code if scan and scan.substatus else None
        meaning = find_meaning(self.carrier, scan.status, detail) if scan else None
        if scan is None or meaning is None:
            return Reading(source, delivery)
        where = scan.location
        shipment = _make_shipment(
            meaning,
            to_utc(scan.status_date, now),
            eta=to_utc_or_none(parcel.eta),
            place=(_join(where.city, where.state) or where.country) if where else None,
            message=scan.status_details,
        )
        return _read_parcel(self.carrier, source, delivery, parcel.tracking_number, shipment)


def find_meaning(carrier: Carrier, status: str | None, detail: str | None) -> Meaning | None:
    """What a status and its detail come to; None where the status says nothing that we could tell."""
    words = load_words(carrier)
    ours = words["statuses"].get(status or "")
    more: Mapping[str, str] = words["details"].get(detail or "", {})
    if ours is None:
        return None
    return Meaning(ShipmentStatus(more.get("status", ours)), more.get("reason"))


@cache
def load_words(carrier: Carrier) -> dict[str, Any]:
    """Statuses and details of one service, with what each means; from its own documentation (`source`)."""
    words: dict[str, Any] = json.loads((_WORDS / f"{carrier}.json").read_text("utf-8"))
    return words


def _make_shipment(
    meaning: Meaning, at: datetime, *, eta: datetime | None, place: str | None, message: str | None
) -> Shipment:
    """Whose parcel it is, is found by its number: it has no id yet."""
    return Shipment(
        shipment_id="",
        status=meaning.status,
        at=at,
        eta=eta,
        place=place or None,
        message=message or None,
        reason=meaning.reason,
        by_carrier=meaning.status not in (ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED),
        scanned_at=at,
    )


def _read_parcel(carrier: Carrier, source: str, delivery: str, number: str, shipment: Shipment) -> Reading:
    seen = TrackingSeen(source=carrier.value, tracking_number=number, shipment=shipment)
    return Reading(source, delivery, (seen,))


def _parse_part[Model: Payload](model: type[Model], part: dict[str, Any], source: str, name: str) -> Model:
    try:
        return model.model_validate(part)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise PayloadRefused(source, name_path((name, *first["loc"])), first["msg"]) from None


def _read_estimate(estimate: AfterShipEstimate | None) -> datetime | None:
    """The last day of what the carrier or the shop promised; what was computed from other parcels is a guess."""
    if estimate is None or (estimate.source or "").casefold().startswith(_GUESSED):
        return None
    return (
        estimate.datetime_max
        or estimate.estimated_delivery_date_max
        or estimate.datetime
        or estimate.estimated_delivery_date
    )


def _choose_day(*days: datetime | None) -> datetime | None:
    return to_utc_or_none(next((day for day in days if day is not None), None))


def _join(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
