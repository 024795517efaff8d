"""WooCommerce's payloads, the part of them that we use: the REST API's `wc/v3` objects.

Empty text stands for nothing; `*_gmt` times carry no zone and are UTC; prices of lines are numbers.
"""

from __future__ import annotations

from typing import Any

from receive_store_event.payload import Count, Flag, Moment, Money, Number, OptionalMoney, Payload, Text


class WooAddress(Payload):
    first_name: Text = None
    last_name: Text = None
    company: Text = None
    address_1: Text = None
    address_2: Text = None
    city: Text = None
    state: Text = None
    postcode: Text = None
    country: Text = None
    email: Text = None
    phone: Text = None


class MetaData(Payload):
    key: Text = None
    value: Any = None


class WooImage(Payload):
    src: Text = None


class WooLine(Payload):
    id: Text = None
    name: Text = None
    parent_name: Text = None
    product_id: Text = None
    variation_id: Text = None
    quantity: Count = 1
    subtotal: OptionalMoney = None
    subtotal_tax: OptionalMoney = None
    total: OptionalMoney = None
    total_tax: OptionalMoney = None
    price: OptionalMoney = None
    sku: Text = None
    image: Any = None
    meta_data: list[LineMeta] | None = None


class LineMeta(Payload):
    """An attribute chosen at purchase, as the shopper reads it; keys starting with `_` are the shop's own."""

    key: Text = None
    display_value: Any = None


class WooShippingLine(Payload):
    method_title: Text = None
    total: OptionalMoney = None


class WooRefund(Payload):
    """`total` is negative."""

    id: str
    reason: Text = None
    total: OptionalMoney = None


class WooOrder(Payload):
    id: str
    number: Text = None
    status: str
    currency: str
    created_via: Text = None
    date_created: Moment = None
    date_created_gmt: Moment = None
    date_modified_gmt: Moment = None
    date_paid: Moment = None
    date_paid_gmt: Moment = None
    date_completed_gmt: Moment = None
    prices_include_tax: Flag = None
    discount_total: OptionalMoney = None
    discount_tax: OptionalMoney = None
    shipping_total: OptionalMoney = None
    shipping_tax: OptionalMoney = None
    total: Money
    total_tax: OptionalMoney = None
    customer_id: Text = None
    billing: WooAddress | None = None
    shipping: WooAddress | None = None
    payment_method: Text = None
    payment_method_title: Text = None
    payment_url: Text = None
    line_items: list[WooLine] | None = None
    shipping_lines: list[WooShippingLine] | None = None
    refunds: list[WooRefund] | None = None
    meta_data: list[MetaData] | None = None


class TrackingItem(Payload):
    """One entry of `_wc_shipment_tracking_items` (the Shipment Tracking extension, and those that follow it)."""

    tracking_id: Text = None
    tracking_provider: Text = None
    formatted_tracking_provider: Text = None
    custom_tracking_provider: Text = None
    tracking_number: Text = None
    tracking_link: Text = None
    formatted_tracking_link: Text = None
    custom_tracking_link: Text = None
    date_shipped: Moment = None


class WooCustomer(Payload):
    id: str
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    billing: WooAddress | None = None
    date_modified_gmt: Moment = None


class WooTag(Payload):
    name: Text = None


class WooProduct(Payload):
    id: str
    parent_id: Text = None
    name: Text = None
    type: Text = None
    status: Text = None
    sku: Text = None
    price: OptionalMoney = None
    stock_status: Text = None
    stock_quantity: Number = None
    permalink: Text = None
    date_modified_gmt: Moment = None
    tags: list[WooTag] | None = None
    categories: list[WooTag] | None = None
    brands: list[WooTag] | None = None
    images: list[WooImage] | None = None


class WooOnlyId(Payload):
    """What is left of a thing that was deleted."""

    id: str
