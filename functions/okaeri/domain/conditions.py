"""Conditions and lengths of time as structured data: what journeys, segments and broadcasts are written in."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.values import Value


class Span(Value):
    """A length of time: fixed, a setting of the journey (ISO 8601), or a rule of the store (`review_after`)."""

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
