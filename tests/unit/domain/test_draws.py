"""Lots: the same for a customer all week, as many winners as were meant, and others the week after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okaeri.domain.draws import name_period, wins

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("percent", [0.5, 2, 25])
def test_as_many_win_as_were_meant(percent: float) -> None:
    crowd = [f"c{number}" for number in range(40_000)]
    won = sum(wins("aya", customer, "gift", "2026-W48", percent) for customer in crowd)
    assert won == pytest.approx(len(crowd) * percent / 100, rel=0.2)


def test_nobody_wins_at_nothing_and_everybody_at_a_hundred() -> None:
    assert not any(wins("aya", f"c{number}", "gift", "2026-W48", 0) for number in range(1000))
    assert all(wins("aya", f"c{number}", "gift", "2026-W48", 100) for number in range(1000))


def test_each_week_and_each_store_draws_anew() -> None:
    def list_winners(store: str, week: str) -> set[int]:
        return {number for number in range(4000) if wins(store, f"c{number}", "gift", week, 5)}

    this, following, other = list_winners("aya", "W48"), list_winners("aya", "W49"), list_winners("ben", "W48")
    assert this == list_winners("aya", "W48")
    assert len(this & following) < len(this) / 4
    assert len(this & other) < len(this) / 4


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    week = {name_period("week", MONDAY + timedelta(days=day)) for day in range(7)}
    assert week == {"2026-W48"}
    assert name_period("week", MONDAY - timedelta(seconds=1)) == "2026-W47"
    assert name_period("week", datetime(2027, 1, 1, tzinfo=UTC)) == "2026-W53"
    assert name_period("month", MONDAY) == "2026-11"
    assert name_period("once", MONDAY) == name_period("once", MONDAY + timedelta(days=400))
