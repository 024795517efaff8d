"""Which questions of a run stand on one page: all that its answers may lead to, before it waits or acts. Pure.

Jumps lead forward only, so one pass in the order of the steps sees every way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from okaeri.domain.answers import choose_given
from okaeri.domain.asking import SKIP
from okaeri.domain.choices import Option, read_options
from okaeri.domain.conditions import Condition
from okaeri.domain.customers import Customer, Run
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import (
    AskStep,
    ConsentStep,
    Definition,
    EmitStep,
    EscalateStep,
    JumpStep,
    LanguageStep,
    RecordStep,
    SendStep,
    SetStep,
    TagStep,
    TicketStep,
)
from okaeri.domain.pages import OWN_WORDS
from okaeri.domain.values import Purpose

MOST_QUESTIONS = 8
MOST_WAYS = 64  # to one question: beyond that it is asked as if there were no page
LEFT_OUT = ""

type Way = frozenset[tuple[str, str]]  # question → answer, of those that decide
# What a run does without a pause, and without an outcome of its own.
_PASSED = (TagStep, SetStep, EmitStep, TicketStep, RecordStep, EscalateStep, LanguageStep, ConsentStep)


class AskedQuestion(NamedTuple):
    """A question of the page: `options` are its answers out of the data.

    `after` are the answers that lead to it (question, answer); empty where it is asked whatever was answered.
    """

    step: AskStep
    options: tuple[Option, ...] = ()
    after: tuple[tuple[str, str], ...] = ()


def find_waiting_run(customer: Customer, run_id: str, definitions: Callable[[str], Definition]) -> Run | None:
    """The run, where it waits for an answer."""
    run = next((run for run in customer.runs if run.make_id(customer.store_id) == run_id), None)
    if run is None or run.waiting is None or run.waiting.wish is not None:
        return None
    return run if isinstance(definitions(run.definition).steps[run.step], AskStep) else None


def list_questions(scene: Scene, is_fit: Callable[[AskStep], bool]) -> list[AskedQuestion]:
    """The question at which the scene's run waits, and those that follow it, in their order.

    One that is not `is_fit` for a page ends the way that leads to it: it is asked when the run comes to it.
    """
    steps = scene.definition.steps
    first = scene.run.step
    ways: dict[int, set[Way]] = {first: {frozenset()}}
    contexts: dict[int, set[Way]] = {first: {frozenset()}}
    found: list[AskedQuestion] = []
    while ways and len(found) < MOST_QUESTIONS:
        index = min(ways)
        step = steps[index]
        assert isinstance(step, AskStep)
        here, known = ways.pop(index), contexts.pop(index)
        options = read_options(scene.run) if index == first else ()
        outcomes = list_outcomes(step, options, may_be_left_out=index != first)
        found.append(AskedQuestion(step, options, _find_deciding(here, found)))
        for context, answer in product(known, outcomes):
            after = context | {(step.ask, answer)}
            reached = _walk_on(scene, index, after, is_fit)
            if reached is None:
                continue
            contexts.setdefault(reached, set()).add(_keep_read(after, steps[reached:]))
            joined = {way | after for way in here if _agree(way, after)}
            ways[reached] = _simplify(ways.get(reached, set()) | joined, found)
        crowded = [name for name in ways if max(len(ways[name]), len(contexts[name])) > MOST_WAYS]
        for name in crowded:
            del ways[name], contexts[name]
    return found


def list_outcomes(step: AskStep, options: Iterable[Option] = (), *, may_be_left_out: bool) -> tuple[str, ...]:
    """All that may come of a question on a page."""
    named = (*(option.id for option in options), *(name for name in step.answers if name != SKIP))
    return (*named, *((OWN_WORDS,) if step.text else ()), *((LEFT_OUT,) if may_be_left_out else ()))


def _walk_on(scene: Scene, index: int, answers: Way, is_fit: Callable[[AskStep], bool]) -> int | None:
    """The next question after the one at `index`; None where the run ends, waits or acts before it."""
    steps = scene.definition.steps
    asked = steps[index]
    assert isinstance(asked, AskStep)
    given = dict(answers)
    kept = {f"answer.{name}": value for name, value in given.items() if value != LEFT_OUT}
    outcome = "answered" if given[asked.ask] != LEFT_OUT else "skipped"
    run = scene.run.model_copy(update={"data": scene.run.data | kept, "outcome": outcome})
    there = scene._replace(run=run)
    index += 1
    while index < len(steps):
        step = steps[index]
        match step:
            case JumpStep():
                stays = step.unless is not None and there.holds(step.unless)
                index = index + 1 if stays else step.to
                continue
            case AskStep():
                is_closed = step.choices is None and not step.media
                return index if is_closed and is_fit(step) else None
            case SendStep():
                purpose = step.purpose or scene.definition.purpose
                if step.gather is not None or purpose is Purpose.MARKETING:  # which may be put off
                    return None
            case _ if not isinstance(step, _PASSED):
                return None
        index += 1
    return None


def _find_deciding(ways: Iterable[Way], asked: Iterable[AskedQuestion]) -> tuple[tuple[str, str], ...]:
    """Of each way the answer that was given last; none where one of them is given, or left out, by itself."""
    order = {question.step.ask: place for place, question in enumerate(asked)}
    deciding = []
    for way in ways:
        last = max(way, key=lambda pair: order[pair[0]], default=None)
        if last is None or last[1] == LEFT_OUT:
            return ()
        deciding.append(last)
    return tuple(sorted(dict.fromkeys(deciding), key=lambda pair: (order[pair[0]], pair[1])))


def _simplify(ways: set[Way], asked: Iterable[AskedQuestion]) -> set[Way]:
    """The same ways without the questions that make no difference: all that they may be answered with leads there."""
    for place, question in reversed(list(enumerate(asked))):  # what the later ones leave, the earlier ones may decide
        step, name = question.step, question.step.ask
        outcomes = set(list_outcomes(step, question.options, may_be_left_out=place > 0))
        rests: dict[Way, set[str]] = {}
        for way in ways:
            answer = next((value for asked_name, value in way if asked_name == name), None)
            if answer is not None:
                rests.setdefault(frozenset(pair for pair in way if pair[0] != name), set()).add(answer)
        for rest, answers in rests.items():
            if answers == outcomes:
                ways = {way for way in ways if frozenset(p for p in way if p[0] != name) != rest} | {rest}
    return ways


def _agree(one: Way, other: Way) -> bool:
    answers = dict(one)
    return all(answers.get(name, value) == value for name, value in other)


def _keep_read(answers: Way, steps: Iterable[object]) -> Way:
    """Those answers that conditions ahead still read."""
    read = set(_list_fields(steps))
    return frozenset((name, value) for name, value in answers if f"answer.{name}" in read)


def _list_fields(steps: Iterable[object]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, JumpStep) and step.unless is not None:
            yield from _list_read(step.unless)


def _list_read(condition: Condition) -> Iterator[str]:
    yield from filter(None, (condition.field, condition.one_of_field))
    for part in (*condition.all, *condition.any, *condition.none):
        yield from _list_read(part)


def take_answers(questions: Iterable[AskedQuestion], posted: Mapping[str, str]) -> dict[str, str]:
    """What was answered of these questions: known names, own words where those will do; empty what was left out."""
    taken = {}
    for question in questions:
        step, answer = question.step, posted.get(question.step.ask, "")
        taken[step.ask] = choose_given(step, {step.ask: answer}, question.options)
    return taken
