"""What Shopify's fulfilments, carrier scans and refunds mean to us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from okaeri.domain.orders import Refund, Shipment, ShipmentStatus
from receive_store_event.payload import add_up, to_utc, to_utc_or_none
from receive_store_event.shopify_payloads import Fulfillment, FulfillmentEvent, ShopifyRefund, Transaction

_SHIPMENT_STATUSES = {
    "label_purchased": ShipmentStatus.LABEL_CREATED,
    "label_printed": ShipmentStatus.LABEL_CREATED,
    "confirmed": ShipmentStatus.LABEL_CREATED,  # the carrier knows of the parcel and does not have it yet
    "carrier_picked_up": ShipmentStatus.IN_TRANSIT,
    "in_transit": ShipmentStatus.IN_TRANSIT,
    "delayed": ShipmentStatus.DELAYED,
    "out_for_delivery": ShipmentStatus.OUT_FOR_DELIVERY,
    "ready_for_pickup": ShipmentStatus.PICKUP_READY,
    "attempted_delivery": ShipmentStatus.ATTEMPT_FAILED,
    "failure": ShipmentStatus.EXCEPTION,
    "delivered": ShipmentStatus.DELIVERED,
    "picked_up": ShipmentStatus.DELIVERED,
}
_FULFILLMENT_STATUSES = {
    "pending": ShipmentStatus.LABEL_CREATED,
    "open": ShipmentStatus.LABEL_CREATED,
    "success": ShipmentStatus.SHIPPED,
    "cancelled": ShipmentStatus.CANCELLED,
    "error": ShipmentStatus.EXCEPTION,
    "failure": ShipmentStatus.EXCEPTION,
}


def make_shipment(parcel: Fulfillment, now: datetime) -> Shipment:
    """A fulfilment: the carrier's word where there is one, else the shop's own."""
    carriers_word = _SHIPMENT_STATUSES.get(parcel.shipment_status or "")
    shops_word = _FULFILLMENT_STATUSES.get(parcel.status or "", ShipmentStatus.SHIPPED)
    status = shops_word if shops_word is ShipmentStatus.CANCELLED else carriers_word or shops_word
    return Shipment(
        shipment_id=parcel.id,
        status=status,
        at=to_utc(parcel.updated_at or parcel.created_at, now),
        carrier=parcel.tracking_company or None,
        tracking_number=_first(parcel.tracking_number, parcel.tracking_numbers),
        tracking_url=_first(parcel.tracking_url, parcel.tracking_urls),
        line_ids=tuple(line.id for line in parcel.line_items or () if line.id),
        by_carrier=status is carriers_word and status is not ShipmentStatus.LABEL_CREATED,
    )


def read_scan(scan: FulfillmentEvent, now: datetime) -> Shipment | None:
    """A carrier's scan; None where its word is not one that we know."""
    status = _SHIPMENT_STATUSES.get(scan.status or "")
    if status is None:
        return None
    at = to_utc(scan.happened_at or scan.created_at, now)
    return Shipment(
        shipment_id=scan.fulfillment_id,
        status=status,
        at=at,
        eta=to_utc_or_none(scan.estimated_delivery_at),
        place=", ".join(part for part in (scan.city, scan.province) if part) or scan.country or None,
        message=scan.message or None,
        by_carrier=status is not ShipmentStatus.LABEL_CREATED,
        scanned_at=at,
    )


def make_refund(refund: ShopifyRefund, now: datetime) -> Refund | None:
    """The money that went back; None where none did (an edit of the order, a refund that is still being tried)."""
    paid_back = _list_paid_back(refund)
    if not paid_back:
        return None
    gateways = dict.fromkeys(transaction.gateway for transaction in paid_back if transaction.gateway)
    return Refund(
        refund_id=refund.id,
        amount=add_up([transaction.amount or Decimal(0) for transaction in paid_back]),
        at=to_utc(refund.processed_at or refund.created_at, now),
        method=", ".join(name_gateway(name) for name in gateways) or None,
        reason=refund.note or None,
    )


def name_gateway(name: str) -> str:
    """`shopify_payments` → `Shopify Payments`; names that a person wrote stay as they are."""
    return name.replace("_", " ").title() if name.islower() and "_" in name else name


def _list_paid_back(refund: ShopifyRefund) -> list[Transaction]:
    return [
        transaction
        for transaction in refund.transactions or ()
        if transaction.kind == "refund" and transaction.status == "success" and transaction.amount
    ]


def _first(single: str | None, several: Iterable[str | None] | None) -> str | None:
    return single or next((one for one in several or () if one), None)
