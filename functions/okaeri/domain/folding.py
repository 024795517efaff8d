"""Typed words made alike: width, case, accents, kana, vowel signs, digits, stretched letters. Pure.

What is folded is compared and never shown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LONGEST_READ = 1000  # characters: what comes after them changes nothing that a talk could act on
# Languages that are told by their script. Chinese characters count as Japanese: no other language of ours has them.
OWN_SCRIPTS = {"ja": "japanese", "hi": "devanagari", "ar": "arabic"}

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´＇"))
# Marks that people leave out: accents, Arabic vowels and hamza, tatweel, nukta.
_LEFT_OUT = (
    *range(0x0300, 0x0370),
    *range(0x0610, 0x061B),
    0x0640,
    *range(0x064B, 0x0660),
    0x0670,
    *range(0x06D6, 0x06EE),
    0x093C,
    *range(0x200B, 0x2010),  # joiners and direction marks
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0x20E3,  # the key around a digit
    *range(0xFE00, 0xFE10),  # how a sign is drawn
    0xFEFF,
    *range(0x1F3FB, 0x1F400),  # tones of skin
)
_ALIKE = {
    **{"ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "گ": "ك", "ہ": "ه", "ھ": "ه"},
    # Long and short vowels of Devanagari are mixed up in chats; so are the signs of a nasal.
    **{"ी": "ि", "ू": "ु", "ँ": "ं", "ॉ": "ो", "ऑ": "ओ", "ई": "इ", "ऊ": "उ"},
    # Latin letters that do not decompose.
    **{"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"},
}
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_TABLE = dict.fromkeys(_LEFT_OUT) | {ord(key): value for key, value in _ALIKE.items()} | _KATAKANA_TO_HIRAGANA
_STRETCHED = re.compile(r"([^\W\d_]|ー)\1{2,}")
_CLAUSE_ENDS = frozenset('.,!?;:…。、！？؟،؛।|\n\r()[]{}<>«»“”"/\\')


class Word(NamedTuple):
    """One word, or one sign such as 👍, and whether it is of a script without spaces."""

    text: str
    is_unspaced: bool = False


def fold(text: str) -> str:
    """Folds to a form that stays what it is when it is folded again."""
    for _ in range(4):
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def _fold_once(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold()).casefold()
    # Kana are put together again before marks are left out: their voicing is no accent.
    together = unicodedata.normalize("NFC", apart.translate(_TABLE)).translate(_TABLE)
    plain = together if together.isascii() else "".join(map(_to_plain_digit, together))
    return _STRETCHED.sub(r"\1", plain)


def _to_plain_digit(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def split_clauses(text: str, signs: frozenset[str] = frozenset()) -> list[list[Word]]:
    """The folded words of each clause; punctuation and lines part them. `signs` are the symbols that are words."""
    clauses: list[list[Word]] = [[]]
    word: list[str] = []
    was_unspaced = False

    def end_word() -> None:
        if word:
            clauses[-1].append(Word("".join(word), was_unspaced))
            word.clear()

    for character in fold(text[:LONGEST_READ]):
        if character in signs:
            end_word()
            clauses[-1].append(Word(character))
        elif unicodedata.category(character)[0] in "LMN":
            unspaced = _is_unspaced(character)
            if unspaced != was_unspaced:
                end_word()
            was_unspaced = unspaced
            word.append(character)
        else:
            end_word()
            if character in _CLAUSE_ENDS and clauses[-1]:
                clauses.append([])
    end_word()
    return [clause for clause in clauses if clause]


def fold_words(text: str) -> list[str]:
    """The folded words of a text, whatever parts them."""
    return [word.text for clause in split_clauses(text) for word in clause]


def _is_unspaced(character: str) -> bool:
    # Kana, their long-vowel mark, and Chinese characters.
    return "\u3005" <= character <= "\u3007" or "\u3041" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"


def list_scripts(text: str) -> set[str]:
    """Which of `latin`, `arabic`, `devanagari`, `japanese` a text is written in."""
    found = set()
    for character in text[:LONGEST_READ]:
        if character.isascii():
            if character.isalpha():
                found.add("latin")
        elif "\u0600" <= character <= "\u06ff" or "\ufb50" <= character <= "\ufefc":
            found.add("arabic")
        elif "\u0900" <= character <= "\u097f":
            found.add("devanagari")
        elif _is_unspaced(character) or "\uff66" <= character <= "\uff9f":
            found.add("japanese")
        elif character.isalpha():
            found.add("latin")
    return found
