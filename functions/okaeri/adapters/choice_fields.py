"""What stands below a choice in a list: how far an order is, what a product costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from okaeri.adapters.item_fields import describe_items, join_items
from okaeri.adapters.locale_formats import LocaleFormats, clean_text
from okaeri.adapters.order_fields import list_parcels
from okaeri.domain.orders import Order, Product, ShipmentStatus
from okaeri.domain.records import OrderRecord, ProductRecord

_SEPARATOR = " · "
# A parcel's state → the word for its order, the least far first: an order is as far as its slowest parcel.
_STATES = {
    ShipmentStatus.PENDING: "step_ordered",
    ShipmentStatus.LABEL_CREATED: "step_ordered",
    ShipmentStatus.SHIPPED: "step_shipped",
    ShipmentStatus.IN_TRANSIT: "step_shipped",
    ShipmentStatus.DELAYED: "step_shipped",
    ShipmentStatus.EXCEPTION: "step_shipped",
    ShipmentStatus.ATTEMPT_FAILED: "step_shipped",
    ShipmentStatus.PICKUP_READY: "step_shipped",
    ShipmentStatus.OUT_FOR_DELIVERY: "step_out_for_delivery",
    ShipmentStatus.DELIVERED: "step_delivered",
    ShipmentStatus.RETURNED: "state_returned",
}
_PLACES = {status: place for place, status in enumerate(_STATES)}


def describe_choices(
    orders: Iterable[OrderRecord], products: Mapping[str, ProductRecord], formats: LocaleFormats, *, currency: str
) -> dict[str, str]:
    """By the thing's id. `currency` is the store's: products are priced in it."""
    said = {record.order_id: _describe_order(record.order, formats) for record in orders if record.order}
    return said | {name: _describe_product(record.product, formats, currency) for name, record in products.items()}


def name_state(order: Order, formats: LocaleFormats) -> str:
    """How far an order is, in a word."""
    if order.cancelled_at is not None:
        return str(formats.words["state_cancelled"])
    statuses = [parcel.status for parcel in list_parcels(order) if parcel.status in _STATES]
    slowest = min(statuses, key=_PLACES.__getitem__, default=None)
    if slowest is None:
        return str(formats.words["step_shipped" if order.fulfilled else "step_ordered"])
    return str(formats.words[_STATES[slowest]])


def _describe_order(order: Order, formats: LocaleFormats) -> str:
    items = describe_items(order.lines, order.currency, formats)
    parts = (name_state(order, formats), formats.format_date(order.created_at), join_items(items, formats))
    return _SEPARATOR.join(filter(None, parts))


def _describe_product(product: Product, formats: LocaleFormats, currency: str) -> str:
    """The least that it costs, and its kind."""
    prices = [variant.price for variant in product.variants if variant.price is not None]
    price: Decimal | None = min(prices, default=None)
    parts = (formats.format_money(price, currency), formats.isolate(clean_text(product.product_type)))
    return _SEPARATOR.join(filter(None, parts))
