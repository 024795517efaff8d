"""A shop with published templates, a shopper and an order; Meta is the stand-in, AWS is moto."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.templates import DynamoTemplates
from okaeri.adapters.whatsapp_templates import GraphTemplates
from okaeri.domain.customers import Consent, Customer
from okaeri.domain.evidence import Envelope
from okaeri.domain.messages import Message, MessageRefs, MessageState, QueuedMessage
from okaeri.domain.orders import Buyer, Cart, Order, OrderLine, Payment
from okaeri.domain.records import CartRecord, OrderRecord
from okaeri.domain.stores import Contact, Platform, Store, StoreSettings
from okaeri.domain.templates import Template, TemplateState
from okaeri.domain.values import Channel, Purpose
from tests.catalogue import load_templates
from tests.functional.aws_from_template import API_URL, STACK_NAME, MadeStack
from tests.functional.local.conftest import (
    APP_SECRET,
    NUMBER,
    TOKEN,
    VERIFY_TOKEN,
    WABA,
    Phones,
    business,
    phones,
    wait_for,
    whatsapp_address,
)

__all__ = ["business", "phones", "whatsapp_address"]  # fixtures

Json = dict[str, Any]

NOW = datetime.now(UTC).replace(microsecond=0)
PHONE = "+819012345678"
EMAIL = "aiko@example.jp"
STORE = Store(
    store_id="kinari",
    name="Kinari",
    platform=Platform.SHOPIFY,
    domain="kinari.myshopify.com",
    site_url="https://kinari.example",
    locale="en",
    country="JP",
    time_zone="Asia/Tokyo",
    currency="JPY",
    from_email="hello@kinari.example",
    contact=Contact(person="Mio", email="help@kinari.example"),
    phone_number_id=NUMBER,
    waba_id=WABA,
    settings=StoreSettings(marketing_hours=("00:00", "00:00")),  # whenever the tests run
)
CUSTOMER = Customer(
    store_id="kinari",
    customer_id="c" * 40,
    version=1,
    created_at=NOW,
    first_name="Aiko",
    locale="en",
    country="JP",
    time_zone=f"Etc/GMT{datetime.now(UTC).hour - 12:+}",  # where it is noon, whenever the tests run
    phones=(PHONE,),
    emails=(EMAIL,),
    consents={
        name: Consent(given=True, at=NOW, source="test")
        for name in ("whatsapp:order", "whatsapp:marketing", "email:marketing")
    },
)
ORDER = Order(
    order_id="1001",
    name="#1001",
    created_at=NOW,
    updated_at=NOW,
    buyer=Buyer(email=EMAIL, phone=PHONE, first_name="Aiko", country="JP"),
    currency="JPY",
    lines=(OrderLine(line_id="1", product_id="77", title='Linen "Apron" <M>', quantity=2, price=Decimal(5400)),),
    total=Decimal(10800),
    payment=Payment.PAID,
    status_url="https://kinari.example/orders/1001",
)
CART = Cart(
    token="cart1",
    buyer=ORDER.buyer,
    lines=ORDER.lines,
    currency="JPY",
    total=Decimal(10800),
    url="https://kinari.example/cart/cart1",
    updated_at=NOW,
)


@cache
def index_templates() -> dict[tuple[str, str], Template]:
    """The shipped templates by name and locale."""
    return {(template.name, template.locale): template for template in load_templates()}


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of itself, as far as ours ask."""

    left_ms: int

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@dataclass
class Shop:
    """The table, the queues and the functions of one stack."""

    stack: MadeStack
    phones: Phones
    set_variable: Callable[[str, str], None]
    graph_url: str = ""
    patience_s: int = 900
    time_left_ms: int = 30_000

    def __post_init__(self) -> None:
        client, table = wiring.connect_dynamodb(), self.stack.table_name
        self.templates = DynamoTemplates(client, table)
        self.customers = DynamoCustomers(client, table)
        self.records = DynamoRecords(client, table, wiring.read_clock)
        self.messages = DynamoMessages(client, table, wiring.read_clock)
        self.put_item(keys.store_key("kinari"), keys.STORE, body=encode_body(STORE))
        self.put_item(keys.phone_key(NUMBER), keys.PHONE, store_id={"S": "kinari"})
        self.put_item(keys.STORES, "kinari")
        self.customers.save(CUSTOMER, sweep_at=None)
        self.records.put_order(OrderRecord(store_id="kinari", order_id="1001", order=ORDER, version=1))
        self.records.put_cart(CartRecord(store_id="kinari", token="cart1", cart=CART, version=1))
        self.put_secret("stores/kinari/whatsapp", token=TOKEN)
        self.put_secret("stores/kinari/links", key="link-key")
        self.put_secret("meta-app", app_secret=APP_SECRET, verify_token=VERIFY_TOKEN)
        self._handlers: dict[str, Any] = {}

    def put_item(self, pk: str, sk: str, **attributes: Any) -> None:
        """As the command line writes stores and templates."""
        item = {"pk": {"S": pk}, "sk": {"S": sk}, **attributes}
        boto3.client("dynamodb").put_item(TableName=self.stack.table_name, Item=item)

    def put_secret(self, name: str, **values: str) -> None:
        boto3.client("ssm").put_parameter(
            Name=f"/okaeri/{STACK_NAME}/{name}", Value=json.dumps(values), Type="SecureString", Overwrite=True
        )

    def publish(self, name: str, locale: str = "en", status: str | None = "APPROVED") -> Template:
        """Publishes a shipped template; where `status` is given, Meta has it too and says so."""
        template = index_templates()[name, locale]
        self.put_item(keys.template_key("kinari", name), locale, body=encode_body(template))
        if status and template.whatsapp:
            graph = GraphTemplates(base_url=self.phones.address, version="v24.0", waba_id=WABA, token=TOKEN)
            if graph.get_state(template) is None:
                graph.create(template, public_url=API_URL)
            state = wait_for(lambda: (s := graph.get_state(template)) and s.status == "APPROVED" and s)
            assert isinstance(state, TemplateState)
            self.templates.put_state("kinari", name, locale, state.model_copy(update={"status": status}))
        return template

    def say(self, name: str = "order_confirmation", **change: Any) -> Message:
        """A message as the engine decided it, on its sender's queue."""
        template = index_templates()[name, change.get("locale", "en")]
        values: Json = {
            "message_id": "m" * 40,
            "store_id": "kinari",
            "customer_id": CUSTOMER.customer_id,
            "channel": Channel.WHATSAPP,
            "purpose": Purpose(template.purpose),
            "template": name,
            "locale": "en",
            "refs": MessageRefs(cart_token="cart1") if name.startswith("cart") else MessageRefs(order_id="1001"),
            "decided_at": NOW,
            "state": MessageState.QUEUED,
        }
        message = Message(**values | change)
        self.messages.create(message)
        self.queue(message)
        return message

    def queue(self, message: Message) -> None:
        body = QueuedMessage(
            store_id="kinari",
            customer_id=message.customer_id,
            message_id=message.message_id,
            attempt=message.attempt,
        ).model_dump_json(by_alias=True)
        url = self.stack.queue_url(f"{message.channel.capitalize()}{message.lane.capitalize()}Queue")
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId="kinari")

    def read(self, message: Message) -> Message:
        """The message as it stands."""
        found = self.messages.get("kinari", message.customer_id, message.message_id)
        assert found
        return found

    def load(self, function: str) -> Any:
        """The function's handler module, in its own environment."""
        if function not in self._handlers:
            name = f"{function}.handler"
            for variable, value in self.read_environment(function).items():
                self.set_variable(variable, value)
            sys.modules.pop(name, None)
            self._handlers[function] = importlib.import_module(name)
        return self._handlers[function]

    def read_environment(self, function: str) -> dict[str, str]:
        """What the template gives the function, with the stand-in in Meta's place."""
        values = self.stack.environment("".join(word.capitalize() for word in function.split("_")))
        given = {
            "GRAPH_API_URL": self.graph_url or self.phones.address,
            "DELIVERY_PATIENCE_SECONDS": str(self.patience_s),
        }
        return values | {name: value for name, value in given.items() if name in values}

    def run(self, function: str, queue: str) -> list[str]:
        """Gives the function what is visible on the queue, as Lambda would; the ids that it reports as failed."""
        sqs, url = boto3.client("sqs"), self.stack.queue_url(queue)
        taken = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], VisibilityTimeout=180
        ).get("Messages", [])
        records: list[Json] = [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
                "eventSourceARN": self.stack.arns[queue],
            }
            for one in taken
        ]
        answer = self.load(function).lambda_handler({"Records": records}, Context(self.time_left_ms))
        failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        for record in records:
            if record["messageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])
        return failed

    def read_queue(self, queue: str) -> list[Json]:
        """Takes the bodies off a queue."""
        sqs, url = boto3.client("sqs"), self.stack.queue_url(queue)
        bodies = []
        while taken := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for one in taken:
                bodies.append(json.loads(one["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return bodies

    def count_delayed(self, queue: str) -> int:
        """Messages that wait for their DelaySeconds."""
        answer = boto3.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.queue_url(queue), AttributeNames=["ApproximateNumberOfMessagesDelayed"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessagesDelayed"])

    def read_evidence(self, queue: str = "EventsQueue") -> list[Envelope]:
        return [Envelope.model_validate(body) for body in self.read_queue(queue)]

    def make_post(self, body: bytes, signature: str) -> Json:
        """Meta's POST as API Gateway hands it over."""
        return {
            "requestContext": {"http": {"method": "POST"}},
            "headers": {"X-Hub-Signature-256": signature, "Content-Type": "application/json"},
            "body": body.decode(),
            "isBase64Encoded": False,
        }

    def post_webhook(self, body: bytes, signature: str) -> Json:
        """The answer to Meta's POST."""
        answer: Json = self.load("receive_whatsapp_event").lambda_handler(self.make_post(body, signature), None)
        return answer


@pytest.fixture
def shop(made_stack: MadeStack, monkeypatch: pytest.MonkeyPatch, phones: Phones) -> Shop:
    return Shop(made_stack, phones, monkeypatch.setenv)


def sign(body: bytes, secret: str) -> str:
    """As Meta signs."""
    return "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
