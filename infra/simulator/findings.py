"""What the engine weighed, as sentences: `okaeri journeys simulate`, `backtest` and `explain` say them alike."""

from __future__ import annotations

from okaeri.domain.sentences import say_finding, say_moment, say_reason

__all__ = ["say_finding", "say_moment", "say_reason"]
