"""Fakes of every port, under the same conditions as the real ones (held to it by functional/test_contract.py).

They are the simulator's: what a story plays on and what the tests play on is one thing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.broadcasts import MemoryBacklog as FakeBacklog
from simulator.broadcasts import MemoryBroadcasts as FakeBroadcasts
from simulator.broadcasts import MemoryWakeups as FakeWakeups
from simulator.clock import StandingClock
from simulator.customers import MemoryCustomers as FakeCustomers
from simulator.interests import MemoryInterests as FakeInterests
from simulator.knowledge import DeafInterpreter as FakeInterpreter
from simulator.knowledge import MemoryKnowledge as FakeKnowledge
from simulator.knowledge import MemoryShelf as FakeShelf
from simulator.messages import MemoryDueIndex as FakeDueIndex
from simulator.messages import MemoryMessages as FakeMessages
from simulator.numbers import MemoryNumbers as FakeNumbers
from simulator.numbers import MemoryPrices as FakePrices
from simulator.numbers import UnhurriedPace as FakePace
from simulator.queues import SOON_LIMIT_S, SentMessage
from simulator.queues import MemoryQueues as FakeQueues
from simulator.queues import MemoryTimers as FakeTimers
from simulator.records import MemoryRecords as FakeRecords
from simulator.stores import MemoryDefinitions as FakeDefinitions
from simulator.stores import MemorySecrets as FakeSecrets
from simulator.stores import MemoryStores as FakeStores
from simulator.stores import MemoryTemplates as FakeTemplates

__all__ = [
    "SOON_LIMIT_S",
    "START",
    "FakeBacklog",
    "FakeBroadcasts",
    "FakeClock",
    "FakeCustomers",
    "FakeDefinitions",
    "FakeDueIndex",
    "FakeInterests",
    "FakeInterpreter",
    "FakeKnowledge",
    "FakeMessages",
    "FakeNumbers",
    "FakePace",
    "FakePrices",
    "FakeQueues",
    "FakeRecords",
    "FakeSecrets",
    "FakeShelf",
    "FakeStores",
    "FakeTemplates",
    "FakeTimers",
    "FakeWakeups",
    "SentMessage",
]

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


class FakeClock(StandingClock):
    """A clock that stands still until it is moved; it begins on a Monday."""

    def __init__(self, now: datetime = START) -> None:
        super().__init__(now)
