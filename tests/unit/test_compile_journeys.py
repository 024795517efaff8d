"""Journey files: what compiles, and how each mistake is named before a shopper could notice it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from okaeri.catalogue.compile_journeys import compile_journey
from okaeri.catalogue.journey_words import EVENTS
from okaeri.catalogue.journey_yaml import JourneyError

HEAD = "journey: thank-you\nversion: 1\npurpose: order\n"
TRIGGER = "trigger: {event: order.placed, key: order.id}\n"
DOCUMENT = Path(__file__).parents[2] / "docs" / "journeys.md"


@pytest.mark.parametrize(
    ("rest", "error"),
    [
        (
            "trigger: {event: order.plcaed, key: order.id}\nsteps: []\n",
            "4: unknown event 'order.plcaed' (did you mean or",
        ),
        ("trigger: {event: order.placed, key: order}\nsteps: []\n", "4: unknown key 'order' (did you mean order.id?)"),
        (
            TRIGGER + "exit:\n  - {event: order.canceled, match: order.id}\nsteps: []\n",
            "6: unknown event 'order.canceled'",
        ),
        (TRIGGER + "steps:\n  - wait: {event: order.paid, match: orders, timeout: P1D}\n", "6: unknown match 'orders'"),
        (TRIGGER + "steps:\n  - wait: {for: P1D, timeout: P2D}\n", "6: match, timeout and unchanged_for belong to an"),
        (TRIGGER + "steps:\n  - wait: {for: P1D, plus: P2D}\n", "6: plus and else belong to a date"),
        (TRIGGER + "steps:\n  - branch:\n      - otherwise: [exit]\n", "7: 'exit' is no step (write it as `exit: …`)"),
        (TRIGGER + "steps:\n  - branch: {otherwise: []}\n", "6: a branch is a list of arms"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_a_fix(rest: str, error: str) -> None:
    with pytest.raises(JourneyError) as caught:
        compile_journey(HEAD + rest, "thank-you.yaml")
    assert f"thank-you.yaml:{error}" in str(caught.value)


def test_the_events_of_the_documents_are_those_that_compile() -> None:
    table = DOCUMENT.read_text("utf-8").split("\n## Events\n")[1].split("\n## ")[0]
    documented = set(re.findall(r"`([a-z]+\.[a-z_]+)`", table))
    assert documented == set(EVENTS)
