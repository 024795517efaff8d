"""What WooCommerce's topics are evidence of: it names no changes, only how the order stands."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import CustomerSeen, Evidence, OrderChanged, OrderSeen, ProductSeen
from okaeri.domain.orders import Buyer, Order, OrderLine, Payment, ShipmentStatus
from okaeri.domain.stores import Store, StoreSettings
from tests.fakes import START, FakeQueues
from tests.store_webhooks import KRAUT, make_receiver, read_event, send_woocommerce


def read(topic: str, payload: Any, store: Store = KRAUT) -> Evidence | None:
    queues = FakeQueues()
    response = make_receiver(queues, store)(send_woocommerce(topic, payload))
    assert response.status == 200
    assert not queues.quarantined
    return queues.evidence[0][1].evidence if queues.evidence else None


def read_order(payload: Any, store: Store = KRAUT) -> Order:
    evidence = read("order.updated", payload, store)
    assert isinstance(evidence, OrderSeen)
    return evidence.order


def change_order(**fields: Any) -> dict[str, Any]:
    return {**read_event("woocommerce/order_updated_processing"), **fields}


def test_an_order_is_read_whole_with_the_prices_that_the_shopper_saw() -> None:
    order = read_order(change_order())
    assert (order.order_id, order.name) == ("727", "#727")
    assert order.created_at == datetime(2026, 11, 2, 9, 21, 30, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 11, 2, 9, 21, 41, tzinfo=UTC)
    assert order.buyer == Buyer(
        store_customer_id="26",
        email="jana.krueger@example.de",
        phone="+493055570123",
        first_name="Jana",
        last_name="Krüger",
        country="DE",
        time_zone="Europe/Berlin",
        is_registered=True,
    )
    assert order.lines == (
        OrderLine(
            line_id="315",
            product_id="93",
            variant_id="112",
            sku="LS-M-N",
            title="Leinenschürze",
            variant="Natur, M",
            quantity=2,
            price=Decimal("48.50"),
            total=Decimal("87.30"),
            image_url="https://kraut.example/wp-content/uploads/schuerze.jpg",
        ),
    )
    assert order.subtotal is not None
    assert order.discount is not None
    assert order.shipping is not None
    assert order.tax_included
    assert order.subtotal - order.discount + order.shipping == order.total == Decimal("92.20")
    assert (order.payment, order.payment_method, order.payment_url) == (Payment.PAID, "Kreditkarte", None)


def test_prices_without_tax_stay_without_it() -> None:
    order = read_order(change_order(prices_include_tax=False))
    assert (order.lines[0].price, order.lines[0].total) == (Decimal("40.755"), Decimal("73.36"))
    assert (order.subtotal, order.discount, order.shipping) == (Decimal("81.51"), Decimal("8.15"), Decimal("4.12"))


def test_a_guest_is_known_by_their_contact_alone() -> None:
    order = read_order(read_event("woocommerce/order_created_guest"))
    assert order.buyer.store_customer_id is None
    assert order.buyer.phone == "+493055570123"
    assert [(one.channel, one.purpose) for one in order.opt_ins] == [("whatsapp", "order"), ("whatsapp", "marketing")]


@pytest.mark.parametrize(
    ("recording", "payment", "offline"),
    [
        ("order_created", Payment.PENDING, False),
        ("order_updated_processing", Payment.PAID, False),
        ("order_updated_on_hold", Payment.PENDING, True),
        ("order_updated_cod", Payment.PENDING, True),
        ("order_updated_failed", Payment.FAILED, False),
        ("order_updated_cancelled", Payment.PENDING, False),
        ("order_updated_completed", Payment.PAID, False),
        ("order_updated_refunded", Payment.REFUNDED, False),
        ("order_updated_partial_refund", Payment.PARTIALLY_REFUNDED, False),
    ],
)
def test_how_far_the_money_is(recording: str, payment: Payment, offline: bool) -> None:
    order = read_order(read_event(f"woocommerce/{recording}"))
    assert (order.payment, order.offline_payment) == (payment, offline)
    assert (order.payment_url is not None) is (payment in (Payment.PENDING, Payment.FAILED))


def test_cash_on_delivery_is_paid_once_it_says_so() -> None:
    unpaid = read_event("woocommerce/order_updated_cod")
    assert read_order({**unpaid, "date_paid_gmt": "2026-11-04T12:00:00"}).payment is Payment.PAID
    assert read_order({**unpaid, "status": "completed"}).payment is Payment.PAID


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft"])
def test_a_checkout_that_is_still_being_filled_in_is_no_order(status: str) -> None:
    assert read("order.updated", change_order(status=status)) is None


def test_a_cancelled_order() -> None:
    order = read_order(read_event("woocommerce/order_updated_cancelled"))
    assert order.cancelled_at == datetime(2026, 11, 2, 9, 45, tzinfo=UTC)


def test_refunds_are_amounts_above_zero() -> None:
    [refund] = read_order(read_event("woocommerce/order_updated_refunded")).refunds
    assert (refund.refund_id, refund.amount, refund.reason) == ("802", Decimal("92.20"), "Zu klein")


@pytest.mark.parametrize(
    ("means", "status"),
    [("shipped", ShipmentStatus.SHIPPED), ("delivered", ShipmentStatus.DELIVERED), ("nothing", None)],
)
def test_what_completed_means_is_the_shops_to_say(means: str, status: ShipmentStatus | None) -> None:
    store = KRAUT.model_copy(update={"settings": StoreSettings(completed_means=means)})
    shipments = read_order(read_event("woocommerce/order_updated_completed"), store).shipments
    assert [(parcel.shipment_id, parcel.status) for parcel in shipments] == ([("order-727", status)] if status else [])
    if shipments:
        assert shipments[0].at == datetime(2026, 11, 3, 15, 0, tzinfo=UTC)


def test_each_tracking_number_is_a_parcel() -> None:
    order = read_order(read_event("woocommerce/order_updated_tracking"))
    first, second = order.shipments
    assert (first.shipment_id, first.carrier, first.tracking_number) == (
        "2c1b9e6d",
        "dhl-germany",
        "00340434161094042557",
    )
    assert first.at == datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
    assert (second.carrier, second.tracking_url) == ("Radkurier", "https://radkurier.example/t/77")
    assert {first.status, second.status} == {ShipmentStatus.SHIPPED}


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ({"0": {"tracking_number": "A1"}, "2": {"tracking_number": "A2"}}, ["A1", "A2"]),  # PHP's list with a gap
        ([{"tracking_number": "A1"}, "nonsense", {"tracking_number": ""}, None], ["A1"]),
        ("", []),
        (None, []),
    ],
)
def test_tracking_as_php_may_write_it(value: object, numbers: list[str]) -> None:
    meta = [{"id": 1, "key": "_wc_shipment_tracking_items", "value": value}]
    shipments = read_order(change_order(meta_data=meta)).shipments
    assert [parcel.tracking_number for parcel in shipments] == numbers


def test_names_as_wordpress_keeps_them_are_said_as_the_shopper_knows_them() -> None:
    line = {"id": 1, "name": "Salt &amp; Pepper &ndash; 2&quot;", "quantity": 1, "total": "9.00"}
    order = read_order(change_order(line_items=[line], payment_method_title="Card &#038; more"))
    assert order.lines[0].title == 'Salt & Pepper – 2"'
    assert order.payment_method == "Card & more"


def test_empty_and_gapped_arrays_as_php_may_write_them() -> None:
    tick = {"id": 9, "key": "whatsapp_opt_in", "value": "yes"}
    order = read_order(change_order(shipping=[], refunds={}, meta_data={"2": tick}))
    assert order.shipping_address is None
    assert order.refunds == ()
    assert {opt_in.purpose for opt_in in order.opt_ins} == {"order", "marketing"}


def test_an_order_without_a_currency_is_in_the_stores() -> None:
    assert read_order(change_order(currency="")).currency == "EUR"


def test_statuses_that_shops_add_for_their_parcels() -> None:
    [parcel] = read_order(change_order(status="delivered")).shipments
    assert parcel.status is ShipmentStatus.DELIVERED
    assert read_order(change_order(status="on-the-workbench")).shipments == ()


@pytest.mark.parametrize(
    ("channel", "quiet"),
    [
        ("checkout", None),
        ("store-api", None),
        ("", None),
        ("admin", None),
        ("pos-rest-api", "point_of_sale"),
        ("amazon", "marketplace"),
        ("ebay_import", "marketplace"),
    ],
)
def test_which_channels_say_nothing(channel: str, quiet: str | None) -> None:
    assert read_order(change_order(created_via=channel)).quiet == quiet


def test_phones_are_consent_only_where_the_shop_says_so() -> None:
    assert read_order(change_order()).opt_ins == ()
    store = KRAUT.model_copy(update={"settings": StoreSettings(phone_field_is_opt_in=True, phone_field_wording="Ja")})
    assert [one.wording for one in read_order(change_order(), store).opt_ins] == ["Ja"]


def test_an_order_in_the_bin_is_gone() -> None:
    gone = OrderChanged(order_id="727", change="gone", at=START)
    assert read("order.deleted", read_event("woocommerce/order_deleted")) == gone
    trash = read("order.updated", change_order(status="trash"))
    assert isinstance(trash, OrderChanged)
    assert trash.change == "gone"
    assert isinstance(read("order.restored", change_order()), OrderSeen)


def test_a_product_is_its_own_only_variant() -> None:
    evidence = read("product.updated", read_event("woocommerce/product_updated"))
    assert isinstance(evidence, ProductSeen)
    assert not evidence.partial
    assert (evidence.product.title, evidence.product.tags, evidence.product.vendor) == (
        "Leinenschürze",
        ("Leinen",),
        "Kraut",
    )
    [variant] = evidence.product.variants
    assert (variant.variant_id, variant.in_stock, variant.quantity) == ("93", True, 4)


def test_a_product_that_the_catalogue_does_not_show_is_hidden() -> None:
    evidence = read("product.updated", {**read_event("woocommerce/product_updated"), "catalog_visibility": "hidden"})
    assert isinstance(evidence, ProductSeen)
    assert evidence.product.status == "hidden"


def test_a_product_that_is_sold_by_variation_has_a_price_and_stock_of_its_own() -> None:
    parent = {**read_event("woocommerce/product_updated"), "type": "variable", "price": "35.00", "stock_quantity": None}
    evidence = read("product.updated", parent)
    assert isinstance(evidence, ProductSeen)
    assert evidence.partial
    product = evidence.product
    assert (product.variants, product.price, product.in_stock) == ((), Decimal("35.00"), True)
    assert (product.product_type, product.url) == ("Küche", "https://kraut.example/produkt/leinenschuerze/")


def test_a_variation_is_a_part_of_its_product() -> None:
    evidence = read("product.updated", read_event("woocommerce/product_updated_variation"))
    assert isinstance(evidence, ProductSeen)
    assert evidence.partial
    assert evidence.product.product_id == "93"
    assert [(variant.variant_id, variant.in_stock) for variant in evidence.product.variants] == [("112", False)]


def test_a_deleted_product_is_gone() -> None:
    evidence = read("product.deleted", read_event("woocommerce/product_deleted"))
    assert isinstance(evidence, ProductSeen)
    assert evidence.gone


def test_a_customers_account_address_comes_first() -> None:
    evidence = read("customer.updated", read_event("woocommerce/customer_updated"))
    assert isinstance(evidence, CustomerSeen)
    assert (evidence.buyer.store_customer_id, evidence.buyer.email) == ("26", "jana@example.de")
    assert evidence.buyer.phone == "+493055570123"


def test_coupons_and_the_shops_own_hooks_are_dropped() -> None:
    assert read("coupon.updated", {"id": 1}) is None
    assert read("action.woocommerce_add_to_cart", {"action": "woocommerce_add_to_cart", "arg": "x"}) is None


def test_a_guest_is_told_from_who_has_an_account() -> None:
    guest = read("order.created", read_event("woocommerce/order_created_guest"))
    customer = read("customer.updated", read_event("woocommerce/customer_updated"))
    assert isinstance(guest, OrderSeen)
    assert isinstance(customer, CustomerSeen)
    assert (guest.order.buyer.is_registered, customer.buyer.is_registered) == (False, True)
