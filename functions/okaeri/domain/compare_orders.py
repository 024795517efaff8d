"""What changed of an order: evidence against what is stored. Only a change becomes an event (design §1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from okaeri.domain.compare_shipments import SILENT, has_delivered_all, make_delivered_event, merge_shipments
from okaeri.domain.events import Event
from okaeri.domain.evidence import OrderChanged
from okaeri.domain.order_events import make_order_event, make_redeemed_event, make_shipment_event
from okaeri.domain.orders import Order, Payment, Refund

_UNPAID = (Payment.PENDING, Payment.FAILED)
_PROMISED = (Payment.AUTHORIZED, Payment.PARTIALLY_PAID)
_RETURN_STATES = ("requested", "approved", "declined", "closed")
_PAID = (Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED)


def compare_order(store_id: str, before: Order | None, seen: Order) -> tuple[Order, tuple[Event, ...]]:
    """The order as it now is, and what that brings to light.

    An order first seen by any topic is placed. An older view than the stored one (`updated_at`) adds only parcels
    and refunds that were not known; at equal times payment never moves back. What an order says or not (`quiet`)
    is settled when it is first seen.
    """
    if before is None:
        return seen, _place_order(store_id, seen)
    newer = seen if seen.updated_at >= before.updated_at else before
    older = before if newer is seen else seen
    payment = newer.payment
    if seen.updated_at == before.updated_at:
        payment = max(before.payment, seen.payment, key=list(Payment).index)
    shipments, moved = merge_shipments(store_id, before, seen.shipments)
    after = newer.model_copy(
        update={
            "payment": payment,
            "quiet": before.quiet,
            "created_at": before.created_at,
            "shipments": shipments,
            "refunds": _merge_refunds(before.refunds, seen.refunds),
            "paid_at": before.paid_at or _find_payday(before, payment, seen),
            "cancelled_at": before.cancelled_at or seen.cancelled_at,
            "cancel_reason": before.cancel_reason or seen.cancel_reason,
            "fulfilled": before.fulfilled or seen.fulfilled,
            "status_url": newer.status_url or older.status_url,
            "checkout_token": newer.checkout_token or older.checkout_token,
            "cart_token": newer.cart_token or older.cart_token,
            "opt_ins": newer.opt_ins or older.opt_ins,
            "returns": before.returns,
        }
    )
    edited = newer is seen and not after.cancelled_at and is_edited(before, after)
    return after, (*_list_changes(store_id, before, after, edited=edited), *moved)


def _find_payday(before: Order, payment: Payment, seen: Order) -> datetime | None:
    """When the money came, or was promised, that was missing; None where it was there, or still is not."""
    return seen.updated_at if before.payment in _UNPAID and payment not in _UNPAID else None


def _list_changes(store_id: str, before: Order, after: Order, *, edited: bool) -> list[Event]:
    """What became of the order itself, its money first seen before its parcels."""
    events: list[Event] = []
    if after.cancelled_at and not before.cancelled_at:
        events.append(make_order_event(store_id, after, "order.cancelled", after.cancelled_at))
    if after.payment in _PAID and before.payment not in _PAID:
        events.append(make_order_event(store_id, after, "order.paid", after.updated_at))
    if after.payment in _PROMISED and before.payment in _UNPAID:
        events.append(make_order_event(store_id, after, "order.payment_promised", after.updated_at))
    if after.payment is Payment.FAILED and before.payment is Payment.PENDING:
        events.append(make_order_event(store_id, after, "order.payment_failed", after.updated_at))
    if edited:
        moment = after.updated_at
        events.append(make_order_event(store_id, after, "order.updated", moment, moment.isoformat()))
    return events + _refund_events(store_id, after, before.refunds, after.refunds)


def change_order(store_id: str, before: Order, change: OrderChanged) -> tuple[Order, tuple[Event, ...]]:
    """Applies one fact that came without the order."""
    match change.change:
        case "paid":
            if before.payment in _PAID:
                return before, ()
            paid_at = before.paid_at or (change.at if before.payment in _UNPAID else None)
            after = before.model_copy(update={"payment": Payment.PAID, "paid_at": paid_at})
            return after, (make_order_event(store_id, after, "order.paid", change.at),)
        case "payment_failed":
            if before.payment is not Payment.PENDING:
                return before, ()
            after = before.model_copy(update={"payment": Payment.FAILED})
            return after, (make_order_event(store_id, after, "order.payment_failed", change.at),)
        case "cancelled":
            if before.cancelled_at:
                return before, ()
            after = before.model_copy(update={"cancelled_at": change.at, "cancel_reason": change.reason})
            return after, (make_order_event(store_id, after, "order.cancelled", change.at),)
        case "refunded":
            refunds = _merge_refunds(before.refunds, (change.refund,) if change.refund else ())
            after = before.model_copy(update={"refunds": refunds, "payment": _pay_back(before, refunds)})
            return after, tuple(_refund_events(store_id, after, before.refunds, refunds))
        case "return_requested" | "return_approved" | "return_declined" | "return_closed":
            return _move_return(store_id, before, change)
        case "gone":
            after = before.model_copy(update={"quiet": "deleted"})
            return after, (make_order_event(store_id, after, "order.deleted", change.at),)


def _move_return(store_id: str, before: Order, change: OrderChanged) -> tuple[Order, tuple[Event, ...]]:
    """A return moves forward alone, in whatever order its topics come. One without an id has no state."""
    status = change.change.removeprefix("return_")
    known = before.returns.get(change.return_id or "")
    if known and _RETURN_STATES.index(known) >= _RETURN_STATES.index(status):
        return before, ()
    after = before
    if change.return_id:
        others = {name: state for name, state in before.returns.items() if name != change.return_id}
        after = before.model_copy(update={"returns": others | {change.return_id: status}})
    distinct = change.return_id or change.reason or ""
    return after, (make_order_event(store_id, after, f"return.{status}", change.at, distinct),)


def is_edited(before: Order, after: Order) -> bool:
    """Whether the shopper would see another order: its lines, its address or its total."""
    return (
        {line.line_id: (line.title, line.variant, line.quantity) for line in before.lines if line.quantity}
        != {line.line_id: (line.title, line.variant, line.quantity) for line in after.lines if line.quantity}
        or (before.shipping_address not in (None, after.shipping_address) and after.shipping_address is not None)
        or (before.total != after.total and before.refunds == after.refunds)
    )


def _place_order(store_id: str, order: Order) -> tuple[Event, ...]:
    events = [make_order_event(store_id, order, "order.placed", order.created_at)]
    events += [make_redeemed_event(store_id, order, code) for code in order.coupon_codes]
    if order.cancelled_at:
        events.append(make_order_event(store_id, order, "order.cancelled", order.cancelled_at))
    events += _refund_events(store_id, order, (), order.refunds)
    moved = [shipment for shipment in order.shipments if shipment.status not in SILENT]
    events += [make_shipment_event(store_id, order, shipment) for shipment in moved]
    if has_delivered_all(order):
        events.append(make_delivered_event(store_id, order))
    return tuple(events)


def _merge_refunds(before: Sequence[Refund], seen: Sequence[Refund]) -> tuple[Refund, ...]:
    known = {refund.refund_id: refund for refund in before}
    for refund in seen:
        known[refund.refund_id] = refund
    return tuple(known.values())


def _refund_events(store_id: str, order: Order, before: Sequence[Refund], after: Sequence[Refund]) -> list[Event]:
    known = {refund.refund_id for refund in before if refund.amount > 0}  # money that is under way may come as 0
    events = []
    for refund in after:
        if refund.refund_id in known or refund.amount <= 0:
            continue
        event = make_order_event(store_id, order, "order.refunded", refund.at, refund.refund_id)
        refs = event.refs | {"refund.id": (refund.refund_id,)}
        events.append(event.model_copy(update={"refs": refs}))
    return events


def _pay_back(order: Order, refunds: Sequence[Refund]) -> Payment:
    given_back = sum((refund.amount for refund in refunds), Decimal(0))
    if not given_back:
        return order.payment
    return Payment.REFUNDED if given_back >= order.total else Payment.PARTIALLY_REFUNDED
