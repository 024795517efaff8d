"""delivery-updates and review-request: each real change once, and a question when the product has been lived with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.stores import ReviewRule
from tests.world import BOTH_OPT_INS, MONDAY, World, load_catalogue, make_order, make_settings, make_store


def deliver(world: World, **order: Any) -> None:
    world.order(make_order(**order))
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=1)
    world.ship("5001", ShipmentStatus.OUT_FOR_DELIVERY)
    world.wait(hours=3)
    world.ship("5001", ShipmentStatus.DELIVERED)


def test_each_stage_of_a_parcel_is_told_once_and_in_order() -> None:
    world = World()
    deliver(world)
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.ship("5001", ShipmentStatus.IN_TRANSIT)
    assert world.told("whatsapp")[1:] == ["shipment_shipped", "shipment_out_for_delivery", "shipment_delivered"]


def test_a_parcel_before_its_order_waits_for_it() -> None:
    world = World()
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told() == []
    world.order(make_order())
    assert world.told("whatsapp") == ["order_confirmation_welcome", "shipment_shipped"]
    assert not world.records.parked["kinari", "5001"]


def test_a_delay_is_told_again_only_with_another_date() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    first, second = MONDAY + timedelta(days=4), MONDAY + timedelta(days=6)
    for eta in (first, first, second):
        world.wait(hours=1)
        world.ship("5001", ShipmentStatus.DELAYED, eta=eta)
    assert world.told("whatsapp").count("shipment_delayed") == 2


def test_the_shop_chooses_which_changes_are_told() -> None:
    store = make_store(load_catalogue(), settings=make_settings(delivery_updates=("delivered",)))
    world = World(store=store)
    deliver(world)
    assert world.told("whatsapp")[1:] == ["shipment_delivered"]


def test_a_review_is_asked_a_week_after_delivery_at_ten_in_the_morning() -> None:
    world = World()
    deliver(world, opt_ins=BOTH_OPT_INS)
    world.wait(days=6)
    assert "review_request" not in world.told()
    world.wait(days=2)
    request = world.list_messages()[-1]
    assert request.template == "review_request"
    assert request.purpose == "marketing"
    assert request.decided_at.astimezone().hour is not None
    tokyo = request.decided_at + timedelta(hours=9)
    assert (tokyo.hour, tokyo.minute // 15) == (10, 0)


def test_without_marketing_consent_no_review_is_asked_and_the_reason_is_kept() -> None:
    world = World()
    deliver(world)
    world.wait(days=20)
    assert "review_request" not in world.told()
    assert "whatsapp:review_request refused no_marketing_consent" in world.why()


def test_an_experience_is_asked_about_at_once_and_the_longest_item_counts() -> None:
    rules = (ReviewRule(by="product", value="p1", after=timedelta(0)),)
    world = World(store=make_store(load_catalogue(), settings=make_settings(review_rules=rules)))
    deliver(world, opt_ins=BOTH_OPT_INS)
    assert world.told("whatsapp")[-1] == "review_request"


def test_where_delivered_never_comes_the_eta_has_to_do() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS, eta=MONDAY + timedelta(days=4)))
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=6)
    assert "review_request" not in world.told()
    world.wait(days=2)
    assert world.told()[-1] == "review_request"


def test_where_nothing_is_known_it_is_two_weeks_after_shipping() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=13)
    assert "review_request" not in world.told()
    world.wait(days=3)
    assert world.told()[-1] == "review_request"


def test_the_second_parcel_is_waited_for() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.ship("5001", ShipmentStatus.SHIPPED, "f1")
    world.ship("5001", ShipmentStatus.SHIPPED, "f2")
    world.ship("5001", ShipmentStatus.DELIVERED, "f1")
    world.wait(days=9)
    assert "review_request" not in world.told()
    world.ship("5001", ShipmentStatus.DELIVERED, "f2")
    world.wait(days=8)
    assert world.told().count("review_request") == 1


def test_a_cancelled_order_is_never_asked_about() -> None:
    world = World()
    deliver(world, opt_ins=BOTH_OPT_INS)
    late = world.clock()
    world.order(make_order(opt_ins=BOTH_OPT_INS, cancelled_at=late, updated_at=late))
    world.wait(days=30)
    assert "review_request" not in world.told()
