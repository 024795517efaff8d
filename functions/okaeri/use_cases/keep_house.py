"""The sweep: wakes runs that should have woken, arms waits that come within reach, sends what was parked.

Nothing hangs on one attempt. Each item is claimed for half an hour before it is handed on; what is lost after the
claim (a queue out of reach, a function that stopped) is due again then. What is handed on twice does no harm: an early
or stale wake-up is ignored, and a message is sent only by who moves it to `sending`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from okaeri.domain.evidence import CustomerWake, Envelope
from okaeri.domain.messages import MessageState, QueuedMessage
from okaeri.domain.records import DueItem
from okaeri.domain.values import make_id

if TYPE_CHECKING:
    from okaeri.ports import Clock, DueIndex, Messages, Queues

CLAIM = timedelta(minutes=30)
BATCH = 10  # what SQS takes at once


@dataclass(frozen=True)
class Sweep:
    """What a sweep did. `finished` is False where time ran out; the rest waits for the next one."""

    woken: int
    sent: int
    finished: bool


@dataclass(frozen=True)
class KeepHouse:
    """Hands on everything whose time has come."""

    due: DueIndex
    messages: Messages
    queues: Queues
    clock: Clock

    def __call__(self, has_time: Callable[[], bool]) -> Sweep:
        """Sweeps until nothing is due or `has_time` says no. Raises TryAgain where a queue cannot be reached."""
        started = self.clock()
        woken = sent = 0
        for items in batched(self._claim_due(started, has_time), BATCH, strict=False):
            customers = [item for item in items if item.message_id is None]
            if customers:
                self.queues.send_evidence([make_wake(item, started) for item in customers])
                woken += len(customers)
            sent += sum(self._send_parked(item) for item in items if item.message_id is not None)
        return Sweep(woken, sent, finished=has_time())

    def _claim_due(self, now: datetime, has_time: Callable[[], bool]) -> Iterator[DueItem]:
        for item in self.due.list_due(now):
            if not has_time():
                return
            if self.due.postpone(item, now + CLAIM):
                yield item

    def _send_parked(self, item: DueItem) -> bool:
        assert item.message_id is not None  # the caller chose items with a message
        message = self.messages.get(item.store_id, item.customer_id, item.message_id)
        if message is None or message.state is not MessageState.PARKED:
            return False  # it moved on between the listing and now, and left the index by that
        queued = QueuedMessage(
            store_id=item.store_id,
            customer_id=item.customer_id,
            message_id=item.message_id,
            attempt=message.attempt,
        )
        self.queues.send_message(queued, channel=message.channel, lane=message.lane)
        return True


def make_wake(item: DueItem, at: datetime, *, rearm: bool = False) -> Envelope:
    """The evidence that has `advance_journeys` look at a customer again; its id is that of this wake-up."""
    return Envelope(
        id=make_id("rearm" if rearm else "wake", item.store_id, item.customer_id, item.sweep_at.isoformat()),
        store_id=item.store_id,
        source="keep_house",
        received_at=at,
        evidence=CustomerWake(customer_id=item.customer_id, rearm=rearm),
    )
