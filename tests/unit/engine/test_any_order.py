"""Facts in any order, late, doubled, or first seen in the middle: what is told stays true, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import OrderChanged
from okaeri.domain.orders import Buyer, Order, Payment, Refund, Shipment, ShipmentStatus
from tests.world import AIKO, BOTH_OPT_INS, MONDAY, World, make_order


def make_later(hours: float, **changes: Any) -> Order:
    return make_order(updated_at=MONDAY + timedelta(hours=hours), **changes)


# -- orders and money --------------------------------------------------------------------------------------------------


def test_an_order_that_is_cancelled_when_first_seen_says_only_that() -> None:
    world = World()
    world.order(make_order(cancelled_at=MONDAY))
    world.wait(days=1)
    assert set(world.told()) == {"order_cancelled"}


@pytest.mark.parametrize("payment", [Payment.AUTHORIZED, Payment.PARTIALLY_PAID])
def test_a_payment_that_is_promised_confirms_the_order_once_and_asks_for_nothing(payment: Payment) -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.wait(minutes=2)
    world.order(make_later(0.1, payment=payment))
    world.wait(days=2)
    world.order(make_later(48, payment=Payment.PAID))
    world.wait(days=20)
    assert world.told("whatsapp") == ["order_confirmation_welcome"]
    assert world.told("email") == ["order_confirmation_welcome"]


def test_a_failed_payment_that_was_authorized_since_is_not_told() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.order(make_later(0.1, payment=Payment.FAILED))
    world.order(make_later(0.2, payment=Payment.AUTHORIZED))
    world.wait(days=1)
    assert "payment_failed" not in world.told()
    assert world.told("whatsapp") == ["order_confirmation_welcome"]


def test_a_refund_whose_amount_becomes_known_later_is_told_then() -> None:
    world = World()
    world.order(make_order())
    for amount in (0, 4800, 4800):
        refund = Refund(refund_id="r1", amount=Decimal(amount), at=MONDAY)
        world.hear(OrderChanged(order_id="5001", change="refunded", at=MONDAY, refund=refund))
    assert world.told("whatsapp").count("order_refunded") == 1


def test_a_deleted_order_ends_what_waits_for_it() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.hear(OrderChanged(order_id="5001", change="gone", at=world.clock()))
    world.wait(days=1)
    assert world.told() == []
    assert world.customer().runs == ()


# -- parcels -----------------------------------------------------------------------------------------------------------


def test_a_delivery_is_believed_though_an_exception_was_noted_after_it() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(hours=2)
    world.ship("5001", ShipmentStatus.EXCEPTION)
    world.clock.now -= timedelta(hours=1)  # the carrier's own time of the delivery lies before the exception's
    world.ship("5001", ShipmentStatus.DELIVERED)
    assert world.told("whatsapp")[-1] == "shipment_delivered"


def test_a_parcel_that_was_out_for_delivery_may_be_ready_at_a_pickup_point() -> None:
    world = World()
    world.order(make_order())
    for status in (ShipmentStatus.SHIPPED, ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.PICKUP_READY):
        world.ship("5001", status)
    world.ship("5001", ShipmentStatus.OUT_FOR_DELIVERY)
    assert world.told("whatsapp")[-1] == "shipment_pickup_ready"


def test_an_order_whose_parcels_have_all_arrived_when_it_is_first_seen_is_delivered() -> None:
    world = World()
    parcel = Shipment(shipment_id="f1", status=ShipmentStatus.DELIVERED, at=MONDAY)
    world.order(make_order(shipments=(parcel,)))
    assert "order.delivered" in {record.event for record in world.records.decisions.values()}


# -- whom it reaches ---------------------------------------------------------------------------------------------------


def test_a_parcel_of_an_old_order_does_not_bring_the_old_address_back() -> None:
    world = World()
    world.order(make_order("5001"))
    moved = AIKO.model_copy(update={"phone": "+819000000009", "email": "new@example.jp"})
    world.order(make_order("5002", buyer=moved, created_at=MONDAY + timedelta(hours=1)))
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.customer().phones[0] == "+819000000009"
    assert world.customer().emails[0] == "new@example.jp"


def test_an_order_of_years_ago_that_is_touched_today_does_not_bring_the_old_address_back() -> None:
    world = World()
    world.order(make_order("5002"))
    old = AIKO.model_copy(update={"phone": "+819000000009", "email": "old@example.jp", "locale": "en"})
    long_ago = MONDAY - timedelta(days=900)
    world.order(make_order("4001", buyer=old, created_at=long_ago, quiet="old"))
    assert world.customer().phones == (AIKO.phone, "+819000000009")
    assert world.customer().emails == (AIKO.email, "old@example.jp")
    assert world.customer().locale == "ja-JP"


def test_an_order_that_waits_for_its_payment_is_confirmed_to_whom_it_turns_out_to_belong() -> None:
    world = World()
    world.order(make_order(buyer=Buyer(), opt_ins=(), payment=Payment.PENDING))
    world.order(make_later(0.1, opt_ins=(), payment=Payment.PENDING))
    world.order(make_later(0.2, opt_ins=(), payment=Payment.PAID))
    assert world.told("email") == ["order_confirmation_welcome"]
    assert world.customer().emails == (AIKO.email,)


def test_parcels_of_one_order_are_told_each() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    for parcel in ("f1", "f2"):
        world.ship("5001", ShipmentStatus.SHIPPED, parcel)
        world.ship("5001", ShipmentStatus.DELIVERED, parcel)
        world.wait(minutes=15)
    assert world.told("whatsapp").count("shipment_delivered") == 2
