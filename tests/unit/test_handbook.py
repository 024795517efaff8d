"""docs/journeys: a page for each journey, made from its file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from handbook.pages import index_texts, list_speaking, make_list, make_page
from handbook.shop import PLACES
from okaeri.domain.journeys import Definition
from okaeri.domain.templates import Template
from simulator.drawing import draw_journey
from tests.catalogue import load_journeys, load_templates

PAGES = Path(__file__).parents[2] / "docs" / "journeys"
JOURNEYS = load_journeys()


@cache
def load_texts() -> Mapping[str, Mapping[str, Template]]:
    return index_texts(load_templates())


@pytest.mark.parametrize("definition", JOURNEYS, ids=lambda definition: definition.journey)
def test_a_journeys_page_is_made_from_its_file(definition: Definition) -> None:
    """One language of each page in turn: `make docs` writes them all at once."""
    locale = list(PLACES)[JOURNEYS.index(definition) % len(PLACES)]
    page = (PAGES / f"{definition.journey}.md").read_text("utf-8")
    head, *messages = make_page(definition, load_texts(), [locale]).split("\n### ")
    assert head.strip() in page, "run make docs"
    for message in messages:
        assert message.partition("\n")[2].strip() in page, "run make docs"
    assert draw_journey(definition) == (PAGES / f"{definition.journey}.svg").read_text("utf-8"), "run make docs"
    assert bool(messages) == bool(list_speaking(definition))


def test_the_list_names_every_journey() -> None:
    assert (PAGES / "README.md").read_text("utf-8") == make_list(JOURNEYS)


def test_no_page_is_left_of_a_journey_that_is_gone() -> None:
    named = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    assert named == {definition.journey for definition in JOURNEYS}
