"""An order as a message shows it: sums that add up, the money in words, the address, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from okaeri.adapters.item_fields import describe_items, join_items
from okaeri.adapters.locale_formats import LocaleFormats, Words, clean_paragraph, clean_text, clean_url
from okaeri.adapters.message_fields import OrderFields, ParcelFields, StoreFields
from okaeri.domain.delivery_times import Arrival, find_arrival
from okaeri.domain.orders import Order, Payment, Shipment, ShipmentStatus
from okaeri.domain.stores import Store

_GONE = frozenset({ShipmentStatus.CANCELLED, ShipmentStatus.EXPIRED})
# How far along the four steps ordered, shipped, out for delivery, delivered a parcel is.
STEPS = {
    ShipmentStatus.PENDING: 1,
    ShipmentStatus.LABEL_CREATED: 1,
    ShipmentStatus.SHIPPED: 2,
    ShipmentStatus.IN_TRANSIT: 2,
    ShipmentStatus.DELAYED: 2,
    ShipmentStatus.OUT_FOR_DELIVERY: 3,
    ShipmentStatus.PICKUP_READY: 3,
    ShipmentStatus.ATTEMPT_FAILED: 3,
    ShipmentStatus.DELIVERED: 4,
}
_PAID = frozenset({Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED})
_CHARGED = _PAID | {Payment.PARTIALLY_PAID}


def describe_order(order: Order, store: Store, shop: StoreFields, formats: LocaleFormats, now: datetime) -> OrderFields:
    """Everything a template may say of the order. `now` is the customer's own time."""
    words = formats.words
    arrival = _describe_arrival(find_arrival(order, store, now), formats)

    def money(amount: Decimal | None) -> str:
        return formats.format_money(amount, order.currency)

    items = describe_items(order.lines, order.currency, formats)
    place = order.shipping_address
    address = formats.format_address(place, home=store.country)
    nameless = formats.format_address(place.model_copy(update={"name": None}) if place else None, home=store.country)
    address_line = words["line_separator"].join(nameless)
    paid_by = clean_text(order.payment_method)
    method, shipping_method = formats.isolate(paid_by), formats.isolate(clean_text(order.shipping_method))
    instructions = _find_payment_instructions(order, paid_by, store)
    url = clean_url(order.status_url) or shop["url"]
    sums = settle_sums(order)
    refunded = sum((refund.amount for refund in order.refunds), Decimal(0))
    ships = any(line.needs_shipping and line.quantity > 0 for line in order.lines)
    total = money(order.total)
    free = sums.shipping == 0 and bool(address)
    return {
        "id": order.order_id,
        "name": formats.isolate(clean_text(order.name) or order.order_id),
        "date": formats.format_date(order.created_at),
        "url": url,
        "items": items,
        "items_line": join_items(items, formats),
        "first_item": items[0]["label"] if items else words["items_unknown"],
        "first_item_url": (items[0]["url"] if items else "") or shop["url"],
        "subtotal": money(order.subtotal),
        "discount": money(sums.discount),
        "shipping": words["shipping_free"] if free else money(sums.shipping or None),
        "tax": money(sums.tax or None),
        "tax_included": sums.tax_included,
        "total": total,
        "total_with_parts": _name_parts(total, sums, free, money, words),
        "total_label": words[name_total(order)],
        "refunded": money(refunded or None),
        "paid": order.payment in _PAID,
        "charged": order.payment in _CHARGED,
        "payment": words["list_separator"].join(filter(None, (total, method))),
        "payment_method": method,
        "payment_instructions": "\n".join(map(formats.isolate, instructions.splitlines())),
        "payment_url": clean_url(order.payment_url) or url,
        "shipping_method": shipping_method,
        "address": address,
        "address_line": address_line,
        "delivery": address_line or shipping_method or words["address_given" if ships else "nothing_to_ship"],
        "eta": arrival.whole,
        "eta_first": arrival.first,
        "eta_last": arrival.last,
        "ships": ships,
        "cancel_reason": _explain_cancel(order, formats),
        "parcels": _describe_parcels(order, formats),
        "tracking_url": _find_tracking(order) or url,
        "delivered_day": formats.format_day(_find_delivery(order)),
        "shipped": any(STEPS.get(parcel.status, 0) > 1 for parcel in list_parcels(order)),
    }


def _name_parts(total: str, sums: Sums, free: bool, money: Callable[[Decimal | None], str], words: Words) -> str:
    """The total with what it holds beside the goods: "$109.08 (shipping $5.00, tax $8.08)"."""
    parts = []
    if free or sums.shipping:
        parts.append(words["part_shipping_free" if free else "part_shipping"].format(amount=money(sums.shipping)))
    if sums.tax:
        word = "part_tax_included" if sums.tax_included else "part_tax"
        parts.append(words[word].format(amount=money(sums.tax)))
    if not parts:
        return total
    return str(words["total_with_parts"].format(total=total, parts=words["list_separator"].join(parts)))


def name_total(order: Order) -> str:
    """The word for the sum: paid, still to pay, or (authorised, partly paid, cancelled) neutrally the total."""
    if order.payment in _PAID:
        return "amount_paid"
    if order.payment in (Payment.PENDING, Payment.FAILED) and order.cancelled_at is None:
        return "amount_due"
    return "total"


class Sums(NamedTuple):
    """What stands between subtotal and total, so that the column adds up."""

    discount: Decimal | None
    shipping: Decimal | None
    tax: Decimal | None
    tax_included: bool


def settle_sums(order: Order) -> Sums:
    """Finds by the total whether the tax is in the prices, and whether the subtotal already holds the discount."""
    discount, shipping, tax = (amount or Decimal(0) for amount in (order.discount, order.shipping, order.tax))
    subtotal = order.subtotal if order.subtotal is not None else order.total
    for taken, added in ((discount, tax), (discount, Decimal(0)), (Decimal(0), tax), (Decimal(0), Decimal(0))):
        if subtotal - taken + shipping + added == order.total:
            return Sums(-taken if taken else None, order.shipping, order.tax, tax_included=added != tax)
    return Sums(-discount if discount else None, order.shipping, order.tax, tax_included=False)


def _find_payment_instructions(order: Order, method: str, store: Store) -> str:
    """The order's own, else what the shop says of this method: Shopify's and WooCommerce's webhooks carry none."""
    if order.payment_instructions or not order.offline_payment:
        return clean_paragraph(order.payment_instructions)
    said = store.settings.payment_instructions
    return clean_paragraph(next((said[name] for name in said if name.casefold() == method.casefold()), None))


class _Days(NamedTuple):
    """The day of arrival as it is told; a range also by its ends."""

    whole: str = ""
    first: str = ""
    last: str = ""


def _describe_arrival(arrival: Arrival | None, formats: LocaleFormats) -> _Days:
    if arrival is None:
        return _Days()
    first, last = formats.format_day(arrival.first), formats.format_day(arrival.last)
    if first == last:
        return _Days(last)
    return _Days(formats.words["day_range"].format(first=first, last=last), first, last)


def _explain_cancel(order: Order, formats: LocaleFormats) -> str:
    """Known codes in words; a free sentence of the shop, whole; anything else is the shop's own matter."""
    reason = clean_text(order.cancel_reason)
    known: str | None = formats.words.get(f"cancel_{reason.lower()}")
    return known or (formats.isolate(_end_sentence(reason)) if " " in reason or not reason.isascii() else "")


def _end_sentence(text: str) -> str:
    """`out of stock` → `Out of stock.`: other sentences follow it."""
    last = text[-1]
    if last in ".!?…。！？।؟":
        stop = ""
    elif last >= "\u3000":  # from here on, East Asian scripts
        stop = "。"
    else:
        stop = "।" if "\u0900" <= last <= "\u097f" else "."  # Devanagari ends a sentence with a danda
    return f"{text[:1].upper()}{text[1:]}{stop}"


def _describe_parcels(order: Order, formats: LocaleFormats) -> list[ParcelFields]:
    """Each parcel as an answer tells of it, in the order in which they were sent."""
    words, parcels = formats.words, list_parcels(order)
    return [
        {
            "parcel": words["parcel_of"].format(position=place, count=len(parcels)) if len(parcels) > 1 else "",
            "status": str(parcel.status),
            "carrier": formats.isolate(clean_text(parcel.carrier)) or words["carrier_unknown"],
            "carrier_known": bool(clean_text(parcel.carrier)),
            "tracking_number": formats.isolate(clean_text(parcel.tracking_number)),
            "tracking_url": clean_url(parcel.tracking_url),
            "place": formats.isolate(clean_text(parcel.place)),
            "eta": formats.format_day(parcel.eta),
            "day": formats.format_day(parcel.at),
        }
        for place, parcel in enumerate(parcels, 1)
    ]


def _find_delivery(order: Order) -> datetime | None:
    """When its last parcel arrived, None where none has."""
    arrived = (parcel.at for parcel in list_parcels(order) if parcel.status is ShipmentStatus.DELIVERED)
    return max(arrived, default=None)


def _find_tracking(order: Order) -> str:
    """The address at which the parcel is followed that has the longest way to go."""
    parcels = [parcel for parcel in list_parcels(order) if clean_url(parcel.tracking_url)]
    latest = min(parcels, key=lambda parcel: STEPS.get(parcel.status, 0), default=None)
    return clean_url(latest.tracking_url) if latest else ""


def list_parcels(order: Order | None) -> list[Shipment]:
    """The parcels that a shopper still counts: none that was called off."""
    return [parcel for parcel in order.shipments if parcel.status not in _GONE] if order else []
