"""Who waits for a product, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from okaeri.domain.interests import KEEP_PLACE, KEPT, name_place
from okaeri.domain.records import Interest

Held = tuple[str, str, str, str, str]  # store, product, customer, wish, variant


class MemoryInterests:
    """Implements `ports.Interests`; nothing is forgotten with time."""

    def __init__(self) -> None:
        self.waiting: dict[Held, Interest] = {}
        self.told: dict[Held, Interest] = {}
        self.rounds: dict[tuple[str, str, str], tuple[Interest, ...]] = {}
        self.looks: dict[tuple[str, str, str], list[datetime]] = {}

    def put(self, interest: Interest) -> None:
        held = _name(interest)
        told = self.told.get(held)
        if held in self.waiting:
            return
        since = interest.at
        if told is not None and told.told_at is not None:
            if interest.at <= told.told_at:
                return
            since = told.at if interest.at - told.told_at <= KEEP_PLACE else interest.at
            del self.told[held]
        self.waiting[held] = interest.model_copy(update={"at": since})

    def remove(self, interest: Interest) -> None:
        self.waiting.pop(_name(interest), None)
        self.told.pop(_name(interest), None)

    def remove_customer(self, store_id: str, product_id: str, customer_id: str) -> None:
        for held in [*self.waiting, *self.told]:
            if held[:3] == (store_id, product_id, customer_id):
                self.waiting.pop(held, None)
                self.told.pop(held, None)

    def list_wanted(self, store_id: str) -> Collection[str]:
        return {held[1] for held in (*self.waiting, *self.told) if held[0] == store_id}

    def is_wanted(self, store_id: str, product_id: str) -> bool:
        return product_id in self.list_wanted(store_id)

    def list_waiting(
        self, store_id: str, product_id: str, *, wish: str, after: str = "", most: int
    ) -> Sequence[Interest]:
        found = [
            interest
            for held, interest in self.waiting.items()
            if held[:2] == (store_id, product_id) and interest.wish == wish and name_place(interest) > after
        ]
        return sorted(found, key=name_place)[:most]

    def keep_round(
        self, store_id: str, product_id: str, round_id: str, chosen: Sequence[Interest]
    ) -> Sequence[Interest]:
        return self.rounds.setdefault((store_id, product_id, round_id), tuple(chosen))

    def mark_told(self, interest: Interest, at: datetime) -> None:
        held = _name(interest)
        waiting = self.waiting.get(held)
        if waiting is None or waiting.at != interest.at:
            return
        told = waiting.model_copy(update={"told_at": at})
        if interest.wish in KEPT:
            self.waiting[held] = told
        else:
            del self.waiting[held]
            self.told[held] = told

    def note_view(self, store_id: str, product_id: str, customer_id: str, at: datetime) -> int:
        looks = self.looks.setdefault((store_id, product_id, customer_id), [])
        if not looks or at > looks[-1]:
            if looks and at - looks[-1] > timedelta(days=30):
                looks.clear()
            looks.append(at)
        return len(looks)


def _name(interest: Interest) -> Held:
    return (
        interest.store_id,
        interest.product_id,
        interest.customer_id,
        interest.wish,
        interest.variant_id or "",
    )
