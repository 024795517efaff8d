"""A decided message goes out by Meta's API and its fate comes back: handlers, queues, table, a real server."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters import whatsapp_graph, whatsapp_templates
from okaeri.adapters.due_index import DynamoDueIndex
from okaeri.adapters.whatsapp_templates import GraphTemplates, TemplateRefused
from okaeri.domain.customers import Consent
from okaeri.domain.evidence import ConsentSeen, MessageCheck, MessageOutcome, MessageReceived
from okaeri.domain.messages import Message, MessageRefs, MessageState
from okaeri.domain.values import Channel
from tests.functional.local.conftest import APP_SECRET, NUMBER, TOKEN, VERIFY_TOKEN, WABA, Business, wait_for
from tests.functional.speaking.conftest import CUSTOMER, EMAIL, PHONE, Shop, sign

SES_EVENTS = Path(__file__).parents[2] / "events/ses"
FALLBACK = (Channel.EMAIL,)


def hear(shop: Shop, business: Business, message_id: str, status: str) -> None:
    """Waits for the status and gives all webhooks so far to their function, and the statuses to theirs."""
    wait_for(lambda: any(heard["status"] == status for heard in business.statuses(message_id)))
    while business.bodies:
        body, signature = business.bodies.pop(0)
        assert shop.post_webhook(body, signature)["statusCode"] == 200
    assert shop.run("record_delivery", "StatusesQueue") == []


def send(shop: Shop, message: Message) -> Message:
    assert shop.run("send_whatsapp", "WhatsappTransactionalQueue") == []
    return shop.read(message)


def test_an_order_confirmation_reaches_the_phone_and_its_fate_the_table(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    accepted = send(shop, shop.say())

    [shown] = shop.phones.shown(PHONE)
    assert shown["template"] == "order_confirmation_v1"
    assert 'Linen "Apron" <M>' in shown["text"]
    assert "#1001" in shown["text"]
    assert shown["biz_opaque_callback_data"] == f"kinari/{accepted.customer_id}/{accepted.message_id}"
    assert (accepted.state, accepted.address) == (MessageState.ACCEPTED, PHONE)
    assert accepted.provider_id == shown["id"]

    hear(shop, business, shown["id"], "read")
    assert shop.read(accepted).state is MessageState.READ


def test_doubled_and_shuffled_statuses_come_to_the_same_end(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("statuses", doubled=True, shuffled=True, sent_s=0.01, delivered_s=0.02, read_s=0.03)
    accepted = send(shop, shop.say())
    wait_for(lambda: len(business.statuses(accepted.provider_id or "")) == 6)
    hear(shop, business, accepted.provider_id or "", "read")
    assert shop.read(accepted).state is MessageState.READ


def test_an_answer_that_was_lost_is_settled_by_the_status(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("faults", drop_response=True, times=1)
    lost = send(shop, shop.say())
    assert lost.state is MessageState.UNCONFIRMED
    shop.queue(lost)
    assert send(shop, lost).state is MessageState.UNCONFIRMED
    [shown] = shop.phones.shown(PHONE)
    hear(shop, business, shown["id"], "read")
    assert shop.read(lost).state is MessageState.READ


def test_a_time_out_is_a_lost_answer_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.publish("order_confirmation")
    monkeypatch.setattr(whatsapp_graph, "TIMEOUT_S", (2.0, 0.3))
    shop.phones.control("faults", timeout=True, times=1)
    assert send(shop, shop.say()).reason == "graph_answer_lost"


def test_where_nobody_listens_the_message_goes_back_to_its_queue(shop: Shop) -> None:
    shop.publish("order_confirmation")
    shop.graph_url = "http://127.0.0.1:9"  # the port "discard": refused
    message = send(shop, shop.say())
    assert (message.state, message.attempt, message.reason) == (MessageState.QUEUED, 1, "graph_unreachable")
    assert shop.count_delayed("WhatsappTransactionalQueue") == 1


def test_a_fault_of_meta_is_tried_again_and_then_sent_once(shop: Shop) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("faults", http_status=500, times=1)
    first = send(shop, shop.say())
    assert (first.state, first.attempt, first.reason) == (MessageState.QUEUED, 1, "131000")
    shop.queue(first)
    assert send(shop, first).state is MessageState.ACCEPTED
    assert len(shop.phones.shown(PHONE)) == 1


def test_who_is_not_on_whatsapp_is_found_out_by_the_status_and_told(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("faults", code=131026, times=1)
    accepted = send(shop, shop.say(fallback=FALLBACK))
    hear(shop, business, accepted.provider_id or "", "failed")
    assert (shop.read(accepted).state, shop.read(accepted).reason) == (MessageState.FAILED, "131026")
    [envelope] = shop.read_evidence()
    told = envelope.evidence
    assert isinstance(told, MessageOutcome)
    assert (told.outcome, told.code, told.address) == ("failed", "131026", PHONE)


def test_a_worker_without_time_for_an_attempt_hands_the_message_back(shop: Shop) -> None:
    shop.publish("order_confirmation")
    shop.time_left_ms = 11_000
    message = send(shop, shop.say())
    assert (message.state, message.attempt, shop.phones.shown(PHONE)) == (MessageState.QUEUED, 0, [])
    shop.time_left_ms = 30_000
    assert send(shop, message).state is MessageState.ACCEPTED


def test_an_order_message_with_a_fallback_is_looked_at_again(shop: Shop) -> None:
    shop.publish("order_confirmation")
    send(shop, shop.say(fallback=FALLBACK))
    assert shop.count_delayed("SoonQueue") == 1


def test_an_expired_token_parks_the_message_in_the_due_index(shop: Shop) -> None:
    shop.publish("order_confirmation")
    shop.put_secret("stores/kinari/whatsapp", token="expired")
    parked = send(shop, shop.say())
    assert (parked.state, parked.reason) == (MessageState.PARKED, "190")
    due = DynamoDueIndex(wiring.connect_dynamodb(), shop.stack.table_name)
    now = wiring.read_clock()
    assert list(due.list_due(now + timedelta(minutes=14))) == []
    [item] = due.list_due(now + timedelta(minutes=16))
    assert item.message_id == parked.message_id


def test_a_cart_reminder_goes_through_the_marketing_queue_with_its_way_out(shop: Shop) -> None:
    shop.publish("cart_reminder_1", "ja")
    message = shop.say("cart_reminder_1", locale="ja")
    assert shop.run("send_whatsapp", "WhatsappMarketingQueue") == []
    assert shop.read(message).state is MessageState.ACCEPTED
    [shown] = shop.phones.shown(PHONE)
    assert {"type": "QUICK_REPLY", "text": "お知らせを停止する", "payload": "STOP_MARKETING"}.items() <= {
        **shown["buttons"][-1], "type": shown["buttons"][-1]["type"].upper()
    }.items()  # fmt: skip


def test_stop_is_heard_and_its_confirmation_quotes_it(shop: Shop, business: Business) -> None:
    shop.publish("stop_confirmed")
    shop.phones.reply(PHONE, text="STOP", to=NUMBER)
    wait_for(lambda: business.messages)
    assert shop.post_webhook(*business.bodies.pop())["statusCode"] == 200
    [envelope] = shop.read_evidence()
    heard = envelope.evidence
    assert isinstance(heard, MessageReceived)
    assert (heard.text, heard.phone, envelope.store_id) == ("STOP", PHONE, "kinari")

    stopped = Consent(given=False, at=heard.at, source="whatsapp reply")
    change: dict[str, Any] = {"consents": {"whatsapp:all": stopped}, "window_opened_at": heard.at, "version": 2}
    shop.customers.save(CUSTOMER.model_copy(update=change), sweep_at=None)
    refs = MessageRefs(reply_to=heard.provider_id)
    answered = send(shop, shop.say("stop_confirmed", free_form=True, refs=refs))
    assert answered.state is MessageState.ACCEPTED
    [shown] = shop.phones.shown(PHONE)
    assert (shown["type"], "START" in shown["text"]) == ("text", True)


def test_a_choice_in_whatsapps_settings_becomes_a_consent(shop: Shop, business: Business) -> None:
    shop.phones.control("preferences", **{"from": PHONE, "to": NUMBER, "value": "stop"})
    wait_for(lambda: business.values)
    shop.post_webhook(*business.bodies.pop())
    [envelope] = shop.read_evidence()
    assert isinstance(envelope.evidence, ConsentSeen)
    assert (envelope.evidence.given, envelope.evidence.buyer.phone) == (False, PHONE)


def test_a_template_that_meta_pauses_is_known_to_be_paused(shop: Shop, business: Business) -> None:
    shop.publish("order_confirmation")
    business.bodies.clear()
    shop.phones.control("templates", name="order_confirmation_v1", status="PAUSED")
    wait_for(lambda: business.values)
    for body, signature in business.bodies:
        shop.post_webhook(body, signature)
    shop.run("record_delivery", "StatusesQueue")
    assert send(shop, shop.say(fallback=FALLBACK)).reason == "template_paused"
    shop.phones.control("templates", name="order_confirmation_v1", status="APPROVED")


# The front door


def test_the_handshake_answers_with_the_bare_challenge(shop: Shop) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "115820"}
    event = {"requestContext": {"http": {"method": "GET"}}, "queryStringParameters": query}
    answer = shop.load("receive_whatsapp_event").lambda_handler(event, None)
    assert (answer["statusCode"], answer["body"]) == (200, "115820")
    assert answer["headers"]["content-type"].startswith("text/plain")
    query["hub.verify_token"] = "guess"
    assert shop.load("receive_whatsapp_event").lambda_handler(event, None)["statusCode"] == 403


def test_a_webhook_that_meta_did_not_sign_is_refused(shop: Shop) -> None:
    assert shop.post_webhook(b"{}", "sha256=" + "0" * 64)["statusCode"] == 401
    assert shop.post_webhook(b"{}", "")["statusCode"] == 401


def test_a_signed_body_that_cannot_be_read_is_quarantined_and_answered_200(shop: Shop) -> None:
    body = b'{"object": 7, "entry": "?"}'
    assert shop.post_webhook(body, sign(body, APP_SECRET))["statusCode"] == 200
    [kept] = shop.read_queue("QuarantineQueue")
    assert (kept["source"], kept["path"]) == ("whatsapp", "body.entry")


def test_a_queue_that_is_away_is_a_5xx_so_that_meta_keeps_the_event(shop: Shop, business: Business) -> None:
    shop.phones.reply(PHONE, text="Hello", to=NUMBER)
    wait_for(lambda: business.messages)
    handler = shop.load("receive_whatsapp_event")
    boto3.client("sqs").delete_queue(QueueUrl=shop.stack.queue_url("EventsQueue"))
    with pytest.raises(Exception, match="NonExistentQueue"):  # API Gateway answers 500 to a function that raised
        body, signature = business.bodies.pop()
        handler.lambda_handler(shop.make_post(body, signature), None)


# E-mail


def send_email(shop: Shop, message: Message, queue: str = "EmailTransactionalQueue") -> Message:
    assert shop.run("send_email", queue) == []
    return shop.read(message)


def test_an_order_mail_is_sent_with_tags_and_its_bounce_is_told(shop: Shop) -> None:
    boto3.client("sesv2").create_email_identity(EmailIdentity="hello@kinari.example")
    shop.publish("order_confirmation", status=None)
    sent = send_email(shop, shop.say(channel=Channel.EMAIL))
    assert (sent.state, sent.address) == (MessageState.ACCEPTED, EMAIL)

    event = json.loads((SES_EVENTS / "bounce_permanent.json").read_text())
    boto3.client("sqs").send_message(QueueUrl=shop.stack.queue_url("StatusesQueue"), MessageBody=json.dumps(event))
    assert shop.run("record_delivery", "StatusesQueue") == []
    assert shop.read(sent).state is MessageState.FAILED
    [envelope] = shop.read_evidence()
    assert isinstance(envelope.evidence, MessageOutcome)
    assert (envelope.evidence.outcome, envelope.evidence.address) == ("bounced", EMAIL)


def test_an_address_of_the_shop_that_is_not_verified_parks_the_mail(shop: Shop) -> None:
    shop.publish("order_confirmation", status=None)
    parked = send_email(shop, shop.say(channel=Channel.EMAIL))
    assert (parked.state, parked.reason) == (MessageState.PARKED, "ses_not_verified")


def test_a_body_that_nobody_sends_fails_alone(shop: Shop) -> None:
    shop.publish("order_confirmation")
    accepted = send(shop, shop.say())
    url = shop.stack.queue_url("StatusesQueue")
    chunk = {"schema": 1, "reports": [{"kind": "whatsapp", "provider_id": accepted.provider_id, "status": "read",
             "at": "2026-11-02T10:00:00Z", "ref": f"kinari/{accepted.customer_id}/{accepted.message_id}"}]}  # fmt: skip
    for body in ("{}", json.dumps(chunk), "not json"):
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    assert len(shop.run("record_delivery", "StatusesQueue")) == 2
    assert shop.read(accepted).state is MessageState.READ


# Templates at Meta


def test_templates_are_listed_page_by_page_and_known_by_exact_name_and_language(shop: Shop) -> None:
    english = shop.publish("order_confirmation")
    japanese = shop.publish("order_confirmation", "ja")
    graph = GraphTemplates(base_url=shop.phones.address, version="v24.0", waba_id=WABA, token=TOKEN)
    found = {(name, language) for name, language, _ in graph.list()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whatsapp_templates, "PAGE", 1)
        assert {(name, language) for name, language, _ in graph.list()} == found
    assert {("order_confirmation_v1", "en"), ("order_confirmation_v1", "ja")} <= found
    for template in (english, japanese):
        state = graph.get_state(template)
        assert state and (state.status, state.category) == ("APPROVED", "UTILITY")
    assert graph.get_state(english.model_copy(update={"version": 9})) is None
    with pytest.raises(TemplateRefused):
        graph.create(english, public_url="https://api.example.com")


def test_the_engine_can_look_at_a_message_by_the_check_that_was_sent(shop: Shop) -> None:
    shop.publish("order_confirmation")
    shop.phones.control("faults", drop_response=True, times=1)
    shop.patience_s = 0
    send(shop, shop.say())
    [envelope] = shop.read_evidence("SoonQueue")
    assert isinstance(envelope.evidence, MessageCheck)
