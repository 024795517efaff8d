"""No reward hangs on what somebody thinks: who praises gets no more than who complains.

To pay for praise is forbidden where others read it (16 CFR 465.4 in the United States, and alike elsewhere), and it
tells a shop nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from okaeri.catalogue.journey_flow import Flow, State
from okaeri.catalogue.journey_parts import list_parts
from okaeri.catalogue.journey_yaml import Problems
from okaeri.domain.conditions import Condition
from okaeri.domain.journeys import AskStep, CouponStep, Definition, JumpStep, PointsStep, Step
from okaeri.domain.surveys import is_survey

RATED_WELL = "custom.rated_well"  # what the shipped surveys tell of a good rating
_RATING = "event.rating"
_FIX = "give it for any answer, or for something else than an opinion"


def lint_rewards(definition: Definition, flow: Flow, problems: Problems) -> None:
    """Codes and points that some answers to a survey bring and others do not, or that a good rating brings alone."""
    for index, (step, state) in enumerate(zip(definition.steps, flow.states, strict=True)):
        if state is None or not _is_reward(step):
            continue
        if definition.events == (RATED_WELL,) or _asks_rating(definition):
            problems.report(step.line, "this reward is for a good rating alone", _FIX)
        elif is_survey(definition) and (asked := next(_list_deciding(definition, index, state), None)):
            problems.report(step.line, f"this reward hangs on the answer to {asked!r}", _FIX)


def _is_reward(step: Step) -> bool:
    return isinstance(step, CouponStep) or (isinstance(step, PointsStep) and bool(step.add))


def _asks_rating(definition: Definition) -> bool:
    return definition.when is not None and any(part.field == _RATING for part in list_parts(definition.when, Condition))


def _list_deciding(definition: Definition, index: int, state: State) -> Iterator[str]:
    """Questions of which some answers do not lead to this step."""
    before = definition.steps[:index]
    for ask in (step for step in before if isinstance(step, AskStep)):
        leading = state.values.get(f"answer.{ask.ask}")
        if leading is not None and set(ask.answers) - {"skip"} - leading:
            yield ask.ask
    for jump in before:
        if isinstance(jump, JumpStep) and jump.unless is not None and jump.to > index:
            for part in list_parts(jump.unless, Condition):
                if (part.field or "").startswith("answer.") and part.exists is None:
                    yield str(part.field).removeprefix("answer.")
