"""One budget of attention per customer over all journeys (G5). Order messages always pass and are not counted.

A message that finds no room is put off by the caller, never dropped here: the answer says when there is room again
and which journey took it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from okaeri.domain.customers import Attention, Customer
from okaeri.domain.stores import AttentionBudget
from okaeri.domain.values import Purpose

KEPT = 32
KEPT_FOR = timedelta(days=30)
WEEK = timedelta(days=7)


class Rival(NamedTuple):
    """Another run that waits for the same room: its journey, its priority, since when, and when it will ask again."""

    journey: str
    priority: int
    wanted_at: datetime
    due: datetime

    def goes_before(self, priority: int, wanted_at: datetime) -> bool:
        """The higher priority goes first; between equals the one that has waited longer."""
        return (-self.priority, self.wanted_at) < (-priority, wanted_at)


class Room(NamedTuple):
    """When there is room, None at once; and who has it (`winner`, a journey) or which limit is reached."""

    at: datetime | None = None
    why: str = ""
    winner: str = ""


def find_room(
    customer: Customer,
    budget: AttentionBudget,
    *,
    purpose: Purpose,
    now: datetime,
    zone: ZoneInfo,
    rivals: Iterable[Rival] = (),
) -> Room:
    """When one more message of this purpose fits into the customer's day and week.

    A day is a day of the customer's own calendar, a week the last seven times 24 hours. `rivals` are those that go
    before this one and come to their turn today; they are counted as if they had spoken.
    """
    if purpose is Purpose.ORDER:
        return Room()
    said = [entry for entry in customer.attention if entry.purpose != Purpose.ORDER]
    today = now.astimezone(zone).date()
    tomorrow = datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone).astimezone(UTC)
    on_this_day = [entry for entry in said if entry.at.astimezone(zone).date() == today]
    if len(on_this_day) >= budget.per_day:
        winner = on_this_day[-1].journey if on_this_day else ""
        return Room(tomorrow, "day_full", winner)
    first_in_line = [rival for rival in rivals if rival.due < tomorrow]
    if len(on_this_day) + len(first_in_line) >= budget.per_day:
        return Room(tomorrow, "yields", first_in_line[0].journey)
    week = _find_week_room(said, budget.per_week, now)
    if week is not None:
        return Room(week, "week_full", said[-1].journey)
    limit = budget.purposes.get(purpose)
    if limit is not None:
        alike = [entry for entry in said if entry.purpose == purpose]
        room = _find_week_room(alike, limit, now)
        if room is not None:
            return Room(room, f"{purpose}_week_full", alike[-1].journey if alike else "")
    return Room()


def _find_week_room(said: list[Attention], limit: int, now: datetime) -> datetime | None:
    """When fewer than `limit` lie in the last week; None where that is so now."""
    lately = sorted(entry.at for entry in said if now - entry.at < WEEK)
    if len(lately) < limit:
        return None
    return lately[len(lately) - limit] + WEEK if limit else now + WEEK


def unite_attention(ours: tuple[Attention, ...], theirs: tuple[Attention, ...]) -> tuple[Attention, ...]:
    """What two records of one person were told, in the order of time."""
    told = {(entry.seed, entry.at): entry for entry in (*theirs, *ours)}
    return tuple(sorted(told.values(), key=lambda entry: entry.at)[-KEPT:])


def note_attention(customer: Customer, entry: Attention) -> Customer:
    """The customer with one more message counted, once however often it is decided."""
    if any(other.seed == entry.seed for other in customer.attention):
        return customer
    lately = [other for other in customer.attention if entry.at - other.at < KEPT_FOR]
    return customer.model_copy(update={"attention": (*lately, entry)[-KEPT:]})
