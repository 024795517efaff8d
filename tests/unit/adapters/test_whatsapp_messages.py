"""What is said inside the 24-hour window as Meta's JSON, each kind taken by the stand-in's own rules."""

from __future__ import annotations

from typing import Any

import pytest

from local.whatsapp.free_form import show_free_form
from okaeri.adapters.whatsapp_messages import build_body, build_chat, build_template
from okaeri.domain.delivery import MessageKey
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.media import UploadedFile
from okaeri.domain.templates import ChatText, WhatsappContent

PICTURE = {"type": "image", "url": "https://shop.example/a.png"}
ROWS = [{"text": "Order #1001", "payload": "ANSWER:s:1", "description": "Shipped"}]
TAP = {"text": "Yes", "payload": "ANSWER:s:yes"}


@pytest.mark.parametrize(
    ("chat", "kind", "said"),
    [
        ({"body": "Hi"}, "text", {"body": "Hi", "preview_url": False}),
        ({"body": "Hi", "media": PICTURE}, "image", {"link": "https://shop.example/a.png", "caption": "Hi"}),
        (
            {"body": "Hi", "media": PICTURE | {"type": "document", "filename": "invoice.pdf"}},
            "document",
            {"link": "https://shop.example/a.png", "filename": "invoice.pdf", "caption": "Hi"},
        ),
        (
            {"header": "Head", "body": "Hi", "footer": "Foot", "buttons": [TAP]},
            "interactive",
            {
                "type": "button",
                "header": {"type": "text", "text": "Head"},
                "body": {"text": "Hi"},
                "footer": {"text": "Foot"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "ANSWER:s:yes", "title": "Yes"}}]},
            },
        ),
        (
            {"body": "Hi", "list": {"button": "Choose", "rows": ROWS}},
            "interactive",
            {
                "type": "list",
                "body": {"text": "Hi"},
                "action": {
                    "button": "Choose",
                    "sections": [
                        {
                            "title": "Choose",
                            "rows": [{"id": "ANSWER:s:1", "title": "Order #1001", "description": "Shipped"}],
                        }
                    ],
                },
            },
        ),
        (
            {"body": "Hi", "media": PICTURE, "link": {"text": "See it", "url": "https://shop.example/"}},
            "interactive",
            {
                "type": "cta_url",
                "header": {"type": "image", "image": {"link": "https://shop.example/a.png"}},
                "body": {"text": "Hi"},
                "action": {
                    "name": "cta_url",
                    "parameters": {"display_text": "See it", "url": "https://shop.example/"},
                },
            },
        ),
        (
            {"body": "Hi", "product": {"catalog": "77", "item": "p1"}},
            "interactive",
            {
                "type": "product",
                "body": {"text": "Hi"},
                "action": {"catalog_id": "77", "product_retailer_id": "p1"},
            },
        ),
        (
            {"body": "Where?", "location_request": True},
            "interactive",
            {"type": "location_request_message", "body": {"text": "Where?"}, "action": {"name": "send_location"}},
        ),
    ],
)
def test_each_kind_is_said_as_meta_wants_it(chat: dict[str, Any], kind: str, said: dict[str, Any]) -> None:
    assert build_chat(ChatText.model_validate(chat)) == {"type": kind, kind: said}
    show_free_form(kind, {kind: said})


@pytest.mark.parametrize(
    ("chat", "file", "place"),
    [
        ({"body": "Here"}, UploadedFile("77", "document"), {"document": {"id": "77", "caption": "Here"}}),
        ({"body": ""}, UploadedFile("77", "image"), {"image": {"id": "77"}}),
        ({"body": "Here"}, UploadedFile("77", "audio"), {"audio": {"id": "77"}}),
    ],
)
def test_a_file_of_the_shop_goes_along_with_the_words(
    chat: dict[str, Any], file: UploadedFile, place: dict[str, Any]
) -> None:
    assert build_chat(ChatText.model_validate(chat), file) == {"type": file.kind} | place


def test_a_file_stands_above_buttons() -> None:
    built = build_chat(ChatText.model_validate({"body": "Right?", "buttons": [TAP]}), UploadedFile("77", "image"))
    assert built["interactive"]["header"] == {"type": "image", "image": {"id": "77"}}


def test_a_pdf_has_a_name_on_the_phone_and_a_picture_none() -> None:
    pdf = UploadedFile("77", "document")
    linked = ChatText.model_validate({"body": "Here", "link": {"text": "See", "url": "https://shop.example/"}})
    named = {"id": "77", "filename": "Receipt 1001.pdf"}
    header = build_chat(linked, pdf, "Receipt 1001.pdf")["interactive"]["header"]
    assert header == {"type": "document", "document": named}
    alone = build_chat(ChatText(body="Here"), pdf, "Receipt 1001.pdf")
    assert alone["document"] == named | {"caption": "Here"}
    assert build_chat(ChatText(body="Here"), UploadedFile("77", "image"), "a.png")["image"] == {
        "id": "77",
        "caption": "Here",
    }


def test_a_template_holds_its_pdf_in_the_header() -> None:
    content = WhatsappContent(
        meta_name="order_invoice_v1", language="en", text="…", body={"order": "#1001"}, media_name="Receipt 1001.pdf"
    )
    header, body = build_template(content, UploadedFile("77", "document"))["components"]
    document = {"id": "77", "filename": "Receipt 1001.pdf"}
    assert header == {"type": "header", "parameters": [{"type": "document", "document": document}]}
    assert body["type"] == "body"


def test_an_answer_quotes_what_it_answers() -> None:
    content = WhatsappContent(text="Hi", chat=ChatText(body="Hi"))
    body = build_body(WhatsappAddress(to="+819012345678"), content, key=MessageKey("s", "c", "m"), reply_to="wamid.in")
    assert (body["type"], body["context"]) == ("text", {"message_id": "wamid.in"})
