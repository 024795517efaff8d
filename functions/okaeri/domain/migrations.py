"""Runs that move to another version of their journey: which step is which, and one run's move. Pure.

Runs are pinned to the version that they began with; they move only when a person of the shop says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from okaeri.domain.customers import Customer, Run
from okaeri.domain.decide import name_entry
from okaeri.domain.effects import Effect, KeepRun
from okaeri.domain.events import Event, make_event
from okaeri.domain.evidence import RunMigration
from okaeri.domain.facts import Facts
from okaeri.domain.journeys import (
    AskStep,
    CallStep,
    CouponStep,
    Definition,
    JumpStep,
    SendStep,
    SplitStep,
    Step,
    WaitStep,
)
from okaeri.domain.modes import find_published
from okaeri.domain.records import Finding, FinishedRun
from okaeri.domain.waits import find_due
from okaeri.domain.walk import Walk

# Why a run stays in its version although another one was asked for.
NO_COUNTERPART = "no_counterpart"
QUESTION_OPEN = "question_open"
ACT_UNDER_WAY = "act_under_way"


@dataclass(frozen=True)
class Move:
    """What became of one run. `run` is None where it ended; `stays` says why it was left where it is."""

    customer: Customer
    run: Run | None
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    stays: str = ""


def map_steps(before: Definition, after: Definition) -> dict[int, int]:
    """Each step of `before` that is there in `after` too, by its index in both.

    The same content in the same order comes first; between such steps, the same wait, message, question or act with
    changed details. The order is kept, so nothing moves back behind what it has passed.
    """
    from difflib import SequenceMatcher  # only a migration needs it

    old = [(index, step) for index, step in enumerate(before.steps) if not isinstance(step, JumpStep)]
    new = [(index, step) for index, step in enumerate(after.steps) if not isinstance(step, JumpStep)]

    def align(left: slice, right: slice, name: Callable[[Step], str]) -> list[tuple[int, int, int]]:
        pair = [name(step) for _, step in old[left]], [name(step) for _, step in new[right]]
        blocks = SequenceMatcher(None, *pair, autojunk=False).get_matching_blocks()
        return [(left.start + a, right.start + b, size) for a, b, size in blocks]

    found: dict[int, int] = {}
    at, to = 0, 0
    for a, b, size in align(slice(0, len(old)), slice(0, len(new)), _write_step):
        for c, d, many in align(slice(at, a), slice(to, b), _name_step):
            found |= {old[c + i][0]: new[d + i][0] for i in range(many)}
        found |= {old[a + i][0]: new[b + i][0] for i in range(size)}
        at, to = a + size, b + size
    return found


def _write_step(step: Step) -> str:
    """All that the step says: two that write alike are the same."""
    return step.model_dump_json(exclude={"line"})


def _name_step(step: Step) -> str:
    """What the step waits for, says or does, with whatever details."""
    match step:
        case WaitStep():
            events = ",".join(match.event for match in step.events)
            return f"wait {events} {step.until.field if step.until else ''}"
        case SendStep():
            return f"send {step.template}"
        case AskStep():
            return f"ask {step.ask}"
        case CallStep():
            return f"call {step.call}"
        case CouponStep():
            return f"coupon {step.coupon}"
        case SplitStep():
            return f"split {step.split}"
    return _write_step(step)


def make_migration_event(evidence: RunMigration, store_id: str) -> Event:
    """The move as an event of the customer: said twice, it is one."""
    return make_event(
        store_id,
        "run.migrated",
        evidence.at,
        evidence.customer_id,
        evidence.journey,
        evidence.before,
        evidence.after,
        evidence.at.isoformat(),
        data={"journey": evidence.journey, "by": evidence.by},
    )


def list_concerned(customer: Customer, evidence: RunMigration) -> Sequence[Run]:
    """The customer's runs that the move is about."""
    wanted = (evidence.journey, evidence.before)
    return [run for run in customer.runs if (run.journey, run.definition) == wanted]


def move_run(customer: Customer, run: Run, evidence: RunMigration, event: Event, now: datetime, facts: Facts) -> Move:
    """Ends the run in its version and goes on with it, as the next entry of the same key, where the other rests.

    Messages are named by run and step: a new entry keeps what is said from now on apart from what was said before.
    """
    before, after = facts.definitions[evidence.before], facts.definitions[evidence.after]
    target = evidence.steps.get(run.step)
    stays = _find_obstacle(before, run, target)
    if stays == NO_COUNTERPART and evidence.otherwise == "end":
        walk = _open_walk(customer, run, before, event, now, facts)
        walk.end("not_in_new_version")
        memory = "ended_own" if before.key == "customer" else "ended_runs"
        ended = getattr(customer, memory) | {name_entry(run.journey, run.key): run.entry + 1}
        return _finish(customer.model_copy(update={memory: ended}), run, None, walk)
    if stays:
        finding = Finding(what=f"{run.journey}.run", verdict="stays", why=stays)
        return Move(customer, run, findings=(finding,), stays=stays)
    assert target is not None  # else it would stay
    old = _open_walk(customer, run, before, event, now, facts)
    old.disarm()
    moved = run.model_copy(
        update={
            "definition": evidence.after,
            "entry": _find_next_entry(customer, run),
            "step": target,
            "visit": 0,
            "waiting": None,
            "data": _rename_data(run, target),
        }
    )
    walk = _open_walk(customer, moved, after, event, now, facts)
    walk.note("run", "moved", f"versions:{before.version}:{after.version}:{evidence.by}")
    _rest(walk, run, before, after, target)
    walk.effects[:0] = [*old.effects, _keep_former(customer, run, old.run_id, now)]
    return _finish(customer, run, walk.run, walk)


def _find_next_entry(customer: Customer, run: Run) -> int:
    """After all that are known: another run of the same key may be under way beside it."""
    alike = [other.entry + 1 for other in customer.runs if (other.journey, other.key) == (run.journey, run.key)]
    name = name_entry(run.journey, run.key)
    return max(*alike, customer.ended_runs.get(name, 0), customer.ended_own.get(name, 0))


def _find_obstacle(before: Definition, run: Run, target: int | None) -> str:
    waiting, step = run.waiting, before.steps[run.step] if run.step < len(before.steps) else None
    if isinstance(step, AskStep) and (waiting is None or waiting.wish is None or run.visit):
        return QUESTION_OPEN  # the button of what was asked belongs to the run that asked
    if isinstance(step, CallStep | CouponStep):
        return ACT_UNDER_WAY
    return NO_COUNTERPART if target is None or waiting is None else ""


def _rest(walk: Walk, run: Run, before: Definition, after: Definition, target: int) -> None:
    """The wait that begins again where it stood: an unchanged one keeps its time, a changed one its beginning."""
    waiting, old, new = run.waiting, before.steps[run.step], after.steps[target]
    assert waiting is not None
    if waiting.wish is not None or not isinstance(new, WaitStep) or not isinstance(old, WaitStep):
        walk.rest(waiting.due, waiting.events, wish=waiting.wish, since=waiting.wanted_at)
        return
    if _write_step(old) == _write_step(new):
        walk.rest(waiting.due, waiting.events)
        return
    since = _find_beginning(old, waiting.due, walk)
    scene = walk.scene()
    due = find_due(new, scene._replace(now=since), walk.run_id)
    walk.rest(max(due, walk.now) if due else None, tuple(match.event for match in new.events))


def _find_beginning(old: WaitStep, due: datetime | None, walk: Walk) -> datetime:
    """When the wait began, from when it would have ended: to the day, where it also waited for a time of day."""
    span = old.unchanged_for or old.timeout or old.span
    if due is None or span is None:
        return walk.now
    return min(due - walk.scene().read_span(span), walk.now)


def _rename_data(run: Run, target: int) -> dict[str, str]:
    """What the run has gathered; which of several events it has seen goes along with its wait."""
    seen = f"seen.{run.step}"
    return {f"seen.{target}" if name == seen else name: value for name, value in run.data.items()}


def _keep_former(customer: Customer, run: Run, run_id: str, now: datetime) -> KeepRun:
    finished = FinishedRun(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        run_id=run_id,
        run=run.model_copy(update={"waiting": None}),
        ended_at=now,
        reason="moved",
    )
    return KeepRun(id=run_id, run=finished)


def _open_walk(customer: Customer, run: Run, definition: Definition, event: Event, now: datetime, facts: Facts) -> Walk:
    return Walk(
        customer=customer,
        run=run,
        event=event,
        now=now,
        facts=facts,
        definition=definition,
        published=find_published(facts.store, run.journey),
        run_id=run.make_id(customer.store_id),
    )


def _finish(customer: Customer, former: Run, moved: Run | None, walk: Walk) -> Move:
    """The customer with the moved run in the place of the former; a goal that is watched for goes along."""
    runs = tuple(moved if run is former else run for run in customer.runs if run is not former or moved)
    former_id = former.make_id(customer.store_id)
    goals = tuple(
        watch.model_copy(update={"run_id": walk.run_id}) if watch.run_id == former_id else watch
        for watch in customer.goals
    )
    after = customer.model_copy(update={"runs": runs, "goals": goals})
    return Move(after, moved, tuple(walk.effects), tuple(walk.findings))
