"""What Shopify's topics are evidence of."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import (
    CartSeen,
    ConsentSeen,
    CustomerSeen,
    CustomersMerged,
    Evidence,
    OrderChanged,
    OrderSeen,
    PrivacyRequested,
    ProductSeen,
    ShipmentSeen,
    StoreUninstalled,
)
from okaeri.domain.orders import Address, Buyer, OptIn, Order, OrderLine, Payment, Shipment, ShipmentStatus
from okaeri.domain.stores import Store, StoreSettings
from tests.fakes import START, FakeQueues
from tests.store_webhooks import NAMI, PHONE_WORDING, make_receiver, read_event, send_shopify, to_body


def read(topic: str, payload: Any, store: Store = NAMI) -> Evidence | None:
    queues = FakeQueues()
    response = make_receiver(queues, store)(send_shopify(topic, payload))
    assert response.status == 200
    assert not queues.quarantined
    return queues.evidence[0][1].evidence if queues.evidence else None


def read_order(payload: Any, store: Store = NAMI) -> Order:
    evidence = read("orders/updated", payload, store)
    assert isinstance(evidence, OrderSeen)
    return evidence.order


def change_order(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(read_event("shopify/orders_create")), **fields}


def change_store(**settings: Any) -> Store:
    return NAMI.model_copy(update={"settings": StoreSettings(**settings)})


def test_an_order_is_read_whole() -> None:
    order = read_order(read_event("shopify/orders_create"))
    assert order.order_id == "820982911946154508"
    assert order.name == "#1001"
    assert order.created_at == datetime(2026, 11, 2, 9, 58, 30, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 11, 2, 9, 58, 33, tzinfo=UTC)
    assert order.buyer == Buyer(
        store_customer_id="207119551488211",
        email="hazuki.sato@example.jp",
        phone="+819012345678",
        first_name="葉月",
        last_name="佐藤",
        locale="ja-JP",
        country="JP",
        time_zone="Asia/Tokyo",
        is_registered=False,
    )
    assert (order.currency, order.total, order.tax_included) == ("JPY", Decimal(14960), True)
    assert (order.subtotal, order.discount, order.shipping) == (Decimal(14800), Decimal(500), Decimal(660))
    assert order.payment is Payment.PAID
    assert (order.payment_method, order.offline_payment) == ("Shopify Payments", False)
    assert (order.checkout_token, order.cart_token) == (
        "6f1b2cb6d9a34f5e8c0a7d42f6a1b9e3",
        "hWN2Et5AlqJZ0jKp9c1dmRfX",
    )
    assert order.shipping_address == Address(
        name="佐藤 葉月",
        line1="神宮前3-21-5",
        line2="コーポ原宿 203",
        city="渋谷区",
        region="東京都",
        postcode="150-0001",
        country="JP",
        phone="+819011112222",
    )
    assert order.lines[0] == OrderLine(
        line_id="866550311766439020",
        product_id="788032119674292922",
        variant_id="808950810421001",
        sku="APR-M-NAT",
        title='Linen "Apron" <M>',
        variant="Natural",
        vendor="Nami Works",
        quantity=1,
        price=Decimal(9800),
        total=Decimal(9469),
    )
    assert order.lines[1].variant is None
    assert order.quiet is None


def test_a_shopper_abroad_reads_the_amounts_that_they_paid() -> None:
    payload = change_order(presentment_currency="EUR")

    def put_euros(part: Any) -> None:
        for name, value in part.items() if isinstance(part, dict) else enumerate(part):
            if str(name).endswith("_set") and isinstance(value, dict):
                euros = Decimal(value["shop_money"]["amount"]) / 160
                value["presentment_money"] = {"amount": f"{euros:.2f}", "currency_code": "EUR"}
            elif isinstance(value, dict | list):
                put_euros(value)

    put_euros(payload)
    order = read_order(payload)
    assert (order.currency, order.total, order.shipping) == ("EUR", Decimal("93.50"), Decimal("4.12"))
    assert (order.lines[0].price, order.lines[0].total) == (Decimal("61.25"), Decimal("59.18"))
    assert (order.subtotal, order.discount, order.tax) == (Decimal("92.50"), Decimal("3.12"), Decimal("8.50"))


def test_the_phone_at_checkout_is_consent_where_the_shop_says_so() -> None:
    payload = read_event("shopify/orders_create")
    given = OptIn(channel="whatsapp", purpose="order", source="checkout phone field", wording=PHONE_WORDING)
    assert read_order(payload).opt_ins == (given,)
    assert read_order(payload, change_store()).opt_ins == ()
    assert read_order({**payload, "customer": None}).opt_ins == ()


@pytest.mark.parametrize("value", ["true", "yes", "1", "on", True, 1, " Yes "])
def test_a_ticked_whatsapp_box_gives_both_purposes(value: object) -> None:
    order = read_order(change_order(note_attributes=[{"name": "whatsapp_opt_in", "value": value}]))
    assert [(one.channel, one.purpose, one.explicit) for one in order.opt_ins] == [
        ("whatsapp", "order", True),
        ("whatsapp", "marketing", True),
    ]


@pytest.mark.parametrize("value", ["false", "no", "0", "", None, 0, {"a": 1}])
def test_an_unticked_whatsapp_box_gives_nothing(value: object) -> None:
    order = read_order(change_order(note_attributes=[{"name": "whatsapp_opt_in", "value": value}]), change_store())
    assert order.opt_ins == ()


def test_accepting_marketing_counts_for_email_alone() -> None:
    order = read_order(change_order(buyer_accepts_marketing=True), change_store())
    assert [(one.channel, one.purpose) for one in order.opt_ins] == [("email", "marketing")]


def test_a_gifts_recipient_is_never_the_buyer() -> None:
    order = read_order(change_order(customer=None, email=None, contact_email=None, phone=None))
    assert order.buyer == Buyer(
        first_name="葉月", last_name="佐藤", locale="ja-JP", country="JP", time_zone="Asia/Tokyo"
    )


def test_the_buyers_clock_is_that_of_their_own_address_not_of_where_the_parcel_goes() -> None:
    ships_to = {"country_code": "US", "province_code": "HI", "zip": "96813"}
    lives_at = {"country_code": "US", "province_code": "NY", "zip": "10001"}
    billed = read_order(change_order(billing_address=lives_at, shipping_address=ships_to))
    known = read_order(change_order(billing_address=None, customer={"default_address": lives_at}))
    unknown = read_order(change_order(billing_address=None, customer=None, shipping_address=ships_to))
    zones = [order.buyer.time_zone for order in (billed, known, unknown)]
    assert zones == ["America/New_York", "America/New_York", "Pacific/Honolulu"]


def test_a_phone_without_country_code_is_the_orders_country_not_the_shops() -> None:
    address = {**read_event("shopify/orders_create")["billing_address"], "country_code": "DE"}
    order = read_order(change_order(phone="030 5557 0123", billing_address=address))
    assert order.buyer.phone == "+493055570123"


def test_protected_customer_data_that_is_withheld_leaves_an_order() -> None:
    nothing = {"id": 820982911946154508, "currency": "JPY", "total_price": "100", "customer": {"id": 5}}
    order = read_order({**dict.fromkeys(read_event("shopify/orders_create")), **nothing})
    assert order.buyer == Buyer(store_customer_id="5")
    assert (order.created_at, order.updated_at) == (START, START)
    assert order.name == "#820982911946154508"


@pytest.mark.parametrize(
    ("status", "payment"),
    [
        ("pending", Payment.PENDING),
        ("authorized", Payment.AUTHORIZED),
        ("partially_paid", Payment.PARTIALLY_PAID),
        ("paid", Payment.PAID),
        ("partially_refunded", Payment.PARTIALLY_REFUNDED),
        ("refunded", Payment.REFUNDED),
        ("voided", Payment.VOIDED),
        ("expired", Payment.VOIDED),
        (None, Payment.PENDING),
    ],
)
def test_how_far_the_money_is(status: str | None, payment: Payment) -> None:
    assert read_order(change_order(financial_status=status)).payment is payment


@pytest.mark.parametrize(
    ("gateway", "offline"),
    [
        ("Bank Deposit", True),
        ("Cash on Delivery (COD)", True),
        ("cash_on_delivery", True),
        ("manual", True),
        ("銀行振込", True),
        ("shopify_payments", False),
        ("paypal", False),
        ("Codabar Pay", False),
    ],
)
def test_payment_outside_the_checkout_is_known(gateway: str, offline: bool) -> None:
    assert read_order(change_order(payment_gateway_names=[gateway])).offline_payment is offline


@pytest.mark.parametrize(
    ("fields", "quiet"),
    [
        ({"test": True}, "test"),
        ({"source_name": "shopify_draft_order"}, "draft"),
        ({"source_name": "pos"}, "point_of_sale"),
        ({"source_name": "amazon-us"}, "marketplace"),
        ({"source_name": "tiktok"}, "marketplace"),
        ({"source_name": "web"}, None),
        ({"source_name": "checkout_next"}, None),
        ({"source_name": "3890849"}, None),
        ({"source_name": None}, None),
        ({"source_name": "subscription_contract"}, None),
        ({"created_at": "2026-10-31T10:00:00+00:00"}, None),
        ({"created_at": "2026-10-31T09:59:00+00:00"}, "old"),
    ],
)
def test_which_orders_say_nothing(fields: dict[str, Any], quiet: str | None) -> None:
    assert read_order(change_order(**fields)).quiet == quiet


def test_a_shop_may_let_its_drafts_speak() -> None:
    store = change_store(quiet_sources=("test", "old"))
    assert read_order(change_order(source_name="shopify_draft_order"), store).quiet is None
    assert read_order(change_order(source_name="shopify_draft_order", test=True), store).quiet == "test"


def test_a_phone_told_at_the_till_is_no_consent() -> None:
    assert read_order(change_order(source_name="pos")).opt_ins == ()


def test_a_cancelled_order_says_when_why_and_what_was_paid_back() -> None:
    order = read_order(read_event("shopify/orders_cancelled"))
    assert order.cancelled_at == datetime(2026, 11, 2, 10, 20, tzinfo=UTC)
    assert (order.cancel_reason, order.payment) == ("customer", Payment.REFUNDED)
    assert [line.quantity for line in order.lines] == [1, 2]
    [refund] = order.refunds
    assert (refund.refund_id, refund.amount, refund.reason) == ("890088186047892319", Decimal(14960), "サイズ違い")


def test_an_edit_takes_pieces_away_and_refunds_nothing() -> None:
    order = read_order(read_event("shopify/orders_updated_after_edit"))
    assert [line.quantity for line in order.lines] == [1, 1]
    assert order.refunds == ()


def test_the_parcels_inside_an_order() -> None:
    order = read_order(read_event("shopify/orders_updated"))
    assert order.fulfilled
    [parcel] = order.shipments
    assert parcel.status is ShipmentStatus.SHIPPED
    assert parcel.line_ids == ("866550311766439020", "141249953214522974")


@pytest.mark.parametrize(
    ("status", "shipment_status", "expected"),
    [
        ("success", None, ShipmentStatus.SHIPPED),
        ("pending", None, ShipmentStatus.LABEL_CREATED),
        ("open", None, ShipmentStatus.LABEL_CREATED),
        ("cancelled", "in_transit", ShipmentStatus.CANCELLED),
        ("error", None, ShipmentStatus.EXCEPTION),
        ("failure", None, ShipmentStatus.EXCEPTION),
        ("success", "label_printed", ShipmentStatus.LABEL_CREATED),
        ("success", "confirmed", ShipmentStatus.LABEL_CREATED),
        ("success", "in_transit", ShipmentStatus.IN_TRANSIT),
        ("success", "out_for_delivery", ShipmentStatus.OUT_FOR_DELIVERY),
        ("success", "attempted_delivery", ShipmentStatus.ATTEMPT_FAILED),
        ("success", "ready_for_pickup", ShipmentStatus.PICKUP_READY),
        ("success", "delayed", ShipmentStatus.DELAYED),
        ("success", "delivered", ShipmentStatus.DELIVERED),
        ("success", "brand_new_word", ShipmentStatus.SHIPPED),
    ],
)
def test_where_a_fulfilment_is(status: str, shipment_status: str | None, expected: ShipmentStatus) -> None:
    payload = read_event("shopify/fulfillments_create")
    evidence = read("fulfillments/update", {**payload, "status": status, "shipment_status": shipment_status})
    assert isinstance(evidence, ShipmentSeen)
    assert evidence.order_id == "820982911946154508"
    assert evidence.shipment.status is expected


def test_a_carriers_scan_tells_place_promise_and_words() -> None:
    evidence = read("fulfillment_events/create", read_event("shopify/fulfillment_events_create"))
    assert evidence == ShipmentSeen(
        order_id="820982911946154508",
        shipment=Shipment(
            shipment_id="5410998190315",
            status=ShipmentStatus.OUT_FOR_DELIVERY,
            at=datetime(2026, 11, 3, 23, 12, tzinfo=UTC),
            eta=datetime(2026, 11, 4, 7, 0, tzinfo=UTC),
            place="渋谷区, 東京都",
            message="配達に出ました",
            by_carrier=True,
            scanned_at=datetime(2026, 11, 3, 23, 12, tzinfo=UTC),
        ),
    )


def test_a_refund_is_the_money_that_really_went_back() -> None:
    payload = read_event("shopify/refunds_create")
    failed = {**payload["transactions"][0], "status": "failure", "amount": "1"}
    payload["transactions"].append(failed)
    evidence = read("refunds/create", payload)
    assert isinstance(evidence, OrderChanged)
    assert (evidence.change, evidence.refund and evidence.refund.amount) == ("refunded", Decimal(9469))
    assert read("refunds/create", {**payload, "transactions": [failed]}) is None


def test_a_return_is_told_at_each_of_its_steps() -> None:
    evidence = read("returns/request", read_event("shopify/returns_request"))
    assert isinstance(evidence, OrderChanged)
    assert (evidence.order_id, evidence.change) == ("820982911946154508", "return_requested")
    assert evidence.return_id == "51539640618"
    for topic, status, change in (
        ("returns/approve", "open", "return_approved"),
        ("returns/decline", "declined", "return_declined"),
        ("returns/cancel", "canceled", "return_closed"),
        ("returns/close", "closed", "return_closed"),
    ):
        moved = read(topic, read_event("shopify/returns_close") | {"status": status})
        assert isinstance(moved, OrderChanged)
        assert (moved.order_id, moved.change, moved.return_id) == (evidence.order_id, change, evidence.return_id)
    assert read("returns/close", read_event("shopify/returns_close") | {"status": "of a new kind"}) is None


def test_a_checkout_is_a_cart_of_its_buyer() -> None:
    evidence = read("checkouts/update", read_event("shopify/checkouts_update"))
    assert isinstance(evidence, CartSeen)
    cart = evidence.cart
    assert (cart.token, cart.cart_token) == ("6f1b2cb6d9a34f5e8c0a7d42f6a1b9e3", "hWN2Et5AlqJZ0jKp9c1dmRfX")
    assert (cart.buyer.email, cart.buyer.phone) == ("hazuki.sato@example.jp", "+819012345678")
    assert cart.url and cart.url.endswith("recover?key=5f2")
    assert cart.completed_at is None
    assert [(one.channel, one.purpose) for one in cart.opt_ins] == [
        ("email", "marketing"),
        ("whatsapp", "order"),
        ("whatsapp", "marketing"),
    ]


def test_the_sms_number_of_a_checkout_identifies_nobody() -> None:
    evidence = read("checkouts/update", {**read_event("shopify/checkouts_update"), "customer": None})
    assert isinstance(evidence, CartSeen)
    assert evidence.cart.buyer.phone is None


def test_a_completed_checkout_says_so_and_a_drafts_checkout_is_no_cart() -> None:
    evidence = read("checkouts/update", read_event("shopify/checkouts_update_completed"))
    assert isinstance(evidence, CartSeen)
    assert evidence.cart.completed_at == datetime(2026, 11, 2, 9, 58, 30, tzinfo=UTC)
    draft = {**read_event("shopify/checkouts_update"), "source_name": "shopify_draft_order"}
    assert read("checkouts/update", draft) is None


def test_a_customers_own_data() -> None:
    evidence = read("customers/update", read_event("shopify/customers_update"))
    assert isinstance(evidence, CustomerSeen)
    assert evidence.buyer.phone == "+819012345678"
    assert evidence.opt_ins == ()


def test_merged_customers_by_their_plain_ids() -> None:
    payload = read_event("shopify/customers_merge")
    expected = CustomersMerged(kept="207119551488211", lost="207119551488305", at=START)
    assert read("customers/merge", payload) == expected
    assert read("customers/merge", {**payload, "status": "failed"}) is None


@pytest.mark.parametrize(
    ("state", "given"), [("subscribed", True), ("unsubscribed", False), ("pending", None), ("not_subscribed", None)]
)
def test_email_consent_is_given_withdrawn_or_neither(state: str, given: bool | None) -> None:
    payload = read_event("shopify/customers_email_marketing_consent_update")
    payload["email_marketing_consent"]["state"] = state
    evidence = read("customers_email_marketing_consent/update", payload)
    if given is None:
        assert evidence is None
    else:
        assert isinstance(evidence, ConsentSeen)
        assert (evidence.channel, evidence.purpose, evidence.given) == ("email", "marketing", given)
        assert evidence.at == datetime(2026, 11, 2, 9, 41, 10, tzinfo=UTC)
        assert evidence.buyer.email == "hazuki.sato@example.jp"


def test_a_sign_up_that_shopify_had_confirmed_is_known_to_be() -> None:
    payload = read_event("shopify/customers_email_marketing_consent_update")
    for level, confirmed in (("single_opt_in", False), ("CONFIRMED_OPT_IN", True), (None, False)):
        payload["email_marketing_consent"]["opt_in_level"] = level
        evidence = read("customers_email_marketing_consent/update", payload)
        assert isinstance(evidence, ConsentSeen) and evidence.confirmed is confirmed


@pytest.mark.parametrize(
    ("consent", "confirmed"),
    [
        ({"state": "subscribed", "opt_in_level": "confirmed_opt_in"}, True),
        ({"state": "subscribed", "opt_in_level": "single_opt_in"}, False),
        ({"state": "pending", "opt_in_level": "confirmed_opt_in"}, False),
        (None, False),
    ],
)
def test_an_order_of_a_confirmed_subscriber_says_so(consent: dict[str, str] | None, confirmed: bool) -> None:
    order = read_order(
        change_order(buyer_accepts_marketing=True, customer={"id": 7, "email_marketing_consent": consent})
    )
    [opt_in] = [opt_in for opt_in in order.opt_ins if opt_in.channel == "email"]
    assert opt_in.confirmed is confirmed


def test_sms_consent_is_consent_to_nothing() -> None:
    assert read("customers_marketing_consent/update", read_event("shopify/customers_marketing_consent_update")) is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, "active"), ({"published_at": None}, "unpublished"), ({"published_at": None, "status": "draft"}, "draft")],
)
def test_a_product_that_the_online_store_does_not_show_is_unpublished(changes: dict[str, Any], status: str) -> None:
    evidence = read("products/update", {**read_event("shopify/products_update"), **changes})
    assert isinstance(evidence, ProductSeen)
    assert evidence.product.status == status


@pytest.mark.parametrize(
    ("changes", "in_stock"),
    [
        ({"inventory_quantity": 0}, False),
        ({"inventory_quantity": 0, "inventory_policy": "continue"}, True),
        ({"inventory_quantity": 0, "inventory_management": None}, True),
        ({"inventory_quantity": None}, None),
    ],
)
def test_a_variant_that_nobody_counts_never_runs_out(changes: dict[str, Any], *, in_stock: bool | None) -> None:
    payload = read_event("shopify/products_update")
    payload["variants"] = [{**payload["variants"][0], **changes}]
    evidence = read("products/update", payload)
    assert isinstance(evidence, ProductSeen)
    assert evidence.product.variants[0].in_stock is in_stock


def test_a_product_with_its_stock() -> None:
    evidence = read("products/update", read_event("shopify/products_update"))
    assert isinstance(evidence, ProductSeen)
    product = evidence.product
    assert (product.url, product.tags) == ("https://nami-works.example/products/linen-apron", ("kitchen", "linen"))
    assert (product.variants[0].in_stock, product.variants[0].quantity) == (True, 6)
    assert not evidence.partial


@pytest.mark.parametrize(("topic", "in_stock"), [("variants/in_stock", True), ("variants/out_of_stock", False)])
def test_a_stock_notice_names_one_variant(topic: str, in_stock: bool) -> None:
    evidence = read(topic, read_event(f"shopify/{topic.replace('/', '_')}"))
    assert isinstance(evidence, ProductSeen)
    assert evidence.partial
    assert (evidence.product.product_id, evidence.product.variants[0].in_stock) == ("788032119674292922", in_stock)


def test_deleted_things_are_gone() -> None:
    product = read("products/delete", read_event("shopify/products_delete"))
    assert isinstance(product, ProductSeen)
    assert product.gone
    assert read("orders/delete", {"id": 1}) == OrderChanged(order_id="1", change="gone", at=START)


def test_the_app_was_removed() -> None:
    assert read("app/uninstalled", read_event("shopify/app_uninstalled")) == StoreUninstalled(at=START)


@pytest.mark.parametrize(
    ("topic", "request_name", "order_ids"),
    [
        ("customers/data_request", "export_customer", ("820982911946154508", "820982911946154600")),
        ("customers/redact", "erase_customer", ("820982911946154508",)),
        ("shop/redact", "erase_store", ()),
    ],
)
def test_privacy_requests_are_kept_as_tasks(topic: str, request_name: str, order_ids: tuple[str, ...]) -> None:
    evidence = read(topic, read_event(f"shopify/{topic.replace('/', '_')}"))
    assert isinstance(evidence, PrivacyRequested)
    assert (evidence.request, evidence.order_ids) == (request_name, order_ids)
    assert (evidence.store_customer_id is not None) is (topic != "shop/redact")


def test_control_characters_are_cleaned_and_all_else_is_kept() -> None:
    payload = change_order(name="#1\x00\x0b001")
    payload["line_items"][0]["title"] = 'Linen "Apron" <M>\u2028\t😀\ud83d'
    order = read_order(json.dumps(payload).encode())
    assert order.name == "#1001"
    assert order.lines[0].title == 'Linen "Apron" <M>\u2028\t😀'


def test_raw_control_characters_and_a_byte_order_mark_are_no_obstacle() -> None:
    body = to_body(change_order()).replace(b"#1001", b"#10\x0101")
    assert read_order(b"\xef\xbb\xbf" + body).name == "#1001"


@pytest.mark.parametrize("bad", ["0000-00-00T00:00:00", "", "soon", 10**30, True, {}, "0001-01-01T00:00:00+14:00"])
def test_a_date_that_cannot_be_read_counts_as_missing(bad: object) -> None:
    assert read_order(change_order(created_at=bad, updated_at=bad)).created_at == START


@pytest.mark.parametrize(
    ("state", "is_registered"), [("enabled", True), ("disabled", False), ("invited", False), (None, None)]
)
def test_who_has_an_account_is_told_by_the_customers_state(state: str | None, is_registered: bool | None) -> None:
    payload = change_order()
    payload["customer"]["state"] = state
    assert read_order(payload).buyer.is_registered is is_registered


def test_who_buys_for_a_business_is_known_by_the_billing_address() -> None:
    payload = change_order()
    payload["billing_address"]["company"] = " Café Morgen "
    assert read_order(payload).buyer.company == "Café Morgen"
