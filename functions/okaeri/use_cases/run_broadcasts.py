"""One minute of a broadcast: judges the part that went before, then releases as many recipients as may go now.

Where some are told before the others, the roster is read for them first, and from its beginning again when it opens.

A page's recipients are kept and queued before the cursor moves past them. Whoever dies in between releases the page
once more, and nobody is told twice: envelope, event, run and message have ids that do not depend on the attempt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched, islice
from typing import TYPE_CHECKING

from okaeri.domain.broadcast_reach import (
    Reaction,
    find_refusal,
    is_in_audience,
    is_their_turn,
    is_too_early,
    judge_reactions,
    list_message_ids,
    read_reaction,
)
from okaeri.domain.broadcasts import Broadcast, BroadcastState, address_recipient, find_part_end
from okaeri.domain.messages import Message
from okaeri.domain.stores import UNINSTALLED, Sending, Store
from okaeri.domain.values import Lane
from okaeri.errors import Conflict

if TYPE_CHECKING:
    from okaeri.ports import Broadcasts, Clock, Customers, Log, Messages, Queues, Stores, Wakeups

PAGE = 100  # customers; one BatchGetItem
SAMPLE = 1_000  # of the people that a part told last, by whom it is judged
_LIVE = (BroadcastState.SCHEDULED, BroadcastState.SENDING)


class Interrupted(Exception):
    """Somebody else wrote the broadcast: paused or cancelled it, or released the same page. Their word counts."""


@dataclass(frozen=True)
class RunBroadcasts:
    """Woken every minute for one broadcast. `count_allowed` says how many more people may be released now."""

    stores: Stores
    customers: Customers
    broadcasts: Broadcasts
    messages: Messages
    queues: Queues
    wakeups: Wakeups
    count_allowed: Callable[[Broadcast, Store], int]
    clock: Clock
    log: Log

    def __call__(self, store_id: str, broadcast_id: str, has_time: Callable[[], bool]) -> None:
        """Works until the minute's allowance is used up or `has_time` says no. Raises TryAgain; the next minute comes.

        A broadcast that does not go on (done, paused, cancelled, unknown) is woken no more.
        """
        broadcast = self.broadcasts.get(store_id, broadcast_id)
        store = self.stores.get(store_id)
        if broadcast is not None and store is not None and broadcast.state in _LIVE:
            before = broadcast.released
            try:
                broadcast = self._advance(broadcast, store, has_time)
            except Interrupted:
                return
            self._log_progress(broadcast, broadcast.released - before)
        if broadcast is None or store is None or broadcast.state not in _LIVE:
            self.wakeups.stop(store_id, broadcast_id)

    def _advance(self, broadcast: Broadcast, store: Store, has_time: Callable[[], bool]) -> Broadcast:
        now = self.clock()
        if broadcast.send_at is not None and now < broadcast.send_at:
            return broadcast
        if store.paused == UNINSTALLED:
            return self._save(broadcast, state=BroadcastState.CANCELLED, reason=UNINSTALLED, ended_at=now)
        if store.paused or store.sending is not Sending.ON:
            return broadcast  # marketing is switched off: it goes on when it is switched on
        if broadcast.state is BroadcastState.SCHEDULED or broadcast.started_at is None:
            broadcast = self._save(broadcast, state=BroadcastState.SENDING, started_at=now)
        allowed = self.count_allowed(broadcast, store)
        while broadcast.state is BroadcastState.SENDING and has_time():
            if broadcast.is_early and (broadcast.opens_at is None or self.clock() >= broadcast.opens_at):
                broadcast = self._open(broadcast)
                continue
            end = find_part_end(broadcast)
            if end is not None and broadcast.released >= end:
                if broadcast.watch_until is None:
                    return self._watch(broadcast)
                if self.clock() < broadcast.watch_until:
                    return broadcast
                broadcast = self._judge(broadcast)
                if broadcast.watch_until is not None:
                    return broadcast
                continue
            if broadcast.is_early and broadcast.has_told_early:
                break
            room = min(PAGE, allowed, end - broadcast.released if end is not None else PAGE)
            if room <= 0:
                break
            released = broadcast.released
            broadcast = self._release_page(broadcast, store, room)
            allowed -= broadcast.released - released
        return broadcast

    def _open(self, broadcast: Broadcast) -> Broadcast:
        """From now on for all, from the roster's beginning; or a pause with what the early ones made of it."""
        reason = judge_reactions(self._read_reactions(broadcast), broadcast.ramp.limits)
        paused = {} if reason is None else {"state": BroadcastState.PAUSED, "reason": reason}
        return self._save(broadcast, is_open=True, cursor=None, **paused)

    def _watch(self, broadcast: Broadcast) -> Broadcast:
        return self._save(broadcast, watch_until=self.clock() + broadcast.ramp.watch)

    def _judge(self, broadcast: Broadcast) -> Broadcast:
        """The next part, or a pause with what went wrong; or a longer look, where most wait for their morning."""
        reactions = self._read_reactions(broadcast)
        reason = judge_reactions(reactions, broadcast.ramp.limits)
        part = broadcast.part + 1  # also where it pauses: who resumes it has looked, and lets the next part go
        if reason is not None:
            return self._save(broadcast, part=part, watch_until=None, state=BroadcastState.PAUSED, reason=reason)
        if is_too_early(reactions):
            return self._watch(broadcast)
        return self._save(broadcast, part=part, watch_until=None)

    def _read_reactions(self, broadcast: Broadcast) -> list[Reaction]:
        latest = islice(self.broadcasts.list_recipients(broadcast, newest_first=True), SAMPLE)
        reactions = []
        for page in batched(latest, PAGE, strict=False):
            found: dict[str, list[Message]] = {customer_id: [] for customer_id in page}
            ids = list_message_ids(broadcast)
            for message in self.messages.get_many(broadcast.store_id, ((who, name) for who in page for name in ids)):
                found[message.customer_id].append(message)
            customers = {who: self.customers.load(broadcast.store_id, who) for who in page}
            reactions += [read_reaction(broadcast, customers[who], messages) for who, messages in found.items()]
        return reactions

    def _release_page(self, broadcast: Broadcast, store: Store, room: int) -> Broadcast:
        page = self.customers.list_page(broadcast.store_id, after=broadcast.cursor, limit=room)
        now = self.clock()
        passed_over = Counter(broadcast.passed_over)
        chosen = []
        for customer in page.customers:
            moment = now + timedelta(seconds=customer.ahead_s)
            if not is_in_audience(broadcast.audience, customer, store, moment):
                continue
            if not is_their_turn(broadcast, customer, store, moment):
                continue
            refusal = find_refusal(broadcast, customer, store)
            if refusal is None:
                chosen.append(customer.customer_id)
            elif not broadcast.is_early:  # else it is asked for once more when all are told
                passed_over[refusal] += 1
        if chosen:
            self.broadcasts.put_recipients(broadcast, broadcast.pages, chosen)
            self.queues.send_evidence([address_recipient(broadcast, who, now) for who in chosen], lane=Lane.MARKETING)
        done: dict[str, object] = {}
        if page.after is None:
            done = {"has_told_early": True} if broadcast.is_early else {"state": BroadcastState.DONE, "ended_at": now}
        return self._save(
            broadcast,
            cursor=page.after,
            released=broadcast.released + len(chosen),
            pages=broadcast.pages + bool(chosen),
            passed_over=dict(passed_over),
            **done,
        )

    def _save(self, broadcast: Broadcast, **changes: object) -> Broadcast:
        after = broadcast.model_copy(update={**changes, "version": broadcast.version + 1})
        try:
            self.broadcasts.save(after)
        except Conflict as conflict:
            raise Interrupted from conflict
        return after

    def _log_progress(self, broadcast: Broadcast, released: int) -> None:
        extra = {
            "store": broadcast.store_id,
            "broadcast": broadcast.broadcast_id,
            "state": broadcast.state,
            "released": released,
            "reason": broadcast.reason,
        }
        if broadcast.state is BroadcastState.PAUSED:
            self.log.warning("broadcast paused itself", extra=extra)
        else:
            self.log.info("broadcast advanced", extra=extra)
