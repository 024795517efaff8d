"""Marketing that goes by the channel which the customer heeds: learned, explained, and never against their consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okaeri.domain.explanations import Question
from okaeri.domain.habits import Habit
from okaeri.domain.messages import MessageState
from okaeri.domain.stores import PublishedTemplate
from okaeri.domain.touches import Touch, Touches
from okaeri.use_cases.explain_customer import ExplainCustomer
from simulator.histories import MemoryHistories
from tests.unit.engine.shops import change_store, open_shop, place, write
from tests.world import AIKO, World, make_settings

BEST = write("news", "send: {template: one, channels: best}")


def agree(world: World, *channels: str) -> None:
    for channel in channels:
        world.consent(channel, "marketing", buyer=AIKO)


def open_best_shop(text: str = BEST, *, channels: Sequence[str] = ("whatsapp", "email")) -> World:
    """A shop without double opt-in, whose shopper agreed to marketing on these channels."""
    world = open_shop(text, settings={"asks_to_confirm": False})
    world.consent("whatsapp", "order", buyer=AIKO)
    agree(world, *channels)
    return world


def teach(world: World, channel: str, said: int, read: int = 0, clicked: int = 0) -> None:
    """What was said to the only customer on a channel of late, and what they did with it."""
    customer, now = world.customer(), world.clock()
    key = (customer.store_id, customer.customer_id)
    known = world.touches.touches.get(key) or Touches(store_id=key[0], customer_id=key[1])
    for number in range(said):
        at = now - timedelta(hours=said - number)
        touch = Touch(
            message_id=f"{channel}{number}", month="2026-11", journey="news", template="one", channel=channel,
            delivered_at=at, read_at=at if number < read else None, clicked_at=at if number < clicked else None,
        )  # fmt: skip
        known = known.add(touch, now)
    world.touches.touches[key] = known


def order_news(world: World, order_id: str = "5001") -> list[str]:
    """The channels by which the shopper hears of it."""
    before = len(world.list_messages())
    place(world, order_id, opt_ins=())
    return [message.channel for message in world.list_messages()[before:]]


def watch_book(world: World) -> list[str]:
    """Whose habits are read from now on."""
    read: list[str] = []
    get_many = world.touches.get_many

    def note(store_id: str, customer_ids: Sequence[str]) -> Sequence[Touches]:
        read.extend(customer_ids)
        return get_many(store_id, customer_ids)

    world.touches.get_many = note  # type: ignore[method-assign]  # counts what is read
    return read


# -- the choice --------------------------------------------------------------------------------------------------------


def test_where_nothing_is_known_the_listed_channel_is_taken() -> None:
    world = open_best_shop()
    assert order_news(world) == ["whatsapp"]
    assert not [line for line in world.why() if "preferred" in line]


def test_who_reads_mails_and_no_whatsapp_gets_a_mail_and_the_record_says_by_what_numbers() -> None:
    world = open_best_shop()
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    assert order_news(world) == ["email"]
    assert "news.one preferred heeded:email:8:5:0:whatsapp:6:0:0" in world.why()
    assert world.list_messages()[0].fallback == ("whatsapp",), "should the mail fail"


def test_two_opened_mails_move_nobody() -> None:
    world = open_best_shop()
    teach(world, "whatsapp", 2)
    teach(world, "email", 2, read=2)
    assert order_news(world) == ["whatsapp"]


def test_a_question_is_asked_where_it_is_heeded_too() -> None:
    ask = "ask: {id: why, template: one, channels: best, answers: {good: [], bad: []}, timeout: P1D}"
    world = open_best_shop(write("news", ask))
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    assert order_news(world) == ["email"]


def test_a_journey_says_it_once_for_all_its_marketing() -> None:
    steps = ("send: one", "send: {template: two, channels: [whatsapp]}", "send: {template: three, purpose: order}")
    world = open_best_shop(write("news", *steps, channels="best"))
    change_store(world, settings=make_settings(attention={"per_day": 9, "per_week": 9}))
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    assert order_news(world) == ["email", "whatsapp", "whatsapp"]


# -- what stands above it ----------------------------------------------------------------------------------------------


def test_a_shop_that_does_not_learn_keeps_to_its_list() -> None:
    world = open_best_shop()
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    change_store(world, settings=make_settings(learn="off", asks_to_confirm=False))
    read = watch_book(world)
    assert order_news(world) == ["whatsapp"]
    assert not read


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        (write("news", "send: {template: one, channels: best}", purpose="order"), ["whatsapp", "email"]),
        (write("news", "send: {template: one, channels: [whatsapp, email]}"), ["whatsapp", "email"]),
        (BEST, ["whatsapp"]),  # one alone may be told: there is nothing to choose
    ],
)
def test_nothing_more_is_read_where_there_is_nothing_to_choose(text: str, channels: list[str]) -> None:
    world = open_best_shop(text, channels=channels)
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    read = watch_book(world)
    assert order_news(world) == ["whatsapp"]
    assert not read


def test_a_message_without_words_for_a_channel_is_not_chosen_for_it() -> None:
    world = open_best_shop()
    change_store(world, templates={"one": PublishedTemplate(whatsapp=("en", "ja"))})
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    assert order_news(world) == ["whatsapp"]


def test_a_customer_of_two_records_is_known_by_both() -> None:
    world = open_best_shop()
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5)
    customer = world.customer()
    key = (customer.store_id, customer.customer_id)
    world.touches.touches[customer.store_id, "before"] = world.touches.touches.pop(key)
    joined = customer.model_copy(update={"absorbed": ("before",), "version": customer.version + 1})
    world.customers.save(joined, sweep_at=None)
    assert order_news(world) == ["email"]


CHANNELS = ("whatsapp", "email")
numbers = st.integers(0, 14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    agreed=st.sets(st.sampled_from(CHANNELS)),
    withdrawn=st.sets(st.sampled_from(CHANNELS)),
    known=st.fixed_dictionaries({channel: st.tuples(numbers, numbers, numbers) for channel in CHANNELS}),
)
def test_whatever_was_learned_nobody_is_told_where_they_did_not_agree(
    agreed: set[str], withdrawn: set[str], known: dict[str, tuple[int, int, int]]
) -> None:
    told = []
    for _ in range(2):
        world = open_best_shop(channels=sorted(agreed))
        for channel in sorted(withdrawn):
            world.consent(channel, "marketing", given=False, buyer=AIKO)
        for channel, (said, read, clicked) in known.items():
            teach(world, channel, said, read, clicked)
        told.append(order_news(world))
        assert set(told[-1]) <= agreed - withdrawn
        assert len(told[-1]) == (1 if agreed - withdrawn else 0)
        assert all(set(message.fallback) <= agreed - withdrawn for message in world.list_messages())
    assert told[0] == told[1], "the same facts, the same channel"


# -- learning by living ------------------------------------------------------------------------------------------------


def test_mails_that_are_read_and_whatsapp_that_is_not_change_the_channel_by_and_by() -> None:
    text = write("news", "send: {template: one, channels: [whatsapp]}", "send: {template: two, channels: [email]}")
    world = open_best_shop(text)
    change_store(world, settings=make_settings(attention={"per_day": 9, "per_week": 99}, asks_to_confirm=False))
    for week in range(6):
        place(world, f"{week}", opt_ins=())
        for message in world.list_messages()[-2:]:
            world.set_state(message, MessageState.READ if message.channel == "email" else MessageState.DELIVERED)
        world.wait(days=7)
    habits = {habit.channel: (round(habit.said), round(habit.seen)) for habit in list_habits(world)}
    assert habits == {"whatsapp": (5, 0), "email": (5, 5)}  # six, of which the older count less
    assert "Marketing by e-mail lately: 5 of 5 read, 0 acted upon." in explain(world)
    assert "Where a journey leaves it open, marketing goes first by e-mail." in explain(world)


def test_the_story_says_why_it_was_a_mail() -> None:
    world = open_best_shop()
    teach(world, "whatsapp", 6)
    teach(world, "email", 8, read=5, clicked=1)
    order_news(world)
    told = explain(world)
    numbers = "of those said by e-mail lately 5 of 8 were read and 1 acted upon, by WhatsApp 0 of 6 and 0"
    assert f"one goes first by the channel that they heed: {numbers}" in told


def list_habits(world: World) -> Sequence[Habit]:
    customer = world.customer()
    [touches] = world.touches.get_many(customer.store_id, [customer.customer_id])
    return touches.list_habits(world.clock())


def explain(world: World) -> list[str]:
    explainer = ExplainCustomer(
        customers=world.customers,
        records=world.records,
        histories=MemoryHistories(world.records, world.messages),
        touches=world.touches,
        clock=world.clock,
    )
    answer = explainer(world.store, world.customer(), Question())
    return [line.text for entry in answer.entries for line in entry.lines] + list(answer.standing.facts)
