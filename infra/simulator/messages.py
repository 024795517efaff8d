"""Messages, and what is due, in memory: moves are conditional as they are in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from okaeri.domain.histories import MessageMove
from okaeri.domain.messages import Charge, Message, MessageCost, MessageState, may_move, settle_cost
from okaeri.domain.records import DueItem
from okaeri.domain.visits import MOST_VISITS, Visit, Visitor, judge_visits
from simulator.customers import MemoryCustomers


class MemoryMessages:
    """Message items; `moves` remembers each move as (message id, state, reason), `histories` those of each message."""

    def __init__(self) -> None:
        self.messages: dict[tuple[str, str, str], Message] = {}
        self.sweeps: dict[tuple[str, str, str], datetime] = {}
        self.moves: list[tuple[str, MessageState, str]] = []
        self.histories: dict[tuple[str, str, str], list[MessageMove]] = {}
        self.visits: dict[tuple[str, str, str], list[Visit]] = {}
        self._estimates: dict[tuple[str, str, str], MessageCost] = {}
        self.heard: Callable[[Message | None, Message], None] = lambda before, after: None  # of what is written

    def keep(self, key: tuple[str, str, str], **changes: Any) -> None:
        """Writes a message with these changes."""
        before = self.messages[key]
        self.messages[key] = before.model_copy(update=changes)
        self.heard(before, self.messages[key])

    def create(self, message: Message) -> MessageState:
        key = (message.store_id, message.customer_id, message.message_id)
        if message.cost:
            self._estimates.setdefault(key, message.cost)
        if key not in self.messages and message.state_at:
            self.histories[key] = [MessageMove(message.state_at, message.state, message.reason)]
        return self.messages.setdefault(key, message).state

    def get(self, store_id: str, customer_id: str, message_id: str) -> Message | None:
        return self.messages.get((store_id, customer_id, message_id))

    def get_many(self, store_id: str, wanted: Iterable[tuple[str, str]]) -> list[Message]:
        found = (self.get(store_id, customer_id, message_id) for customer_id, message_id in wanted)
        return [message for message in found if message is not None]

    def move(
        self,
        message: Message,
        to: MessageState,
        *,
        expected: Sequence[MessageState],
        at: datetime,
        reason: str = "",
        attempt: int | None = None,
        provider_id: str | None = None,
        address: str | None = None,
        parked_until: datetime | None = None,
        repeated: bool | None = None,
        withheld: bool | None = None,
        cost: MessageCost | None = None,
        format: str | None = None,
    ) -> Message | None:
        stored = self.get(message.store_id, message.customer_id, message.message_id)
        if stored is None or stored.state not in expected or stored.attempt != message.attempt:
            return None
        given = {
            "attempt": attempt,
            "provider_id": provider_id,
            "address": address,
            "repeated": repeated,
            "withheld": withheld,
            "cost": cost,
            "format": format,
        }
        if cost:
            self._estimates[message.store_id, message.customer_id, message.message_id] = cost
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        changes["parked_until"] = parked_until if to is MessageState.PARKED else None
        return self._write(stored, to, at, reason, changes)

    def report(
        self,
        store_id: str,
        customer_id: str,
        message_id: str,
        to: MessageState,
        *,
        at: datetime,
        reason: str = "",
        details: dict[str, Any] | None = None,
        charge: Charge | None = None,
    ) -> Message | None:
        stored = self.get(store_id, customer_id, message_id)
        if stored is None or not may_move(stored.state, to):
            return None
        changes: dict[str, Any] = {"parked_until": None}
        if charge:
            estimate = self._estimates.get((store_id, customer_id, message_id))
            changes["cost"] = settle_cost(estimate, charge)
        return self._write(stored, to, at, reason, changes)

    def note_visit(self, store_id: str, customer_id: str, message_id: str, visit: Visit) -> Visitor | None:
        key = (store_id, customer_id, message_id)
        if key not in self.messages:
            return None
        visits = self.visits.setdefault(key, [])
        if visit not in visits and len(visits) < MOST_VISITS:
            visits.append(visit)
        delivered = (move.at for move in self.histories.get(key, ()) if move.state is MessageState.DELIVERED)
        visitor = judge_visits(visits, next(delivered, None))
        self.keep(key, clicked=visitor or "")
        return visitor

    def note_machine_open(self, store_id: str, customer_id: str, message_id: str) -> None:
        key = (store_id, customer_id, message_id)
        if key in self.messages:
            self.keep(key, machine_opened=True)

    def _write(self, stored: Message, to: MessageState, at: datetime, reason: str, changes: dict[str, Any]) -> Message:
        key = (stored.store_id, stored.customer_id, stored.message_id)
        self.keep(key, **changes, state=to, state_at=at, reason=reason)
        moved = self.messages[key]
        self.sweeps.pop(key, None)
        if moved.parked_until:
            self.sweeps[key] = moved.parked_until
        self.moves.append((stored.message_id, to, reason))
        self.histories.setdefault(key, []).append(MessageMove(at, to, reason))
        return moved


class MemoryDueIndex:
    """The due index as the customers and messages in memory have it."""

    def __init__(self, customers: MemoryCustomers, messages: MemoryMessages) -> None:
        self._customers, self._messages = customers, messages

    def list_due(self, until: datetime) -> Iterator[DueItem]:
        yield from sorted((item for item in self._list() if item.sweep_at <= until), key=lambda item: item.sweep_at)

    def _list(self) -> Iterator[DueItem]:
        for (store_id, customer_id), sweep_at in list(self._customers.sweeps.items()):
            if sweep_at:
                yield DueItem(store_id=store_id, customer_id=customer_id, sweep_at=sweep_at)
        for (store_id, customer_id, message_id), parked_until in list(self._messages.sweeps.items()):
            yield DueItem(store_id=store_id, customer_id=customer_id, message_id=message_id, sweep_at=parked_until)

    def postpone(self, item: DueItem, until: datetime) -> bool:
        if item not in self._list():
            return False
        if item.message_id is None:
            self._customers.sweeps[item.store_id, item.customer_id] = until
        else:
            self._messages.sweeps[item.store_id, item.customer_id, item.message_id] = until
        return True
