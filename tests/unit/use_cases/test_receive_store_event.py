"""Receiving a store's webhook: who is believed, what is answered, what is queued or put aside."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okaeri.domain.evidence import OrderSeen
from okaeri.domain.stores import Store
from okaeri.errors import GiveUp, TryAgain
from okaeri.use_cases.receive_store_event import Request
from receive_store_event import shopify
from tests.fakes import FakeQueues
from tests.store_webhooks import (
    KRAUT,
    NAMI,
    SECRET,
    STANDARD_SECRET,
    make_receiver,
    read_event,
    send_shopify,
    send_standard,
    send_woocommerce,
    sign_hmac,
    to_body,
)

ORDER = read_event("shopify/orders_create")
EVENT = {"type": "order.paid", "data": {"order_id": "A-1"}}


def receive(request: Request, **limits: Any) -> tuple[int, dict[str, object], FakeQueues]:
    queues = FakeQueues()
    response = make_receiver(queues, **limits)(request)
    return response.status, dict(response.body), queues


def test_a_signed_order_is_queued_and_answered_200() -> None:
    status, body, queues = receive(send_shopify("orders/create", ORDER))
    assert (status, body["result"]) == (200, "queued")
    [(_, envelope)] = queues.evidence
    assert envelope.source == "shopify:orders/create"
    assert isinstance(envelope.evidence, OrderSeen)
    assert envelope.evidence.order.order_id == "820982911946154508"


def test_a_paused_store_still_receives() -> None:
    queues = FakeQueues()
    store = NAMI.model_copy(update={"paused": "uninstalled"})
    assert make_receiver(queues, store)(send_shopify("orders/create", ORDER)).status == 200
    assert len(queues.evidence) == 1


def test_a_repeated_delivery_has_the_same_id_and_another_topic_another() -> None:
    def name(topic: str, **headers: str) -> str:
        _, _, queues = receive(send_shopify(topic, ORDER, **headers))
        return queues.evidence[0][1].id

    first = name("orders/create", event_id="e-1", webhook_id="w-1")
    assert first == name("orders/create", event_id="e-1", webhook_id="w-2")
    assert first != name("orders/paid", event_id="e-1")
    assert first != name("orders/create", event_id="e-2")
    assert name("orders/create", webhook_id="w-1") != name("orders/create", webhook_id="w-2")


def test_equal_payloads_of_two_stores_have_two_ids() -> None:
    other = NAMI.model_copy(update={"store_id": "nami-2"})
    queues = FakeQueues()
    receiver = make_receiver(queues, NAMI, other, secrets={"stores/nami-2/webhook": {"current": SECRET}})
    request = send_shopify("orders/create", ORDER)
    receiver(request)
    receiver(replace(request, store_id="nami-2"))
    assert len({envelope.id for _, envelope in queues.evidence}) == 2


@pytest.mark.parametrize("store_id", ["nobody", "", "../nami", "x" * 3000, "nami\x00"])
def test_an_unknown_store_is_404(store_id: str) -> None:
    status, body, _ = receive(replace(send_shopify("orders/create", ORDER), store_id=store_id))
    assert (status, body["error"]) == (404, "unknown_store")


@pytest.mark.parametrize("signature", ["", "x", "ümlaut", "=" * 44, sign_hmac(b"another body")])
def test_a_wrong_signature_is_401(signature: str) -> None:
    request = send_shopify("orders/create", ORDER)
    status, body, queues = receive(replace(request, headers={**request.headers, "x-shopify-hmac-sha256": signature}))
    assert (status, body["error"]) == (401, "bad_signature")
    assert not queues.evidence


def test_the_previous_secret_counts_while_secrets_are_changed() -> None:
    secrets = {"stores/nami/webhook": {"current": "new", "previous": SECRET}}
    assert receive(send_shopify("orders/create", ORDER), secrets=secrets)[0] == 200
    assert receive(send_shopify("orders/create", ORDER, secret="new"), secrets=secrets)[0] == 200
    assert receive(send_shopify("orders/create", ORDER, secret="older"), secrets=secrets)[0] == 401


def test_shopifys_headers_without_x_are_accepted() -> None:
    request = send_shopify("orders/create", ORDER)
    headers = {name.removeprefix("x-"): value for name, value in request.headers.items()}
    assert receive(replace(request, headers=headers))[0] == 200


def test_headers_of_one_set_do_not_vouch_for_the_other() -> None:
    """Only the body is signed: a copied X-Shopify-Hmac must not be read with a foreign shop's other headers."""
    request = send_shopify("orders/create", ORDER)
    headers = {**request.headers, "shopify-hmac-sha256": request.headers["x-shopify-hmac-sha256"]}
    assert receive(replace(request, headers=headers))[0] == 401


def test_another_shop_of_the_same_app_is_401() -> None:
    status, body, _ = receive(send_shopify("orders/create", ORDER, shop_domain="other.myshopify.com"))
    assert (status, body["error"]) == (401, "other_shop")


def test_a_shop_domain_in_capitals_is_the_same_shop() -> None:
    assert receive(send_shopify("orders/create", ORDER, shop_domain="Nami-Works.myshopify.com"))[0] == 200


@pytest.mark.parametrize("body", [b"", b"{", b'{"id": 1,}', b"\xff\xfe{", b"id=1", b'{"id": "\xe9"}'])
def test_broken_json_is_400(body: bytes) -> None:
    for request in (send_shopify("orders/create", body), send_shopify("carts/update", body)):
        status, answer, _ = receive(request)
        assert (status, answer["error"]) == (400, "broken_json")


def test_a_body_over_the_limit_is_413_before_anything_else() -> None:
    request = replace(send_shopify("orders/create", ORDER), store_id="nobody")
    assert receive(request, body_limit=1000)[0] == 413


def test_broken_json_without_a_signature_is_401() -> None:
    request = send_shopify("orders/create", b"{")
    assert receive(replace(request, headers={**request.headers, "x-shopify-hmac-sha256": "x"}))[0] == 401


@pytest.mark.parametrize("signed_over", ["packed", "unpacked"])
def test_a_gzipped_body_is_read_whichever_bytes_were_signed(signed_over: str) -> None:
    body = to_body(ORDER)
    packed = gzip.compress(body)
    request = send_shopify("orders/create", packed if signed_over == "packed" else body)
    headers = {**request.headers, "content-encoding": "gzip"}
    status, answer, queues = receive(replace(request, headers=headers, body=packed))
    assert (status, answer["result"], len(queues.evidence)) == (200, "queued", 1)


def test_a_gzip_bomb_is_413() -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    assert receive(send_shopify("orders/create", bomb), unpacked_limit=1_000_000)[0] == 413


def test_a_truncated_gzip_is_400() -> None:
    packed = gzip.compress(to_body(ORDER))[:-20]
    assert receive(send_shopify("orders/create", packed))[0] == 400


def test_an_order_of_several_megabytes_is_queued() -> None:
    order = json.loads(json.dumps(ORDER))
    order["line_items"] = [{**order["line_items"][0], "id": number} for number in range(2_500)]
    body = to_body(order)
    assert len(body) > 3_000_000
    _, answer, queues = receive(send_shopify("orders/create", body))
    assert answer["result"] == "queued"
    evidence = queues.evidence[0][1].evidence
    assert isinstance(evidence, OrderSeen)
    assert len(evidence.order.lines) == 2_500


def test_what_the_models_refuse_is_quarantined_and_answered_200() -> None:
    body = to_body({**ORDER, "total_price": "much"})
    status, answer, queues = receive(send_shopify("orders/create", body))
    assert (status, answer["result"]) == (200, "quarantined")
    [(store_id, source, raw, path, reason)] = queues.quarantined
    assert (store_id, source, raw, path) == ("nami", "shopify:orders/create", body, "total_price")
    assert "much" not in reason


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7", b"{}", b"[" * 100_000 + b"]" * 100_000])
def test_json_that_is_no_order_is_quarantined(body: bytes) -> None:
    assert receive(send_shopify("orders/create", body))[1]["result"] == "quarantined"
    assert receive(send_woocommerce("order.created", body))[1]["result"] == "quarantined"


@pytest.mark.parametrize("topic", ["carts/update", "orders/edited", "customers_marketing_consent/update", "brand/new"])
def test_a_topic_that_we_do_not_use_is_answered_200_and_dropped(topic: str) -> None:
    status, answer, queues = receive(send_shopify(topic, {"id": 1}))
    assert (status, answer["result"]) == (200, "ignored")
    assert not queues.evidence
    assert not queues.quarantined


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_three_of_anything_in_place_of_an_amount_is_quarantined(mark: bytes) -> None:
    payload = to_body(read_event("shopify/orders_create") | {"total_price": [None, None, None]})
    assert receive(send_shopify("orders/create", mark + payload))[1]["result"] == "quarantined"


def test_a_missing_topic_is_quarantined() -> None:
    status, answer, _ = receive(send_shopify("", ORDER))
    assert (status, answer["result"]) == (200, "quarantined")


def test_woocommerces_unsigned_ping_is_answered_exactly_200() -> None:
    ping = Request("kraut", {"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=4")
    status, answer, queues = receive(ping)
    assert (status, answer) == (200, {"result": "pong"})
    assert not queues.evidence


@pytest.mark.parametrize("body", [b"webhook_id=4&x=1", b"webhook_id=", b'{"id":1}', b"webhook_id=4 OR 1"])
def test_nothing_else_unsigned_passes_for_a_ping(body: bytes) -> None:
    assert receive(Request("kraut", {}, body))[0] == 401


def test_a_ping_is_woocommerces_alone() -> None:
    assert receive(Request("nami", {}, b"webhook_id=4"))[0] == 401


def test_a_queue_that_cannot_be_reached_keeps_the_event_with_its_sender() -> None:
    queues = FakeQueues(failing=True)
    with pytest.raises(TryAgain):
        make_receiver(queues)(send_shopify("orders/create", ORDER))


def test_a_store_without_a_secret_keeps_the_event_with_its_sender() -> None:
    other = NAMI.model_copy(update={"store_id": "new"})
    with pytest.raises(GiveUp):
        make_receiver(FakeQueues(), other)(replace(send_shopify("orders/create", ORDER), store_id="new"))


def test_evidence_too_large_for_a_queue_is_quarantined() -> None:
    class SmallQueues(FakeQueues):
        def send_evidence(self, *args: object, **lane: object) -> None:
            raise GiveUp("evidence_too_large")

    queues = SmallQueues()
    response = make_receiver(queues)(send_shopify("orders/create", ORDER))
    assert response.status == 200
    assert queues.quarantined[0][4] == "evidence_too_large"


def test_an_event_of_our_own_api_is_answered_202() -> None:
    status, answer, queues = receive(send_standard(EVENT))
    assert (status, answer["result"]) == (202, "queued")
    assert queues.evidence[0][1].source == "standard:order.paid"


def test_our_own_api_tells_a_mistake_instead_of_putting_it_aside() -> None:
    status, answer, queues = receive(send_standard({"type": "order.paid", "data": {}}))
    assert (status, answer["error"], answer["at"]) == (422, "invalid_event", "data.order_id")
    assert not queues.quarantined


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_event_of_our_own_api_is_good_for_five_minutes(minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert receive(send_standard(EVENT, at=at))[0] == 401


def test_one_good_signature_among_strange_ones_is_enough() -> None:
    request = send_standard(EVENT)
    good = request.headers["webhook-signature"]
    for others in ("nonsense", "v1,no-base64", "v1a,xyz", "v1,AAAA", ","):
        headers = {**request.headers, "webhook-signature": f"{others} {good}"}
        assert receive(replace(request, headers=headers))[0] == 202
        assert receive(replace(request, headers={**headers, "webhook-signature": others}))[0] == 401


def sign_packed(packed: bytes, webhook_id: str, at: datetime) -> str:
    """As a client signs the bytes that it sends; the library signs text alone."""
    key = base64.b64decode(STANDARD_SECRET.removeprefix("whsec_"))
    signed = f"{webhook_id}.{int(at.timestamp())}.".encode() + packed
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


@pytest.mark.parametrize("signed_over", ["packed", "unpacked"])
def test_a_gzipped_event_is_read_whichever_bytes_were_signed(signed_over: str) -> None:
    now = datetime.now(UTC)
    request, packed = send_standard(EVENT, at=now), gzip.compress(to_body(EVENT))
    headers = dict(request.headers)
    if signed_over == "packed":
        headers["webhook-signature"] = sign_packed(packed, headers["webhook-id"], now)
    assert receive(replace(request, headers=headers, body=packed))[0] == 202
    assert receive(replace(request, headers=headers, body=gzip.compress(b"{}")))[0] == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_gzipped_event_is_good_for_five_minutes_too(minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    request, packed = send_standard(EVENT, at=at), gzip.compress(to_body(EVENT))
    headers = {**request.headers, "webhook-signature": sign_packed(packed, request.headers["webhook-id"], at)}
    assert receive(replace(request, headers=headers, body=packed))[0] == 401


def test_a_store_whose_previous_secret_is_broken_still_knows_its_current_one() -> None:
    request = send_standard(EVENT, secret="whsec_" + "QUJD" * 8)
    secrets = {"stores/sol/webhook": {"current": "not base64 ü", "previous": "whsec_" + "QUJD" * 8}}
    assert receive(request, secrets=secrets)[0] == 202


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(topic=st.sampled_from([*shopify.TOPICS, "carts/update", ""]), payload=json_values)
def test_any_signed_json_is_answered_200_by_shopifys_rules(topic: str, payload: object) -> None:
    request = send_shopify(topic, json.dumps(payload).encode())
    assert receive(request)[0] == 200


@settings(max_examples=200, deadline=None)
@given(data=st.data(), store=st.sampled_from([NAMI, KRAUT]))
def test_a_real_payload_with_anything_in_one_place_is_answered_200(data: st.DataObject, store: Store) -> None:
    """Every field of a real payload, one after the other, holds what it should not."""
    is_shopify = store is NAMI
    names = {
        "orders/updated": "shopify/orders_cancelled",
        "orders/fulfilled": "shopify/orders_updated",
        "checkouts/update": "shopify/checkouts_update",
        "fulfillments/update": "shopify/fulfillments_update",
        "refunds/create": "shopify/refunds_create",
        "products/update": "shopify/products_update",
    }
    woo_names = {
        "order.updated": "woocommerce/order_updated_tracking",
        "order.created": "woocommerce/order_updated_refunded",
        "product.updated": "woocommerce/product_updated",
        "customer.updated": "woocommerce/customer_updated",
    }
    topics = names if is_shopify else woo_names
    topic = data.draw(st.sampled_from(sorted(topics)))
    payload: Any = read_event(topics[topic])
    place = payload
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(json_values)
        break
    body = json.dumps(payload).encode()
    request = send_shopify(topic, body) if is_shopify else send_woocommerce(topic, body)
    status, answer, queues = receive(request)
    assert status == 200
    assert answer["result"] in ("queued", "quarantined", "ignored")
    for _, envelope in queues.evidence:
        assert type(envelope).model_validate_json(envelope.to_body()).evidence == envelope.evidence


@settings(max_examples=100, deadline=None)
@given(payload=json_values, kind=st.sampled_from(["order.placed", "cart.updated", "consent.given", "x", None]))
def test_any_signed_json_is_taken_or_explained_by_our_own_api(payload: object, kind: str | None) -> None:
    event = {"type": kind, "data": payload} if kind else payload
    status, answer, _ = receive(send_standard(json.dumps(event).encode()))
    assert status in (202, 422)
    assert status == 202 or answer["errors"]


@settings(max_examples=150, deadline=None)
@given(position=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=6), which=st.integers(0, 2))
def test_a_signature_with_one_flipped_bit_is_401(position: int, bit: int, which: int) -> None:
    request, header = (
        (send_shopify("orders/create", {"id": 1}), "x-shopify-hmac-sha256"),
        (send_woocommerce("order.created", {"id": 1}), "x-wc-webhook-signature"),
        (send_standard(EVENT), "webhook-signature"),
    )[which]
    signature = request.headers[header]
    position %= len(signature)
    flipped = signature[:position] + chr(ord(signature[position]) ^ (1 << bit)) + signature[position + 1 :]
    assert receive(replace(request, headers={**request.headers, header: flipped}))[0] == 401


@settings(max_examples=60, deadline=None)
@given(position=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_a_body_with_one_flipped_bit_is_401(position: int, bit: int) -> None:
    request = send_woocommerce("order.created", {"id": 1, "total": "92.20"})
    position %= len(request.body)
    body = bytearray(request.body)
    body[position] ^= 1 << bit
    assert receive(replace(request, body=bytes(body)))[0] == 401
