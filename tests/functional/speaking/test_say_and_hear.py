"""A decided message goes out by Meta's API and its fate comes back: handlers, queues, table, a real server."""

from __future__ import annotations

from okaeri.domain.messages import MessageState
from tests.functional.local.conftest import Business, wait_for
from tests.functional.speaking.conftest import PHONE, Shop


def test_an_order_confirmation_reaches_the_phone_and_its_fate_the_table(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    message = shop.say()
    assert shop.run("send_whatsapp", "WhatsappTransactionalQueue") == []

    [shown] = shop.phones.shown(PHONE)
    assert shown["template"] == "order_confirmation_v1"
    assert 'Linen "Apron" <M>' in shown["text"]
    assert "#1001" in shown["text"]
    assert shown["biz_opaque_callback_data"] == f"kinari/{message.customer_id}/{message.message_id}"
    accepted = shop.read(message)
    assert accepted.state is MessageState.ACCEPTED
    assert accepted.address == PHONE
    assert accepted.provider_id == shown["id"]

    wait_for(lambda: any(s["status"] == "read" for s in business.statuses(shown["id"])))
    for body, signature in business.bodies:
        assert shop.post_webhook(body, signature)["statusCode"] == 200
    shop.run("record_delivery", "StatusesQueue")
    assert shop.read(message).state is MessageState.READ
