"""From a store's webhook to a customer's phone and mailbox, on the deployed template, IAM enforced."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from local.story.shops import Shop, ShopifyStory, WooCommerceStory
from okaeri.adapters.item_body import decode_body
from okaeri.domain.records import ConsentEntry
from tests.e2e.drive import Driver, make_shopper, wait_for

TIMEOUT_S = 10


@pytest.fixture
def shop(driver: Driver) -> Shop:
    return driver.find_shop("shopify")


@pytest.fixture
def aiko() -> ShopifyStory:
    email, phone, number = make_shopper()
    return ShopifyStory(email=email, phone=phone, number=number)


@pytest.fixture(scope="session", autouse=True)
def started(stack: dict[str, Any]) -> ShopifyStory:
    """What takes minutes begins first: a poison event, and a shopper's story up to the delivery.

    cart-recovery, order-confirmation and delivery-updates, each end to end.
    """
    driver = Driver(stack)
    driver.connect("sqs").send_message(
        QueueUrl=driver.find_queue("events.fifo"), MessageBody='{"poison": true}', MessageGroupId="poison"
    )
    email, phone, number = make_shopper()
    aiko, shop = ShopifyStory(email=email, phone=phone, number=number), driver.find_shop("shopify")
    shop.post("checkouts/create", aiko.cart())
    driver.await_message(aiko.phone, "cart_reminder_1")
    shop.post("orders/create", aiko.order())
    shop.post("orders/paid", aiko.order())
    confirmation = driver.await_message(aiko.phone, "order_confirmation_welcome")
    assert confirmation["language"] == "ja"
    (mail,) = driver.await_mails(aiko.email, 1)
    assert f"#{aiko.number}" in mail["subject"]
    shop.post("fulfillments/create", aiko.fulfillment())
    driver.await_message(aiko.phone, "shipment_shipped")
    for status in ("out_for_delivery", "delivered"):
        shop.post("fulfillment_events/create", aiko.parcel(status))
        driver.await_message(aiko.phone, f"shipment_{status}")
    return aiko


def test_a_shoppers_whole_story_from_cart_to_review(driver: Driver, started: ShopifyStory) -> None:
    """review-request end to end, after everything before it."""
    driver.await_message(started.phone, "review_request", patience_s=150)
    assert driver.list_templates(started.phone) == [
        "cart_reminder_1",
        "order_confirmation_welcome",
        "shipment_shipped",
        "shipment_out_for_delivery",
        "shipment_delivered",
        "review_request",
    ]


def test_an_edit_a_cancellation_and_a_refund_are_each_told(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    """order-changes end to end."""
    shop.post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "order_confirmation_welcome")
    edited = aiko.order()
    edited["line_items"][0] |= {"quantity": 1, "current_quantity": 1}
    edited["updated_at"] = edited["updated_at"].replace("+00:00", ".900+00:00")
    shop.post("orders/updated", edited | {"current_total_price": "5300", "total_price": "5300"})
    driver.await_message(aiko.phone, "order_updated")
    cancelled = edited | {"cancelled_at": edited["updated_at"], "cancel_reason": "customer"}
    shop.post("orders/cancelled", cancelled)
    driver.await_message(aiko.phone, "order_cancelled")
    refund = {
        "id": aiko.number,
        "order_id": aiko.order_id,
        "created_at": edited["updated_at"],
        "refund_line_items": [],
        "transactions": [{"id": 1, "amount": "5300", "kind": "refund", "status": "success", "currency": "JPY"}],
    }
    shop.post("refunds/create", refund)
    refunded = driver.await_message(aiko.phone, "order_refunded")
    assert "5,300" in refunded["text"]


def test_a_payment_that_is_missing_is_asked_for_and_a_failed_one_told(
    driver: Driver, shop: Shop, aiko: ShopifyStory
) -> None:
    """payment-failed and the waiting half of order-confirmation, end to end."""
    shop.post("orders/create", aiko.order() | {"financial_status": "pending"})
    driver.await_message(aiko.phone, "payment_pending")
    email, phone, number = make_shopper()
    ben = WooCommerceStory(email=email, phone=phone, number=number)
    unpaid = {"date_paid_gmt": None, "payment_url": "https://casa-lima.example/pay"}
    driver.find_shop("woocommerce").post("order.created", ben.order("pending") | unpaid)
    driver.find_shop("woocommerce").post("order.updated", ben.order("failed") | unpaid)
    driver.await_message(phone, "payment_failed")


def test_woocommerce_order_and_tracking_number_reach_the_phone(driver: Driver) -> None:
    email, phone, number = make_shopper()
    ben, shop = WooCommerceStory(email=email, phone=phone, number=number), driver.find_shop("woocommerce")
    shop.post("order.created", ben.order("processing"))
    confirmation = driver.await_message(phone, "order_confirmation_welcome")
    assert "Blue Glaze Bowl" in confirmation["text"]
    shop.post("order.updated", ben.order("processing", tracking="GB123456789"))
    driver.await_message(phone, "shipment_shipped")
    ping = requests.post(shop.events_url, data={"webhook_id": "7"}, timeout=TIMEOUT_S)
    assert ping.status_code == 200


def test_our_own_store_api_takes_an_order_and_a_parcel(driver: Driver) -> None:
    email, phone, number = make_shopper()
    order = {
        "order_id": f"A-{number}",
        "name": f"A-{number}",
        "created_at": "2099-01-01T00:00:00Z",
        "currency": "EUR",
        "total": "20.00",
        "payment": "paid",
        "customer": {"email": email, "phone": phone, "first_name": "Mia", "locale": "en", "country": "DE"},
        "lines": [{"line_id": "1", "title": "Atlas", "quantity": 1, "price": "20.00"}],
    }
    answer = driver.post_standard("order.placed", order)
    assert answer.ok, answer.text
    driver.await_message(phone, "order_confirmation_welcome")
    parcel = {"order_id": f"A-{number}", "shipment_id": "1", "status": "out_for_delivery", "at": "2099-01-02T00:00:00Z"}
    assert driver.post_standard("shipment.updated", parcel).ok
    driver.await_message(phone, "shipment_out_for_delivery")


def test_a_doubled_webhook_is_told_once(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    order = aiko.order()
    for topic in ("orders/create", "orders/create", "orders/updated"):
        shop.post(topic, order)
    driver.await_message(aiko.phone, "order_confirmation_welcome")
    shop.post("fulfillments/create", aiko.fulfillment())
    driver.await_message(aiko.phone, "shipment_shipped")  # everything before it in the order's group is done
    assert driver.list_templates(aiko.phone) == ["order_confirmation_welcome", "shipment_shipped"]
    assert len(driver.list_mails(aiko.email)) == 1


def test_a_parcel_before_its_order_is_told_after_it(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    shop.post("fulfillments/create", aiko.fulfillment())
    shop.post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "shipment_shipped")
    assert sorted(driver.list_templates(aiko.phone)) == ["order_confirmation_welcome", "shipment_shipped"]


@pytest.mark.parametrize("fault", [{"http_status": 500, "times": 1}, {"code": 130429, "times": 2}])
def test_a_provider_that_stumbles_gets_the_message_again_and_the_shopper_once(
    driver: Driver, shop: Shop, aiko: ShopifyStory, fault: dict[str, int]
) -> None:
    driver.control("faults", fault)
    shop.post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "order_confirmation_welcome", patience_s=90)
    assert driver.list_templates(aiko.phone) == ["order_confirmation_welcome"]


def test_a_lost_answer_is_settled_by_the_status_and_nothing_is_said_twice(
    driver: Driver, shop: Shop, aiko: ShopifyStory
) -> None:
    driver.control("faults", {"drop_response": True, "times": 1})
    shop.post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "order_confirmation_welcome")
    wait_for(
        lambda: [state for state in list_states(driver, aiko.phone) if state in ("delivered", "read")],
        "the status settles the unconfirmed message",
    )
    shop.post("fulfillments/create", aiko.fulfillment())
    driver.await_message(aiko.phone, "shipment_shipped")
    assert driver.list_templates(aiko.phone) == ["order_confirmation_welcome", "shipment_shipped"]


def list_states(driver: Driver, phone: str) -> list[str]:
    """The states of our message items behind what reached a phone."""
    table = driver.connect("dynamodb")
    states = []
    for message in driver.list_messages(phone):
        store, customer, message_id = message["biz_opaque_callback_data"].split("/")
        key = {"pk": {"S": f"{store}#C#{customer}"}, "sk": {"S": f"M#{message_id}"}}
        item = table.get_item(TableName=driver.description["table_name"], Key=key)["Item"]
        states.append(item["state"]["S"])
    return states


def test_a_number_that_is_not_on_whatsapp_is_told_by_email(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    driver.control("phones", {"phone": aiko.phone, "on_whatsapp": False})
    shop.post("orders/create", aiko.order())
    driver.await_mails(aiko.email, 1)
    shop.post("fulfillments/create", aiko.fulfillment())
    driver.await_mails(aiko.email, 2)
    shop.post("fulfillment_events/create", aiko.parcel("delivered"))
    driver.await_mails(aiko.email, 3)
    assert len(driver.list_mails(aiko.email)) == 3


def test_silence_after_sending_is_answered_by_email(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    shop.post("orders/create", aiko.order())
    driver.await_mails(aiko.email, 1)
    driver.control("statuses", {"none": True})
    shop.post("fulfillments/create", aiko.fulfillment())
    driver.await_message(aiko.phone, "shipment_shipped")
    driver.await_mails(aiko.email, 2, patience_s=90)


def test_stop_is_confirmed_once_and_order_messages_move_to_email(
    driver: Driver, shop: Shop, aiko: ShopifyStory
) -> None:
    shop.post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "order_confirmation_welcome")
    driver.reply(aiko.phone, "shopify", text="停止")
    driver.await_message(aiko.phone, "text")
    driver.reply(aiko.phone, "shopify", text="STOP")
    shop.post("fulfillments/create", aiko.fulfillment())
    driver.await_mails(aiko.email, 2)
    assert [message["type"] for message in driver.list_messages(aiko.phone)] == ["template", "text"]


def test_one_click_unsubscribes_and_looking_does_not(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    """A cart reminder by e-mail for who takes the newsletter and no WhatsApp marketing."""
    cart = aiko.cart() | {"note_attributes": [], "buyer_accepts_marketing": True, "phone": None}
    cart["customer"]["phone"] = None
    shop.post("checkouts/create", cart)
    (mail,) = driver.await_mails(aiko.email, 1)
    headers = {name.lower(): value for name, value in dict(mail["headers"]).items()}
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    link = headers["list-unsubscribe"].split("<")[1].split(">")[0]
    page = requests.get(link, timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert "<form" in page.text
    assert not is_withdrawn(driver, aiko)
    clicked = requests.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=TIMEOUT_S)
    assert clicked.status_code == 200
    wait_for(lambda: is_withdrawn(driver, aiko), "the consent is withdrawn")
    assert requests.get(link[:-3], timeout=TIMEOUT_S).status_code == 404


def is_withdrawn(driver: Driver, aiko: ShopifyStory) -> bool:
    """Whether the ledger of the shopper ends with a withdrawal of e-mail marketing."""
    table, name = driver.connect("dynamodb"), driver.description["table_name"]
    store = driver.describe_store("shopify")["store_id"]
    identity = {"pk": {"S": f"{store}#I#email#{aiko.email}"}, "sk": {"S": "I"}}
    customer = table.get_item(TableName=name, Key=identity)["Item"]["customer_id"]["S"]
    found = table.query(
        TableName=name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :entries)",
        ExpressionAttributeValues={":pk": {"S": f"{store}#C#{customer}"}, ":entries": {"S": "L#"}},
    )
    entries = [decode_body(ConsentEntry, item["body"]) for item in found["Items"]]
    return any((entry.channel, entry.purpose, entry.given) == ("email", "marketing", False) for entry in entries)


def test_a_poison_event_is_dead_lettered_and_others_go_on(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    shop.post("orders/create", aiko.order())
    driver.await_message(aiko.phone, "order_confirmation_welcome")
    wait_for(lambda: driver.read_queue("eventsdeadletters"), "the poison lies in the dead letters", 150)


def test_a_signed_payload_that_the_models_refuse_is_put_aside(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    shop.post("orders/create", aiko.order() | {"total_price": {"not": "money"}, "currency": ["JPY"]})
    put_aside = wait_for(lambda: driver.read_queue("quarantine"), "the payload lies in quarantine")
    assert any(str(shop.store_id) in json.dumps(message) for message in put_aside)


def test_strangers_are_refused(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    body = json.dumps(aiko.order()).encode()
    forged = {"x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": "AA=="}
    headers = forged | {"x-shopify-shop-domain": shop.domain}
    assert requests.post(shop.events_url, data=body, headers=headers, timeout=TIMEOUT_S).status_code == 401
    unknown = shop.events_url.replace(shop.store_id, "nobody-here")
    assert requests.post(unknown, data=body, headers=headers, timeout=TIMEOUT_S).status_code == 404
    webhook_url = driver.description["whatsapp"]["webhook_url"]
    forged = {"x-hub-signature-256": "sha256=00"}
    assert requests.post(webhook_url, data=b"{}", headers=forged, timeout=TIMEOUT_S).status_code == 401


def test_a_japanese_order_of_an_awkwardly_named_product_reads_right(
    driver: Driver, shop: Shop, aiko: ShopifyStory
) -> None:
    order = aiko.order()
    order["line_items"][0] |= {"title": 'Linen "Apron" <M>', "variant_title": None}
    shop.post("orders/create", order)
    assert 'Linen "Apron" <M>' in driver.await_message(aiko.phone, "order_confirmation_welcome")["text"]
    (mail,) = driver.await_mails(aiko.email, 1)
    assert 'Linen "Apron" <M>' in mail["text"]
    assert (
        "Linen &quot;Apron&quot; &lt;M&gt;" in mail["html"]
        or "Linen &#34;Apron&#34; &lt;M&gt;" in mail["html"]
        or ('Linen "Apron" &lt;M&gt;' in mail["html"])
    )
    assert "<M>" not in mail["html"]


def test_ses_itself_takes_the_mail_from_the_senders_own_role(driver: Driver, shop: Shop, aiko: ShopifyStory) -> None:
    """Without the mailbox: the real SES call, with the function's role, to an AWS that checks both."""
    mailbox = driver.description["mailbox_url"]
    domain = driver.describe_store("shopify")["from_email"].partition("@")[2]
    ses = driver.connect("sesv2")
    ses.delete_email_identity(EmailIdentity=domain)
    order = aiko.order() | {"phone": None, "note_attributes": []}
    order["customer"]["phone"] = None
    configure(mailbox, passes_sends_on=True)
    try:
        shop.post("orders/create", order)
        wait_for(lambda: read_mail_states(driver, aiko) == ["parked"], "SES refuses a sender that is not verified")
        ses.create_email_identity(EmailIdentity=domain)
        shop.post("orders/create", order | {"id": aiko.order_id + 1, "name": "#2"})
        wait_for(lambda: "accepted" in read_mail_states(driver, aiko), "SES takes the mail")
    finally:
        configure(mailbox, passes_sends_on=False)


def configure(url: str, **choices: object) -> None:
    """One call of a stand-in's configuration."""
    requests.post(f"{url}/_/configure", json=choices, timeout=TIMEOUT_S).raise_for_status()


def read_mail_states(driver: Driver, aiko: ShopifyStory) -> list[str]:
    """The states of every message of a shopper."""
    table, name = driver.connect("dynamodb"), driver.description["table_name"]
    store = driver.describe_store("shopify")["store_id"]
    identity = {"pk": {"S": f"{store}#I#email#{aiko.email}"}, "sk": {"S": "I"}}
    found = table.get_item(TableName=name, Key=identity).get("Item")
    if found is None:
        return []
    messages = table.query(
        TableName=name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :messages)",
        ExpressionAttributeValues={
            ":pk": {"S": f"{store}#C#{found['customer_id']['S']}"},
            ":messages": {"S": "M#"},
        },
    )
    return [item["state"]["S"] for item in messages["Items"]]


def test_cash_on_delivery_is_confirmed_by_a_tap(driver: Driver) -> None:
    email, phone, number = make_shopper()
    ben, shop = WooCommerceStory(email=email, phone=phone, number=number), driver.find_shop("woocommerce")
    cod = {"payment_method": "cod", "payment_method_title": "Cash on delivery", "date_paid_gmt": None}
    shop.post("order.created", ben.order("processing") | cod)
    asked = driver.await_message(phone, "order_confirmation_cod")
    assert asked["buttons"][0]["payload"] == f"CONFIRM_ORDER:{number}"
    driver.reply(phone, "woocommerce", button="Confirm my order")
    driver.await_message(phone, "order_cod_confirmed")
