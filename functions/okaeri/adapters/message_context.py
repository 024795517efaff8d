"""Makes what a template may say: formatted, in the reader's language and time zone, ready to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from okaeri.adapters.locale_formats import (
    LocaleFormats,
    Words,
    clean_name,
    clean_paragraph,
    clean_text,
    clean_url,
    cut_text,
    load_words,
    name_person,
    split_language,
)
from okaeri.adapters.message_fields import (
    CartFields,
    CustomerFields,
    ItemFields,
    OrderFields,
    RefundFields,
    ShipmentFields,
    StoreFields,
)
from okaeri.domain.customers import Customer
from okaeri.domain.messages import Message
from okaeri.domain.orders import Cart, Order, OrderLine, Payment, Refund, Shipment, ShipmentStatus
from okaeri.domain.stores import Store
from okaeri.domain.templates import Links

LONGEST_TITLE = 80
ITEMS_LINE_LIMIT = 120  # characters, before "and 3 more"
ITEMS_SHOWN = 50
REFUND_WORKING_DAYS = 10
GONE = frozenset({ShipmentStatus.CANCELLED, ShipmentStatus.EXPIRED})
# How far along the four steps ordered, shipped, out for delivery, delivered a parcel is.
_STEPS = {
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


def build_context(
    *,
    store: Store,
    customer: Customer,
    message: Message,
    order: Order | None,
    shipment: Shipment | None,
    refund: Refund | None,
    cart: Cart | None,
    links: Links,
    now: datetime,
) -> dict[str, Any]:
    """The fields of message_fields.py plus `words`, `locale` and `links` for the layouts. `now` is the customer's."""
    words = load_words(message.locale)
    country = customer.country or (order.buyer.country if order else None) or store.country
    formats = LocaleFormats(
        message.locale, country=country, time_zone=customer.time_zone or store.time_zone, words=words
    )
    shop = _describe_store(store, message.locale, words)
    return {
        "store": shop,
        "customer": _describe_customer(customer, order, cart, words),
        "order": _describe_order(order, store, shop, formats),
        "shipment": _describe_shipment(shipment, order, shop, formats),
        "refund": _describe_refund(refund, order, formats),
        "cart": _describe_cart(cart, shop, formats),
        "message": {
            "today": formats.format_day(now),
            "reason": clean_text(message.data.get("reason")),
            "unsubscribe_url": links.unsubscribe_url,
        },
        "words": words,
        "locale": {"language": message.locale.replace("_", "-"), "direction": formats.direction},
        "links": links,
    }


def _describe_store(store: Store, locale: str, words: Words) -> StoreFields:
    contact = store.contact
    name = clean_text(store.name) or store.domain
    person = clean_name(contact.person)
    form = words["signer_known"] if person else words["signer_unknown"]
    signer = form.format(person=person, shop=name)
    url = clean_url(store.site_url) or f"https://{store.domain}"
    contact_url = clean_url(contact.url)
    email, phone = clean_text(contact.email), clean_text(contact.phone)
    reach = email or phone or _shorten_url(contact_url or url)
    promises = store.settings.return_promise
    return {
        "name": name,
        "url": url,
        "person": person,
        "signer": signer,
        "contact": words["contact"].format(signer=signer, reach=reach),
        "reach": reach,
        "email": email,
        "phone": phone,
        "contact_url": contact_url,
        "address": clean_text(contact.address),
        "return_promise": clean_text(promises.get(locale) or promises.get(split_language(locale))),
    }


def _shorten_url(url: str) -> str:
    return url.split("://", 1)[1].rstrip("/")


def _describe_customer(customer: Customer, order: Order | None, cart: Cart | None, words: Words) -> CustomerFields:
    buyer = order.buyer if order else cart.buyer if cart else None
    given, family = customer.first_name, customer.last_name
    if not (given or family) and buyer:
        given, family = buyer.first_name, buyer.last_name
    name = name_person(words, given, family)
    return {
        "name": name or words["name_unknown"],
        "given_name": clean_name(given),
        "greeting": words["greeting_known"].format(name=name) if name else words["greeting_unknown"],
        "known": bool(name),
        "has_email": bool(customer.emails),
    }


def _describe_order(order: Order | None, store: Store, shop: StoreFields, formats: LocaleFormats) -> OrderFields:
    words = formats.words

    def money(amount: Decimal | None) -> str:
        return formats.format_money(amount, order.currency) if order else ""

    lines = [line for line in order.lines if line.quantity > 0] if order else []
    items = _describe_items(lines, order.currency if order else "", formats)
    address = formats.format_address(order.shipping_address if order else None, home=store.country)
    without_name = formats.format_address(
        order.shipping_address.model_copy(update={"name": None}) if order and order.shipping_address else None,
        home=store.country,
    )
    address_line = words["line_separator"].join(without_name)
    method = clean_text(order.payment_method) if order else ""
    shipping_method = clean_text(order.shipping_method) if order else ""
    total = money(order.total) if order else ""
    url = (clean_url(order.status_url) if order else "") or shop["url"]
    sums = _settle_sums(order) if order else _Sums(None, None, None, False)
    refunded = sum((refund.amount for refund in order.refunds), Decimal(0)) if order else Decimal(0)
    ships = any(line.needs_shipping for line in lines)
    free = sums.shipping == 0 and bool(address)
    return {
        "name": (clean_text(order.name) or order.order_id) if order else "",
        "date": formats.format_date(order.created_at) if order else "",
        "url": url,
        "items": items,
        "items_line": _join_items(items, words),
        "first_item": items[0]["label"] if items else words["items_unknown"],
        "first_item_url": (items[0]["url"] if items else "") or shop["url"],
        "subtotal": money(order.subtotal) if order else "",
        "discount": money(sums.discount),
        "shipping": words["shipping_free"] if free else money(sums.shipping or None),
        "tax": money(sums.tax or None),
        "tax_included": sums.tax_included,
        "total": total,
        "total_with_parts": _name_parts(total, sums, free, money, words),
        "total_label": words[_name_total(order)],
        "refunded": money(refunded or None),
        "paid": order is not None and order.payment in _PAID,
        "charged": order is not None and order.payment in _CHARGED,
        "payment": words["list_separator"].join(filter(None, (total, method))),
        "payment_method": method,
        "payment_instructions": _find_payment_instructions(order, method, store) if order else "",
        "payment_url": (clean_url(order.payment_url) if order else "") or url,
        "shipping_method": shipping_method,
        "address": address,
        "address_line": address_line,
        "delivery": address_line or shipping_method or words["address_given" if ships else "nothing_to_ship"],
        "eta": formats.format_day(order.eta) if order else "",
        "ships": ships,
        "cancel_reason": _explain_cancel(order, words),
        "shipped": any(_STEPS.get(parcel.status, 0) > 1 for parcel in _list_parcels(order)),
    }


_PAID = frozenset({Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED})
_CHARGED = _PAID | {Payment.PARTIALLY_PAID}


def _name_parts(total: str, sums: _Sums, free: bool, money: Callable[[Decimal | None], str], words: Words) -> str:
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


def _name_total(order: Order | None) -> str:
    """The word for the sum: paid, still to pay, or (authorised, partly paid, cancelled) neutrally the total."""
    if order is not None and order.payment in _PAID:
        return "amount_paid"
    if order is not None and order.payment in (Payment.PENDING, Payment.FAILED) and order.cancelled_at is None:
        return "amount_due"
    return "total"


class _Sums:
    """What stands between subtotal and total, so that the column adds up."""

    def __init__(
        self, discount: Decimal | None, shipping: Decimal | None, tax: Decimal | None, tax_included: bool
    ) -> None:
        self.discount, self.shipping, self.tax, self.tax_included = discount, shipping, tax, tax_included


def _settle_sums(order: Order) -> _Sums:
    """Finds by the total whether the tax is in the prices, and whether the subtotal already holds the discount."""
    discount, shipping, tax = (amount or Decimal(0) for amount in (order.discount, order.shipping, order.tax))
    subtotal = order.subtotal if order.subtotal is not None else order.total
    for taken, added in ((discount, tax), (discount, Decimal(0)), (Decimal(0), tax), (Decimal(0), Decimal(0))):
        if subtotal - taken + shipping + added == order.total:
            return _Sums(-taken if taken else None, order.shipping, order.tax, tax_included=added != tax)
    return _Sums(-discount if discount else None, order.shipping, order.tax, tax_included=False)


def _find_payment_instructions(order: Order, method: str, store: Store) -> str:
    """The order's own, else what the shop says of this method: Shopify's and WooCommerce's webhooks carry none."""
    if order.payment_instructions or not order.offline_payment:
        return clean_paragraph(order.payment_instructions)
    said = store.settings.payment_instructions
    return clean_paragraph(next((said[name] for name in said if name.casefold() == method.casefold()), None))


def _explain_cancel(order: Order | None, words: Words) -> str:
    """Known codes in words; a free sentence of the shop as it stands; anything else is the shop's own matter."""
    reason = clean_text(order.cancel_reason) if order else ""
    known: str | None = words.get(f"cancel_{reason.lower()}")
    return known or (reason if " " in reason or not reason.isascii() else "")


def _describe_items(lines: Sequence[OrderLine], currency: str, formats: LocaleFormats) -> list[ItemFields]:
    items: list[ItemFields] = []
    for line in lines:
        title = cut_text(clean_text(line.title), LONGEST_TITLE) or formats.words["item"]
        variant = _clean_variant(line.variant)
        total = line.total if line.total is not None else line.price * line.quantity
        items.append(
            {
                "title": title,
                "variant": variant,
                "label": f"{title} ({variant})" if variant else title,
                "quantity": line.quantity,
                "price": formats.format_money(line.price, currency),
                "total": formats.format_money(total, currency),
                "url": clean_url(line.url),
            }
        )
    return items


def _clean_variant(variant: str | None) -> str:
    """`M / Natural` reads `M, Natural`; Shopify's `Default Title` says that there is none."""
    cleaned = clean_text(variant)
    return "" if cleaned == "Default Title" else cut_text(cleaned.replace(" / ", ", "), LONGEST_TITLE)


def _join_items(items: Sequence[ItemFields], words: Words) -> str:
    """`Linen Apron (M, Natural) × 2, Tea Towel × 1 and 3 more`: as many as fit, at least one."""
    said: list[str] = []
    for item in items:
        label = words["quantity"].format(title=item["label"], quantity=item["quantity"])
        if said and len(words["list_separator"].join([*said, label])) > ITEMS_LINE_LIMIT:
            break
        said.append(label)
    if not said:
        return str(words["items_unknown"])
    line: str = words["list_separator"].join(said)
    if left := len(items) - len(said):
        line += words["list_separator"] + words["more_items"].format(count=left)
    return line


def _list_parcels(order: Order | None) -> list[Shipment]:
    return [parcel for parcel in order.shipments if parcel.status not in GONE] if order else []


def _describe_shipment(
    shipment: Shipment | None, order: Order | None, shop: StoreFields, formats: LocaleFormats
) -> ShipmentFields:
    words = formats.words
    parcels = _list_parcels(order)
    ids = [parcel.shipment_id for parcel in parcels]
    position = ids.index(shipment.shipment_id) + 1 if shipment and shipment.shipment_id in ids else 1
    count = max(len(parcels), 1)
    order_lines = [line for line in order.lines if line.quantity > 0] if order else []
    held = set(shipment.line_ids) if shipment else set()
    lines = [line for line in order_lines if line.line_id in held] or order_lines
    items = _describe_items(lines, order.currency if order else "", formats)
    carrier = clean_text(shipment.carrier) if shipment else ""
    tracking_url = clean_url(shipment.tracking_url) if shipment else ""
    return {
        "parcel": words["parcel_of"].format(position=position, count=count) if count > 1 else "",
        "position": position,
        "count": count,
        "rest_follows": _has_more_to_come(order, parcels),
        "items": items,
        "items_line": _join_items(items, words),
        "carrier": carrier or words["carrier_unknown"],
        "carrier_known": bool(carrier),
        "tracking_number": clean_text(shipment.tracking_number) if shipment else "",
        "tracking_url": tracking_url,
        "url": tracking_url or (clean_url(order.status_url) if order else "") or shop["url"],
        "place": clean_text(shipment.place) if shipment else "",
        "eta": formats.format_day(shipment.eta) if shipment else "",
        "hour": formats.format_hour(shipment.eta) if shipment else "",
        "day": formats.format_day(shipment.at) if shipment else "",
        "step": _STEPS.get(shipment.status, 0) if shipment else 0,
    }


def _has_more_to_come(order: Order | None, parcels: Sequence[Shipment]) -> bool:
    """True where every parcel names its lines and some line that ships is in none of them yet."""
    if order is None or order.fulfilled or not parcels or not all(parcel.line_ids for parcel in parcels):
        return False
    packed = {line_id for parcel in parcels for line_id in parcel.line_ids}
    return any(line.needs_shipping and line.quantity > 0 and line.line_id not in packed for line in order.lines)


def _describe_refund(refund: Refund | None, order: Order | None, formats: LocaleFormats) -> RefundFields:
    method = clean_text(refund.method) if refund else ""
    if not method and order:
        method = clean_text(order.payment_method)
    by = add_working_days(refund.at, REFUND_WORKING_DAYS) if refund else None
    return {
        "amount": formats.format_money(refund.amount, order.currency) if refund and order else "",
        "method": method or formats.words["card_statement"],
        "method_known": bool(method),
        "date": formats.format_date(refund.at) if refund else "",
        "by": formats.format_day(by),
    }


def add_working_days(start: datetime, days: int) -> datetime:
    """`days` Mondays to Fridays after `start`; public holidays are not known here."""
    moment = start
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment


def _describe_cart(cart: Cart | None, shop: StoreFields, formats: LocaleFormats) -> CartFields:
    lines = [line for line in cart.lines if line.quantity > 0] if cart else []
    items = _describe_items(lines, cart.currency if cart else "", formats)
    return {
        "items": items,
        "items_line": _join_items(items, formats.words),
        "first_item": items[0]["label"] if items else formats.words["items_unknown"],
        "total": formats.format_money(cart.total, cart.currency) if cart else "",
        "url": (clean_url(cart.url) if cart else "") or shop["url"],
    }
