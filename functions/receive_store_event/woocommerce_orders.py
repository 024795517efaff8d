"""What WooCommerce's orders mean to us. It names no changes: only how the order stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from okaeri.domain.evidence import OrderChanged, OrderSeen
from okaeri.domain.orders import Address, Order, OrderLine, Payment, Refund, Shipment, ShipmentStatus
from okaeri.domain.stores import Store
from receive_store_event.buyers import choose_quiet, collect_opt_ins, is_marketplace, make_buyer
from receive_store_event.payload import add_up, count_pieces, to_text, to_utc, to_utc_or_none
from receive_store_event.woocommerce_payloads import (
    LineMeta,
    MetaData,
    TrackingItem,
    WooAddress,
    WooLine,
    WooOrder,
)

_UNFINISHED = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
_OFFLINE_METHODS = frozenset({"bacs", "cheque", "cod"})
_PAID_STATUSES = frozenset({"processing", "completed", "shipped", "partial-shipped", "delivered"})
_TRACKING_KEYS = frozenset({"_wc_shipment_tracking_items"})
# Statuses that shops add by plugin, whose names say where the parcel is.
_SHIPPED_STATUSES = {
    "shipped": ShipmentStatus.SHIPPED,
    "partial-shipped": ShipmentStatus.SHIPPED,
    "delivered": ShipmentStatus.DELIVERED,
}


def read_order(payload: WooOrder, store: Store, now: datetime) -> OrderSeen | OrderChanged | None:
    """The whole order; that it is gone, from the bin; nothing from a checkout still being filled in."""
    status = payload.status.removeprefix("wc-")
    if status in _UNFINISHED:
        return None
    updated_at = to_utc(payload.date_modified_gmt, now)
    if status == "trash":
        return OrderChanged(order_id=payload.id, change="gone", at=updated_at)
    created_at = to_utc(payload.date_created_gmt or payload.date_created, now)
    channel = (payload.created_via or "").lower()
    quiet = choose_quiet(
        store, created_at, now, {"point_of_sale": "pos" in channel.split("-"), "marketplace": is_marketplace(channel)}
    )
    billing = payload.billing or WooAddress()
    home = billing if billing.country else payload.shipping or billing
    buyer = make_buyer(
        store,
        country=home.country,
        region=home.state,
        postcode=home.postcode,
        customer_id=payload.customer_id if payload.customer_id != "0" else None,
        emails=(billing.email,),
        phones=(billing.phone,),
        first_name=billing.first_name,
        last_name=billing.last_name,
        company=billing.company,
        is_registered=payload.customer_id != "0" if payload.customer_id else None,
    )
    meta = payload.meta_data or []
    with_tax = bool(payload.prices_include_tax)
    lines = tuple(_make_line(line, with_tax=with_tax) for line in payload.line_items or ())
    refunds = tuple(
        Refund(refund_id=refund.id, amount=abs(refund.total), at=updated_at, reason=refund.reason or None)
        for refund in payload.refunds or ()
        if refund.total
    )
    method = payload.payment_method or ""
    payment = _read_payment(payload, status, refunds)
    is_unpaid = payment in (Payment.PENDING, Payment.FAILED)
    return OrderSeen(
        order=Order(
            order_id=payload.id,
            name=f"#{payload.number or payload.id}",
            created_at=created_at,
            updated_at=updated_at,
            buyer=buyer,
            currency=payload.currency or store.currency,
            lines=lines,
            subtotal=add_up([line.price * line.quantity for line in lines]),
            coupon_codes=tuple(used.code for used in payload.coupon_lines or () if used.code),
            discount=_add_tax(payload.discount_total, payload.discount_tax, with_tax),
            shipping=_add_tax(payload.shipping_total, payload.shipping_tax, with_tax),
            tax=payload.total_tax,
            tax_included=with_tax,
            total=payload.total,
            payment=payment,
            payment_method=payload.payment_method_title or method or None,
            offline_payment=method in _OFFLINE_METHODS,
            cash_on_delivery=method == "cod",
            payment_url=payload.payment_url or None if is_unpaid else None,
            shipping_method=next(
                (line.method_title for line in payload.shipping_lines or () if line.method_title), None
            ),
            shipping_address=_make_address(payload.shipping),
            cancelled_at=updated_at if status == "cancelled" else None,
            status_url=None,
            fulfilled=status in ("completed", "shipped", "delivered"),
            shipments=_list_shipments(payload, status, meta, store, updated_at),
            refunds=refunds,
            opt_ins=collect_opt_ins(store, buyer, [(item.key, item.value) for item in meta], quiet=quiet),
            quiet=quiet,
            sales_channel=payload.created_via or None,
        )
    )


def _read_payment(order: WooOrder, status: str, refunds: tuple[Refund, ...]) -> Payment:
    """Cash on delivery is `processing` long before it is paid; every other `processing` order is paid."""
    paid_back = add_up([refund.amount for refund in refunds])
    if status == "refunded" or (refunds and paid_back >= order.total > 0):
        return Payment.REFUNDED
    if refunds:
        return Payment.PARTIALLY_REFUNDED
    if status == "failed":
        return Payment.FAILED
    if order.date_paid_gmt or order.date_paid:
        return Payment.PAID
    is_paid_later = order.payment_method == "cod" and status not in ("completed", "delivered")
    return Payment.PAID if status in _PAID_STATUSES and not is_paid_later else Payment.PENDING


def _list_shipments(
    order: WooOrder, status: str, meta: Iterable[MetaData], store: Store, updated_at: datetime
) -> tuple[Shipment, ...]:
    """A parcel for each tracking number; without any, the order's status is one parcel's."""
    whole_order = _SHIPPED_STATUSES.get(status)
    if status == "completed" and store.settings.completed_means in ("shipped", "delivered"):
        whole_order = ShipmentStatus(store.settings.completed_means)
    items = _list_tracking_items(meta)
    if items:
        arrived = whole_order is ShipmentStatus.DELIVERED
        return tuple(_make_tracked(item, updated_at, arrived=arrived) for item in items)
    if whole_order is None:
        return ()
    at = to_utc(order.date_completed_gmt, updated_at) if status == "completed" else updated_at
    return (Shipment(shipment_id=f"order-{order.id}", status=whole_order, at=at),)


def _list_tracking_items(meta: Iterable[MetaData]) -> list[TrackingItem]:
    """PHP writes a list with gaps as an object. An entry that cannot be read is left out: the order counts."""
    items: list[TrackingItem] = []
    for entry in meta:
        if entry.key in _TRACKING_KEYS and isinstance(entry.value, list | dict):
            raw: Iterable[Any] = entry.value.values() if isinstance(entry.value, dict) else entry.value
            for item in raw:
                try:
                    items.append(TrackingItem.model_validate(item))
                except ValidationError:
                    continue
    return [item for item in items if item.tracking_number]


def _make_tracked(item: TrackingItem, updated_at: datetime, *, arrived: bool) -> Shipment:
    shipped_at = to_utc_or_none(item.date_shipped)
    return Shipment(
        shipment_id=item.tracking_id or item.tracking_number or "",
        status=ShipmentStatus.DELIVERED if arrived else ShipmentStatus.SHIPPED,
        at=updated_at if arrived or shipped_at is None else shipped_at,
        carrier=_first(item.formatted_tracking_provider, item.custom_tracking_provider, item.tracking_provider),
        tracking_number=item.tracking_number,
        tracking_url=_first(item.formatted_tracking_link, item.custom_tracking_link, item.tracking_link),
    )


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)


def _make_line(line: WooLine, *, with_tax: bool) -> OrderLine:
    """`name` holds the variation's attributes too; `parent_name`, where there is one, is the product alone.

    Amounts of lines come without tax, even in shops whose prices hold it: there it is added again.
    """
    quantity = count_pieces(line.quantity)
    subtotal = _add_tax(line.subtotal, line.subtotal_tax, with_tax)
    price = round(subtotal / quantity, 4) if subtotal is not None and quantity else line.price or Decimal(0)
    title = line.parent_name or line.name or ""
    variation_id = line.variation_id if line.variation_id != "0" else None
    image = to_text(line.image.get("src")) if isinstance(line.image, dict) else None
    return OrderLine(
        line_id=line.id or line.variation_id or line.product_id or title,
        product_id=line.product_id if line.product_id != "0" else None,
        variant_id=variation_id or line.product_id,
        sku=line.sku or None,
        title=title,
        variant=_name_variant(line.meta_data or ()) if variation_id else None,
        quantity=quantity,
        price=price,
        total=_add_tax(line.total, line.total_tax, with_tax),
        image_url=image,
    )


def _add_tax(amount: Decimal | None, tax: Decimal | None, with_tax: bool) -> Decimal | None:
    return amount + tax if with_tax and amount is not None and tax is not None else amount


def _name_variant(attributes: Iterable[LineMeta]) -> str | None:
    shown = (to_text(item.display_value) for item in attributes if item.key and not item.key.startswith("_"))
    return ", ".join(value for value in shown if value) or None


def _make_address(address: WooAddress | None) -> Address | None:
    """WooCommerce sends an address of empty fields where none is needed."""
    if address is None or not (address.address_1 or address.city or address.postcode):
        return None
    return Address(
        name=" ".join(part for part in (address.first_name, address.last_name) if part) or None,
        company=address.company or None,
        line1=address.address_1 or None,
        line2=address.address_2 or None,
        city=address.city or None,
        region=address.state or None,
        postcode=address.postcode or None,
        country=address.country or None,
        phone=address.phone or None,
    )
