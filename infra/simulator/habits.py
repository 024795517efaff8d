"""What customers heed, in memory: learned by the product's own counting, whenever the engine asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from okaeri.domain.changes import Change, DecisionKept, MessageMoved, OrderPlaced
from okaeri.domain.counted import is_counted_decision, is_counted_order
from okaeri.domain.engagement import Amounts, Place
from okaeri.domain.messages import REACHED, Message
from okaeri.domain.records import DecisionRecord, OrderRecord
from okaeri.domain.touches import Touches
from okaeri.domain.values import Purpose
from okaeri.errors import Conflict
from okaeri.ports import Customers, Stores
from okaeri.use_cases.count_engagement import CountEngagement
from simulator.clock import StandingClock
from simulator.log import SilentLog
from simulator.messages import MemoryMessages
from simulator.records import MemoryRecords


class MemoryTouchBook:
    """Implements `ports.TouchBook`."""

    def __init__(self) -> None:
        self.touches: dict[tuple[str, str], Touches] = {}

    def get(self, store_id: str, customer_id: str) -> Touches | None:
        return self.touches.get((store_id, customer_id))

    def get_many(self, store_id: str, customer_ids: Sequence[str]) -> Sequence[Touches]:
        found = (self.touches.get((store_id, customer_id)) for customer_id in dict.fromkeys(customer_ids))
        return [touches for touches in found if touches is not None]

    def put(self, touches: Touches) -> None:
        key = (touches.store_id, touches.customer_id)
        stored = self.touches.get(key)
        if stored is not None and stored.version != touches.version:
            raise Conflict("touches_busy")
        self.touches[key] = touches.model_copy(update={"version": touches.version + 1})


class UncountedResults:
    """Implements `ports.Results`: what a simulation counts is told by its messages themselves."""

    def add(self, store_id: str, place: Place, amounts: Amounts, batch_id: str) -> None:
        """Keeps nothing."""

    def read(self, store_id: str, *, month: str = "") -> Mapping[Place, Amounts]:
        return {}


class LearnedTouchBook(MemoryTouchBook):
    """Learns by the product's own counting, as the table's stream would have it, once somebody asks."""

    def __init__(
        self,
        stores: Stores,
        customers: Customers,
        records: MemoryRecords,
        messages: MemoryMessages,
        clock: StandingClock,
    ) -> None:
        super().__init__()
        self._clock, self._moment = clock, clock()
        self._pending: list[tuple[datetime, Change]] = []
        self._heard = 0
        book = MemoryTouchBook()
        book.touches = self.touches
        self._count = CountEngagement(
            stores=stores,
            customers=customers,
            records=records,
            messages=messages,
            touches=book,
            results=UncountedResults(),
            clock=lambda: self._moment,
            log=SilentLog(),
        )
        messages.heard, records.heard = self._hear_message, self._hear_record

    def get(self, store_id: str, customer_id: str) -> Touches | None:
        self.learn()
        return super().get(store_id, customer_id)

    def get_many(self, store_id: str, customer_ids: Sequence[str]) -> Sequence[Touches]:
        self.learn()
        return super().get_many(store_id, customer_ids)

    def learn(self) -> None:
        """Takes in what happened since, each at its moment."""
        changes, self._pending = self._pending, []
        for moment, happened in groupby(changes, key=lambda pair: pair[0]):
            self._moment = moment
            self._count([change for _, change in happened])

    def _hear_message(self, before: Message | None, after: Message) -> None:
        if after.purpose is Purpose.MARKETING and after.state in REACHED:
            self._keep(MessageMoved(self._name_change(), self._clock(), before, after))

    def _hear_record(self, record: OrderRecord | DecisionRecord) -> None:
        if isinstance(record, OrderRecord) and is_counted_order(record):
            self._keep(OrderPlaced(self._name_change(), record))
        if isinstance(record, DecisionRecord) and is_counted_decision(record):
            self._keep(DecisionKept(self._name_change(), record))

    def _keep(self, change: Change) -> None:
        self._pending.append((self._clock(), change))

    def _name_change(self) -> str:
        self._heard += 1
        return str(self._heard)
