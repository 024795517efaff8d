"""What came of a story: a dated log of what happened, what was weighed, what was said, and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from okaeri.domain.records import Finding
from okaeri.domain.values import Channel


@dataclass(frozen=True)
class Happened:
    """A line of the story itself."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Decided:
    """What the engine weighed on one event, in its own codes; `simulator.wording` says them as sentences."""

    at: datetime
    event: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Said:
    """A message as the shopper reads it. `subject` is an e-mail's, `buttons` are WhatsApp's by their words."""

    at: datetime
    channel: Channel
    template: str
    locale: str
    journey: str
    to: str
    text: str
    subject: str = ""
    buttons: tuple[str, ...] = ()

    @property
    def first_line(self) -> str:
        """The subject, or the first line that says something."""
        return self.subject or next((line.strip() for line in self.text.splitlines() if line.strip()), "")


@dataclass(frozen=True)
class Held:
    """A message that was decided and is not said: put off, or ended, with the reason's code."""

    at: datetime
    channel: Channel
    template: str
    state: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class StillWaiting:
    """A run that has not come to its end when the story has."""

    journey: str
    step: int
    due: datetime | None
    events: tuple[str, ...]


Entry = Happened | Decided | Said | Held


@dataclass(frozen=True)
class Result:
    """A played story. All times are in the shopper's own zone."""

    title: str
    zone: ZoneInfo
    log: tuple[Entry, ...]
    waiting: tuple[StillWaiting, ...]

    @property
    def messages(self) -> tuple[Said, ...]:
        """Everything that the shopper got, in order."""
        return tuple(entry for entry in self.log if isinstance(entry, Said))

    @property
    def held(self) -> tuple[Held, ...]:
        """Everything that was put off or not said after all, in order."""
        return tuple(entry for entry in self.log if isinstance(entry, Held))

    def list_told(self, channel: str | None = None) -> list[str]:
        """Each message as `2026-11-02 12:00 whatsapp order_confirmation`, in the shopper's own time."""
        return [
            f"{said.at:%Y-%m-%d %H:%M} {said.channel} {said.template}"
            for said in self.messages
            if channel in (None, said.channel)
        ]

    def list_templates(self, channel: str | None = None) -> list[str]:
        """The templates said, in order."""
        return [said.template for said in self.messages if channel in (None, said.channel)]

    def to_json(self) -> dict[str, Any]:
        """Plain data: times as ISO 8601 with the zone's offset."""
        return {
            "story": self.title,
            "time_zone": self.zone.key,
            "log": [{"kind": type(entry).__name__.lower(), **_to_plain(asdict(entry))} for entry in self.log],
            "waiting": [_to_plain(asdict(run)) for run in self.waiting],
        }


def _to_plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {name: _to_plain(part) for name, part in value.items()}
        case Finding():
            return value.model_dump()
        case str():
            return str(value)
        case Sequence():
            return [_to_plain(part) for part in value]
    return value
