"""Keeps a process within Meta's rates: of a number, and of a number and one person."""

from __future__ import annotations

import time
from collections.abc import Callable

from okaeri.domain.pacing import PAIR_GAP_S, find_gap_s

_LONGEST_WAIT_S = 300.0
_MOST_PEOPLE = 2_000  # remembered; who was written to longest ago is forgotten first


class SendingPace:
    """Implements `ports.SendingPace`. `workers` processes at most send at a time, so each takes its share.

    No reservation in the table: the number of workers is bounded (template.yaml, MaximumConcurrency), and a write for
    each batch would buy nothing but a faster burst of one of them.
    """

    def __init__(
        self,
        *,
        workers: int,
        read_seconds: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._workers, self._read_seconds, self._sleep = workers, read_seconds, sleep
        self._numbers: dict[str, float] = {}
        self._people: dict[tuple[str, str], float] = {}  # when the next message to them is in its time

    def find_pair_wait(self, number: str, address: str, *, borrowed: int) -> float:
        """Seconds until this process should write to the person again; 0 where it may now."""
        wait_s = self._people.get((number, address), 0.0) - borrowed * PAIR_GAP_S - self._read_seconds()
        return wait_s if 0 < wait_s <= _LONGEST_WAIT_S else 0.0  # a clock that was set back makes nobody wait

    def keep(self, number: str, per_second: int) -> None:
        """Waits for the number's turn."""
        gap_s = find_gap_s(per_second, self._workers)
        wait_s = self._numbers.get(number, 0.0) + gap_s - self._read_seconds()
        if 0 < wait_s <= gap_s:
            self._sleep(wait_s)
        self._numbers[number] = self._read_seconds()

    def note_sent(self, number: str, address: str) -> None:
        """Remembers that the person was written to now; the next one's time is so much later."""
        now = self._read_seconds()
        free_at = self._people.pop((number, address), 0.0)
        if len(self._people) >= _MOST_PEOPLE:
            self._people.pop(next(iter(self._people)))
        self._people[number, address] = max(free_at, now) + PAIR_GAP_S
