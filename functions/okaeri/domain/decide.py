"""decide(customer, event, now, facts): what happens next, and why. Pure and deterministic.

State only moves forward, so any order of events, and any repetition, comes to the same end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from okaeri.domain.acts import take_answer
from okaeri.domain.answers import note_heard, note_stopped
from okaeri.domain.asking import hear_answer
from okaeri.domain.conversations import LETTER_RECEIVED, TURN_TAKEN
from okaeri.domain.counted import HOLDOUT
from okaeri.domain.customers import Customer, Run
from okaeri.domain.effects import Effect, KeepDecision
from okaeri.domain.entries import find_begun_flow, list_beginnings
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene
from okaeri.domain.goals import credit_goals, is_met, name_arm, watch_goal
from okaeri.domain.journeys import AskStep, CallStep, ChangeOrderStep, CouponStep, Definition, WaitStep
from okaeri.domain.modes import draw_percent, find_mode, find_published, find_silence, is_in_share
from okaeri.domain.order_events import fold_code
from okaeri.domain.outcomes import decide_message
from okaeri.domain.records import DecisionRecord, Finding
from okaeri.domain.speak import ANSWERED, MERGED
from okaeri.domain.stores import UNINSTALLED, Mode, PublishedJourney
from okaeri.domain.surveys import begins_by_asking, was_surveyed
from okaeri.domain.talks import heed, learn_from, note_unheeded
from okaeri.domain.turns import Heeding
from okaeri.domain.values import Purpose, format_time, make_id
from okaeri.domain.walk import ACT_EVENTS, Walk

MAX_RUNS = 64
MAX_RECENT = 32
MAX_ENDED = 64
MAX_ENTERED = 32
TIMER_DUE = "timer.due"
PERSONAL = ("text", "answers")  # what a shopper wrote is kept on their timeline, or with the responses, alone
# The event of a message's own fate, decided by `outcomes`; journeys may wait for it as for any other.
MESSAGE_EVENTS = ("message.failed", "message.checked")


class Decision(NamedTuple):
    """The customer's new state, what to do, what was weighed, and the `events` that journeys made, to be decided next.

    `is_new` is False for an event known already.
    """

    customer: Customer
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
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
    course = _Course(customer, event, now, facts)
    if event.name in MESSAGE_EVENTS:
        outcome = decide_message(customer, event, now, facts)
        course.customer = outcome.customer or customer
        course.effects += outcome.effects
        course.findings += outcome.findings
    course.credit()
    course.close_ticket()
    course.heed_before()
    if event.data.get("keyword") == "stop":
        course.stop()
    for run in course.before:
        course.continue_run(run)
    # An exit comes before an entry: the order that ends the cart's run may start its own.
    started = (*list_beginnings(event, facts.store), *facts.summoned)
    if event.name in (TURN_TAKEN, LETTER_RECEIVED) and course.is_taken:
        started = ()  # it was the answer to a question
    for published in sorted(started, key=lambda entry: -facts.definitions[entry.definition].priority):
        course.start_run(published)
    course.heed_after()
    course.limit_runs()
    return course.decide_end()


class _Course:
    """One decision in the making: the customer and their runs as they stand after each walk."""

    def __init__(self, customer: Customer, event: Event, now: datetime, facts: Facts) -> None:
        self.customer, self.event, self.now, self.facts = customer, event, now, facts
        self.before = customer.runs
        self.runs = {run.make_id(customer.store_id): run for run in customer.runs}
        self.ended = dict(customer.ended_runs)
        self.ended_own = dict(customer.ended_own)
        self.effects: list[Effect] = []
        self.findings: list[Finding] = []
        self.events: list[Event] = []
        self.reached: set[str] = set()  # runs whose goal this event is
        self.is_taken = False  # a question has taken what the customer said for its answer
        self.has_started = False
        # The flow that a turn names by a code of the shop.
        self.begun = find_begun_flow(event, facts.store) if event.name == TURN_TAKEN else None

    def decide_end(self) -> Decision:
        """The decision, with what there is to be remembered of the event."""
        event, findings = self.event, self.findings
        if not findings:
            why = f"quiet:{event.quiet}" if event.quiet else "no_journey"
            findings.append(Finding(what=event.name, verdict="nothing to do", why=why))
        recent = self.customer.recent
        after = self.customer.model_copy(
            update={
                "runs": tuple(self.runs.values()),
                "ended_runs": dict(list(self.ended.items())[-MAX_ENDED:]),
                "ended_own": dict(list(self.ended_own.items())[-MAX_ENDED:]),
                "recent": (*recent, shorten(event.event_id))[-MAX_RECENT:],
                "evicted": self.customer.evicted or len(recent) >= MAX_RECENT,
                "latest_event_at": max(self.customer.latest_event_at or event.occurred_at, event.occurred_at),
            }
        )
        self.effects.append(keep_decision(after, event, self.now, findings))
        return Decision(after, tuple(self.effects), tuple(findings), tuple(self.events))

    def heed_before(self) -> None:
        """What changes who is in charge changes it before journeys hear of it."""
        self._take_heeding(heed(self.customer, self.event, self.now, self.facts))

    def heed_after(self) -> None:
        """What a customer said and no question took is theirs who read; a turn that nothing took is told so."""
        self._take_heeding(
            note_unheeded(self.customer, self.event, self.facts, is_taken=self.is_taken, has_started=self.has_started)
        )

    def _take_heeding(self, heeding: Heeding) -> None:
        self.customer = heeding.customer
        self.effects += heeding.effects
        self.events += heeding.events
        self.findings += heeding.findings

    def credit(self) -> None:
        """Credits goals first, so that a run that ends by this very event is credited too."""
        credit = credit_goals(self.customer, self.event, self.now, self.facts)
        self.customer = credit.customer
        self.effects += credit.effects
        self.findings += credit.findings
        self.reached = {effect.goal.run_id for effect in credit.effects}

    def close_ticket(self) -> None:
        """A ticket that was solved holds nothing back any more."""
        solved = self.event.refs.get("ticket.id", ()) if self.event.name == "ticket.solved" else ()
        left = tuple(ticket for ticket in self.customer.open_tickets if ticket.ticket_id not in solved)
        if left != self.customer.open_tickets:
            self.customer = self.customer.model_copy(update={"open_tickets": left})
            self.findings.append(Finding(what="ticket", verdict="solved"))

    def stop(self) -> None:
        """What was asked before STOP is not answered after it."""
        stopped_at = self.event.occurred_at + timedelta(seconds=self.customer.ahead_s)
        self.runs = {run_id: note_stopped(run, stopped_at) for run_id, run in self.runs.items()}

    def continue_run(self, run: Run) -> None:
        """Lets one run hear of the event."""
        run_id = run.make_id(self.customer.store_id)
        walk = self._make_walk(self.runs[run_id], self.facts.definitions[run.definition])
        self._hear(walk, walk.run or run)
        self._take(walk)

    def start_run(self, published: PublishedJourney) -> None:
        """Starts a journey that this event triggers, or says why not."""
        definition = self.facts.definitions[published.definition]
        key = self._find_key(definition)
        name = name_entry(published.journey, key)
        keys = {key, *(self.customer.absorbed if definition.key == "customer" else ())}
        running = [run for run in self.runs.values() if run.journey == published.journey and run.key in keys]
        names = [name_entry(published.journey, other) for other in keys]
        known = [entries.get(other, 0) for entries in (self.ended, self.ended_own) for other in names]
        entries = max([*known, *(run.entry + 1 for run in running)])
        run = Run(
            journey=published.journey,
            definition=published.definition,
            key=key,
            entry=entries,
            started_at=self.now,
            refs=self.event.refs,
            data=learn_from(self.event),
        )
        if self.event.name in ANSWERED:
            run = note_heard(run, self.now)
        walk = self._make_walk(run, definition, published)
        refusal = self._refuse_start(walk.scene(), published, running=bool(running), entries=entries)
        if refusal:
            walk.note("run", "not started", refusal)
            self.findings += walk.findings
            return
        self._count_entry(definition, name)
        walk.customer = self.customer
        silence = find_silence(find_mode(self.facts.store, published), self.facts.store, self.customer)
        if self._is_held_out(definition):
            walk.note("run", "held out", silence or HOLDOUT)
            self.findings += walk.findings
            if silence is None:
                self.customer = watch_goal(self.customer, run, walk.run_id, definition, self.now, HOLDOUT)
            self._remember_end(definition, run)
            return
        self.has_started = True
        walk.note("run", "started", f"key:{definition.key}")
        if definition.holdout and silence is None:  # both halves are watched from the same moment on
            walk.note("run", "compared")
            walk.customer = watch_goal(walk.customer, run, walk.run_id, definition, self.now, "")
        walk.go()
        self._take(walk)

    def limit_runs(self) -> None:
        """Beyond 64 active runs the oldest marketing runs end with a reason."""
        surplus = len(self.runs) - MAX_RUNS
        if surplus <= 0:
            return
        definitions = self.facts.definitions
        oldest_first = sorted(
            self.runs.values(),
            key=lambda run: (definitions[run.definition].purpose is not Purpose.MARKETING, run.started_at),
        )
        for run in oldest_first[:surplus]:
            walk = self._make_walk(run, definitions[run.definition])
            walk.end("too_many_runs")
            self._take(walk)

    # -- one walk --------------------------------------------------------------------------------------------------

    def _make_walk(self, run: Run, definition: Definition, published: PublishedJourney | None = None) -> Walk:
        run_id = run.make_id(self.customer.store_id)
        return Walk(
            customer=self.customer,
            run=run,
            event=self.event,
            now=self.now,
            facts=self.facts,
            definition=definition,
            published=published or find_published(self.facts.store, run.journey, definition.events),
            run_id=run_id,
            others=tuple(other for name, other in self.runs.items() if name != run_id),
        )

    def _take(self, walk: Walk) -> None:
        """The world after a walk."""
        self.customer = walk.customer
        self.effects += walk.effects
        self.findings += walk.findings
        self.events += walk.events
        run = walk.run
        last = run or walk.last_run
        assert last is not None  # a walk without a run has ended it
        if walk.has_spoken:
            arm = name_arm(last)
            self.customer = watch_goal(self.customer, last, walk.run_id, walk.definition, self.now, arm)
        if run is None:
            self.runs.pop(walk.run_id, None)
            self._remember_end(walk.definition, last)
        else:
            self.runs[walk.run_id] = run
        for sibling in walk.absorbed:
            self._merge_sibling(sibling, walk.absorbed_by)

    def _merge_sibling(self, sibling: Run, seed: str) -> None:
        """Its message was said: it wakes at once, for its own facts have to be read, and goes on after the send."""
        walk = self._make_walk(sibling, self.facts.definitions[sibling.definition])
        waiting = sibling.waiting
        walk.disarm()
        walk.run = sibling.model_copy(update={"waiting": None, "data": sibling.data | {MERGED: seed[:10]}})
        walk.rest(self.now, wish=waiting.wish if waiting else None, since=waiting.wanted_at if waiting else None)
        self._take(walk)

    def _hear(self, walk: Walk, run: Run) -> None:
        """What the event means for a run that waits."""
        event, definition = self.event, walk.definition
        if self.facts.store.paused == UNINSTALLED:
            return walk.end("store_uninstalled")
        if find_mode(self.facts.store, walk.published) is Mode.OFF:
            return walk.end("switched_off")
        leave = next((match for match in definition.exits if is_met(match, event, walk.scene())), None)
        if leave is not None and self._hear_own_answer(walk, run):
            return None
        if leave is not None:
            return walk.end(leave.reason or event.name)
        if walk.run_id in self.reached and definition.goal is not None and definition.goal.ends:
            return walk.end("goal")
        if run.waiting is None:
            return None
        if event.name == TIMER_DUE:
            return walk.proceed("timeout") if self._is_due(walk, run) else None
        if run.waiting.wish is not None and not run.waiting.events:
            return None  # it waits to speak, not for events
        step = definition.steps[run.step]
        match step:
            case WaitStep():
                self._hear_wait(walk, run, step)
            case AskStep():
                self.is_taken = hear_answer(walk, run, step, self.before) or self.is_taken
            case CallStep() | CouponStep() | ChangeOrderStep():
                self._hear_act(walk, run, step)
        return None

    def _hear_own_answer(self, walk: Walk, run: Run) -> bool:
        """Words that answer the run's own question do not end it, where any others would."""
        step = walk.definition.steps[run.step]
        if not isinstance(step, AskStep) or run.waiting is None or not hear_answer(walk, run, step, self.before):
            return False
        self.is_taken = True
        return True

    def _hear_wait(self, walk: Walk, run: Run, step: WaitStep) -> None:
        met = next((i for i, match in enumerate(step.events) if is_met(match, self.event, walk.scene())), None)
        if met is None or (step.all_of and not walk.wait_for_rest(step, met)):
            return
        walk.disarm()
        if step.unchanged_for is not None and run.waiting is not None:
            walk.rest(self.now + walk.scene().read_span(step.unchanged_for), run.waiting.events)
        else:
            walk.proceed(self.event.name)

    def _hear_act(self, walk: Walk, run: Run, step: CallStep | CouponStep | ChangeOrderStep) -> None:
        if self.event.name not in ACT_EVENTS or not walk.is_own_act(self.event):
            return
        walk.disarm()
        brought = {name: str(value) for name, value in self.event.data.items()}
        if isinstance(step, CallStep):
            walk.run = take_answer(run, f"call.{step.call}", brought)
        elif isinstance(step, ChangeOrderStep):
            walk.run = take_answer(run, f"change.{step.change}", brought)
        elif "code" in brought:
            from okaeri.domain.campaign_acts import FROZEN  # few events bring a code

            refs = run.refs | {"coupon.code": (fold_code(brought["code"]),)}
            kept = {"": brought["code"]} | {name: brought[name] for name in FROZEN if name in brought}
            walk.run = take_answer(run.model_copy(update={"refs": refs}), f"coupon.{step.coupon}", kept)
        elif isinstance(step, CouponStep):
            from okaeri.domain.campaign_acts import forget_reward

            walk.customer = forget_reward(walk.customer, step)
        walk.note("act", self.event.name, brought.get("reason", ""))
        walk.proceed(self.event.name.partition(".")[2])

    def _is_due(self, walk: Walk, run: Run) -> bool:
        """A stale timer (the run has moved on) and an early one change nothing."""
        assert run.waiting is not None
        if walk.run_id not in self.event.refs.get("run.id", ()) or run.waiting.due is None:
            return False
        if self.event.data.get("step") != run.step or self.event.data.get("due") != format_time(run.waiting.due):
            walk.note("timer", "ignored", "moved_on")
            return False
        return walk.now >= run.waiting.due

    # -- entries ---------------------------------------------------------------------------------------------------

    def _find_key(self, definition: Definition) -> str:
        if definition.key == "event.id":
            return self.event.event_id
        if definition.key == "customer":
            return self.customer.customer_id
        return next(iter(self.event.refs.get(definition.key, ())), "")

    def _refuse_start(self, scene: Scene, published: PublishedJourney, *, running: bool, entries: int) -> str | None:
        run, event, store, definition = scene.run, scene.event, self.facts.store, scene.definition
        if event.quiet:
            return f"quiet:{event.quiet}"
        if store.paused:
            return "store_paused"
        if find_mode(store, published) is Mode.OFF:
            return "switched_off"
        if not run.key:
            return f"no_key:{definition.key}"
        if running and definition.again != "always":
            return "running_already"
        if entries and definition.again == "never":
            return "ran_already"
        limit = definition.again_limit
        if limit is not None and len(self._list_entries(definition, run)) >= limit.times:
            return "entered_too_often"
        # Who comes by a flow's own link need not ask for it in words.
        if definition.when is not None and self.begun is None and not scene.holds(definition.when):
            return "condition_not_met"
        if not is_in_share(store, published, self.customer):
            return "outside_share"
        if begins_by_asking(definition) and was_surveyed(self.customer, store, self.now):
            return "surveyed_lately"
        return None

    def _list_entries(self, definition: Definition, run: Run) -> tuple[datetime, ...]:
        assert definition.again_limit is not None
        since = self.now - definition.again_limit.per
        keys = {run.key, *(self.customer.absorbed if definition.key == "customer" else ())}
        entered = (self.customer.entered.get(name_entry(run.journey, key), ()) for key in keys)
        return tuple(at for at in chain.from_iterable(entered) if at > since)

    def _count_entry(self, definition: Definition, name: str) -> None:
        """Entries are remembered only of journeys that limit them."""
        limit = definition.again_limit
        if limit is None:
            return
        entered = {other: times for other, times in self.customer.entered.items() if other != name}
        entered[name] = (*self.customer.entered.get(name, ()), self.now)[-limit.times :]
        latest = dict(list(entered.items())[-MAX_ENTERED:])
        self.customer = self.customer.model_copy(update={"entered": latest})

    def _is_held_out(self, definition: Definition) -> bool:
        drawn = draw_percent(self.customer.store_id, definition.journey, HOLDOUT, self.customer.customer_id)
        return drawn < definition.holdout

    def _remember_end(self, definition: Definition, run: Run) -> None:
        if definition.key == "event.id":
            return  # an event comes once: there is nothing to re-enter
        name = name_entry(run.journey, run.key)
        # Many orders must not bring back what a person went through once, nor its messages' ids.
        ended = self.ended_own if definition.key == "customer" else self.ended
        entries = max(ended.pop(name, 0), run.entry + 1)  # the latest last: the oldest are forgotten first
        ended[name] = entries


def name_entry(journey: str, key: str) -> str:
    """How ended runs are remembered, for re-entry."""
    return make_id(journey, key)[:10]


def keep_decision(customer: Customer, event: Event, now: datetime, findings: Iterable[Finding]) -> KeepDecision:
    """The record of what was weighed on an event."""
    record = DecisionRecord(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        event_id=event.event_id,
        event=event.name,
        occurred_at=event.occurred_at,
        decided_at=now,
        data={name: str(value) for name, value in event.data.items() if name not in PERSONAL}
        | {name: ",".join(values) for name, values in event.refs.items()},
        findings=tuple(findings),
    )
    return KeepDecision(id=event.event_id, record=record)
