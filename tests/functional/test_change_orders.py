"""What a shopper wished for in a chat, from the queue to the shop's own API, and back on the events queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import requests

from okaeri.adapters import keys
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.queues import read_envelope
from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import Purpose
from tests.functional.action_queue import open_actions
from tests.functional.aws_from_template import STACK_NAME, MadeStack
from tests.functional.local.conftest import running

DOMAIN = "kinari.myshopify.com"
type Give = Callable[..., dict[str, list[dict[str, str]]]]


@pytest.fixture(scope="module")
def shops() -> Iterator[str]:
    with running("local.shops") as url:
        yield url


def control(url: str, call: str, body: dict[str, Any]) -> None:
    assert requests.post(f"{url}/_/{call}", json=body, timeout=10).status_code == 200


@pytest.fixture
def give(deploy: Callable[[str], MadeStack], shops: str, made_stack: MadeStack) -> Give:
    deploy("CarryOutActions")
    shop = {"store_id": "kinari", "platform": "shopify", "domain": DOMAIN, "token": "shpat_1"}
    order = {
        "id": 1001, "name": "#1001", "currency": "JPY", "total_price": "10100", "financial_status": "paid",
        "fulfillment_status": None, "line_items": [], "refunds": [],
    }  # fmt: skip
    control(shops, "reset", {})
    control(shops, "configure", {"shops": [shop], "cancel_s": 0})
    control(shops, "orders", {"store": "kinari", "order": order})
    store = Store(
        store_id="kinari", name="Kinari", platform=Platform.SHOPIFY, domain=DOMAIN, site_url="https://kinari.example"
    )
    boto3.client("dynamodb").put_item(
        TableName=made_stack.table_name,
        Item={"pk": {"S": keys.store_key("kinari")}, "sk": {"S": keys.STORE}, "body": encode_body(store)},
    )
    boto3.client("ssm").put_parameter(
        Name=f"/okaeri/{STACK_NAME}/stores/kinari/api",
        Value=json.dumps({"token": "shpat_1", "url": f"{shops}/{DOMAIN}"}),
        Type="SecureString",
    )
    perform = open_actions(made_stack)

    def invoke(received: int = 1, **changes: Any) -> dict[str, list[dict[str, str]]]:
        return perform(make_request(**changes), received)

    return invoke


def make_request(**changes: Any) -> ActionRequest:
    values = {
        "store_id": "kinari", "customer_id": "c1", "action_id": "a" * 40, "kind": "change", "target": "cancel",
        "journey": "talk-cancel-order", "purpose": Purpose.ORDER, "refs": {"order.id": "1001"},
        "requested_at": datetime.now(UTC),
    }  # fmt: skip
    return ActionRequest.model_validate(values | changes)


def hear(made: MadeStack) -> list[dict[str, str]]:
    answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url("EventsQueue"), MaxNumberOfMessages=10)
    found = [read_envelope(message["Body"]).evidence for message in answer.get("Messages", [])]
    return [evidence.data for evidence in found if isinstance(evidence, ActionDone)]


def test_an_order_is_cancelled_in_the_shop_and_the_talk_hears_what_that_brought(
    give: Give, made_stack: MadeStack
) -> None:
    assert give() == {"batchItemFailures": []}
    assert hear(made_stack) == [{"outcome": "done", "refund": "10100", "currency": "JPY"}]


def test_a_wish_that_the_shop_refuses_is_told_at_once(give: Give, made_stack: MadeStack) -> None:
    assert give(target="return") == {"batchItemFailures": []}
    assert hear(made_stack) == [{"outcome": "refused", "reason": "refused"}]


def test_a_shop_in_trouble_is_tried_twice_more_and_then_a_person_looks_after_it(
    give: Give, shops: str, made_stack: MadeStack
) -> None:
    control(shops, "faults", {"http_status": 503})
    for received in (1, 2):
        assert give(received)["batchItemFailures"]
    assert give(3) == {"batchItemFailures": []}
    assert hear(made_stack) == [{"outcome": "failed", "reason": "store_busy"}]


GIFT: dict[str, Any] = {
    "kind": "coupon",
    "target": "",
    "journey": "surprise-gift",
    "refs": {},
    "data": {"percent": "10", "days": "60", "minimum": "50", "worth": "8", "budget": "12"},
}


def list_made(shops: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = requests.get(f"{shops}/_/coupons", params={"store": "kinari"}, timeout=10).json()
    return made


def test_a_code_is_made_in_the_shop_within_the_budget_and_one_order_uses_it(
    give: Give, made_stack: MadeStack, shops: str
) -> None:
    assert give(**GIFT) == {"batchItemFailures": []}
    assert give(**GIFT, received=2) == {"batchItemFailures": []}  # the same request again
    assert give(**GIFT, action_id="b" * 40) == {"batchItemFailures": []}
    first, again, refused = hear(made_stack)
    assert first == again and refused == {"reason": "over_budget"}
    [made] = list_made(shops)
    assert (made["code"], made["uses"], first["percent"]) == (first["code"], 1, "10")
    assert first["code"].startswith("KINARI-")
    order = {"id": 2001, "total_price": "100", "discount_codes": [{"code": first["code"].lower()}]}
    control(shops, "orders", {"store": "kinari", "order": order})
    second = {"store": "kinari", "order": order | {"id": 2002}}
    assert requests.post(f"{shops}/_/orders", json=second, timeout=10).status_code == 400


def test_a_code_that_the_shop_does_not_let_us_make_leaves_the_budget_to_others(
    give: Give, made_stack: MadeStack, shops: str
) -> None:
    shop = {"store_id": "kinari", "platform": "shopify", "domain": DOMAIN, "token": "shpat_1"}
    control(shops, "configure", {"shops": [shop | {"scopes": ["read_orders"]}]})
    give(**GIFT)
    control(shops, "configure", {"shops": [shop]})
    give(**GIFT, action_id="b" * 40)
    refused, made = hear(made_stack)
    assert refused == {"reason": "codes_not_allowed"}
    assert made["percent"] == "10"
