"""Two hundred random histories in the fast part; the ten thousand are in tests/long."""

from __future__ import annotations

from tests.history_draws import play_draws


def test_two_hundred_histories_end_as_their_calm_twins_do() -> None:
    played = play_draws(200, seeds=6)
    assert played.histories >= 200
    assert played.with_talks >= 50
