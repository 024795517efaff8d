"""The pages' function as API Gateway calls it: store and key from AWS in, page, redirect and evidence out."""

from __future__ import annotations

import base64
import html
import importlib
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.signed_links import AnswerTicket, sign_answer, sign_confirmation, sign_link, sign_unsubscribe
from okaeri.domain.customers import Customer, Run, Waiting
from okaeri.domain.evidence import AnswerGiven, ConsentSeen, Envelope, LetterReceived
from okaeri.domain.journeys import AskStep
from okaeri.domain.messages import Message
from okaeri.domain.reports import ReportChunk, VisitReport
from okaeri.domain.stores import Contact, Platform, Store
from okaeri.domain.values import Channel, Purpose, make_id
from tests.catalogue import load_templates
from tests.functional.aws_from_template import STACK_NAME, MadeStack
from tests.world import load_catalogue

KEY = "key-that-signs-links"
STORE = Store(
    store_id="aya", name="Aya & Co", platform=Platform.SHOPIFY, domain="aya.myshopify.com", locale="ja",
    site_url="https://aya.example", contact=Contact(email="hello@aya.example"),
)  # fmt: skip
TOKEN = sign_unsubscribe("aya", "c1", "email", KEY)
ONE_CLICK = b"List-Unsubscribe=One-Click"

type Call = Callable[..., dict[str, Any]]


@pytest.fixture
def call(deploy: Callable[[str], MadeStack]) -> Call:
    """Calls the function as the deployed one would be called; forms arrive in base64."""
    made = deploy("ServeCustomerPages")
    item: dict[str, Any] = {
        "pk": {"S": keys.store_key("aya")},
        "sk": {"S": keys.STORE},
        "body": encode_body(STORE, whole=True),
    }
    boto3.client("dynamodb").put_item(TableName=made.table_name, Item=item)
    secret = {"Name": f"/okaeri/{STACK_NAME}/stores/aya/links", "Value": json.dumps({"key": KEY})}
    boto3.client("ssm").put_parameter(**secret, Type="SecureString")  # type: ignore[arg-type]  # a mapping of texts
    sys.modules.pop("serve_customer_pages.handler", None)
    handler = importlib.import_module("serve_customer_pages.handler")

    def call_function(method: str, path: str, token: str, body: bytes | None = None, **headers: str) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} /{path}/{{{'store' if path == 'f' else 'token'}}}",
            "pathParameters": {"store" if path == "f" else "token": token},
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "requestContext": {"http": {"sourceIp": "203.0.113.9", "method": method}},
            "body": base64.b64encode(body).decode() if body is not None else None,
            "isBase64Encoded": body is not None,
        }
        answer: dict[str, Any] = handler.lambda_handler(event, None)
        return answer

    return call_function


def list_evidence(made: MadeStack) -> list[ConsentSeen]:
    answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url("EventsQueue"), MaxNumberOfMessages=10)
    envelopes = [Envelope.model_validate_json(message["Body"]) for message in answer.get("Messages", [])]
    return [envelope.evidence for envelope in envelopes if isinstance(envelope.evidence, ConsentSeen)]


def test_a_mail_program_unsubscribes_with_one_post(call: Call, made_stack: MadeStack) -> None:
    answer = call("POST", "u", TOKEN, ONE_CLICK, content_type="application/x-www-form-urlencoded")
    assert answer["statusCode"] == 200
    [consent] = list_evidence(made_stack)
    assert (consent.customer_id, consent.given, consent.source) == ("c1", False, "one_click")


def test_a_shopper_reads_the_page_in_the_browser_s_language_and_nothing_changes(
    call: Call, made_stack: MadeStack
) -> None:
    answer = call("GET", "u", TOKEN, accept_language="fr, en;q=0.8, ja;q=0.9")
    assert answer["statusCode"] == 200
    assert "Aya &amp; Coからのメール配信を停止しますか？" in answer["body"]
    headers = answer["headers"]
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert (headers["cache-control"], headers["x-robots-tag"]) == ("no-store", "noindex, nofollow")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert list_evidence(made_stack) == []


def test_the_way_back_is_one_button(call: Call, made_stack: MadeStack) -> None:
    assert 'value="resume"' in call("POST", "u", TOKEN, b"choice=stop", accept_language="en")["body"]
    assert "subscribed again" in call("POST", "u", TOKEN, b"choice=resume", accept_language="en")["body"]
    assert [consent.given for consent in list_evidence(made_stack)] == [False, True]


def test_a_sign_up_is_confirmed_by_its_button_and_not_by_opening_the_page(call: Call, made_stack: MadeStack) -> None:
    token = sign_confirmation("aya", "c1", "m1", int(time.time()), KEY)
    page = call("GET", "c", token, accept_language="de")["body"]
    assert "E-Mails von Aya &amp; Co erhalten?" in page and 'value="confirm"' in page
    assert list_evidence(made_stack) == []
    assert "Sie sind angemeldet" in call("POST", "c", token, b"choice=confirm", accept_language="de")["body"]
    [consent] = list_evidence(made_stack)
    assert (consent.customer_id, consent.given, consent.confirmed) == ("c1", True, True)
    assert consent.proof["message"] == "m1" and len(consent.proof["ip"]) == 16


def make_answer(until: float, text: str = "😍 気に入っています") -> str:
    ticket = AnswerTicket("c1", "5eed" * 10, "great", text, "ja", int(until))
    return sign_answer("aya", ticket, KEY)


def list_answers(made: MadeStack) -> list[tuple[str, AnswerGiven]]:
    answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url("EventsQueue"), MaxNumberOfMessages=10)
    envelopes = [Envelope.model_validate_json(message["Body"]) for message in answer.get("Messages", [])]
    return [(envelope.id, envelope.evidence) for envelope in envelopes if isinstance(envelope.evidence, AnswerGiven)]


def test_an_answer_is_given_by_its_button_and_not_by_opening_the_page(call: Call, made_stack: MadeStack) -> None:
    """The page speaks the language of the mail, whatever the browser's is."""
    token = make_answer(time.time() + 3600)
    for _ in range(3):  # a mail scanner, a preview, the shopper
        page = call("GET", "a", token, accept_language="en")["body"]
        assert "この回答を送信しますか？" in page and "😍 気に入っています" in page and 'value="answer"' in page
    assert list_answers(made_stack) == []
    assert "ご回答ありがとうございます" in call("POST", "a", token, b"choice=answer")["body"]
    [(_, given)] = list_answers(made_stack)
    assert (given.customer_id, given.ask, given.answer) == ("c1", "5eed" * 10, "great")


def test_an_answer_that_is_pressed_twice_is_one(call: Call, made_stack: MadeStack) -> None:
    token = make_answer(time.time() + 3600)
    for _ in range(2):
        assert call("POST", "a", token, b"choice=answer")["statusCode"] == 200
    assert len({envelope_id for envelope_id, _ in list_answers(made_stack)}) == 1


def test_a_late_answer_is_thanked_and_told_that_it_is_late(call: Call, made_stack: MadeStack) -> None:
    token = make_answer(time.time() - 1)
    for method in ("GET", "POST"):
        answer = call(method, "a", token)
        assert answer["statusCode"] == 200
        assert "回答の受付は終了しました" in answer["body"] and "<form" not in answer["body"]
    assert list_answers(made_stack) == []


def test_an_answer_that_was_made_up_is_refused(call: Call, made_stack: MadeStack) -> None:
    for token in (make_answer(time.time() + 60)[:-2], TOKEN, "aya.x", "nobody.x"):
        assert call("POST", "a", token, b"choice=answer")["statusCode"] == 404
    assert list_answers(made_stack) == []


def put(made: MadeStack, pk: str, sk: str, body: dict[str, Any]) -> None:
    boto3.client("dynamodb").put_item(TableName=made.table_name, Item={"pk": {"S": pk}, "sk": {"S": sk}, "body": body})


@pytest.fixture
def survey(call: Call, made_stack: MadeStack) -> str:
    """The delivery survey waits for Mia's answer to the mail; the token of its answer "not well"."""
    connect = boto3.client("dynamodb")
    definition = next(entry for entry in load_catalogue().values() if entry.journey == "survey-delivery")
    DynamoDefinitions(connect, made_stack.table_name).put("d" * 40, definition)
    asked = next(place for place, step in enumerate(definition.steps) if isinstance(step, AskStep))
    now = wiring.read_clock()
    waiting = Waiting(due=now + timedelta(days=5), events=("message.answered",))
    refs = {"order.id": ("5001",)}
    run = Run(
        journey="survey-delivery", definition="d" * 40, key="5001", step=asked, started_at=now, refs=refs,
        waiting=waiting,
    )  # fmt: skip
    customer = Customer(store_id="aya", customer_id="c1", version=1, created_at=now, runs=(run,))
    DynamoCustomers(connect, made_stack.table_name).save(customer, sweep_at=None)
    run_id = run.make_id("aya")
    seed = make_id(run_id, asked, 0)
    message = Message(
        message_id=make_id(seed, "email"), store_id="aya", customer_id="c1", channel=Channel.EMAIL,
        purpose=Purpose.ORDER, template="survey_delivery", locale="de", seed=seed, run_id=run_id, decided_at=now,
    )  # fmt: skip
    DynamoMessages(connect, made_stack.table_name, wiring.read_clock).create(message)
    for template in load_templates():
        if template.locale == "de" and template.name.startswith("survey_"):
            put(made_stack, keys.template_key("aya", template.name), "de", encode_body(template, whole=True))
    ticket = AnswerTicket("c1", seed, "bad", "👎 Nicht gut", "de", int(time.time()) + 3600)
    return sign_answer("aya", ticket, KEY)


def test_a_survey_s_questions_stand_on_one_page_and_are_answered_at_once(
    call: Call, made_stack: MadeStack, survey: str
) -> None:
    answer = call("GET", "a", survey, accept_language="en")
    page = html.unescape(answer["body"])
    assert "Wie sind Bestellung und Lieferung gelaufen?" in page and "Was war es?" in page
    assert 'value="bad" class="to-3" checked' in page and "<script" not in page
    assert answer["headers"]["content-security-policy"].startswith("default-src 'none'")
    assert list_answers(made_stack) == []  # whoever opened it

    form = urlencode({"choice": "answers", "answer.went": "bad", "answer.what": "words.", "words.what": "Zu spät ☔"})
    for _ in range(2):
        assert "Danke für Ihre Antworten" in call("POST", "a", survey, form.encode())["body"]
    found = list_answers(made_stack)
    assert len({envelope_id for envelope_id, _ in found}) == 1
    given = found[0][1]
    assert (given.customer_id, given.answers) == ("c1", {"went": "bad", "better": "", "what": "Zu spät ☔"})


def test_a_survey_sent_without_its_first_answer_comes_back_as_it_was(
    call: Call, made_stack: MadeStack, survey: str
) -> None:
    form = urlencode({"choice": "answers", "words.better": "<b>Nichts</b>"})
    answer = call("POST", "a", survey, form.encode())
    assert answer["statusCode"] == 422
    assert "Bitte beantworten Sie zuerst diese Frage." in answer["body"]
    assert "&lt;b&gt;Nichts" in answer["body"] and "<b>Nichts" not in answer["body"]
    assert list_answers(made_stack) == []


def test_a_survey_that_is_over_is_told_so_kindly(call: Call, made_stack: MadeStack, survey: str) -> None:
    customers = DynamoCustomers(boto3.client("dynamodb"), made_stack.table_name)
    customer = customers.load("aya", "c1")
    assert customer is not None
    customers.save(customer.model_copy(update={"runs": (), "version": 2}), sweep_at=None)
    form = urlencode({"choice": "answers", "answer.went": "good"}).encode()
    for answer in (call("GET", "a", survey), call("POST", "a", survey, form)):
        assert answer["statusCode"] == 200
        assert "Danke, es ist keine Frage mehr offen" in answer["body"] and "<form" not in answer["body"]
    assert list_answers(made_stack) == []


def test_what_a_button_says_is_text_on_its_page(call: Call) -> None:
    page = call("GET", "a", make_answer(time.time() + 60, text="<b>1 & 2</b>"))["body"]
    assert "&lt;b&gt;1 &amp; 2&lt;" in page and "<b>1" not in page


def test_a_signed_link_redirects_without_being_kept(call: Call) -> None:
    answer = call("GET", "l", sign_link("aya", "https://aya.example/track?n=1&m=2", KEY))
    assert (answer["statusCode"], answer["headers"]["location"]) == (302, "https://aya.example/track?n=1&m=2")
    assert answer["headers"]["cache-control"] == "no-store"


def test_a_program_that_only_looks_is_answered_alike_and_told_apart(call: Call, made_stack: MadeStack) -> None:
    token = sign_link("aya", "https://aya.example/track", KEY, message=("c1", "m1"))
    answers = [call(method, "l", token, user_agent="Safari") for method in ("GET", "HEAD")]
    assert answers[0] == answers[1]
    queue = made_stack.queue_url("StatusesQueue")
    found = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    [(first,), (second,)] = [ReportChunk.model_validate_json(message["Body"]).reports for message in found]
    assert isinstance(first, VisitReport) and isinstance(second, VisitReport)
    assert {(told.ref, told.agent) for told in (first, second)} == {("aya/c1/m1", "Safari")}
    assert {first.machine, second.machine} == {"", "head"}


@pytest.mark.parametrize("path", ["u", "l", "c"])
@pytest.mark.parametrize("token", ["aya.e30.nonsense", "x", "gone.e30.nonsense", "aya."])
def test_a_broken_link_gets_a_page_that_helps(call: Call, path: str, token: str) -> None:
    answer = call("GET", path, token, accept_language="en")
    assert answer["statusCode"] == 404 and "This link does not work" in answer["body"]
    assert ("https://aya.example" in html.unescape(answer["body"])) is token.startswith("aya.")


def test_a_body_that_is_not_what_it_claims_unsubscribes(call: Call, made_stack: MadeStack) -> None:
    assert call("POST", "u", TOKEN, b"\xff\xfe choice")["statusCode"] == 200
    assert [consent.given for consent in list_evidence(made_stack)] == [False]


def test_a_letter_by_form_is_queued_and_thanked_for(
    call: Call, made_stack: MadeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = call("GET", "f", "aya", accept_language="en")
    assert shown["statusCode"] == 200
    stamp = re.findall(r'name="stamp" value="([^"]+)"', shown["body"])[0]
    later = wiring.read_clock() + timedelta(minutes=1)
    handler = sys.modules["serve_customer_pages.handler"]
    monkeypatch.setattr(handler, "take_letter_form", replace(handler.take_letter_form, clock=lambda: later))
    body = urlencode({"stamp": stamp, "email": "aiko@example.jp", "text": "Where is #1001?"}).encode()
    answer = call("POST", "f", "aya", body, accept_language="en")
    assert answer["statusCode"] == 200
    assert "Thank you for your message" in answer["body"]
    found = boto3.client("sqs").receive_message(QueueUrl=made_stack.queue_url("EventsQueue"))["Messages"]
    letter = Envelope.model_validate_json(found[0]["Body"]).evidence
    assert isinstance(letter, LetterReceived)
    assert (letter.email, letter.order_name, letter.locale) == ("aiko@example.jp", "#1001", "en")
