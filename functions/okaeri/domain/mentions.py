"""What stands in a message besides its meaning: an order's number, a code of the shop, a choice by number. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from okaeri.domain.folding import fold, fold_words, split_clauses
from okaeri.domain.phrasebooks import FILLER, Lexicon, look_up

ORDER_MEANINGS = frozenset({"order", "number"})
HIGHEST_CHOICE = 20  # of a list's ten rows and some more: a larger number is something else
# Other scripts write no space beside a number, so that only Latin letters and digits make it part of something else.
_HASHED = re.compile(r"(?<![A-Za-z0-9_&/])#\s?((?:[A-Za-z]{1,6}[-_]?)?\d{2,12}(?:-\d{1,4})?)(?![A-Za-z0-9_-])")
_NUMBERED = re.compile(
    r"(?:\b(?:no|nr|num)\b[.:]?\s*)?(?<![A-Za-z0-9_#+$€£¥₹.,/:-])((?:[A-Z]{1,5}-?)?\d{3,12}(?:-\d{1,4})?)"
    r"(?![A-Za-z0-9_$€£¥₹%円]|[.,:/]\d)",
    re.IGNORECASE,
)
_LONE = re.compile(r"\d{4,8}")  # shorter ones are choices, longer ones phone numbers
_NEAR = 32  # characters on either side in which the word for an order stands
_MARKED = "#", "(", "[", "（", "【"


def find_order_name(text: str, lexicons: Sequence[tuple[Lexicon, Lexicon]]) -> tuple[str, str]:
    """What looks like an order's number as it was typed, and the text without it; both as given where there is none.

    A number counts behind `#`, beside a word for an order, or where it is all that was written.
    """
    plain = "".join(map(_to_digit, unicodedata.normalize("NFKC", text)))
    if hashed := _HASHED.search(plain):
        return f"#{hashed[1].upper()}", _leave_out(plain, hashed)
    for found in _NUMBERED.finditer(plain):
        before, after = plain[: found.start()], plain[found.end() :]
        if not before.strip() and not after.strip(" .!?") and _LONE.fullmatch(found[1]):
            return found[1], ""
        if _ends_with_order(before[-_NEAR:], lexicons) or _begins_with_order(after[:_NEAR], lexicons):
            return found[1].upper(), _leave_out(plain, found)
    return "", text


def _to_digit(character: str) -> str:
    digit = None if character.isascii() else unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _leave_out(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _ends_with_order(text: str, lexicons: Sequence[tuple[Lexicon, Lexicon]]) -> bool:
    clauses = split_clauses(re.sub(r"[.:：№º°]\s*$", "", text.replace("#", " ")))
    return any(_leads_to_order(look_up(clauses[-1], *pair)[::-1]) for pair in lexicons if clauses)


def _begins_with_order(text: str, lexicons: Sequence[tuple[Lexicon, Lexicon]]) -> bool:
    clauses = split_clauses(text)
    return any(_leads_to_order(look_up(clauses[0], *pair)) for pair in lexicons if clauses)


def _leads_to_order(words: Iterable[tuple[str, str | None]]) -> bool:
    for _, meaning in words:
        if meaning in ORDER_MEANINGS:
            return True
        if meaning != FILLER:
            return False
    return False


def find_code(text: str, codes: Iterable[str]) -> str:
    """The shop's code that the message carries: in brackets, behind `#`, or as its only words; empty where none is.

    A code that no one types by chance, with a hyphen, an underscore or a digit in it, counts wherever it stands.
    """
    folded, words = fold(text), fold_words(text)
    for code in sorted(codes, key=len, reverse=True):
        bare = fold(code).strip().lstrip("#")
        if not bare:
            continue
        if fold_words(code) == words:
            return code
        for found in re.finditer(rf"(?<![^\W_]){re.escape(bare)}(?![^\W_])", folded):
            is_marked = folded[: found.start()].rstrip().endswith(_MARKED)
            if is_marked or re.search(r"[-_\d]", bare):
                return code
    return ""


def find_choice(text: str, lexicons: Sequence[tuple[Lexicon, Lexicon]]) -> int | None:
    """The number that is all a message says: `2`, `2.`, `two`, `number 2`, `2️⃣`, `٢`."""
    words = [word for clause in split_clauses(text) for word in clause]
    if not words or len(words) > 4:
        return None
    for pair in lexicons:
        numbers = set()
        for word, meaning in look_up(words, *pair):
            if word.isdecimal() and len(word) <= 2:
                numbers.add(int(word))
            elif meaning is not None and meaning.startswith("#"):
                numbers.add(int(meaning[1:]))
            elif meaning not in (FILLER, "number"):
                numbers.add(-1)
        if len(numbers) == 1 and 0 <= (number := numbers.pop()) <= HIGHEST_CHOICE:
            return number
    return None
