"""No shipped journey is without a test that shows it speaking on a real stack."""

from __future__ import annotations

from importlib import import_module

import pytest

from okaeri.catalogue.compile_journeys import compile_journeys
from okaeri.catalogue.journey_parts import list_said
from tests.e2e.smokes import SMOKES
from tests.e2e.test_catalogue import RECIPES


def test_each_shipped_journey_has_its_smoke() -> None:
    assert {definition.journey for definition in compile_journeys()} == set(SMOKES)


@pytest.mark.parametrize("journey", sorted(SMOKES))
def test_the_smoke_exists(journey: str) -> None:
    assert SMOKES[journey]
    for named in SMOKES[journey]:
        file, _, test = named.partition("::")
        name, _, case = test.removesuffix("]").partition("[")
        found = getattr(import_module(f"tests.e2e.{file.removesuffix('.py')}"), name)
        assert case in list_cases(found), f"{named} is not there"


def test_a_campaign_waits_for_a_mail_that_its_journey_says() -> None:
    said = {definition.journey: list_said(definition) for definition in compile_journeys()}
    assert [journey for journey, (_, template) in RECIPES.items() if template not in said[journey]] == []


def list_cases(test: object) -> list[str]:
    """The ids of a test's cases; one empty id where it has no cases."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return [str(case) for mark in marks for case in mark.args[1]] or [""]
