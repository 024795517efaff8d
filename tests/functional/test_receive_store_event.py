"""receive_store_event as it is deployed: recorded webhooks with real signatures in, the stack's queues out."""

from __future__ import annotations

import base64
import gzip
import importlib
import io
import json
import logging
import sys
from collections.abc import Callable
from copy import replace
from typing import Any, cast

import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.queues import SqsQueues, read_envelope, read_quarantined
from okaeri.domain.carriers import ADDRESS_TOKEN, Carrier
from okaeri.domain.evidence import CartSeen, Envelope, OrderChanged, OrderSeen, TrackingSeen
from okaeri.domain.stores import Store
from okaeri.errors import TryAgain
from okaeri.use_cases.receive_store_event import Request
from tests.functional.aws_from_template import MadeStack
from tests.store_webhooks import (
    KRAUT,
    NAMI,
    SECRET,
    SOL,
    STANDARD_SECRET,
    read_event,
    send_carrier,
    send_shopify,
    send_standard,
    send_woocommerce,
    to_body,
)

Handler = Callable[..., dict[str, Any]]
CARRIERS_EVENTS = {
    Carrier.AFTERSHIP: "carriers/aftership_customs",
    Carrier.EASYPOST: "carriers/easypost_out_for_delivery",
    Carrier.SHIPPO: "carriers/shippo_notice_left",
}


@pytest.fixture
def stack(deploy: Callable[[str], MadeStack]) -> MadeStack:
    stack = deploy("ReceiveStoreEvent")
    add_store(stack, NAMI, {"current": SECRET})
    add_store(stack, KRAUT, {"current": SECRET})
    add_store(stack, SOL, {"current": "whsec_" + base64.b64encode(bytes(32)).decode(), "previous": STANDARD_SECRET})
    return stack


@pytest.fixture
def call(stack: MadeStack, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The handler, freshly imported: it reads its settings at start."""
    monkeypatch.delitem(sys.modules, "receive_store_event.handler", raising=False)
    handler = importlib.import_module("receive_store_event.handler")

    def send(request: Request, *, base64_body: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = handler.lambda_handler(make_call(request, base64_body=base64_body), None)
        return {**answer, "body": json.loads(answer["body"])}

    return send


def add_store(stack: MadeStack, store: Store, secrets: dict[str, str]) -> None:
    wiring.connect_dynamodb().put_item(
        TableName=stack.table_name,
        Item={"pk": {"S": keys.store_key(store.store_id)}, "sk": {"S": keys.STORE}, "body": encode_body(store)},
    )
    name = f"/okaeri/okaeri/stores/{store.store_id}/webhook"
    wiring.connect_ssm().put_parameter(Name=name, Value=json.dumps(secrets), Type="SecureString")


def make_call(request: Request, *, base64_body: bool = False) -> dict[str, Any]:
    """What API Gateway's HTTP API hands over, payload format 2.0."""
    if request.carrier:
        return make_carrier_call(request)
    path = f"/stores/{request.store_id}/events"
    body = base64.b64encode(request.body).decode() if base64_body else request.body.decode()
    return {
        "version": "2.0",
        "routeKey": "POST /stores/{store_id}/events",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(request.headers),
        "requestContext": {"http": {"method": "POST", "path": path, "sourceIp": "203.0.113.9"}, "stage": "$default"},
        "pathParameters": {"store_id": request.store_id},
        "body": body,
        "isBase64Encoded": base64_body,
    }


def make_carrier_call(request: Request) -> dict[str, Any]:
    """The same for a carrier's webhook, whose token is in its address."""
    path = f"/carriers/{request.store_id}/{request.carrier}"
    token = request.headers.get(ADDRESS_TOKEN)
    call: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "POST /carriers/{store_id}/{carrier}",
        "rawPath": path,
        "rawQueryString": f"token={token}" if token else "",
        "headers": {name: value for name, value in request.headers.items() if name != ADDRESS_TOKEN},
        "requestContext": {"http": {"method": "POST", "path": path, "sourceIp": "203.0.113.9"}, "stage": "$default"},
        "pathParameters": {"store_id": request.store_id, "carrier": request.carrier},
        "body": request.body.decode(),
        "isBase64Encoded": False,
    }
    return call | ({"queryStringParameters": {"token": token}} if token else {})


def take(stack: MadeStack, queue: str = "EventsQueue") -> list[str]:
    messages = wiring.connect_sqs().receive_message(QueueUrl=stack.queue_url(queue), MaxNumberOfMessages=10)
    return [message["Body"] for message in messages.get("Messages", [])]


def take_evidence(stack: MadeStack) -> Envelope:
    [body] = take(stack)
    return read_envelope(body)


def test_a_shopify_order_reaches_the_events_queue(stack: MadeStack, call: Handler) -> None:
    answer = call(send_shopify("orders/create", read_event("shopify/orders_create"), event_id="e-1"))
    assert (answer["statusCode"], answer["body"]["result"]) == (200, "queued")
    assert answer["headers"]["content-type"] == "application/json"
    envelope = take_evidence(stack)
    assert (envelope.store_id, envelope.source) == ("nami", "shopify:orders/create")
    assert isinstance(envelope.evidence, OrderSeen)
    assert envelope.evidence.order.lines[0].title == 'Linen "Apron" <M>'


def test_a_doubled_webhook_is_in_the_queue_once(stack: MadeStack, call: Handler) -> None:
    webhook = send_shopify("orders/create", read_event("shopify/orders_create"), event_id="e-1")
    assert [call(webhook)["statusCode"] for _ in range(3)] == [200, 200, 200]
    assert len(take(stack)) == 1


def test_a_base64_body_is_the_same_as_a_plain_one(stack: MadeStack, call: Handler) -> None:
    webhook = send_woocommerce("order.updated", read_event("woocommerce/order_updated_tracking"))
    assert call(webhook, base64_body=True)["statusCode"] == 200
    evidence = take_evidence(stack).evidence
    assert isinstance(evidence, OrderSeen)
    assert len(evidence.order.shipments) == 2


def test_a_gzipped_body_with_header_names_in_capitals(stack: MadeStack, call: Handler) -> None:
    webhook = send_shopify("checkouts/update", gzip.compress(to_body(read_event("shopify/checkouts_update"))))
    headers = {name.title(): value for name, value in webhook.headers.items()}
    answer = call(replace(webhook, headers={**headers, "Content-Encoding": "gzip"}), base64_body=True)
    assert answer["statusCode"] == 200
    assert isinstance(take_evidence(stack).evidence, CartSeen)


def test_an_event_of_our_own_api_signed_with_the_previous_secret(stack: MadeStack, call: Handler) -> None:
    event = {"type": "order.cancelled", "data": {"order_id": 7, "reason": "sold out"}}
    assert call(send_standard(event))["statusCode"] == 202
    evidence = take_evidence(stack).evidence
    assert isinstance(evidence, OrderChanged)
    assert (evidence.order_id, evidence.change, evidence.reason) == ("7", "cancelled", "sold out")


def test_a_signed_payload_that_the_models_refuse_is_put_aside_whole(stack: MadeStack, call: Handler) -> None:
    body = to_body({**read_event("shopify/orders_create"), "total_price": None})
    assert call(send_shopify("orders/create", body))["statusCode"] == 200
    assert take(stack) == []
    bodies = take(stack, "QuarantineQueue")
    assert json.loads(bodies[0])["path"] == "total_price"
    assert read_quarantined(bodies) == body


def test_a_pasted_woocommerce_address_is_pinged_and_answered_200(stack: MadeStack, call: Handler) -> None:
    ping = Request("kraut", {"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=4")
    assert call(ping, base64_body=True)["statusCode"] == 200
    assert take(stack) == []


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"store_id": "nobody"}, 404, "unknown_store"),
        ({"headers": {}}, 401, "bad_signature"),
        ({"body": b"{}"}, 401, "bad_signature"),
    ],
)
def test_before_trust_an_answer_names_the_mistake(
    stack: MadeStack, call: Handler, change: dict[str, Any], status: int, error: str
) -> None:
    answer = call(replace(send_shopify("orders/create", {"id": 1}), **change))
    assert (answer["statusCode"], answer["body"]["error"]) == (status, error)
    assert answer["body"]["fix"]
    assert take(stack) == []


def test_a_body_that_is_missing_is_no_crash(stack: MadeStack, call: Handler) -> None:
    assert call(Request("nami", {}, b""))["statusCode"] == 401


def test_a_queue_that_does_not_answer_is_503_and_the_sender_keeps_the_event(
    call: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise TryAgain("aws_unreachable")

    monkeypatch.setattr(SqsQueues, "send_evidence", refuse)
    answer = call(send_shopify("orders/create", read_event("shopify/orders_create")))
    assert (answer["statusCode"], answer["body"]["error"]) == (503, "try_again")


def test_no_personal_data_reaches_the_log(call: Handler) -> None:
    log = io.StringIO()
    [handler] = logging.getLogger("receive_store_event").handlers
    cast("logging.StreamHandler[io.StringIO]", handler).setStream(log)
    order = {**read_event("shopify/orders_create"), "total_price": "hazuki.sato@example.jp"}
    call(send_shopify("orders/create", order))
    call(send_standard({"type": "order.placed", "data": {"customer": {"email": "hazuki.sato@example.jp"}}}))
    logged = log.getvalue()
    assert logged.count("webhook refused") == 2
    assert "hazuki" not in logged.lower()


@pytest.mark.parametrize("carrier", Carrier)
def test_a_carriers_webhook_reaches_the_events_queue_with_its_own_secret(
    stack: MadeStack, call: Handler, carrier: Carrier
) -> None:
    webhook = send_carrier(carrier, read_event(CARRIERS_EVENTS[carrier]))
    name = f"/okaeri/okaeri/stores/nami/{carrier}/webhook"
    wiring.connect_ssm().put_parameter(Name=name, Value=json.dumps({"current": SECRET}), Type="SecureString")
    assert call(webhook)["statusCode"] == 200
    envelope = take_evidence(stack)
    assert isinstance(envelope.evidence, TrackingSeen)
    assert envelope.source.startswith(f"{carrier}:")
    assert call(replace(webhook, headers={}))["statusCode"] == 401


def test_a_carrier_that_the_store_has_not_added_is_unknown(stack: MadeStack, call: Handler) -> None:
    answer = call(send_carrier(Carrier.EASYPOST, read_event(CARRIERS_EVENTS[Carrier.EASYPOST])))
    assert (answer["statusCode"], answer["body"]["error"]) == (404, "carrier_not_added")


def test_shippo_is_believed_by_the_token_in_its_address_and_by_no_header(stack: MadeStack, call: Handler) -> None:
    name = "/okaeri/okaeri/stores/nami/shippo/webhook"
    wiring.connect_ssm().put_parameter(Name=name, Value=json.dumps({"current": "a-token"}), Type="SecureString")
    webhook = send_carrier(Carrier.SHIPPO, read_event(CARRIERS_EVENTS[Carrier.SHIPPO]), token="a-token")
    assert call(webhook)["statusCode"] == 200
    forged = make_carrier_call(replace(webhook, headers={}))
    forged["headers"] = {ADDRESS_TOKEN: "another-token"}
    handler = importlib.import_module("receive_store_event.handler")
    assert handler.lambda_handler(forged, None)["statusCode"] == 401
