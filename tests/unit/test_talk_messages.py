"""What the flows ask people to write, in every language, is what our own interpreter understands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.unit.rendering_samples import STORE

# Words that a text asks people to write stand in quotation marks.
ASKED_FOR = {
    "talk_invoice": "person",
    "talk_invoice_sent": "person",
    "talk_order_on_its_way": "person",
    "talk_return_sent": "return_status",
}
QUOTED = re.compile(r"[“„«「”]([^“”„«»「」]+)[”“»」]")
FILES = [path for name in ASKED_FOR for path in sorted((TEMPLATES / name).glob("*.yaml"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_words_that_a_text_asks_for_are_understood(path: Path) -> None:
    template = compile_template(path)
    assert template.chat is not None
    asked = QUOTED.findall(template.chat.body)
    assert asked
    interpreter = CatalogueInterpreter(MemoryKnowledge(MemoryStores(STORE)))
    for words in asked:
        found = interpreter.interpret(words, STORE, locale=template.locale)
        assert found.guess.intent == ASKED_FOR[template.name], words
