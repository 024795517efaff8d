"""What the random histories (tests/histories.py) found, each as a case of its own."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from okaeri.domain.evidence import ConsentSeen, CustomersMerged, Evidence, NumberChanged, OrderSeen
from okaeri.domain.gates import SERVICE_WINDOW
from okaeri.domain.messages import MessageState
from okaeri.domain.orders import Buyer
from okaeri.domain.stores import Sending
from okaeri.domain.values import format_time
from tests.history_world import HistoryWorld
from tests.unit.engine.shops import change_store, open_shop, place, write
from tests.world import AIKO, MONDAY, World, make_cart, make_order


def make_history_world(world: World) -> HistoryWorld:
    """The same shop, with senders that look once more, and a sweep."""
    return HistoryWorld(store=world.store, definitions=world.definitions)


def test_a_question_that_is_put_off_and_waits_for_nothing_does_not_wait_for_ever() -> None:
    """The timer that put it off and the timer of the time-out would have been one and the same event."""
    ask = "ask: {id: size, template: review_request, text: true, timeout: PT0S}"
    world = open_shop(write("care", ask, "send: {template: order_updated, purpose: order}"))
    world.wait(hours=9)  # 21:00 in Tokyo: marketing waits for the morning
    place(world)
    assert world.told() == []
    world.wait(hours=13)
    assert world.told() == ["review_request", "order_updated"]
    assert world.customer().runs == ()


def test_a_moment_is_written_the_same_in_every_zone() -> None:
    """A wait until midnight in Tokyo was named in Tokyo's own offset, which does not sort among the others."""
    tokyo = MONDAY.astimezone(ZoneInfo("Asia/Tokyo"))
    assert format_time(tokyo) == format_time(MONDAY) == "2026-11-02T03:00:00.000000Z"


def test_what_is_untrue_is_not_tried_on_another_channel_when_its_queue_gives_it_twice() -> None:
    """The first look ended it for a cancelled order; the second called that a failure, and e-mail's turn came."""
    shop = open_shop(write("news", "wait: PT1H", "send: order_updated", purpose="order"))
    world = make_history_world(shop)
    place(world)
    world.wait(hours=1)
    place(world, cancelled_at=world.clock())
    (queued,) = [item.queued for item in world.queues.messages]
    for _ in range(2):
        assert world.prepare(queued) is None
        world.work()
    (message,) = world.messages.messages.values()
    assert (message.channel, message.state, message.reason) == ("whatsapp", MessageState.SUPPRESSED, "order_cancelled")


def test_the_answer_to_stop_is_not_said_when_the_store_speaks_again_next_month() -> None:
    """Every other message had its time; the answers were looked at each hour for as long as the switch was off."""
    shop = open_shop(write("news", "send: order_updated", purpose="order"))
    change_store(shop, sending=Sending.OFF)
    world = make_history_world(shop)
    world.write("STOP")
    (queued,) = [item.queued for item in world.queues.messages]
    (message,) = world.messages.messages.values()
    assert world.prepare(queued) is None
    assert world.messages.messages[queued.store_id, queued.customer_id, queued.message_id].state is MessageState.PARKED
    assert message.valid_until == MONDAY + SERVICE_WINDOW
    world.wait(hours=24)
    change_store(world, sending=Sending.ON)
    world.wait(minutes=1)
    assert world.prepare(queued) is None
    assert world.messages.messages[queued.store_id, queued.customer_id, queued.message_id].state is MessageState.EXPIRED


def test_two_people_who_became_one_are_swept_once_and_not_every_half_hour_for_ever() -> None:
    """A merge asks the sweep to look; a sweep that found nothing left the question where it was."""
    shop = open_shop(write("news", "send: order_updated", purpose="order"))
    world = make_history_world(shop)
    seen: tuple[Evidence, ...] = (
        OrderSeen(order=make_order("5001")),
        OrderSeen(order=make_order("5002", buyer=Buyer(store_customer_id="7002", email="hana@example.jp"))),
        CustomersMerged(kept="7001", lost="7002", at=MONDAY),
    )
    for evidence in seen:
        world.hear(evidence)
    assert any(world.customers.sweeps.values())
    world.sweep()
    assert not any(world.customers.sweeps.values())


def test_a_sign_up_that_is_given_again_long_after_does_not_bring_back_the_number_of_those_days() -> None:
    """The consent itself was known by its time; the phone beside it was taken for the latest word."""
    world = open_shop(write("news", "send: order_updated", purpose="order"))
    signed_up = world.consent("email", "marketing")
    world.wait(days=3)
    world.hear(NumberChanged(at=world.clock(), old_phone=AIKO.phone or "", new_phone="+819000000077"))
    world.wait(days=3)
    world.give(signed_up, redelivered=True)
    assert world.customer().phones == ("+819000000077",)


def test_a_cart_that_was_emptied_is_not_filled_by_what_was_in_it_at_that_moment_and_comes_again() -> None:
    world = open_shop(write("left", "send: order_updated", event="cart.updated", key="cart.token"))
    filled = world.fill_cart(make_cart())
    world.fill_cart(make_cart(lines=()))
    world.give(filled, redelivered=True)
    record = world.records.get_cart(world.store.store_id, "chk1")
    assert record is not None and record.cart is not None
    assert record.cart.lines == ()


def test_a_confirmed_sign_up_does_not_undo_what_was_withdrawn_in_the_same_moment() -> None:
    world = open_shop(write("news", "send: order_updated", purpose="order"))
    signed_up = ConsentSeen(
        channel="email", purpose="marketing", given=True, at=MONDAY, source="store", buyer=AIKO, confirmed=True
    )
    given = world.hear(signed_up)
    world.consent("email", "marketing", given=False)
    world.give(given, redelivered=True)
    assert not world.customer().consents["email:marketing"].given
