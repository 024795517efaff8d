"""The interpreter: only languages that can matter, the shop's questions as they are now, nothing loaded early."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from okaeri.adapters.interpreter import CatalogueInterpreter, choose_languages
from okaeri.domain.knowledge import FaqEntry
from tests.utterances import ShippedKnowledge, make_speaking_store


class ShopKnowledge(ShippedKnowledge):
    """A shop with questions of its own, which it may change."""

    def __init__(self, *entries: FaqEntry) -> None:
        self.entries = entries

    def list_faq(self, store_id: str, locale: str) -> Sequence[FaqEntry]:
        return self.entries if locale == "en" else ()


def test_languages_are_those_of_the_customer_the_shop_and_the_script() -> None:
    store = make_speaking_store("de")
    assert choose_languages("hello", store, None) == ("en", "de")
    assert choose_languages("hello", store, "ms") == ("en", "ms", "de")
    assert choose_languages("荷物 मेरा", store, None) == ("en", "ja", "hi", "de")


def test_a_shops_own_question_is_recognised_and_a_changed_one_at_once() -> None:
    knowledge = ShopKnowledge(FaqEntry("engraving", "Engraving", ("can you engrave a name",), True))
    interpreter, store = CatalogueInterpreter(knowledge), make_speaking_store("en")
    found = interpreter.interpret("could you engrave my name on it?", store, locale="en").guess
    assert (found.intent, found.faq) == ("faq", "engraving")
    knowledge.entries = (FaqEntry("monogram", "Monogram", ("do you stitch initials",), True),)
    assert interpreter.interpret("could you engrave my name on it?", store, locale="en").guess.faq == ""
    assert interpreter.interpret("can you stitch my initials", store, locale="en").guess.faq == "monogram"


def test_a_question_of_one_shop_is_not_heard_in_another() -> None:
    knowledge = ShopKnowledge()
    interpreter = CatalogueInterpreter(knowledge)
    kinari, other = make_speaking_store("en"), make_speaking_store("en").model_copy(update={"store_id": "other"})
    knowledge.entries = (FaqEntry("engraving", "Engraving", ("can you engrave a name",), True),)
    assert interpreter.interpret("can you engrave a name", kinari, locale=None).guess.faq == "engraving"
    knowledge.entries = ()
    assert interpreter.interpret("can you engrave a name", other, locale=None).guess.faq == ""


def test_what_the_assistant_does_it_does_rather_than_explaining_it() -> None:
    knowledge = ShopKnowledge(FaqEntry("returns", "Returns", ("how do I return something",), True))
    found = CatalogueInterpreter(knowledge).interpret("how do i return this", make_speaking_store("en"), locale="en")
    assert found.guess.intent == "return"


def test_a_regional_locale_reads_its_language() -> None:
    interpreter = CatalogueInterpreter(ShippedKnowledge())
    found = interpreter.interpret("cadê meu pedido", make_speaking_store("en"), locale="pt-BR")
    assert (found.guess.intent, found.language) == ("order_status", "pt_BR")


def test_rapidfuzz_is_loaded_with_the_first_words_that_are_read() -> None:
    script = "import sys, okaeri.adapters.interpreter; sys.exit('rapidfuzz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": "functions"}, check=False).returncode == 0
