"""decide(customer, event, now, facts): what happens next, and why. Pure and deterministic.

State only moves forward, so any order of events, and any repetition, comes to the same end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from okaeri.domain.customers import Customer, Run
from okaeri.domain.effects import Effect, KeepDecision
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene, holds
from okaeri.domain.journeys import Definition, EventMatch, WaitStep
from okaeri.domain.outcomes import decide_message
from okaeri.domain.records import DecisionRecord, Finding
from okaeri.domain.stores import UNINSTALLED, PublishedJourney
from okaeri.domain.values import Purpose, format_time, make_id
from okaeri.domain.walk import Walk

MAX_RUNS = 64
MAX_RECENT = 32
MAX_ENDED = 64
TIMER_DUE = "timer.due"
# The event of a message's own fate, decided by `outcomes`; journeys may wait for it as for any other.
MESSAGE_EVENTS = ("message.failed", "message.checked")


@dataclass(frozen=True)
class Decision:
    """The customer's new state, what to do, and what was weighed. `is_new` is False for an event known already."""

    customer: Customer
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    is_new: bool = True


def shorten(event_id: str) -> str:
    """How the aggregate remembers an event."""
    return event_id[:10]


def make_timer_event(run_id: str, step: int, due: datetime, at: datetime) -> Event:
    """A wake-up as an event; its id is the timer's, so that a timer that fires twice is one event."""
    return Event(
        event_id=make_id(TIMER_DUE, run_id, step, format_time(due)),
        name=TIMER_DUE,
        occurred_at=at,
        refs={"run.id": (run_id,)},
        data={"step": step, "due": format_time(due)},
    )


def decide(customer: Customer, event: Event, now: datetime, facts: Facts) -> Decision:
    """Moves the customer's runs on, starts new ones, and says what is to be done.

    `now` is the customer's own time. The same event a second time changes nothing.
    """
    if shorten(event.event_id) in customer.recent:
        return Decision(customer, is_new=False)
    effects: list[Effect] = []
    findings: list[Finding] = []
    if event.name in MESSAGE_EVENTS:
        outcome = decide_message(customer, event, now, facts)
        effects += outcome.effects
        findings += outcome.findings
    kept, ended, walks = _walk_runs(customer, event, now, facts)
    effects += [effect for walk in walks for effect in walk.effects]
    findings += [finding for walk in walks for finding in walk.findings]
    if not findings:
        findings.append(Finding(what=event.name, verdict="nothing to do", why=event.quiet or "no journey waits for it"))
    after = customer.model_copy(
        update={
            "runs": kept,
            "ended_runs": dict(list(ended.items())[-MAX_ENDED:]),
            "recent": (*customer.recent, shorten(event.event_id))[-MAX_RECENT:],
            "evicted": customer.evicted or len(customer.recent) >= MAX_RECENT,
        }
    )
    effects.append(_keep_decision(after, event, now, findings))
    return Decision(after, tuple(effects), tuple(findings))


def _walk_runs(
    customer: Customer, event: Event, now: datetime, facts: Facts
) -> tuple[tuple[Run, ...], dict[str, int], list[Walk]]:
    """The runs that go on, the memory of those that ended, and every walk that was made."""
    ended = dict(customer.ended_runs)
    walks: list[Walk] = []
    kept: list[Run] = []
    for run in customer.runs:
        walk = _continue_run(customer, run, event, now, facts)
        walks.append(walk)
        if walk.run is None:
            _remember_end(ended, walk.definition, run)
        else:
            kept.append(walk.run)
    # An exit comes before an entry: the order that ends the cart's run may start its own.
    for published in facts.store.triggers.get(event.name, ()):
        walk = _start_run(customer, published, event, now, facts, kept, ended)
        walks.append(walk)
        if walk.run is not None:
            kept.append(walk.run)
    kept, dropped = _limit_runs(customer, kept, event, now, facts, ended)
    return tuple(kept), ended, walks + dropped


def _continue_run(customer: Customer, run: Run, event: Event, now: datetime, facts: Facts) -> Walk:
    definition = facts.definitions[run.definition]
    walk = _make_walk(customer, run, definition, event, now, facts)
    if facts.store.paused == UNINSTALLED:
        walk.end("store_uninstalled")
        return walk
    if walk.published is not None and not walk.published.on:
        walk.end("switched_off")
        return walk
    leave = next((match for match in definition.exits if _matches(match, event, run)), None)
    if leave is not None:
        walk.end(leave.reason or event.name)
        return walk
    if run.waiting is None:
        return walk
    if event.name == TIMER_DUE:
        if _is_due(walk, run, event):
            walk.proceed("timeout")
        return walk
    step = definition.steps[run.step]
    if isinstance(step, WaitStep) and any(_matches(match, event, run) for match in step.events):
        walk.disarm()
        if step.unchanged_for is not None:
            walk.rest(now + walk.scene().read_span(step.unchanged_for), run.waiting.events)
        else:
            walk.proceed(event.name)
    return walk


def _is_due(walk: Walk, run: Run, event: Event) -> bool:
    """A stale timer (the run has moved on) and an early one change nothing."""
    assert run.waiting is not None
    if walk.run_id not in event.refs.get("run.id", ()) or run.waiting.due is None:
        return False
    if event.data.get("step") != run.step or event.data.get("due") != format_time(run.waiting.due):
        walk.note("timer", "ignored", "the run has moved on")
        return False
    return walk.now >= run.waiting.due


def _start_run(
    customer: Customer,
    published: PublishedJourney,
    event: Event,
    now: datetime,
    facts: Facts,
    running: Iterable[Run],
    ended: dict[str, int],
) -> Walk:
    definition = facts.definitions[published.definition]
    key = event.event_id if definition.key == "event.id" else next(iter(event.refs.get(definition.key, ())), "")
    entries = ended.get(name_entry(published.journey, key), 0)
    run = Run(
        journey=published.journey,
        definition=published.definition,
        key=key,
        entry=entries,
        started_at=now,
        refs=event.refs,
    )
    walk = _make_walk(customer, run, definition, event, now, facts)
    refusal = _refuse_start(walk.scene(), definition, published, running, entries)
    if refusal:
        walk.note("run", "not started", refusal)
        walk.run = None
        return walk
    walk.note("run", "started", f"key {definition.key}")
    walk.go()
    if walk.run is None:
        _remember_end(ended, definition, run)
    return walk


def _refuse_start(
    scene: Scene, definition: Definition, published: PublishedJourney, running: Iterable[Run], entries: int
) -> str | None:
    run, event = scene.run, scene.event
    if event.quiet:
        return f"order is {event.quiet}"
    if scene.facts.store.paused:
        return "store paused"
    if not published.on:
        return "switched off"
    if not run.key:
        return f"no {definition.key}"
    if any(other.journey == run.journey and other.key == run.key for other in running):
        return "running already"
    if entries and definition.again == "never":
        return "ran already"
    if definition.when is not None and not holds(definition.when, scene):
        return "condition not met"
    return None


def name_entry(journey: str, key: str) -> str:
    """How ended runs are remembered, for re-entry."""
    return make_id(journey, key)[:10]


def _remember_end(ended: dict[str, int], definition: Definition, run: Run) -> None:
    if definition.key == "event.id":
        return  # an event comes once: there is nothing to re-enter
    name = name_entry(run.journey, run.key)
    ended.pop(name, None)  # the latest last, so that the oldest are forgotten first
    ended[name] = run.entry + 1


def _limit_runs(
    customer: Customer, runs: list[Run], event: Event, now: datetime, facts: Facts, ended: dict[str, int]
) -> tuple[list[Run], list[Walk]]:
    """Beyond 64 active runs the oldest marketing runs end with a reason."""
    surplus = len(runs) - MAX_RUNS
    if surplus <= 0:
        return runs, []
    oldest_first = sorted(
        runs, key=lambda run: (facts.definitions[run.definition].purpose is not Purpose.MARKETING, run.started_at)
    )
    dropped = []
    for run in oldest_first[:surplus]:
        walk = _make_walk(customer, run, facts.definitions[run.definition], event, now, facts)
        walk.end("too_many_runs")
        _remember_end(ended, walk.definition, run)
        dropped.append(walk)
        runs = [other for other in runs if other is not run]
    return runs, dropped


def _make_walk(customer: Customer, run: Run, definition: Definition, event: Event, now: datetime, facts: Facts) -> Walk:
    published = next(
        (
            candidate
            for name in definition.events
            for candidate in facts.store.triggers.get(name, ())
            if candidate.journey == run.journey
        ),
        None,
    )
    return Walk(customer, run, event, now, facts, definition, published, run.make_id(customer.store_id))


def _matches(match: EventMatch, event: Event, run: Run) -> bool:
    if match.event != event.name:
        return False
    return match.match == "customer" or bool(set(event.refs.get(match.match, ())) & set(run.refs.get(match.match, ())))


def _keep_decision(customer: Customer, event: Event, now: datetime, findings: Iterable[Finding]) -> KeepDecision:
    record = DecisionRecord(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        event_id=event.event_id,
        event=event.name,
        occurred_at=event.occurred_at,
        decided_at=now,
        data={name: str(value) for name, value in event.data.items()}
        | {name: ",".join(values) for name, values in event.refs.items()},
        findings=tuple(findings),
    )
    return KeepDecision(id=make_id(event.event_id, "decision"), record=record)
