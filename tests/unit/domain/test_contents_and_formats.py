"""What kind of thing a message says, and how it looks."""

from __future__ import annotations

from typing import Any

import pytest

from okaeri.catalogue.compile_journeys import compile_journey, compile_journeys
from okaeri.domain.contents import CONTENTS, find_content, index_contents
from okaeri.domain.formats import FORMATS, find_chat_format, find_mail_format
from okaeri.domain.journeys import AskStep, Definition, SendStep
from okaeri.domain.templates import (
    ButtonValue,
    ChatButton,
    ChatLink,
    ChatList,
    ChatMedia,
    ChatProduct,
    ChatText,
    EmailAttachment,
    EmailContent,
    WhatsappContent,
)

HEAD = "journey: news\nversion: 1\n"
ASK = "{ask: {id: why, template: two, answers: {good: [], bad: []}, timeout: P1D}}"


def compile_news(head: str, *steps: str, event: str = "order.placed") -> Definition:
    listed = "".join(f"  - {step}\n" for step in steps)
    key = "customer" if event == "turn.taken" else "order.id"
    text = f"{HEAD}{head}\ntrigger: {{event: {event}, key: {key}}}\nsteps:\n{listed}"
    return compile_journey(text, "news.yaml")


def list_contents(definition: Definition) -> list[str]:
    return [find_content(step, definition) for step in definition.steps if isinstance(step, SendStep | AskStep)]


def test_what_no_file_says_follows_from_purpose_and_step() -> None:
    assert list_contents(compile_news("purpose: order", "send: one")) == ["order"]
    assert list_contents(compile_news("purpose: marketing", "send: one", ASK)) == ["offer", "question"]
    assert list_contents(compile_news("purpose: order", "send: one", event="turn.taken")) == ["answer"]


def test_a_journey_says_it_for_all_of_its_own_purpose_and_a_step_for_itself() -> None:
    steps = (
        "send: one",
        ASK,
        "send: {template: three, purpose: order}",
        "send: {template: four, content: news}",
    )
    head = "purpose: marketing\ncontent: care"
    assert list_contents(compile_news(head, *steps)) == ["care", "care", "order", "news"]


def test_every_message_of_the_shipped_journeys_is_of_one_kind() -> None:
    definitions = compile_journeys()
    found = index_contents(definitions)
    assert set(found.values()) == set(CONTENTS)
    said = {
        ("cart-recovery", "cart_reminder_1"): "reminder",
        ("cart-why", "cart_reminder_3"): "question",
        ("back-in-stock", "back_in_stock"): "news",
        ("product-care", "care_guide_1"): "care",
        ("product-care", "care_check"): "care",
        ("referral", "referral_offer"): "offer",
        ("delivery-updates", "shipment_shipped"): "order",
        ("talk-faq", "talk_faq"): "answer",
    }
    assert {name: found.get(name) for name in said} == said
    for definition in definitions:
        kinds: dict[str, set[str]] = {}
        for step in definition.steps:
            if isinstance(step, SendStep | AskStep):
                kinds.setdefault(step.template, set()).add(find_content(step, definition))
        mixed = {template for template, found_kinds in kinds.items() if len(found_kinds) > 1}
        assert not mixed, f"{definition.journey}: results by content would count them for the first"


BUTTON = ChatButton(text="Yes", payload="ANSWER:yes")


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        ({}, "text"),
        ({"buttons": (ButtonValue(index=0, type="url", value="x"),)}, "buttons"),
        ({"media_key": "k", "media_name": "invoice.pdf"}, "document"),
        ({"media_key": "k"}, "picture"),
        ({"chat": ChatText(body="…")}, "text"),
        ({"chat": ChatText(body="…", buttons=(BUTTON,))}, "buttons"),
        ({"chat": ChatText(body="…", link=ChatLink(text="Shop", url="https://x.example"))}, "buttons"),
        ({"chat": ChatText(body="…", list=ChatList(button="Choose"))}, "list"),
        ({"chat": ChatText(body="…", media=ChatMedia(type="image", url="https://x.example/a.jpg"))}, "picture"),
        (
            {"chat": ChatText(body="…", buttons=(BUTTON,), media=ChatMedia(type="video", url="https://x.example/v"))},
            "video",
        ),
        ({"chat": ChatText(body="…", product=ChatProduct(catalog="1", item="2"))}, "product"),
    ],
)
def test_a_whatsapp_message_looks_as_what_strikes_the_eye_first(content: dict[str, Any], looks: str) -> None:
    assert find_chat_format(WhatsappContent(text="…", **content)) == looks
    assert looks in FORMATS


def test_an_e_mail_is_plain_or_shows_pictures_or_brings_a_file() -> None:
    plain = EmailContent(subject="…", preheader="…", html="<p>…</p>", text="…")
    pictures = plain.model_copy(update={"html": '<p>…</p><img src="https://x.example/a.jpg">'})
    paper = EmailAttachment(filename="1001.pdf", content_type="application/pdf", body=b"%PDF")
    assert [find_mail_format(mail) for mail in (plain, pictures)] == ["text", "picture"]
    assert find_mail_format(pictures.model_copy(update={"attachments": (paper,)})) == "document"
