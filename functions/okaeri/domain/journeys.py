"""Compiled journeys: what the engine walks.

Made from YAML by `okaeri.catalogue.compile_journeys`, kept in the table under their content hash.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from okaeri.domain.values import Channel, Purpose, Value


class Span(Value):
    """A length of time: fixed, a setting of the journey (ISO 8601), or a rule of the store (`review_after`)."""

    fixed: timedelta | None = None
    setting: str | None = None
    rule: str | None = None
    default: timedelta | None = None


class Moment(Value):
    """A date in the data plus an offset; `otherwise` is the wait where the field is empty."""

    field: str
    plus: timedelta = timedelta(0)
    otherwise: Span | None = None


class EventMatch(Value):
    """An event that shares a reference named `match` (order.id, cart.token) with the run: they concern one thing."""

    event: str
    match: str
    reason: str = ""


class Condition(Value):
    """Structured data over event, run, customer, order, cart, store and setting; never code.

    One of `all`, `any`, `none` of further conditions, or a `field` with exactly one test.
    """

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    field: str | None = None
    equals: str | int | bool | None = None
    one_of: tuple[str, ...] = ()
    one_of_field: str | None = None  # a field that holds the list, such as store.delivery_updates
    exists: bool | None = None
    at_least: float | None = None
    less_than: float | None = None


class WaitStep(Value):
    """Waits for a span, until a local time, until a date in the data, until quiet, or for events with a time-out."""

    op: Literal["wait"] = "wait"
    span: Span | None = None
    at: str | None = None  # "10:00", the customer's own time zone
    until: Moment | None = None
    unchanged_for: Span | None = None
    events: tuple[EventMatch, ...] = ()
    timeout: Span | None = None
    timeout_at: Moment | None = None
    line: int = 0


class JumpStep(Value):
    """Goes to step `to`, or does so unless `unless` holds. Branches compile to these."""

    op: Literal["jump"] = "jump"
    unless: Condition | None = None
    to: int
    line: int = 0


class SendStep(Value):
    """Says something: on the first channel that can reach the customer, or on each (`both`)."""

    op: Literal["send"] = "send"
    template: str
    channels: tuple[Channel, ...] = (Channel.WHATSAPP, Channel.EMAIL)
    both: bool = False
    purpose: Purpose | None = None
    line: int = 0


class ExitStep(Value):
    """Ends the run with a reason."""

    op: Literal["exit"] = "exit"
    reason: str = "done"
    line: int = 0


Step = Annotated[WaitStep | JumpStep | SendStep | ExitStep, Field(discriminator="op")]


class Definition(Value):
    """A journey of one version. `key` names the reference that makes a run unique (order.id, cart.token, event.id)."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    journey: str
    version: int
    purpose: Purpose
    events: tuple[str, ...]
    key: str
    when: Condition | None = None
    again: Literal["never", "after_end"] = "never"
    exits: tuple[EventMatch, ...] = ()
    steps: tuple[Step, ...]
    settings: dict[str, str] = Field(default_factory=dict)

    model_config = Value.model_config | {"populate_by_name": True}
