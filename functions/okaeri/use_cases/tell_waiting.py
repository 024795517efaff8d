"""Tells those who wait for a product, in the order in which they asked, no more at once than there is stock for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from okaeri.domain.evidence import Envelope, ProductTold, WaitingDue
from okaeri.domain.interests import (
    KEPT,
    NEXT_DAY,
    NEXT_GO,
    WISHES,
    Choice,
    choose_waiting,
    find_news,
    find_quota,
    is_still_so,
    must_wait,
    name_place,
    spend,
)
from okaeri.domain.orders import Product
from okaeri.domain.pace import Pace
from okaeri.domain.records import Interest
from okaeri.domain.stores import Store
from okaeri.domain.values import Lane, format_time, make_id

if TYPE_CHECKING:
    from okaeri.ports import Clock, Interests, Queues, Records, Timers

LOOK_AT = 500  # of those who wait, in one go
_SETTLED_S = 5  # after which the product's new record is there to be read
_TOGETHER = 10  # what SQS takes at once


@dataclass(frozen=True)
class TellWaiting:
    """Hears what became of a product, and works through those who wait for it: once each, whatever comes twice."""

    interests: Interests
    records: Records
    queues: Queues
    timers: Timers
    clock: Clock
    pace: Pace

    def hear(self, store: Store, before: Product | None, after: Product) -> None:
        """Has those who wait be told, before the product's new record is written: what fails is heard again."""
        news = find_news(before, after)
        if not news or not self.interests.is_wanted(store.store_id, after.product_id):
            return
        for one in news:
            due = WaitingDue(news=one.kind, product_id=after.product_id, at=after.updated_at, data=dict(one.data))
            self.queues.send_later(self._wrap(store, due), delay_s=_SETTLED_S)

    def __call__(self, due: WaitingDue, store: Store) -> None:
        """One go: those whose turn it is, then the next go in a minute, or the next day while stock lasts."""
        record = self.records.get_product(store.store_id, due.product_id)
        if record is None or not is_still_so(due.news, due.data, record.product):
            return
        left = due.left if due.go else find_quota(record.product, store.settings.waiting_per_piece)
        waits, wishes = due.waits, WISHES[due.news]
        for wish in wishes[wishes.index(due.wish) if due.wish else 0 :]:
            after = due.after if wish == due.wish else ""
            listed = self.interests.list_waiting(store.store_id, due.product_id, wish=wish, after=after, most=LOOK_AT)
            untold = _list_untold(listed, due)
            choice = choose_waiting(untold, record.product, left)
            chosen = self._settle(choice, due, wish, store)
            left, waits = spend(left, chosen), waits or must_wait(untold, chosen, record.product)
            self._tell(chosen, due, store)
            # Of a go that an earlier try began, others were left to choose from: what lies behind it is the next one's.
            is_resumed = list(chosen) != list(choice.chosen)
            if choice.is_full or is_resumed or len(listed) == LOOK_AT:
                reached = chosen[-1] if is_resumed else choice.last if choice.is_full else listed[-1]
                assert reached is not None  # a go that is full has looked at some
                changes = {"wish": wish, "after": name_place(reached), "left": left, "waits": waits}
                self._arm(due.model_copy(update={"go": due.go + 1, **changes}), store, NEXT_GO)
                return
        if waits:
            anew = {"day": due.day + 1, "go": 0, "wish": "", "after": "", "left": {}, "waits": False}
            self._arm(due.model_copy(update=anew), store, NEXT_DAY)

    def _settle(self, choice: Choice, due: WaitingDue, wish: str, store: Store) -> Sequence[Interest]:
        if not choice.chosen:
            return ()
        round_id = make_id(due.news, format_time(due.at), due.day, due.go, wish)
        return self.interests.keep_round(store.store_id, due.product_id, round_id, choice.chosen)

    def _tell(self, chosen: Iterable[Interest], due: WaitingDue, store: Store) -> None:
        """First the word, then the mark: who was marked has been told."""
        people = list(chosen)
        envelopes = [self._wrap(store, _make_told(interest, due)) for interest in people]
        for start in range(0, len(envelopes), _TOGETHER):
            self.queues.send_evidence(envelopes[start : start + _TOGETHER], lane=Lane.MARKETING)
        for interest in people:
            self.interests.mark_told(interest, max(due.at, self.clock()))

    def _arm(self, due: WaitingDue, store: Store, wait: timedelta) -> None:
        """One timer for each product and kind of news: newer news take its place."""
        envelope = self._wrap(store, due)
        delay_s = self.pace.to_real_delay(wait.total_seconds()) if wait is NEXT_DAY else wait.total_seconds()
        if delay_s <= self.pace.queue_delay_limit_s and wait is NEXT_DAY:
            self.queues.send_later(envelope, delay_s=delay_s)  # on a laptop
            return
        # By the Scheduler, also for a minute: AWS cuts a chain of queue and function that feeds itself.
        name = make_id(store.store_id, "waiting", due.product_id, due.news)
        self.timers.disarm(name)
        self.timers.arm(name, self.clock() + timedelta(seconds=delay_s), envelope, lane=Lane.MARKETING)

    def _wrap(self, store: Store, evidence: ProductTold | WaitingDue) -> Envelope:
        key = evidence.model_dump_json(exclude={"left", "waits"})
        return Envelope(
            id=make_id(store.store_id, key),
            store_id=store.store_id,
            source=f"okaeri {evidence.kind}",
            received_at=self.clock(),
            evidence=evidence,
        )


def _list_untold(listed: Iterable[Interest], due: WaitingDue) -> list[Interest]:
    """A wish list stays after it was told: those who heard these very news do not hear them again."""
    return [one for one in listed if one.wish not in KEPT or one.told_at is None or one.told_at < due.at]


def _make_told(interest: Interest, due: WaitingDue) -> ProductTold:
    return ProductTold(
        customer_id=interest.customer_id,
        news=due.news,
        product_id=interest.product_id,
        variant_id=interest.variant_id,
        at=due.at,
        data=due.data,
    )
