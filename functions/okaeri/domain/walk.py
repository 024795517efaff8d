"""One run's walk: from where it stands to its next wait or its end. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from okaeri.domain.customers import Customer, Run, Waiting
from okaeri.domain.effects import ArmTimer, DisarmTimer, Effect, KeepRun
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene, holds
from okaeri.domain.journeys import Definition, ExitStep, JumpStep, Moment, SendStep, WaitStep
from okaeri.domain.local_time import find_next_local_time, find_opening, find_zone
from okaeri.domain.messages import MessageRefs
from okaeri.domain.records import Finding, FinishedRun
from okaeri.domain.say import Wish, say
from okaeri.domain.stores import PublishedJourney
from okaeri.domain.values import Purpose, choose_lane, format_time, make_id

SHELF_DAYS = 30  # a schedule is armed at most so far ahead (design §5, promise 7)
SPREAD_S = 900  # runs that wait for the same local time are spread over so many seconds


@dataclass
class Walk:
    """The walk in progress: `run` is None once it has ended."""

    customer: Customer
    run: Run | None
    event: Event
    now: datetime
    facts: Facts
    definition: Definition
    published: PublishedJourney | None
    run_id: str
    effects: list[Effect] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def scene(self) -> Scene:
        """The scene in which this run's conditions are read."""
        assert self.run is not None
        return Scene(self.customer, self.run, self.event, self.facts, self.published, self.definition)

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
            self.effects.append(KeepRun(id=make_id(self.run_id, "ended"), run=finished))
        self.note("run", "ended", reason)
        self.run = None

    def disarm(self) -> None:
        """Takes back the schedule of the present wait, where there is one."""
        run = self.run
        if run is not None and run.waiting is not None and run.waiting.scheduled and run.waiting.due is not None:
            self.effects.append(DisarmTimer(id=name_timer(self.run_id, run.step, run.visit, run.waiting.due)))

    def proceed(self, outcome: str) -> None:
        """The present wait is over: goes on, from the step after it, to the next wait or the end."""
        run = self.run
        assert run is not None
        step = self.definition.steps[run.step]
        if outcome == "timeout" and isinstance(step, WaitStep) and self._has_date_moved(step):
            self.rest(self._find_due(step), tuple(match.event for match in step.events))
            return
        at_wait = isinstance(step, WaitStep)
        self.run = run.model_copy(
            update={
                "waiting": None,
                "outcome": outcome if at_wait else run.outcome,
                "step": run.step + 1 if at_wait else run.step,
            }
        )
        self.go()

    def go(self) -> None:
        """Walks from the run's step on."""
        for _ in range(1000):  # compile refuses loops; this bound only keeps a wrong definition from spinning
            run = self.run
            assert run is not None
            if run.step >= len(self.definition.steps):
                return self.end("done")
            step = self.definition.steps[run.step]
            match step:
                case WaitStep():
                    if self._wait(step):
                        return None
                    self._move_to(run.step + 1)
                case JumpStep():
                    stays = step.unless is not None and holds(step.unless, self.scene())
                    self._move_to(run.step + 1 if stays else step.to)
                case SendStep():
                    if self._must_wait_for_hours(step):
                        return None
                    self._send(step)
                    self._move_to(run.step + 1)
                case ExitStep():
                    return self.end(step.reason)
        raise RuntimeError(f"journey {self.definition.journey} does not come to a wait")

    def _move_to(self, step: int) -> None:
        assert self.run is not None
        self.run = self.run.model_copy(update={"step": step, "waiting": None})

    def _wait(self, step: WaitStep) -> bool:
        """Starts the wait; False where it is over already."""
        assert self.run is not None
        due = self._find_due(step)
        events = tuple(match.event for match in step.events)
        if due is not None and due <= self.now and not events and step.unchanged_for is None:
            return False
        self.rest(due, events)
        return True

    def rest(self, due: datetime | None, events: tuple[str, ...]) -> None:
        """Puts the run to rest until `due`, or one of `events`."""
        run = self.run
        assert run is not None
        real_delay = self.facts.pace.to_real_delay((due - self.now).total_seconds()) if due else 0.0
        waiting = Waiting(
            due=due,
            events=events,
            scheduled=self.facts.pace.queue_delay_limit_s < real_delay <= SHELF_DAYS * 86_400,
            shelved=real_delay > SHELF_DAYS * 86_400,
        )
        self.run = run.model_copy(update={"waiting": waiting})
        if due is not None and not waiting.shelved:
            self.effects.append(make_timer(self.run_id, self.run, due, self.definition))
        self.note(f"{run.step}", "waits", f"until {format_time(due)}" if due else f"for {', '.join(events)}")

    def _find_due(self, step: WaitStep) -> datetime | None:
        scene = self.scene()
        if step.unchanged_for:
            return self.now + scene.read_span(step.unchanged_for)
        if step.events:
            if step.timeout_at:
                return self._read_moment(step.timeout_at)
            return self.now + scene.read_span(step.timeout) if step.timeout else None
        due = self._read_moment(step.until) if step.until else self.now
        if step.span:
            due = max(due, self.now) + scene.read_span(step.span)
        if step.at and not (step.span and due == self.now):  # a wait of nothing asks at once
            at = scene.read_setting(step.at.removeprefix("setting.")) if step.at.startswith("setting.") else step.at
            zone = find_zone(self.customer, self.facts.store)
            due = find_next_local_time(due, at or "10:00", zone) + self._spread()
        return due

    def _read_moment(self, moment: Moment) -> datetime:
        value = self.scene().read_field(moment.field)
        if isinstance(value, datetime):
            return value + moment.plus
        return self.now + (self.scene().read_span(moment.otherwise) if moment.otherwise else timedelta(0))

    def _has_date_moved(self, step: WaitStep) -> bool:
        """Whether the date in the data that this step waits for lies ahead again (a parcel's new ETA)."""
        moment = step.until or step.timeout_at
        value = self.scene().read_field(moment.field) if moment else None
        return moment is not None and isinstance(value, datetime) and value + moment.plus > self.now

    def _spread(self) -> timedelta:
        return timedelta(seconds=int(sha256(self.run_id.encode()).hexdigest()[:8], 16) % SPREAD_S)

    def _must_wait_for_hours(self, step: SendStep) -> bool:
        """Marketing speaks only in the shop's hours by the customer's clock; else it waits, and is not dropped."""
        if (step.purpose or self.definition.purpose) is not Purpose.MARKETING:
            return False
        store = self.facts.store
        opening = find_opening(self.now, store.settings.marketing_hours, find_zone(self.customer, store))
        if opening is None:
            return False
        self.note(step.template, "deferred", "outside marketing hours")
        self.rest(opening + self._spread(), ())
        return True

    def _send(self, step: SendStep) -> None:
        run = self.run
        assert run is not None
        wish = Wish(
            seed=make_id(self.run_id, run.step, run.visit),
            template=step.template,
            purpose=step.purpose or self.definition.purpose,
            channels=step.channels,
            both=step.both,
            refs=make_refs(run),
            run_id=self.run_id,
            journey=run.journey,
        )
        said = say(wish, self.customer, self.now, self.facts)
        self.effects += said.effects
        self.findings += said.findings


def make_refs(run: Run) -> MessageRefs:
    """What a run's messages are about."""
    first = {name: values[0] for name, values in run.refs.items() if values}
    # The cart decides whether a reminder is still true; an order's messages only mention theirs.
    cart = None if "order.id" in first else first.get("cart.token")
    return MessageRefs(
        order_id=first.get("order.id"),
        shipment_id=first.get("shipment.id"),
        refund_id=first.get("refund.id"),
        cart_token=cart,
    )


def name_timer(run_id: str, step: int, visit: int, due: datetime) -> str:
    """A schedule's name: hash(run, step, visit, due)."""
    return make_id(run_id, step, visit, format_time(due))


def make_timer(run_id: str, run: Run, due: datetime, definition: Definition) -> ArmTimer:
    """The effect that wakes the run at `due`."""
    return ArmTimer(
        id=name_timer(run_id, run.step, run.visit, due),
        run_id=run_id,
        step=run.step,
        due=due,
        lane=choose_lane(definition.purpose),
    )
