"""What is kept with a customer of a simulated world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice

from okaeri.domain.histories import History, KeptMessage
from simulator.messages import MemoryMessages
from simulator.records import MemoryRecords


class MemoryHistories:
    """Implements `ports.Histories` over the records and messages of a world."""

    def __init__(self, records: MemoryRecords, messages: MemoryMessages) -> None:
        self._records, self._messages = records, messages

    def read(self, store_id: str, customer_id: str, *, most: int) -> History:
        records, messages, whose = self._records, self._messages, (store_id, customer_id)
        left = [most]

        def take[T](found: Iterable[T]) -> tuple[T, ...]:
            taken = tuple(islice(found, left[0] + 1))
            left[0] -= len(taken)
            return taken[:-1] if left[0] < 0 else taken

        history = History(  # in the order of the table's sort keys
            decisions=take(decision for key, decision in records.decisions.items() if key[:2] == whose),
            media=take(record for key, record in records.media.items() if key[:2] == whose),
            goals=take(goal for key, goal in records.goals.items() if key[0] == customer_id),
            consents=take(entry for key, entry in records.consents.items() if key[0] == customer_id),
            messages=take(
                KeptMessage(message, tuple(messages.histories.get(key, ())))
                for key, message in messages.messages.items()
                if key[:2] == whose
            ),
            timeline=take(entry for key, entry in records.timeline.items() if key[0] == customer_id),
            runs=take(run for key, run in records.finished_runs.items() if key[0] == customer_id),
        )
        return replace(history, is_cut=left[0] < 0)

    def list_webhooks(self, store_id: str) -> dict[str, datetime]:
        return {source: at for (store, source), at in self._records.webhooks.items() if store == store_id}

    def read_talk(self, store_id: str, customer_id: str, *, most: int) -> History:
        records, messages = self._records, self._messages
        said = sorted(
            (entry for key, entry in records.timeline.items() if key[0] == customer_id),
            key=lambda entry: (entry.at, entry.entry_id),
            reverse=True,
        )
        told = (
            KeptMessage(message, tuple(messages.histories.get(key, ())))
            for key, message in messages.messages.items()
            if key[:2] == (store_id, customer_id)
        )
        files = (record for key, record in records.media.items() if key[:2] == (store_id, customer_id))
        return History(timeline=tuple(said[:most]), messages=tuple(told), media=tuple(files), is_cut=len(said) >= most)
