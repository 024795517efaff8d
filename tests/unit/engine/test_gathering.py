"""Parcels of one order that move within minutes of each other are told in one message, unless the shop wants each."""

from __future__ import annotations

from okaeri.domain.last_look import End, Say, keep_current, look_again
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import MessageState
from okaeri.domain.orders import Order, ShipmentStatus
from tests.world import World, load_catalogue, make_order, make_store


def make_gathering_world(span: str = "PT10M") -> World:
    """The shop lets delivery updates wait for each other."""
    store = make_store(load_catalogue())
    triggers = {
        event: tuple(
            published.model_copy(update={"settings": {"gather": span}})
            if published.journey == "delivery-updates"
            else published
            for published in journeys
        )
        for event, journeys in store.triggers.items()
    }
    return World(store=store.model_copy(update={"triggers": triggers}))


def make_large_order(*parcels: str) -> Order:
    """An order with a line for each of these parcels."""
    [line] = make_order().lines
    return make_order(lines=tuple(line.model_copy(update={"line_id": parcel}) for parcel in parcels))


def test_three_parcels_that_leave_together_are_one_message() -> None:
    world = World()
    world.order(make_large_order("f1", "f2", "f3"))
    for parcel in ("f1", "f2", "f3"):
        world.ship("5001", ShipmentStatus.SHIPPED, parcel, line_ids=(parcel,))
        world.wait(minutes=2)
    assert "shipment_shipped" not in world.told()
    world.wait(hours=1)
    assert world.told("whatsapp").count("shipment_shipped") == 1
    said = next(message for message in world.list_messages() if message.template == "shipment_shipped")
    assert {said.refs.shipment_id, *said.refs.siblings} == {"f1", "f2", "f3"}
    assert sum("merged" in line for line in world.why()) == 2
    assert all(run.journey != "delivery-updates" for run in world.customer().runs)


def test_parcels_of_two_orders_are_told_apart() -> None:
    world = make_gathering_world()
    for name in ("5001", "5002"):
        world.order(make_order(name))
        world.ship(name, ShipmentStatus.SHIPPED, f"f{name}")
    world.wait(hours=1)
    assert world.told("whatsapp").count("shipment_shipped") == 2


def test_a_shop_may_have_each_parcel_told_at_once() -> None:
    world = make_gathering_world("PT0S")
    world.order(make_large_order("f1", "f2"))
    for parcel in ("f1", "f2"):
        world.ship("5001", ShipmentStatus.SHIPPED, parcel, line_ids=(parcel,))
    assert world.told("whatsapp").count("shipment_shipped") == 2


def test_an_order_in_one_parcel_waits_for_nothing() -> None:
    world = World()
    world.order(make_large_order("f1"))
    world.ship("5001", ShipmentStatus.SHIPPED, "f1", line_ids=("f1",))
    assert world.told("whatsapp").count("shipment_shipped") == 1


def test_of_parcels_told_together_one_that_has_travelled_on_is_left_out_and_the_others_are_told() -> None:
    world = make_gathering_world("PT4H")
    world.order(make_large_order("f1", "f2"))
    for parcel in ("f1", "f2"):
        world.ship("5001", ShipmentStatus.SHIPPED, parcel, line_ids=(parcel,))
        world.wait(hours=1)
    world.ship("5001", ShipmentStatus.DELIVERED, "f1")
    world.wait(hours=3)
    said = next(message for message in world.list_messages() if message.template == "shipment_shipped")
    assert (said.refs.shipment_id, said.refs.siblings) == ("f1", ("f2",))

    def gather_facts() -> MessageFacts:
        order = world.records.get_order("kinari", "5001")
        customer, now = world.customer(), world.clock()
        return MessageFacts(message=said, store=world.store, customer=customer, order=order, cart=None, now=now)

    assert look_again(gather_facts(), world.clock()) == Say()
    told = keep_current(gather_facts()).message.refs
    assert (told.shipment_id, told.siblings) == ("f2", ())
    world.ship("5001", ShipmentStatus.DELIVERED, "f2")
    assert look_again(gather_facts(), world.clock()) == End(MessageState.SUPPRESSED, "parcel_delivered")
