"""WooCommerce: its ping, its topics, and what each is evidence of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from okaeri.domain.evidence import CustomerSeen, OrderChanged, ProductSeen
from okaeri.domain.orders import Product, ProductCare, Variant
from okaeri.domain.stores import Store
from okaeri.use_cases.receive_store_event import Reading, Request, hash_body
from receive_store_event.buyers import make_buyer
from receive_store_event.payload import to_utc
from receive_store_event.topics import Topic, read_topic
from receive_store_event.woocommerce_orders import read_order
from receive_store_event.woocommerce_payloads import (
    WooAddress,
    WooCustomer,
    WooOnlyId,
    WooOrder,
    WooProduct,
    WooTag,
)

_PING = re.compile(rb"\s*webhook_id=\d{1,20}\s*")


class WooCommerce:
    """WooCommerce's dialect. It never sends a webhook again, and disables one whose answers keep failing."""

    accepted = 200

    def is_ping(self, request: Request) -> bool:
        """On saving a webhook it posts a form, `webhook_id=N`, without a signature, and wants exactly 200."""
        return "x-wc-webhook-signature" not in request.headers and bool(_PING.fullmatch(request.body))

    def check_sender(self, request: Request, store: Store) -> None:
        """Each store has a secret of its own, so a good signature already names the shop."""

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """One topic is evidence of one thing, or of none.

        A delivery is known by its topic and body: the delivery id is the same for all of one webhook in one second.
        """
        name = request.headers.get("x-wc-webhook-topic", "").strip()
        return read_topic(TOPICS, "woocommerce", name, hash_body(request.body), request.body, store, now)


def _read_deleted_order(payload: WooOnlyId, store: Store, now: datetime) -> OrderChanged:
    return OrderChanged(order_id=payload.id, change="gone", at=now)


def _read_customer(payload: WooCustomer, store: Store, now: datetime) -> CustomerSeen:
    """Account e-mail before billing e-mail: the account's is the one that was confirmed."""
    billing = payload.billing or WooAddress()
    return CustomerSeen(
        buyer=make_buyer(
            store,
            country=billing.country,
            region=billing.state,
            postcode=billing.postcode,
            customer_id=payload.id,
            emails=(payload.email, billing.email),
            phones=(billing.phone,),
            first_name=payload.first_name or billing.first_name,
            last_name=payload.last_name or billing.last_name,
            company=billing.company,
            is_registered=True,  # guests are no customers there
        ),
        at=to_utc(payload.date_modified_gmt, now),
    )


def _read_product(payload: WooProduct, store: Store, now: datetime) -> ProductSeen:
    """A variation is a part of its parent; a simple product is its own only variant."""
    is_variation = payload.parent_id not in (None, "", "0")
    is_sold_by_variation = payload.type in ("variable", "variable-subscription", "grouped")
    in_stock = {"instock": True, "onbackorder": True, "outofstock": False}.get(payload.stock_status or "")
    variant = Variant(
        variant_id=payload.id,
        sku=payload.sku or None,
        title=payload.name if is_variation else None,
        price=payload.price,
        quantity=payload.stock_quantity,
        in_stock=in_stock,
    )
    product_id = payload.parent_id if is_variation and payload.parent_id else payload.id
    updated_at = to_utc(payload.date_modified_gmt, now)
    if is_variation:
        product = Product(product_id=product_id, updated_at=updated_at, variants=(variant,))
        return ProductSeen(product=product, partial=True)
    return ProductSeen(
        product=Product(
            product_id=product_id,
            title=payload.name,
            updated_at=updated_at,
            vendor=next(iter(_list_names(payload.brands)), None),
            product_type=next(iter(_list_names(payload.categories)), None),
            tags=_list_names(payload.tags),
            url=payload.permalink or None,
            image_url=next((image.src for image in payload.images or () if image.src), None),
            status="hidden" if payload.catalog_visibility == "hidden" else payload.status,
            price=payload.price if is_sold_by_variation else None,
            in_stock=in_stock if is_sold_by_variation else None,
            variants=() if is_sold_by_variation else (variant,),
            care=_read_care(payload),
        ),
        partial=is_sold_by_variation,
    )


def _read_care(payload: WooProduct) -> ProductCare | None:
    own = [(meta.key, meta.value) for meta in payload.meta_data or () if (meta.key or "").startswith("_okaeri_")]
    if not own:
        return None
    from receive_store_event.product_care import find_care  # few products have any

    return find_care(own)


def _read_deleted_product(payload: WooOnlyId, store: Store, now: datetime) -> ProductSeen:
    return ProductSeen(product=Product(product_id=payload.id, updated_at=now), gone=True)


def _list_names(tags: list[WooTag] | None) -> tuple[str, ...]:
    return tuple(tag.name for tag in tags or () if tag.name)


_ORDER: Topic[Any] = Topic(WooOrder, read_order)
_CUSTOMER: Topic[Any] = Topic(WooCustomer, _read_customer)
_PRODUCT: Topic[Any] = Topic(WooProduct, _read_product)

# customer.deleted and coupon.* change nothing that we keep; action.* are the shop's own.
TOPICS: Mapping[str, Topic[Any]] = {
    "order.created": _ORDER,
    "order.updated": _ORDER,
    "order.restored": _ORDER,
    "order.deleted": Topic(WooOnlyId, _read_deleted_order),
    "customer.created": _CUSTOMER,
    "customer.updated": _CUSTOMER,
    "product.created": _PRODUCT,
    "product.updated": _PRODUCT,
    "product.published": _PRODUCT,
    "product.restored": _PRODUCT,
    "product.deleted": Topic(WooOnlyId, _read_deleted_product),
}
