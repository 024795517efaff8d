"""Meta packs up to 1,000 updates into one POST: each comes through, whatever it shares the POST with."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any

import requests

from local.story.shops import ShopifyStory
from tests.e2e.drive import Driver, digits, make_shopper

TIMEOUT_S = 10


def post_as_meta(driver: Driver, value: dict[str, Any]) -> int:
    """Posts one signed change of the field `messages` and gives back the status."""
    app = driver.description["whatsapp"]
    number = driver.describe_store("shopify")["phone_number_id"]
    change = {"field": "messages", "value": {"metadata": {"phone_number_id": number}, **value}}
    body = json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": app["waba_id"], "changes": [change]}]}
    ).encode()
    signature = hmac.new(app["app_secret"].encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
    return requests.post(app["webhook_url"], data=body, headers=headers, timeout=TIMEOUT_S).status_code


def make_status(number: int) -> dict[str, Any]:
    """A status of a message that another app of the account sent."""
    return {"id": f"wamid.{number}", "status": "delivered", "timestamp": str(int(time.time()))} | {
        "biz_opaque_callback_data": f"nobody/{number:024}/{number:040}"
    }


def make_text(phone: str, text: str) -> dict[str, Any]:
    """A text that a shopper wrote."""
    return {"id": f"wamid.{secrets.token_hex(16)}", "from": digits(phone), "timestamp": str(int(time.time()))} | {
        "type": "text",
        "text": {"body": text},
    }


def test_a_stop_among_a_thousand_updates_is_heard(driver: Driver) -> None:
    email, phone, number = make_shopper()
    aiko, shop = ShopifyStory(email=email, phone=phone, number=number), driver.find_shop("shopify")
    shop.post("orders/create", aiko.order())
    driver.await_message(phone, "order_confirmation_welcome")
    driver.reply(phone, "shopify", text="Hello")  # opens the window in which a text may be answered
    texts = [make_text(phone, "STOP"), *(make_text(make_shopper()[1], "Hello") for _ in range(20))]
    value = {"statuses": [make_status(each) for each in range(1000 - len(texts))], "messages": texts}
    assert post_as_meta(driver, value) == 200
    driver.await_message(phone, "text")
    shop.post("fulfillments/create", aiko.fulfillment())
    mails = driver.await_mails(email, 2)
    assert any("発送" in mail["subject"] for mail in mails)
    assert not any(template.startswith("shipment") for template in driver.list_templates(phone))
