"""A small cache for what changes seldom and is read with each event: fresh for a while, stale rather than nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from okaeri.errors import TryAgain

_AFTER_AN_ERROR_S = 5.0  # before the next attempt: each may cost a time-out


@dataclass(slots=True)
class _Entry[V]:
    value: V | None
    fresh_until: float


class ExpiringCache[K, V]:
    """Values by key. None, for what does not exist, is kept for `missing_s`, all else for `fresh_s` seconds."""

    def __init__(
        self,
        *,
        fresh_s: float,
        missing_s: float = 10,
        most: int = 1_000,
        read_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fresh_s, self._missing_s, self._most = fresh_s, missing_s, most
        self._read_seconds = read_seconds
        self._entries: dict[K, _Entry[V]] = {}

    def get(self, key: K, load: Callable[[], V | None]) -> V | None:
        """The value, loaded where it is not fresh. A TryAgain of `load` gives the stale value, if there is one."""
        now = self._read_seconds()
        entry = self._entries.get(key)
        if entry is not None and now < entry.fresh_until:
            return entry.value
        try:
            value = load()
        except TryAgain:
            if entry is None or entry.value is None:
                raise
            entry.fresh_until = now + _AFTER_AN_ERROR_S
            return entry.value
        self._entries.pop(key, None)
        if len(self._entries) >= self._most:
            self._entries.pop(next(iter(self._entries)))  # the one that was loaded longest ago
        self._entries[key] = _Entry(value, now + (self._missing_s if value is None else self._fresh_s))
        return value

    def forget(self, key: K) -> None:
        """Has the next `get` load it."""
        self._entries.pop(key, None)
