"""How many recipients a minute takes: the number's rate, what waits, and what Meta lets the portfolio write to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okaeri.domain.numbers import NumberState
from okaeri.domain.values import Channel
from okaeri.use_cases.measure_allowance import MeasureAllowance
from okaeri.use_cases.measure_release import MeasureRelease
from simulator.numbers import MemoryNumbers
from tests.broadcasting import make_broadcast, make_broadcasting_store
from tests.fakes import START, FakeBacklog, FakeClock


def measure(
    *,
    waiting: int = 0,
    opened: int = 0,
    channels: tuple[Channel, ...] = tuple(Channel),
    store: Any = None,
    **state: Any,
) -> int:
    known = NumberState(phone_number_id="1001", **{"tier": "unlimited", **state})
    numbers = MemoryNumbers({"1001": known}, {("2001", START): opened})
    release = MeasureRelease(numbers, MeasureAllowance(numbers, FakeClock()), FakeBacklog(waiting))
    return release(make_broadcast(channels=channels), store or make_broadcasting_store())


def test_a_minute_of_seven_tenths_of_the_numbers_rate_less_what_waits() -> None:
    assert measure() == 3360
    assert measure(per_second=1000) == 42_000
    assert measure(waiting=3000) == 360
    assert measure(waiting=5000) == 0


def test_the_shops_own_rate_counts_where_it_set_one() -> None:
    store = make_broadcasting_store().model_copy(update={"whatsapp_per_second": 20})
    assert measure(store=store) == 840


@pytest.mark.parametrize(
    ("tier", "opened", "waiting", "people"),
    [("2000", 0, 0, 1600), ("2000", 1500, 0, 100), ("2000", 1500, 60, 40), ("2000", 1600, 0, 0), ("", 0, 0, 200)],
)
def test_a_fifth_of_the_portfolio_stays_for_order_messages(tier: str, opened: int, waiting: int, people: int) -> None:
    assert measure(tier=tier, opened=opened, waiting=waiting) == people


def test_nothing_goes_while_the_number_stands_still() -> None:
    until = START + timedelta(hours=1)
    assert measure(marketing_stopped="account_restricted", marketing_stopped_until=until) == 0
    assert measure(quality="RED") == 0


def test_email_alone_asks_no_number() -> None:
    assert measure(channels=(Channel.EMAIL,), quality="RED") == 588
    store = make_broadcasting_store().model_copy(update={"phone_number_id": None})
    assert measure(store=store, waiting=88) == 500
