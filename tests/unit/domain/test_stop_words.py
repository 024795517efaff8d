"""STOP and START: the whole message, in eight languages, however it is typed."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from okaeri.domain.keywords import fold_text, read_keyword

LANGUAGES = json.loads(resources.files("okaeri.catalogue").joinpath("stop_words.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop", " Stop! ", "ＳＴＯＰ", "“stop.”", "🛑 STOP 🛑", "Stop all", "opt-out", "stop\n"),
        *("配信停止", "ストップ。", "ｽﾄｯﾌﾟ", "बंद करें।", "PARAR", "¡Baja!", "إيقاف", "\u200fتوقف\u200f"),
        *("Berhenti.", "STOPP", "Abmelden", "Band karo", "Denme de baja"),
    ],
)
def test_a_message_that_is_only_a_word_for_stopping_means_stop(text: str) -> None:
    assert read_keyword(text) == "stop"


@pytest.mark.parametrize(
    "text", ["START", "ｓｔａｒｔ", "再開", "शुरू करें", "começar", "alta", "ابدأ", "mula", "anmelden", "Start!"]
)
def test_a_message_that_is_only_a_word_for_starting_means_start(text: str) -> None:
    assert read_keyword(text) == "start"


@pytest.mark.parametrize(
    "text",
    [
        *("Please don't stop, I love it", "Can I stop by the shop?", "cancel", "cancelar", "キャンセル"),
        *("रोको", "रद्द करें", "no para", "alto"),
        *("stopwatch", "!!!", "", "🛑", None),
    ],
)
def test_other_messages_change_nothing(text: str | None) -> None:
    assert read_keyword(text) is None


def test_the_eight_languages_have_words_for_both_and_no_word_means_both() -> None:
    assert set(LANGUAGES) == {"en", "ja", "hi", "pt_BR", "es", "ar", "ms", "de"}
    stops = {fold_text(word) for words in LANGUAGES.values() for word in words["stop"]}
    starts = {fold_text(word) for words in LANGUAGES.values() for word in words["start"]}
    assert not stops & starts
    for words in LANGUAGES.values():
        assert all(read_keyword(word) == "stop" for word in words["stop"])
        assert all(read_keyword(word) == "start" for word in words["start"])
