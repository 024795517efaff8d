"""Broadcasts in memory, under the table's own conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from okaeri.domain.broadcasts import Broadcast
from okaeri.errors import Conflict


class MemoryBroadcasts:
    """Broadcasts with their versions, and the pages of people they were released for."""

    def __init__(self) -> None:
        self.broadcasts: dict[tuple[str, str], Broadcast] = {}
        self.recipients: dict[tuple[str, str, int], tuple[str, ...]] = {}

    def get(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        return self.broadcasts.get((store_id, broadcast_id))

    def save(self, broadcast: Broadcast) -> None:
        stored = self.get(broadcast.store_id, broadcast.broadcast_id)
        if (stored.version if stored else 0) != broadcast.version - 1:
            raise Conflict("changed_meanwhile")
        self.broadcasts[broadcast.store_id, broadcast.broadcast_id] = broadcast

    def list_all(self, store_id: str) -> Iterator[Broadcast]:
        yield from (self.broadcasts[key] for key in sorted(self.broadcasts) if key[0] == store_id)

    def put_recipients(self, broadcast: Broadcast, page: int, customer_ids: Sequence[str]) -> None:
        self.recipients[broadcast.store_id, broadcast.broadcast_id, page] = tuple(customer_ids)

    def list_recipients(self, broadcast: Broadcast, *, newest_first: bool = False) -> Iterator[str]:
        pages = range(broadcast.pages)
        for page in reversed(pages) if newest_first else pages:
            yield from self.recipients.get((broadcast.store_id, broadcast.broadcast_id, page), ())


@dataclass
class MemoryWakeups:
    """Which broadcasts are woken every minute."""

    running: set[tuple[str, str]] = field(default_factory=set)

    def start(self, store_id: str, broadcast_id: str, *, not_before: datetime | None = None) -> None:
        self.running.add((store_id, broadcast_id))

    def stop(self, store_id: str, broadcast_id: str) -> None:
        self.running.discard((store_id, broadcast_id))


@dataclass
class MemoryBacklog:
    """What still waits in the queues, as a test says."""

    waiting: int = 0

    def count(self) -> int:
        return self.waiting
