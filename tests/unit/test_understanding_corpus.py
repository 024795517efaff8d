"""How well eight languages of typed words are understood. The floors stand a little below what was measured."""

from __future__ import annotations

from collections import Counter

import pytest

from okaeri.domain.interpretations import INTENTS, UNKNOWN
from tests.utterances import NOT_STOP, Score, load_utterances, make_reading, read_all

UTTERANCES = load_utterances()
PRECISION, RECALL = 0.9, 0.8
HELD_OUT_PRECISION, HELD_OUT_RECALL = 0.95, 0.92  # over all intents: 16 utterances are too few for a floor of each


@pytest.fixture(scope="module")
def tuned() -> Score:
    return read_all([utterance for utterance in UTTERANCES if not utterance.is_held_out], make_reading())


@pytest.fixture(scope="module")
def held_out() -> Score:
    return read_all([utterance for utterance in UTTERANCES if utterance.is_held_out], make_reading())


def test_there_are_forty_utterances_of_each_intent_in_all_eight_languages() -> None:
    counts = Counter(utterance.intent for utterance in UTTERANCES)
    assert set(counts) == {*INTENTS, NOT_STOP}
    assert {intent: count for intent, count in counts.items() if count < 40} == {}
    languages = {(utterance.intent, utterance.language) for utterance in UTTERANCES}
    assert len(languages) == 8 * len(counts)


def test_a_third_of_them_is_held_out() -> None:
    share = sum(utterance.is_held_out for utterance in UTTERANCES) / len(UTTERANCES)
    assert 0.3 < share < 0.4


def test_no_utterance_stands_twice() -> None:
    repeated = Counter((utterance.text, utterance.language) for utterance in UTTERANCES)
    assert [text for text, count in repeated.items() if count > 1] == []


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != UNKNOWN])
def test_each_intent_is_understood(tuned: Score, intent: str) -> None:
    tally = tuned.tallies[intent]
    assert tally.precision >= PRECISION
    assert tally.recall >= RECALL


def test_words_that_were_held_out_are_understood_nearly_as_well(held_out: Score) -> None:
    assert held_out.overall.precision >= HELD_OUT_PRECISION
    assert held_out.overall.recall >= HELD_OUT_RECALL


def test_chit_chat_is_taken_for_nothing(tuned: Score, held_out: Score) -> None:
    assert tuned.tallies[UNKNOWN].recall >= 0.9
    assert held_out.tallies[UNKNOWN].recall >= 0.8


@pytest.mark.parametrize("knows_locale", [True, False])
def test_nobody_is_taken_off_the_list_who_did_not_ask_for_it(knows_locale: bool) -> None:
    assert read_all(UTTERANCES, make_reading(), knows_locale=knows_locale).wrong_stops == []


def test_nobody_who_asks_to_stop_is_taken_to_want_more() -> None:
    read = make_reading()
    stops = [utterance for utterance in UTTERANCES if utterance.intent == "stop"]
    wrong = [
        utterance.text
        for utterance in stops
        if read(utterance.text, utterance.language).guess.intent in ("start", "subscribe")
    ]
    assert wrong == []
