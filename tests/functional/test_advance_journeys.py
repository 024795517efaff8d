"""advance_journeys as Lambda calls it: a batch from SQS in; table, queues and schedules out."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from command_line import records
from command_line.journeys import switch_journey
from command_line.publish import publish_catalogue
from command_line.stack import Stack
from okaeri import wiring
from okaeri.adapters.companions import DynamoCompanions
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.interests import DynamoInterests
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.queues import SqsQueues
from okaeri.adapters.shelf import DynamoShelf
from okaeri.domain.evidence import (
    Envelope,
    Evidence,
    InterestSeen,
    OrderSeen,
    ProductSeen,
    ShipmentSeen,
    TrackingSeen,
    WaitingDue,
)
from okaeri.domain.messages import Message, QueuedMessage
from okaeri.domain.orders import Buyer, Order, OrderLine, Payment, Product, Shipment, ShipmentStatus, Variant
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import Lane
from tests.functional.aws_from_template import MadeStack

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

NOW = datetime.now(UTC).replace(microsecond=0)
STORE = Store(
    store_id="kinari",
    name="Kinari",
    platform=Platform.SHOPIFY,
    domain="kinari.myshopify.com",
    site_url="https://kinari.example",
    locale="ja",
    time_zone="Asia/Tokyo",
    currency="JPY",
    from_email="hello@kinari.example",
)


def open_command_line(made: MadeStack) -> Stack:
    """The stack as `okaeri` sees it."""
    return Stack(
        name="okaeri",
        api_url="https://api.example",
        table_name=made.table_name,
        secrets_prefix="/okaeri/okaeri",
        graph_api_url="https://graph.example",
        graph_api_version="v24.0",
    )


@pytest.fixture
def stack(deploy: Callable[[str], MadeStack]) -> MadeStack:
    """The store, its journeys and templates as `okaeri` publishes them, and the function's environment."""
    made = deploy("AdvanceJourneys")
    command_line = open_command_line(made)
    records.create_store(command_line, STORE)
    publish_catalogue(command_line, [STORE.store_id])
    return made


@pytest.fixture
def advance(stack: MadeStack) -> Callable[[str], list[str]]:
    """Feeds a queue to the function until nothing comes; returns the bodies that failed."""
    sys.modules.pop("advance_journeys.handler", None)
    handler = importlib.import_module("advance_journeys.handler")
    sqs = wiring.connect_sqs()

    def run(queue: str) -> list[str]:
        failed: dict[str, str] = {}
        url = stack.queue_url(queue)
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages"):
            answer = handler.lambda_handler(make_batch(messages, stack.arns[queue]), None)
            fresh = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            failed |= {m["MessageId"]: m["Body"] for m in messages if m["MessageId"] in fresh}
            for message in messages:
                if message["MessageId"] not in fresh:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return list(failed.values())

    return run


def make_batch(messages: list[MessageTypeDef], arn: str) -> dict[str, Any]:
    """The event that Lambda makes of messages."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": "us-east-1",
            }
            for message in messages
        ]
    }


def make_order(updated_at: datetime = NOW) -> Order:
    line = OrderLine(line_id="l1", product_id="p1", title='Linen "Apron" <M>', quantity=1, price=Decimal(4800))
    return Order(
        order_id="820982911946154508",
        name="#1001",
        created_at=NOW,
        updated_at=updated_at,
        buyer=Buyer(store_customer_id="7", email="hanako@example.jp", first_name="花子", locale="ja-JP"),
        currency="JPY",
        lines=(line,),
        total=Decimal(4800),
        payment=Payment.PAID,
    )


def see_order(envelope_id: str = "w1", topic: str = "orders/create", updated_at: datetime = NOW) -> Envelope:
    return Envelope(
        id=envelope_id,
        store_id="kinari",
        source=f"shopify:{topic}",
        received_at=NOW,
        evidence=OrderSeen(order=make_order(updated_at)),
    )


def send(stack: MadeStack, *envelopes: Envelope) -> None:
    SqsQueues(wiring.connect_sqs(), {"events": stack.queue_url("EventsQueue")}).send_evidence(envelopes)


def read_messages(stack: MadeStack) -> list[Message]:
    """The message items that the e-mail queue's entries point to."""
    sqs, url = wiring.connect_sqs(), stack.queue_url("EmailTransactionalQueue")
    bodies = [m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]
    queued = [QueuedMessage.model_validate_json(body) for body in bodies]
    kept = DynamoMessages(wiring.connect_dynamodb(), stack.table_name, wiring.read_clock)
    found = [kept.get(entry.store_id, entry.customer_id, entry.message_id) for entry in queued]
    return [message for message in found if message]


def test_an_order_becomes_one_confirmation_however_often_it_is_told(
    stack: MadeStack, advance: Callable[[str], list[str]]
) -> None:
    send(stack, see_order(), see_order("w2", "orders/paid"))
    assert advance("EventsQueue") == []
    send(stack, see_order("w3", "orders/updated", updated_at=NOW + timedelta(seconds=1)))
    assert advance("EventsQueue") == []
    [message] = read_messages(stack)
    assert message.refs.order_id == "820982911946154508"
    assert message.locale == "ja"


def test_a_poison_event_is_reported_and_the_order_behind_it_is_confirmed(
    stack: MadeStack, advance: Callable[[str], list[str]]
) -> None:
    wiring.connect_sqs().send_message(
        QueueUrl=stack.queue_url("EventsQueue"), MessageBody='{"schema":1}', MessageGroupId="poison"
    )
    send(stack, see_order())
    assert advance("EventsQueue") == ['{"schema":1}']
    assert len(read_messages(stack)) == 1


def test_a_parcel_before_its_order_waits_for_it_in_the_table(
    stack: MadeStack, advance: Callable[[str], list[str]]
) -> None:
    shipment = Shipment(shipment_id="f1", status=ShipmentStatus.SHIPPED, at=NOW)
    evidence = ShipmentSeen(order_id="820982911946154508", shipment=shipment)
    send(
        stack,
        Envelope(id="w0", store_id="kinari", source="shopify:fulfillments/create", received_at=NOW, evidence=evidence),
    )
    assert advance("EventsQueue") == []
    table = Table(wiring.connect_dynamodb(), stack.table_name)
    pk = "kinari#K#order:820982911946154508"
    assert [item["sk"]["S"] for item in table.query(pk)] == ["P#w0"]
    send(stack, see_order())
    assert advance("EventsQueue") == []
    assert [item["sk"]["S"] for item in table.query(pk)] == ["K"]
    assert {message.template for message in read_messages(stack)} >= {"shipment_shipped"}


def test_a_product_that_the_store_tells_of_stands_on_the_shelf_of_the_finder(
    stack: MadeStack, advance: Callable[[str], list[str]]
) -> None:
    variant = Variant(variant_id="1", price=Decimal("4800.00"), in_stock=True)
    product = Product(product_id="p1", title="Linen Apron", updated_at=NOW, status="active", variants=(variant,))
    for envelope_id, seen in (("w1", product), ("w2", product.model_copy(update={"tags": ("linen",)}))):
        evidence = ProductSeen(product=seen)
        source = "shopify:products/update"
        send(stack, Envelope(id=envelope_id, store_id="kinari", source=source, received_at=NOW, evidence=evidence))
        assert advance("EventsQueue") == []
    shelf = DynamoShelf(wiring.connect_dynamodb(), stack.table_name, wiring.read_clock)
    [entry] = shelf.list_entries("kinari")
    assert (entry.title, entry.price, entry.tags) == ("Linen Apron", "4800", ("linen",))


def test_those_who_wait_for_a_product_are_told_in_turn_and_the_rest_has_a_timer(
    stack: MadeStack, advance: Callable[[str], list[str]]
) -> None:
    queues = SqsQueues(
        wiring.connect_sqs(),
        {name: stack.queue_url(f"{name.title()}Queue") for name in ("events", "bulk", "soon")},
    )
    asked = [
        InterestSeen(
            wish="stock",
            product_id="p1",
            variant_id="v1",
            buyer=Buyer(email=f"s{number}@example.jp"),
            at=NOW - timedelta(minutes=10 - number),
        )
        for number in range(4)
    ]
    stocks = [make_stock(quantity, NOW - timedelta(minutes=2 - quantity)) for quantity in (0, 1)]
    heard: list[Evidence] = [*asked, *stocks]
    for number, evidence in enumerate(heard):
        queues.send_evidence([wrap(evidence, f"e{number}")])
    assert advance("EventsQueue") == []
    delayed = wiring.connect_sqs().get_queue_attributes(
        QueueUrl=stack.queue_url("SoonQueue"), AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )
    # Back in stock, and perhaps a launch; both wait until the product is settled.
    assert delayed["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "2"
    due = WaitingDue(news="back_in_stock", product_id="p1", at=NOW)
    for attempt in ("first", "again"):
        queues.send_evidence([wrap(due, attempt)], lane=Lane.MARKETING)
        assert advance("BulkQueue") == []
    interests = DynamoInterests(wiring.connect_dynamodb(), stack.table_name, lambda: NOW)
    waiting = interests.list_waiting("kinari", "p1", wish="stock", most=9)
    assert [interest.at for interest in waiting] == [asked[3].at]
    [timer] = wiring.connect_scheduler().list_schedules(GroupName=stack.references["ScheduleGroup"])["Schedules"]
    assert timer["Name"]


def make_stock(quantity: int, at: datetime) -> ProductSeen:
    variant = Variant(variant_id="v1", quantity=quantity, in_stock=quantity > 0)
    return ProductSeen(product=Product(product_id="p1", title="Apron", updated_at=at, variants=(variant,)))


def wrap(evidence: Evidence, key: str) -> Envelope:
    return Envelope(id=key, store_id="kinari", source="standard test", received_at=NOW, evidence=evidence)


@pytest.mark.parametrize("on", [True, False])
def test_purchases_are_counted_only_where_a_journey_that_recommends_is_on(
    stack: MadeStack, advance: Callable[[str], list[str]], on: bool
) -> None:
    switch_journey(open_command_line(stack), "kinari", "recommendations", on=on)
    send(stack, see_order())
    assert advance("EventsQueue") == []
    order = make_order()
    lines = tuple(order.lines[0].model_copy(update={"line_id": name, "product_id": name}) for name in ("p2", "p3"))
    second = order.model_copy(update={"order_id": "820982911946154509", "name": "#1002", "lines": lines})
    seen = OrderSeen(order=second)
    send(stack, Envelope(id="w2", store_id="kinari", source="shopify:orders/create", received_at=NOW, evidence=seen))
    assert advance("EventsQueue") == []
    companions = DynamoCompanions(wiring.connect_dynamodb(), stack.table_name, wiring.read_clock)
    together = {name: sorted(others) for name, others in companions.get_many("kinari", ["p1", "p2"]).items()}
    assert together == ({"p1": ["p2", "p3"], "p2": ["p1", "p3"]} if on else {})


def track(envelope_id: str, status: ShipmentStatus) -> Envelope:
    shipment = Shipment(shipment_id="", status=status, at=NOW, by_carrier=True, scanned_at=NOW)
    return Envelope(
        id=envelope_id,
        store_id="kinari",
        source="aftership:tracking_update",
        received_at=NOW,
        evidence=TrackingSeen(source="aftership", tracking_number="4811 00", shipment=shipment),
    )


def test_a_carriers_word_finds_the_order_by_its_number_before_and_after_it(
    stack: MadeStack, advance: Callable[[str], list[str]]
) -> None:
    settings = STORE.settings.model_copy(update={"carriers": ("aftership",)})
    records.change_store(
        open_command_line(stack), "kinari", lambda store: store.model_copy(update={"settings": settings})
    )
    send(stack, track("t1", ShipmentStatus.OUT_FOR_DELIVERY))
    assert advance("EventsQueue") == []
    assert read_messages(stack) == []
    sent = Shipment(shipment_id="f1", status=ShipmentStatus.SHIPPED, at=NOW, tracking_number="481100")
    order = make_order().model_copy(update={"shipments": (sent,)})
    send(stack, see_order().model_copy(update={"evidence": OrderSeen(order=order)}))
    assert advance("EventsQueue") == []
    assert "shipment_out_for_delivery" in {message.template for message in read_messages(stack)}
    send(stack, track("t2", ShipmentStatus.DELIVERED), track("t2", ShipmentStatus.DELIVERED))
    assert advance("EventsQueue") == []
    told = [message.template for message in read_messages(stack)]
    assert told.count("shipment_delivered") == 1
