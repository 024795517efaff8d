"""Carriers tell of numbers, shoppers have orders: the one is found by the other, in whatever order they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from okaeri.domain.evidence import Envelope, TrackingSeen
from okaeri.domain.orders import Shipment, ShipmentStatus
from tests.world import MONDAY, World, load_catalogue, make_order, make_settings, make_store

NUMBER = "6285 9412 3310"


def listen(*carriers: str) -> World:
    return World(store=make_store(load_catalogue(), settings=make_settings(carriers=carriers or ("aftership",))))


def track(world: World, status: ShipmentStatus, number: str = "628594123310", **details: Any) -> Envelope:
    """The carrier tells of a number."""
    at = details.pop("at", world.clock())
    shipment = Shipment(shipment_id="", status=status, at=at, by_carrier=True, scanned_at=at, **details)
    seen = TrackingSeen(source="aftership", tracking_number=number, shipment=shipment)
    return world.hear(seen, source="aftership:tracking_update")


def test_a_carriers_word_reaches_the_order_that_has_its_number() -> None:
    world = listen()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    world.wait(days=1)
    track(world, ShipmentStatus.OUT_FOR_DELIVERY)
    world.wait(hours=2)
    track(world, ShipmentStatus.DELIVERED)
    assert world.told("whatsapp")[1:] == ["shipment_shipped", "shipment_out_for_delivery", "shipment_delivered"]
    [parcel] = world.records.orders["kinari", "5001"].order.shipments  # type: ignore[union-attr]  # it is known
    assert (parcel.shipment_id, parcel.tracking_number, parcel.by_carrier) == ("f1", NUMBER, True)


def test_a_doubled_webhook_is_told_once() -> None:
    world = listen()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    first = track(world, ShipmentStatus.OUT_FOR_DELIVERY)
    world.give(first)
    world.give(first, redelivered=True)
    assert world.told("whatsapp").count("shipment_out_for_delivery") == 1


def test_a_late_webhook_moves_nothing_back() -> None:
    world = listen()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    world.wait(hours=5)
    track(world, ShipmentStatus.DELIVERED, place="Kyoto")
    track(world, ShipmentStatus.IN_TRANSIT, at=MONDAY + timedelta(hours=1), place="Osaka")
    track(world, ShipmentStatus.DELAYED, at=MONDAY + timedelta(hours=2))
    assert world.told("whatsapp")[1:] == ["shipment_shipped", "shipment_delivered"]
    [parcel] = world.records.orders["kinari", "5001"].order.shipments  # type: ignore[union-attr]  # it is known
    assert (parcel.status, parcel.place) == (ShipmentStatus.DELIVERED, "Kyoto")


def test_an_older_scan_of_the_same_stage_brings_no_older_place() -> None:
    world = listen()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    world.wait(hours=5)
    track(world, ShipmentStatus.IN_TRANSIT, place="Nagoya")
    track(world, ShipmentStatus.IN_TRANSIT, place="Tokyo", at=MONDAY + timedelta(hours=2))
    [parcel] = world.records.orders["kinari", "5001"].order.shipments  # type: ignore[union-attr]  # it is known
    assert parcel.place == "Nagoya"


def test_a_number_before_its_order_waits_for_it() -> None:
    world = listen()
    track(world, ShipmentStatus.OUT_FOR_DELIVERY)
    assert world.told() == []
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    assert world.told("whatsapp")[1:] == ["shipment_shipped", "shipment_out_for_delivery"]


def test_a_number_that_came_with_the_order_itself_is_known() -> None:
    world = listen()
    parcel = Shipment(shipment_id="f1", status=ShipmentStatus.SHIPPED, at=MONDAY, tracking_number=NUMBER)
    world.order(make_order(shipments=(parcel,)))
    track(world, ShipmentStatus.PICKUP_READY)
    assert world.told("whatsapp")[-1] == "shipment_pickup_ready"


def test_two_orders_in_one_parcel_are_both_told() -> None:
    world = listen()
    for order_id in ("5001", "5002"):
        world.order(make_order(order_id))
        world.ship(order_id, ShipmentStatus.SHIPPED, f"f-{order_id}", tracking_number=NUMBER)
    track(world, ShipmentStatus.DELIVERED)
    orders = (world.records.orders["kinari", order_id].order for order_id in ("5001", "5002"))
    assert [order and order.shipments[0].status for order in orders] == [ShipmentStatus.DELIVERED] * 2


def test_a_number_of_nobody_says_nothing_to_anybody() -> None:
    world = listen()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    track(world, ShipmentStatus.DELIVERED, number="999999999999")
    track(world, ShipmentStatus.DELIVERED, number=" - ")
    assert world.told("whatsapp")[-1] == "shipment_shipped"


def test_a_store_without_carriers_keeps_no_numbers() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    assert world.records.tracked == {}


def test_the_reason_of_a_delay_is_not_the_reason_of_what_comes_after_it() -> None:
    world = listen()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, tracking_number=NUMBER)
    world.wait(hours=1)
    track(world, ShipmentStatus.DELAYED, reason="customs")
    world.wait(hours=1)
    track(world, ShipmentStatus.OUT_FOR_DELIVERY)
    [parcel] = world.records.orders["kinari", "5001"].order.shipments  # type: ignore[union-attr]  # it is known
    assert parcel.reason is None


def test_what_a_carrier_told_last_is_remembered_for_the_doctor() -> None:
    world = listen()
    track(world, ShipmentStatus.DELIVERED)
    assert ("kinari", "aftership:tracking_update") in world.records.webhooks
