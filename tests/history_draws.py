"""How many histories are drawn, from what, and a count of those that were played.

`OKAERI_HISTORIES=100000` in the environment plays so many, of another seed each time; without it the same ones are
played every time and everywhere, so that a change of the engine alone decides whether they hold.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from okaeri.domain.journeys import Definition
from tests.happenings import HAPPENINGS, OPENINGS, PLACES, Place
from tests.histories import Moment, play_twins
from tests.journey_strategies import definitions
from tests.steady_draws import draw_numbers, draw_one, draw_order
from tests.talk_happenings import TALK_HAPPENINGS
from tests.talk_journeys import talks

WANTED = os.environ.get("OKAERI_HISTORIES")
SEEDS = 20  # pairs of twins for each draw of journeys and story

SECOND = 1 / 3600  # in hours

openings = draw_order([Moment(0.02, opening) for opening in OPENINGS])
spans = draw_one((0.0, 0.02, 1.0, 13.0, 30.0, 200.0))
moments = st.builds(Moment, spans, draw_one(HAPPENINGS))
# A talk goes on by seconds: within a burst and after it, then hours, until the window is closed.
beats = draw_one((0.0, SECOND, SECOND, 4 * SECOND, 4 * SECOND, 20 * SECOND, 0.4, 1.0, 30.0, 200.0))
said_moments = st.builds(Moment, beats, draw_one(TALK_HAPPENINGS))
talk_moments = draw_one((*(said_moments for _ in range(4)), moments)).flatmap(lambda chosen: chosen)


class Drawn(NamedTuple):
    """A shop and a story; `has_talks` where it is one of words, people and letters."""

    journeys: list[Definition]
    story: list[Moment]
    has_talks: bool


plain = st.builds(
    lambda first, second, opening, rest: Drawn([first, second], [*opening, *rest], has_talks=False),
    *(definitions(name="first"), definitions(name="second")),
    *(openings, st.lists(moments, min_size=3, max_size=8)),
)
spoken = st.builds(
    lambda first, others, opening, rest: Drawn([first, *others], [*opening, *rest], has_talks=True),
    *(definitions(name="first"), talks()),
    *(openings, st.lists(talk_moments, min_size=5, max_size=12)),
)


class Played(NamedTuple):
    """How many histories were played, and how many of them with talks."""

    histories: int
    with_talks: int


def play_draws(histories: int, *, part: int = 0, seeds: int = SEEDS) -> Played:
    """Draws shops and stories until at least so many histories were played; how many there were. Raises what failed."""
    played: Counter[bool] = Counter()
    fewest = seeds + seeds // 2  # of one draw: its twins, and a calm one for each order, of which half are drawn

    def play(drawn: Drawn, place: Place, first: int) -> None:
        twins = list(range(first, first + seeds))
        played[drawn.has_talks] += play_twins(drawn.journeys, place, drawn.story, twins)

    for shops, share in ((plain, 2), (spoken, 1)):  # of three; talks take twice the time
        draw_stories(shops, -(-histories * share // (3 * fewest)), play, part=None if WANTED else part)
    return Played(played.total(), played[True])


def draw_stories(
    shops: st.SearchStrategy[Drawn], count: int, play: Callable[[Drawn, Place, int], None], *, part: int | None
) -> None:
    """Draws so many, each to be played with the first of its seeds; `part` None draws others each time."""

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=False,  # which is hypothesis' own choice where it thinks itself in a pipeline
        print_blob=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    @given(shops, draw_one(PLACES), draw_numbers(0, 10**6))
    def draw(drawn: Drawn, place: Place, first: int) -> None:
        play(drawn, place, first)

    run: Callable[[], None] = draw if part is None else seed(part)(draw)
    run()
