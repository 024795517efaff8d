"""What would turn a text around that is written from right to left (https://unicode.org/reports/tr9/).

A line's direction is that of its first letter, values left out, for they keep to themselves (text_direction.py).
Inside it, a foreign word is safe between two words of the language: beside a value, a number or the line's start
it would draw that over to its own side.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from okaeri.domain.templates import Problem

RIGHT_TO_LEFT_LANGUAGES = frozenset({"ar", "fa", "he", "ur"})

_CONTROLS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_VALUE_MARK = "\ufffc"
_FIX_START = "Begin the line with a word of the language."
_FIX_INSIDE = "Put a word of the language between it and the value or number, or translate it."
_KINDS = {"L": "foreign", "R": "own", "AL": "own", "EN": "number", "AN": "number"}


def lint_direction(locale: str, texts: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """What is unsafe in the texts (place and source) of a right-to-left locale; nothing for other locales."""
    if re.split("[-_]", locale)[0] not in RIGHT_TO_LEFT_LANGUAGES:
        return
    for where, source in texts:
        if _CONTROLS.search(source):
            fix = "Remove it: what fills the text in keeps each value's direction to itself."
            yield Problem(where=where, what="an invisible direction mark", fix=fix)
        for line in _VALUE.sub(_VALUE_MARK, _TAG.sub(" ", source)).splitlines():
            if not line.strip().startswith(("https://", "http://")):
                yield from _lint_line(where, line)


def _lint_line(where: str, line: str) -> Iterator[Problem]:
    runs = [(kind, "".join(pieces)) for kind, pieces in groupby(_join_neutrals(line), key=_name_kind)]
    kinds = [kind for kind, _ in runs]
    if "foreign" in kinds and next(kind for kind in kinds if kind in ("foreign", "own")) == "foreign":
        text = _trim(runs[kinds.index("foreign")][1])
        yield Problem(where=where, what=f"`{text}` makes the line run from left to right", fix=_FIX_START)
        return
    for index, (kind, text) in enumerate(runs):
        beside = {*kinds[max(index - 1, 0) : index], *kinds[index + 1 : index + 2]}
        if kind == "foreign" and beside - {"own"}:
            yield Problem(where=where, what=f"`{_trim(text)}` draws over what stands beside it", fix=_FIX_INSIDE)


def _join_neutrals(line: str) -> Iterator[str]:
    """The letters, numbers and values of a line, each with the signs and spaces that follow it."""
    piece = ""
    for character in line:
        if _name_kind(character) != "neutral" and piece:
            yield piece
            piece = ""
        if piece or _name_kind(character) != "neutral":
            piece += character
    if piece:
        yield piece


def _trim(text: str) -> str:
    return re.sub(r"\W+$", "", text)


def _name_kind(piece: str) -> str:
    if piece[0] == _VALUE_MARK:
        return "value"
    return _KINDS.get(unicodedata.bidirectional(piece[0]), "neutral")
