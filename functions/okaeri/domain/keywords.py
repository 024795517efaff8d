"""STOP and START: whole messages that a shopper writes, in any of the eight languages."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib import resources
from typing import Literal

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


# Words for "cancel" are left out on purpose: a shopper who writes only that may well mean an order.
@cache
def _load_keywords() -> dict[str, Keyword]:
    languages = json.loads(resources.files("okaeri.catalogue").joinpath("stop_words.json").read_text("utf-8"))
    keywords: dict[str, Keyword] = {}
    for words in languages.values():
        keywords |= {fold_text(word): "stop" for word in words["stop"]}
        keywords |= {fold_text(word): "start" for word in words["start"]}
    return keywords


def read_keyword(text: str | None) -> Keyword | None:
    """Whether the whole message is a word for stopping or starting again, in any of the eight languages."""
    return _load_keywords().get(fold_text(text)) if text else None
