"""Queues and timers in memory: what was sent where, and what is to ring when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from okaeri.domain.evidence import Envelope
from okaeri.domain.messages import QueuedMessage
from okaeri.domain.records import ActionRequest
from okaeri.domain.values import Channel, Lane
from okaeri.errors import TryAgain

SOON_LIMIT_S = 900


@dataclass
class SentMessage:
    """What a sender's queue was given."""

    queued: QueuedMessage
    channel: Channel
    lane: Lane
    delay_s: float


@dataclass
class MemoryQueues:
    """Remembers what was sent where. `failing` makes every send raise TryAgain."""

    evidence: list[tuple[Lane, Envelope]] = field(default_factory=list)
    later: list[tuple[float, Envelope]] = field(default_factory=list)
    messages: list[SentMessage] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    quarantined: list[tuple[str, str, bytes, str, str]] = field(default_factory=list)
    actions: list[ActionRequest] = field(default_factory=list)
    failing: bool = False

    def send_evidence(self, envelopes: Sequence[Envelope], *, lane: Lane = Lane.TRANSACTIONAL) -> None:
        self._check()
        self.evidence += [(lane, envelope) for envelope in envelopes]

    def send_later(self, envelope: Envelope, *, delay_s: float) -> None:
        self._check()
        self.later.append((min(max(delay_s, 0.0), SOON_LIMIT_S), envelope))

    def send_message(self, queued: QueuedMessage, *, channel: Channel, lane: Lane, delay_s: float = 0) -> None:
        self._check()
        self.messages.append(SentMessage(queued, channel, lane, min(max(delay_s, 0.0), SOON_LIMIT_S)))

    def send_statuses(self, bodies: Sequence[str]) -> None:
        self._check()
        self.statuses += bodies

    def request_action(self, request: ActionRequest) -> None:
        self._check()
        self.actions.append(request)

    def quarantine(self, store_id: str, source: str, body: bytes, *, path: str, reason: str) -> None:
        self._check()
        self.quarantined.append((store_id, source, body, path, reason))

    def _check(self) -> None:
        if self.failing:
            raise TryAgain("queue_unreachable")


@dataclass
class MemoryTimers:
    """Schedules by name."""

    armed: dict[str, tuple[datetime, Envelope, Lane]] = field(default_factory=dict)

    def arm(self, name: str, at: datetime, envelope: Envelope, *, lane: Lane) -> None:
        self.armed.setdefault(name, (at, envelope, lane))

    def disarm(self, name: str) -> None:
        self.armed.pop(name, None)

    def take_due(self, now: datetime) -> list[Envelope]:
        """Fires and forgets what is due at `now`, earliest first."""
        due = sorted((at, name) for name, (at, _, _) in self.armed.items() if at <= now)
        return [self.armed.pop(name)[1] for _, name in due]
