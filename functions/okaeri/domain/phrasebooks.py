"""What shoppers of one language say, as data made ready for comparing: words that mean the same, and phrases. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from okaeri.domain.folding import Word, split_clauses

FILLER = ""  # the meaning of words that say nothing by themselves: polite ones, articles, particles
NOT = "not"
# Meanings that only colour what else is said: without anything else they are what is said.
COLOURS = frozenset({FILLER, "hello", "thanks", "yes", "bye", "ok", "want", "help"})
OPEN = "…"  # ends a phrase in which other things may be named
LONGEST_PIECE = 14  # characters of a word of a script without spaces
LONGEST_EXPRESSION = 4  # words that are one meaning together, such as "right now"


class Phrase(NamedTuple):
    """One way to say an intent, as the set of its meanings. `faq` is the question's id where it asks one.

    With `is_open` other things may be named in it: "looking for …".
    """

    intent: str
    meanings: frozenset[str]
    locale: str
    faq: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What each folded word of a language means, and how words of it may begin and end besides."""

    meanings: dict[str, str]
    prefixes: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    firsts: frozenset[str] = frozenset()  # the first words of expressions of several words
    signs: frozenset[str] = frozenset()  # symbols that are words, such as 👍
    telling: frozenset[str] = frozenset()  # words of who tells or asks something, and so requests nothing
    closing: frozenset[str] = frozenset()  # words that say nothing at the end of a clause: Malay asks with "…, tak?"

    def copy(self) -> Lexicon:
        """One that can learn words of its own."""
        return replace(self, meanings=dict(self.meanings))

    def find(self, word: str) -> str | None:
        """The meaning of a word as it stands, or without a prefix or an ending."""
        found = self.meanings.get(word)
        if found is not None or len(word) < 4:
            return found
        for stem in self._list_stems(word):
            found = self.meanings.get(stem)
            if found is not None:
                return found
        return None

    def _list_stems(self, word: str) -> Iterable[str]:
        for ending in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                yield word.removesuffix(ending)
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) - len(prefix) >= 3:
                bare = word.removeprefix(prefix)
                yield bare
                yield from (bare.removesuffix(end) for end in self.endings if bare.endswith(end) and len(bare) > 3)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """A language's words and phrases."""

    locale: str
    lexicon: Lexicon
    phrases: tuple[Phrase, ...]


def make_lexicon(data: Mapping[str, Any], signs: Mapping[str, str]) -> Lexicon:
    """Reads `words`, `filler`, `numbers`, `telling`, `closing`, `prefixes` and `endings` of a language's file."""
    meanings = dict(signs)
    lists: list[tuple[str, Sequence[str]]] = [
        (FILLER, data.get("filler", ())),
        *(data.get("words", {}).items()),
        *((f"#{number}", words) for number, words in data.get("numbers", {}).items()),
    ]
    for meaning, words in lists:
        for word in words:
            for spelling in _list_spellings(word):
                meanings[spelling] = meaning
    firsts = frozenset(key.split(" ", 1)[0] for key in meanings if " " in key)
    prefixes, endings = (tuple(map(_join, data.get(key, ()))) for key in ("prefixes", "endings"))
    telling, closing = (frozenset(map(_join, data.get(key, ()))) for key in ("telling", "closing"))
    return Lexicon(meanings, prefixes, endings, firsts, frozenset(signs), telling, closing)


def _list_spellings(word: str) -> Iterable[str]:
    """A word as it is typed, folded; ä, ö, ü also as ae, oe, ue."""
    yield _join(word)
    if any(letter in word for letter in "äöü"):
        yield _join(word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))


def _join(text: str) -> str:
    return " ".join(word.text for clause in split_clauses(text) for word in clause)


def make_phrasebook(
    locale: str, data: Mapping[str, Any], signs: Mapping[str, str], lent: Lexicon | None = None
) -> Phrasebook:
    """`lent` are the words of English, which every language borrows. A word in neither is a meaning of its own."""
    lexicon = make_lexicon(data, signs)
    texts = ((intent, text) for intent, texts in data["phrases"].items() for text in texts)
    found = read_phrases(texts, lexicon, lent)
    phrases = (Phrase(intent, meanings, locale, is_open=is_open) for intent, meanings, is_open in found)
    return Phrasebook(locale, lexicon, tuple(phrases))


def read_phrases(
    texts: Iterable[tuple[str, str]], lexicon: Lexicon, lent: Lexicon | None
) -> Iterator[tuple[str, frozenset[str], bool]]:
    """Names and phrases as names and meanings, each once, and whether the phrase ends open, in `…`.

    Words that nobody knows are added to `lexicon`.
    """
    seen = set()
    for name, text in texts:
        meanings: set[str] = set()
        for clause in split_clauses(text, lexicon.signs):
            for piece, meaning in look_up(clause, lexicon, lent or lexicon):
                if meaning is None and len(piece) == 1 and "\u3041" <= piece <= "\u30ff":
                    continue  # one kana is what is left of an ending
                if meaning is None:
                    meaning = lexicon.meanings[piece] = f"={piece}"
                meanings.add(meaning)
        meanings.discard(FILLER)
        entry = (name, frozenset(meanings), text.rstrip().endswith(OPEN))
        if meanings and entry not in seen:
            seen.add(entry)
            yield entry


def look_up(clause: Sequence[Word], lexicon: Lexicon, lent: Lexicon) -> list[tuple[str, str | None]]:
    """Each word, expression or piece of a clause with its meaning; None where neither lexicon knows it."""
    found: list[tuple[str, str | None]] = []
    place = 0
    while place < len(clause):
        word = clause[place]
        if word.is_unspaced:
            found += cut(word.text, lexicon.meanings)
            place += 1
            continue
        expression, length = _find_expression(clause, place, lexicon, lent)
        if length:
            found.append((expression, lexicon.meanings.get(expression, lent.meanings.get(expression))))
            place += length
            continue
        if word.text in lexicon.closing and 1 < place == len(clause) - 1:
            meaning: str | None = FILLER
        else:
            meaning = lexicon.find(word.text)
        found.append((word.text, lent.find(word.text) if meaning is None else meaning))
        place += 1
    return found


def _find_expression(clause: Sequence[Word], place: int, lexicon: Lexicon, lent: Lexicon) -> tuple[str, int]:
    first = clause[place].text
    if first in lexicon.firsts or first in lent.firsts:
        for length in range(min(LONGEST_EXPRESSION, len(clause) - place), 1, -1):
            joined = " ".join(word.text for word in clause[place : place + length])
            if joined in lexicon.meanings or joined in lent.meanings:
                return joined, length
    return "", 0


def cut(run: str, meanings: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Cuts a run without spaces into known pieces, so that the fewest characters stay unknown."""
    # costs[i], froms[i]: the cheapest way to have read the first i characters, and where its last piece begins.
    costs, froms, known = [0.0], [0], [False]
    for end in range(1, len(run) + 1):
        best, begin, is_known = costs[end - 1] + 1, end - 1, False
        for start in range(max(0, end - LONGEST_PIECE), end):
            if run[start:end] in meanings and costs[start] + 0.4 < best:
                best, begin, is_known = costs[start] + 0.4, start, True
        costs.append(best)
        froms.append(begin)
        known.append(is_known)
    pieces: list[tuple[str, str | None]] = []
    end = len(run)
    while end > 0:
        piece = run[froms[end] : end]
        if known[end]:
            pieces.append((piece, meanings[piece]))
        elif pieces and pieces[-1][1] is None:
            pieces[-1] = (piece + pieces[-1][0], None)
        else:
            pieces.append((piece, None))
        end = froms[end]
    return pieces[::-1]
