"""What a shopper's typed words mean: words to meanings, meanings compared with phrases, each phrase with a score. Pure.

How it works, and what it reaches: docs/understanding.md. Edit distances are rapidfuzz's, which is loaded with this
module: only who interprets imports it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from okaeri.domain.folding import Word, list_scripts, split_clauses
from okaeri.domain.interpretations import BEGIN, FAQ, OPENERS, UNKNOWN, Guess, Interpretation
from okaeri.domain.knowledge import FaqEntry
from okaeri.domain.mentions import find_choice, find_code, find_order_name
from okaeri.domain.phrasebooks import COLOURS, FILLER, NOT, Lexicon, Phrase, Phrasebook, look_up, read_phrases

# Two thirds of what a phrase and the message say must be the same. On the corpus a lower one begins to take chit-chat
# for orders; a higher one asks back where a person would have understood.
THRESHOLD = 60
OFFERED_FROM = 35  # what is at least so near is offered as a choice
MOST_OTHERS = 3
ORDER_ALONE = 80  # an order's number and nothing else asks how that order is

# These act on consent, so every word of the message must belong to the phrase. What is merely near them means this.
STRICT = {"stop": "preferences", "start": "subscribe"}

_UNKNOWN_WEIGHT = 1.6  # of a word that nobody knows; the rarest meaning weighs 3, the commonest 1
_SHORT_WEIGHT = 0.3  # of unknown words of one or two characters, and of numbers
_COLOUR_WEIGHT = 0.8
_NOT_WEIGHT = 2.5
# How much of the score a phrase of 1, 2, 3, more meanings has by itself; the rest is its share in what was said.
_STANDS_ALONE = (0.0, 0.2, 0.5, 0.65, 0.72)
_NEGATED = 0.5  # a "not" that is in one of them alone turns the meaning round
_MISSPELT = 0.85  # what a word counts that is one slip away from a known one
_LANGUAGES_READ = 3  # the languages of a message that are looked at closely: those that know the most of its words

_SCRIPTS = {"ja": "japanese", "hi": "devanagari", "ar": "arabic"}


class Token(NamedTuple):
    """One meaning in a message: how much it weighs, and how sure its spelling is (0 to 1)."""

    meaning: str
    weight: float
    sureness: float


class Reader:
    """Reads messages with some languages' phrasebooks and a shop's questions. Made once, used for many messages.

    `questions` are by locale; those of a locale without a phrasebook are read with English words.
    """

    def __init__(self, books: Sequence[Phrasebook], questions: Mapping[str, Sequence[FaqEntry]]) -> None:
        self._lent = next(book.lexicon for book in books if book.locale == "en")
        self._lexicons = {book.locale: book.lexicon.copy() for book in books}
        phrases = [phrase for book in books for phrase in book.phrases]
        for locale, entries in questions.items():
            phrases += self._read_questions(locale, entries)
        self._phrases = list(dict.fromkeys(phrases))
        self._weights = _weigh(self._phrases)
        self._by_meaning: dict[str, list[int]] = defaultdict(list)
        for index, phrase in enumerate(self._phrases):
            for meaning in phrase.meanings:
                self._by_meaning[meaning].append(index)
        self._totals = [sum(map(self._weigh_meaning, phrase.meanings)) for phrase in self._phrases]
        self._spellings = {locale: _group_by_length(lexicon, self._lent) for locale, lexicon in self._lexicons.items()}
        self._correct = lru_cache(maxsize=4096)(self._find_misspelt)

    def _read_questions(self, locale: str, entries: Sequence[FaqEntry]) -> Iterable[Phrase]:
        lexicon = self._lexicons.get(locale, self._lexicons["en"])
        texts = [(entry.faq, text) for entry in entries for text in (entry.question, *entry.phrases)]
        return [Phrase(FAQ, meanings, locale, faq) for faq, meanings in read_phrases(texts, lexicon, self._lent)]

    def read(self, text: str, codes: Iterable[str] = (), locale: str | None = None) -> Interpretation:
        """What the text means. Nothing in it, and no text at all, raises."""
        locales = self._order_locales(text, locale)
        pairs = [(self._lexicons[name], self._lent) for name in locales]
        if code := find_code(text, codes):
            return Interpretation(Guess(BEGIN, 100), code=code)
        order_name, rest = find_order_name(text, pairs)
        choice = None if order_name else find_choice(text, pairs)
        scores = self._score_all(rest, locales)
        if order_name and not any(guess.score >= THRESHOLD for guess, _ in scores):
            is_alone = not any(token.meaning not in COLOURS for clause in self._tokens(rest, locales[0]) for token in clause)
            if is_alone or not scores:
                scores.insert(0, (Guess("order_status", ORDER_ALONE), locales[0]))
        if choice is not None:
            scores = []
        best, language = scores[0] if scores else (Guess(UNKNOWN, 0), "")
        others = [guess for guess, _ in scores[1:] if guess.score >= OFFERED_FROM]
        if best.score < THRESHOLD:
            others = [guess for guess, _ in scores if guess.score >= OFFERED_FROM]
            best, language = Guess(UNKNOWN, best.score), ""
        return Interpretation(best, tuple(others[:MOST_OTHERS]), order_name, "", language, choice)

    # -- languages ------------------------------------------------------------------------------------------------

    def _order_locales(self, text: str, preferred: str | None) -> list[str]:
        """The languages that the message may be in, likeliest first; the customer's own before others."""
        scripts = list_scripts(text)
        if scripts & set(_SCRIPTS.values()):
            fitting = [name for name in self._lexicons if _SCRIPTS.get(name) in scripts] or ["en"]
            if preferred in self._lexicons and preferred not in fitting and "latin" in scripts:
                fitting.append(preferred)
        else:
            fitting = list(self._lexicons)
        clauses = split_clauses(text, self._lent.signs)
        known = {name: self._count_known(clauses, name) for name in fitting}
        return sorted(fitting, key=lambda name: (-known[name], name != preferred, name != "en"))[:_LANGUAGES_READ]

    def _count_known(self, clauses: list[list[Word]], locale: str) -> float:
        lexicon = self._lexicons[locale]
        count = 0.0
        for clause in clauses:
            for piece, meaning in look_up(clause, lexicon, self._lent):
                if meaning is not None:
                    count += 1 if lexicon.find(piece) is not None else 0.5
        return count

    # -- words to meanings ----------------------------------------------------------------------------------------

    def _tokens(self, text: str, locale: str) -> list[list[Token]]:
        lexicon = self._lexicons[locale]
        clauses = split_clauses(text, self._lent.signs)
        return [
            [self._make_token(word, meaning, locale) for word, meaning in look_up(clause, lexicon, self._lent)]
            for clause in clauses
        ]

    def _make_token(self, word: str, meaning: str | None, locale: str) -> Token:
        sureness = 1.0
        if meaning is None:
            meaning, sureness = self._correct(word, locale)
        if meaning is None:
            is_light = len(word) <= 2 or word.isdecimal()
            return Token("?", _SHORT_WEIGHT if is_light else _UNKNOWN_WEIGHT, 1)
        return Token(meaning, self._weigh_meaning(meaning), sureness)

    def _find_misspelt(self, word: str, locale: str) -> tuple[str | None, float]:
        """The meaning of the word that this one was meant to be: one slip from five letters on, two from eight."""
        allowed = 0 if len(word) < 5 else 1 if len(word) < 8 else 2
        if not allowed or word.isdecimal():
            return None, 1
        lexicon, groups = self._lexicons[locale], self._spellings[locale]
        best: tuple[str, float] | None = None
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            found = process.extractOne(word, groups.get(length, ()), scorer=OSA.distance, score_cutoff=allowed)
            if found is not None and (best is None or found[1] < best[1]):
                best = found[0], found[1]
        if best is None:
            return None, 1
        meaning = lexicon.meanings.get(best[0])
        return self._lent.meanings[best[0]] if meaning is None else meaning, _MISSPELT ** best[1]

    def _weigh_meaning(self, meaning: str) -> float:
        if meaning == NOT:
            return _NOT_WEIGHT
        if meaning in COLOURS:
            return 0 if meaning == FILLER else _COLOUR_WEIGHT
        if meaning.startswith("#"):
            return _SHORT_WEIGHT
        return self._weights.get(meaning, _UNKNOWN_WEIGHT)

    # -- meanings to intents --------------------------------------------------------------------------------------

    def _score_all(self, text: str, locales: Sequence[str]) -> list[tuple[Guess, str]]:
        """Every intent that came near with its best score, best first, and the language that it was read in."""
        best: dict[tuple[str, str], tuple[float, float, str]] = {}
        seen = set()
        for locale in locales:
            clauses = self._tokens(text, locale)
            key = tuple(tuple(token.meaning for token in clause) for clause in clauses)
            if key in seen:
                continue
            seen.add(key)
            for index, score in self._score_clauses(clauses):
                phrase = self._phrases[index]
                found = (score, self._totals[index], locale)
                if found > best.get((phrase.intent, phrase.faq), (0, 0, "")):
                    best[phrase.intent, phrase.faq] = found
        ranked = sorted(
            best.items(),
            key=lambda item: (item[0][0] in OPENERS and item[1][0] < 99, -round(item[1][0]), -item[1][1], item[0]),
        )
        passed = [entry for entry in ranked if entry[1][0] >= THRESHOLD]
        rest = sorted((entry for entry in ranked if entry[1][0] < THRESHOLD), key=lambda entry: -entry[1][0])
        return [
            (Guess(intent, round(score), faq), locale) for (intent, faq), (score, _, locale) in (*passed, *rest)
        ]

    def _score_clauses(self, clauses: list[list[Token]]) -> Iterable[tuple[int, float]]:
        """Phrases with their scores: of each clause by itself, and of the whole message as one."""
        for place, clause in enumerate(clauses):
            others = [token for at, other in enumerate(clauses) if at != place for token in other]
            is_said_alone = all(token.meaning in COLOURS or token.meaning == NOT for token in others)
            yield from self._score(clause, may_be_strict=is_said_alone)
        if len(clauses) > 1:
            yield from self._score([token for clause in clauses for token in clause], may_be_strict=False)

    def _score(self, clause: list[Token], *, may_be_strict: bool) -> Iterable[tuple[int, float]]:
        sureness: dict[str, float] = {}
        total = 0.0
        for token in clause:
            if token.meaning != FILLER and token.meaning not in sureness:
                total += token.weight
                if token.meaning != "?":
                    sureness[token.meaning] = token.sureness
        reached: dict[int, float] = defaultdict(float)
        for meaning, sure in sureness.items():
            weight = self._weigh_meaning(meaning) * sure
            for index in self._by_meaning.get(meaning, ()):
                reached[index] += weight
        for index, weight in reached.items():
            share = weight / self._totals[index]
            if share > 0.6:
                yield index, self._judge(self._phrases[index], index, share, sureness, total, may_be_strict)

    def _judge(
        self, phrase: Phrase, index: int, share: float, said: Mapping[str, float], total: float, may_be_strict: bool
    ) -> float:
        covered = sum(self._weigh_meaning(meaning) for meaning in phrase.meanings if meaning in said)
        coverage = covered / total
        if phrase.intent in STRICT and not (may_be_strict and phrase.meanings <= said.keys() and coverage > 0.999):
            return 0
        alone = _STANDS_ALONE[min(len(phrase.meanings), len(_STANDS_ALONE) - 1)]
        score = 100 * share**1.5 * (alone + (1 - alone) * coverage)
        if (NOT in said) != (NOT in phrase.meanings):
            score *= _NEGATED
        return score


def _weigh(phrases: Sequence[Phrase]) -> dict[str, float]:
    """1 for a meaning that most intents speak of, up to 3 for one that only one does."""
    users: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for phrase in phrases:
        for meaning in phrase.meanings:
            users[meaning].add((phrase.intent, phrase.faq))
    count = len(set().union(*users.values())) if users else 1
    return {meaning: 1 + 2 * math.log(count / len(found)) / math.log(count + 1) for meaning, found in users.items()}


def _group_by_length(lexicon: Lexicon, lent: Lexicon) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = defaultdict(list)
    for word in {*lexicon.meanings, *lent.meanings}:
        if len(word) >= 4 and " " not in word:
            groups[len(word)].append(word)
    return {length: sorted(words) for length, words in groups.items()}
