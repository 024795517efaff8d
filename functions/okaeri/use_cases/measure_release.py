"""How many recipients of a broadcast may be released in this minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.domain.broadcasts import CODES_A_MINUTE, Broadcast, count_minute
from okaeri.domain.numbers import STANDARD_PER_SECOND
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel

if TYPE_CHECKING:
    from okaeri.ports import Backlog, Numbers, SendingAllowance

EMAIL_PER_SECOND = 14  # SES's rate of an account that has just left the sandbox


@dataclass(frozen=True)
class MeasureRelease:
    """The number's rate less what still waits, within what Meta lets the portfolio write to today."""

    numbers: Numbers
    allowance: SendingAllowance
    backlog: Backlog

    def __call__(self, broadcast: Broadcast, store: Store) -> int:
        """People; 0 while what was released before is still being sent, or the number stands still."""
        most = self._count_reachable(broadcast, store)
        return most if broadcast.coupon is None else min(most, CODES_A_MINUTE)

    def _count_reachable(self, broadcast: Broadcast, store: Store) -> int:
        waiting = self.backlog.count()
        number = store.phone_number_id
        if number is None or Channel.WHATSAPP not in broadcast.channels:
            return count_minute(EMAIL_PER_SECOND, waiting)
        state = self.numbers.get(number)
        rate = store.whatsapp_per_second or (state.per_second if state else STANDARD_PER_SECOND)
        people = self.allowance.how_many_now(store, number) - waiting  # who waits will be written to first, too
        return max(0, min(count_minute(rate, waiting), people))
