"""Journeys that start themselves, or one another in a ring: steps go forward only, events can lead back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from okaeri.catalogue.journey_yaml import Problems
from okaeri.domain.journeys import AskStep, Definition, EmitStep, WaitStep


def lint_emits(definition: Definition, everything: Sequence[Definition], problems: Problems) -> None:
    """Says of each emit whether it comes back to where it was made without an end.

    A ring ends where one of its journeys may not run again for the same key, or only so many times. One that waits
    on its way round is a repetition that somebody may want; one that does not floods the customer at once.
    """
    for index, step in enumerate(definition.steps):
        if not isinstance(step, EmitStep):
            continue
        started = [other for other in everything if step.event in other.events]
        if not started and everything != [definition]:
            problems.warn(step.line, f"nothing listens to {step.event}", "no journey here begins with it")
        ring = next(_find_rings(definition, step.event, everything), None)
        if ring is None or not all(_may_repeat(other) for other in ring):
            continue
        way = " → ".join(other.journey for other in (*ring, definition))
        fix = "again: never, or again: {at_most: 3, per: P30D}"
        if any(isinstance(before, WaitStep | AskStep) for before in definition.steps[:index]):
            problems.warn(step.line, f"comes round for ever: {way}", fix)
        else:
            problems.report(step.line, f"comes round for ever and at once: {way}", fix)


def _may_repeat(definition: Definition) -> bool:
    """Whether a run may follow a run. With event.id each event is a key of its own."""
    return definition.again_limit is None and (definition.again != "never" or definition.key == "event.id")


def _find_rings(
    home: Definition, event: str, everything: Iterable[Definition], path: tuple[Definition, ...] = ()
) -> Iterator[tuple[Definition, ...]]:
    """Ways of journeys from the event back to `home`, each journey at most once."""
    known = list(everything)
    for other in known:
        if event not in other.events or any(other is before for before in path):
            continue
        if other.journey == home.journey:
            yield (home, *path)
            continue
        for step in other.steps:
            if isinstance(step, EmitStep):
                yield from _find_rings(home, step.event, known, (*path, other))
