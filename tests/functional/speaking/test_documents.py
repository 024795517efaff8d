"""An order's PDF goes along: made by its function, kept in the bucket, on the phone and in the mailbox."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.item_body import encode_body
from okaeri.domain.messages import MessageState
from okaeri.domain.stores import InvoiceSettings
from okaeri.domain.values import Channel
from tests.functional.aws_from_template import STACK_NAME
from tests.functional.speaking.conftest import PHONE, STORE, Shop


class Lambda:
    """AWS's API with make_documents behind it, or with nobody there."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.asked = shop, 0
        self.is_away = False

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:
        assert FunctionName == f"{STACK_NAME}-MakeDocuments"
        self.asked += 1
        if self.is_away:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b"{}")}
        answer = self.shop.load("make_documents").lambda_handler(json.loads(Payload), None)
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def maker(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Lambda:
    """A shop that sends PDFs."""
    settings = STORE.settings.model_copy(update={"invoice": InvoiceSettings(on=True)})
    store = STORE.model_copy(update={"settings": settings})
    shop.put_item(keys.store_key("kinari"), keys.STORE, body=encode_body(store))
    found = Lambda(shop)
    monkeypatch.setattr(wiring, "connect_lambda", lambda: found)
    return found


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What SES is asked to send."""
    sent: list[dict[str, Any]] = []

    def send_email(**request: Any) -> dict[str, str]:
        sent.append(request)
        return {"MessageId": f"ses-{len(sent)}"}

    monkeypatch.setattr(wiring, "connect_ses", lambda: SimpleNamespace(send_email=send_email))
    return sent


def test_a_template_that_holds_a_pdf_is_approved_by_an_example_and_sent_with_the_orders_own(
    shop: Shop, maker: Lambda
) -> None:
    shop.publish("order_invoice")
    message = shop.say("order_invoice")
    assert shop.run("send_whatsapp", "WhatsappTransactionalQueue") == []
    assert shop.read(message).state is MessageState.ACCEPTED, shop.read(message).reason
    [shown] = shop.phones.shown(PHONE)
    assert shown["template"] == "order_invoice_v1"
    assert (shown["media"]["type"], shown["media"]["filename"]) == ("document", "Receipt 1001.pdf")


def test_a_confirmation_by_e_mail_has_it_attached_and_says_so(
    shop: Shop, maker: Lambda, mails: list[dict[str, Any]]
) -> None:
    shop.publish("order_confirmation", status=None)
    message = shop.say(channel=Channel.EMAIL)
    assert shop.run("send_email", "EmailTransactionalQueue") == []
    assert (shop.read(message).state, shop.read(message).reason) == (MessageState.ACCEPTED, "")
    content = mails[0]["Content"]["Simple"]
    [attached] = content["Attachments"]
    assert (attached["FileName"], attached["RawContent"][:4]) == ("Receipt 1001.pdf", b"%PDF")
    assert "Attached as a PDF: Receipt" in content["Body"]["Text"]["Data"]
    assert "Attached as a PDF: Receipt" in content["Body"]["Html"]["Data"]


def test_the_second_message_finds_the_pdf_of_the_first(shop: Shop, maker: Lambda, mails: list[dict[str, Any]]) -> None:
    shop.publish("order_confirmation", status=None)
    for number in ("1", "2"):
        shop.say(channel=Channel.EMAIL, message_id=number * 40)
    assert shop.run("send_email", "EmailTransactionalQueue") == []
    assert (len(mails), maker.asked) == (2, 1)


def test_a_confirmation_goes_out_without_a_pdf_that_nobody_makes(
    shop: Shop, maker: Lambda, mails: list[dict[str, Any]]
) -> None:
    maker.is_away = True
    shop.publish("order_confirmation", status=None)
    message = shop.say(channel=Channel.EMAIL)
    assert shop.run("send_email", "EmailTransactionalQueue") == []
    assert (shop.read(message).state, shop.read(message).reason) == (MessageState.ACCEPTED, "without_document")
    content = mails[0]["Content"]["Simple"]
    assert "Attachments" not in content and "PDF" not in content["Body"]["Text"]["Data"]
