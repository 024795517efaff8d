"""Shopify: who sent it, which topic, and what each topic is evidence of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from okaeri.domain.contact_data import normalise_email
from okaeri.domain.evidence import (
    ConsentSeen,
    CustomerSeen,
    CustomersMerged,
    OrderChanged,
    PrivacyRequested,
    ProductSeen,
    ShipmentSeen,
    StoreUninstalled,
)
from okaeri.domain.orders import Buyer, Product, ProductCare, Variant
from okaeri.domain.stores import Store
from okaeri.errors import RefuseRequest
from okaeri.use_cases.receive_store_event import Reading, Request, hash_body
from receive_store_event.payload import to_text, to_utc
from receive_store_event.shopify_orders import make_customer_buyer, read_checkout, read_order
from receive_store_event.shopify_parcels import make_refund, make_shipment, read_scan
from receive_store_event.shopify_payloads import (
    AnyObject,
    CustomerMerge,
    CustomerRecord,
    EmailConsent,
    Fulfillment,
    FulfillmentEvent,
    OnlyId,
    PrivacyPayload,
    ShopifyCheckout,
    ShopifyOrder,
    ShopifyProduct,
    ShopifyRefund,
    ShopifyReturn,
    ShopifyVariant,
)
from receive_store_event.topics import Topic, read_topic


class Shopify:
    """Shopify's dialect. Every topic that is signed and not listed here is answered 200 and dropped."""

    accepted = 200

    def is_ping(self, request: Request) -> bool:
        """Shopify has none."""
        return False

    def check_sender(self, request: Request, store: Store) -> None:
        """One app secret signs for every shop of the app, so the shop's own domain decides."""
        shop = _read_header(request.headers, "shop-domain")
        if shop.lower() != store.domain.lower():
            raise RefuseRequest(
                401,
                "other_shop",
                "The webhook is signed, but it comes from another shop.",
                at="X-Shopify-Shop-Domain",
                fix=f"Only {store.domain} may call this URL.",
            )

    def read(self, request: Request, store: Store, now: datetime) -> Reading:
        """One topic is evidence of one thing, or of none."""
        headers = request.headers
        delivery = _read_header(headers, "event-id") or _read_header(headers, "webhook-id") or hash_body(request.body)
        name = _read_header(headers, "topic")
        return read_topic(TOPICS, "shopify", name, delivery, request.body, store, now)


def _read_header(headers: Mapping[str, str], name: str) -> str:
    """By the header set that signed the webhook: Shopify's newer one has no `X-`."""
    prefix = "shopify-" if "shopify-hmac-sha256" in headers else "x-shopify-"
    return headers.get(prefix + name, "").strip()


def _read_fulfillment(payload: Fulfillment, store: Store, now: datetime) -> ShipmentSeen | None:
    if not payload.order_id:
        return None
    return ShipmentSeen(order_id=payload.order_id, shipment=make_shipment(payload, now))


def _read_fulfillment_event(payload: FulfillmentEvent, store: Store, now: datetime) -> ShipmentSeen | None:
    shipment = read_scan(payload, now)
    return ShipmentSeen(order_id=payload.order_id, shipment=shipment) if shipment else None


def _read_refund(payload: ShopifyRefund, store: Store, now: datetime) -> OrderChanged | None:
    refund = make_refund(payload, now)
    if refund is None or not payload.order_id:
        return None
    return OrderChanged(order_id=payload.order_id, change="refunded", at=refund.at, refund=refund, reason=refund.reason)


def _read_return(payload: ShopifyReturn, store: Store, now: datetime) -> OrderChanged | None:
    order_id = payload.order_id or (payload.order.id if payload.order else None)
    change = _RETURNS.get((payload.status or "requested").lower())
    if not order_id or change is None:
        return None
    return OrderChanged.model_validate(
        {
            "order_id": order_id,
            "change": change,
            "at": to_utc(payload.created_at, now),
            "reason": payload.name,
            "return_id": payload.id,
        }
    )


def _read_deleted_order(payload: OnlyId, store: Store, now: datetime) -> OrderChanged:
    return OrderChanged(order_id=payload.id, change="gone", at=now)


def _read_customer(payload: CustomerRecord, store: Store, now: datetime) -> CustomerSeen | None:
    buyer = make_customer_buyer(payload, store)
    if not (buyer.store_customer_id or buyer.email or buyer.phone):
        return None
    return CustomerSeen(buyer=buyer, at=to_utc(payload.updated_at, now))


def _read_merge(payload: CustomerMerge, store: Store, now: datetime) -> CustomersMerged | None:
    if payload.status not in (None, "", "completed"):
        return None
    kept, lost = payload.admin_graphql_api_customer_kept_id, payload.admin_graphql_api_customer_deleted_id
    return CustomersMerged(kept=kept.rpartition("/")[2], lost=lost.rpartition("/")[2], at=now)


def _read_email_consent(payload: EmailConsent, store: Store, now: datetime) -> ConsentSeen | None:
    """Waiting for a double opt-in (`pending`) and never asked (`not_subscribed`) are neither a yes nor a no."""
    consent = payload.email_marketing_consent
    given = {"subscribed": True, "unsubscribed": False}.get((consent.state or "").lower())
    email = normalise_email(payload.email_address)
    if given is None or not (payload.customer_id or email):
        return None
    return ConsentSeen(
        channel="email",
        purpose="marketing",
        given=given,
        at=to_utc(consent.consent_updated_at, now),
        source="Shopify e-mail marketing consent",
        confirmed=consent.is_confirmed,
        buyer=Buyer(store_customer_id=payload.customer_id, email=email),
    )


def _read_product(payload: ShopifyProduct, store: Store, now: datetime) -> ProductSeen:
    images = [image.src for image in (payload.image, *(payload.images or ())) if image and image.src]
    is_hidden = "published_at" in payload.model_fields_set and payload.published_at is None
    return ProductSeen(
        product=Product(
            product_id=payload.id,
            title=payload.title,
            updated_at=to_utc(payload.updated_at or payload.created_at, now),
            vendor=payload.vendor or None,
            product_type=payload.product_type or None,
            tags=_read_tags(payload.tags),
            url=f"{store.site_url.rstrip('/')}/products/{payload.handle}" if payload.handle else None,
            image_url=next(iter(images), None),
            status="unpublished" if is_hidden and payload.status == "active" else payload.status,
            variants=tuple(_make_variant(variant) for variant in payload.variants or ()),
            care=_read_care(payload),
        )
    )


def _read_care(payload: ShopifyProduct) -> ProductCare | None:
    if not payload.metafields:
        return None
    from receive_store_event.product_care import NAMESPACE, find_care  # few webhooks bring any

    return find_care((field.key, field.value) for field in payload.metafields if field.namespace == NAMESPACE)


def _read_deleted_product(payload: OnlyId, store: Store, now: datetime) -> ProductSeen:
    return ProductSeen(product=Product(product_id=payload.id, updated_at=now), gone=True)


def _read_stock(in_stock: bool) -> Callable[[ShopifyVariant, Store, datetime], ProductSeen | None]:
    def read(payload: ShopifyVariant, store: Store, now: datetime) -> ProductSeen | None:
        if not payload.product_id:
            return None
        variant = _make_variant(payload).model_copy(update={"in_stock": in_stock})
        updated_at = to_utc(payload.updated_at, now)
        product = Product(product_id=payload.product_id, updated_at=updated_at, variants=(variant,))
        return ProductSeen(product=product, partial=True)

    return read


def _make_variant(variant: ShopifyVariant) -> Variant:
    quantity = variant.inventory_quantity
    is_uncounted = "inventory_management" in variant.model_fields_set and not variant.inventory_management
    sells_on = is_uncounted or (variant.inventory_policy or "").lower() == "continue"
    return Variant(
        variant_id=variant.id,
        sku=variant.sku or None,
        title=variant.title if variant.title != "Default Title" else None,
        price=variant.price,
        quantity=quantity,
        in_stock=True if sells_on else variant.available if quantity is None else quantity > 0,
    )


def _read_tags(tags: Any) -> tuple[str, ...]:
    """`"a, b"` in REST payloads, a list in newer ones."""
    parts = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else ()
    return tuple(text for part in parts if (text := to_text(part)))


def _read_uninstall(payload: AnyObject, store: Store, now: datetime) -> StoreUninstalled:
    return StoreUninstalled(at=now)


def _read_data_request(payload: PrivacyPayload, store: Store, now: datetime) -> PrivacyRequested:
    return _make_privacy_request(payload, now, "export_customer", payload.orders_requested)


def _read_customer_redact(payload: PrivacyPayload, store: Store, now: datetime) -> PrivacyRequested:
    return _make_privacy_request(payload, now, "erase_customer", payload.orders_to_redact)


def _read_shop_redact(payload: PrivacyPayload, store: Store, now: datetime) -> PrivacyRequested:
    return _make_privacy_request(payload, now, "erase_store", None)


def _make_privacy_request(
    payload: PrivacyPayload, now: datetime, request: Any, order_ids: list[str | None] | None
) -> PrivacyRequested:
    customer = payload.customer
    return PrivacyRequested(
        request=request,
        at=now,
        store_customer_id=customer.id if customer else None,
        email=normalise_email(customer.email) if customer else None,
        phone=customer.phone if customer else None,
        order_ids=tuple(order_id for order_id in order_ids or () if order_id),
        request_id=payload.data_request.id if payload.data_request else None,
    )


_ORDER: Topic[Any] = Topic(ShopifyOrder, read_order)
_PARCEL: Topic[Any] = Topic(Fulfillment, _read_fulfillment)
_CHECKOUT: Topic[Any] = Topic(ShopifyCheckout, read_checkout)
_CUSTOMER: Topic[Any] = Topic(CustomerRecord, _read_customer)
# Shopify's words for how far a return is; one that was called off is settled.
_RETURNS = {
    "requested": "return_requested",
    "open": "return_approved",
    "declined": "return_declined",
    "canceled": "return_closed",
    "closed": "return_closed",
}
_RETURN: Topic[Any] = Topic(ShopifyReturn, _read_return)
_PRODUCT: Topic[Any] = Topic(ShopifyProduct, _read_product)

# orders/edited names only the edit, and orders/updated follows with the whole order. SMS consent
# (customers_marketing_consent/update) is consent to nothing that we send. Both are left out on purpose.
TOPICS: Mapping[str, Topic[Any]] = {
    "orders/create": _ORDER,
    "orders/paid": _ORDER,
    "orders/updated": _ORDER,
    "orders/fulfilled": _ORDER,
    "orders/partially_fulfilled": _ORDER,
    "orders/cancelled": _ORDER,
    "orders/delete": Topic(OnlyId, _read_deleted_order),
    "fulfillments/create": _PARCEL,
    "fulfillments/update": _PARCEL,
    "fulfillment_events/create": Topic(FulfillmentEvent, _read_fulfillment_event),
    "checkouts/create": _CHECKOUT,
    "checkouts/update": _CHECKOUT,
    "customers/create": _CUSTOMER,
    "customers/update": _CUSTOMER,
    "customers/enable": _CUSTOMER,
    "customers/merge": Topic(CustomerMerge, _read_merge),
    "customers_email_marketing_consent/update": Topic(EmailConsent, _read_email_consent),
    "refunds/create": Topic(ShopifyRefund, _read_refund),
    "returns/request": _RETURN,
    "returns/approve": _RETURN,
    "returns/decline": _RETURN,
    "returns/cancel": _RETURN,
    "returns/close": _RETURN,
    "products/create": _PRODUCT,
    "products/update": _PRODUCT,
    "products/delete": Topic(OnlyId, _read_deleted_product),
    "variants/in_stock": Topic(ShopifyVariant, _read_stock(in_stock=True)),
    "variants/out_of_stock": Topic(ShopifyVariant, _read_stock(in_stock=False)),
    "app/uninstalled": Topic(AnyObject, _read_uninstall),
    "customers/data_request": Topic(PrivacyPayload, _read_data_request),
    "customers/redact": Topic(PrivacyPayload, _read_customer_redact),
    "shop/redact": Topic(PrivacyPayload, _read_shop_redact),
}
