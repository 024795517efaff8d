"""Meta's rates, kept by a process."""

from __future__ import annotations

import pytest

from okaeri.adapters.sending_pace import SendingPace
from okaeri.domain.pacing import find_borrowing, find_gap_s
from okaeri.domain.values import Purpose

ANA, BEN = "+5511987654321", "+819012345678"


class Time:
    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def make_pace(time: Time, workers: int = 7) -> SendingPace:
    return SendingPace(workers=workers, read_seconds=time, sleep=time.sleep)


@pytest.mark.parametrize("per_second", [20, 80, 1000])
def test_all_workers_together_keep_a_numbers_rate_with_room_for_what_shoppers_write(per_second: int) -> None:
    time = Time()
    pace = make_pace(time)
    for _ in range(100):
        pace.keep("1001", per_second)
    took_s = time.now - 1000
    assert 7 * 99 / took_s == pytest.approx(per_second * 0.7)


def test_numbers_do_not_wait_for_each_other() -> None:
    time = Time()
    pace = make_pace(time)
    pace.keep("1001", 80)
    pace.keep("1002", 80)
    assert time.slept == []


def test_six_seconds_lie_between_two_marketing_messages_to_one_person() -> None:
    time = Time()
    pace = make_pace(time)
    assert pace.find_pair_wait("1001", ANA, borrowed=0) == 0
    pace.note_sent("1001", ANA)
    time.now += 2
    assert pace.find_pair_wait("1001", ANA, borrowed=0) == pytest.approx(4)
    assert (pace.find_pair_wait("1001", BEN, borrowed=0), pace.find_pair_wait("1002", ANA, borrowed=0)) == (0, 0)
    time.now += 4
    assert pace.find_pair_wait("1001", ANA, borrowed=0) == 0


def test_news_of_an_order_may_come_close_together_and_a_flood_may_not() -> None:
    time = Time()
    pace = make_pace(time)
    borrowed = find_borrowing(Purpose.ORDER)
    for _ in range(borrowed):
        assert pace.find_pair_wait("1001", ANA, borrowed=borrowed) == 0
        pace.note_sent("1001", ANA)
    pace.note_sent("1001", ANA)
    assert pace.find_pair_wait("1001", ANA, borrowed=borrowed) == pytest.approx(6)
    time.now += 6
    assert pace.find_pair_wait("1001", ANA, borrowed=borrowed) == 0
    assert find_borrowing(Purpose.MARKETING) == 0


def test_a_clock_that_was_set_back_makes_nobody_wait() -> None:
    time = Time()
    pace = make_pace(time)
    pace.keep("1001", 80)
    pace.note_sent("1001", ANA)
    time.now -= 3600
    assert pace.find_pair_wait("1001", ANA, borrowed=0) == 0
    pace.keep("1001", 80)
    assert time.slept == []


def test_fewer_workers_may_each_send_faster() -> None:
    assert find_gap_s(80, 2) == pytest.approx(2 / 56)
