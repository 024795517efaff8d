"""Off, shadow, test, share, on; the one switch; hold-outs and splits: who hears what, and what the record keeps."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.last_look import Defer, End, Say, Verdict, look_again
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import MessageState
from okaeri.domain.modes import is_in_share
from okaeri.domain.orders import Buyer, ShipmentStatus
from okaeri.domain.stores import Mode, Sending
from simulator.play import play
from simulator.story_source import read_story
from tests.unit.engine.shops import change_store, find_store, open_shop, place, set_mode, switch, write
from tests.world import AIKO, MONDAY, World

NEWS = write("news", "send: one", "wait: P1D", "send: two")
STATUS = write("status", "send: receipt", "wait: P1D", "send: shipped", purpose="order")


def list_people(number: int) -> list[Buyer]:
    return [
        AIKO.model_copy(update={"store_customer_id": str(n), "email": f"p{n}@example.jp", "phone": f"+8190{n:08d}"})
        for n in range(number)
    ]


def list_states(world: World) -> list[tuple[str, str, str]]:
    return [(m.template, m.state, m.reason) for m in world.messages.messages.values() if m.channel == "whatsapp"]


# -- modes -------------------------------------------------------------------------------------------------------------


def test_a_journey_that_is_off_begins_for_nobody_and_says_so() -> None:
    world = open_shop(NEWS)
    set_mode(world, "news", Mode.OFF)
    place(world)
    assert world.told() == [] and "news.run not started switched_off" in world.why()


def test_switching_a_journey_off_ends_the_runs_that_wait_and_switching_on_begins_anew_with_others() -> None:
    world = open_shop(NEWS)
    place(world)
    set_mode(world, "news", Mode.OFF)
    world.wait(days=2)
    assert world.told("whatsapp") == ["one"] and "news.run ended switched_off" in world.why()
    set_mode(world, "news", Mode.ON)
    place(world, "5002")
    assert world.told("whatsapp") == ["one", "one"]


def test_switching_a_journey_off_ends_the_runs_of_a_version_that_began_with_another_event() -> None:
    world = open_shop(write("news", "wait: P1D", "send: one"))
    place(world)
    change_store(world, triggers={"cart.updated": world.store.triggers["order.placed"]})
    set_mode(world, "news", Mode.OFF)
    world.wait(days=2)
    assert world.told() == [] and "news.run ended switched_off" in world.why()


def test_a_store_in_mode_off_ends_the_runs_of_journeys_that_are_published_no_more() -> None:
    world = open_shop(write("news", "wait: P1D", "send: one"))
    place(world)
    change_store(world, triggers={}, mode=Mode.OFF)
    world.wait(days=2)
    assert not world.customer().runs and "news.run ended switched_off" in world.why()


def test_shadow_decides_and_records_everything_and_hands_nothing_over() -> None:
    world = open_shop(NEWS)
    set_mode(world, "news", Mode.SHADOW)
    place(world)
    world.wait(days=2)
    assert world.told() == []
    assert list_states(world) == [("one", "suppressed", "shadow"), ("two", "suppressed", "shadow")]
    assert "whatsapp:one recorded shadow" in world.why()
    assert world.customer().attention == ()  # who heard nothing has their attention left


def test_what_shadow_recorded_is_not_sent_when_the_journey_goes_live() -> None:
    world = open_shop(NEWS)
    set_mode(world, "news", Mode.SHADOW)
    place(world)
    set_mode(world, "news", Mode.ON)
    world.wait(days=2)
    assert world.told("whatsapp") == ["two"]


def test_test_mode_speaks_to_the_shops_own_phones_and_records_for_all_others() -> None:
    world = open_shop(NEWS, settings={"test_phones": (AIKO.phone,)})
    set_mode(world, "news", Mode.TEST)
    stranger = list_people(1)[0]
    place(world)
    place(world, "5002", buyer=stranger)
    assert world.told("whatsapp") == ["one"]
    assert "whatsapp:one recorded not_a_test_address" in world.why()


def test_a_test_mailbox_counts_however_it_is_written() -> None:
    world = open_shop(NEWS, settings={"test_emails": ("Aiko@Example.jp",)})
    set_mode(world, "news", Mode.TEST)
    place(world)
    assert world.told("whatsapp") == ["one"]


def test_a_share_is_always_of_the_same_people_and_grows_without_dropping_any() -> None:
    world = open_shop(NEWS)
    people = list_people(60)
    heard: dict[int, set[str]] = {}
    for share in (10, 50):
        set_mode(world, "news", Mode.SHARE, share)
        published = next(entry for entries in find_store(world).triggers.values() for entry in entries)
        for number, buyer in enumerate(people):
            place(world, f"{share}{number}", buyer=buyer)
        everyone = list(world.customers.customers.values())
        heard[share] = {c.customer_id for c in everyone if is_in_share(find_store(world), published, c)}
        told = {m.customer_id for m in world.messages.messages.values()}
        assert told <= heard[share]
    assert heard[10] < heard[50]
    assert 1 <= len(heard[10]) <= 15 and 20 <= len(heard[50]) <= 40
    assert "news.run not started outside_share" in world.why()


def test_the_stricter_of_the_stores_mode_and_the_journeys_counts() -> None:
    for own, store, silent in (
        (Mode.ON, Mode.SHADOW, True),
        (Mode.SHADOW, Mode.ON, True),
        (Mode.TEST, Mode.SHADOW, True),
        (Mode.ON, Mode.ON, False),
    ):
        world = open_shop(NEWS, mode=store)
        set_mode(world, "news", own)
        place(world)
        assert (world.told() == []) is silent, (own, store)


def test_a_store_in_mode_off_begins_nothing_and_ends_what_waits() -> None:
    world = open_shop(NEWS, STATUS)
    place(world)
    change_store(world, mode=Mode.OFF)
    place(world, "5002")
    world.wait(days=2)
    assert sorted(world.told("whatsapp")) == ["one", "receipt"]
    assert not world.customer().runs


# -- the switch --------------------------------------------------------------------------------------------------------


def test_orders_only_holds_marketing_back_until_it_is_over_and_lets_orders_through() -> None:
    world = open_shop(NEWS, STATUS)
    switch(world, Sending.ORDERS_ONLY)
    place(world)
    world.wait(hours=5)
    assert world.told("whatsapp") == ["receipt"]
    assert "news.one deferred sending_orders_only" in world.why()
    switch(world, Sending.ON)
    world.wait(hours=2)
    assert world.told("whatsapp") == ["receipt", "one"]


def test_off_holds_everything_back_and_nothing_is_lost_that_is_still_of_use() -> None:
    world = open_shop(NEWS, STATUS)
    switch(world, Sending.OFF)
    place(world)
    world.wait(hours=6)
    assert world.told() == []
    switch(world, Sending.ON)
    world.wait(hours=2)
    assert sorted(world.told("whatsapp")) == ["one", "receipt"]


def test_what_grew_stale_while_everything_was_off_expires_with_its_reason() -> None:
    world = open_shop(NEWS, STATUS)
    switch(world, Sending.OFF)
    place(world)
    world.wait(days=4)
    switch(world, Sending.ON)
    world.wait(days=4)
    assert "news.one expired sending_off" in world.why() and "status.receipt expired sending_off" in world.why()
    assert "one" not in world.told() and "receipt" not in world.told()


def test_after_a_week_of_silence_nobody_is_flooded() -> None:
    lasting = write("news", "send: {template: one, valid_for: P30D}")
    world = open_shop(lasting.replace("journey: news", "journey: aa"), lasting.replace("journey: news", "journey: bb"))
    switch(world, Sending.ORDERS_ONLY)
    for number in range(5):
        place(world, f"500{number}")
        world.wait(days=1)
    assert world.told() == []
    switch(world, Sending.ON)
    world.wait(days=10)
    days = [message.decided_at.date() for message in world.list_messages()]
    assert days and len(days) == len(set(days)), "more than one a day"


def look(world: World, hours: int = 0) -> Verdict:
    """What the sender makes of the only message, so many hours later."""
    (message,) = world.list_messages()
    at = MONDAY + timedelta(hours=hours)
    facts = MessageFacts(
        message=message,
        store=find_store(world),
        customer=world.customer(),
        order=world.records.get_order("kinari", "5001"),
        cart=None,
        now=at,
    )
    return look_again(facts, at)


def test_what_had_been_handed_to_the_senders_waits_there_while_the_switch_is_off() -> None:
    world = open_shop(NEWS)
    place(world)
    for sending in (Sending.ORDERS_ONLY, Sending.OFF):
        switch(world, sending)
        held = look(world)
        assert isinstance(held, Defer) and held.why == f"sending_{sending}"
        stale = look(world, hours=72)
        assert isinstance(stale, End) and (stale.state, stale.why) == (MessageState.EXPIRED, "too_late")
    switch(world, Sending.ON)
    assert look(world) == Say()


def test_what_had_been_handed_to_the_senders_is_dropped_where_its_journey_is_switched_off_or_to_shadow() -> None:
    world = open_shop(NEWS)
    place(world)
    for mode, why in ((Mode.OFF, "switched_off"), (Mode.SHADOW, "shadow"), (Mode.TEST, "not_a_test_address")):
        set_mode(world, "news", mode)
        assert look(world) == End(MessageState.SUPPRESSED, why)
    set_mode(world, "news", Mode.SHARE, 1)
    assert look(world) == Say()


def test_a_store_that_is_off_or_in_shadow_sends_nothing_that_waits_whether_a_journey_has_decided_it_or_not() -> None:
    world = open_shop(NEWS)
    place(world)
    (message,) = world.list_messages()
    others = [
        message.model_copy(update={"journey": "broadcast/spring"}),
        message.model_copy(update={"journey": None, "run_id": None, "template": "stop_confirmed", "purpose": "order"}),
    ]
    for mode, why in ((Mode.OFF, "switched_off"), (Mode.SHADOW, "shadow"), (Mode.TEST, "not_a_test_address")):
        change_store(world, mode=mode)
        for other in others:
            world.messages.messages[message.store_id, message.customer_id, message.message_id] = other
            assert look(world) == End(MessageState.SUPPRESSED, why), other.template
    trial = message.model_copy(update={"journey": "broadcast/spring", "run_id": None})
    world.messages.messages[message.store_id, message.customer_id, message.message_id] = trial
    assert look(world) == Say()


# -- hold-outs and splits ----------------------------------------------------------------------------------------------


def test_a_hold_out_hears_nothing_is_watched_for_the_goal_and_is_always_the_same() -> None:
    goal = "{event: shipment.shipped, match: order.id, within: P30D}"
    world = open_shop(write("news", "send: one", holdout="50", goal=goal))
    people = list_people(40)
    for number, buyer in enumerate(people):
        place(world, f"1{number}", buyer=buyer)
    everyone = list(world.customers.customers.values())
    held = {c.customer_id for c in everyone if [watch.arm for watch in c.goals] == ["holdout"]}
    told = {m.customer_id for m in world.messages.messages.values()}
    assert held.isdisjoint(told) and len(held) + len(told) == 40 and 8 <= len(held) <= 32
    for number, buyer in enumerate(people):
        place(world, f"2{number}", buyer=buyer)
    assert {m.customer_id for m in world.messages.messages.values()} == told
    world.ship("10", ShipmentStatus.SHIPPED)
    (reached,) = world.records.goals.values()
    assert (reached.arm == "holdout") is (reached.customer_id in held)


def test_the_same_customer_takes_the_same_arm_each_time_and_both_arms_are_taken() -> None:
    arms = "split: {id: words, arms: [{name: plain, steps: [{send: one}]}, {name: warm, steps: [{send: two}]}]}"
    world = open_shop(write("news", arms, purpose="order"))
    people = list_people(30)
    for turn in (1, 2):
        for number, buyer in enumerate(people):
            place(world, f"{turn}{number:02}", buyer=buyer)
    said: dict[str, list[str]] = {}
    for message in world.list_messages():
        if message.channel == "whatsapp":
            said.setdefault(message.customer_id, []).append(message.template)
    assert all(len(set(templates)) == 1 and len(templates) == 2 for templates in said.values())
    assert {templates[0] for templates in said.values()} == {"one", "two"}


def test_an_arm_without_steps_is_a_comparison_that_says_nothing() -> None:
    arms = "split: {id: words, arms: [{name: quiet}, {name: warm, steps: [{send: two}]}]}"
    world = open_shop(write("news", arms, purpose="order"))
    for number, buyer in enumerate(list_people(20)):
        place(world, f"1{number:02}", buyer=buyer)
    drawn = [why for why in world.why() if why.startswith("news.split.words drew")]
    quiet = drawn.count("news.split.words drew arm:quiet")
    assert len(drawn) == 20 and 0 < quiet < 20
    assert world.told("whatsapp") == ["two"] * (20 - quiet)


def test_a_parcel_that_travelled_while_everything_was_off_is_told_of_once_as_it_is_now() -> None:
    told = play(read_story(OFF_FOR_A_DAY)).list_told("whatsapp")
    assert [line.partition(" whatsapp ")[2] for line in told] == [
        "order_confirmation_welcome",
        "shipment_delivered",  # neither shipped nor out for delivery, which were held back and are over
        "review_request",
    ]


OFF_FOR_A_DAY = """
story: A parcel travels while the shop has stopped all sending
shop: {name: Nordlicht, locale: en, country: DE, time_zone: Europe/Berlin, currency: EUR}
shopper:
  {first_name: Lena, phone: "+4915123456789", email: lena@example.de, locale: en, country: DE,
   agrees_to: [whatsapp order, whatsapp marketing]}
events:
  - {at: "2026-11-02 10:00 Europe/Berlin", order: {payment: paid}}
  - {after: PT5M, shop: {sending: "off"}}
  - {after: PT1H, parcel: shipped}
  - {after: PT20H, parcel: out_for_delivery}
  - {after: PT6H, parcel: delivered}
  - {after: PT10H, shop: {sending: "on"}}
"""
