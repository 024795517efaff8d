"""A world for histories: it sweeps, its senders look once more before they speak, and timers can be lost in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from okaeri.domain.messages import Message, MessageState
from okaeri.ports import Interpreter
from okaeri.use_cases.keep_house import KeepHouse
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.settle_message import SettleMessage
from simulator.log import SilentLog
from simulator.messages import MemoryDueIndex
from tests.crashing import CrashingWorld
from tests.talk_journeys import WordReader
from tests.world import World


@dataclass(kw_only=True)
class HistoryWorld(World):
    """The engine, the sweep and the last look. `next_versions` maps a journey's hash to that of its next version."""

    next_versions: dict[str, str] = field(default_factory=dict)
    interpreter: Interpreter = field(default_factory=WordReader)

    def __post_init__(self) -> None:
        super().__post_init__()
        due = MemoryDueIndex(self.customers, self.messages)
        self._keep_house = KeepHouse(due=due, messages=self.messages, queues=self.queues, clock=self.clock)
        self.settle = SettleMessage(
            messages=self.messages,
            queues=self.queues,
            clock=self.clock,
            log=SilentLog(),
            patience_s=self.pace.delivery_patience_s,
            chance=lambda: 0.0,
        )
        self.prepare = PrepareMessage(
            stores=self.stores,
            customers=self.customers,
            records=self.records,
            messages=self.messages,
            settle=self.settle,
            clock=self.clock,
        )
        self.taken = 0
        self.spoken: Counter[str] = Counter()  # how often each message was said to a provider

    def speak(self, message: Message) -> None:
        """A provider takes the message; of one in four nothing more is ever heard."""
        self.spoken[message.message_id] += 1
        is_silent = int(message.message_id, 16) % 4 == 0
        to = MessageState.SENT if is_silent else MessageState.DELIVERED
        said = self.messages.move(message, to, expected=(message.state,), at=self.clock())
        assert said is not None, "somebody else has moved it meanwhile"
        self.settle.follow_up(said)

    def sweep(self) -> None:
        """Hands on what is due, and works it through."""
        self._keep_house(lambda: True)
        self.work()

    def work(self) -> None:
        """Works through what is on the queues for now."""
        self._collect()
        self._run_due()

    def forget_later(self, kind: type) -> None:
        """What waits in the queue's delay, of one kind of evidence, is gone."""
        self._later = [item for item in self._later if not isinstance(item[2].evidence, kind)]


class UnluckyWorld(HistoryWorld, CrashingWorld):
    """The same, with an engine that dies now and then."""
