"""The stand-in's clock, which is real time plus what a test moved it by, and what is due on it."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970; only ever moved forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> float:
        return time.time() + self.ahead_s


def to_iso(at: float) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Timetable:
    """Calls that wait for their time on the clock; run in order of their due time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._waiting, (self._clock.now() + delay_s, next(self._order), action))
        self._changed.set()

    def clear(self) -> None:
        self._waiting.clear()

    def move_clock(self, advance_s: float) -> None:
        self._clock.ahead_s += advance_s
        self._changed.set()

    async def run(self) -> None:
        """Forever: wait for the next due call, or for a change of clock or plans."""
        while True:
            while self._waiting and self._waiting[0][0] <= self._clock.now():
                heapq.heappop(self._waiting)[2]()
            self._changed.clear()
            wait_s = self._waiting[0][0] - self._clock.now() if self._waiting else None
            try:
                await asyncio.wait_for(self._changed.wait(), wait_s)
            except TimeoutError:
                continue
