"""Shopify's payloads, the part of them that we use.

Fields as of API version 2026-04 (https://shopify.dev/docs/api/webhooks). All but ids and amounts may be missing
or null.
"""

from typing import Any

from receive_store_event.payload import Count, Flag, Moment, Money, Number, OptionalMoney, Payload, Text


class ShopifyAddress(Payload):
    name: Text = None
    first_name: Text = None
    last_name: Text = None
    company: Text = None
    address1: Text = None
    address2: Text = None
    city: Text = None
    province: Text = None
    province_code: Text = None
    zip: Text = None
    country_code: Text = None
    phone: Text = None


class MarketingConsent(Payload):
    state: Text = None
    opt_in_level: Text = None
    consent_updated_at: Moment = None

    @property
    def is_confirmed(self) -> bool:
        """Whether Shopify had it confirmed from the address itself (double opt-in)."""
        return (self.state or "").lower() == "subscribed" and (self.opt_in_level or "").lower() == "confirmed_opt_in"


class ShopifyCustomer(Payload):
    id: Text = None
    email: Text = None
    phone: Text = None
    first_name: Text = None
    last_name: Text = None
    state: Text = None
    default_address: ShopifyAddress | None = None
    email_marketing_consent: MarketingConsent | None = None

    @property
    def is_registered(self) -> bool | None:
        """Whether they have an account: invited and declined is none yet."""
        return self.state.lower() == "enabled" if self.state else None


class CustomerRecord(ShopifyCustomer):
    """customers/create and update."""

    updated_at: Moment = None


class NoteAttribute(Payload):
    name: Text = None
    value: Any = None


class ShownAmount(Payload):
    amount: OptionalMoney = None


class MoneySet(Payload):
    """An amount in the shop's currency and in the one that the shopper saw; the first stands outside of it too."""

    presentment_money: ShownAmount | None = None


class Discount(Payload):
    amount: OptionalMoney = None
    amount_set: MoneySet | None = None


class ShopifyLine(Payload):
    id: Text = None
    key: Text = None
    product_id: Text = None
    variant_id: Text = None
    sku: Text = None
    title: Text = None
    variant_title: Text = None
    vendor: Text = None
    quantity: Count = 1
    price: Money
    price_set: MoneySet | None = None
    line_price: OptionalMoney = None
    total_discount: OptionalMoney = None
    total_discount_set: MoneySet | None = None
    discount_allocations: list[Discount] | None = None
    requires_shipping: Flag = None


class ShippingLine(Payload):
    title: Text = None
    price: OptionalMoney = None
    price_set: MoneySet | None = None


class Transaction(Payload):
    id: Text = None
    kind: Text = None
    status: Text = None
    amount: OptionalMoney = None
    gateway: Text = None


class RefundLine(Payload):
    line_item_id: Text = None
    quantity: Count = 0


class ShopifyRefund(Payload):
    """Also the whole payload of refunds/create."""

    id: str
    order_id: Text = None
    created_at: Moment = None
    processed_at: Moment = None
    note: Text = None
    transactions: list[Transaction] | None = None
    refund_line_items: list[RefundLine] | None = None


class FulfilledLine(Payload):
    id: Text = None


class Fulfillment(Payload):
    """Also the whole payload of fulfillments/create and update."""

    id: str
    order_id: Text = None
    status: Text = None
    shipment_status: Text = None
    tracking_company: Text = None
    tracking_number: Text = None
    tracking_numbers: list[Text] | None = None
    tracking_url: Text = None
    tracking_urls: list[Text] | None = None
    created_at: Moment = None
    updated_at: Moment = None
    line_items: list[FulfilledLine] | None = None


class DiscountCode(Payload):
    """A code that was entered at the checkout."""

    code: Text = None


class ShopifyOrder(Payload):
    id: str
    name: Text = None
    order_number: Text = None
    created_at: Moment = None
    updated_at: Moment = None
    email: Text = None
    contact_email: Text = None
    phone: Text = None
    customer: ShopifyCustomer | None = None
    customer_locale: Text = None
    buyer_accepts_marketing: Flag = None
    currency: str
    presentment_currency: Text = None
    total_line_items_price: OptionalMoney = None
    total_line_items_price_set: MoneySet | None = None
    subtotal_price: OptionalMoney = None
    subtotal_price_set: MoneySet | None = None
    discount_codes: list[DiscountCode] | None = None
    total_discounts: OptionalMoney = None
    total_discounts_set: MoneySet | None = None
    total_tax: OptionalMoney = None
    total_tax_set: MoneySet | None = None
    taxes_included: Flag = None
    total_price: Money
    total_price_set: MoneySet | None = None
    financial_status: Text = None
    fulfillment_status: Text = None
    payment_gateway_names: list[Text] | None = None
    cancelled_at: Moment = None
    cancel_reason: Text = None
    order_status_url: Text = None
    checkout_token: Text = None
    cart_token: Text = None
    source_name: Text = None
    test: Flag = None
    line_items: list[ShopifyLine] | None = None
    shipping_lines: list[ShippingLine] | None = None
    shipping_address: ShopifyAddress | None = None
    billing_address: ShopifyAddress | None = None
    note_attributes: list[NoteAttribute] | None = None
    fulfillments: list[Fulfillment] | None = None
    refunds: list[ShopifyRefund] | None = None


class ShopifyCheckout(Payload):
    token: str
    cart_token: Text = None
    email: Text = None
    phone: Text = None
    customer: ShopifyCustomer | None = None
    customer_locale: Text = None
    buyer_accepts_marketing: Flag = None
    currency: Text = None
    total_price: OptionalMoney = None
    abandoned_checkout_url: Text = None
    completed_at: Moment = None
    created_at: Moment = None
    updated_at: Moment = None
    source_name: Text = None
    line_items: list[ShopifyLine] | None = None
    shipping_address: ShopifyAddress | None = None
    billing_address: ShopifyAddress | None = None
    note_attributes: list[NoteAttribute] | None = None


class FulfillmentEvent(Payload):
    """fulfillment_events/create: a carrier's scan. It names no buyer."""

    fulfillment_id: str
    order_id: str
    status: Text = None
    message: Text = None
    happened_at: Moment = None
    created_at: Moment = None
    estimated_delivery_at: Moment = None
    city: Text = None
    province: Text = None
    country: Text = None


class ReturnOrder(Payload):
    id: Text = None


class ShopifyReturn(Payload):
    """returns/request and approve carry `order`, the other topics `order_id`."""

    id: Text = None
    status: Text = None
    name: Text = None
    order_id: Text = None
    order: ReturnOrder | None = None
    created_at: Moment = None


class EmailConsent(Payload):
    """customers_email_marketing_consent/update."""

    customer_id: Text = None
    email_address: Text = None
    email_marketing_consent: MarketingConsent


class CustomerMerge(Payload):
    """customers/merge: global ids (`gid://shopify/Customer/1`); it also comes for merges that failed."""

    admin_graphql_api_customer_kept_id: str
    admin_graphql_api_customer_deleted_id: str
    status: Text = None


class ShopifyVariant(Payload):
    """Also the whole payload of variants/in_stock and out_of_stock."""

    id: str
    product_id: Text = None
    sku: Text = None
    title: Text = None
    price: OptionalMoney = None
    inventory_quantity: Number = None
    inventory_policy: Text = None
    available: Flag = None  # in the storefront's own list of products, which counts nothing
    inventory_management: Text = None  # null where nobody counts this one; newer API versions leave the field out
    updated_at: Moment = None


class ShopifyImage(Payload):
    src: Text = None


class Metafield(Payload):
    """An extra field; webhooks bring those of the namespaces that the subscription names."""

    namespace: Text = None
    key: Text = None
    value: Any = None


class ShopifyProduct(Payload):
    id: str
    title: Text = None
    handle: Text = None
    status: Text = None
    vendor: Text = None
    product_type: Text = None
    tags: Any = None
    created_at: Moment = None
    updated_at: Moment = None
    published_at: Moment = None  # null where the online store does not show it
    variants: list[ShopifyVariant] | None = None
    image: ShopifyImage | None = None
    images: list[ShopifyImage] | None = None
    metafields: list[Metafield] | None = None


class OnlyId(Payload):
    """What is left of a thing that was deleted."""

    id: str


class PrivacyCustomer(Payload):
    id: Text = None
    email: Text = None
    phone: Text = None


class PrivacyTask(Payload):
    id: Text = None


class PrivacyPayload(Payload):
    """The three mandatory topics (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance)."""

    shop_id: Text = None
    customer: PrivacyCustomer | None = None
    orders_requested: list[Text] | None = None
    orders_to_redact: list[Text] | None = None
    data_request: PrivacyTask | None = None


class AnyObject(Payload):
    """A payload of which we need no field."""
