"""order-confirmation: each order is confirmed once, and a missing payment is asked for."""

from __future__ import annotations

from decimal import Decimal

from okaeri.domain.evidence import OrderChanged
from okaeri.domain.orders import Buyer, Payment
from tests.world import AIKO, MONDAY, World, load_catalogue, make_order, make_settings, make_store

HOUR_LATER = MONDAY.replace(hour=4)


def test_a_first_order_is_welcomed_on_whatsapp_and_by_email() -> None:
    world = World()
    world.order(make_order())
    assert world.told("whatsapp") == ["order_confirmation_welcome"]
    assert world.told("email") == ["order_confirmation_welcome"]
    assert {message.locale for message in world.list_messages()} == {"ja"}


def test_a_returning_customer_gets_the_plain_confirmation() -> None:
    world = World()
    world.order(make_order("5001"))
    world.order(make_order("5002"))
    assert world.told("whatsapp") == ["order_confirmation_welcome", "order_confirmation"]


def test_a_shop_may_choose_reassurance() -> None:
    world = World(store=make_store(load_catalogue(), settings=make_settings(confirmation="reassurance")))
    world.order(make_order())
    assert world.told("email") == ["order_confirmation_reassurance"]


def test_the_same_order_from_two_topics_is_confirmed_once() -> None:
    world = World()
    world.order(make_order())
    world.order(make_order(updated_at=HOUR_LATER))
    world.order(make_order())
    assert world.told() == ["order_confirmation_welcome"] * 2


def test_a_bank_transfer_is_confirmed_at_once_with_how_to_pay_and_the_payment_is_received() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING, offline_payment=True))
    assert world.told("email") == ["order_confirmation_unpaid"]
    world.wait(days=3)
    world.order(make_order(payment=Payment.PAID, offline_payment=True, updated_at=world.clock()))
    assert world.told("whatsapp") == ["order_confirmation_unpaid", "payment_received"]


def test_a_payment_that_arrives_within_minutes_is_named_in_one_message() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    assert world.told() == []
    world.wait(minutes=5)
    world.order(make_order(payment=Payment.PAID, updated_at=world.clock()))
    world.wait(days=1)
    assert world.told("whatsapp") == ["order_confirmation_welcome"]


def test_a_payment_that_stays_away_is_asked_for_after_15_minutes() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.wait(minutes=14)
    assert world.told() == []
    world.wait(minutes=2)
    assert world.told() == ["payment_pending"]
    world.wait(days=1)
    world.hear(OrderChanged(order_id="5001", change="paid", at=world.clock()))
    assert world.told("whatsapp") == ["payment_pending", "order_confirmation_welcome"]


def test_a_failed_payment_is_told_with_a_way_to_pay_and_a_later_one_confirms() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING))
    world.wait(minutes=1)
    world.order(make_order(payment=Payment.FAILED, updated_at=world.clock()))
    world.wait(hours=1)
    assert world.told() == ["payment_failed"]
    world.order(make_order(payment=Payment.PAID, updated_at=world.clock()))
    assert world.told("whatsapp") == ["payment_failed", "order_confirmation_welcome"]


def test_paying_the_order_cancels_its_payment_reminder() -> None:
    world = World()
    world.order(make_order(payment=Payment.FAILED))
    world.wait(minutes=3)
    world.order(make_order(payment=Payment.PAID, updated_at=world.clock()))
    world.wait(days=2)
    assert world.told("whatsapp") == ["order_confirmation_welcome"]


def test_an_order_without_a_phone_is_confirmed_by_email_alone() -> None:
    world = World()
    world.order(make_order(buyer=AIKO.model_copy(update={"phone": None}), opt_ins=()))
    assert world.told("whatsapp") == []
    assert world.told("email") == ["order_confirmation_welcome"]
    assert "whatsapp:order_confirmation_welcome refused no_whatsapp_number" in world.why()


def test_a_phone_without_consent_is_not_written_to() -> None:
    world = World()
    world.order(make_order(opt_ins=()))
    assert world.told("whatsapp") == []
    assert "whatsapp:order_confirmation_welcome refused no_order_consent" in world.why()


def test_nobody_reachable_is_a_finding_and_no_silence() -> None:
    world = World()
    world.order(make_order(buyer=Buyer(), opt_ins=()))
    assert world.told() == []
    assert "order_confirmation_welcome not said nobody_reachable" in world.why()


def test_test_orders_are_stored_and_say_nothing() -> None:
    world = World()
    world.order(make_order(quiet="test"))
    assert world.told() == []
    assert world.records.orders["kinari", "5001"].order is not None
    assert "order-confirmation.run not started quiet:test" in world.why()


def test_an_order_is_edited_refunded_and_cancelled_each_told_once() -> None:
    world = World()
    order = make_order()
    world.order(order)
    fewer = order.lines[0].model_copy(update={"quantity": 1})
    edited = order.model_copy(update={"lines": (fewer,), "total": Decimal(4800), "updated_at": HOUR_LATER})
    world.order(edited)
    world.order(edited)
    cancelled = edited.model_copy(update={"cancelled_at": HOUR_LATER, "updated_at": HOUR_LATER.replace(minute=5)})
    world.order(cancelled)
    world.order(cancelled)
    assert world.told("email") == ["order_confirmation_welcome", "order_cancelled"]
    assert world.told("whatsapp") == ["order_confirmation_welcome", "order_updated", "order_cancelled"]


def test_cash_on_delivery_is_confirmed_by_a_button_before_packing() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING, offline_payment=True, cash_on_delivery=True))
    assert world.told("whatsapp") == ["order_confirmation_cod"]
    world.write("Confirm my order", payload="CONFIRM_ORDER:5001")
    world.write("Confirm my order", payload="CONFIRM_ORDER:5001")
    assert world.told("whatsapp") == ["order_confirmation_cod", "order_cod_confirmed"]
    assert world.told("email") == ["order_confirmation_cod"]


def test_a_button_of_another_order_confirms_nothing_here() -> None:
    world = World()
    world.order(make_order(payment=Payment.PENDING, offline_payment=True, cash_on_delivery=True))
    world.write("Confirm my order", payload="CONFIRM_ORDER:9999")
    assert world.told("whatsapp") == ["order_confirmation_cod"]
