"""STOP and START: whole messages that a shopper writes, in any of the eight languages."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

Keyword = Literal["stop", "start"]


def fold_text(text: str) -> str:
    """Folds width and case, joins white space, trims punctuation and symbols at both ends."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    start, end = 0, len(folded)
    while start < end and _is_trimming(folded[start]):
        start += 1
    while end > start and _is_trimming(folded[end - 1]):
        end -= 1
    return folded[start:end]


def _is_trimming(character: str) -> bool:
    # Punctuation, symbols (emoji too), spaces, direction marks; U+FE0F turns a symbol into an emoji.
    return unicodedata.category(character)[0] in "PSZC" or character == "\ufe0f"


class _Words(NamedTuple):
    """What means what, folded, and what is said around it out of courtesy, longest first."""

    keywords: Mapping[str, Keyword]
    polite: tuple[str, ...]


# Words for "cancel" are left out on purpose: a shopper who writes only that may well mean an order.
@cache
def _load_words() -> _Words:
    languages = json.loads(resources.files("okaeri.catalogue").joinpath("stop_words.json").read_text("utf-8"))
    keywords: dict[str, Keyword] = {}
    for words in languages.values():
        keywords |= {fold_text(word): "stop" for word in words["stop"]}
        keywords |= {fold_text(word): "start" for word in words["start"]}
    polite = {fold_text(word) for words in languages.values() for word in words["polite"]}
    return _Words(keywords, tuple(sorted(polite, key=len, reverse=True)))


def read_keyword(text: str | None) -> Keyword | None:
    """Whether the whole message is a word for stopping or starting again, in any of the eight languages.

    A "please" before or after it changes nothing.
    """
    if not text:
        return None
    words = _load_words()
    said = fold_text(text)
    for _ in range(3):
        if said in words.keywords or not said:
            break
        bare = _strip_courtesy(said, words.polite)
        if bare == said:
            break
        said = bare
    return words.keywords.get(said)


def _strip_courtesy(said: str, polite: tuple[str, ...]) -> str:
    """Without the first courtesy that stands at an end of it; Japanese writes no spaces between."""
    for word in polite:
        joint = " " if word.isascii() or _has_spaces(word) else ""
        if said.startswith(word + joint):
            return fold_text(said[len(word) :])
        if said.endswith(joint + word):
            return fold_text(said[: -len(word)])
    return said


def _has_spaces(word: str) -> bool:
    """Whether the word's script sets spaces between words."""
    return not any("\u3040" <= character <= "\u9fff" for character in word)
