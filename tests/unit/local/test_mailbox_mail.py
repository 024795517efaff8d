"""What the mailbox takes as a mail, by SES's limits, and the events that it tells of it."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

import pytest

from local.mailbox.configuration import Configuration, EventOrder
from local.mailbox.events import build_event, find_simulated_answer
from local.mailbox.mail import Refused, check_sender, read_mail

Json = dict[str, Any]


def make_request(simple: Json | None = None, **change: Any) -> Json:
    content = {"Subject": {"Data": "Your order"}, "Body": {"Text": {"Data": "Hello"}}} | (simple or {})
    return {
        "FromEmailAddress": "Linen & Co <hello@linen.example>",
        "Destination": {"ToAddresses": ["ada@example.com"]},
        "Content": {"Simple": content},
        **change,
    }


def make_header(name: str, value: str) -> Json:
    return {"Headers": [{"Name": name, "Value": value}]}


@pytest.mark.parametrize(
    "request_body",
    [
        make_request(FromEmailAddress=None),
        make_request(FromEmailAddress="hello"),
        make_request(Destination={}),
        make_request(Destination={"ToAddresses": ["ada@localhost"]}),
        make_request(Destination={"ToAddresses": ["åda@example.com"]}),
        make_request(Content={}),
        make_request({"Subject": {}}),
        make_request({"Subject": {"Data": "two\nlines"}}),
        make_request({"Body": {}}),
        make_request(make_header("X-Né", "1")),
        make_request(make_header("X-Name", "é")),
        make_request(make_header("X-Name", "x" * 996)),
        make_request(make_header("Subject", "x")),
        make_request({"Headers": [{"Name": f"X-{i}", "Value": "1"} for i in range(16)]}),
        make_request({"Attachments": [{"FileName": "a.pdf", "RawContent": "not base64!"}]}),
        make_request(EmailTags=[{"Name": "run", "Value": "a/b"}]),
        make_request(EmailTags=[{"Name": "run", "Value": "1"}, {"Name": "run", "Value": "2"}]),
    ],
)
def test_a_bad_request_is_refused(request_body: Json) -> None:
    with pytest.raises(Refused) as refused:
        read_mail(request_body)
    assert (refused.value.kind, refused.value.http_status) == ("BadRequestException", 400)


def test_more_than_fifty_recipients_are_refused() -> None:
    many = make_request(Destination={"ToAddresses": [f"a{i}@example.com" for i in range(51)]})
    with pytest.raises(Refused) as refused:
        read_mail(many)
    assert refused.value.kind == "MessageRejected"


def test_a_raw_mail_is_read_into_the_same_shape() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hello@linen.example", "misaki@example.jp", "ご注文 #1001"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content("こんにちは")
    message.add_alternative("<p>こんにちは</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="請求書.pdf")
    raw = {"Content": {"Raw": {"Data": base64.b64encode(bytes(message)).decode()}}}
    mail = read_mail(raw)
    assert (mail.sender, mail.to, mail.subject) == ("hello@linen.example", ["misaki@example.jp"], "ご注文 #1001")
    assert (mail.text or "").strip() == "こんにちは" and (mail.html or "").strip() == "<p>こんにちは</p>"
    assert ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") in mail.headers
    assert [(a.filename, a.content_type, a.content) for a in mail.attachments] == [
        ("請求書.pdf", "application/pdf", b"%PDF")
    ]


@pytest.mark.parametrize(
    "verified", [["hello@linen.example"], ["linen.example"], ["example.org", "LINEN.example"], None]
)
def test_a_verified_address_or_domain_may_send(verified: list[str] | None) -> None:
    check_sender("Linen & Co <Hello@mail.linen.example>".replace("mail.", ""), verified, "us-east-1")


@pytest.mark.parametrize("verified", [[], ["other@linen.example"], ["en.example"]])
def test_an_unverified_sender_is_refused(verified: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        check_sender("hello@linen.example", verified, "us-east-1")
    assert refused.value.kind == "MessageRejected" and "US-EAST-1" in refused.value.message


def test_an_event_carries_our_tags_and_the_configuration_set() -> None:
    tags = [{"Name": "message", "Value": "0123abcd"}]
    mail = read_mail(make_request(EmailTags=tags, ConfigurationSetName="okaeri"))
    order = EventOrder(message_id="m", event="bounce", bounce_type="Transient", bounce_sub_type="MailboxFull")
    event = build_event(mail, "m", 1.0, order, "bounce", 2.0, Configuration())
    assert (event["source"], event["detail-type"]) == ("aws.ses", "Email Bounced")
    detail = event["detail"]
    assert detail["eventType"] == "Bounce"
    assert detail["mail"]["tags"]["message"] == ["0123abcd"]
    assert detail["mail"]["tags"]["ses:configuration-set"] == ["okaeri"]
    assert (detail["bounce"]["bounceType"], detail["bounce"]["bounceSubType"]) == ("Transient", "MailboxFull")
    assert detail["bounce"]["bouncedRecipients"][0]["emailAddress"] == "ada@example.com"


def test_the_simulator_s_addresses_answer_with_any_label() -> None:
    assert find_simulated_answer("Bounce+order-1@simulator.amazonses.com") == {"event": "bounce"}
    assert find_simulated_answer("complaint@simulator.amazonses.com") == {"event": "complaint"}
    assert find_simulated_answer("success@simulator.amazonses.com") is None
    assert find_simulated_answer("bounce@example.com") is None
