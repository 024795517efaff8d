"""What compiles and yet goes wrong: said of a journey before a shopper could notice it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from okaeri.catalogue.compile_journeys import read_journey
from okaeri.catalogue.journey_flow import Flow, State, follow
from okaeri.catalogue.journey_parts import list_parts, list_texts
from okaeri.catalogue.journey_words import CUSTOM, find_event
from okaeri.catalogue.journey_yaml import JourneyProblem, Problems, SourceMap, read_journey_file
from okaeri.catalogue.lint_emits import lint_emits
from okaeri.catalogue.lint_messages import Templates, index_templates, lint_message
from okaeri.catalogue.lint_rewards import lint_rewards
from okaeri.catalogue.read_parts import suggest
from okaeri.domain.conditions import Condition, Span
from okaeri.domain.facts import parse_duration
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    CartLinkStep,
    ChangeOrderStep,
    CouponStep,
    Definition,
    DrawStep,
    EmitStep,
    EventMatch,
    ExitStep,
    FindStep,
    FocusStep,
    JumpStep,
    LanguageStep,
    Moment,
    PointsStep,
    RecordStep,
    SendStep,
    SetStep,
    Step,
    TicketStep,
    WaitStep,
)
from okaeri.domain.segments import SHIPPED
from okaeri.domain.templates import Template

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class LintedFile:
    """One file, compiled, with its lines."""

    file: str
    definition: Definition
    source: SourceMap


def lint_journeys(
    texts: Mapping[str, str],
    templates: Iterable[Template] = (),
    *,
    languages: Sequence[str] = (),
    beside: Iterable[Definition] = (),
) -> list[JourneyProblem]:
    """All that is wrong with journey files (name → text), file by file in the order of their lines.

    `languages` are those that the shop speaks, else those that the journey's templates have; `beside` are journeys
    of other files that may start one another.
    """
    found: list[JourneyProblem] = []
    files: list[LintedFile] = []
    for file, text in texts.items():
        definition, problems = read_journey(text, file)
        found += problems
        source = read_journey_file(text, Problems(file))
        if definition is not None and source is not None:
            files.append(LintedFile(file, definition, source))
    index = index_templates(templates)
    names = {linted.definition.journey for linted in files}
    everything = [linted.definition for linted in files]
    everything += [definition for definition in beside if definition.journey not in names]
    for linted in files:
        notes = Problems(linted.file)
        _lint_file(linted, index, languages, notes)
        lint_emits(linted.definition, everything, notes)
        found += notes.list_all()
    order = list(texts)
    return sorted(found, key=lambda problem: (order.index(problem.file), problem.line))


def _lint_file(linted: LintedFile, templates: Templates, languages: Sequence[str], problems: Problems) -> None:
    definition = linted.definition
    flow = follow(definition)
    if flow.states and flow.states[0] is None:
        problems.warn(linted.source.find_line("trigger", "when"), "no run ever begins: the condition cannot hold")
    else:
        _lint_reach(definition, flow, problems)
        lint_rewards(definition, flow, problems)
    _lint_settings(linted, problems)
    _lint_head(linted, flow, problems)
    for step, state in flow.walk(definition):
        for field in _list_fields(step):
            _lint_field(field, state, step.line, problems)
        for part in list_parts(step, Condition):
            _lint_segment(part, step.line, problems)
        if any(span.fixed is not None and span.fixed > YEAR for span in list_parts(step, Span)):
            problems.warn(step.line, "this waits for longer than a year", "who still expects a message then?")
        if isinstance(step, WaitStep):
            _lint_wait(step, state, definition, problems)
        elif isinstance(step, SendStep | AskStep):
            lint_message(step, state, definition, templates, languages, problems)


def _lint_reach(definition: Definition, flow: Flow, problems: Problems) -> None:
    """Steps that no run comes to; of a stretch of them the first is named."""
    for index in flow.dead_arms:
        fix = "what it asks was taken by an arm before it, or is none of the outcomes there"
        problems.warn(definition.steps[index].line, "this arm is never walked: its condition cannot hold", fix)
    silent = {index + 1 for index in flow.dead_arms}  # told already
    is_told = False
    for index, (step, state) in enumerate(zip(definition.steps, flow.states, strict=True)):
        if state is not None:
            is_told = False
            continue
        if is_told or index in silent:
            is_told = True
        elif not (isinstance(step, JumpStep) and step.unless is None):
            is_told = True
            before = definition.steps[index - 1] if index else None
            ended = isinstance(before, ExitStep)
            why = "the run has ended before it" if ended else "the arms before it take every case"
            problems.warn(step.line, f"no run comes here: {why}", "remove it, or mend what stands before it")


def _lint_settings(linted: LintedFile, problems: Problems) -> None:
    definition = linted.definition
    used = {span.setting: span for span in list_parts(definition, Span) if span.setting}
    named = {path.removeprefix("setting.") for path in list_texts(definition) if path.startswith("setting.")}
    for name, value in definition.settings.items():
        line = linted.source.find_line("settings", name)
        if name not in used and name not in named:
            problems.warn(line, f"the setting {name!r} is not used", "remove it, or name it in a step")
        default = used[name].default if name in used else None
        if default is not None and default != parse_duration(value):
            fix = "leave the default out, or make them equal"
            problems.warn(line, f"{name}: {value} counts, the default beside its use does not", fix)


def _lint_head(linted: LintedFile, flow: Flow, problems: Problems) -> None:
    definition, source = linted.definition, linted.source
    if definition.when is not None:
        begun = frozenset(definition.events)
        state = State({"event.name": begun}, begun)
        for field in _list_fields(definition.when):
            _lint_field(field, state, source.find_line("trigger", "when"), problems)
    anywhere = _find_anywhere(definition, flow)
    for number, leave in enumerate(definition.exits):
        _lint_match(leave, anywhere, source.find_line("exit", number), problems)
    for match in definition.goal.events if definition.goal else ():
        _lint_match(match, anywhere, source.find_line("goal"), problems)
    if definition.goal and not any(isinstance(step, SendStep | AskStep) for step in definition.steps):
        fix = "a goal counts from the first message"
        problems.warn(source.find_line("goal"), "this journey says nothing: its goal is never reached", fix)


def _find_anywhere(definition: Definition, flow: Flow) -> State:
    """What may be true at any moment of a run, for what ends it at any time."""
    begun = frozenset(definition.events)
    states = [state for _, state in flow.walk(definition)]
    known = frozenset(field for state in states for field in state.set_before)
    gained = frozenset(ref for state in states for ref in state.gained)
    return State({"event.name": begun}, begun, set_before=known, gained=gained)


def _lint_match(match: EventMatch, state: State, line: int, problems: Problems) -> None:
    """An event that ends a wait or a run. Its condition reads that event, and no longer the one before it."""
    if match.match != "customer" and match.match not in state.refs:
        fix = f"match: {' or '.join((*sorted(state.refs), 'customer'))}"
        problems.report(line, f"{match.event} never matches: this run has no {match.match}", fix)
    if match.when is not None:
        there = replace(state, values={**state.values, "event.name": frozenset({match.event})})
        for field in _list_fields(match.when):
            _lint_field(field, there, line, problems)


def _lint_wait(step: WaitStep, state: State, definition: Definition, problems: Problems) -> None:
    for match in step.events:
        _lint_match(match, state, step.line, problems)
    if not step.events or step.timeout or step.timeout_at or step.unchanged_for:
        return
    ends_by_goal = definition.goal is not None and definition.goal.ends
    if not definition.exits and not ends_by_goal:
        names = ", ".join(match.event for match in step.events)
        problems.report(step.line, f"where {names} never comes, this wait never ends", "add a timeout, or an exit")


# What a condition or a text reads, and the reference without which there is nothing to read.
_NEEDS = {"order": ("order.id", "friend.order"), "cart": ("cart.token",), "ticket": ("ticket.id",)}


def _lint_field(path: str, state: State, line: int, problems: Problems) -> None:
    root, _, name = path.partition(".")
    if root in ("answer", "split", "coupon", "call", "find", "change", "link", "points"):
        own = f"{root}.{name.partition('.')[0]}"
        if own not in state.set_before:
            problems.report(line, f"{path} is read before it is set", f"move it below the step that sets {own}")
    elif root in _NEEDS and not state.refs.intersection(_NEEDS[root]):
        fix = f"begin with an event that has {' or '.join(_NEEDS[root])}"
        problems.report(line, f"{path}: this run is about no {root}", fix)
    elif root == "event" and name != "name":
        events = state.values["event.name"]
        shapes = [find_event(event) for event in events]
        if any(event.startswith(CUSTOM) for event in events) or any(s and name in s.fields for s in shapes):
            return
        shown = ", ".join(sorted(events))
        problems.report(line, f"{path}: the event there is {shown}, which has none", "read it before the run waits")


def _lint_segment(condition: Condition, line: int, problems: Problems) -> None:
    if condition.field == "customer.segments" and condition.has is not None and condition.has not in SHIPPED:
        fix = suggest(condition.has, SHIPPED)
        if fix.startswith("did you mean"):
            problems.warn(line, f"{condition.has!r} is no segment of Okaeri's", f"{fix} (the shop's own are fine)")


def _list_fields(part: Step | Condition) -> Iterator[str]:
    """The fields that a step or a condition reads."""
    own = part if not isinstance(part, WaitStep) else part.model_copy(update={"events": ()})  # each in its own event
    for condition in list_parts(own, Condition):
        yield from (path for path in (condition.field, condition.one_of_field) if path)
    yield from (moment.field for moment in list_parts(part, Moment))
    match part:
        case SetStep(field=str() as field):
            yield field
        case EmitStep() | CallStep() | TicketStep():
            yield from part.data.values()
        case RecordStep():
            yield from (path for path in (part.score, *part.answers.values()) if path)
        case ChangeOrderStep():
            yield from part.wanted.values()
        case FindStep():
            yield from part.where.values()
        case CartLinkStep(without=str() as field) if field:
            yield field
        case PointsStep():
            yield from (path for path in (part.add, part.take) if path[:1].isalpha())
        case DrawStep():
            yield from (path for path in (part.percent,) if path[:1].isalpha())
        case CouponStep():
            given = (part.percent, part.amount, part.days, part.minimum, part.budget, part.worth)
            yield from (path for path in given if path[:1].isalpha())
        case LanguageStep(language=field):
            yield field
        case FocusStep(order=field) if field != "latest":
            yield field
