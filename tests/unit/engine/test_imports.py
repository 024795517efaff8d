"""What was before Okaeri moves state and starts nothing, whatever the shop has switched on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import ConsentSeen, CustomerSeen, OrderSeen
from okaeri.domain.orders import Buyer, OrderLine, Payment, Shipment, ShipmentStatus
from okaeri.domain.stores import PublishedJourney
from tests.world import AIKO, MONDAY, World, load_catalogue, make_order, make_store

NORA = Buyer(store_customer_id="9", email="nora@example.de", phone="+4915123456789", first_name="Nora", country="DE")


@pytest.fixture
def world() -> World:
    """Every shipped journey is on."""
    definitions = load_catalogue()
    store = make_store(definitions)
    triggers = {
        event: tuple(published.model_copy(update={"on": True}) for published in entries)
        for event, entries in store.triggers.items()
    }
    assert any(published.journey for entries in triggers.values() for published in entries)
    return World(store=store.model_copy(update={"triggers": triggers}), definitions=definitions)


def place_past_order(world: World, number: int, **changes: Any) -> None:
    at = MONDAY - timedelta(days=400 - 30 * number)
    parcel = Shipment(shipment_id=f"s{number}", status=ShipmentStatus.DELIVERED, at=at + timedelta(days=3))
    line = OrderLine(line_id="1", product_id="p1", title="Apron", quantity=1, price=Decimal(4800))
    values = {
        "created_at": at,
        "updated_at": at + timedelta(days=3),
        "quiet": "old",
        "payment": Payment.PAID,
        "shipments": (parcel,),
        "lines": (line,),
        "fulfilled": True,
        "opt_ins": (),
        "coupon_codes": ("SPRING",),
    }
    world.hear(OrderSeen(order=make_order(f"past{number}", **values | changes)), source="okaeri import orders")


def agree(world: World, buyer: Buyer, channel: str, purpose: str, **changes: Any) -> None:
    values = {"at": MONDAY - timedelta(days=5), "source": "form", "wording": "News, please", "given": True}
    seen = {"channel": channel, "purpose": purpose, "buyer": buyer, "quiet": "imported"} | values | changes
    world.hear(ConsentSeen.model_validate(seen), source="okaeri import customers")


def list_started(world: World) -> list[PublishedJourney | str]:
    return [line for line in world.why() if line.startswith("run started")]


def test_a_whole_past_begins_no_journey_and_tells_nobody(world: World) -> None:
    world.hear(CustomerSeen(buyer=AIKO.model_copy(update={"is_registered": True}), at=MONDAY, quiet="imported"))
    agree(world, AIKO, "whatsapp", "marketing")
    agree(world, AIKO, "whatsapp", "order")
    agree(world, AIKO, "email", "marketing", confirmed=True)
    for number in range(8):
        place_past_order(world, number)
    place_past_order(world, 9, payment=Payment.REFUNDED, cancelled_at=MONDAY - timedelta(days=100))
    world.wait(days=90)
    assert world.told() == []
    assert list_started(world) == []
    customer = world.customer()
    assert customer.orders_count == 9
    assert customer.runs == ()
    assert customer.consents["whatsapp:marketing"].counts
    assert customer.registered_at is not None


def test_a_sign_up_that_waits_to_be_confirmed_is_not_asked_about(world: World) -> None:
    """Their country asks for double opt-in: it is kept, counts for nothing, and no mail goes out."""
    agree(world, NORA, "email", "marketing")
    world.wait(days=3)
    assert world.told() == []
    consent = world.customer().consents["email:marketing"]
    assert consent.pending
    assert not consent.counts


def test_a_withdrawal_that_is_imported_ends_what_is_running(world: World) -> None:
    world.order(make_order())
    agree(world, AIKO, "whatsapp", "marketing")
    agree(world, AIKO, "whatsapp", "marketing", given=False, at=MONDAY - timedelta(days=1))
    assert not world.customer().consents["whatsapp:marketing"].given


def test_a_later_parcel_of_a_past_order_says_nothing(world: World) -> None:
    place_past_order(world, 1, shipments=(), fulfilled=False)
    world.ship("past1", ShipmentStatus.OUT_FOR_DELIVERY)
    world.wait(days=20)
    assert world.told() == []


def test_the_next_order_is_their_second_one(world: World) -> None:
    place_past_order(world, 1)
    world.order(make_order())
    assert not any("welcome" in template for template in world.told())
    assert world.customer().orders_count == 2


def test_what_is_imported_twice_changes_nothing(world: World) -> None:
    for _ in range(2):
        place_past_order(world, 1)
        agree(world, AIKO, "email", "marketing", confirmed=True)
    assert world.customer().orders_count == 1
    assert len(world.records.consents) == 1
