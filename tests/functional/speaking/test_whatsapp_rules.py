"""Meta's caps, limits, prices and spellings, met over HTTP: handlers, queues, table, a real server."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from okaeri import wiring
from okaeri.adapters.numbers import DynamoNumbers
from okaeri.domain.evidence import MessageReceived
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.values import Channel
from tests.functional.local.conftest import NUMBER, WABA, Business, wait_for
from tests.functional.speaking.conftest import CUSTOMER, PHONE, Shop
from tests.functional.speaking.test_say_and_hear import hear, send

EVENTS = Path(__file__).parents[2] / "events/whatsapp"
FALLBACK = (Channel.EMAIL,)


def hear_all(shop: Shop, business: Business) -> None:
    """Every webhook so far goes to its function, and what it queues to the recorder."""
    wait_for(lambda: business.bodies)
    while business.bodies:
        body, signature = business.bodies.pop(0)
        assert shop.post_webhook(body, signature)["statusCode"] == 200
    assert shop.run("record_delivery", "StatusesQueue") == []


def test_what_meta_charges_settles_the_estimate(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    accepted = send(shop, shop.say())
    assert accepted.cost
    assert (accepted.cost.market, accepted.cost.category, accepted.cost.amount) == ("JP", "utility", None)
    assert not accepted.cost.settled
    hear(shop, business, accepted.provider_id or "", "read")
    settled = shop.read(accepted).cost
    assert settled
    assert (settled.settled, settled.type, settled.category) == (True, "regular", "utility")


def test_a_message_that_meta_withheld_is_really_sent_again_under_a_new_id(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("faults", code=131049, times=1)
    first = send(shop, shop.say())
    hear(shop, business, first.provider_id or "", "failed")
    parked = shop.read(first)
    assert (parked.state, parked.reason, shop.phones.shown(PHONE)) == (MessageState.PARKED, "131049", [])
    assert parked.parked_until
    assert parked.parked_until - wiring.read_clock() > timedelta(hours=23)

    a_day_later = shop.messages.move(
        parked, MessageState.PARKED, expected=(MessageState.PARKED,), at=wiring.read_clock(),
        parked_until=wiring.read_clock() - timedelta(seconds=1),
    )  # fmt: skip
    assert a_day_later
    shop.queue(a_day_later)
    again = send(shop, a_day_later)
    [shown] = shop.phones.shown(PHONE)
    assert again.provider_id == shown["id"] != first.provider_id
    hear(shop, business, shown["id"], "read")
    assert shop.read(again).state is MessageState.READ


def test_a_message_that_meta_holds_is_held_here_until_it_goes_out(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("hold", on=True)
    held = send(shop, shop.say())
    assert (held.state, shop.phones.shown(PHONE)) == (MessageState.HELD, [])
    assert shop.phones.control("hold", on=False) == {"held": 1}
    hear(shop, business, held.provider_id or "", "read")
    assert shop.read(held).state is MessageState.READ


def test_a_held_message_that_meta_drops_waits_for_its_template(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("hold", on=True)
    held = send(shop, shop.say())
    shop.phones.control("hold", on=False, drop=True)
    hear(shop, business, held.provider_id or "", "failed")
    assert (shop.read(held).state, shop.read(held).reason) == (MessageState.PARKED, "132015")


def test_a_flagged_number_keeps_marketing_waiting_from_its_notice_on(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.publish("cart_reminder_1")
    shop.phones.control("numbers", phone_number_id=NUMBER, event="FLAGGED", quality="RED", messaging_limit="TIER_2K")
    wait_for(lambda: {"FLAGGED", None} <= {value.get("event") for value in business.values})
    hear_all(shop, business)
    numbers = DynamoNumbers(wiring.connect_dynamodb(), shop.stack.table_name)
    state = numbers.get(NUMBER)
    assert state
    assert (state.tier, state.quality) == ("2000", "RED")

    reminder = shop.say("cart_reminder_1")
    assert shop.run("send_whatsapp", "WhatsappMarketingQueue") == []
    assert (shop.read(reminder).state, shop.read(reminder).reason) == (MessageState.PARKED, "number_quality_red")
    assert send(shop, shop.say(message_id="n" * 40)).state is MessageState.ACCEPTED
    assert numbers.count_opened(WABA, since=wiring.read_clock()) == 1


def test_one_person_more_than_the_limit_gets_the_order_message_by_e_mail(shop: Shop) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("numbers", phone_number_id=NUMBER, messaging_limit="TIER_1")
    assert send(shop, shop.say(fallback=FALLBACK)).state is MessageState.ACCEPTED
    shop.customers.save(CUSTOMER.model_copy(update={"version": 2, "phones": ("+819087654321",)}), sweep_at=None)
    refused = send(shop, shop.say(message_id="n" * 40, fallback=FALLBACK))
    assert (refused.state, refused.reason) == (MessageState.FAILED, "131048")


def test_what_aws_tells_of_a_number_that_it_hosts_is_heard_like_metas_own_webhook(shop: Shop) -> None:
    webhook = json.loads((EVENTS / "text_by_advertisement.json").read_text())
    notices = [
        json.dumps({"context": {"MetaWabaIds": []}, "whatsAppWebhookEntry": json.dumps(entry)})
        for entry in webhook["entry"]
    ]
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "r",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:1:aws-events",
        }
        for number, body in enumerate([*notices, "not a notice"])
    ]
    taken = shop.load("receive_whatsapp_event").lambda_handler({"Records": records}, None)
    assert taken == {"batchItemFailures": []}
    [heard] = shop.read_evidence()
    assert isinstance(heard.evidence, MessageReceived)
    assert heard.evidence.phone == "+5511987654321"
    assert len(shop.read_queue("QuarantineQueue")) == 1


def write_to_brazil(shop: Shop) -> Message:
    """An order message to a Brazilian, whose number Meta calls 551187654321."""
    shop.publish("order_confirmation")
    customer = CUSTOMER.model_copy(update={"version": 2, "phones": ("+5511987654321",), "country": "BR"})
    shop.customers.save(customer, sweep_at=None)
    return send(shop, shop.say())


def test_a_brazilian_is_one_person_to_the_shop_and_to_meta(shop: Shop, business: Business) -> None:
    message = write_to_brazil(shop)
    assert message.cost
    assert (message.state, message.address, message.cost.amount) == (
        MessageState.ACCEPTED,
        "+5511987654321",
        "0.0034",
    )
    assert shop.read_evidence() == []  # Meta's spelling of the number is no news
    shop.phones.reply("+55 11 98765-4321", text="Obrigada!")
    [said] = wait_for(lambda: business.messages)
    assert said["from"] == "551187654321"
    while business.bodies:
        body, signature = business.bodies.pop(0)
        shop.post_webhook(body, signature)
    [heard] = [e.evidence for e in shop.read_evidence() if isinstance(e.evidence, MessageReceived)]
    assert heard.phone == "+5511987654321"
