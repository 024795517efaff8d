"""The histories that are played are the same ones everywhere: in a pipeline, on a laptop, alone or among all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from okaeri.catalogue.compile_journeys import hash_definition
from tests.happenings import HAPPENINGS, OPENINGS, Place
from tests.history_draws import Drawn, draw_stories, plain, spoken
from tests.talk_happenings import TALK_HAPPENINGS

HAPPEN = (*OPENINGS, *HAPPENINGS, *TALK_HAPPENINGS)


def name_stories() -> list[str]:
    """What tells the first stories of a part from all others."""
    names: list[str] = []

    def note(drawn: Drawn, place: Place, first: int) -> None:
        journeys = [hash_definition(definition) for definition in drawn.journeys]
        story = [(moment.hours, HAPPEN.index(moment.happening)) for moment in drawn.story]
        names.append(sha256(repr((journeys, story, place, first)).encode()).hexdigest()[:16])

    for shops in (plain, spoken):
        draw_stories(shops, 6, note, part=3)
    return names


def test_a_part_draws_the_same_stories_whatever_else_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(f"NUMBERS = {list(range(1000))}")
    program = "import other; from tests.unit.engine.test_drawn_stories import name_stories; print(*name_stories())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": os.pathsep.join((*sys.path, str(tmp_path)))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.split() == name_stories()
