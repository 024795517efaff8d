"""Conditions and lengths of time as structured data: what journeys, segments and broadcasts are written in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from okaeri.domain.values import Value


class Span(Value):
    """A length of time: fixed, a setting of the journey (ISO 8601), or a rule of the store.

    `review_after` is the wait of the order's items, `answer_within` what the shop promises to take for an answer.
    """

    fixed: timedelta | None = None
    setting: str | None = None
    rule: str | None = None
    default: timedelta | None = None


class Condition(Value):
    """Structured data over event, run, answer, split, customer, order, cart, store and setting; never code.

    One of `all`, `any`, `none` of further conditions, or a `field` with exactly one test. `older_than` and
    `newer_than` test how long ago a time in the data lies; one that is ahead is newer than anything.
    """

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    field: str | None = None
    equals: str | int | bool | None = None
    one_of: tuple[str, ...] = ()
    one_of_field: str | None = None  # a field that holds the list, such as store.delivery_updates
    has: str | None = None  # a field that is a list holds this, such as customer.segments
    exists: bool | None = None
    at_least: float | None = None
    less_than: float | None = None
    older_than: timedelta | None = None
    newer_than: timedelta | None = None


def holds(condition: Condition, read_field: Callable[[str], Any], now: datetime) -> bool:
    """Whether the condition is true of what `read_field` gives for a path; `now` is the customer's own time.

    A missing field equals nothing, holds nothing, and is neither at least nor less than anything.
    """
    if condition.all:
        return all(holds(part, read_field, now) for part in condition.all)
    if condition.any:
        return any(holds(part, read_field, now) for part in condition.any)
    if condition.none:
        return not any(holds(part, read_field, now) for part in condition.none)
    value = read_field(condition.field or "")
    if condition.exists is not None:
        return (value not in (None, "", ())) is condition.exists
    if isinstance(condition.equals, bool):
        return bool(value) is condition.equals
    if value is None:
        return False
    if condition.one_of:
        return str(value) in condition.one_of
    if condition.one_of_field:
        return str(value) in (read_field(condition.one_of_field) or ())
    if condition.has is not None:
        return condition.has in value
    if condition.older_than is not None:
        return isinstance(value, datetime) and now - value > condition.older_than
    if condition.newer_than is not None:
        return isinstance(value, datetime) and now - value <= condition.newer_than
    if condition.at_least is not None:
        return _to_number(value) >= condition.at_least
    if condition.less_than is not None:
        return _to_number(value) < condition.less_than
    return str(value) == str(condition.equals)


def _to_number(value: Any) -> float:
    """A typed answer may be no number; then it compares to nothing."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
