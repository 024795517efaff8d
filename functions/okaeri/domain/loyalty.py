"""The shop's loyalty programme: points for what was paid, tiers by what was earned in a year. Pure.

A customer's balance is the sum of the ledger's lines. What an order brings is a level, not a sum of steps: the points
for what of it is kept. Seen again after a refund, it takes the difference back, so that refunds may come in any order,
twice, or after two records became one.

While an order may still be sent back its points wait: they are counted, and cannot be spent. That they are free is a
matter of time alone, read and never written: `Customer.points_free_at` says of which orders and until when.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from okaeri.domain.compare_shipments import has_delivered_all
from okaeri.domain.currencies import round_down
from okaeri.domain.customers import Customer
from okaeri.domain.orders import Order
from okaeri.domain.records import PointsEntry
from okaeri.domain.stores import Loyalty, Tier

MONTHS = 12  # that count for a tier, the present one among them
MAX_MONTHS = 13
UNTOLD_DELIVERY = timedelta(days=14)  # after which an order counts as delivered of whose parcels nobody told


class PointsChange(NamedTuple):
    """The customer after it, the line of the ledger, and the tier that was reached by it, if any."""

    customer: Customer
    entry: PointsEntry
    reached: Tier | None = None


class Cause(NamedTuple):
    """Why points move: `entry_id` is that of the line, the same however often it is decided; `at` customer's time.

    `month` ("2026-11") is where earned points count, None where they are not earned: spent, or given back. `free_at` is
    from when on those of an order can be spent, None where they can at once.
    """

    entry_id: str
    reason: str
    at: datetime
    month: str | None = None
    order_id: str | None = None
    free_at: datetime | None = None


class Standing(NamedTuple):
    """How many points can be spent, how many wait, and from when on none of those waits any more."""

    points: int
    pending: int = 0
    free_at: datetime | None = None


def has_programme(loyalty: Loyalty) -> bool:
    """Whether the shop gives points for money."""
    return loyalty.per_unit > 0


def count_points(loyalty: Loyalty, money: Decimal) -> int:
    """Whole points for an amount in the store's currency; parts of one are let go."""
    return int(max(Decimal(0), money) * loyalty.per_unit)


def find_worth(loyalty: Loyalty, points: int, currency: str) -> Decimal:
    """What so many points give back, in the store's currency, to its smallest unit; nothing below zero."""
    return round_down(max(0, points) * loyalty.worth, currency)


def count_earned(customer: Customer, now: datetime) -> int:
    """What was earned in the latest twelve months, this one among them."""
    first = now.year * 12 + now.month - MONTHS
    return sum(points for month, points in customer.earned.items() if int(month[:4]) * 12 + int(month[5:]) > first)


def find_tier(loyalty: Loyalty, earned: int) -> Tier | None:
    """The highest tier that so many points reach."""
    reached = (tier for tier in loyalty.tiers if earned >= tier.from_points)
    return max(reached, key=lambda tier: tier.from_points, default=None)


def find_next_tier(loyalty: Loyalty, earned: int) -> Tier | None:
    """The lowest tier that is not reached yet."""
    ahead = (tier for tier in loyalty.tiers if earned < tier.from_points)
    return min(ahead, key=lambda tier: tier.from_points, default=None)


def count_missing(loyalty: Loyalty, earned: int) -> int | None:
    """Points until the next tier; None on the highest, and where there is none."""
    following = find_next_tier(loyalty, earned)
    return following.from_points - earned if following else None


def find_standing(customer: Customer, now: datetime) -> Standing:
    """What the customer has at the moment `now`, their own time.

    Where more was taken back than can be spent, those that wait pay for it before the balance falls below zero.
    """
    waiting = {
        name: at for name, at in customer.points_free_at.items() if at > now and customer.order_points.get(name, 0) > 0
    }
    pending = min(sum(customer.order_points[name] for name in waiting), max(0, customer.points))
    if not pending:
        return Standing(customer.points)
    return Standing(customer.points - pending, pending, max(waiting.values()))


def find_free_at(loyalty: Loyalty, order: Order, zone: tzinfo) -> datetime | None:
    """From which midnight of `zone` on the order's points can be spent: the end of the days for sending it back.

    They count from its delivery; where nobody has told of one, from its purchase and as long as parcels take; where
    nothing is sent, from its purchase. None where the shop has them wait for nothing.
    """
    if not loyalty.hold_days:
        return None
    if has_delivered_all(order):
        begun = max(parcel.at for parcel in order.shipments)
    else:
        is_sent = any(line.needs_shipping and line.quantity > 0 for line in order.lines)
        begun = order.created_at + (UNTOLD_DELIVERY if is_sent else timedelta(0))
    last_day = (begun + timedelta(days=loyalty.hold_days)).astimezone(zone).date()
    return datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)


def change_points(customer: Customer, loyalty: Loyalty, points: int, cause: Cause) -> PointsChange:
    """Adds points, or takes them where `points` is negative; the balance may fall below zero by a refund."""
    before = find_tier(loyalty, count_earned(customer, cause.at))
    balance = customer.points + points
    earned = customer.earned
    if cause.month is not None:
        earned = earned | {cause.month: earned.get(cause.month, 0) + points}
    after = customer.model_copy(
        update={"points": balance, "earned": dict(sorted(earned.items())[-MAX_MONTHS:])},
    )
    tier = find_tier(loyalty, count_earned(after, cause.at))
    is_higher = tier is not None and (before is None or tier.from_points > before.from_points)
    entry = PointsEntry(
        store_id=customer.store_id,
        customer_id=customer.customer_id,
        entry_id=cause.entry_id,
        points=points,
        balance=balance,
        reason=cause.reason,
        at=cause.at,
        order_id=cause.order_id,
        free_at=cause.free_at if points > 0 else None,
    )
    return PointsChange(after, entry, tier if is_higher else None)


def settle_order(customer: Customer, loyalty: Loyalty, kept: Decimal, cause: Cause) -> PointsChange | None:
    """Brings what the order has earned to what is kept of it; None where it is so already, or the order is long ago."""
    order_id = cause.order_id
    if order_id is None or order_id not in customer.orders:
        return None
    given, due = customer.order_points.get(order_id, 0), count_points(loyalty, kept)
    if due == given:
        return None
    held = {name: points for name, points in customer.order_points.items() if name in customer.orders}
    held = {name: points for name, points in (held | {order_id: due}).items() if points}
    waits = _list_waiting(customer, cause, held, is_new=not given)
    customer = customer.model_copy(update={"order_points": held, "points_free_at": waits})
    return change_points(customer, loyalty, due - given, cause)


def hold_points(customer: Customer, cause: Cause) -> Customer:
    """Has the order's points wait until `cause.free_at`, where they wait still: what can be spent stays so."""
    waits = _list_waiting(customer, cause, customer.order_points, is_new=False)
    return customer if waits == customer.points_free_at else customer.model_copy(update={"points_free_at": waits})


def _list_waiting(customer: Customer, cause: Cause, held: Mapping[str, int], *, is_new: bool) -> dict[str, datetime]:
    """The orders of `held` that wait. Those whose time is over are left out: to who reads, that tells the same."""
    waits = {name: at for name, at in customer.points_free_at.items() if at > cause.at and name in held}
    order_id, free_at = cause.order_id, cause.free_at
    if order_id is None or order_id not in held or not (is_new or order_id in waits):
        return waits
    waits.pop(order_id, None)
    return waits | ({order_id: free_at} if free_at is not None and free_at > cause.at else {})


def unite_points(survivor: Customer, lost: Customer) -> dict[str, object]:
    """Balance, earned months and points by order of two records that are one person.

    An order that both were given points for counts once; a month that both earned in counts both.
    """
    twice = sum(lost.order_points[name] for name in lost.order_points.keys() & survivor.order_points.keys())
    months = sorted(survivor.earned | lost.earned)[-MAX_MONTHS:]
    earned = {month: survivor.earned.get(month, 0) + lost.earned.get(month, 0) for month in months}
    return {
        "points": survivor.points + lost.points - twice,
        "earned": earned,
        "order_points": lost.order_points | survivor.order_points,
        "points_free_at": lost.points_free_at | survivor.points_free_at,
    }
