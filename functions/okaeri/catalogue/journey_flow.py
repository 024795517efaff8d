"""Follows a compiled journey over all its ways: what may be true at each step, and what no run ever comes to.

Jumps lead forward only, so one pass in the order of the steps sees every way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from okaeri.catalogue.journey_words import find_event
from okaeri.domain.conditions import Condition
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    CartLinkStep,
    ChangeOrderStep,
    CouponStep,
    Definition,
    DrawStep,
    ExitStep,
    FindStep,
    FocusStep,
    JumpStep,
    PointsStep,
    RecommendStep,
    SendStep,
    SplitStep,
    Step,
    TicketStep,
    WaitStep,
)
from okaeri.domain.values import Purpose

NOTHING = ""  # no value yet
TIMEOUT = "timeout"
TIMER = "timer.due"


@dataclass(frozen=True)
class State:
    """What may be true when a run comes to a step.

    `values` holds, of fields whose values are few, which they may have; `begun` the events that may have begun the
    run, which give it its references, as steps give it those `gained`; `set_before` fields such as answer.rating that
    may have been set; `false` conditions that cannot hold here.
    """

    values: Mapping[str, frozenset[str]]
    begun: frozenset[str]
    set_before: frozenset[str] = frozenset()
    gained: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    has_waited: bool = False

    @property
    def refs(self) -> frozenset[str]:
        """What the run may be about."""
        return list_refs(self.begun) | self.gained

    def assume(self, field: str, values: frozenset[str]) -> State | None:
        """The same, with a field known to be one of these; None where that cannot be."""
        left = self.values[field] & values
        if not left:
            return None
        begun = self.begun & left if field == "event.name" and not self.has_waited else self.begun
        return replace(self, values={**self.values, field: left}, begun=begun)


@dataclass(frozen=True)
class Flow:
    """The state at each step, None where no run comes; `dead_arms` are jumps whose condition cannot hold."""

    states: tuple[State | None, ...]
    dead_arms: tuple[int, ...]

    def walk(self, definition: Definition) -> Iterator[tuple[Step, State]]:
        """The steps that a run may come to, each with its state."""
        for step, state in zip(definition.steps, self.states, strict=True):
            if state is not None:
                yield step, state


def list_refs(events: Iterable[str]) -> frozenset[str]:
    """What at least one of the events carries."""
    shapes = (find_event(event) for event in events)
    return frozenset(ref for shape in shapes if shape is not None for ref in shape.refs)


def follow(definition: Definition) -> Flow:
    """Follows every way through the journey."""
    events = frozenset(definition.events)
    start: State | None = State(
        values={"event.name": events, "run.outcome": frozenset({NOTHING})},
        begun=events,
    )
    if definition.when is not None and start is not None:
        start = suppose(definition.when, start)[0]
    arriving: list[list[State]] = [[] for _ in range(len(definition.steps) + 1)]
    arriving[0] = [start] if start is not None else []
    states: list[State | None] = []
    dead = []
    for index, step in enumerate(definition.steps):
        state = _merge(arriving[index])
        states.append(state)
        if state is None:
            continue
        if isinstance(step, JumpStep):
            stays, leaves = suppose(step.unless, state) if step.unless is not None else (None, state)
            if step.unless is not None and stays is None:
                dead.append(index)
            arriving[index + 1] += [stays] if stays is not None else []
            arriving[step.to] += [leaves] if leaves is not None else []
        elif not isinstance(step, ExitStep):
            arriving[index + 1].append(_pass(step, state, definition.purpose))
    return Flow(tuple(states), tuple(dead))


def _pass(step: Step, state: State, purpose: Purpose) -> State:
    """The state after a step that is no jump."""
    state = replace(state, false=frozenset())
    outcome = "run.outcome"
    match step:
        case WaitStep() if step.events:
            events = frozenset(match.event for match in step.events)
            can_time_out = step.timeout or step.timeout_at or step.unchanged_for
            ends = frozenset({TIMEOUT}) if can_time_out else frozenset()
            outcomes = ends if step.unchanged_for else events | ends
            woken_by = events | {TIMER} if can_time_out else events
            values = {**state.values, outcome: outcomes, "event.name": woken_by}
            return replace(state, values=values, has_waited=True)
        case WaitStep():  # one that is over already leaves the outcome before it
            return _put_off(_set_values(state, outcome, state.values[outcome] | {TIMEOUT}))
        case AskStep():
            field = f"answer.{step.ask}"
            values = {**state.values, outcome: frozenset({"answered", "skipped", "unreachable", TIMEOUT})}
            if not (step.text or step.media or step.choices):
                values[field] = frozenset({*step.answers, NOTHING})
            return _put_off(replace(state, values=values, set_before=state.set_before | {field}))
        case SplitStep():
            field = f"split.{step.split}"
            drawn = frozenset(name for name, weight in zip(step.names, step.weights, strict=True) if weight)
            return replace(_set_values(state, field, drawn), set_before=state.set_before | {field})
        case CouponStep():
            after = _set_values(state, outcome, frozenset({"issued", "failed", TIMEOUT}))
            known = state.set_before | {f"coupon.{step.coupon}"}
            return _put_off(replace(after, set_before=known, gained=state.gained | {"coupon.code"}))
        case CallStep():
            after = _set_values(state, outcome, frozenset({"answered", "failed", TIMEOUT}))
            return _put_off(replace(after, set_before=state.set_before | {f"call.{step.call}"}))
        case ChangeOrderStep():
            after = _set_values(state, outcome, frozenset({"done", "refused", "failed", TIMEOUT}))
            return _put_off(replace(after, set_before=state.set_before | {f"change.{step.change}"}))
        case FocusStep():
            after = _set_values(state, outcome, frozenset({"focused", "none"}))
            return replace(after, gained=state.gained | {"order.id"})
        case FindStep():
            return replace(state, set_before=state.set_before | {f"find.{step.find}"})
        case RecommendStep():
            return replace(state, set_before=state.set_before | {f"find.{step.find}"})
        case CartLinkStep():
            after = _set_values(state, outcome, frozenset({"made", "none"}))
            return replace(after, set_before=state.set_before | {f"link.{step.link}"})
        case PointsStep():
            after = _set_values(state, outcome, frozenset({"done", "short", "none"} if step.take else {"done", "none"}))
            return replace(after, set_before=state.set_before | {f"points.{step.reason}"})
        case DrawStep():
            return _set_values(state, outcome, frozenset({"won", "lost"}))
        case TicketStep():
            return replace(state, gained=state.gained | {"ticket.id"})
        case SendStep() if step.gather or (step.purpose or purpose) is Purpose.MARKETING:
            return _put_off(state)
    return state


def _set_values(state: State, field: str, values: frozenset[str]) -> State:
    return replace(state, values={**state.values, field: values})


def _put_off(state: State) -> State:
    """Afterwards a timer may have woken the run, and not the event that was there before."""
    return replace(_set_values(state, "event.name", state.values["event.name"] | {TIMER}), has_waited=True)


def suppose(condition: Condition, state: State) -> tuple[State | None, State | None]:
    """The state where the condition holds, and where it does not; None for what cannot be."""
    name = condition.model_dump_json(exclude_defaults=True)
    if name in state.false:
        return None, state
    holds, fails = _suppose(condition, state)
    return holds, replace(fails, false=fails.false | {name}) if fails is not None else None


def _suppose(condition: Condition, state: State) -> tuple[State | None, State | None]:
    if condition.all:
        return _suppose_all(condition.all, state)
    if condition.any or condition.none:
        fails: State | None = state
        held = []
        for part in condition.any or condition.none:
            if fails is None:
                break
            holds, fails = suppose(part, fails)
            held += [holds] if holds is not None else []
        return (_merge(held), fails) if condition.any else (fails, _merge(held))
    known = state.values.get(condition.field or "")
    if known is None or condition.field is None:
        return state, state
    if condition.one_of:
        wanted = frozenset(condition.one_of)
    elif condition.equals is not None and not isinstance(condition.equals, bool):
        wanted = frozenset({str(condition.equals)})
    elif condition.exists is not None:
        wanted = known - {NOTHING} if condition.exists else frozenset({NOTHING})
    else:
        return state, state
    return state.assume(condition.field, wanted), state.assume(condition.field, known - wanted)


def _suppose_all(parts: Iterable[Condition], state: State) -> tuple[State | None, State | None]:
    holds: State | None = state
    failed = []
    for part in parts:
        if holds is None:
            break
        holds, fails = suppose(part, holds)
        failed += [fails] if fails is not None else []
    return holds, _merge(failed)


def _merge(states: list[State]) -> State | None:
    """What may be true where several ways meet."""
    if not states:
        return None
    merged = states[0]
    for state in states[1:]:
        both = merged.values.keys() & state.values.keys()
        merged = State(
            values={field: merged.values[field] | state.values[field] for field in both},
            begun=merged.begun | state.begun,
            set_before=merged.set_before | state.set_before,
            gained=merged.gained | state.gained,
            false=merged.false & state.false,
            has_waited=merged.has_waited or state.has_waited,
        )
    return merged
