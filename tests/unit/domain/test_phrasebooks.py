"""The phrasebooks of the eight languages: complete, and never saying two things with the same words."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib import resources
from typing import Any

import pytest

from okaeri.adapters.interpreter import load_phrasebook
from okaeri.domain.folding import fold_words
from okaeri.domain.interpretations import BEGIN, FAQ, INTENTS, UNKNOWN
from okaeri.domain.languages import SHIPPED
from okaeri.domain.phrasebooks import NOT, Phrase, make_phrasebook

FOLDER = resources.files("okaeri.catalogue").joinpath("intents")
PHRASED = set(INTENTS) - {BEGIN, FAQ, UNKNOWN}
# Written alike in both meanings; the one that stands later in the file holds.
ALIKE = {"ar": {"هلا"}, "pt_BR": {"n"}}


def read_data(locale: str) -> dict[str, Any]:
    return dict(json.loads(FOLDER.joinpath(f"{locale}.json").read_text("utf-8")))


def list_phrases() -> list[Phrase]:
    return [phrase for locale in SHIPPED for phrase in load_phrasebook(locale).phrases]


@pytest.mark.parametrize("locale", SHIPPED)
def test_every_intent_has_phrases_in_every_language(locale: str) -> None:
    data = read_data(locale)
    assert set(data["phrases"]) == PHRASED
    assert {intent: len(texts) for intent, texts in data["phrases"].items() if len(texts) < 3} == {}
    assert set(data["numbers"]) == {str(number) for number in range(1, 11)}


@pytest.mark.parametrize("locale", SHIPPED)
def test_no_word_has_two_meanings_in_one_language(locale: str) -> None:
    data = read_data(locale)
    uses: dict[str, set[str]] = defaultdict(set)
    for meaning, words in [("", data["filler"]), *data["words"].items(), *data["numbers"].items()]:
        for word in words:
            uses[" ".join(fold_words(word))].add(meaning)
    twice = {word for word, meanings in uses.items() if len(meanings) > 1}
    assert twice == ALIKE.get(locale, set())


def test_no_two_intents_are_said_with_the_same_meanings() -> None:
    uses: dict[frozenset[str], set[str]] = defaultdict(set)
    for phrase in list_phrases():
        uses[phrase.meanings].add(phrase.intent)
    assert {tuple(sorted(meanings)): intents for meanings, intents in uses.items() if len(intents) > 1} == {}


def test_what_stops_speaks_of_messages_a_list_or_leaving_alone() -> None:
    about = {"message", "contactme", "unsub", "leave", "list", "remove", "offers", "subscribe"}
    vague = [
        sorted(phrase.meanings) for phrase in list_phrases() if phrase.intent == "stop" and not phrase.meanings & about
    ]
    assert [meanings for meanings in vague if meanings != ["all", "stop"]] == []


def test_what_starts_denies_nothing() -> None:
    assert [
        phrase for phrase in list_phrases() if phrase.intent in ("start", "subscribe") and NOT in phrase.meanings
    ] == []


@pytest.mark.parametrize(
    ("intent", "act"), [("return", "return"), ("cancel_order", "cancel"), ("exchange", "exchange")]
)
def test_who_denies_an_act_does_not_ask_for_it(intent: str, act: str) -> None:
    assert [phrase for phrase in list_phrases() if phrase.intent == intent and {act, NOT} <= phrase.meanings] == []


def test_a_shop_may_bring_a_language_of_its_own() -> None:
    data = {
        "filler": ["merci de", "mon"],
        "words": {"order": ["commande", "colis"], "where": ["où est", "où"]},
        "phrases": {"order_status": ["où est mon colis", "suivi colis"], "find_product": ["je cherche…"]},
    }
    book = make_phrasebook("fr", data, {}, load_phrasebook("en").lexicon)
    assert book.phrases[0] == Phrase("order_status", frozenset({"where", "order"}), "fr")
    assert book.lexicon.meanings["suivi"] == "=suivi"
    assert book.phrases[2].is_open
