"""The function as SES calls it: the mail out of the bucket, its files into it, the letter onto the queue."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.reply_addresses import SignedReplyAddresses
from okaeri.adapters.tickets import DynamoTickets
from okaeri.domain.evidence import Envelope, LetterReceived
from okaeri.domain.records import Ticket
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import make_id
from okaeri.errors import GiveUp
from tests.fakes import START, FakeClock, FakeSecrets, FakeStores
from tests.functional.aws_from_template import STACK_NAME, MadeStack
from tests.unit.journeys.test_photos import ask_by_mail, last
from tests.unit.receive_email_event.test_reading import PICTURE, write_mail

STORE = Store(
    store_id="aya", name="Aya", platform=Platform.SHOPIFY, domain="aya.example", site_url="https://aya.example",
)  # fmt: skip
TICKET = make_id("ticket", "aya", 1)
DOMAIN = "reply.example.com"

type Deliver = Callable[..., list[LetterReceived]]


@pytest.fixture
def deliver(deploy: Callable[[str], MadeStack], monkeypatch: pytest.MonkeyPatch) -> Deliver:
    made = deploy("ReceiveEmailEvent")
    monkeypatch.setenv("INBOUND_DOMAIN", DOMAIN)
    dynamodb = wiring.connect_dynamodb()
    item: dict[str, Any] = {"pk": {"S": keys.store_key("aya")}, "sk": {"S": keys.STORE}}
    dynamodb.put_item(TableName=made.table_name, Item=item | {"body": encode_body(STORE, whole=True)})
    dynamodb.put_item(TableName=made.table_name, Item={"pk": {"S": keys.STORES}, "sk": {"S": "aya"}})
    ticket = Ticket(store_id="aya", ticket_id=TICKET, customer_id="c1", queue="conversation", opened_at=START)
    DynamoTickets(dynamodb, made.table_name, FakeClock()).create(ticket)
    secret = {"Name": f"/okaeri/{STACK_NAME}/stores/aya/links", "Value": json.dumps({"key": "k1"})}
    boto3.client("ssm").put_parameter(**secret, Type="SecureString")  # type: ignore[arg-type]  # a mapping of texts
    sys.modules.pop("receive_email_event.handler", None)
    handler = importlib.import_module("receive_email_event.handler")
    bucket = made.references["MediaBucket"]

    def deliver_mail(to: str, raw: bytes | None, **receipt: Any) -> list[LetterReceived]:
        if raw is not None:
            wiring.connect_s3().put_object(Bucket=bucket, Key="mail/m1", Body=raw)
        passed = {f"{name}Verdict": {"status": "PASS"} for name in ("spam", "virus", "spf", "dkim", "dmarc")}
        head = {"messageId": "m1", "source": "aiko@example.jp", "timestamp": "2026-11-02T10:00:00.000Z"}
        ses = {"mail": head, "receipt": passed | {"recipients": [to]} | receipt}
        handler.lambda_handler({"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": ses}]}, None)
        answer = boto3.client("sqs").receive_message(QueueUrl=made.queue_url("EventsQueue"), MaxNumberOfMessages=10)
        found = [Envelope.model_validate_json(message["Body"]).evidence for message in answer.get("Messages", [])]
        return [evidence for evidence in found if isinstance(evidence, LetterReceived)]

    return deliver_mail


def test_a_letter_with_a_picture_reaches_the_inbox(deliver: Deliver, made_stack: MadeStack) -> None:
    mail = write_mail()
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="photo.png")
    [letter] = deliver(f"aya@{DOMAIN}", mail.as_bytes())
    assert (letter.text, letter.order_name, letter.at) == ("Where is my order #1001?", "#1001", START)
    [photo] = letter.attachments
    stored = wiring.connect_s3().get_object(Bucket=made_stack.references["MediaBucket"], Key=photo.media_key)
    assert (stored["ContentType"], stored["Body"].read()) == ("image/png", PICTURE)


def test_an_answer_finds_its_ticket(deliver: Deliver) -> None:
    secrets = FakeSecrets({"stores/aya/links": {"key": "k1"}})
    address = SignedReplyAddresses(secrets, FakeStores(STORE), domain=DOMAIN).make("aya", TICKET)
    [letter] = deliver(address, write_mail().as_bytes())
    assert (letter.ticket_id, letter.customer_id) == (TICKET, "c1")


def test_a_photo_in_an_answer_is_kept_and_bound_to_the_question_that_asked_for_it(
    deliver: Deliver, made_stack: MadeStack
) -> None:
    secrets = FakeSecrets({"stores/aya/links": {"key": "k1"}})
    customer_id, seed = make_id("customer", "aya", "aiko")[:24], make_id("run", 1, 0)
    addresses = SignedReplyAddresses(secrets, FakeStores(STORE), domain=DOMAIN)
    mail = write_mail("Here it is!\n\nAiko")
    mail.add_alternative('<p>Here it is!</p><p>Aiko <img src="cid:logo@work"></p>', subtype="html")
    logo, photo = PICTURE[:8_500], PICTURE.ljust(200_000, b".")
    mail.add_attachment(
        logo, maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<logo@work>"
    )
    mail.add_attachment(photo, maintype="image", subtype="png", filename="IMG_2031.png")
    [letter] = deliver(addresses.make_for_question("aya", customer_id, seed), mail.as_bytes())
    assert (letter.question, letter.customer_id, letter.ticket_id) == (seed[:16], customer_id, None)
    assert [(file.name, file.is_photo) for file in letter.attachments] == [("logo.png", False), ("IMG_2031.png", True)]
    kept = wiring.connect_s3().get_object(
        Bucket=made_stack.references["MediaBucket"], Key=letter.attachments[1].media_key
    )
    assert (kept["ContentType"], kept["Body"].read()) == ("image/png", photo)


def test_a_photo_goes_on_in_the_run_that_asked_for_it(deliver: Deliver) -> None:
    talk = ask_by_mail()
    asked = last(talk)
    secrets = FakeSecrets({"stores/aya/links": {"key": "k1"}})
    addresses = SignedReplyAddresses(secrets, FakeStores(STORE), domain=DOMAIN)
    mail = write_mail("Here it is!", From="Aiko <aiko@work.example>")
    mail.add_attachment(PICTURE.ljust(200_000, b"."), maintype="image", subtype="png", filename="IMG_2031.png")
    [letter] = deliver(addresses.make_for_question("aya", asked.customer_id, asked.seed), mail.as_bytes())
    talk.world.hear(letter, source="email")
    assert (last(talk).template, last(talk).run_id) == ("ugc_consent", asked.run_id)


def test_a_virus_stays_where_it_is(deliver: Deliver) -> None:
    assert deliver(f"aya@{DOMAIN}", write_mail().as_bytes(), virusVerdict={"status": "FAIL"}) == []


def test_a_notice_without_its_mail_is_given_again(deliver: Deliver) -> None:
    with pytest.raises(GiveUp, match="media_gone"):
        deliver(f"aya@{DOMAIN}", None)
