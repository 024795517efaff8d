"""What changed: evidence against what is stored. Only a change becomes an event (design §1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from okaeri.domain.events import Event, make_event
from okaeri.domain.evidence import OrderChanged
from okaeri.domain.orders import Cart, Order, Payment, Product, Refund, Shipment, ShipmentStatus, Variant

# A parcel only moves forward through these. The others (delayed, attempt failed, exception) may happen on the way.
_STAGE: dict[ShipmentStatus, int] = {
    ShipmentStatus.PENDING: 0,
    ShipmentStatus.LABEL_CREATED: 1,
    ShipmentStatus.SHIPPED: 2,
    ShipmentStatus.IN_TRANSIT: 3,
    ShipmentStatus.OUT_FOR_DELIVERY: 4,
    ShipmentStatus.PICKUP_READY: 4,
    ShipmentStatus.EXPIRED: 5,
    ShipmentStatus.CANCELLED: 6,
    ShipmentStatus.DELIVERED: 7,
    ShipmentStatus.RETURNED: 8,
}
_INCIDENTS = (ShipmentStatus.DELAYED, ShipmentStatus.ATTEMPT_FAILED, ShipmentStatus.EXCEPTION)
_SILENT = (ShipmentStatus.PENDING, ShipmentStatus.EXPIRED, ShipmentStatus.CANCELLED)
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
    shipments, shipment_events = merge_shipments(store_id, before, seen.shipments)
    refunds = _merge_refunds(before.refunds, seen.refunds)
    after = newer.model_copy(
        update={
            "payment": payment,
            "quiet": before.quiet,
            "created_at": before.created_at,
            "shipments": shipments,
            "refunds": refunds,
            "cancelled_at": before.cancelled_at or seen.cancelled_at,
            "cancel_reason": before.cancel_reason or seen.cancel_reason,
            "fulfilled": before.fulfilled or seen.fulfilled,
            "status_url": newer.status_url or older.status_url,
            "checkout_token": newer.checkout_token or older.checkout_token,
            "cart_token": newer.cart_token or older.cart_token,
            "opt_ins": newer.opt_ins or older.opt_ins,
        }
    )
    events: list[Event] = []
    if after.cancelled_at and not before.cancelled_at:
        events.append(_make_order_event(store_id, after, "order.cancelled", after.cancelled_at))
    if after.payment in _PAID and before.payment not in _PAID:
        events.append(_make_order_event(store_id, after, "order.paid", after.updated_at))
    if after.payment is Payment.FAILED and before.payment is Payment.PENDING:
        events.append(_make_order_event(store_id, after, "order.payment_failed", after.updated_at))
    if newer is seen and not after.cancelled_at and is_edited(before, after):
        events.append(
            _make_order_event(store_id, after, "order.updated", after.updated_at, after.updated_at.isoformat())
        )
    events += _refund_events(store_id, after, before.refunds, refunds)
    events += shipment_events
    return after, tuple(events)


def change_order(store_id: str, before: Order, change: OrderChanged) -> tuple[Order, tuple[Event, ...]]:
    """Applies one fact that came without the order."""
    match change.change:
        case "paid":
            if before.payment in _PAID:
                return before, ()
            after = before.model_copy(update={"payment": Payment.PAID})
            return after, (_make_order_event(store_id, after, "order.paid", change.at),)
        case "payment_failed":
            if before.payment is not Payment.PENDING:
                return before, ()
            after = before.model_copy(update={"payment": Payment.FAILED})
            return after, (_make_order_event(store_id, after, "order.payment_failed", change.at),)
        case "cancelled":
            if before.cancelled_at:
                return before, ()
            after = before.model_copy(update={"cancelled_at": change.at, "cancel_reason": change.reason})
            return after, (_make_order_event(store_id, after, "order.cancelled", change.at),)
        case "refunded":
            refunds = _merge_refunds(before.refunds, (change.refund,) if change.refund else ())
            after = before.model_copy(update={"refunds": refunds, "payment": _pay_back(before, refunds)})
            return after, tuple(_refund_events(store_id, after, before.refunds, refunds))
        case "return_requested":
            distinct = change.reason or ""
            return before, (_make_order_event(store_id, before, "return.requested", change.at, distinct),)
        case "gone":
            after = before.model_copy(update={"quiet": "deleted"})
            return after, (_make_order_event(store_id, after, "order.deleted", change.at),)


def merge_shipments(
    store_id: str, order: Order, seen: Sequence[Shipment]
) -> tuple[tuple[Shipment, ...], tuple[Event, ...]]:
    """The order's parcels after these views of some of them, and the events of those that moved."""
    known = {shipment.shipment_id: shipment for shipment in order.shipments}
    moved: list[Shipment] = []
    for shipment in seen:
        before = known.get(shipment.shipment_id)
        after, has_moved = _move_shipment(before, shipment)
        known[shipment.shipment_id] = after
        if has_moved:
            moved.append(after)
    merged = tuple(known.values())
    whole = order.model_copy(update={"shipments": merged})
    events = [make_shipment_event(store_id, whole, shipment) for shipment in moved]
    if has_delivered_all(whole) and not has_delivered_all(order):
        latest = max(shipment.at for shipment in merged)
        events.append(_make_order_event(store_id, whole, "order.delivered", latest, str(len(merged))))
    return merged, tuple(events)


def _move_shipment(before: Shipment | None, seen: Shipment) -> tuple[Shipment, bool]:
    if before is None:
        return seen, seen.status not in _SILENT
    kept = {name: value for name, value in before.model_dump().items() if getattr(seen, name, None) in (None, ())}
    filled = seen.model_copy(update={name: getattr(before, name) for name in kept})
    ended = before.status in (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED)
    if seen.status in _INCIDENTS:
        is_new = seen.status is not before.status or (seen.eta is not None and seen.eta != before.eta)
        if ended or seen.at < before.at or not is_new:
            return before, False
        return filled, True
    before_stage = _STAGE.get(before.status)
    stage = _STAGE[seen.status]
    if before_stage is None:  # after an incident the parcel goes on where it says it is
        if seen.at < before.at or stage < _STAGE[ShipmentStatus.IN_TRANSIT]:
            return before, False
        return filled, seen.status not in _SILENT
    if stage > before_stage:
        return filled, seen.status not in _SILENT
    if stage == before_stage:  # the same stage again: a new place, a tracking number, a promise
        return filled.model_copy(update={"at": before.at}), False
    learnt = {
        name: getattr(seen, name)
        for name in ("carrier", "tracking_number", "tracking_url", "eta")
        if getattr(before, name) is None and getattr(seen, name) is not None
    }
    return before.model_copy(update=learnt), False


def make_shipment_event(store_id: str, order: Order, shipment: Shipment) -> Event:
    """`shipment.<status>`; an incident may come again with another date, a stage happens once."""
    again = shipment.at.isoformat() if shipment.status in _INCIDENTS else ""
    return make_event(
        store_id,
        f"shipment.{shipment.status}",
        shipment.at,
        order.order_id,
        shipment.shipment_id,
        again,
        refs={"order.id": (order.order_id,), "shipment.id": (shipment.shipment_id,)},
        data={"status": shipment.status, "parcels": len(order.shipments), "has_eta": shipment.eta is not None},
        quiet=order.quiet,
    )


def is_edited(before: Order, after: Order) -> bool:
    """Whether the shopper would see another order: its lines, its address or its total."""
    return (
        {line.line_id: (line.title, line.variant, line.quantity) for line in before.lines if line.quantity}
        != {line.line_id: (line.title, line.variant, line.quantity) for line in after.lines if line.quantity}
        or (before.shipping_address not in (None, after.shipping_address) and after.shipping_address is not None)
        or (before.total != after.total and before.refunds == after.refunds)
    )


def has_delivered_all(order: Order) -> bool:
    """Whether no known parcel is still on its way."""
    on_their_way = [s for s in order.shipments if s.status is not ShipmentStatus.CANCELLED]
    return bool(on_their_way) and all(s.status is ShipmentStatus.DELIVERED for s in on_their_way)


def compare_cart(store_id: str, before: Cart | None, seen: Cart) -> tuple[Cart, tuple[Event, ...]]:
    """The cart as it now is: `cart.updated` when what is in it changed, `cart.emptied`, `cart.completed`."""
    if before is not None and seen.updated_at < before.updated_at:
        return before, ()
    refs = {"cart.token": tuple(token for token in (seen.token, seen.cart_token) if token)}
    if seen.completed_at:
        if before is not None and before.completed_at:
            return seen, ()
        return seen, (make_event(store_id, "cart.completed", seen.completed_at, seen.token, refs=refs),)
    if not seen.lines:
        if before is None or not before.lines:
            return seen, ()
        moment = seen.updated_at.isoformat()
        return seen, (make_event(store_id, "cart.emptied", seen.updated_at, seen.token, moment, refs=refs),)
    if before is not None and _list_contents(before) == _list_contents(seen) and before.buyer == seen.buyer:
        return seen, ()
    moment = seen.updated_at.isoformat()
    data: dict[str, str | int | bool] = {"items": sum(line.quantity for line in seen.lines)}
    return seen, (make_event(store_id, "cart.updated", seen.updated_at, seen.token, moment, refs=refs, data=data),)


def _list_contents(cart: Cart) -> list[tuple[str | None, str, int]]:
    return [(line.variant_id, line.title, line.quantity) for line in cart.lines]


def compare_product(
    store_id: str, before: Product | None, seen: Product, *, partial: bool
) -> tuple[Product, tuple[Event, ...]]:
    """The product as it now is, and `stock.returned` / `stock.ran_out` for each variant whose stock turned."""
    if before is None:
        return seen, ()
    if seen.updated_at < before.updated_at:
        return before, ()
    known = {variant.variant_id: variant for variant in before.variants}
    events = tuple(
        event
        for variant in seen.variants
        if (event := _turn_stock(store_id, seen, known.get(variant.variant_id), variant)) is not None
    )
    if not partial:
        return seen, events
    known |= {variant.variant_id: _fill_variant(known.get(variant.variant_id), variant) for variant in seen.variants}
    after = before.model_copy(update={"variants": tuple(known.values()), "updated_at": seen.updated_at})
    return after, events


def _turn_stock(store_id: str, product: Product, before: Variant | None, after: Variant) -> Event | None:
    if before is None or before.in_stock is None or after.in_stock is None or before.in_stock == after.in_stock:
        return None
    return make_event(
        store_id,
        "stock.returned" if after.in_stock else "stock.ran_out",
        product.updated_at,
        after.variant_id,
        product.updated_at.isoformat(),
        refs={"product.id": (product.product_id,), "variant.id": (after.variant_id,)},
    )


def _fill_variant(before: Variant | None, seen: Variant) -> Variant:
    if before is None:
        return seen
    return before.model_copy(update=seen.model_dump(exclude_none=True))


def _place_order(store_id: str, order: Order) -> tuple[Event, ...]:
    events = [_make_order_event(store_id, order, "order.placed", order.created_at)]
    if order.cancelled_at:
        events.append(_make_order_event(store_id, order, "order.cancelled", order.cancelled_at))
    events += _refund_events(store_id, order, (), order.refunds)
    moved = [shipment for shipment in order.shipments if shipment.status not in _SILENT]
    events += [make_shipment_event(store_id, order, shipment) for shipment in moved]
    return tuple(events)


def _make_order_event(store_id: str, order: Order, name: str, at: datetime, *distinct: str) -> Event:
    carts = tuple(token for token in (order.checkout_token, order.cart_token) if token)
    refs: dict[str, tuple[str, ...]] = {"order.id": (order.order_id,)}
    if carts:
        refs["cart.token"] = carts
    return make_event(
        store_id,
        name,
        at,
        order.order_id,
        *distinct,
        refs=refs,
        data={"payment": order.payment, "offline": order.offline_payment, "cancelled": bool(order.cancelled_at)},
        quiet=order.quiet,
    )


def _merge_refunds(before: Sequence[Refund], seen: Sequence[Refund]) -> tuple[Refund, ...]:
    known = {refund.refund_id: refund for refund in before}
    for refund in seen:
        known[refund.refund_id] = refund
    return tuple(known.values())


def _refund_events(store_id: str, order: Order, before: Sequence[Refund], after: Sequence[Refund]) -> list[Event]:
    known = {refund.refund_id for refund in before}
    events = []
    for refund in after:
        if refund.refund_id in known or refund.amount <= 0:
            continue
        event = _make_order_event(store_id, order, "order.refunded", refund.at, refund.refund_id)
        refs = event.refs | {"refund.id": (refund.refund_id,)}
        events.append(event.model_copy(update={"refs": refs}))
    return events


def _pay_back(order: Order, refunds: Sequence[Refund]) -> Payment:
    given_back = sum((refund.amount for refund in refunds), Decimal(0))
    if not given_back:
        return order.payment
    return Payment.REFUNDED if given_back >= order.total else Payment.PARTIALLY_REFUNDED
