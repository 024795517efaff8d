"""What campaigns do: give codes and points, draw lots. Pure."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal, InvalidOperation

from okaeri.domain.acts import MAX_HOPS, Deed, make_request, take_answer, write_value
from okaeri.domain.customers import Customer, Run
from okaeri.domain.draws import name_period, wins
from okaeri.domain.effects import KeepPoints, RequestAction
from okaeri.domain.events import Event
from okaeri.domain.facts import Scene
from okaeri.domain.journeys import CouponStep, DrawStep, PointsStep
from okaeri.domain.local_time import find_store_zone, find_zone, name_month
from okaeri.domain.loyalty import (
    Cause,
    PointsChange,
    change_points,
    count_points,
    find_free_at,
    find_standing,
    find_worth,
    has_programme,
    hold_points,
    settle_order,
)
from okaeri.domain.values import make_id

FROZEN = ("last_day", "percent", "amount", "minimum")  # of a code: what it was worth when it was given
MAX_REWARDED = 16
_AMOUNTS = ("percent", "amount", "days", "minimum", "worth", "uses")


def read_number(text: str, scene: Scene) -> Decimal | None:
    """A number, or the field that holds one; None where there is none that counts."""
    raw = write_value(scene.read_field(text)) if text[:1].isalpha() else text
    try:
        number = Decimal(raw.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def request_coupon(step: CouponStep, scene: Scene, seed: str) -> Deed:
    """Asks for a code of a pool, or one made in the store; asked twice, it is the same code.

    That it was given is noted at once, so that another run of the same hour does not give it too.
    """
    pool = write_value(scene.read_field(step.pool)) if step.pool.startswith("setting.") else step.pool
    numbers = {name: read_number(getattr(step, name), scene) for name in _AMOUNTS}
    data = {name: f"{number.normalize():f}" for name, number in numbers.items() if number is not None}
    if step.budget:  # one that cannot be read is none: nothing is given without a limit that the shop meant to set
        data["budget"] = f"{read_number(step.budget, scene) or Decimal(0):f}"
    request = make_request(scene, seed, kind="coupon", target=pool, data=data)
    given = {name: at for name, at in scene.customer.rewarded.items() if name != step.coupon}
    latest = dict(list((given | {step.coupon: scene.now}).items())[-MAX_REWARDED:])
    customer = scene.customer.model_copy(update={"rewarded": latest})
    note = ("drawn", f"pool:{pool}") if pool and not (step.percent or step.amount) else ("requested", "code")
    return Deed(customer, (RequestAction(id=seed, request=request),), note=note)


def forget_reward(customer: Customer, step: CouponStep) -> Customer:
    """No code came: nothing was given."""
    given = {name: at for name, at in customer.rewarded.items() if name != step.coupon}
    return customer.model_copy(update={"rewarded": given})


def draw_lot(step: DrawStep, scene: Scene) -> Run:
    """The run with what was drawn."""
    store = scene.facts.store
    period = name_period(step.per, scene.now.astimezone(find_store_zone(store)))
    percent = float(read_number(step.percent, scene) or 0)
    draw = f"{scene.definition.journey}.{step.draw}"
    won = wins(store.store_id, scene.customer.customer_id, draw, period, percent)
    return scene.run.model_copy(update={"outcome": "won" if won else "lost"})


def move_points(step: PointsStep, scene: Scene, seed: str) -> Deed:
    """Gives or takes points, with a line in the ledger; once for each visit of the step."""
    store = scene.facts.store
    amount = read_number(step.add or step.take, scene)
    if amount is None or not has_programme(store.settings.loyalty):
        return _end_points(step, scene, "none", "no_programme" if amount is not None else "no_number")
    if step.money and (step.add or step.take).startswith("order."):
        return _settle(step, scene, seed, amount)
    points = count_points(store.settings.loyalty, amount) if step.money else int(amount)
    if not points:
        return _end_points(step, scene, "none", "no_points")
    if step.take and points > find_standing(scene.customer, scene.now).points:
        return _end_points(step, scene, "short", "too_few_points")
    # What was taken and comes back was not earned a second time.
    is_earned = bool(step.add) and not step.add.startswith("points.")
    cause = Cause(seed, step.reason, scene.now, month=name_month(scene.now, UTC) if is_earned else None)
    change = change_points(scene.customer, store.settings.loyalty, -points if step.take else points, cause)
    return _tell_points(step, scene, seed, change)


def _settle(step: PointsStep, scene: Scene, seed: str, kept: Decimal) -> Deed:
    """Of an order, whose points follow what of it is kept."""
    store, order = scene.facts.store, scene.find_order()
    if order is None or order.currency != store.currency:
        return _end_points(step, scene, "none", "other_currency" if order else "no_order")
    loyalty, customer = store.settings.loyalty, scene.customer
    cause = Cause(
        seed,
        step.reason,
        scene.now,
        name_month(order.created_at, UTC),
        order.order_id,
        find_free_at(loyalty, order, find_zone(customer, store)),
    )
    change = settle_order(customer, loyalty, kept, cause)
    if change is not None:
        return _tell_points(step, scene, seed, change)
    ended = _end_points(step, scene, "none", "no_points")
    return ended._replace(customer=hold_points(customer, cause))  # its delivery may have been told of


def _end_points(step: PointsStep, scene: Scene, outcome: str, why: str) -> Deed:
    run = scene.run.model_copy(update={"outcome": outcome})
    return Deed(scene.customer, note=("no points moved", why), run=take_answer(run, f"points.{step.reason}", {"": "0"}))


def _tell_points(step: PointsStep, scene: Scene, seed: str, change: PointsChange) -> Deed:
    store, entry = scene.facts.store, change.entry
    worth = find_worth(store.settings.loyalty, abs(entry.points), store.currency)
    run = scene.run.model_copy(update={"outcome": "done"})
    run = take_answer(run, f"points.{step.reason}", {"": str(abs(entry.points)), "worth": f"{worth}"})
    events: tuple[Event, ...] = ()
    if scene.event.hops < MAX_HOPS:
        told: dict[str, str | int | bool] = {"points": entry.points, "reason": entry.reason}
        events = (_make_event(scene, seed, "points.changed", told),)
        if change.reached is not None:
            events += (_make_event(scene, seed, "tier.reached", {"tier": change.reached.name}),)
    note = ("points moved", f"points:{entry.points:+}")
    return Deed(change.customer, (KeepPoints(id=seed, entry=entry),), events, note, run)


def _make_event(scene: Scene, seed: str, name: str, data: dict[str, str | int | bool]) -> Event:
    return Event(
        event_id=make_id(seed, name),
        name=name,
        occurred_at=scene.now,
        data=data,
        hops=scene.event.hops + 1,
    )
