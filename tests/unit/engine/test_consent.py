"""Who may be told what: consent, STOP, complaints, dead addresses, and what moves to the other channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.customers import Consent, Customer
from okaeri.domain.evidence import ConsentSeen, MessageOutcome, NumberChanged
from okaeri.domain.gates import check_reach, check_truth, is_stopped
from okaeri.domain.messages import MessageRefs, MessageState
from okaeri.domain.orders import Buyer, OptIn, ShipmentStatus
from okaeri.domain.profile import unite_customers
from okaeri.domain.values import Channel, Purpose
from tests.world import (
    AIKO,
    BOTH_OPT_INS,
    MONDAY,
    World,
    load_catalogue,
    make_cart,
    make_order,
    make_settings,
    make_store,
)

NEWSLETTER = OptIn(channel="email", purpose="marketing", source="shopify buyer_accepts_marketing")


def fail(world: World, code: str, outcome: str = "failed", address: str | None = None) -> None:
    message = world.list_messages()[-1]
    world.hear(
        MessageOutcome(
            customer_id=message.customer_id,
            message_id=message.message_id,
            outcome=outcome,
            at=world.clock(),
            code=code,
            address=address,
        ),
        source="okaeri message.outcome",
    )


@pytest.mark.parametrize("word", ["STOP", "stop.", "ＳＴＯＰ", "停止", "PARAR"])
def test_stop_ends_whatsapp_after_one_confirmation_and_order_messages_move_to_email(word: str) -> None:
    world = World()
    world.order(make_order())
    world.write(word)
    world.write(word)
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told("whatsapp") == ["order_confirmation_welcome", "stop_confirmed"]
    assert world.told("email")[-1] == "shipment_shipped"


def test_stop_inside_a_sentence_is_no_stop() -> None:
    world = World()
    world.order(make_order())
    world.write("Please stop by the warehouse, my parcel is there")
    assert world.told("whatsapp") == ["order_confirmation_welcome"]


def test_start_undoes_a_stop() -> None:
    world = World()
    world.order(make_order())
    world.write("STOP")
    world.wait(minutes=1)
    world.write("START")
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told("whatsapp")[-2:] == ["start_confirmed", "shipment_shipped"]


def test_who_writes_after_a_stop_is_neither_answered_nor_welcomed_back() -> None:
    world = World()
    world.order(make_order())
    world.write("STOP")
    world.write("Where is my parcel?")
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told("whatsapp") == ["order_confirmation_welcome", "stop_confirmed"]
    assert world.told("email")[-1] == "shipment_shipped"


def test_a_checkout_after_a_stop_does_not_undo_it() -> None:
    world = World()
    world.order(make_order())
    world.write("STOP")
    world.wait(days=1)
    world.order(make_order("5002", created_at=world.clock(), opt_ins=BOTH_OPT_INS))
    assert world.told("whatsapp")[-1] == "stop_confirmed"
    assert world.told("email")[-1] == "order_confirmation"


def test_stop_reaches_everyone_who_carries_the_number() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(email="a@example.jp", phone=AIKO.phone)))
    world.order(make_order("5002", buyer=Buyer(email="b@example.jp", phone=AIKO.phone)))
    assert len(world.customers.customers) == 2
    world.write("STOP")
    for order_id in ("5001", "5002"):
        world.ship(order_id, ShipmentStatus.SHIPPED, f"f{order_id}")
    assert world.told("whatsapp").count("stop_confirmed") == 1
    assert "shipment_shipped" not in world.told("whatsapp")
    assert world.told("email").count("shipment_shipped") == 2


def test_the_stop_reminders_button_ends_marketing_and_order_messages_go_on() -> None:
    world = World()
    world.fill_cart(make_cart())
    world.wait(hours=2)
    world.write("Stop reminders", payload="STOP_MARKETING")
    world.order(make_order(opt_ins=()))
    world.wait(days=5)
    assert world.told("whatsapp") == ["cart_reminder_1", "marketing_stopped", "order_confirmation_welcome"]


def test_a_reply_gives_consent_for_order_messages_there() -> None:
    world = World()
    world.order(make_order(opt_ins=()))
    world.write("Hello, is my order on its way?")
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told("whatsapp") == ["shipment_shipped"]
    assert [entry.text for entry in world.records.timeline.values()] == ["Hello, is my order on its way?"]


def test_each_consent_is_an_entry_with_its_source_time_and_wording() -> None:
    world = World()
    world.order(make_order())
    (entry,) = world.records.consents.values()
    assert (entry.channel, entry.purpose, entry.given) == ("whatsapp", "order", True)
    assert (entry.source, entry.wording, entry.address) == ("checkout phone field", "…", AIKO.phone)


def test_the_newsletter_flag_of_an_order_never_undoes_an_unsubscribe() -> None:
    world = World()
    world.order(make_order(opt_ins=(NEWSLETTER,)))
    world.wait(days=1)
    world.consent("email", "marketing", given=False)
    world.order(make_order("5002", created_at=world.clock() + timedelta(days=1), opt_ins=(NEWSLETTER,)))
    customer = world.customer()
    assert check_reach(customer, world.store, Channel.EMAIL, Purpose.MARKETING) == "no_marketing_consent"
    assert check_reach(customer, world.store, Channel.EMAIL, Purpose.ORDER) is None


def test_email_consent_says_nothing_of_whatsapp() -> None:
    world = World()
    world.order(make_order(opt_ins=(NEWSLETTER,)))
    assert check_reach(world.customer(), world.store, Channel.WHATSAPP, Purpose.MARKETING) == "no_marketing_consent"


def test_marketing_to_united_states_numbers_is_refused_and_to_canada_not() -> None:
    world = World()
    for phone, expected in (("+12125550123", "us_number"), ("+14165550123", None)):
        world.order(make_order(phone, buyer=Buyer(phone=phone), opt_ins=BOTH_OPT_INS))
        customer = next(c for c in world.customers.customers.values() if phone in c.phones)
        assert check_reach(customer, world.store, Channel.WHATSAPP, Purpose.MARKETING) == expected


def test_a_number_that_is_not_on_whatsapp_falls_back_to_email_now_and_later() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    fail(world, "131026", address=AIKO.phone)
    assert world.told("email")[-1] == "shipment_shipped"
    assert world.list_messages()[-1].stands_in
    world.ship("5001", ShipmentStatus.OUT_FOR_DELIVERY)
    assert world.told("email")[-1] == "shipment_out_for_delivery"


def test_a_confirmation_that_went_by_email_too_does_not_fall_back() -> None:
    world = World()
    world.order(make_order())
    whatsapp = next(message for message in world.list_messages() if message.channel == "whatsapp")
    world.hear(
        MessageOutcome(
            customer_id=whatsapp.customer_id,
            message_id=whatsapp.message_id,
            outcome="failed",
            at=world.clock(),
            code="131026",
        ),
        source="okaeri message.outcome",
    )
    assert world.told("email") == ["order_confirmation_welcome"]


def test_a_hard_bounce_ends_that_address() -> None:
    world = World()
    world.order(make_order(opt_ins=()))
    fail(world, "Permanent", outcome="bounced", address=AIKO.email)
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told("email") == ["order_confirmation_welcome"]
    assert "email:shipment_shipped refused email_bounced" in world.why()


def test_a_complaint_ends_marketing_by_email_and_order_mails_go_on() -> None:
    world = World()
    world.order(make_order(opt_ins=(NEWSLETTER,)))
    fail(world, "abuse", outcome="complained")
    customer = world.customer()
    assert check_reach(customer, world.store, Channel.EMAIL, Purpose.MARKETING) == "no_marketing_consent"
    assert check_reach(customer, world.store, Channel.EMAIL, Purpose.ORDER) is None


def test_131050_ends_marketing_on_whatsapp() -> None:
    world = World()
    world.fill_cart(make_cart())
    world.wait(hours=2)
    fail(world, "131050")
    assert check_reach(world.customer(), world.store, Channel.WHATSAPP, Purpose.MARKETING) == "no_marketing_consent"
    assert check_reach(world.customer(), world.store, Channel.WHATSAPP, Purpose.ORDER) is None


def check(world: World, state: MessageState) -> None:
    from okaeri.domain.evidence import MessageCheck

    message = world.list_messages()[-1]
    world.set_state(message, state)
    world.wait(minutes=15)
    world.hear(
        MessageCheck(customer_id=message.customer_id, message_id=message.message_id), source="okaeri message.check"
    )


@pytest.mark.parametrize(("state", "falls_back"), [(MessageState.SENT, True), (MessageState.DELIVERED, False)])
def test_an_order_message_neither_delivered_nor_read_in_15_minutes_goes_by_email(
    state: MessageState, falls_back: bool
) -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    check(world, state)
    assert ("shipment_shipped" in world.told("email")) is falls_back


def test_a_message_that_arrived_needs_no_decision_when_it_is_checked() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    before = world.customer(), len(world.records.decisions)
    check(world, MessageState.READ)
    assert (world.customer(), len(world.records.decisions)) == before


def test_an_unconfirmed_confirmation_is_repeated_once_and_never_twice() -> None:
    world = World()
    world.order(make_order(buyer=Buyer(phone=AIKO.phone)))
    check(world, MessageState.UNCONFIRMED)
    assert len(world.queues.messages) == 2
    check(world, MessageState.UNCONFIRMED)
    assert len(world.queues.messages) == 2
    (message,) = world.messages.messages.values()
    assert (message.state, message.reason) == (MessageState.FAILED, "unconfirmed")


def test_an_unconfirmed_marketing_message_is_never_repeated() -> None:
    world = World()
    world.fill_cart(make_cart())
    world.wait(hours=2)
    check(world, MessageState.UNCONFIRMED)
    assert world.told().count("cart_reminder_1") == 1


def test_a_box_that_was_unticked_on_purpose_withdraws() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    unticked = OptIn(channel="whatsapp", purpose="marketing", given=False, source="checkout box", explicit=True)
    world.order(make_order("5002", created_at=world.clock() + timedelta(days=1), opt_ins=(unticked,)))
    assert check_reach(world.customer(), world.store, Channel.WHATSAPP, Purpose.MARKETING) == "no_marketing_consent"


def test_what_meta_holds_back_goes_by_email_after_an_hour_and_is_not_asked_about_for_ever() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    check(world, MessageState.HELD)
    world.wait(minutes=40)
    assert "shipment_shipped" not in world.told("email")
    world.wait(minutes=20)
    assert world.told("email")[-1] == "shipment_shipped"
    decisions = len(world.records.decisions)
    world.wait(days=2)
    assert len(world.records.decisions) == decisions


def test_a_check_that_is_handed_over_twice_is_one() -> None:
    world = World()
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    check(world, MessageState.HELD)
    ((_, _, envelope),) = [later for later in world._later if later[2].evidence.kind == "message.check"]
    world.clock.advance(minutes=15)
    for minutes in (13, 14):
        world.give(envelope.model_copy(update={"received_at": world.clock() - timedelta(minutes=minutes)}))
    assert len([later for later in world._later if later[2].evidence.kind == "message.check"]) == 1


def test_a_stop_from_a_number_that_many_share_is_obeyed() -> None:
    shared = make_settings(shared_identifiers=(AIKO.phone,))
    world = World(store=make_store(load_catalogue(), settings=shared))
    world.write("hello")
    world.write("STOP")
    assert check_reach(world.customer(), world.store, Channel.WHATSAPP, Purpose.ORDER) == "stopped_by_customer"
    world.order(make_order())
    assert world.told("whatsapp") == ["stop_confirmed"]


def test_a_stop_holds_for_whoever_orders_with_that_number_later() -> None:
    world = World()
    world.order(make_order("5001", buyer=Buyer(email="a@example.jp", phone=AIKO.phone)))
    world.write("STOP")
    world.order(make_order("5002", buyer=Buyer(email="b@example.jp", phone=AIKO.phone)))
    assert len(world.customers.customers) == 2
    assert world.told("whatsapp") == ["order_confirmation_welcome", "stop_confirmed"]
    assert len(world.told("email")) == 2


def test_an_unsubscribed_address_gets_no_marketing_whoever_else_carries_it() -> None:
    world = World()
    for number in ("1", "2"):
        buyer = Buyer(store_customer_id=number, email=AIKO.email)
        world.order(make_order(number, buyer=buyer, opt_ins=(NEWSLETTER,)))
    first = next(iter(world.customers.customers.values()))
    world.hear(
        ConsentSeen(
            channel="email",
            purpose="marketing",
            given=False,
            at=world.clock(),
            source="unsubscribe_page",
            customer_id=first.customer_id,
        )
    )
    for customer in world.customers.customers.values():
        assert check_reach(customer, world.store, Channel.EMAIL, Purpose.MARKETING) == "no_marketing_consent"


def test_an_email_withdrawal_does_not_reach_who_only_shares_the_phone() -> None:
    world = World()
    for name in ("a", "b"):
        buyer = Buyer(email=f"{name}@example.jp", phone=AIKO.phone)
        world.order(make_order(name, buyer=buyer, opt_ins=(NEWSLETTER,)))
    world.consent("email", "marketing", given=False, buyer=Buyer(email="a@example.jp", phone=AIKO.phone))
    reached = {
        customer.emails[0]: check_reach(customer, world.store, Channel.EMAIL, Purpose.MARKETING)
        for customer in world.customers.customers.values()
    }
    assert reached == {"a@example.jp": "no_marketing_consent", "b@example.jp": None}


def test_a_tick_that_was_repeated_outlives_an_older_withdrawal_that_comes_late() -> None:
    world = World()
    world.order(make_order("1", opt_ins=BOTH_OPT_INS))
    world.wait(hours=10)
    world.order(make_order("2", created_at=world.clock(), opt_ins=BOTH_OPT_INS))
    withdrawn = MONDAY + timedelta(hours=5)
    world.hear(
        ConsentSeen(channel="whatsapp", purpose="marketing", given=False, at=withdrawn, source="store", buyer=AIKO)
    )
    assert world.customer().consents["whatsapp:marketing"].given


def test_a_consent_that_is_dated_in_the_future_does_not_outlive_a_withdrawal() -> None:
    world = World()
    next_year = MONDAY + timedelta(days=365)
    world.order(make_order(opt_ins=(NEWSLETTER,), created_at=next_year, updated_at=next_year))
    world.hear(ConsentSeen(channel="email", purpose="marketing", given=True, at=next_year, source="store", buyer=AIKO))
    world.wait(days=1)
    world.consent("email", "marketing", given=False)
    assert check_reach(world.customer(), world.store, Channel.EMAIL, Purpose.MARKETING) == "no_marketing_consent"


# -- what proves it, whom it reaches, how long it lasts ----------------------------------------------------------------


def test_the_ledger_names_what_a_consent_came_with() -> None:
    world = World()
    world.fill_cart(make_cart())
    world.order(make_order(opt_ins=(NEWSLETTER,)))
    world.clock.advance(minutes=1)
    world.write("STOP")
    proofs = {(entry.channel, entry.purpose): entry.proof for entry in world.records.consents.values()}
    assert proofs["whatsapp", "marketing"] == {"cart": "chk1"}
    assert proofs["email", "marketing"] == {"order": "5001"}
    assert proofs["whatsapp", "all"] == {"provider_message": f"wamid.{world.sequence - 1}"}


def test_start_from_somebody_who_had_stopped_nothing_is_a_greeting() -> None:
    world = World()
    world.write("START")
    assert world.told() == []
    assert check_reach(world.customer(), world.store, Channel.WHATSAPP, Purpose.ORDER) is None
    assert "whatsapp:all" not in world.customer().consents


def test_start_welcomes_back_once() -> None:
    world = World()
    world.order(make_order())
    for word in ("STOP", "START", "START"):
        world.clock.advance(minutes=1)
        world.write(word)
    assert world.told("whatsapp") == ["order_confirmation_welcome", "stop_confirmed", "start_confirmed"]


def test_start_gives_no_consent_for_others_who_carry_the_number() -> None:
    world = World()
    for name in ("a", "b"):
        world.order(make_order(name, buyer=Buyer(email=f"{name}@example.jp", phone=AIKO.phone), opt_ins=()))
    world.write("START")
    assert sorted("whatsapp:order" in customer.consents for customer in world.customers.customers.values()) == [
        False,
        True,
    ]


def share_a_phone() -> World:
    world = World()
    for name in ("a", "b"):
        buyer = Buyer(email=f"{name}@example.jp", phone=AIKO.phone)
        world.fill_cart(make_cart(name, buyer=buyer))
    assert len(world.customers.customers) == 2
    return world


def list_reach(world: World, purpose: Purpose) -> set[str | None]:
    customers = world.customers.customers.values()
    return {check_reach(customer, world.store, Channel.WHATSAPP, purpose) for customer in customers}


def test_a_refusal_that_meta_reports_reaches_everyone_who_carries_the_number() -> None:
    world = share_a_phone()
    world.wait(hours=2)
    fail(world, "131050")
    assert list_reach(world, Purpose.MARKETING) == {"no_marketing_consent"}


def test_a_stop_of_one_who_hides_the_phone_reaches_everyone_who_carries_it() -> None:
    world = share_a_phone()
    world.write("hello", wa_user_id="JP.1")  # Meta names both once
    world.clock.advance(minutes=1)
    world.write("STOP", phone=None, wa_user_id="JP.1")
    assert list_reach(world, Purpose.ORDER) == {"stopped_by_customer"}


def test_a_complaint_reaches_everyone_who_carries_the_address() -> None:
    world = World()
    for number in ("1", "2"):
        buyer = Buyer(store_customer_id=number, email=AIKO.email)
        world.order(make_order(number, buyer=buyer, opt_ins=(NEWSLETTER,)))
    fail(world, "abuse", outcome="complained")
    for customer in world.customers.customers.values():
        assert check_reach(customer, world.store, Channel.EMAIL, Purpose.MARKETING) == "no_marketing_consent"


def test_a_number_that_was_left_names_nobody_until_somebody_else_brings_it() -> None:
    world = World()
    world.order(make_order(buyer=Buyer(phone=AIKO.phone)))
    moved = NumberChanged(at=MONDAY, old_phone=AIKO.phone, new_phone="+819000000001")
    envelope = world.hear(moved)
    world.give(envelope, redelivered=True)
    assert world.customer().phones == ("+819000000001",)
    world.order(make_order("6001", buyer=Buyer(phone=AIKO.phone, first_name="Ken")))
    assert len(world.customers.customers) == 2
    world.write("STOP", phone=AIKO.phone)
    stopped = {customer.phones: is_stopped(customer, Channel.WHATSAPP) for customer in _list_customers(world)}
    assert stopped == {("+819000000001",): False, (AIKO.phone,): True}


def _list_customers(world: World) -> list[Customer]:
    return list(world.customers.customers.values())


@pytest.mark.parametrize(
    ("country", "days", "ends"), [("FR", 1096, "consent_lapsed"), ("FR", 1094, None), ("JP", 4000, None)]
)
def test_a_consent_ends_where_a_country_lets_it_end(country: str, days: int, ends: str | None) -> None:
    world = World()
    world.fill_cart(make_cart(buyer=AIKO.model_copy(update={"country": country})))
    world.wait(days=2)
    message = next(message for message in world.list_messages() if message.purpose == "marketing")
    aged = message.model_copy(update={"valid_until": None, "refs": MessageRefs()})
    later = MONDAY + timedelta(days=days)
    assert check_truth(aged, customer=world.customer(), store=world.store, order=None, cart=None, now=later) == ends


def test_of_two_records_of_one_person_the_stricter_consent_stays() -> None:
    given = Consent(given=True, at=MONDAY, source="a")
    pending = given.model_copy(update={"pending": True})
    withdrawn = given.model_copy(update={"given": False})
    for ours, theirs, stays in (
        (given, pending, pending),
        (pending, given, pending),
        (pending, withdrawn, withdrawn),
        (withdrawn, given, withdrawn),
    ):
        name = "email:marketing"
        one, other = (
            Customer(store_id="s", customer_id=id_, created_at=MONDAY, consents={name: consent})
            for id_, consent in (("1", ours), ("2", theirs))
        )
        assert unite_customers(one, other)[0].consents[name] == stays


def test_the_hours_at_which_shoppers_order_and_write_are_noted_and_no_others() -> None:
    world = World()
    world.order(make_order("1", created_at=MONDAY))
    world.order(make_order("2", created_at=MONDAY, quiet="point_of_sale"))
    world.wait(hours=5)
    world.write("hello")
    assert world.customer().active_hours == (3, 8)
    for number in range(30):
        world.clock.advance(minutes=1)
        world.write(f"{number}")
    assert len(world.customer().active_hours) == 24
