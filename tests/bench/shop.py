"""A shop in moto's AWS, made from template.yaml, whose functions are called as Lambda calls them, in batches of one.

What a call puts on a queue or into the schedule comes back as the next call, at its time on the shop's clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from command_line import records
from command_line.publish import publish_catalogue
from command_line.stack import Stack
from okaeri import wiring
from okaeri.adapters.templates import DynamoTemplates
from okaeri.catalogue.compile_templates import compile_templates
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.domain.templates import TemplateState
from tests.bench.canned_aws import Call
from tests.bench.graph_server import serve_graph
from tests.bench.recording import Recorder
from tests.functional.aws_from_template import STACK_NAME, MadeStack, make_stack
from tests.table_stream import TableStream
from tests.template.stack import deployed

Json = dict[str, Any]

STREAM_WINDOW = timedelta(seconds=deployed().stream_mapping()["MaximumBatchingWindowInSeconds"])
START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)  # a minute and a half after the recorded order
SECRET, APP_SECRET = "shpss_bench", "app-secret"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
}
STORE = Store(
    store_id="nami",
    name="Nami Works",
    platform=Platform.SHOPIFY,
    domain="nami-works.myshopify.com",
    site_url="https://nami-works.example",
    locale="ja",
    country="JP",
    time_zone="Asia/Tokyo",
    currency="JPY",
    from_email="hello@nami-works.example",
    phone_number_id="800001",
    waba_id="900001",
    settings=StoreSettings(phone_field_is_opt_in=True, phone_field_wording="…"),
)
# Which function reads which queue, by the queue's logical id.
READERS = {
    "EventsQueue": "advance_journeys",
    "BulkQueue": "advance_journeys",
    "SoonQueue": "advance_journeys",
    "StatusesQueue": "record_delivery",
    "WhatsappTransactionalQueue": "send_whatsapp",
    "WhatsappMarketingQueue": "send_whatsapp",
    "EmailTransactionalQueue": "send_email",
    "EmailMarketingQueue": "send_email",
}


@dataclass(frozen=True)
class Invocation:
    """One call of one function: what it was given, when, and which calls of AWS it made."""

    function: str
    event: Json
    at: datetime
    cause: str  # the event of the outer world that it goes back to
    queue: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def label(self) -> str:
        """What makes it like others: the function, for the engine the evidence and the event behind it, or how much."""
        if self.function == "count_engagement":
            return f"{self.function}, {len(self.event['Records'])} changes"
        if self.function != "advance_journeys":
            return self.function
        kind = json.loads(self.event["Records"][0]["body"])["evidence"]["kind"]
        return f"{kind} ({self.cause})" if kind.endswith(".seen") else str(kind)


class Context:
    """What Lambda tells a function of itself, as far as ours ask."""

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Shop:
    """See `open_shop`. `done` holds every invocation in its order."""

    def __init__(self, stack: MadeStack, graph_url: str) -> None:
        self.stack, self.now = stack, START
        self.done: list[Invocation] = []
        self._graph_url = graph_url
        self._waiting: list[tuple[datetime, int, Invocation, str]] = []  # when, order of arrival, what, timer's name
        self._handlers: dict[str, Any] = {}
        self._arrivals = 0
        self._stream = TableStream(stack.table_name)
        self._changes: list[tuple[datetime, Json]] = []
        clients = (wiring.connect_dynamodb(), wiring.connect_sqs(), wiring.connect_scheduler(), wiring.connect_ssm())
        self._recorder = Recorder((*clients, wiring.connect_ses()), boto3.client("dynamodb"))

    def read_clock(self) -> datetime:
        """The shop's time."""
        return self.now

    def read_environment(self, function: str) -> dict[str, str]:
        """What the template gives the function."""
        values = self.stack.environment("".join(word.capitalize() for word in function.split("_")))
        return {**values, **({"GRAPH_API_URL": self._graph_url} if "GRAPH_API_URL" in values else {})}

    def call(self, function: str, event: Json, cause: str, queue: str = "") -> Invocation:
        """Calls the function now. What follows from it waits for `run_until`."""
        handler = self._load(function)
        self._recorder.take()
        answer = handler.lambda_handler(event, Context()) or {}
        if answer.get("batchItemFailures") or answer.get("statusCode", 200) != 200:
            raise RuntimeError(f"{function} failed: {answer}")
        made = Invocation(function, event, self.now, cause, queue, tuple(self._recorder.take()))
        self.done.append(made)
        for call in made.calls:
            self._pass_on(call, cause)
        self._changes += [(self.now, record) for record in self._stream.take()]
        return made

    def count_changes(self) -> None:
        """Hands what changed in the table to the function that counts it, as Lambda gathers it: window by window."""
        changes, self._changes = self._changes, []
        windows: list[tuple[datetime, list[Json]]] = []
        for at, record in changes:
            if not windows or at - windows[-1][0] > STREAM_WINDOW:
                windows.append((at, []))
            windows[-1][1].append(record)
        for begun, batch in windows:
            self.call("count_engagement", {"Records": batch}, f"changes since {begun:%H:%M}")

    def post_webhook(self, topic: str, payload: Json, cause: str) -> Invocation:
        """A store's signed webhook."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        signature = base64.b64encode(hmac.digest(SECRET.encode(), body.encode(), hashlib.sha256)).decode()
        headers = {
            "x-shopify-hmac-sha256": signature,
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": STORE.domain,
            "x-shopify-event-id": hashlib.sha256((topic + body).encode()).hexdigest()[:32],
        }
        event = {
            "headers": headers,
            "pathParameters": {"store_id": STORE.store_id},
            "body": body,
            "isBase64Encoded": False,
        }
        return self.call("receive_store_event", event, cause)

    def post_status(self, payload: Json, cause: str) -> Invocation:
        """Meta's signed webhook."""
        body = json.dumps(payload, separators=(",", ":"))
        signature = "sha256=" + hmac.digest(APP_SECRET.encode(), body.encode(), hashlib.sha256).hex()
        event = {
            "requestContext": {"http": {"method": "POST"}},
            "headers": {"x-hub-signature-256": signature},
            "body": body,
            "isBase64Encoded": False,
        }
        return self.call("receive_whatsapp_event", event, cause)

    def queue(self, queue: str, body: str, cause: str, *, after: timedelta = timedelta(0), timer: str = "") -> None:
        """Puts a body on a queue, by the queue's logical id."""
        self._arrivals += 1
        record = {
            "messageId": f"message-{self._arrivals}",
            "receiptHandle": f"receipt-{self._arrivals}",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
            "eventSourceARN": self.stack.arns[queue],
        }
        invocation = Invocation(READERS[queue], {"Records": [record]}, self.now, cause, queue)
        self._waiting.append((self.now + after, self._arrivals, invocation, timer))

    def run_until(self, moment: datetime) -> None:
        """Everything that comes due up to the moment, in its order."""
        while self._waiting:
            entry = min(self._waiting, key=lambda waiting: waiting[:2])
            if entry[0] > moment:
                break
            self._waiting.remove(entry)
            self.now = max(self.now, entry[0])
            self.call(entry[2].function, entry[2].event, entry[2].cause, entry[2].queue)
        self.now = max(self.now, moment)

    def turn_clock(self, to: datetime) -> None:
        """To where another road begins; what waits on the last one is dropped."""
        self.now = to
        self._waiting.clear()

    def _load(self, function: str) -> Any:
        if function not in self._handlers:
            quiet = {"LOG_LEVEL": "WARNING"}  # its lines would stand between those of the measurement
            with patch.dict(os.environ, self.read_environment(function) | quiet):
                self._handlers[function] = importlib.import_module(f"{function}.handler")
        return self._handlers[function]

    def _pass_on(self, call: Call, cause: str) -> None:
        parameters = call.parameters
        match call.operation:
            case "SendMessage":
                self._pass_entry(parameters["QueueUrl"], parameters, cause)
            case "SendMessageBatch":
                for entry in parameters["Entries"]:
                    self._pass_entry(parameters["QueueUrl"], entry, cause)
            case "CreateSchedule":
                at = datetime.strptime(parameters["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
                queue = next(name for name, arn in self.stack.arns.items() if arn == parameters["Target"]["Arn"])
                body, name = parameters["Target"]["Input"], parameters["Name"]
                self.queue(queue, body, cause, after=at - self.now, timer=name)
            case "DeleteSchedule":
                self._waiting = [entry for entry in self._waiting if entry[3] != parameters["Name"]]

    def _pass_entry(self, url: str, entry: Json, cause: str) -> None:
        queue = next(name for name, known in self.stack.references.items() if known == url)
        self.queue(queue, entry["MessageBody"], cause, after=timedelta(seconds=entry.get("DelaySeconds", 0)))


@contextmanager
def open_shop() -> Iterator[Shop]:
    """The stack with its store, journeys, templates (approved) and secrets; time stands at `START`."""
    with ExitStack() as exits:
        exits.enter_context(patch.dict(os.environ, CREDENTIALS))
        exits.enter_context(mock_aws())
        graph_url = exits.enter_context(serve_graph())
        shop = Shop(make_stack(), graph_url)
        exits.enter_context(patch.object(wiring, "read_clock", shop.read_clock))
        _furnish(shop)
        yield shop


def _furnish(shop: Shop) -> None:
    command_line = Stack(
        name=STACK_NAME,
        api_url="https://api.example",
        table_name=shop.stack.table_name,
        secrets_prefix=f"/okaeri/{STACK_NAME}",
        graph_api_url="https://graph.example",
        graph_api_version="v24.0",
    )
    records.create_store(command_line, STORE)
    publish_catalogue(command_line, [STORE.store_id])
    templates = DynamoTemplates(boto3.client("dynamodb"), shop.stack.table_name)
    for template in compile_templates():
        if template.whatsapp:
            state = TemplateState(status="APPROVED", category="UTILITY", meta_name=template.meta_name)
            templates.put_state(STORE.store_id, template.name, template.locale, state)
    boto3.client("sesv2").create_email_identity(EmailIdentity="nami-works.example")
    secrets = {
        "stores/nami/webhook": {"current": SECRET},
        "stores/nami/whatsapp": {"token": "token"},
        "stores/nami/links": {"key": "link-key"},
        "meta-app": {"app_secret": APP_SECRET, "verify_token": "verify"},
    }
    for name, values in secrets.items():
        boto3.client("ssm").put_parameter(
            Name=f"/okaeri/{STACK_NAME}/{name}", Value=json.dumps(values), Type="SecureString"
        )
