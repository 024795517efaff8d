"""The sweep as EventBridge calls it: due customers and parked messages from the table in, queues out."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest

from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.messages import DynamoMessages
from okaeri.domain.customers import Customer
from okaeri.domain.delivery import Turn, judge_turn
from okaeri.domain.evidence import CustomerWake, Envelope
from okaeri.domain.messages import Message, MessageState, QueuedMessage
from okaeri.domain.values import Channel, Purpose
from tests.functional.aws_from_template import MadeStack

NOW = datetime.now(UTC)
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)


@pytest.fixture
def sweep(deploy: Callable[[str], MadeStack]) -> Callable[[], None]:
    deploy("KeepHouse")
    sys.modules.pop("keep_house.handler", None)
    handler = importlib.import_module("keep_house.handler")
    return lambda: handler.lambda_handler({}, CONTEXT)


def read_bodies(made: MadeStack, queue: str) -> list[str]:
    answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url(queue), MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_customers_that_overslept_are_woken_once(sweep: Callable[[], None], made_stack: MadeStack) -> None:
    customers = DynamoCustomers(boto3.client("dynamodb"), made_stack.table_name)
    for number, ahead in enumerate([-3600, -1, 3600]):
        customer = Customer(store_id="aya", customer_id=f"c{number}", version=1, created_at=NOW)
        customers.save(customer, sweep_at=NOW + timedelta(seconds=ahead))
    sweep()
    sweep()
    woken = [Envelope.model_validate_json(body).evidence for body in read_bodies(made_stack, "EventsQueue")]
    assert sorted(e.customer_id for e in woken if isinstance(e, CustomerWake)) == ["c0", "c1"]


def test_a_parked_message_whose_time_came_is_sent_and_the_sender_may_take_it(
    sweep: Callable[[], None], made_stack: MadeStack
) -> None:
    messages = DynamoMessages(boto3.client("dynamodb"), made_stack.table_name, lambda: NOW)
    message = Message(
        message_id="m1", store_id="aya", customer_id="c1", channel=Channel.WHATSAPP, purpose=Purpose.MARKETING,
        template="review_request", locale="en", decided_at=NOW,
    )  # fmt: skip
    messages.create(message)
    parked_until = NOW - timedelta(minutes=1)
    messages.move(message, MessageState.PARKED, expected=[MessageState.DECIDED], at=NOW, parked_until=parked_until)
    sweep()
    sweep()
    [body] = read_bodies(made_stack, "WhatsappMarketingQueue")
    queued = QueuedMessage.model_validate_json(body)
    assert (queued.store_id, queued.customer_id, queued.message_id) == ("aya", "c1", "m1")
    stored = messages.get("aya", "c1", "m1")
    assert stored and judge_turn(stored, datetime.now(UTC)) is Turn.SEND
