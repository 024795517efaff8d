"""delay-watch, first-scan-watch, arrival-check, each-step: what nobody has told, told honestly, and once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from okaeri.domain.evidence import ShipmentSeen
from okaeri.domain.orders import Shipment, ShipmentStatus
from okaeri.domain.stores import DeliveryTimes, Store, TransitTime
from tests.talks import Talk
from tests.world import MONDAY, World, load_catalogue, make_order, make_settings, make_store

TABLE = DeliveryTimes(transit=(TransitTime(least=1, most=2),))


def open_shop(*on: str, settings: dict[str, dict[str, str]] | None = None, **chosen: Any) -> World:
    """The shop with these journeys switched on besides, and with these settings of theirs."""
    chosen.setdefault("delivery_times", TABLE)
    store = make_store(load_catalogue(), settings=make_settings(**chosen))
    return World(store=switch_on(store, on, settings or {}))


def switch_on(store: Store, names: tuple[str, ...], settings: dict[str, dict[str, str]]) -> Store:
    triggers = {
        event: tuple(
            published.model_copy(
                update={
                    "on": published.on or published.journey in names,
                    "settings": settings.get(published.journey, published.settings),
                }
            )
            for published in entries
        )
        for event, entries in store.triggers.items()
    }
    return store.model_copy(update={"triggers": triggers})


def scan(world: World, status: ShipmentStatus, **details: Any) -> None:
    """The carrier itself tells of the parcel."""
    at = world.clock()
    parcel = Shipment(shipment_id="f1", status=status, at=at, by_carrier=True, scanned_at=at, **details)
    world.hear(ShipmentSeen(order_id="5001", shipment=parcel))


def tell_hours(world: World, template: str) -> list[tuple[int, int]]:
    """Day of the month and hour in Tokyo at which it was said."""
    times = [message.decided_at + timedelta(hours=9) for message in world.list_messages()]
    told = [message.template for message in world.list_messages()]
    return [(at.day, at.hour) for at, name in zip(times, told, strict=True) if name == template]


def test_an_order_that_did_not_leave_in_time_is_told_the_morning_after() -> None:
    world = open_shop()
    world.order(make_order())  # on Monday the 2nd; the 3rd is a holiday, so it leaves by the 4th
    world.wait(days=10)
    assert tell_hours(world, "order_delayed") == [(5, 10)]


def test_an_order_that_left_in_time_is_not_told_of() -> None:
    world = open_shop()
    world.order(make_order())
    world.wait(hours=30)
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=20)
    assert "order_delayed" not in world.told()


def test_without_a_table_and_without_a_day_nothing_is_watched() -> None:
    world = open_shop(delivery_times=DeliveryTimes())
    world.order(make_order())
    world.ship("5001", ShipmentStatus.IN_TRANSIT)
    world.wait(days=20)
    assert not {"order_delayed", "delivery_late"} & set(world.told())


def test_a_parcel_that_is_not_there_on_its_day_is_told_once_the_morning_after() -> None:
    world = open_shop()
    world.order(make_order())
    world.wait(hours=1)
    scan(world, ShipmentStatus.IN_TRANSIT, eta=datetime(2026, 11, 5, tzinfo=MONDAY.tzinfo))
    world.wait(days=15)
    assert tell_hours(world, "delivery_late") == [(6, 10)]


def test_a_new_day_is_watched_anew() -> None:
    world = open_shop()
    world.order(make_order())
    scan(world, ShipmentStatus.IN_TRANSIT, eta=datetime(2026, 11, 5, tzinfo=MONDAY.tzinfo))
    world.wait(days=2)
    scan(world, ShipmentStatus.DELAYED, eta=datetime(2026, 11, 9, tzinfo=MONDAY.tzinfo))
    world.wait(days=12)
    assert world.told().count("shipment_delayed") == 1
    assert tell_hours(world, "delivery_late") == [(10, 10)]


def test_a_carrier_that_moves_its_day_quietly_is_waited_for() -> None:
    world = open_shop()
    world.order(make_order())
    scan(world, ShipmentStatus.IN_TRANSIT, eta=datetime(2026, 11, 5, tzinfo=MONDAY.tzinfo))
    world.wait(days=1)
    scan(world, ShipmentStatus.IN_TRANSIT, eta=datetime(2026, 11, 8, tzinfo=MONDAY.tzinfo))
    world.wait(days=12)
    assert tell_hours(world, "delivery_late") == [(9, 10)]


@pytest.mark.parametrize(
    "status",
    [
        ShipmentStatus.DELIVERED,
        ShipmentStatus.PICKUP_READY,
        ShipmentStatus.ATTEMPT_FAILED,
        ShipmentStatus.EXCEPTION,
        ShipmentStatus.RETURNED,
    ],
)
def test_whoever_has_heard_of_the_parcel_is_not_told_that_it_is_late(status: ShipmentStatus) -> None:
    world = open_shop()
    world.order(make_order())
    scan(world, ShipmentStatus.IN_TRANSIT, eta=datetime(2026, 11, 5, tzinfo=MONDAY.tzinfo))
    world.wait(days=1)
    scan(world, status)
    world.wait(days=12)
    assert "delivery_late" not in world.told()


def test_where_no_carrier_tells_of_the_parcel_it_is_not_called_late() -> None:
    world = open_shop()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=20)
    assert "delivery_late" not in world.told()
    assert "delay-watch.run ended no carrier tells of it" in world.why()


def test_a_cancelled_order_is_not_late() -> None:
    world = open_shop()
    world.order(make_order())
    world.order(make_order(cancelled_at=MONDAY, updated_at=MONDAY + timedelta(minutes=1)))
    world.wait(days=10)
    assert "order_delayed" not in world.told()


def test_a_parcel_that_its_carrier_never_scanned_is_told_and_then_shown_to_the_shops_people() -> None:
    world = open_shop("first-scan-watch")
    world.order(make_order())
    world.ship("5001", ShipmentStatus.LABEL_CREATED)
    world.wait(days=4)
    assert world.told().count("shipment_waiting") == 1
    assert world.records.tickets == {}
    world.wait(days=3)
    assert [ticket.subject for ticket in world.records.tickets.values()] == [
        "A parcel that its carrier has never scanned"
    ]


def test_a_parcel_that_moves_waits_for_no_scan() -> None:
    world = open_shop("first-scan-watch")
    world.order(make_order())
    world.ship("5001", ShipmentStatus.LABEL_CREATED)
    world.wait(days=1)
    scan(world, ShipmentStatus.IN_TRANSIT)
    world.wait(days=8)
    assert "shipment_waiting" not in world.told()


def test_where_delivered_never_comes_the_shopper_is_asked_and_a_no_brings_a_person() -> None:
    world = open_shop("arrival-check")
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=8)
    assert world.told()[-1] == "arrival_check"
    world.talk("👎")
    assert world.told()[-1] == "arrival_check_no"
    assert [ticket.subject for ticket in world.records.tickets.values()] == ["An order that did not arrive"]


def test_a_yes_is_thanked_for() -> None:
    world = open_shop("arrival-check")
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=8)
    world.talk("👍")
    assert world.told()[-1] == "arrival_check_yes"
    assert world.records.tickets == {}


def test_what_was_delivered_is_not_asked_about() -> None:
    world = open_shop("arrival-check")
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=2)
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=20)
    assert "arrival_check" not in world.told()


def test_each_new_place_is_told_to_whoever_asked_for_it_in_the_chat() -> None:
    world = open_shop("each-step", settings={"talk-order-status": {"offers_each_step": "yes"}})
    world.order(make_order())
    scan(world, ShipmentStatus.IN_TRANSIT, place="Kyoto")
    world.wait(hours=1)
    scan(world, ShipmentStatus.IN_TRANSIT, place="Nagoya")
    assert "shipment_moved" not in world.told()
    talk = Talk(world)
    talk.do("order_status")
    assert talk.told()[-2:] == ["talk_order_on_its_way", "talk_each_step"]
    talk.tap("Tell me each step")
    assert talk.told()[-1] == "talk_each_step_done"
    world.wait(hours=1)
    scan(world, ShipmentStatus.IN_TRANSIT, place="Yokohama")
    scan(world, ShipmentStatus.IN_TRANSIT, place="Yokohama")
    assert world.told().count("shipment_moved") == 1
    assert "at Yokohama now" in talk.text()
    talk.tap("Only what matters")
    world.wait(hours=1)
    scan(world, ShipmentStatus.IN_TRANSIT, place="Tokyo")
    assert world.told().count("shipment_moved") == 1


def test_where_the_journey_is_off_a_new_place_is_no_event() -> None:
    world = open_shop()
    world.order(make_order())
    scan(world, ShipmentStatus.IN_TRANSIT, place="Kyoto")
    decisions = len(world.records.decisions)
    world.wait(hours=1)
    scan(world, ShipmentStatus.IN_TRANSIT, place="Nagoya")
    assert len(world.records.decisions) == decisions


def test_the_shop_may_tell_what_the_carrier_has_told_alone() -> None:
    world = open_shop(settings={"delivery-updates": {"carrier_only": "yes"}})
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    scan(world, ShipmentStatus.IN_TRANSIT)
    assert world.told("whatsapp")[1:] == ["shipment_in_transit"]


def test_further_parcels_of_one_order_are_told_in_one_message() -> None:
    world = open_shop()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, "f1")  # names no lines: nobody knows of the others yet
    world.ship("5001", ShipmentStatus.SHIPPED, "f2")
    world.ship("5001", ShipmentStatus.SHIPPED, "f3")
    world.wait(minutes=15)
    assert world.told("whatsapp").count("shipment_shipped") == 2


def test_the_first_of_several_parcels_waits_for_the_others_where_it_does_not_hold_all() -> None:
    lines = make_order().lines
    both = (*lines, lines[0].model_copy(update={"line_id": "2"}))
    world = open_shop()
    world.order(make_order(lines=both))
    world.ship("5001", ShipmentStatus.SHIPPED, "f1", line_ids=("1",))
    assert "shipment_shipped" not in world.told()
    world.ship("5001", ShipmentStatus.SHIPPED, "f2", line_ids=("2",))
    world.wait(minutes=15)
    assert world.told("whatsapp").count("shipment_shipped") == 1


def test_one_parcel_alone_waits_for_nobody() -> None:
    world = open_shop()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED, line_ids=("1",))
    assert world.told("whatsapp")[-1] == "shipment_shipped"
