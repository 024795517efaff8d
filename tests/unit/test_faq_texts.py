"""The questions that we ship, in eight languages: complete, short enough for a list, and answerable from a shop's own
data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from command_line.faq_files import read_faq
from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.adapters.shipped_faq import FAQ_FOLDER, load_entries, load_shipped
from okaeri.adapters.template_engine import render_text
from okaeri.catalogue.lint_faq import lint_answer, lint_reply
from okaeri.domain.faq import list_store_data
from okaeri.domain.interpretations import Guess
from okaeri.domain.knowledge import QuickReply, ShopAnswer
from okaeri.domain.stores import Contact, Platform, ShopHours, Store, StoreSettings
from tests.fakes import FakeKnowledge, FakeStores
from tests.unit.rendering_samples import make_context
from tests.unit.test_docs import DOCS, list_snippets

DOCUMENT = DOCS / "faq.md"
LOCALES = ("ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR")
QUESTIONS = list(load_entries("en"))
STORE_DATA = {"return_promise": "store.return_promise", "hours": "store.hours", "reach": "store.contact"}


def test_eight_languages_ask_the_same_twenty_questions_in_the_same_order() -> None:
    assert load_shipped().locales == set(LOCALES)
    assert len(QUESTIONS) == 20
    assert [locale for locale in LOCALES if list(load_entries(locale)) != QUESTIONS] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_our_answers_pass_the_checks_that_a_shop_s_own_must_pass(locale: str) -> None:
    problems = {
        faq: found
        for faq, entry in load_entries(locale).items()
        if (
            found := lint_answer(
                ShopAnswer(faq=faq, locale=locale, question=entry.question, answer=entry.answer, phrases=entry.phrases),
                is_ours=True,
            )
        )
    }
    assert problems == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_each_question_is_known_in_six_ways_or_more_and_no_way_means_two(locale: str) -> None:
    entries = load_entries(locale)
    assert [faq for faq, entry in entries.items() if not 6 <= len(entry.phrases) <= 24] == []
    phrases = [phrase.casefold() for entry in entries.values() for phrase in entry.phrases]
    assert sorted(phrase for phrase in set(phrases) if phrases.count(phrase) > 1) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_answers_the_same_questions_from_the_same_data(locale: str) -> None:
    english = load_entries("en")
    differing = [
        faq
        for faq, entry in load_entries(locale).items()
        if (bool(entry.answer), entry.needs) != (bool(english[faq].answer), english[faq].needs)
    ]
    assert differing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_what_an_answer_needs_is_what_it_speaks_of(locale: str) -> None:
    for faq, entry in load_entries(locale).items():
        assert set(entry.needs) <= STORE_DATA.keys()
        assert all(STORE_DATA[need] in entry.answer for need in entry.needs), faq
        for need in ("return_promise", "hours"):
            assert (need in entry.needs) == (STORE_DATA[need] in entry.answer), faq


@pytest.mark.parametrize("locale", LOCALES)
def test_our_answers_read_well_with_a_shop_s_data(locale: str) -> None:
    store = make_store(locale)
    assert list_store_data(store, locale) == STORE_DATA.keys()
    context = make_context(locale, store=store)
    for faq, entry in load_entries(locale).items():
        said = render_text(entry.answer, context, where=faq)
        assert bool(said) == bool(entry.answer)
        assert len(said) <= 450, faq
        assert "  " not in said
        assert "()" not in said


def make_store(locale: str) -> Store:
    return Store(
        store_id="linen",
        name="Linen & Co",
        platform=Platform.SHOPIFY,
        domain="linen.example",
        site_url="https://linen.example",
        locale=locale,
        contact=Contact(email="help@linen.example", phone="+1 503 555 0142", address="8 Mill Street, Portland"),
        settings=StoreSettings(
            return_promise={locale: "30"}, shop_hours=ShopHours(days={"mon": (("09:00", "17:00"),)})
        ),
    )


def test_every_language_has_its_file_and_no_other_stands_beside_them() -> None:
    assert {path.name for path in FAQ_FOLDER.iterdir()} == {f"{locale}.json" for locale in LOCALES}


@pytest.mark.parametrize("locale", LOCALES)
def test_what_ships_as_a_way_to_ask_is_understood_as_that_question(locale: str) -> None:
    """One in twenty may be taken for a flow that acts instead: it would tell when the money comes, not explain it."""
    store = make_store(locale)
    interpreter = CatalogueInterpreter(FakeKnowledge(FakeStores(store)))
    asked = [(faq, phrase) for faq, entry in load_entries(locale).items() for phrase in entry.phrases]
    missed = [
        (faq, phrase)
        for faq, phrase in asked
        if (guess := interpreter.interpret(phrase, store, locale=locale).guess) != Guess("faq", guess.score, faq)
    ]
    assert len(missed) <= len(asked) / 20, missed


@pytest.mark.parametrize("locale", LOCALES)
def test_what_an_answer_tells_to_write_is_understood(locale: str) -> None:
    store = make_store(locale)
    interpreter = CatalogueInterpreter(FakeKnowledge(FakeStores(store)))
    [told] = re.findall(r"[“„「«](.+?)[”“」»]", load_entries(locale)["not_at_home"].answer)
    assert interpreter.interpret(told, store, locale=locale).guess.intent == "order_status"


# ── What the documents say ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_question_is_documented_with_whether_we_answer_it() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    assert list(rows) == QUESTIONS
    english = load_entries("en")
    assert {faq for faq, said in rows.items() if said.startswith("none")} == {
        faq for faq, entry in english.items() if not entry.answer
    }


@pytest.mark.parametrize("kind", ["yaml faq", "csv"])
def test_files_that_the_documents_show_are_taken_whole(kind: str, tmp_path: Path) -> None:
    [text] = list_snippets(DOCUMENT, kind)
    path = tmp_path / f"faq.{kind.split()[0]}"
    path.write_text(text, encoding="utf-8")
    read = read_faq(path)
    assert read.refused == ()
    english = {answer.faq: answer for answer in read.answers if answer.locale == "en"}
    assert english["sizes"].products == {"7001": "One size fits all."}
    assert english["workshops"].phrases == ("sewing class", "do you teach sewing")
    assert english["workshops"].place == 1


# ── What is refused of a shop's own ──────────────────────────────────────────────────────────────────────────────────


def list_faults(**changes: Any) -> list[str]:
    answer = ShopAnswer(**{"faq": "sizes", "locale": "en", "answer": "Take your usual size."} | changes)
    return [f"{problem.where}: {problem.what}" for problem in lint_answer(answer, is_ours=answer.faq in QUESTIONS)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"faq": "Sizes?"}, "faq: 'Sizes?' is no name"),
        ({"locale": "english"}, "language: 'english' is no language"),
        ({"answer": ""}, "answer: nothing is said"),
        ({"question": "Which of your sizes fits me?"}, "question: 28 characters"),
        ({"faq": "workshops"}, "question: it is not one of ours, and has no question"),
        ({"answer": "x" * 901}, "answer: 901 characters"),
        ({"answer": "Your order {{ order.name }}."}, "answer: `order.name` is no field of an answer"),
        ({"answer": "{{ store.fax }}"}, "answer: `store.fax` is no field of an answer"),
        ({"products": {"p1": "{{ stor.name }}"}}, "products.p1: `stor.name` is no field of an answer"),
        ({"phrases": ("",)}, "phrases: '' is no phrase"),
        ({"phrases": ("fit",) * 41}, "phrases: 41 phrases"),
        ({"place": 0}, "place: 0 is no place"),
    ],
)
def test_what_could_not_be_said_is_refused(changes: dict[str, Any], fault: str) -> None:
    assert fault in list_faults(**changes)


def test_a_broken_field_is_refused() -> None:
    assert len(list_faults(answer="{{ store.contact")) == 1


def test_a_foreign_word_that_would_turn_an_arabic_answer_around_is_refused() -> None:
    assert list_faults(locale="ar", answer="FAQ صفحة") != []


def test_what_can_be_said_passes() -> None:
    assert list_faults() == []
    assert list_faults(faq="workshops", question="Workshops", phrases=("sewing class",), place=1) == []
    assert list_faults(answer="", products={"p1": "One size, {{ customer.name }}."}) == []


def test_a_ready_reply_needs_words_and_a_name() -> None:
    assert lint_reply(QuickReply(name="thanks", locale="ja", text="ありがとうございます。")) == []
    broken = lint_reply(QuickReply(name="Thank you", locale="x", text=" "))
    assert [problem.where for problem in broken] == ["name", "language", "text"]
