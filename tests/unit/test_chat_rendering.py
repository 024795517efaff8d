"""What is said inside the 24-hour window: rendered so that Meta takes it, whatever the values are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.locale_formats import cut_text
from okaeri.domain.records import OrderRecord
from okaeri.domain.templates import ChatButton, ChatList, ChatText, Template, WhatsappContent
from okaeri.errors import GiveUp
from tests.unit.rendering_samples import JAPANESE_ORDER, NOW, ORDER, make_context

QUESTION = "0123456789abcdef"


def say(chat: dict[str, Any], locale: str = "en", data: dict[str, str] | None = None) -> WhatsappContent:
    template = Template(name="talk_menu", locale=locale, purpose="order", chat=ChatText.model_validate(chat))
    return render_chat(template, make_context(locale, data=data))


def read_chat(chat: dict[str, Any], locale: str = "en", data: dict[str, str] | None = None) -> ChatText:
    said = say(chat, locale, data).chat
    assert said
    return said


def offer(*titles: str) -> dict[str, str]:
    """A question's own rows, as the engine hands them to the sender."""
    rows = [{"id": f"o{n}", "title": title, "description": ""} for n, title in enumerate(titles)]
    return {"options": json.dumps(rows)}


def test_a_text_with_buttons_names_its_question_and_its_intents() -> None:
    buttons = [{"text": "Yes", "payload": "ANSWER:yes"}, {"text": "A person", "payload": "DO:person"}]
    content = say({"body": "Hi {{ customer.name }}, did it come?", "buttons": buttons})
    assert content.text == "Hi Aiko, did it come?"
    assert content.chat
    assert [button.payload for button in content.chat.buttons] == [f"ANSWER:{QUESTION}:yes", "DO:person"]


def test_a_list_puts_the_questions_own_rows_first_and_keeps_room_for_the_others() -> None:
    rows = [{"text": "Another one", "payload": "ANSWER:other"}]
    chat = {"body": "Which order?", "list": {"button": "Choose", "choices": True, "rows": rows}}
    said = read_chat(chat, data=offer(*(f"Order {n}" for n in range(12))))
    assert said.list
    assert [row.text for row in said.list.rows] == [*(f"Order {n}" for n in range(9)), "Another one"]
    assert said.list.rows[0].payload == f"ANSWER:{QUESTION}:o0"
    assert said.list.rows[-1].payload == f"ANSWER:{QUESTION}:other"


def test_three_short_choices_are_buttons() -> None:
    chat = {"body": "Which order?", "list": {"button": "Choose", "choices": True}}
    said = read_chat(chat, data=offer("#1001", "#1002", "#1003"))
    assert said.list is None
    assert [button.text for button in said.buttons] == ["#1001", "#1002", "#1003"]


def test_a_list_of_nothing_is_a_text() -> None:
    said = read_chat({"body": "Which order?", "list": {"button": "Choose", "choices": True}})
    assert (said.list, said.buttons, said.body) == (None, (), "Which order?")


def test_a_title_that_is_too_long_is_cut_and_given_whole_below() -> None:
    chat = {"body": "Which?", "list": {"button": "Choose", "choices": True}}
    said = read_chat(chat, data=offer("Linen apron with two deep pockets", "Towel"))
    assert said.list
    first = said.list.rows[0]
    assert (first.text, first.description) == ("Linen apron with two…", "Linen apron with two deep pockets")
    assert len(first.text) <= 24


def test_a_link_without_an_address_is_left_out() -> None:
    chat = {"body": "It is packed.", "link": {"text": "Track it", "url": "{{ order.nothing | default('') }}"}}
    assert read_chat(chat).link is None
    chat["link"] = {"text": "See it", "url": "{{ order.url }}"}
    assert read_chat(chat).link


def test_a_message_that_says_nothing_is_not_sent() -> None:
    with pytest.raises(GiveUp) as refused:
        say({"body": "{{ '' }}"})
    assert refused.value.code == "template_empty"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Out for delivery · Nov 20, 2026 · Linen Apron (M, Natural) × 2, Tea…"),
        ("ja", "配達中 · 2026年11月21日 · リネンエプロン（M・生成り） × 2、ティータオル × 1"),
    ],
)
def test_an_order_to_choose_says_how_far_it_is(locale: str, said: str) -> None:
    order = JAPANESE_ORDER if locale == "ja" else ORDER
    record = OrderRecord(store_id="linen", order_id="o0", order=order)
    context = make_context(locale, data=offer("#1001"), orders=[record])
    chat = ChatText(body="?", list=ChatList(button="Choose", choices=True))
    content = render_chat(Template(name="t", locale=locale, purpose="order", chat=chat), context)
    assert content.chat
    assert content.chat.list
    [row] = content.chat.list.rows
    assert (row.text, row.description) == ("#1001", said)
    assert len(row.description) <= 72


def test_a_cancelled_order_says_so() -> None:
    record = OrderRecord(store_id="linen", order_id="o0", order=ORDER.model_copy(update={"cancelled_at": NOW}))
    [option] = make_context(data=offer("#1001"), orders=[record])["options"]
    assert option["description"].startswith("Cancelled · ")


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("Cafe\u0301s", 5, "Caf…"),  # an accent of its own
        ("ab👩‍👩‍👧cd", 6, "ab…"),  # a family is one sign of five characters
        ("a👍🏽b c", 3, "a…"),  # a thumb and its colour
        ("🇯🇵🇩🇪🇲🇾", 4, "🇯🇵…"),  # flags are pairs
        ("नमस्ते दुनिया", 5, "नम…"),  # स्ते is one syllable
    ],
)
def test_what_a_reader_sees_as_one_character_is_not_taken_apart(text: str, limit: int, cut: str) -> None:
    assert cut_text(text, limit) == cut
    assert len(cut) <= limit


def test_what_is_offered_twice_is_offered_once() -> None:
    rows = [{"text": "Talk to a person", "payload": "DO:person"}]
    chat = {"body": "?", "list": {"button": "Choose", "choices": True, "rows": rows}}
    data = {
        "options": json.dumps([{"id": "person", "title": ""}, {"id": "a", "title": "A"}, {"id": "a", "title": "A"}])
    }
    said = read_chat(chat, data=data)
    assert said.buttons == (
        ChatButton(text="A", payload=f"ANSWER:{QUESTION}:a"),
        ChatButton(text="Talk to a person", payload="DO:person"),
    )
    buttons = [{"text": "{{ order.name }}", "payload": "ANSWER:a"}, {"text": "#1001", "payload": "ANSWER:b"}]
    assert [button.payload for button in read_chat({"body": "?", "buttons": buttons}).buttons] == [
        f"ANSWER:{QUESTION}:a"
    ]
