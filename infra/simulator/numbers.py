"""WhatsApp numbers, their pace and the price list, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from okaeri.adapters.prices import load_shipped
from okaeri.domain.numbers import NumberState, hold_marketing
from okaeri.domain.prices import PriceList


@dataclass
class MemoryNumbers:
    """What Meta says of each number; `opened` counts people written to, by account and hour."""

    states: dict[str, NumberState] = field(default_factory=dict)
    opened: dict[tuple[str, datetime], int] = field(default_factory=dict)

    def get(self, phone_number_id: str) -> NumberState | None:
        return self.states.get(phone_number_id)

    def put(self, state: NumberState) -> None:
        self.states[state.phone_number_id] = state

    def hold_marketing(self, phone_number_id: str, reason: str, until: datetime) -> None:
        state = self.states.get(phone_number_id) or NumberState(phone_number_id=phone_number_id)
        self.states[phone_number_id] = hold_marketing(state, reason, until)

    def note_opened(self, waba_id: str, at: datetime) -> None:
        hour = at.replace(minute=0, second=0, microsecond=0)
        self.opened[waba_id, hour] = self.opened.get((waba_id, hour), 0) + 1

    def count_opened(self, waba_id: str, *, since: datetime) -> int:
        earliest = since.replace(minute=0, second=0, microsecond=0)
        return sum(number for (account, hour), number in self.opened.items() if account == waba_id and hour >= earliest)


@dataclass
class MemoryPrices:
    """One list."""

    prices: PriceList = field(default_factory=load_shipped)

    def get(self) -> PriceList:
        return self.prices


@dataclass
class UnhurriedPace:
    """Nobody waits. `pair_wait_s` is what is left until one may be written to again."""

    pair_wait_s: float = 0.0
    kept: list[tuple[str, int]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)

    def find_pair_wait(self, number: str, address: str, *, borrowed: int) -> float:
        return self.pair_wait_s

    def keep(self, number: str, per_second: int) -> None:
        self.kept.append((number, per_second))

    def note_sent(self, number: str, address: str) -> None:
        self.sent.append((number, address))
