"""What Shopify's orders and checkouts mean to us."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

from okaeri.domain.evidence import CartSeen, OrderSeen
from okaeri.domain.orders import Address, Buyer, Cart, Order, OrderLine, Payment
from okaeri.domain.stores import Store
from receive_store_event.buyers import choose_quiet, collect_opt_ins, is_cash_on_delivery, make_buyer
from receive_store_event.payload import add_up, count_pieces, to_utc, to_utc_or_none
from receive_store_event.shopify_money import show_amounts
from receive_store_event.shopify_parcels import make_refund, make_shipment, name_gateway
from receive_store_event.shopify_payloads import (
    CustomerRecord,
    ShopifyAddress,
    ShopifyCheckout,
    ShopifyCustomer,
    ShopifyLine,
    ShopifyOrder,
)

# Sales channels whose orders speak, besides none at all and the numbers of the shop's own apps. All other names
# are given by marketplaces, social networks and importers, whose orders are kept and say nothing.
_SPEAKING_SOURCES = frozenset(
    {
        "web", "checkout_next", "checkout_one", "online_store", "buy_button", "shop", "shop_app", "storefront",
        "storefront_api", "hydrogen", "headless", "mobile_app", "subscription_contract",
        "subscription_contract_checkout_one",
    }
)  # fmt: skip
_DRAFTS = frozenset({"shopify_draft_order", "draft_order"})
_POINTS_OF_SALE = frozenset({"pos", "iphone", "android"})

# Ways to pay outside the checkout besides cash on delivery, as Shopify names them and as shops do.
_OFFLINE_WORDS = (
    "manual", "bank_deposit", "bank deposit", "bank transfer", "money_order", "money order", "銀行振込",
)  # fmt: skip

_PAYMENTS = {
    "pending": Payment.PENDING,
    "authorized": Payment.AUTHORIZED,
    "partially_paid": Payment.PARTIALLY_PAID,
    "paid": Payment.PAID,
    "partially_refunded": Payment.PARTIALLY_REFUNDED,
    "refunded": Payment.REFUNDED,
    "voided": Payment.VOIDED,
    "expired": Payment.VOIDED,
}


def read_order(payload: ShopifyOrder, store: Store, now: datetime) -> OrderSeen:
    """The whole order, in the currency that the shopper paid in."""
    payload = show_amounts(payload)
    created_at = to_utc(payload.created_at, now)
    quiet = choose_quiet(store, created_at, now, _name_quiet_sources(payload.source_name, is_test=bool(payload.test)))
    buyer = _make_buyer(payload, store, (payload.email, payload.contact_email))
    gateways = [name for name in payload.payment_gateway_names or () if name]
    shipping = [line.price for line in payload.shipping_lines or () if line.price is not None]
    refunds = [refund for raw in payload.refunds or () if (refund := make_refund(raw, now))]
    return OrderSeen(
        order=Order(
            order_id=payload.id,
            name=payload.name or f"#{payload.order_number or payload.id}",
            created_at=created_at,
            updated_at=to_utc(payload.updated_at, now),
            buyer=buyer,
            currency=payload.currency,
            lines=_list_order_lines(payload),
            subtotal=payload.total_line_items_price or payload.subtotal_price,
            discount=payload.total_discounts,
            coupon_codes=tuple(entered.code for entered in payload.discount_codes or () if entered.code),
            shipping=add_up(shipping) if shipping else None,
            tax=payload.total_tax,
            tax_included=bool(payload.taxes_included),
            total=payload.total_price,
            payment=_PAYMENTS.get(payload.financial_status or "", Payment.PENDING),
            payment_method=", ".join(name_gateway(name) for name in gateways) or None,
            offline_payment=any(_is_offline(name) for name in gateways),
            cash_on_delivery=any(is_cash_on_delivery(name) for name in gateways),
            shipping_method=next((line.title for line in payload.shipping_lines or () if line.title), None),
            shipping_address=_make_address(payload.shipping_address),
            cancelled_at=to_utc_or_none(payload.cancelled_at),
            cancel_reason=payload.cancel_reason,
            status_url=payload.order_status_url,
            checkout_token=payload.checkout_token or None,
            cart_token=payload.cart_token or None,
            fulfilled=payload.fulfillment_status == "fulfilled",
            shipments=tuple(make_shipment(parcel, now) for parcel in payload.fulfillments or ()),
            refunds=tuple(refunds),
            opt_ins=collect_opt_ins(
                store,
                buyer,
                [(attribute.name, attribute.value) for attribute in payload.note_attributes or ()],
                accepts_email_marketing=bool(payload.buyer_accepts_marketing),
                has_confirmed=_has_confirmed(payload.customer),
                quiet=quiet,
            ),
            quiet=quiet,
            sales_channel=payload.source_name,
        )
    )


def read_checkout(payload: ShopifyCheckout, store: Store, now: datetime) -> CartSeen | None:
    """The checkout as a cart; None where it is a shop assistant's (a draft, a till) and not a shopper's."""
    sources = _name_quiet_sources(payload.source_name, is_test=False)
    if any(holds and word in store.settings.quiet_sources for word, holds in sources.items()):
        return None
    buyer = _make_buyer(payload, store, (payload.email,))
    return CartSeen(
        cart=Cart(
            token=payload.token,
            cart_token=payload.cart_token or None,
            buyer=buyer,
            lines=tuple(_make_line(line, count_pieces(line.quantity)) for line in payload.line_items or ()),
            currency=payload.currency or store.currency,
            total=payload.total_price,
            url=payload.abandoned_checkout_url,
            updated_at=to_utc(payload.updated_at or payload.created_at, now),
            completed_at=to_utc_or_none(payload.completed_at),
            opt_ins=collect_opt_ins(
                store,
                buyer,
                [(attribute.name, attribute.value) for attribute in payload.note_attributes or ()],
                accepts_email_marketing=bool(payload.buyer_accepts_marketing),
                has_confirmed=_has_confirmed(payload.customer),
            ),
        )
    )


def make_customer_buyer(customer: CustomerRecord, store: Store) -> Buyer:
    """A customer's own e-mail, phone and name."""
    home = customer.default_address or ShopifyAddress()
    return make_buyer(
        store,
        country=home.country_code,
        region=home.province_code or home.province,
        postcode=home.zip,
        customer_id=customer.id,
        emails=(customer.email,),
        phones=(customer.phone,),
        first_name=customer.first_name,
        last_name=customer.last_name,
        company=home.company,
        is_registered=customer.is_registered,
    )


def _list_order_lines(order: ShopifyOrder) -> tuple[OrderLine, ...]:
    """The lines as edits left them: an edit takes pieces away by a refund that pays nothing back."""
    taken: Counter[str | None] = Counter()
    if not order.cancelled_at:
        for refund in order.refunds or ():
            if not refund.transactions:
                for line in refund.refund_line_items or ():
                    taken[line.line_item_id] += count_pieces(line.quantity)
    lines = ((line, count_pieces(line.quantity) - taken[line.id]) for line in order.line_items or ())
    return tuple(_make_line(line, quantity) for line, quantity in lines if quantity > 0)


def _make_line(line: ShopifyLine, quantity: int) -> OrderLine:
    discounts = [discount.amount for discount in line.discount_allocations or () if discount.amount]
    off = add_up(discounts) if discounts else line.total_discount or Decimal(0)
    return OrderLine(
        line_id=line.id or line.key or line.variant_id or line.title or "",
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku or None,
        title=line.title or "",
        variant=line.variant_title if line.variant_title != "Default Title" else None,
        vendor=line.vendor,
        quantity=quantity,
        price=line.price,
        total=line.line_price if line.line_price is not None else line.price * quantity - off,
        needs_shipping=line.requires_shipping is not False,
    )


def _make_buyer(payload: ShopifyOrder | ShopifyCheckout, store: Store, emails: tuple[str | None, ...]) -> Buyer:
    customer = payload.customer or ShopifyCustomer()
    billing = payload.billing_address or ShopifyAddress()
    # A parcel may go to somebody else, so its address is asked last for where the buyer lives.
    known = (billing, customer.default_address, payload.shipping_address)
    home = next((address for address in known if address and address.country_code), billing)
    return make_buyer(
        store,
        country=home.country_code,
        region=home.province_code or home.province,
        postcode=home.zip,
        customer_id=customer.id,
        emails=(*emails, customer.email),
        phones=(payload.phone, customer.phone),
        first_name=customer.first_name or billing.first_name,
        last_name=customer.last_name or billing.last_name,
        locale=payload.customer_locale,
        company=billing.company or (customer.default_address.company if customer.default_address else None),
        is_registered=customer.is_registered,
    )


def _has_confirmed(customer: ShopifyCustomer | None) -> bool:
    consent = customer.email_marketing_consent if customer else None
    return consent is not None and consent.is_confirmed


def _make_address(address: ShopifyAddress | None) -> Address | None:
    if address is None:
        return None
    name = address.name or " ".join(part for part in (address.first_name, address.last_name) if part)
    return Address(
        name=name or None,
        company=address.company or None,
        line1=address.address1 or None,
        line2=address.address2 or None,
        city=address.city or None,
        region=address.province or None,
        postcode=address.zip or None,
        country=address.country_code or None,
        phone=address.phone or None,
    )


def _name_quiet_sources(source_name: str | None, *, is_test: bool) -> dict[str, bool]:
    source = (source_name or "").strip().lower()
    is_draft, is_till = source in _DRAFTS, source in _POINTS_OF_SALE
    is_ours = not source or source.isdigit() or source in _SPEAKING_SOURCES
    return {
        "test": is_test,
        "draft": is_draft,
        "point_of_sale": is_till,
        "marketplace": not (is_ours or is_draft or is_till),
    }


def _is_offline(gateway: str) -> bool:
    words = gateway.lower()
    return is_cash_on_delivery(gateway) or any(word in words for word in _OFFLINE_WORDS)
