"""What a journey is for, how often it may begin, and waits for several events or for a day of the week."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from okaeri.domain.evidence import CustomerSeen, CustomersMerged
from okaeri.domain.orders import Buyer, ShipmentStatus
from okaeri.domain.stores import Mode
from tests.unit.engine.shops import open_shop, place, set_mode, write
from tests.world import World, make_cart

TOKYO = ZoneInfo("Asia/Tokyo")
GOAL = "{event: shipment.delivered, match: order.id, within: P10D}"


def list_goals(world: World) -> list[tuple[str, str]]:
    return [(goal.journey, goal.event) for goal in world.records.goals.values()]


# -- goals -------------------------------------------------------------------------------------------------------------


def test_a_goal_that_is_reached_ends_the_run_and_is_credited_once() -> None:
    world = open_shop(write("news", "send: one", "wait: P1D", "send: two", goal=GOAL))
    place(world)
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=3)
    assert world.told("whatsapp") == ["one"]
    assert list_goals(world) == [("news", "shipment.delivered")]
    assert "news.run ended goal" in world.why() and "news.goal reached by:shipment.delivered" in world.why()


def test_a_goal_is_credited_after_the_run_has_ended_while_its_window_is_open() -> None:
    for days, reached in ((9, [("news", "shipment.delivered")]), (11, [])):
        world = open_shop(write("news", "send: one", goal=GOAL))
        place(world)
        assert not world.customer().runs
        world.wait(days=days)
        world.ship("5001", ShipmentStatus.DELIVERED)
        assert list_goals(world) == reached, days
        assert world.customer().goals == ()


def test_a_goal_counts_from_the_first_message_on_and_for_the_same_order_alone() -> None:
    world = open_shop(write("news", "wait: P1D", "send: one", goal=GOAL))
    place(world)
    place(world, "5002")
    world.ship("5001", ShipmentStatus.DELIVERED)
    assert list_goals(world) == []
    world.wait(days=3)
    world.ship("5002", ShipmentStatus.DELIVERED)
    assert len(list_goals(world)) == 1


def test_a_goal_that_does_not_end_the_run_is_credited_and_the_run_goes_on() -> None:
    goal = GOAL.replace("within", "ends: false, within")
    world = open_shop(write("news", "send: one", "wait: P1D", "send: two", goal=goal))
    place(world)
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=2)
    assert world.told("whatsapp") == ["one", "two"] and len(list_goals(world)) == 1


def test_what_was_said_to_nobody_earns_no_goal() -> None:
    world = open_shop(write("news", "send: one", goal=GOAL))
    set_mode(world, "news", Mode.SHADOW)
    place(world)
    world.ship("5001", ShipmentStatus.DELIVERED)
    assert list_goals(world) == []


def test_the_arm_that_was_drawn_stands_with_the_goal() -> None:
    arms = "split: {id: words, arms: [{name: plain, steps: [{send: one}]}, {name: warm, steps: [{send: two}]}]}"
    world = open_shop(write("news", arms, goal=GOAL))
    place(world)
    world.ship("5001", ShipmentStatus.DELIVERED)
    (goal,) = world.records.goals.values()
    assert goal.arm == {"one": "words=plain", "two": "words=warm"}[world.told("whatsapp")[0]]


def test_where_others_are_held_out_both_halves_are_watched_from_the_beginning() -> None:
    """Who gets there before the first message counts for those who are told, as they do for those who are not."""
    world = open_shop(write("news", "wait: P1D", "send: one", goal=GOAL, holdout="1"))
    place(world)
    assert "news.run compared" in world.why()
    world.ship("5001", ShipmentStatus.DELIVERED)
    assert [(goal.journey, goal.arm, goal.order_id) for goal in world.records.goals.values()] == [("news", "", "5001")]


def test_an_arm_that_is_drawn_later_is_the_one_that_the_goal_is_credited_to() -> None:
    arms = "split: {id: words, arms: [{name: plain, steps: [{send: one}]}, {name: warm, steps: [{send: two}]}]}"
    world = open_shop(write("news", "wait: P1D", arms, goal=GOAL, holdout="1"))
    place(world)
    world.wait(days=2)
    world.ship("5001", ShipmentStatus.DELIVERED)
    (goal,) = world.records.goals.values()
    assert goal.arm == {"one": "words=plain", "two": "words=warm"}[world.told("whatsapp")[0]]
    (message,) = [message for message in world.list_messages() if message.channel == "whatsapp"]
    assert message.arm == goal.arm


def test_in_shadow_mode_nobody_is_compared_with_anybody() -> None:
    for percent in ("1", "90"):
        world = open_shop(write("news", "send: one", goal=GOAL, holdout=percent))
        set_mode(world, "news", Mode.SHADOW)
        place(world)
        assert "compared" not in world.why() and world.customer().goals == ()


# -- entries -----------------------------------------------------------------------------------------------------------

BY_CUSTOMER = {"key": "customer", "purpose": "order"}


def test_never_again_is_never_again() -> None:
    world = open_shop(write("news", "send: one", **BY_CUSTOMER))
    place(world)
    world.wait(days=400)
    place(world, "5002")
    assert world.told("whatsapp") == ["one"] and "news.run not started ran_already" in world.why()


def test_after_the_end_means_not_beside_it() -> None:
    world = open_shop(write("news", "send: one", "wait: P2D", again="after_end", **BY_CUSTOMER))
    place(world)
    world.wait(days=1)
    place(world, "5002")
    assert "news.run not started running_already" in world.why()
    world.wait(days=2)
    place(world, "5003")
    assert world.told("whatsapp") == ["one", "one"]


def test_always_runs_beside_itself_and_each_run_is_its_own() -> None:
    world = open_shop(write("news", "wait: P2D", "send: one", again="always", **BY_CUSTOMER))
    place(world)
    world.wait(days=1)
    place(world, "5002")
    assert [run.entry for run in world.customer().runs] == [0, 1]
    world.wait(days=3)
    assert world.told("whatsapp") == ["one", "one"]
    assert len({message.message_id for message in world.list_messages()}) == len(world.list_messages())


def test_at_most_two_in_a_week_and_then_again() -> None:
    world = open_shop(write("news", "send: one", again="{at_most: 2, per: P7D}", **BY_CUSTOMER))
    for day in range(10):
        place(world, f"500{day}")
        world.wait(days=1)
    days = [f"{m.decided_at.astimezone(TOKYO):%d}" for m in world.list_messages() if m.channel == "whatsapp"]
    assert days == ["02", "03", "09", "10"]
    assert "news.run not started entered_too_often" in world.why()


# -- waits -------------------------------------------------------------------------------------------------------------


def test_all_of_several_events_in_any_order_each_once() -> None:
    wait = "wait: {all_of: [order.paid, order.delivered], match: order.id, timeout: P9D}"
    for order in (("paid", "delivered"), ("delivered", "paid")):
        world = open_shop(write("news", wait, "send: one", purpose="order"))
        place(world, payment="pending")
        for name in order:
            assert world.told() == []
            if name == "paid":
                place(world, payment="paid")
            else:
                world.ship("5001", ShipmentStatus.DELIVERED)
        assert world.told("whatsapp") == ["one"], order


def test_all_of_several_events_ends_by_time_where_one_never_comes() -> None:
    wait = "wait: {all_of: [order.paid, order.delivered], match: order.id, timeout: P9D}"
    late = "branch: [{when: {field: run.outcome, is: timeout}, steps: [{send: late}]}]"
    world = open_shop(write("news", wait, late, purpose="order"))
    place(world, payment="pending")
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=10)
    assert world.told("whatsapp") == ["late"]


def test_a_day_of_the_week_is_waited_for_by_the_customers_calendar() -> None:
    world = open_shop(write("news", "wait: {for: P1D, on: [sat], at: '09:30'}", "send: one", purpose="order"))
    place(world)
    world.wait(days=7)
    (message,) = [message for message in world.list_messages() if message.channel == "whatsapp"]
    assert f"{message.decided_at.astimezone(TOKYO):%a %d %H}" == "Sat 07 09"


def test_a_day_of_the_week_that_is_today_and_over_is_next_weeks() -> None:
    world = open_shop(write("news", "wait: {for: PT1H, on: [mon], at: '09:30'}", "send: one", purpose="order"))
    place(world)  # on a Monday at noon
    world.wait(days=8)
    (message,) = [message for message in world.list_messages() if message.channel == "whatsapp"]
    assert f"{message.decided_at.astimezone(TOKYO):%a %d %H}" == "Mon 09 09"


def test_a_journey_about_an_event_that_names_no_such_thing_does_not_begin() -> None:
    world = open_shop(write("news", "send: one", event="message.received", key="event.id", purpose="order"))
    world.write("Hello")
    assert world.told("whatsapp") == ["one"]


def test_many_orders_do_not_bring_back_what_a_person_went_through_once_nor_its_messages() -> None:
    world = open_shop(
        write("invitation", "send: one", event="cart.updated", key="customer", again="never", purpose="order"),
        write("hello-again", "send: two", event="cart.updated", key="customer", again="after_end", purpose="order"),
        write("receipt", "send: three", purpose="order"),
    )
    world.fill_cart(make_cart("before"))
    for number in range(70):
        world.wait(days=1)
        place(world, f"6{number:03}")
    world.fill_cart(make_cart("after"))
    said = [(message.template, message.message_id) for message in world.list_messages()]
    assert sorted(template for template, _ in said if template != "three") == ["one", "two", "two"]
    assert len(set(said)) == len(said), "an id that was used already: the sender would take it for said"


def test_entries_of_two_records_that_prove_to_be_one_person_are_counted_together() -> None:
    limited = "{at_most: 1, per: P30D}"
    world = open_shop(write("news", "send: one", key="customer", again=limited, purpose="order"))
    first, second = (Buyer(store_customer_id=name, email=f"{name}@example.jp") for name in ("a", "b"))
    place(world, "5001", buyer=second)
    world.hear(CustomerSeen(buyer=first, at=world.clock()))
    world.hear(CustomersMerged(kept="a", lost="b", at=world.clock()))
    world.wait(days=1)
    place(world, "5002", buyer=first)
    assert world.told("email") == ["one"]
    assert "news.run not started entered_too_often" in world.why()
