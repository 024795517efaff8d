"""Answers how many people a broadcast may still write to from a number (Meta's limit per portfolio and 24 hours)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from okaeri.domain.numbers import UNLIMITED, find_stop
from okaeri.domain.pacing import FIRST_TIER, count_allowance
from okaeri.domain.stores import Store
from okaeri.domain.values import Purpose

if TYPE_CHECKING:
    from okaeri.ports import Clock, Numbers

_ROLLING = timedelta(hours=24)


@dataclass(frozen=True)
class MeasureAllowance:
    """Implements `ports.SendingAllowance`."""

    numbers: Numbers
    clock: Clock

    def how_many_now(self, store: Store, number: str) -> int:
        """People who may be written to first, now; 0 while the number stands still for marketing.

        An unknown limit is taken for the lowest. The count of who was written to is approximate: order messages are
        never held back by it.
        """
        now = self.clock()
        state = self.numbers.get(number)
        if find_stop(state, Purpose.MARKETING, now):
            return 0
        if state is not None and state.tier == UNLIMITED:
            return count_allowance(None, 0)
        limit = (state.limit if state else None) or FIRST_TIER
        return count_allowance(limit, self.numbers.count_opened(store.waba_id or number, since=now - _ROLLING))
