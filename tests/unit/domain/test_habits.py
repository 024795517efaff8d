"""Which channel a customer heeds: what teaches it, how it fades, and when it is enough to choose by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okaeri.domain.habits import HALF_LIFE, Habit, choose_order, find_weight, sum_up
from okaeri.domain.touches import MOST_TOUCHES, NAMED_FOR, Touch, Touches
from okaeri.domain.values import Channel

NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
LISTED = (Channel.WHATSAPP, Channel.EMAIL)
NOBODY = Touches(store_id="aya", customer_id="c1")


def say(number: int, channel: str = "email", at: datetime = NOW, **known: Any) -> Touch:
    return Touch(
        message_id=f"{channel}-{number}", month="2026-11", journey="news", template="news", channel=channel,
        delivered_at=at, **known,
    )  # fmt: skip


def learn(*touches: Touch, now: datetime = NOW) -> Touches:
    known = NOBODY
    for touch in touches:
        known = known.add(touch, now)
    return known


def count(touches: Touches, channel: str = "email", now: datetime = NOW) -> tuple[float, float, float]:
    habit = sum_up(touches.list_habits(now), channel)
    return tuple(round(amount, 2) for amount in (habit.said, habit.seen, habit.acted))  # type: ignore[return-value]  # three


def make(channel: str, said: float, seen: float = 0, acted: float = 0, hidden: float = 0) -> Habit:
    return Habit(channel=channel, said=said, seen=seen, acted=acted, hidden=hidden)


# -- what teaches ------------------------------------------------------------------------------------------------------


def test_what_a_person_does_teaches_and_what_a_program_does_not() -> None:
    known = learn(
        say(1),
        say(2, read_at=NOW),
        say(3, clicked_at=NOW),
        say(4, answered_at=NOW),
        say(5, bought_at=NOW),
        say(6, program_opened=True),
    )
    assert count(known) == (6, 4, 3)
    assert sum_up(known.list_habits(NOW), "email").hidden == 1
    assert count(known, "whatsapp") == (0, 0, 0)


def test_a_click_that_turns_out_to_be_a_programs_teaches_nothing_and_a_persons_after_it_does() -> None:
    clicked = learn(say(1, clicked_at=NOW))
    taken_back = clicked.add(say(1), NOW, clicked_by_program=True)
    again = taken_back.add(say(1, clicked_at=NOW), NOW)
    assert [count(known) for known in (clicked, taken_back, again)] == [(1, 1, 1), (1, 0, 0), (1, 1, 1)]


def test_a_deed_is_noted_once_and_only_of_a_message_that_is_known() -> None:
    known = learn(say(1)).mark("email-1", "bought_at", NOW)
    assert count(known) == (1, 1, 1)
    assert known.mark("email-1", "bought_at", NOW + timedelta(days=1)) == known
    assert known.mark("email-2", "bought_at", NOW) == known


def test_the_same_words_twice_teach_the_same_as_once() -> None:
    touches = [say(number, at=NOW + timedelta(days=number)) for number in range(40)]
    later = NOW + timedelta(days=40)
    once = twice = NOBODY
    for touch in touches:
        once = once.add(touch, touch.delivered_at or NOW)
        twice = twice.add(touch, touch.delivered_at or NOW).add(touch, touch.delivered_at or NOW)
    for touch in touches:  # the whole batch comes again
        twice = twice.add(touch, later)
    assert count(once, now=later)[0] == pytest.approx(count(twice, now=later)[0], abs=0.02)


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_many_messages_leave_an_item_of_the_same_size_and_all_are_counted() -> None:
    times = [NOW - timedelta(minutes=100 - number) for number in range(100)]
    known = learn(*(say(number, at=at, read_at=NOW) for number, at in enumerate(times)))
    assert len(known.touches) == MOST_TOUCHES
    assert len(known.habits) == 1
    assert count(known) == pytest.approx((100, 100, 0), abs=0.1)


def test_what_is_older_than_a_month_is_a_count_and_a_late_word_on_it_is_not_counted_again() -> None:
    later = NOW + NAMED_FOR + timedelta(days=1)
    known = learn(say(1)).add(say(2, at=later), later)
    assert [touch.message_id for touch in known.touches] == ["email-2"]
    late = known.add(say(1, clicked_at=later), later)
    assert count(late, now=later) == count(known, now=later)
    assert "email-1" in {touch.message_id for touch in late.touches}, "an order may still be owed to it"


def test_each_message_counts_half_for_each_half_life_named_or_not() -> None:
    known = learn(say(1, read_at=NOW))
    then = NOW + HALF_LIFE
    assert count(known, now=then) == (0.5, 0.5, 0)
    folded = known.add(say(2, at=then), then)
    assert len(folded.touches) == 1
    assert count(folded, now=then) == (1.5, 0.5, 0)
    assert count(folded, now=then + HALF_LIFE) == (0.75, 0.25, 0)


def test_looks_are_told_apart_and_add_up_to_their_channel() -> None:
    known = learn(say(1, format="picture", read_at=NOW), say(2, format="text"), say(3, format="picture"))
    found = {habit.format: (habit.said, habit.seen) for habit in known.list_habits(NOW)}
    assert found == {"picture": (2, 1), "text": (1, 0)}
    assert count(known) == (3, 1, 0)


# -- when it is enough -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "habits",
    [
        [],
        [make("email", 2, seen=2)],
        [make("whatsapp", 2), make("email", 2, seen=2)],  # two opens move nobody
        [make("whatsapp", 3), make("email", 1, seen=1)],
        [make("email", 9, seen=9, acted=9)],  # the first listed was not even tried
        [make("whatsapp", 2, seen=0), make("email", 9, seen=9, acted=9)],
        [make("whatsapp", 8, seen=8), make("email", 8, seen=8)],
        [make("whatsapp", 8, seen=8), make("email", 8, seen=2, acted=2)],  # too near to each other
        [make("whatsapp", 8, seen=4), make("email", 8, hidden=8)],
        [make("whatsapp", 8, seen=6, acted=2), make("email", 8)],  # it is the better one anyway
    ],
)
def test_the_listed_order_stays_where_too_little_is_known_or_the_difference_is_small(habits: list[Habit]) -> None:
    assert choose_order(LISTED, LISTED, habits) == (LISTED, "")


@pytest.mark.parametrize(
    "habits",
    [
        [make("whatsapp", 6), make("email", 8, seen=5)],
        [make("whatsapp", 8, seen=8), make("email", 8, seen=5, acted=5)],  # an act says more than a glance
        [make("whatsapp", 8)],  # all in vain: the other is tried
    ],
)
def test_a_channel_that_is_not_heeded_gives_way_to_one_that_is(habits: list[Habit]) -> None:
    assert choose_order(LISTED, LISTED, habits).channels == (Channel.EMAIL, Channel.WHATSAPP)


def test_the_choice_says_the_numbers_that_it_was_made_by() -> None:
    habits = [make("whatsapp", 6.2), make("email", 7.9, seen=5, acted=1)]
    assert choose_order(LISTED, LISTED, habits).why == "heeded:email:8:5:1:whatsapp:6:0:0"


def test_a_channel_that_is_passed_over_is_tried_again_once_that_has_faded() -> None:
    habits = [make("whatsapp", 6), make("email", 8, seen=5)]
    for years, first in ((0, Channel.EMAIL), (1, Channel.WHATSAPP)):
        faded = [habit.weigh(find_weight(NOW, NOW + timedelta(days=365 * years))) for habit in habits]
        assert choose_order(LISTED, LISTED, faded).channels[0] is first


def test_a_channel_that_may_not_be_taken_is_never_preferred() -> None:
    habits = [make("whatsapp", 9), make("email", 9, seen=9, acted=9)]
    assert choose_order(LISTED, (Channel.WHATSAPP,), habits) == (LISTED, "")
