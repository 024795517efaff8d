"""Counts what became of messages, and what they led to, from the changes of the table itself.

The counts of one batch are added up first and then written, one update for each place. Each update bears the ids of the
changes behind it: a batch that comes again, as a whole or half written, is counted once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from okaeri.domain.changes import (
    Change,
    ConsentKept,
    DecisionKept,
    GoalKept,
    MessageMoved,
    OrderPlaced,
    TicketMoved,
)
from okaeri.domain.counted import COMPARED, HOLDOUT, is_counted_finding
from okaeri.domain.engagement import (
    ONE,
    SECOND_ORDERS,
    UNSUBSCRIBED_WITHIN,
    Amounts,
    Place,
    add_format,
    add_up,
    count_message,
    count_second_order,
    count_ticket,
    find_last_touch,
    find_place,
    subtract,
)
from okaeri.domain.local_time import find_store_zone, name_month
from okaeri.domain.messages import REACHED, Message, MessageState
from okaeri.domain.orders import Order
from okaeri.domain.records import Finding
from okaeri.domain.stores import StoreSettings
from okaeri.domain.touches import NAMED_FOR, Deed, Touch, Touches
from okaeri.domain.values import Channel, Purpose, make_id

if TYPE_CHECKING:
    from okaeri.ports import Clock, Customers, Log, Messages, Records, Results, Stores, TouchBook

# What a record that is not as it should be comes to. What AWS refuses is none of these: it is tried until it is mended.
_UNREADABLE = (ValueError, LookupError, ArithmeticError, AttributeError, TypeError, zlib.error)


class Found(NamedTuple):
    """What one change adds to one place."""

    store_id: str
    place: Place
    amounts: Amounts


@dataclass(frozen=True)
class CountEngagement:
    """Takes one batch of changes, in their order."""

    stores: Stores
    customers: Customers
    records: Records
    messages: Messages
    touches: TouchBook
    results: Results
    clock: Clock
    log: Log

    def __call__(self, changes: Sequence[Change]) -> None:
        """Raises TryAgain where the table cannot be reached; what was written by then is not written again.

        What can never be counted is left out, and said: the stream would stand still behind it for a day.
        """
        batch = _Batch(self)
        found: dict[tuple[str, Place], list[tuple[str, Amounts]]] = {}
        for change in changes:
            try:
                counted = list(batch.count(change))
            except _UNREADABLE as error:
                extra = {"change": change.id, "kind": type(change).__name__, "code": type(error).__name__}
                self.log.warning("change not counted", extra=extra)
                continue
            for store_id, place, amounts in counted:
                found.setdefault((store_id, place), []).append((change.id, amounts))
        batch.save_touches()
        for (store_id, place), parts in found.items():
            total = add_up(amounts for _, amounts in parts)
            if total:
                batch_id = make_id(*sorted(change_id for change_id, _ in parts))[:16]
                self.results.add(store_id, place, total, batch_id)


@dataclass
class _Batch:
    """What is read for one batch, once, and the touches that it brings."""

    world: CountEngagement
    _read: dict[tuple[str, str], Touches] = field(default_factory=dict)
    _changed: dict[tuple[str, str], Touches] = field(default_factory=dict)
    _withdrawn: set[tuple[str, str, datetime]] = field(default_factory=set)

    def count(self, change: Change) -> Iterator[Found]:
        match change:
            case MessageMoved():
                yield from self._count_message(change)
            case TicketMoved():
                before = count_ticket(change.before) if change.before else {}
                place = Place(name_month(change.after.opened_at, self._find_zone(change.after.store_id)))
                yield Found(change.after.store_id, place, subtract(count_ticket(change.after), before))
            case OrderPlaced():
                yield from self._count_order(change)
            case GoalKept():
                yield from self._count_goal(change)
            case ConsentKept():
                yield from self._count_withdrawal(change)
            case DecisionKept():
                for finding in change.record.findings:
                    if is_counted_finding(finding):
                        yield self._count_finding(change, finding)

    def save_touches(self) -> None:
        """Before anything is counted: written twice they are the same."""
        for touches in self._changed.values():
            self.world.touches.put(touches)

    # -- messages --------------------------------------------------------------------------------------------------

    def _count_message(self, change: MessageMoved) -> Iterator[Found]:
        message = change.after
        place = find_place(message, self._find_zone(message.store_id))
        yield Found(
            message.store_id,
            place,
            subtract(count_message(message), count_message(change.before) if change.before else {}),
        )
        if message.purpose is Purpose.MARKETING and message.journey and message.state in REACHED:
            self._touch(message, place, change.at)

    def _touch(self, message: Message, place: Place, at: datetime) -> None:
        moved_at = message.state_at or at
        touch = Touch(
            message_id=message.message_id,
            **place._asdict(),
            format=message.format,
            delivered_at=moved_at,
            read_at=moved_at if message.state is MessageState.READ else None,
            clicked_at=at if message.clicked == "person" else None,
            program_opened=message.machine_opened,
        )
        before = self._read_touches(message.store_id, message.customer_id)
        by_program = message.clicked == "machine"
        self._keep_touches(before, before.add(touch, self.world.clock(), clicked_by_program=by_program))

    def _note_deed(self, store_id: str, customer_id: str, message_id: str, deed: Deed, at: datetime) -> None:
        """What a message led to is learned from, where it was marketing."""
        before = self._read_touches(store_id, customer_id)
        self._keep_touches(before, before.mark(message_id, deed, at))

    def _keep_touches(self, before: Touches, after: Touches) -> None:
        if after != before:
            key = (before.store_id, before.customer_id)
            self._read[key] = self._changed[key] = after

    def _count_finding(self, change: DecisionKept, finding: Finding) -> Found:
        record = change.record
        zone = self._find_zone(record.store_id)
        journey, _, _ = finding.what.partition(".")
        place = Place(name_month(record.decided_at, zone), journey)
        if finding.verdict == "answered":
            asked = self._find_question(record.store_id, record.customer_id, record.data.get("ask.id", ""))
            if asked is None:
                return Found(record.store_id, place, {"answered": ONE})
            if asked.purpose is Purpose.MARKETING:
                answered_at = record.occurred_at
                self._note_deed(asked.store_id, asked.customer_id, asked.message_id, "answered_at", answered_at)
            return Found(record.store_id, find_place(asked, zone), add_format({"answered": ONE}, asked.format))
        arm = HOLDOUT if finding.verdict == "held out" else ""
        name = "compared" if arm or finding.verdict == COMPARED else "started"
        return Found(record.store_id, place._replace(arm=arm), {name: ONE})

    def _find_question(self, store_id: str, customer_id: str, seed: str) -> Message | None:
        """The message that asked, the one that arrived where it went out on several channels."""
        if not seed:
            return None  # answered in own words, to whichever question was open
        wanted = [(customer_id, make_id(seed, channel)) for channel in Channel]
        asked = self.world.messages.get_many(store_id, wanted)
        return max(asked, key=lambda message: (message.state in REACHED, message.message_id), default=None)

    # -- what messages lead to -------------------------------------------------------------------------------------

    def _count_order(self, change: OrderPlaced) -> Iterator[Found]:
        order, store_id = change.record.order, change.record.store_id
        if order is None:
            return
        store = self.world.stores.get(store_id)
        zone = self._find_zone(store_id)
        month = name_month(order.created_at, zone)
        yield Found(store_id, Place(month), {"orders": ONE} | _count_money("revenue", order))
        customer_id = change.record.customer_id
        if customer_id is None:
            return
        yield from self._count_ordinal(store_id, customer_id, order, month, zone)
        touches = self._read_touches(store_id, customer_id).touches
        settings = store.settings if store else StoreSettings()
        touch = find_last_touch(touches, order.created_at, settings.attribution_window)
        if touch is not None and order.quiet is None:
            self._note_deed(store_id, customer_id, touch.message_id, "bought_at", order.created_at)
            bought = {**add_format({"bought": ONE}, touch.format), **_count_money("revenue", order)}
            yield Found(store_id, _find_touched(touch), bought)

    def _count_ordinal(
        self, store_id: str, customer_id: str, order: Order, month: str, zone: ZoneInfo
    ) -> Iterator[Found]:
        """First and second orders, by the customer's own list of them."""
        customer = self.world.customers.load(store_id, customer_id)
        if customer is None or order.order_id not in customer.orders:
            return
        number = customer.orders_count - len(customer.orders) + customer.orders.index(order.order_id) + 1
        if number == 1:
            yield Found(store_id, Place(month), {"first_orders": ONE})
        elif number == 2 and customer.first_order_at is not None:
            first = min(customer.first_order_at, order.created_at)
            second = max(order.created_at, customer.last_order_at or first) if first == order.created_at else None
            amounts = count_second_order(first, second or order.created_at)
            yield Found(store_id, Place(name_month(first, zone), SECOND_ORDERS), amounts)

    def _count_goal(self, change: GoalKept) -> Iterator[Found]:
        goal = change.goal
        place = Place(name_month(goal.at, self._find_zone(goal.store_id)), goal.journey, arm=goal.arm)
        record = self.world.records.get_order(goal.store_id, goal.order_id) if goal.order_id else None
        money = _count_money("goal_revenue", record.order) if record and record.order else {}
        squares = {name.replace("goal_revenue", "goal_squares"): amount * amount for name, amount in money.items()}
        yield Found(goal.store_id, place, {"goals": ONE} | money | squares)
        touches = self._read_touches(goal.store_id, goal.customer_id).touches
        touch = find_last_touch((touch for touch in touches if touch.journey == goal.journey), goal.at, NAMED_FOR)
        if touch is not None and goal.arm != HOLDOUT:
            yield Found(goal.store_id, _find_touched(touch), add_format({"goals": ONE}, touch.format))

    def _count_withdrawal(self, change: ConsentKept) -> Iterator[Found]:
        entry = change.entry
        key = (entry.store_id, entry.customer_id, entry.at)
        if key in self._withdrawn:
            return  # one STOP is several lines of the ledger
        self._withdrawn.add(key)
        touches = self._read_touches(entry.store_id, entry.customer_id).touches
        touch = find_last_touch(touches, entry.at, UNSUBSCRIBED_WITHIN)
        month = name_month(entry.at, self._find_zone(entry.store_id))
        if touch is None:
            yield Found(entry.store_id, Place(month, channel=entry.channel), {"unsubscribed": ONE})
            return
        yield Found(entry.store_id, _find_touched(touch), add_format({"unsubscribed": ONE}, touch.format))

    # -- what is read ----------------------------------------------------------------------------------------------

    def _read_touches(self, store_id: str, customer_id: str) -> Touches:
        key = (store_id, customer_id)
        if key not in self._read:
            found = self.world.touches.get(store_id, customer_id)
            self._read[key] = found or Touches(store_id=store_id, customer_id=customer_id)
        return self._read[key]

    def _find_zone(self, store_id: str) -> ZoneInfo:
        store = self.world.stores.get(store_id)
        return find_store_zone(store) if store else ZoneInfo("UTC")


def _count_money(name: str, order: Order) -> dict[str, Decimal]:
    return {f"{name}.{order.currency}": order.total} if order.total else {}


def _find_touched(touch: Touch) -> Place:
    return Place(touch.month, touch.journey, touch.template, touch.channel, touch.arm)
