"""`okaeri dead-letters`, `quarantine`, `timers`, `privacy`: what could not be handled is seen, and handled again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from command_line.care import list_privacy_tasks, rebuild_timers, set_meta_app
from command_line.carriers import add_carrier
from command_line.failures import CommandFailure
from command_line.quarantine import list_quarantined, replay_quarantined
from command_line.queues import (
    count_messages,
    explain_message,
    list_dead_letters,
    name_as_functions_do,
    open_queues,
    redrive_dead_letters,
)
from command_line.secrets import read_secret
from command_line.stack import Stack
from command_line.stores import add_store
from okaeri.adapters import webhook_signatures
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.carriers import Carrier
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import CustomerWake, Envelope, PrivacyRequested
from okaeri.domain.stores import Platform
from okaeri.use_cases.receive_store_event import IsSigned
from tests.functional.command_line.stack import make_catalogue

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

type Asked = tuple[str, dict[str, str], bytes]  # path, headers with names in lower case, body

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SIGNED = {
    Platform.SHOPIFY: webhook_signatures.is_signed_by_shopify,
    Platform.WOOCOMMERCE: webhook_signatures.is_signed_by_woocommerce,
    Platform.STANDARD: webhook_signatures.is_signed_by_standard,
}


def make_envelope(number: int = 1) -> Envelope:
    return Envelope(
        id=f"e{number}", store_id="aya", source="test", received_at=NOW, evidence=CustomerWake(customer_id=f"c{number}")
    )


def bury(stack: Stack, queue: str, body: str, **more: str) -> None:
    stack.sqs.send_message(QueueUrl=stack.queues[queue], MessageBody=body, **more)  # type: ignore[arg-type]  # two texts


def receive(stack: Stack, queue: str) -> list[Any]:
    answer = stack.sqs.receive_message(
        QueueUrl=stack.queues[queue], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def test_a_dead_letter_is_explained_and_stays(stack: Stack) -> None:
    bury(stack, "EventsDeadLetters", make_envelope().to_body(), MessageGroupId="g")
    for _ in range(2):
        [letter] = list_dead_letters(stack)
        assert (letter.what, letter.store_id, letter.home) == ("customer.wake", "aya", "EventsQueue")
    assert count_messages(stack, "EventsDeadLetters") == 1


def test_a_redriven_event_keeps_its_group_and_gets_a_new_deduplication_id(stack: Stack) -> None:
    body = make_envelope().to_body()
    stack.sqs.send_message(
        QueueUrl=stack.queues["EventsQueue"], MessageBody=body, MessageGroupId="g", MessageDeduplicationId="first"
    )
    [before] = receive(stack, "EventsQueue")
    stack.sqs.delete_message(QueueUrl=stack.queues["EventsQueue"], ReceiptHandle=before["ReceiptHandle"])
    bury(stack, "EventsDeadLetters", body, MessageGroupId="g", MessageDeduplicationId="first")
    assert redrive_dead_letters(stack, "EventsDeadLetters") == (1, 0)
    [again] = receive(stack, "EventsQueue")
    assert (again["Body"], again["Attributes"]["MessageGroupId"]) == (body, "g")
    assert again["Attributes"]["MessageDeduplicationId"] != "first"
    assert count_messages(stack, "EventsDeadLetters") == 0


def test_a_timer_that_failed_and_a_wait_that_failed_go_where_they_belong(stack: Stack) -> None:
    bury(stack, "SchedulerDeadLetters", make_envelope(1).to_body())
    bury(stack, "DeadLetters", make_envelope(2).to_body())
    bury(stack, "DeadLetters", json.dumps({"source": "aws.ses", "detail": {}}))
    bury(stack, "DeadLetters", json.dumps({"requestContext": {}, "requestPayload": {}}))
    assert redrive_dead_letters(stack, "SchedulerDeadLetters") == (1, 0)
    assert redrive_dead_letters(stack, "DeadLetters") == (2, 1)
    assert [count_messages(stack, queue) for queue in ("EventsQueue", "SoonQueue", "StatusesQueue")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("arn", "home"),
    [
        ("arn:aws:sqs:us-east-1:1:okaeri-bulk.fifo", "BulkQueue"),
        ("arn:aws:sqs:us-east-1:1:okaeri-events.fifo", "EventsQueue"),
        ("arn:aws:sqs:us-east-1:1:okaeri-WhatsappMarketingQueue-AB12", "WhatsappMarketingQueue"),
        ("arn:aws:sqs:us-east-1:1:okaeri-EmailTransactionalQueue-AB12", "EmailTransactionalQueue"),
    ],
)
def test_aws_s_word_on_where_a_message_came_from_wins(arn: str, home: str) -> None:
    body = json.dumps({"store_id": "aya", "customer_id": "c", "message_id": "m"})
    assert explain_message("DeadLetters", {"Body": body, "Attributes": {"DeadLetterQueueSourceArn": arn}}).home == home
    target: MessageTypeDef = {
        "Body": body,
        "MessageAttributes": {"TARGET_ARN": {"StringValue": arn, "DataType": "String"}},
    }
    assert explain_message("SchedulerDeadLetters", target).home == home


def test_only_dead_letters_are_redriven(stack: Stack) -> None:
    with pytest.raises(CommandFailure, match="holds no dead letters"):
        redrive_dead_letters(stack, "EventsQueue")


def test_queues_have_the_names_that_functions_know_them_by() -> None:
    assert name_as_functions_do("WhatsappMarketingQueue") == "whatsapp_marketing"
    assert name_as_functions_do("EventsQueue") == "events"


@contextmanager
def front_door(
    answer: dict[str, Any], status: int = 200
) -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    """An API that gives one answer and remembers what it was asked: path, headers in lower case, body."""
    asked: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("platform", "domain", "secret", "topic"),
    [
        (Platform.SHOPIFY, "aya.myshopify.com", "shpss_1", "x-shopify-topic"),
        (Platform.WOOCOMMERCE, "aya.example", None, "x-wc-webhook-topic"),
        (Platform.STANDARD, "aya.example", None, None),
    ],
)
def test_a_quarantined_webhook_is_posted_again_with_a_good_signature(
    stack: Stack, platform: Platform, domain: str, secret: str | None, topic: str | None
) -> None:
    choices = {"name": "Aya", "domain": domain}
    add_store(stack, "aya", choices, platform=platform, secret=secret, catalogue=make_catalogue())
    body = b'{"id": 1, "note": "\\u0000 \xe3\x81\x82"}'
    open_queues(stack).quarantine("aya", f"{platform}:orders/create", body, path="line_items.0", reason="missing")
    [listed] = list_quarantined(stack)
    assert (listed.store_id, listed.path, listed.reason, listed.is_whole) == ("aya", "line_items.0", "missing", True)
    with front_door({"result": "queued"}) as (url, asked):
        [replay] = replay_quarantined(replace(stack, api_url=url))
    assert (replay.done, replay.result) == (True, "queued")
    [(path, headers, posted)] = asked
    stored = read_secret(stack, "/okaeri/okaeri/stores/aya/webhook")
    assert stored and path == "/stores/aya/events" and posted == body
    assert SIGNED[platform](posted, headers, [stored["current"]])
    assert topic is None or headers[topic] == "orders/create"
    assert count_messages(stack, "QuarantineQueue") == 0


@pytest.mark.parametrize(
    ("carrier", "is_signed"),
    [
        (Carrier.AFTERSHIP, webhook_signatures.is_signed_by_aftership),
        (Carrier.EASYPOST, webhook_signatures.is_signed_by_easypost),
        (Carrier.SHIPPO, webhook_signatures.is_signed_by_shippo),
    ],
)
def test_a_carriers_webhook_is_posted_again_to_the_carriers_address(
    stack: Stack, carrier: Carrier, is_signed: IsSigned
) -> None:
    choices = {"name": "Aya", "domain": "aya.example"}
    add_store(stack, "aya", choices, platform=Platform.STANDARD, catalogue=make_catalogue())
    open_queues(stack).quarantine("aya", f"{carrier}:tracking", b"{}", path="data", reason="missing")
    with front_door({"result": "queued"}) as (url, asked):
        [refused] = replay_quarantined(replace(stack, api_url=url))
        assert (refused.done, refused.result) == (False, "the store listens to it no more")
        add_carrier(stack, "aya", carrier, secret="its secret")
        [replay] = replay_quarantined(replace(stack, api_url=url))
    assert replay.done
    [(path, headers, posted)] = asked
    assert path == f"/carriers/aya/{carrier}"
    assert is_signed(posted, headers, ["its secret"])


def test_what_cannot_be_posted_stays_in_quarantine(stack: Stack) -> None:
    add_store(
        stack, "aya", {"name": "A", "domain": "aya.example"}, platform=Platform.WOOCOMMERCE, catalogue=make_catalogue()
    )
    open_queues(stack).quarantine("aya", "woocommerce:order.updated", b"{}", path="id", reason="missing")
    with front_door({"error": "try_again"}, status=503) as (url, _):
        [replay] = replay_quarantined(replace(stack, api_url=url))
    assert not replay.done
    [replay] = replay_quarantined(replace(stack, api_url="http://127.0.0.1:1"))
    assert not replay.done and "cannot be reached" in replay.result
    assert [entry.store_id for entry in list_quarantined(stack)] == ["aya"]


def test_timers_are_rebuilt_by_waking_every_customer_that_waits(stack: Stack) -> None:
    add_store(
        stack, "aya", {"name": "A", "domain": "aya.example"}, platform=Platform.STANDARD, catalogue=make_catalogue()
    )
    customers = DynamoCustomers(boto3.client("dynamodb"), stack.table_name)
    for store_id, name, days in (("aya", "c1", 1), ("aya", "c2", 390), ("aya", "c3", None), ("other", "c4", 1)):
        customer = Customer(store_id=store_id, customer_id=name, version=1, created_at=NOW)
        customers.save(customer, sweep_at=datetime.now(UTC) + timedelta(days=days) if days else None)
    assert rebuild_timers(stack, "aya") == 2
    woken = {Envelope.model_validate_json(message["Body"]).evidence for message in receive(stack, "EventsQueue")}
    assert woken == {CustomerWake(customer_id="c1", rearm=True), CustomerWake(customer_id="c2", rearm=True)}


def test_privacy_requests_are_listed_until_carried_out(stack: Stack) -> None:
    request = PrivacyRequested(request="erase_customer", at=NOW, store_customer_id="7", order_ids=("1", "2"))
    DynamoRecords(boto3.client("dynamodb"), stack.table_name, lambda: NOW).put_privacy_task("aya", "t1", request)
    assert list_privacy_tasks(stack, "aya") == [("t1", request)]
    assert list_privacy_tasks(stack, "other") == []


def test_the_meta_app_keeps_what_is_not_given_again(stack: Stack) -> None:
    first = set_meta_app(stack, app_secret="secret-1")
    assert len(first["verify_token"]) >= 24
    assert set_meta_app(stack, app_secret="secret-2") == {
        "app_secret": "secret-2",
        "verify_token": first["verify_token"],
    }
    with pytest.raises(CommandFailure, match="app secret"):
        set_meta_app(replace(stack, secrets_prefix="/okaeri/other"))
