"""What was known at a moment of the past: orders, carts and customers without what came later. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from okaeri.domain.customers import Consent, Customer
from okaeri.domain.events import Event
from okaeri.domain.habits import find_weight
from okaeri.domain.orders import Order, Payment, Shipment, ShipmentStatus
from okaeri.domain.records import CartRecord, ConsentEntry, DecisionRecord, OrderRecord
from okaeri.domain.touches import Touch, Touches

# Events that messages, timers and people's answers to messages made: a replay makes its own, or none.
OWN_EVENTS = frozenset(
    {
        "timer.due", "run.migrated", "broadcast.due", "message.failed", "message.checked", "message.delivered",
        "message.read", "message.clicked", "message.bounced", "message.complained", "message.answered",
        "call.answered", "call.failed", "coupon.issued", "coupon.failed",
    }
)  # fmt: skip
_QUIET = "quiet:"
_MONEY_CAME = (Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED)


def read_event(record: DecisionRecord) -> Event:
    """The normalised event that a decision was made on; names with a dot are references."""
    refs = {name: tuple(value.split(",")) for name, value in record.data.items() if "." in name}
    data: dict[str, str | int | bool] = {
        name: value == "True" if value in ("True", "False") else value
        for name, value in record.data.items()
        if "." not in name
    }
    return Event(
        event_id=record.event_id,
        name=record.event,
        occurred_at=record.occurred_at,
        refs=refs,
        data=data,
        quiet=_find_quiet(record),
    )


def _find_quiet(record: DecisionRecord) -> str | None:
    """Why the event started no journey whatever (a test order, one of a marketplace), as its decision tells."""
    whys = (finding.why for finding in record.findings if finding.why.startswith(_QUIET))
    return next((why.removeprefix(_QUIET) for why in whys), None)


def rewind_order(order: Order, at: datetime, events: Iterable[Event] = ()) -> Order:
    """The order as it was known at `at`: later cancellation, refunds, payment and parcels are taken away.

    `events` are those that were recorded of it, which tell how far payment and parcels had come. Where none tells,
    an order is taken for paid from the beginning, and a parcel that has moved since for not yet known. Lines, address
    and totals are as they are now.
    """
    mine = [event for event in events if order.order_id in event.refs.get("order.id", ())]
    past = sorted((event for event in mine if event.occurred_at <= at), key=lambda event: event.occurred_at)
    is_cancelled = order.cancelled_at is not None and order.cancelled_at <= at
    shipments = (_rewind_shipment(shipment, at, past) for shipment in order.shipments)
    refunds = tuple(refund for refund in order.refunds if refund.at <= at)
    return order.model_copy(
        update={
            "cancelled_at": order.cancelled_at if is_cancelled else None,
            "cancel_reason": order.cancel_reason if is_cancelled else None,
            "refunds": refunds,
            "shipments": tuple(shipment for shipment in shipments if shipment),
            "payment": _rewind_payment(order, at, mine, has_refunds=bool(refunds), is_cancelled=is_cancelled),
            "fulfilled": order.fulfilled and all(shipment.at <= at for shipment in order.shipments),
            "updated_at": min(order.updated_at, at),
        }
    )


def _rewind_payment(
    order: Order, at: datetime, events: Sequence[Event], *, has_refunds: bool, is_cancelled: bool
) -> Payment:
    payment = order.payment
    if payment is Payment.VOIDED and is_cancelled:
        return payment
    turned = [event for event in events if event.name in ("order.paid", "order.payment_failed")]
    before = [event for event in turned if event.occurred_at <= at]
    if before and before[-1].name == "order.payment_failed":
        return Payment.FAILED
    if any(event.name == "order.paid" for event in turned) and not before:
        return Payment.PENDING  # the money came later
    if payment in _MONEY_CAME:
        return payment if has_refunds or payment is Payment.PAID else Payment.PAID
    return Payment.PENDING if payment is Payment.VOIDED else payment


def _rewind_shipment(shipment: Shipment, at: datetime, events: Iterable[Event]) -> Shipment | None:
    if shipment.at <= at:
        return shipment
    known = [
        event
        for event in events
        if shipment.shipment_id in event.refs.get("shipment.id", ())
        and event.name.removeprefix("shipment.") in tuple(ShipmentStatus)
    ]
    if not known:
        return None
    status = ShipmentStatus(known[-1].name.removeprefix("shipment."))
    return shipment.model_copy(update={"status": status, "at": known[-1].occurred_at})


def rewind_order_record(record: OrderRecord, at: datetime, events: Iterable[Event]) -> OrderRecord:
    """The record of an order as of `at`."""
    order = rewind_order(record.order, at, events) if record.order else None
    return record.model_copy(update={"order": order, "parked": ()})


def rewind_cart(record: CartRecord, at: datetime, events: Iterable[Event]) -> CartRecord:
    """A cart that was bought after `at` is a cart again; what is in it is what was in it last."""
    bought = [
        event.occurred_at
        for event in events
        if event.name in ("cart.completed", "order.placed") and record.token in event.refs.get("cart.token", ())
    ]
    if not bought or min(bought) <= at:
        return record
    cart = record.cart.model_copy(update={"completed_at": None}) if record.cart else None
    return record.model_copy(update={"order_id": None, "cart": cart})


def rewind_customer(
    customer: Customer, at: datetime, events: Sequence[Event], ledger: Iterable[ConsentEntry]
) -> Customer:
    """The person as of `at`: no runs, consents by the ledger, orders and attention without what came later.

    Name, addresses, language, tags and attributes are as they are now.
    """
    placed = [event for event in events if event.name == "order.placed" and event.occurred_at > at]
    later = {order_id for event in placed for order_id in event.refs.get("order.id", ())}
    consents: dict[str, Consent] = {}
    for entry in sorted(ledger, key=lambda entry: entry.at):
        if entry.at <= at:
            consents = apply_entry(consents, entry)
    return customer.model_copy(
        update={
            "version": 1,
            "runs": (),
            "recent": (),
            "evicted": False,
            "latest_event_at": None,
            "pending": (),
            "ended_runs": {},
            "ended_own": {},
            "entered": {},
            "goals": (),
            "surveyed_at": _only_before(customer.surveyed_at, at),
            "told_at": _only_before(customer.told_at, at),
            "registered_at": _only_before(customer.registered_at, at),
            "rewarded": {kind: given for kind, given in customer.rewarded.items() if given <= at},
            "open_tickets": (),
            "ahead_s": 0.0,
            "consents": consents,
            "orders": tuple(order_id for order_id in customer.orders if order_id not in later),
            "orders_count": max(customer.orders_count - len(later), 0),
            "attention": tuple(entry for entry in customer.attention if entry.at <= at),
            "window_opened_at": _only_before(customer.window_opened_at, at),
            "last_order_at": _only_before(customer.last_order_at, at),
            "first_order_at": _only_before(customer.first_order_at, at),
        }
    )


def rewind_touches(touches: Touches, at: datetime) -> Touches:
    """What was known then of the messages that arrived by then. Habits that came later are left out as a whole."""
    is_later = touches.learned_until is not None and touches.learned_until > at
    faded = find_weight(at, touches.faded_at or at)
    return touches.model_copy(
        update={
            "touches": tuple(
                _rewind_touch(touch, at) for touch in touches.touches if touch.delivered_at and touch.delivered_at <= at
            ),
            "habits": () if is_later else tuple(habit.weigh(1 / faded) for habit in touches.habits),
            "faded_at": min(touches.faded_at or at, at),
        }
    )


def _rewind_touch(touch: Touch, at: datetime) -> Touch:
    times = ("read_at", "clicked_at", "answered_at", "bought_at")
    return touch.model_copy(update={name: _only_before(getattr(touch, name), at) for name in times})


def apply_entry(consents: dict[str, Consent], entry: ConsentEntry) -> dict[str, Consent]:
    """The consents after one more line of the ledger. START on a channel lets order messages through too."""
    said = Consent(given=entry.given, at=entry.at, source=entry.source)
    also = {f"{entry.channel}:order": said} if entry.purpose == "all" and entry.given else {}
    return consents | {f"{entry.channel}:{entry.purpose}": said} | also


def _only_before(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None
