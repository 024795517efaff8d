"""How many histories are drawn, from what, and a count of those that were played.

`OKAERI_HISTORIES=100000` in the environment plays so many, of another seed each time; without it the same ones are
played every time, so that a change of the engine alone decides whether they hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from okaeri.domain.journeys import Definition
from tests.happenings import HAPPENINGS, OPENINGS, PLACES, Place
from tests.histories import Moment, play_twins
from tests.journey_strategies import definitions

WANTED = os.environ.get("OKAERI_HISTORIES")
SEEDS = 20  # pairs of twins for each draw of journeys and story
FEWEST = SEEDS + 10  # histories of one draw: its twins, and a calm one for each order, of which 11 are drawn

openings = st.permutations([Moment(0.02, opening) for opening in OPENINGS])
moments = st.builds(Moment, st.sampled_from((0.0, 0.02, 1.0, 13.0, 30.0, 200.0)), st.sampled_from(HAPPENINGS))


def play_draws(histories: int, *, part: int = 0) -> int:
    """Draws shops and stories until at least so many histories were played; how many there were. Raises what failed."""
    played = 0

    @settings(
        max_examples=-(-histories // FEWEST),
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    @given(
        st.tuples(definitions(name="first"), definitions(name="second")).map(list),
        st.sampled_from(PLACES),
        st.tuples(openings, st.lists(moments, min_size=3, max_size=8)).map(lambda parts: [*parts[0], *parts[1]]),
        st.integers(0, 10**6),
    )
    def play(journeys: list[Definition], place: Place, story: list[Moment], first: int) -> None:
        nonlocal played
        played += play_twins(journeys, place, story, list(range(first, first + SEEDS)))

    run: Callable[[], None] = play if WANTED else seed(part)(play)
    run()
    return played
