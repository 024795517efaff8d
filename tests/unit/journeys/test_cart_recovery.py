"""cart-recovery: three reminders at most, on the channel that agreed, until it is bought or answered."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.gates import check_truth
from okaeri.domain.orders import Buyer, OptIn
from tests.world import AIKO, MONDAY, World, load_catalogue, make_cart, make_order, make_settings, make_store

ALWAYS = {"settings": make_settings(marketing_hours=("00:00", "00:00"))}


def make_world() -> World:
    return World(store=make_store(load_catalogue(), **ALWAYS))


def test_a_cart_is_left_when_it_stays_unchanged_for_an_hour() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.wait(minutes=50)
    two = make_cart(lines=(*make_cart().lines, *make_order().lines), updated_at=world.clock())
    world.fill_cart(two)
    world.wait(minutes=50)
    assert world.told() == []
    world.wait(minutes=11)
    assert world.told("whatsapp") == ["cart_reminder_1"]


def test_three_reminders_at_1_24_and_72_hours_and_no_more() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.wait(days=30)
    hours = [(message.decided_at - MONDAY) / timedelta(hours=1) for message in world.list_messages()]
    assert world.told("whatsapp") == ["cart_reminder_1", "cart_reminder_2", "cart_reminder_3"]
    assert hours == [1, 24, 72]


def test_an_order_with_the_same_checkout_token_ends_it() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.wait(hours=2)
    world.order(make_order(checkout_token="chk1"))
    world.wait(days=10)
    assert [name for name in world.told() if name.startswith("cart")] == ["cart_reminder_1"]


def test_an_order_under_another_email_ends_it_too() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.order(make_order(checkout_token="chk1", buyer=Buyer(email="work@example.com"), opt_ins=()))
    world.wait(days=10)
    assert not [name for name in world.told() if name.startswith("cart")]


def test_a_cart_that_arrives_after_its_order_says_nothing() -> None:
    world = make_world()
    world.order(make_order(checkout_token="chk1"))
    world.fill_cart(make_cart())
    world.wait(days=10)
    assert not [name for name in world.told() if name.startswith("cart")]


def test_an_answer_ends_it() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.wait(hours=2)
    world.write("Is it washable?")
    world.wait(days=10)
    assert [name for name in world.told("whatsapp") if name.startswith("cart")] == ["cart_reminder_1"]


def test_without_whatsapp_consent_it_goes_by_email_where_that_is_allowed() -> None:
    world = make_world()
    newsletter = OptIn(channel="email", purpose="marketing", source="shopify buyer_accepts_marketing")
    world.fill_cart(make_cart(opt_ins=(newsletter,)))
    world.wait(hours=2)
    assert world.told("email") == ["cart_reminder_1"]
    assert world.told("whatsapp") == []


def test_without_any_consent_it_is_not_sent_and_says_why() -> None:
    world = make_world()
    world.fill_cart(make_cart(opt_ins=()))
    world.wait(hours=2)
    assert world.told() == []
    assert "whatsapp:cart_reminder_1 refused no_marketing_consent" in world.why()
    assert "email:cart_reminder_1 refused no_marketing_consent" in world.why()


def test_at_night_a_reminder_waits_for_the_morning() -> None:
    world = World()
    world.clock.now = MONDAY + timedelta(hours=10)  # 22:00 in Tokyo
    world.fill_cart(make_cart(updated_at=world.clock()))
    world.wait(hours=9)
    assert world.told() == []
    world.wait(hours=3)
    assert world.told("whatsapp") == ["cart_reminder_1"]
    assert "cart-recovery.cart_reminder_1 deferred outside_hours" in world.why()


def test_a_cart_with_nobody_in_it_is_kept_and_asked_about_once_somebody_is() -> None:
    world = make_world()
    world.fill_cart(make_cart(buyer=Buyer(), opt_ins=()))
    world.wait(hours=1)
    assert not world.customers.customers
    world.fill_cart(make_cart(buyer=AIKO, updated_at=world.clock()))
    world.wait(hours=2)
    assert world.told("whatsapp") == ["cart_reminder_1"]


def test_an_order_that_names_both_tokens_of_one_cart_ends_it_once() -> None:
    world = make_world()
    world.fill_cart(make_cart(cart_token="crt1"))
    world.order(make_order(checkout_token="chk1", cart_token="crt1"))
    world.wait(days=10)
    assert not [name for name in world.told() if name.startswith("cart")]
    assert world.records.carts["kinari", "chk1"].order_id == "5001"


def test_a_cart_that_is_emptied_and_filled_again_is_reminded_of() -> None:
    world = make_world()
    for minutes, lines in ((5, make_cart().lines), (5, ()), (0, make_cart().lines)):
        world.fill_cart(make_cart(lines=lines, updated_at=world.clock()))
        world.wait(minutes=minutes)
    world.wait(days=5)
    assert world.told() == ["cart_reminder_1", "cart_reminder_2", "cart_reminder_3"]


def test_an_empty_cart_is_not_reminded_of_until_something_is_in_it_again() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.wait(minutes=5)
    world.fill_cart(make_cart(lines=(), updated_at=world.clock()))
    world.wait(days=3)
    assert world.told() == []
    world.fill_cart(make_cart(updated_at=world.clock()))
    world.wait(hours=1)
    assert world.told() == ["cart_reminder_1"]


def test_an_order_that_names_the_cart_token_alone_comes_before_its_cart() -> None:
    world = make_world()
    world.order(make_order(cart_token="crt1"))
    world.fill_cart(make_cart(cart_token="crt1"))
    world.wait(days=10)
    assert not [name for name in world.told() if name.startswith("cart")]


def test_a_journey_that_is_switched_off_says_nothing_more() -> None:
    world = make_world()
    world.fill_cart(make_cart())
    world.wait(hours=2)
    off = {
        event: tuple(journey.model_copy(update={"on": False}) for journey in journeys)
        for event, journeys in world.store.triggers.items()
    }
    world.stores.stores["kinari"] = world.store.model_copy(update={"triggers": off})
    world.wait(days=5)
    assert world.told() == ["cart_reminder_1"]
    assert world.customer().runs == ()
    assert "cart-recovery.run ended switched_off" in world.why()


def test_a_reminder_does_not_go_to_an_address_that_was_mistyped_and_mended() -> None:
    world = make_world()
    newsletter = (OptIn(channel="email", purpose="marketing", source="checkout box"),)
    for address in ("aikko@example.jp", "aiko@example.jp"):
        world.fill_cart(make_cart(buyer=Buyer(email=address), opt_ins=newsletter, updated_at=world.clock()))
        world.wait(minutes=1)
    world.wait(days=5)
    cart = world.records.carts["kinari", "chk1"]
    refused = {}
    for message in world.list_messages():
        customer = world.customers.customers["kinari", message.customer_id]
        refused[customer.emails] = check_truth(
            message, customer=customer, store=world.store, order=None, cart=cart, now=message.decided_at
        )
    assert refused == {("aikko@example.jp",): "cart_of_another", ("aiko@example.jp",): None}
