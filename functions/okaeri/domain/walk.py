"""One run's walk: from where it stands to its next wait or its end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from okaeri.domain.acts import Deed, take_answer
from okaeri.domain.asking import ask
from okaeri.domain.customers import Customer, Run, Waiting
from okaeri.domain.deeds import do_step, look_up, request_act
from okaeri.domain.effects import ArmTimer, DisarmTimer, Effect, KeepRun
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene
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
    RecommendStep,
    SendStep,
    SplitStep,
    WaitStep,
)
from okaeri.domain.modes import draw_percent, find_mode, find_silence
from okaeri.domain.records import Finding, FinishedRun
from okaeri.domain.speak import MERGED, Speech, plan_speech
from okaeri.domain.stores import PublishedJourney
from okaeri.domain.surveys import is_asked_by_another, note_survey
from okaeri.domain.values import choose_lane, format_time, make_id
from okaeri.domain.waits import find_due, has_date_moved

SHELF_DAYS = 30  # a schedule is armed at most so far ahead (design §5, promise 7)
ACT_EVENTS = (
    *("call.answered", "call.failed", "coupon.issued", "coupon.failed"),
    *("change.done", "change.refused", "change.failed"),
)


@dataclass
class Walk:
    """The walk in progress: `run` is None once it has ended. `others` are the customer's other runs as they stand."""

    customer: Customer
    run: Run | None
    event: Event
    now: datetime
    facts: Facts
    definition: Definition
    published: PublishedJourney | None
    run_id: str
    others: tuple[Run, ...] = ()
    effects: list[Effect] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    absorbed: list[Run] = field(default_factory=list)  # siblings whose message this walk has said too
    absorbed_by: str = ""
    has_spoken: bool = False
    last_run: Run | None = None  # as it was when it ended
    wanted_at: datetime | None = None  # since when the step at hand wants to speak
    given: Mapping[str, str] = field(default_factory=dict)  # what a page has answered of the questions ahead

    def scene(self) -> Scene:
        """The scene in which this run's conditions are read."""
        assert self.run is not None
        return Scene(self.customer, self.run, self.event, self.now, self.facts, self.published, self.definition)

    def note(self, what: str, verdict: str, why: str = "") -> None:
        """Adds a finding under the journey's name."""
        self.findings.append(Finding(what=f"{self.definition.journey}.{what}", verdict=verdict, why=why))

    def end(self, reason: str) -> None:
        """Ends the run with a reason. One that never waited is told by its decision alone."""
        run = self.run
        assert run is not None
        self.disarm()
        if run.waiting is not None or run.step or run.visit:
            finished = FinishedRun(
                store_id=self.customer.store_id,
                customer_id=self.customer.customer_id,
                run_id=self.run_id,
                run=run.model_copy(update={"waiting": None}),
                ended_at=self.now,
                reason=reason,
            )
            self.effects.append(KeepRun(id=self.run_id, run=finished))
        self.note("run", "ended", reason)
        self.run, self.last_run = None, run

    def disarm(self) -> None:
        """Takes back the schedule of the present wait, where there is one."""
        run = self.run
        if run is not None and run.waiting is not None and run.waiting.scheduled and run.waiting.due is not None:
            name = name_timer(self.customer.customer_id, self.run_id, run, run.waiting.due)
            self.effects.append(DisarmTimer(id=name))

    def proceed(self, outcome: str) -> None:
        """The present wait is over: goes on, from the step after it, to the next wait or the end.

        A wait that only put a message off takes the same step again.
        """
        run = self.run
        assert run is not None
        step = self.definition.steps[run.step]
        waiting = run.waiting
        if outcome == "timeout" and isinstance(step, WaitStep) and has_date_moved(step, self.scene()):
            self.rest(find_due(step, self.scene(), self.run_id), tuple(match.event for match in step.events))
            return
        self.run = run.model_copy(update={"waiting": None})
        if waiting is not None and waiting.wish is not None and outcome == "timeout":
            self.wanted_at = waiting.wanted_at
        elif not isinstance(step, SendStep):
            self.run = self.run.model_copy(update={"outcome": outcome})
            self.move_on()
        self.go()

    def go(self) -> None:
        """Walks from the run's step on."""
        for _ in range(1000):  # compile refuses loops; this bound only keeps a wrong definition from spinning
            run = self.run
            assert run is not None
            if run.step >= len(self.definition.steps):
                return self.end("done")
            if self._take(run.step):
                return None
        raise RuntimeError(f"journey {self.definition.journey} does not come to a wait")

    def _take(self, index: int) -> bool:
        """Takes one step; True where the run rests or has ended."""
        step = self.definition.steps[index]
        match step:
            case WaitStep():
                return self._wait(step)
            case JumpStep():
                stays = step.unless is not None and self.scene().holds(step.unless)
                return self._move_to(index + 1 if stays else step.to)
            case SplitStep():
                return self._split(step)
            case SendStep():
                return self._send(step)
            case AskStep():
                return ask(self, step)
            case FocusStep() | FindStep() | RecommendStep() | CartLinkStep() | DrawStep():
                look = look_up(step, self.scene())
                self.run = look.run
                self.note(look.what, look.verdict, look.why)
                return self.move_on()
            case CallStep() | CouponStep() | ChangeOrderStep():
                request = request_act(step, self.scene(), self.seed(self.customer.customer_id))
                self._apply(request.deed)
                return self.move_on() if request.patience is None else self._await_act(request.patience)
            case ExitStep():
                self.end(step.reason)
                return True
            case _:
                self._apply(do_step(step, self.scene(), self.seed()))
                return self.move_on()

    def seed(self, *distinct: str) -> str:
        """hash(run, step, visit): what this step makes is made once, whoever decides and whenever.

        Runs of several customers about one broadcast or product share it: what is kept beside others' is `distinct`.
        """
        assert self.run is not None
        return make_id(self.run_id, self.run.step, self.run.visit, *distinct)

    def is_own_act(self, event: Event) -> bool:
        """Whether this tells what came of the act at hand, asked for by this record or one that was joined to it."""
        owners = (self.customer.customer_id, *self.customer.absorbed)
        return not {self.seed(owner) for owner in owners}.isdisjoint(event.refs.get("act.id", ()))

    def _move_to(self, step: int) -> bool:
        assert self.run is not None
        self.run = self.run.model_copy(update={"step": step, "visit": 0, "waiting": None})
        self.wanted_at = None
        return False

    def move_on(self) -> bool:
        """To the next step."""
        assert self.run is not None
        return self._move_to(self.run.step + 1)

    # -- waiting ---------------------------------------------------------------------------------------------------

    def _wait(self, step: WaitStep) -> bool:
        """Starts the wait; False where it is over already."""
        due = find_due(step, self.scene(), self.run_id)
        events = tuple(match.event for match in step.events)
        if due is not None and due <= self.now and not events and step.unchanged_for is None:
            return self.move_on()
        return self.rest(due, events)

    def rest(
        self,
        due: datetime | None,
        events: tuple[str, ...] = (),
        *,
        wish: str | None = None,
        since: datetime | None = None,
    ) -> bool:
        """Puts the run to rest until `due`, or one of `events`. `wish`: what is put off, wanted since `since`."""
        run = self.run
        assert run is not None
        real_delay = self.facts.pace.to_real_delay((due - self.now).total_seconds()) if due else 0.0
        waiting = Waiting(
            due=due,
            wish=wish,
            wanted_at=since,
            events=events,
            scheduled=self.facts.pace.queue_delay_limit_s < real_delay <= SHELF_DAYS * 86_400,
            shelved=real_delay > SHELF_DAYS * 86_400,
        )
        self.run = run.model_copy(update={"waiting": waiting})
        if due is not None and not waiting.shelved:
            self.effects.append(make_timer(self.customer.customer_id, self.run_id, self.run, due, self.definition))
        self.note(f"{run.step}", "waits", _name_wait(due, events))
        return True

    def wait_for_rest(self, step: WaitStep, position: int) -> bool:
        """One of several events that are all waited for has come; True once all have."""
        run = self.run
        assert run is not None
        name = f"seen.{run.step}"
        seen = {*run.data.get(name, "").split(","), str(position)} - {""}
        self.run = run.model_copy(update={"data": run.data | {name: ",".join(sorted(seen))}})
        return len(seen) == len(step.events)

    # -- speaking --------------------------------------------------------------------------------------------------

    def _send(self, step: SendStep) -> bool:
        run = self.run
        assert run is not None
        if self.is_said_by_sibling(step):
            return self.move_on()
        if step.gather is not None and self.wanted_at is None and (span := self.scene().read_span(step.gather)):
            return self.rest(self.now + span, wish=step.template, since=self.now)
        if step.survey and is_asked_by_another(self.definition, run, self.customer, self.facts.store, self.now):
            self.end("surveyed_lately")
            return True
        speech = self.plan(step)
        if self.speak(speech):
            return True
        if step.survey and speech.is_heard:
            self.customer = self.customer.model_copy(update={"surveyed_at": self.now})
            self.run = note_survey(run)
        return self.move_on()

    def plan(self, step: SendStep) -> Speech:
        """Whether and how this step is said now."""
        return plan_speech(
            step,
            self.scene(),
            run_id=self.run_id,
            seed=self.seed(),
            wanted_at=self.wanted_at or self.now,
            others=self.others,
        )

    def is_said_by_sibling(self, step: SendStep | AskStep) -> bool:
        """Whether another run has said it for this one too, which is heard once."""
        run = self.run
        assert run is not None
        if MERGED not in run.data:
            return False
        self.note(step.template, "merged", "said_by_sibling")
        self.run = run.model_copy(update={"data": {k: v for k, v in run.data.items() if k != MERGED}})
        return True

    def speak(self, speech: Speech, events: tuple[str, ...] = ()) -> bool:
        """Takes what was planned; True where it is put off and the run rests, which hears `events` meanwhile."""
        self.findings += speech.findings
        if speech.later is not None:
            return self.rest(speech.later, events, wish=speech.template, since=self.wanted_at or self.now)
        self.effects += speech.effects
        self.customer = speech.customer
        self.has_spoken = self.has_spoken or speech.is_heard
        if speech.absorbed:
            self.absorbed, self.absorbed_by = [*self.absorbed, *speech.absorbed], self.seed()
        return False

    # -- acting ----------------------------------------------------------------------------------------------------

    def _apply(self, deed: Deed) -> None:
        """In shadow mode nothing leaves the house and nothing of the customer changes: a wait ends by its time."""
        silence = find_silence(find_mode(self.facts.store, self.published), self.facts.store, self.customer)
        if silence is not None:
            self.note("act", *deed.note)
            return self.note("act", "not done", silence)
        self.customer = deed.customer
        self.effects += deed.effects
        self.events += deed.events
        self.run = deed.run or self.run
        return self.note("act", *deed.note)

    def _await_act(self, patience: timedelta) -> bool:
        """Rests until the answer comes. The world outside takes its real time, however fast the journey's days pass."""
        real = timedelta(seconds=self.facts.pace.to_domain_time(patience.total_seconds()))
        return self.rest(self.now + real, ACT_EVENTS)

    def _split(self, step: SplitStep) -> bool:
        """The same customer takes the same arm in each run."""
        run = self.run
        assert run is not None
        drawn = draw_percent(self.customer.store_id, run.journey, step.split, self.customer.customer_id)
        point = drawn * sum(step.weights) / 100
        reached, arm = 0, step.names[-1]
        for name, weight in zip(step.names, step.weights, strict=True):
            reached += weight
            if point < reached:
                arm = name
                break
        self.note(f"split.{step.split}", "drew", f"arm:{arm}")
        self.run = take_answer(run, f"split.{step.split}", {"": arm})
        return self.move_on()


def name_timer(customer_id: str, run_id: str, run: Run, due: datetime) -> str:
    """A schedule's name: hash(customer, run, step, visit, due). The runs of one broadcast all have one id."""
    return make_id(customer_id, run_id, run.step, run.visit, format_time(due))


def _name_wait(due: datetime | None, events: tuple[str, ...]) -> str:
    """What a run waits for, as a finding tells it."""
    named = ",".join(dict.fromkeys(events))
    if due is None:
        return f"for:{named}"
    return f"for_until:{named}:{format_time(due)}" if named else f"until:{format_time(due)}"


def make_timer(customer_id: str, run_id: str, run: Run, due: datetime, definition: Definition) -> ArmTimer:
    """The effect that wakes the run at `due`."""
    return ArmTimer(
        id=name_timer(customer_id, run_id, run, due),
        run_id=run_id,
        step=run.step,
        due=due,
        lane=choose_lane(definition.purpose),
    )
