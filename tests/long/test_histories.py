"""Ten thousand histories of random journeys: no message lost, none doubled, no run stuck, whatever dies and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.history_draws import WANTED, play_draws

HISTORIES = int(WANTED or 10_000)
PARTS = 8  # played side by side


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_histories_end_as_their_calm_twins_do(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    played = play_draws(HISTORIES // PARTS, part=part)
    record_property("histories", played.histories)
    record_property("with_talks", played.with_talks)
    assert played.histories >= HISTORIES // PARTS
