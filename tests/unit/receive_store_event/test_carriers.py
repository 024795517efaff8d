"""AfterShip, EasyPost and Shippo: who signed, which parcel, and what it means in our words."""

from __future__ import annotations

import json
from copy import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import okaeri
from okaeri.domain.carriers import Carrier
from okaeri.domain.evidence import TrackingSeen
from okaeri.domain.orders import REASONS, ShipmentStatus
from receive_store_event.carriers import find_meaning, load_words
from tests.fakes import FakeQueues
from tests.store_webhooks import make_receiver, read_event, send_carrier

RECORDED = {
    Carrier.AFTERSHIP: "carriers/aftership_customs",
    Carrier.EASYPOST: "carriers/easypost_out_for_delivery",
    Carrier.SHIPPO: "carriers/shippo_notice_left",
}


def receive(carrier: Carrier, payload: object, **how: str) -> tuple[int, str, FakeQueues]:
    queues = FakeQueues()
    answer = make_receiver(queues)(send_carrier(carrier, payload, **how))
    return answer.status, str(answer.body.get("result") or answer.body.get("error")), queues


def read(carrier: Carrier, payload: object) -> TrackingSeen:
    *_, queues = receive(carrier, payload)
    [(_, envelope)] = queues.evidence
    assert isinstance(envelope.evidence, TrackingSeen)
    return envelope.evidence


def test_aftership_tells_of_customs_with_the_carriers_day_and_not_with_a_guess() -> None:
    seen = read(Carrier.AFTERSHIP, read_event(RECORDED[Carrier.AFTERSHIP]))
    assert (seen.source, seen.tracking_number) == ("aftership", "6285 9412 3310")
    parcel = seen.shipment
    assert (parcel.status, parcel.reason) == (ShipmentStatus.DELAYED, "customs")
    assert parcel.at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert parcel.eta == datetime(2026, 11, 24, tzinfo=UTC)
    assert (parcel.place, parcel.message) == ("Narita, Chiba", "Held by customs")
    assert parcel.by_carrier


def test_aftership_without_a_carriers_day_has_none() -> None:
    event = read_event(RECORDED[Carrier.AFTERSHIP])
    event["msg"]["courier_estimated_delivery_date"] = None
    assert read(Carrier.AFTERSHIP, event).shipment.eta is None


def test_easypost_tells_that_it_is_out_for_delivery() -> None:
    parcel = read(Carrier.EASYPOST, read_event(RECORDED[Carrier.EASYPOST])).shipment
    assert parcel.status is ShipmentStatus.OUT_FOR_DELIVERY
    assert parcel.at == datetime(2026, 11, 20, 13, 10, tzinfo=UTC)
    assert (parcel.eta, parcel.place) == (datetime(2026, 11, 20, tzinfo=UTC), "Portland, OR")


def test_shippo_tells_that_nobody_was_at_home() -> None:
    parcel = read(Carrier.SHIPPO, read_event(RECORDED[Carrier.SHIPPO])).shipment
    assert (parcel.status, parcel.reason) == (ShipmentStatus.ATTEMPT_FAILED, "nobody_home")
    assert parcel.eta == datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize("carrier", Carrier)
def test_a_wrong_signature_is_refused(carrier: Carrier) -> None:
    assert receive(carrier, read_event(RECORDED[carrier]), secret="another")[:2] == (401, "bad_signature")


@pytest.mark.parametrize("carrier", Carrier)
def test_a_body_that_was_changed_is_refused(carrier: Carrier) -> None:
    request = send_carrier(carrier, read_event(RECORDED[carrier]))
    changed = replace(request, body=request.body.replace(b"2026", b"2025"))
    assert make_receiver(FakeQueues())(changed).status == 401


@pytest.mark.parametrize("carrier", Carrier)
def test_without_any_signature_it_is_refused(carrier: Carrier) -> None:
    request = replace(send_carrier(carrier, read_event(RECORDED[carrier])), headers={})
    assert make_receiver(FakeQueues())(request).status == 401


def test_shippo_shows_its_token_where_it_signs_nothing() -> None:
    event = read_event(RECORDED[Carrier.SHIPPO])
    assert receive(Carrier.SHIPPO, event, token="shpss_3f1d9c5b7a")[:2] == (200, "queued")
    assert receive(Carrier.SHIPPO, event, token="guessed")[:2] == (401, "bad_signature")


def test_a_token_does_not_stand_in_for_another_carriers_signature() -> None:
    shippos = send_carrier(Carrier.SHIPPO, read_event(RECORDED[Carrier.AFTERSHIP]), token="shpss_3f1d9c5b7a")
    assert make_receiver(FakeQueues())(replace(shippos, carrier="aftership")).status == 401


@pytest.mark.parametrize("carrier", Carrier)
def test_a_doubled_webhook_has_one_id(carrier: Carrier) -> None:
    queues = FakeQueues()
    receiver = make_receiver(queues)
    for _ in range(2):
        receiver(send_carrier(carrier, read_event(RECORDED[carrier])))
    assert len({envelope.id for _, envelope in queues.evidence}) == 1


def test_a_carrier_that_nobody_knows_and_one_that_was_not_added_are_told_apart() -> None:
    request = send_carrier(Carrier.SHIPPO, read_event(RECORDED[Carrier.SHIPPO]))
    receiver = make_receiver(FakeQueues())
    unknown = receiver(replace(request, carrier="pigeon"))
    assert (unknown.status, unknown.body["error"]) == (404, "unknown_carrier")
    missing = receiver(replace(request, store_id="kraut"))
    assert (missing.status, missing.body["error"]) == (404, "carrier_not_added")
    assert "okaeri stores add-carrier kraut shippo" in str(missing.body["fix"])


@pytest.mark.parametrize(
    ("carrier", "event"),
    [
        (Carrier.EASYPOST, {"id": "evt_1", "description": "batch.created", "result": {"object": "Batch"}}),
        (Carrier.SHIPPO, {"event": "transaction_created", "data": {"object_id": "1"}}),
        (Carrier.SHIPPO, {"event": "track_updated", "data": {"tracking_number": "1", "tracking_status": None}}),
    ],
)
def test_what_is_about_no_parcel_is_ignored(carrier: Carrier, event: dict[str, Any]) -> None:
    assert receive(carrier, event)[:2] == (200, "ignored")


@pytest.mark.parametrize(
    ("carrier", "event"),
    [
        (Carrier.AFTERSHIP, {"event": "tracking_update", "msg": {"tag": "InTransit"}}),
        (Carrier.SHIPPO, {"event": "track_updated", "data": {"tracking_status": {"status": "TRANSIT"}}}),
    ],
)
def test_what_our_models_refuse_goes_to_quarantine_and_is_answered_well(
    carrier: Carrier, event: dict[str, Any]
) -> None:
    assert receive(carrier, event)[:2] == (200, "quarantined")


def test_a_status_that_is_no_parcels_state_says_nothing() -> None:
    assert find_meaning(Carrier.SHIPPO, "UNKNOWN", None) is None
    assert find_meaning(Carrier.EASYPOST, "error", None) is None


@pytest.mark.parametrize("carrier", Carrier)
def test_each_word_of_a_carrier_is_one_of_ours(carrier: Carrier) -> None:
    words = load_words(carrier)
    for status in words["statuses"]:
        assert find_meaning(carrier, status, None) is not None
        for detail in words["details"]:
            meaning = find_meaning(carrier, status, detail)
            assert meaning is not None
            assert meaning.reason is None or meaning.reason in REASONS


def test_each_carriers_file_is_a_carrier_that_we_know() -> None:
    folder = Path(okaeri.__file__).parent / "catalogue" / "carriers"
    assert {path.stem for path in folder.glob("*.json")} == set(Carrier)
    assert all(json.loads(path.read_text())["source"].startswith("https://") for path in folder.glob("*.json"))
