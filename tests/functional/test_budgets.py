"""What codes may cost in a month, in a real table: never overspent, whoever takes at once and however often."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Any

import boto3
import pytest

from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.budgets import DynamoBudgets
from okaeri.errors import TryAgain
from tests.functional.aws_from_template import MadeStack

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def budgets(made_stack: MadeStack) -> DynamoBudgets:
    return DynamoBudgets(boto3.client("dynamodb"), made_stack.table_name, lambda: NOW)


def take(budgets: DynamoBudgets, step: str, worth: str = "5", limit: str = "12", month: str = "2026-11") -> bool:
    worth_, limit_ = Decimal(worth), Decimal(limit)
    return budgets.take("aya", "surprise-gift", month, action_id=step, worth=worth_, limit=limit_)


def give_back(budgets: DynamoBudgets, step: str) -> None:
    budgets.give_back("aya", "surprise-gift", "2026-11", action_id=step)


def test_what_does_not_fit_into_the_month_is_refused_and_the_next_month_has_its_own(budgets: DynamoBudgets) -> None:
    assert [take(budgets, step) for step in "abc"] == [True, True, False]
    assert take(budgets, "c", worth="2")
    assert take(budgets, "c2", month="2026-12")


def test_a_step_that_asks_again_takes_once(budgets: DynamoBudgets) -> None:
    assert [take(budgets, "a") for _ in range(3)] == [True, True, True]
    assert take(budgets, "b")
    assert not take(budgets, "c")


def test_what_came_to_nothing_is_given_back_once(budgets: DynamoBudgets) -> None:
    assert take(budgets, "a") and take(budgets, "b")
    for _ in range(3):
        give_back(budgets, "a")
    give_back(budgets, "never")
    assert take(budgets, "c")
    assert not take(budgets, "d")


def test_a_code_that_is_dearer_than_the_whole_budget_is_refused(budgets: DynamoBudgets) -> None:
    assert not take(budgets, "a", worth="12.01")
    assert take(budgets, "b", worth="12.00")


class OneCallAtATime:
    """The client, whose every call is whole before the next: moto's transactions are seen half way by other threads."""

    def __init__(self) -> None:
        self._client, self._lock = boto3.client("dynamodb"), Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            with self._lock:
                return getattr(self._client, name)(**arguments)

        return call


def test_nothing_is_overspent_by_many_at_once(made_stack: MadeStack) -> None:
    client: Any = OneCallAtATime()
    budgets = DynamoBudgets(client, made_stack.table_name, lambda: NOW)

    def ask(step: int) -> bool:
        for _ in range(20):
            try:
                return take(budgets, f"step{step}", worth="1", limit="7")
            except TryAgain:
                continue
        raise AssertionError("never came to its turn")

    with ThreadPoolExecutor(8) as crowd:
        taken = list(crowd.map(ask, [*range(24), *range(24)]))
    assert sum(taken[:24]) == 7
    assert taken[:24] == taken[24:]  # asked again, each hears the same


def test_a_race_that_is_lost_for_ever_hides_the_request_for_a_moment(
    budgets: DynamoBudgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*args: object) -> None:
        raise ConditionFailed

    monkeypatch.setattr(budgets, "_take", lose)
    with pytest.raises(TryAgain) as raised:
        take(budgets, "a")
    assert raised.value.after_s == 2
