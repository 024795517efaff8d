"""What had been learned of a customer at an earlier moment, for a replay of what came then."""

from __future__ import annotations

from datetime import datetime, timedelta

from okaeri.domain.habits import sum_up
from okaeri.domain.touches import Touch, Touches
from simulator.clock import StandingClock
from simulator.replay import RewoundTouchBook
from tests.world import MONDAY


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def say(number: int, read: int | None = None) -> Touch:
    """A mail that arrived on the day of its number."""
    return Touch(
        message_id=f"m{number}", month="2026-11", journey="news", template="news", channel="email",
        delivered_at=day(number), read_at=None if read is None else day(read),
    )  # fmt: skip


def count(touches: Touches, at: int) -> tuple[int, int]:
    """How many mails had been said and read on a day, as a replay sees it."""
    book = RewoundTouchBook(StandingClock(day(at)), [touches])
    [found] = book.get_many("aya", ["c1"])
    habit = sum_up(found.list_habits(day(at)), "email")
    return round(habit.said), round(habit.seen)


def test_a_replay_knows_what_was_known_then_and_no_more() -> None:
    touches = Touches(store_id="aya", customer_id="c1")
    for touch in (say(1, read=3), say(2), say(10, read=10)):
        touches = touches.add(touch, day(10))
    assert [count(touches, at) for at in (0, 2, 3, 10)] == [(0, 0), (2, 0), (2, 1), (3, 2)]


def test_counts_that_hold_later_messages_are_left_out_as_a_whole() -> None:
    touches = Touches(store_id="aya", customer_id="c1")
    for number in range(20):
        touches = touches.add(say(number, read=number), day(number))
    assert count(touches, 19) == (19, 19)  # twenty, of which the older count less
    assert count(touches, 3)[0] == 4, "the counts hold four mails, of which the latest came on this very day"
    assert count(touches, 2) == (0, 0), "which of them had come by then is known no more"
