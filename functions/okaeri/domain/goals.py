"""What a journey is for: a goal is credited to a run from its first message on, also when the run is over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from okaeri.domain.conditions import holds
from okaeri.domain.customers import MAX_GOALS, Customer, GoalWatch, Run
from okaeri.domain.effects import KeepGoal
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene
from okaeri.domain.journeys import Definition, EventMatch
from okaeri.domain.records import Finding, GoalReached


class Credit(NamedTuple):
    """The customer with what is still watched for, the goals that were reached, and a word on each."""

    customer: Customer
    effects: tuple[KeepGoal, ...] = ()
    findings: tuple[Finding, ...] = ()


def watch_goal(customer: Customer, run: Run, run_id: str, definition: Definition, now: datetime, arm: str) -> Customer:
    """From now on the goal counts for this run; once, however often it speaks."""
    goal = definition.goal
    if goal is None:
        return customer
    known = next((watch for watch in customer.goals if watch.run_id == run_id), None)
    if known is not None:
        return _name_watch(customer, known, arm)
    watch = GoalWatch(
        run_id=run_id,
        journey=run.journey,
        definition=run.definition,
        since=now,
        until=now + goal.within,
        refs=run.refs,
        arm=arm,
    )
    return customer.model_copy(update={"goals": (*customer.goals, watch)[-MAX_GOALS:]})


def _name_watch(customer: Customer, known: GoalWatch, arm: str) -> Customer:
    """An arm that was drawn after the watch began."""
    if known.arm or not arm:
        return customer
    goals = tuple(watch.model_copy(update={"arm": arm}) if watch is known else watch for watch in customer.goals)
    return customer.model_copy(update={"goals": goals})


def credit_goals(customer: Customer, event: Event, now: datetime, facts: Facts) -> Credit:
    """Credits each run whose goal this event is; what was not reached in its time is watched for no more."""
    watches = [watch for watch in customer.goals if watch.until >= now]
    reached = [watch for watch in watches if _is_reached(watch, customer, event, now, facts)]
    if len(watches) == len(customer.goals) and not reached:
        return Credit(customer)
    left = tuple(watch for watch in watches if watch not in reached)
    return Credit(
        customer.model_copy(update={"goals": left}),
        tuple(_keep(watch, customer, event, now) for watch in reached),
        tuple(
            Finding(
                what=f"{watch.journey}.goal",
                verdict="reached",
                why=f"by:{event.name}" + (f":{watch.arm}" if watch.arm else ""),
            )
            for watch in reached
        ),
    )


def name_arm(run: Run) -> str:
    """The arms that the run drew, for comparison: `subject=a`."""
    arms = sorted((name.partition(".")[2], value) for name, value in run.data.items() if name.startswith("split."))
    return ",".join(f"{name}={value}" for name, value in arms)


def matches(match: EventMatch, event: Event, refs: dict[str, tuple[str, ...]]) -> bool:
    """Whether the event is the one that is meant and concerns the same thing."""
    if match.event != event.name:
        return False
    return match.match == "customer" or bool(set(event.refs.get(match.match, ())) & set(refs.get(match.match, ())))


def is_met(match: EventMatch, event: Event, scene: Scene) -> bool:
    """As `matches`, and what must hold of it holds."""
    return matches(match, event, scene.run.refs) and (match.when is None or scene.holds(match.when))


def _is_reached(watch: GoalWatch, customer: Customer, event: Event, now: datetime, facts: Facts) -> bool:
    definition = facts.definitions.get(watch.definition)
    if definition is None or definition.goal is None or event.occurred_at < watch.since:
        return False
    for match in _list_matching(definition.goal.events, event, watch):
        if match.when is None:
            return True
        run = Run(journey=watch.journey, definition=watch.definition, key="", started_at=watch.since, refs=watch.refs)
        scene = Scene(customer, run, event, now, facts, None, definition)
        if holds(match.when, scene.read_field, now):
            return True
    return False


def _list_matching(events: Iterable[EventMatch], event: Event, watch: GoalWatch) -> Iterator[EventMatch]:
    return (match for match in events if matches(match, event, watch.refs))


def _keep(watch: GoalWatch, customer: Customer, event: Event, now: datetime) -> KeepGoal:
    goal = GoalReached(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        run_id=watch.run_id,
        journey=watch.journey,
        definition=watch.definition,
        arm=watch.arm,
        event=event.name,
        event_id=event.event_id,
        at=now,
        order_id=next(iter(event.refs.get("order.id", ())), None),
    )
    return KeepGoal(id=watch.run_id, goal=goal)
