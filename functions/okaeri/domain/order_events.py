"""The events that are about an order or one of its parcels, made alike by all who compare."""

from __future__ import annotations

from datetime import datetime

from okaeri.domain.events import Event, make_event
from okaeri.domain.orders import Order, Shipment, ShipmentStatus

REDEEMED = "coupon.redeemed"
INCIDENTS = (ShipmentStatus.DELAYED, ShipmentStatus.ATTEMPT_FAILED, ShipmentStatus.EXCEPTION)


def make_order_event(store_id: str, order: Order, name: str, at: datetime, *distinct: str) -> Event:
    """`name` of this order, which happens once unless `distinct` sets it apart."""
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


def make_redeemed_event(store_id: str, order: Order, code: str) -> Event:
    """A code was used with this order."""
    folded = fold_code(code)
    return make_event(
        store_id,
        REDEEMED,
        order.created_at,
        order.order_id,
        folded,
        refs={"order.id": (order.order_id,), "coupon.code": (folded,)},
        quiet=order.quiet,
    )


def fold_code(code: str) -> str:
    """A code as it is compared: checkouts take it in any case."""
    return code.strip().casefold()


def make_shipment_event(store_id: str, order: Order, shipment: Shipment) -> Event:
    """`shipment.<status>`; an incident may come again with another date, a stage happens once."""
    again = shipment.at.isoformat() if shipment.status in INCIDENTS else ""
    return make_event(
        store_id,
        f"shipment.{shipment.status}",
        shipment.at,
        order.order_id,
        shipment.shipment_id,
        again,
        refs={"order.id": (order.order_id,), "shipment.id": (shipment.shipment_id,)},
        data={
            "status": shipment.status,
            "parcels": len(order.shipments),
            "has_eta": shipment.eta is not None,
            "by_carrier": shipment.by_carrier,
        },
        quiet=order.quiet,
    )


def make_place_event(store_id: str, order: Order, shipment: Shipment) -> Event:
    """`shipment.moved`: the parcel has come to another place on the same stage; again for each scan."""
    at = shipment.scanned_at or shipment.at
    return make_event(
        store_id,
        "shipment.moved",
        at,
        order.order_id,
        shipment.shipment_id,
        at.isoformat(),
        refs={"order.id": (order.order_id,), "shipment.id": (shipment.shipment_id,)},
        data={"status": shipment.status, "parcels": len(order.shipments), "has_eta": shipment.eta is not None},
        quiet=order.quiet,
    )
