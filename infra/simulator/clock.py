"""Time that stands still until it is moved."""

from __future__ import annotations

from datetime import datetime, timedelta


class StandingClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """Moves on by a timedelta's keywords: `advance(hours=1)`."""
        self.now += timedelta(**span)
        return self.now
