"""The inbox's function as API Gateway calls it: token and JSON in, tickets, refusals and evidence out."""

from __future__ import annotations

import base64
import importlib
import io
import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.staff import DynamoStaff
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import Envelope, StaffReplied
from okaeri.domain.records import OrderRecord, Ticket, TimelineEntry
from tests.desk import KEN, MIA, ORDER, STORE
from tests.functional.aws_from_template import MadeStack

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "inbox-api.json"
AGENT, LEAD = "Bearer mia.secret", "Bearer ken.secret"

type Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(deploy: Callable[[str], MadeStack]) -> Call:
    """Calls the function as the deployed one would be called: (status, body)."""
    made = deploy("ServeInbox")
    client, table = wiring.connect_dynamodb(), made.table_name
    item: dict[str, Any] = {"pk": {"S": keys.store_key("s1")}, "sk": {"S": keys.STORE}}
    client.put_item(TableName=table, Item=item | {"body": encode_body(STORE, whole=True)})
    staff = DynamoStaff(client, table)
    staff.put(MIA)
    staff.put(KEN)
    now = wiring.read_clock()
    customer = Customer(
        store_id="s1", customer_id="c1", version=1, created_at=now, first_name="Aya", locale="en",
        phones=("+819012345678",), window_opened_at=now - timedelta(hours=1), orders=("5001",),
    )  # fmt: skip
    DynamoCustomers(client, table).save(customer, sweep_at=None)
    records = DynamoRecords(client, table, wiring.read_clock)
    records.put_order(OrderRecord(store_id="s1", order_id="5001", customer_id="c1", order=ORDER, version=1))
    records.put_timeline_entry(
        TimelineEntry(
            store_id="s1", customer_id="c1", entry_id="n1", at=now, kind="whatsapp.received", text="Where is my cup?"
        )
    )
    records.put_ticket(
        Ticket(
            store_id="s1",
            ticket_id="t1",
            customer_id="c1",
            queue="help",
            subject="Cup",
            opened_at=now,
            due=now + timedelta(hours=4, minutes=1),
            order_id="5001",
            data={"reason": "broken"},
        )
    )
    sys.modules.pop("serve_inbox.handler", None)
    handler = importlib.import_module("serve_inbox.handler")

    def call_function(
        method: str, path: str, body: Any = None, *, token: str = AGENT, store_id: str = "s1", **query: str
    ) -> tuple[int, Any]:
        text = body if isinstance(body, str) else json.dumps(body) if body is not None else None
        event = {
            "version": "2.0",
            "routeKey": "ANY /inbox/{store_id}/{proxy+}",
            "pathParameters": {"store_id": store_id, "proxy": path},
            "headers": {"Authorization": token, "origin": "https://elsewhere.example"},
            "queryStringParameters": query or None,
            "requestContext": {"http": {"method": method, "sourceIp": "203.0.113.9"}},
            "body": base64.b64encode(text.encode()).decode() if text is not None else None,
            "isBase64Encoded": text is not None,
        }
        answer = handler.lambda_handler(event, None)
        assert answer["headers"]["content-type"] == "application/json"
        assert not [name for name in answer["headers"] if name.startswith("access-control")]
        return answer["statusCode"], json.loads(answer["body"])

    return call_function


def list_evidence(made: MadeStack) -> list[Any]:
    answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url("EventsQueue"), MaxNumberOfMessages=10)
    return [Envelope.model_validate_json(message["Body"]).evidence for message in answer.get("Messages", [])]


def test_a_person_sees_who_waits_opens_the_ticket_and_answers(call: Call, made_stack: MadeStack) -> None:
    status, listed = call("GET", "tickets")
    [ticket] = listed["tickets"]
    assert status == 200 and listed["after"] is None
    assert (ticket["ticket_id"], ticket["deadline"], ticket["is_owed"]) == ("t1", "due in 4 h", True)

    status, shown = call("GET", "tickets/t1")
    assert status == 200
    assert (shown["customer"]["name"], shown["customer"]["phones"]) == ("Aya", ["+819012345678"])
    assert (shown["order_name"], shown["learnt"]) == ("#1001", {"reason": "broken"})
    assert [(line["who"], line["text"]) for line in shown["lines"]] == [("customer", "Where is my cup?")]
    assert shown["window"]["is_open"] and shown["talk"] == "bot"

    reply = {"reply_id": "reply-0001", "text": "It comes tomorrow.", "seen": shown["ticket"]["seen"]}
    status, answered = call("POST", "tickets/t1/replies", reply)
    assert (status, answered["assignee"], answered["state"], answered["is_owed"]) == (200, "mia", "person", False)
    [told] = list_evidence(made_stack)
    assert isinstance(told, StaffReplied) and (told.by, told.text) == ("mia", "It comes tomorrow.")


def test_the_colleague_who_comes_second_is_told_what_where_and_how(call: Call) -> None:
    _, shown = call("GET", "tickets/t1")
    call("POST", "tickets/t1/replies", {"reply_id": "reply-0001", "text": "Tomorrow."}, token=LEAD)
    late = {"reply_id": "reply-0002", "text": "Today?", "seen": shown["ticket"]["seen"]}
    status, fault = call("POST", "tickets/t1/replies", late)
    assert status == 409
    assert fault == {
        "error": "answered_meanwhile",
        "message": "ken answered less than a minute ago.",
        "at": "seen",
        "fix": "Read the ticket again and send it with the new `seen`, or with `anyway`.",
    }
    assert call("POST", "tickets/t1/replies", late | {"anyway": True})[0] == 200


def test_everything_else_that_people_do(call: Call, made_stack: MadeStack) -> None:
    assert call("GET", "me")[1] == {
        "name": "mia", "role": "agent", "store": "Kinari", "currency": "EUR",
        "staff": [{"name": "ken", "role": "lead"}, {"name": "mia", "role": "agent"}],
    }  # fmt: skip
    assert call("POST", "tickets/t1/notes", {"text": "Calls at three."})[1]["text"] == "Calls at three."
    assert call("PUT", "tickets/t1/assignee", {"assignee": "ken"})[1]["assignee"] == "ken"
    assert call("PUT", "tickets/t1/priority", {"priority": "high"})[1]["is_urgent"] is True
    assert call("POST", "tickets/t1/take")[1]["assignee"] == "mia"
    remedy = {"remedy_id": "remedy-1", "kind": "refund", "amount": "12.50"}
    [given] = call("POST", "tickets/t1/remedies", remedy)[1]["remedies"]
    assert (given["kind"], given["amount"], given["by"]) == ("refund", "12.50", "mia")
    assert call("PUT", "tickets/t1/stage", {"stage": "approved"})[1]["stage"] == "approved"
    assert call("POST", "tickets/t1/solve", {"outcome": "refunded", "anyway": True})[1]["solved_by"] == "mia"
    assert call("GET", "tickets", state="solved")[1]["tickets"][0]["outcome"] == "refunded"
    assert call("GET", "tickets")[1]["tickets"] == []
    assert call("POST", "tickets/t1/reopen")[1]["state"] == "person"
    assert call("POST", "customers/c1/take")[1]["queue"] == "conversation"
    notice = {"announcement_id": "storm-26", "texts": {"en": "Until Monday."}}
    assert call("POST", "announcements", notice)[0] == 403
    assert call("POST", "announcements", notice, token=LEAD)[1] == {"told": 1, "after": None}
    assert [note["kind"] for note in call("GET", "tickets/t1")[1]["notes"]] == [
        "note", "assigned", "priority", "taken", "remedy", "stage", "solved", "reopened",
    ]  # fmt: skip


def test_a_file_is_kept_and_sent_along_with_an_answer(call: Call, made_stack: MadeStack) -> None:
    content = base64.b64encode(b"%PDF-1.4 label").decode()
    status, kept = call("POST", "files", {"content_type": "application/pdf", "content": content})
    assert status == 200
    found = boto3.client("s3").get_object(Bucket=made_stack.references["MediaBucket"], Key=kept["media_key"])
    assert found["ContentType"] == "application/pdf"
    reply = {"reply_id": "reply-0001", "text": "Here is the label.", "media_key": kept["media_key"]}
    assert call("POST", "tickets/t1/replies", reply)[0] == 200
    assert [told.media_key for told in list_evidence(made_stack)] == [kept["media_key"]]
    program = {"content_type": "application/pdf", "content": base64.b64encode(b"MZ program").decode()}
    assert call("POST", "files", program)[1]["error"] == "file_refused"
    assert call("POST", "files", {"content_type": "application/pdf", "content": "?"})[1]["at"] == "content"


def test_over_the_limit_says_who_may(call: Call) -> None:
    status, fault = call("POST", "tickets/t1/remedies", {"remedy_id": "remedy-1", "kind": "refund", "amount": "25"})
    assert (status, fault["error"], fault["fix"]) == (403, "over_limit", "Ask a lead: they may.")


@pytest.mark.parametrize(
    ("token", "store_id"),
    [("", "s1"), ("Bearer mia.wrong", "s1"), ("Bearer zoe.secret", "s1"), (AGENT, "s2"), ("Basic bWlh", "s1")],
)
def test_without_a_token_of_this_store_nothing_is_shown(call: Call, token: str, store_id: str) -> None:
    status, fault = call("GET", "tickets", token=token, store_id=store_id)
    assert (status, fault["error"]) == (401, "not_admitted")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "at"),
    [
        ("POST", "tickets/t1/replies", {"reply_id": "reply-0001", "txt": "Hello"}, 422, "txt"),
        ("POST", "tickets/t1/replies", {"reply_id": "short", "text": "Hello"}, 422, "reply_id"),
        ("POST", "tickets/t1/replies", {"reply_id": "reply-0001", "text": "x", "at": "2026-11-02T10:00"}, 422, "at"),
        ("POST", "tickets/t1/replies", "no json", 422, "body"),
        ("POST", "tickets/t1/remedies", {"remedy_id": "remedy-1", "kind": "gift"}, 422, "kind"),
        ("PUT", "tickets/t1/stage", {"stage": "lost"}, 422, "stage"),
        ("PUT", "tickets/t1/assignee", {"assignee": "zoe"}, 422, "assignee"),
        ("GET", "tickets/t9", None, 404, "ticket_id"),
        ("GET", "nothing/here", None, 404, ""),
        ("DELETE", "tickets/t1", None, 405, ""),
    ],
)
def test_a_mistake_is_answered_with_what_where_and_how(
    call: Call, method: str, path: str, body: Any, status: int, at: str
) -> None:
    found, fault = call(method, path, body)
    assert (found, fault["at"]) == (status, at)
    assert fault["message"].endswith(".") and fault["fix"]


@pytest.mark.parametrize("query", [{"state": "lost"}, {"limit": "0"}, {"limit": "many"}])
def test_a_list_that_cannot_be_is_refused(call: Call, query: dict[str, str]) -> None:
    assert call("GET", "tickets", **query)[0] == 422


def test_the_log_says_who_did_what_and_nothing_of_customers(call: Call) -> None:
    stream = io.StringIO()
    sys.modules["serve_inbox.handler"].logger.registered_handler.setStream(stream)
    call("POST", "tickets/t1/replies", {"reply_id": "reply-0001", "text": "Dear Aya, tomorrow."})
    call("GET", "tickets/t1", token="Bearer mia.wrong-token")
    logged = stream.getvalue()
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [(line["operation"], line["by"], line["status"]) for line in lines] == [("reply", "mia", 200), ("", "", 401)]
    assert not re.search(r"Aya|tomorrow|secret|wrong-token|203\.0\.113", logged)


def test_the_document_is_that_of_the_models() -> None:
    from serve_inbox.openapi import make_document

    assert json.loads(DOCUMENT.read_text("utf-8")) == make_document(), (
        "run: PYTHONPATH=functions .venv/bin/python -m serve_inbox.openapi > docs/inbox-api.json"
    )


def test_the_documented_program_answers_the_most_urgent(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snippet of docs/inbox.md, with its requests led to the function."""

    class Answer:
        def __init__(self, status_code: int, body: Any) -> None:
            self.status_code, self._body = status_code, body

        def json(self) -> Any:
            return self._body

    class Session:
        def __init__(self) -> None:
            self.headers: dict[str, str] = {}

        def request(self, method: str, url: str, *, json: Any, timeout: int) -> Answer:
            address = urlsplit(url)
            store_id, _, path = address.path.removeprefix("/inbox/").partition("/")
            query = dict(parse_qsl(address.query))
            return Answer(*call(method, path, json, token=self.headers["Authorization"], store_id=store_id, **query))

    monkeypatch.setattr("requests.Session", Session)
    [snippet] = re.findall(r"```python inbox\n(.*?)```", (DOCUMENT.parent / "inbox.md").read_text("utf-8"), re.DOTALL)
    program: dict[str, Any] = {}
    exec(snippet, program)
    inbox = program["Inbox"]("https://api.example", "s1", "mia.secret")
    assert program["answer_the_most_urgent"](inbox, "It comes tomorrow.", "reply-0001") == "person"
    with pytest.raises(RuntimeError, match="no such ticket"):
        inbox.call("GET", "tickets/t9")


def test_the_documented_refusal_is_what_is_answered(call: Call) -> None:
    text = (DOCUMENT.parent / "inbox.md").read_text("utf-8")
    [shown] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    _, fault = call("POST", "tickets/t1/remedies", {"remedy_id": "remedy-1", "kind": "refund", "amount": "25"})
    assert json.loads(shown) == fault
