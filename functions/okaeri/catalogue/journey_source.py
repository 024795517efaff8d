"""A journey file as its author writes it: its words, its shape, and where each part stands."""

from __future__ import annotations

from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from okaeri.domain.compare_shipments import SILENT
from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.values import Channel, Purpose

# What a field begins with.
ROOTS = ("event", "run", "setting", "store", "customer", "order", "cart")
# What an event and a run may share, and what may make a run unique.
REFERENCES = ("order.id", "cart.token", "shipment.id", "refund.id", "message.id")
KEYS = (*REFERENCES, "event.id")
MATCHES = (*REFERENCES, "customer")
EVENTS = (
    "order.placed",
    "order.confirmed",
    "order.payment_promised",
    "order.paid",
    "order.payment_failed",
    "order.updated",
    "order.cancelled",
    "order.refunded",
    "order.deleted",
    "order.delivered",
    *(f"shipment.{status}" for status in ShipmentStatus if status not in SILENT),
    "return.requested",
    "cart.updated",
    "cart.emptied",
    "cart.completed",
    "message.received",
    "message.failed",
    "consent.given",
    "consent.withdrawn",
)
LINE = "__line__"


class JourneyError(ValueError):
    """A journey file that cannot be used: where it is wrong and how to mend it."""

    def __init__(self, file: str, line: int, what: str, fix: str = "") -> None:
        super().__init__(f"{file}:{line}: {what}" + (f" ({fix})" if fix else ""))
        self.file, self.line, self.what, self.fix = file, line, what, fix


class SourcePart(BaseModel):
    """A part of a journey file as its author writes it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    line: int = Field(default=0, alias=LINE)


class SourceTrigger(SourcePart):
    event: str | list[str]
    key: str
    when: dict[str, Any] | None = None


class SourceExit(SourcePart):
    event: str
    match: str
    reason: str = ""


class SourceWait(SourcePart):
    for_: str | dict[str, Any] | None = Field(default=None, alias="for")
    at: str | None = None
    until: str | None = None
    plus: str | None = None
    otherwise: str | dict[str, Any] | None = Field(default=None, alias="else")
    unchanged_for: str | dict[str, Any] | None = None
    event: str | list[str] | None = None
    match: str | None = None
    timeout: str | dict[str, Any] | None = None


class SourceSend(SourcePart):
    template: str
    channels: list[Channel] = [Channel.WHATSAPP, Channel.EMAIL]
    both: bool = False
    purpose: Purpose | None = None


class SourceJourney(SourcePart):
    journey: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    version: int = Field(ge=1)
    purpose: Purpose
    about: str = ""
    trigger: SourceTrigger
    again: Literal["never", "after_end"] = "never"
    exit: list[SourceExit] = []
    settings: dict[str, str] = {}
    steps: list[dict[str, Any]]


class JourneyLoader(yaml.SafeLoader):
    """Keeps the line of each mapping, so that an error can name it."""


def _construct_mapping(loader: JourneyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    mapping[LINE] = node.start_mark.line + 1
    return mapping


JourneyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)
