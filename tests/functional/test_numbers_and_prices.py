"""What the table keeps of numbers and prices: the fakes and DynamoDB answer alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from okaeri import ports, wiring
from okaeri.adapters.numbers import DynamoNumbers
from okaeri.adapters.prices import DynamoPrices, load_shipped
from okaeri.domain.numbers import NumberState
from okaeri.domain.prices import PriceList, Rate
from tests.fakes import START, FakeNumbers
from tests.functional.aws_from_template import MadeStack

HOUR = timedelta(hours=1)


@pytest.fixture(params=["fake", "dynamodb"])
def numbers(request: pytest.FixtureRequest) -> ports.Numbers:
    if request.param == "fake":
        return FakeNumbers()
    stack: MadeStack = request.getfixturevalue("made_stack")
    ticks = iter(range(0, 100_000, 61))  # a minute and more between any two looks at the clock
    return DynamoNumbers(wiring.connect_dynamodb(), stack.table_name, read_seconds=lambda: next(ticks))


def test_what_meta_says_of_a_number_is_kept(numbers: ports.Numbers) -> None:
    assert numbers.get("1001") is None
    state = NumberState(phone_number_id="1001", tier="2000", quality="RED", heard={"account_update": START})
    numbers.put(state)
    assert numbers.get("1001") == state
    numbers.put(state.model_copy(update={"quality": ""}))
    found = numbers.get("1001")
    assert found
    assert (found.quality, found.limit) == ("", 2000)


def test_a_refusal_of_the_number_and_metas_notices_stand_side_by_side(numbers: ports.Numbers) -> None:
    numbers.hold_marketing("1001", "131048", START + HOUR)
    held = numbers.get("1001")
    assert held
    assert (held.marketing_stopped, held.marketing_stopped_until) == ("131048", START + HOUR)
    longer = {"marketing_stopped": "account_restricted", "marketing_stopped_until": START + 72 * HOUR}
    numbers.put(held.model_copy(update={"tier": "2000", **longer}))
    numbers.hold_marketing("1001", "131048", START + 2 * HOUR)
    both = numbers.get("1001")
    assert both
    assert (both.tier, both.marketing_stopped) == ("2000", "account_restricted")


def test_people_are_counted_by_the_hour_over_the_last_day(numbers: ports.Numbers) -> None:
    for hours in (0, 1, 1, 23, 30):
        numbers.note_opened("2001", START - hours * HOUR)
    numbers.note_opened("2002", START)
    assert numbers.count_opened("2001", since=START - 24 * HOUR) == 4
    assert numbers.count_opened("2001", since=START - 48 * HOUR) == 5
    assert numbers.count_opened("2003", since=START - 24 * HOUR) == 0


def make_numbers(stack: MadeStack, read_seconds: Callable[[], float]) -> DynamoNumbers:
    return DynamoNumbers(wiring.connect_dynamodb(), stack.table_name, read_seconds=read_seconds)


def test_a_busy_sender_writes_its_count_once_a_minute(made_stack: MadeStack) -> None:
    now = [1000.0]
    numbers = make_numbers(made_stack, lambda: now[0])
    for _ in range(50):
        numbers.note_opened("2001", START)
    assert numbers.count_opened("2001", since=START) == 1
    now[0] += 60
    numbers.note_opened("2001", START)
    assert numbers.count_opened("2001", since=START) == 51


def test_two_senders_add_to_one_count(made_stack: MadeStack) -> None:
    for _ in range(2):
        make_numbers(made_stack, lambda: 0.0).note_opened("2001", START)
    assert make_numbers(made_stack, lambda: 0.0).count_opened("2001", since=START) == 2


def test_an_imported_list_takes_the_place_of_ours(made_stack: MadeStack) -> None:
    prices = DynamoPrices(wiring.connect_dynamodb(), made_stack.table_name)
    assert prices.get() == load_shipped()
    rate = Rate(market="JP", category="utility", amount="0.0100", since=date(2026, 10, 1), verified=True)
    ours = PriceList(markets={"81": "JP"}, rates=(rate,), rules=load_shipped().rules, imported_at=START)
    prices.put(ours)
    assert prices.get() == ours
