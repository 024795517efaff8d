"""What is kept with a customer of a simulated world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from okaeri.domain.histories import History, KeptMessage, fold_order_name
from okaeri.domain.records import Ticket
from simulator.messages import MemoryMessages
from simulator.records import MemoryRecords


class MemoryHistories:
    """Implements `ports.Histories` over the records and messages of a world."""

    def __init__(self, records: MemoryRecords, messages: MemoryMessages) -> None:
        self._records, self._messages = records, messages

    def read(self, store_id: str, customer_id: str, *, most: int) -> History:
        records, messages = self._records, self._messages
        whose = (store_id, customer_id)
        return History(
            decisions=tuple(decision for key, decision in records.decisions.items() if key[:2] == whose),
            messages=tuple(
                KeptMessage(message, tuple(messages.histories.get(key, ())))
                for key, message in messages.messages.items()
                if key[:2] == whose
            ),
            consents=tuple(entry for key, entry in records.consents.items() if key[0] == customer_id),
            runs=tuple(run for key, run in records.finished_runs.items() if key[0] == customer_id),
            timeline=tuple(entry for key, entry in records.timeline.items() if key[0] == customer_id),
            goals=tuple(goal for key, goal in records.goals.items() if key[0] == customer_id),
        )

    def find_order_id(self, store_id: str, name: str) -> str | None:
        folded = fold_order_name(name)
        named = (record for key, record in self._records.orders.items() if key[0] == store_id and record.order)
        return next((r.order_id for r in named if r.order and fold_order_name(r.order.name) == folded), None)

    def list_webhooks(self, store_id: str) -> dict[str, datetime]:
        return {source: at for (store, source), at in self._records.webhooks.items() if store == store_id}

    def list_tickets(self, store_id: str) -> Iterator[Ticket]:
        return (ticket for key, ticket in self._records.tickets.items() if key[0] == store_id)
