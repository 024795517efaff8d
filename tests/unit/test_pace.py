"""Days that pass in seconds, on a laptop alone."""

from __future__ import annotations

from okaeri.domain.pace import Pace


def test_real_time_is_not_compressed() -> None:
    assert not Pace().is_compressed
    assert Pace().to_real_delay(604_800) == 604_800


def test_a_week_takes_seconds_where_days_do() -> None:
    pace = Pace(seconds_per_day=3)
    assert pace.is_compressed
    assert pace.to_real_delay(604_800) == 21


def test_a_wait_that_is_over_takes_no_time() -> None:
    assert Pace().to_real_delay(-5) == 0
