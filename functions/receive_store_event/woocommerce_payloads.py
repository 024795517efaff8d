"""WooCommerce's payloads, the part of them that we use: the REST API's `wc/v3` objects.

Empty text stands for nothing; `*_gmt` times carry no zone and are UTC; prices of lines are numbers. Names come as
WordPress keeps them, with `&amp;` for `&`. PHP writes a list with gaps as an object, and an empty object as a list.
"""

import html
from typing import Annotated, Any

from pydantic import BeforeValidator

from receive_store_event.payload import Count, Flag, Moment, Money, Number, OptionalMoney, Payload, Text


def _unescape(value: Any) -> Any:
    return html.unescape(value) if isinstance(value, str) else value


def _list_values(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else value


def _read_empty(value: Any) -> Any:
    return None if value == [] else value


Words = Annotated[Text, BeforeValidator(_unescape)]
type PhpList[Item] = Annotated[list[Item] | None, BeforeValidator(_list_values)]
type PhpObject[Item] = Annotated[Item | None, BeforeValidator(_read_empty)]


class WooAddress(Payload):
    first_name: Words = None
    last_name: Words = None
    company: Words = None
    address_1: Words = None
    address_2: Words = None
    city: Words = None
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


class LineMeta(Payload):
    """An attribute chosen at purchase, as the shopper reads it; keys starting with `_` are the shop's own."""

    key: Text = None
    display_value: Words = None


class WooLine(Payload):
    id: Text = None
    name: Words = None
    parent_name: Words = None
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
    meta_data: PhpList[LineMeta] = None


class WooShippingLine(Payload):
    method_title: Words = None
    total: OptionalMoney = None


class WooRefund(Payload):
    """`total` is negative."""

    id: str
    reason: Words = None
    total: OptionalMoney = None


class WooCouponLine(Payload):
    """A coupon that was used."""

    code: Text = None


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
    billing: PhpObject[WooAddress] = None
    shipping: PhpObject[WooAddress] = None
    payment_method: Text = None
    payment_method_title: Words = None
    payment_url: Text = None
    line_items: PhpList[WooLine] = None
    shipping_lines: PhpList[WooShippingLine] = None
    coupon_lines: PhpList[WooCouponLine] = None
    refunds: PhpList[WooRefund] = None
    meta_data: PhpList[MetaData] = None


class TrackingItem(Payload):
    """One entry of `_wc_shipment_tracking_items` (the Shipment Tracking extension, and those that follow it)."""

    tracking_id: Text = None
    tracking_provider: Words = None
    formatted_tracking_provider: Words = None
    custom_tracking_provider: Words = None
    tracking_number: Text = None
    tracking_link: Text = None
    formatted_tracking_link: Text = None
    custom_tracking_link: Text = None
    date_shipped: Moment = None


class WooCustomer(Payload):
    id: str
    email: Text = None
    first_name: Words = None
    last_name: Words = None
    billing: PhpObject[WooAddress] = None
    date_modified_gmt: Moment = None


class WooTag(Payload):
    name: Words = None


class WooProduct(Payload):
    id: str
    parent_id: Text = None
    name: Words = None
    type: Text = None
    status: Text = None
    catalog_visibility: Text = None
    sku: Text = None
    price: OptionalMoney = None
    stock_status: Text = None
    stock_quantity: Number = None
    permalink: Text = None
    date_modified_gmt: Moment = None
    tags: PhpList[WooTag] = None
    categories: PhpList[WooTag] = None
    brands: PhpList[WooTag] = None
    images: PhpList[WooImage] = None
    meta_data: PhpList[MetaData] = None


class WooOnlyId(Payload):
    """What is left of a thing that was deleted."""

    id: str
