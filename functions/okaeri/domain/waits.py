"""When a wait is over: spans, local times and weekdays, dates in the data, the customer's best hour. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from okaeri.domain.facts import Scene
from okaeri.domain.journeys import Moment, WaitStep
from okaeri.domain.local_time import find_best_hour, find_next_local_time, find_zone

SPREAD_S = 900  # runs that wait for the same local time are spread over so many seconds
USUAL_TIME = "10:00"
DAYS_IN_WEEK = 7


def find_due(step: WaitStep, scene: Scene, run_id: str) -> datetime | None:
    """The moment at which the wait ends by itself; None where it waits for events alone."""
    now = scene.now
    if step.unchanged_for:
        return now + scene.read_span(step.unchanged_for)
    if step.events:
        if step.timeout_at:
            return read_moment(step.timeout_at, scene)
        return now + scene.read_span(step.timeout) if step.timeout else None
    due = read_moment(step.until, scene) if step.until else now
    if step.span:
        due = max(due, now) + scene.read_span(step.span)
    asks_at_once = step.span is not None and due == now  # a wait of nothing
    if (step.at or step.best_hour or step.on) and not asks_at_once:
        due = _find_local_time(step, scene, due) + spread(run_id, scene.customer.customer_id)
    return due


def has_date_moved(step: WaitStep, scene: Scene) -> bool:
    """Whether the date in the data that this step waits for lies ahead again (a parcel's new ETA)."""
    moment = step.until or step.timeout_at
    value = scene.read_field(moment.field) if moment else None
    return moment is not None and isinstance(value, datetime) and value + moment.plus > scene.now


def read_moment(moment: Moment, scene: Scene) -> datetime:
    """The date in the data with its offset, else the wait that stands in for it."""
    value = scene.read_field(moment.field)
    if isinstance(value, datetime):
        return value + moment.plus
    return scene.now + (scene.read_span(moment.otherwise) if moment.otherwise else timedelta(0))


def spread(run_id: str, customer_id: str) -> timedelta:
    """The place within 15 minutes of this run of this customer."""
    return timedelta(seconds=int(sha256(f"{run_id}{customer_id}".encode()).hexdigest()[:8], 16) % SPREAD_S)


def _find_local_time(step: WaitStep, scene: Scene, due: datetime) -> datetime:
    zone = find_zone(scene.customer, scene.facts.store)
    at = _read_time(step, scene)
    best = find_best_hour(scene.customer, zone) if step.best_hour else None
    if best is not None:
        at = f"{best:02}:00"
    if at is None:
        at = due.astimezone(zone).strftime("%H:%M") if step.on else USUAL_TIME
    found = find_next_local_time(due, at, zone)
    for _ in range(DAYS_IN_WEEK):
        if not step.on or found.astimezone(zone).weekday() in step.on:
            break
        found = find_next_local_time(found + timedelta(minutes=1), at, zone)
    return found


def _read_time(step: WaitStep, scene: Scene) -> str | None:
    if step.at is None or not step.at.startswith("setting."):
        return step.at
    return scene.read_setting(step.at.removeprefix("setting."))
