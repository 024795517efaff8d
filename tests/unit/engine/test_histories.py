"""A few hundred random histories in the fast part; the ten thousand are in tests/long."""

from __future__ import annotations

from tests.history_draws import play_draws


def test_a_few_hundred_histories_end_as_their_calm_twins_do() -> None:
    assert play_draws(300).histories >= 300
