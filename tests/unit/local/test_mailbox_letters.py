"""A letter of the mailbox reaches the function as SES would bring it, and reads as its writer meant it."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from local.mailbox import letters
from local.mailbox.configuration import Configuration, LetterOrder
from local.mailbox.letters import Letter, deliver, write_letter
from local.mailbox.mail import Mail
from local.mailbox.post_office import Kept, PostOffice
from okaeri.domain.letters import MailNotice, judge_mail
from receive_email_event.payloads import SesEvent
from receive_email_event.reading import read_mail

CONFIGURATION = Configuration(letters_domain="in.test", letters_bucket="media", letters_function="letters")
TOLD = Mail(
    sender="Kinari <hello@kinari.example>",
    to=["Aiko <aiko@example.jp>"],
    cc=[],
    bcc=[],
    reply_to=["reply+abc@in.test"],
    subject="Your question",
    html=None,
    text="We can send\nanother one.",
)


def write(**order: Any) -> Letter:
    office = PostOffice(CONFIGURATION, kept={"0100-1": Kept("0100-1", TOLD, 1_793_610_000.0)})
    return write_letter(office, LetterOrder.model_validate(order))


def notice_of(letter: Letter) -> MailNotice:
    [record] = SesEvent.model_validate(json.loads(json.dumps(letter.event))).records
    return record.ses.to_notice()


def test_an_answer_goes_where_the_mail_asks_for_it_and_says_only_what_is_new() -> None:
    letter = write(to="0100-1", text="はい、お願いします。")
    notice, mail = notice_of(letter), read_mail(letter.raw)
    assert (notice.recipients, notice.envelope_from) == (("reply+abc@in.test",), "aiko@example.jp")
    assert (mail.sender, mail.name, mail.subject) == ("aiko@example.jp", "Aiko", "Re: Your question")
    assert mail.text == "はい、お願いします。"
    assert b"> We can send" in letter.raw
    assert judge_mail(mail, notice.envelope_from) == ""


def test_a_new_letter_needs_its_writer() -> None:
    letter = write(to="kinari@in.test", sender="mio@example.jp", subject="Sizes?", text="Hello", name="Mio")
    mail = read_mail(letter.raw)
    assert (mail.sender, mail.name, mail.subject, mail.text) == ("mio@example.jp", "Mio", "Sizes?", "Hello")
    with pytest.raises(HTTPException, match="from"):
        write(to="kinari@in.test", text="Hello")
    with pytest.raises(HTTPException, match="no mail"):
        write(to="nonsense", text="Hello")


def test_files_headers_and_verdicts_are_as_ordered() -> None:
    content = base64.b64encode(b"%PDF-1.4 a receipt").decode()
    letter = write(
        to="0100-1",
        text="See here",
        attachments=[{"filename": "receipt.pdf", "content_type": "application/pdf", "base64": content}],
        headers={"Auto-Submitted": "auto-replied"},
        verdicts={"dmarc": "FAIL"},
        dmarc_policy="reject",
        envelope_from="",
    )
    notice, mail = notice_of(letter), read_mail(letter.raw)
    assert [(file.name, file.content_type, file.body) for file in mail.files] == [
        ("receipt.pdf", "application/pdf", b"%PDF-1.4 a receipt")
    ]
    assert (notice.verdicts.dmarc, notice.verdicts.dmarc_policy, notice.verdicts.spam) == ("FAIL", "reject", "PASS")
    assert judge_mail(mail, notice.envelope_from) == "bounce"
    assert judge_mail(mail, "a@b.example") == "automatic"


def test_a_letter_is_in_the_bucket_before_the_function_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []
    clients = (
        SimpleNamespace(put_object=lambda **given: calls.append(("put", given))),
        SimpleNamespace(invoke=lambda **given: calls.append(("invoke", given))),
    )
    monkeypatch.setattr(letters, "open_clients", lambda *given: clients)
    letter = write(to="0100-1", text="Yes")
    deliver(letter, CONFIGURATION)
    [(first, put), (second, call)] = calls
    assert (first, put["Bucket"], put["Key"]) == ("put", "media", f"mail/{letter.mail_id}")
    assert (second, call["FunctionName"], call["InvocationType"]) == ("invoke", "letters", "Event")
    assert json.loads(call["Payload"]) == letter.event


def test_mail_to_a_domain_that_receives_none_is_refused() -> None:
    with pytest.raises(HTTPException, match=r"in\.test"):
        deliver(write(to="a@elsewhere.test", sender="b@c.test", text="Hi"), CONFIGURATION)
    with pytest.raises(HTTPException, match="no domain"):
        deliver(write(to="0100-1", text="Hi"), Configuration())
