"""A consent that the store is told, from the queue to the store's own API, and back on the bulk queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.queues import read_envelope
from okaeri.domain.customers import Consent, Customer
from okaeri.domain.evidence import ActionDone
from okaeri.domain.records import ActionRequest
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.domain.values import Purpose
from tests.functional.action_queue import open_actions
from tests.functional.aws_from_template import STACK_NAME, MadeStack
from tests.functional.local.conftest import running

DOMAIN = "kinari.myshopify.com"
NOW = datetime.now(UTC)
type Give = Callable[..., dict[str, list[dict[str, str]]]]


@pytest.fixture(scope="module")
def shops() -> Iterator[str]:
    with running("local.shops") as url:
        yield url


def control(url: str, call: str, body: dict[str, Any]) -> None:
    assert requests.post(f"{url}/_/{call}", json=body, timeout=10).status_code == 200


def read_person(url: str) -> dict[str, Any]:
    [person] = requests.get(f"{url}/_/customers", params={"store": "kinari"}, timeout=10).json()
    found: dict[str, Any] = person
    return found


@pytest.fixture
def give(deploy: Callable[[str], MadeStack], shops: str, made_stack: MadeStack) -> Give:
    """Jana, whom the store knows, and the function that is given what the engine asks for."""
    deploy("CarryOutActions")
    control(shops, "reset", {})
    access = {"store_id": "kinari", "platform": "shopify", "domain": DOMAIN, "token": "shpat_1"}
    control(shops, "configure", {"shops": [access]})
    control(shops, "customers", {"store": "kinari", "customer": {"id": 77, "email": "jana@example.de"}})
    store = Store(
        store_id="kinari", name="Kinari", platform=Platform.SHOPIFY, domain=DOMAIN, site_url="https://kinari.example",
        settings=StoreSettings(write_consent=("email", "whatsapp")),
    )  # fmt: skip
    boto3.client("dynamodb").put_item(
        TableName=made_stack.table_name,
        Item={"pk": {"S": keys.store_key("kinari")}, "sk": {"S": keys.STORE}, "body": encode_body(store)},
    )
    boto3.client("ssm").put_parameter(
        Name=f"/okaeri/{STACK_NAME}/stores/kinari/api",
        Value=json.dumps({"token": "shpat_1", "url": f"{shops}/{DOMAIN}"}),
        Type="SecureString",
    )
    save_customer(made_stack)
    perform = open_actions(made_stack)

    def invoke(received: int = 1, **changes: Any) -> dict[str, list[dict[str, str]]]:
        request = ActionRequest.model_validate(
            {
                "store_id": "kinari", "customer_id": "c1", "action_id": "a" * 40, "kind": "consent", "target": "email",
                "journey": "", "purpose": Purpose.MARKETING, "requested_at": NOW,
            } | changes
        )  # fmt: skip
        return perform(request, received)

    return invoke


def save_customer(made: MadeStack, **changes: Any) -> None:
    refused = Consent(given=False, at=NOW - timedelta(minutes=2), source="unsubscribe_page")
    customer = Customer(
        store_id="kinari", customer_id="c1", version=1, created_at=NOW, emails=("jana@example.de",),
        store_customer_ids=("77",), consents={"email:marketing": refused},
    )  # fmt: skip
    customers = DynamoCustomers(wiring.connect_dynamodb(), made.table_name)
    customers.save(customer.model_copy(update=changes), sweep_at=None)


def hear(made: MadeStack) -> list[tuple[bool, dict[str, str]]]:
    """What came of it, taken off the queue."""
    sqs, url = boto3.client("sqs"), made.queue_url("BulkQueue")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    found = [read_envelope(message["Body"]).evidence for message in messages]
    return [(evidence.ok, evidence.data) for evidence in found if isinstance(evidence, ActionDone)]


def test_an_unsubscription_is_written_to_the_store_and_the_engine_hears_of_it(
    give: Give, shops: str, made_stack: MadeStack
) -> None:
    assert give() == {"batchItemFailures": []}
    assert read_person(shops)["email_marketing_consent"]["state"] == "unsubscribed"
    assert hear(made_stack) == [(True, {"channel": "email", "given": "no", "written": "yes"})]
    give(action_id="b" * 40)
    assert hear(made_stack) == [(True, {"channel": "email", "given": "no", "written": "no"})]


def test_a_later_word_wins_over_an_earlier_one_that_still_waits(give: Give, shops: str, made_stack: MadeStack) -> None:
    control(shops, "faults", {"http_status": 503, "times": 1})
    assert len(give()["batchItemFailures"]) == 1
    agreed = Consent(given=True, at=NOW, source="confirmation_page")
    save_customer(made_stack, version=2, consents={"email:marketing": agreed})
    give(received=2)
    consent = read_person(shops)["email_marketing_consent"]
    assert (consent["state"], consent["opt_in_level"]) == ("subscribed", "confirmed_opt_in")
    assert hear(made_stack) == [(True, {"channel": "email", "given": "yes", "written": "yes"})]


def test_a_store_that_stays_down_is_given_up_with_the_reason(give: Give, shops: str, made_stack: MadeStack) -> None:
    control(shops, "faults", {"http_status": 503, "times": 1})
    assert give(received=5) == {"batchItemFailures": []}
    assert hear(made_stack) == [(False, {"channel": "email", "reason": "http_503", "status": "503"})]


def test_somebody_whom_the_store_does_not_know_is_told_of_nobody(give: Give, made_stack: MadeStack) -> None:
    save_customer(made_stack, version=2, store_customer_ids=())
    give()
    assert hear(made_stack) == [(False, {"channel": "email", "reason": "no_store_customer"})]
