"""What a store's switch holds back: how many messages wait, and how many will be too late when they are let go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, islice
from typing import TYPE_CHECKING

from okaeri.domain.customers import Customer
from okaeri.domain.modes import is_switched_off
from okaeri.domain.plans import SWITCH_LOOK, USEFUL_FOR
from okaeri.domain.records import DueItem
from okaeri.domain.stores import Store
from okaeri.domain.values import Purpose

if TYPE_CHECKING:
    from okaeri.ports import Clock, Customers, DueIndex, Messages

# Whatever is held back asks again within the hour, at a moment of its own.
_AHEAD = SWITCH_LOOK + timedelta(minutes=30)
_MOST = 2000  # customers and messages that are looked at: a person waits for the answer
_BATCH = 100


@dataclass(frozen=True)
class HeldBack:
    """`messages` were decided and not sent, `wishes` are put off by their runs; `stale` of both are of no more use.

    `is_least` where there are more than were looked at.
    """

    messages: int = 0
    wishes: int = 0
    stale: int = 0
    is_least: bool = False


@dataclass(frozen=True)
class MeasureHeldBack:
    """Reads the due index and what it names; writes nothing."""

    due: DueIndex
    customers: Customers
    messages: Messages
    clock: Clock
    most: int = _MOST

    def __call__(self, store: Store) -> HeldBack:
        """As of now; what is being decided at this moment may be missing."""
        now = self.clock()
        mine = (item for item in self.due.list_due(now + _AHEAD) if item.store_id == store.store_id)
        looked_at = list(islice(mine, self.most + 1))
        items = looked_at[: self.most]
        ends = [*self._list_message_ends(items, store)]
        wishes = [*self._list_wish_ends(items, store)]
        return HeldBack(
            messages=len(ends),
            wishes=len(wishes),
            stale=sum(end is not None and end < now for end in (*ends, *wishes)),
            is_least=len(looked_at) > self.most,
        )

    def _list_message_ends(self, items: Iterable[DueItem], store: Store) -> Iterator[datetime | None]:
        wanted = ((item.customer_id, item.message_id) for item in items if item.message_id)
        for batch in batched(wanted, _BATCH, strict=False):
            for message in self.messages.get_many(store.store_id, batch):
                if message.reason.startswith("sending_"):
                    yield message.valid_until

    def _list_wish_ends(self, items: Iterable[DueItem], store: Store) -> Iterator[datetime]:
        """Runs that want to speak and may not; when, in real time, it is of no more use."""
        for item in items:
            customer = None if item.message_id else self.customers.load(store.store_id, item.customer_id)
            if customer is not None:
                yield from _list_ends(customer, store)


def _list_ends(customer: Customer, store: Store) -> Iterator[datetime]:
    ahead = timedelta(seconds=customer.ahead_s)
    for run in customer.runs:
        waiting = run.waiting
        if waiting is not None and waiting.wish is not None and waiting.wanted_at is not None:
            published = store.templates.get(waiting.wish)
            useful_for = (published.valid_for if published else None) or USEFUL_FOR[Purpose.MARKETING]
            yield waiting.wanted_at + useful_for - ahead


def is_anything_held(store: Store) -> bool:
    """Whether the switch holds anything back at all."""
    return any(is_switched_off(store, purpose) for purpose in Purpose)
