"""What the flows say, in every language: it fits WhatsApp whatever the values, and asks for words that we understand."""

from __future__ import annotations

import json
import re

import pytest

from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.adapters.talk_context import Answered, add_answer
from okaeri.domain.chat_limits import BODY_LIMIT, MOST_BUTTONS, MOST_ROWS, TEXT_LIMIT
from okaeri.domain.templates import Template
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.catalogue import load_templates
from tests.unit.rendering_samples import STORE, make_awkward_context, make_context

TALKS = [template for template in load_templates() if template.chat is not None and template.name != "staff_reply"]
LONG = "Handwoven Linen Apron with Long Straps and Two Deep Pockets (Extra Large, Natural Undyed)"
LEARNT = {
    "talk.due": "2026-11-23T14:00:00Z",
    "answer.item": "l1",
    "answer.item.title": LONG,
    "answer.variant": "L",
    "answer.street": "12 Mill Lane",
    "answer.postcode": "97201",
    "answer.city": "Portland",
    "options": json.dumps([{"id": str(place), "title": f"{place} {LONG}"} for place in range(12)]),
}
ANSWER = Answered("Delivery time", "Two to four days.\n\n" + "It depends on the carrier. " * 60)
# Words that a text asks people to write, in quotation marks, and what they are taken for.
ASKED_FOR = {
    "talk_invoice": "person",
    "talk_invoice_sent": "person",
    "talk_order_on_its_way": "person",
    "talk_return_sent": "return_status",
}
QUOTED = re.compile(r"[“„«「”]([^“”„«»「」]+)[”“»」]")


def name(template: Template) -> str:
    return f"{template.name}-{template.locale}"


@pytest.mark.parametrize("template", TALKS, ids=name)
def test_it_fits_whatsapp_whatever_the_values(template: Template) -> None:
    for context in (
        make_context(template.locale, data=LEARNT),
        make_awkward_context(template.locale) | {"answer": {}, "chosen": {}},
    ):
        filled = add_answer(context, ANSWER)
        if not context["answer"]:
            filled |= {
                "answer": {"street": LONG, "postcode": "1", "city": LONG, "variant": "L"},
                "chosen": {"item": LONG},
            }
        chat = render_chat(template, filled).chat
        assert chat is not None
        assert chat.body
        is_tapped = chat.buttons or chat.link
        assert len(chat.body) <= (BODY_LIMIT if is_tapped else TEXT_LIMIT)
        assert "\n\n\n" not in chat.body
        assert len(chat.buttons) <= MOST_BUTTONS
        assert chat.list is None or 0 < len(chat.list.rows) <= MOST_ROWS


@pytest.mark.parametrize("template", [t for t in TALKS if t.name in ASKED_FOR], ids=name)
def test_words_that_it_asks_for_are_understood(template: Template) -> None:
    assert template.chat is not None
    asked = QUOTED.findall(template.chat.body)
    assert asked
    interpreter = CatalogueInterpreter(MemoryKnowledge(MemoryStores(STORE)))
    for words in asked:
        found = interpreter.interpret(words, STORE, locale=template.locale)
        assert found.guess.intent == ASKED_FOR[template.name], words
