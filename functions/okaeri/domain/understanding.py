"""What a shopper's typed words mean: words to meanings, meanings compared with phrases, each phrase with a score. Pure.

How it works, and what it reaches: docs/understanding.md. Edit distances are rapidfuzz's, which is loaded with this
module: only who interprets imports it.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from okaeri.domain.folding import OWN_SCRIPTS, Word, fold_words, list_scripts, split_clauses
from okaeri.domain.interpretations import BEGIN, FAQ, OPENERS, UNKNOWN, Guess, Interpretation
from okaeri.domain.knowledge import FaqEntry
from okaeri.domain.mentions import find_choice, find_code, find_order_name
from okaeri.domain.phrasebooks import COLOURS, FILLER, NOT, Lexicon, Phrase, Phrasebook, look_up, read_phrases

# A phrase of two meanings is taken from here on where it is a fifth of what was said, one of a single meaning where it
# is half. Lower, chit-chat begins to be taken for orders; higher, more is asked back where a person had understood.
THRESHOLD = 60
OFFERED_FROM = 35  # what is at least so near is offered as a choice
MOST_OTHERS = 3
ORDER_ALONE = 80  # an order's number and nothing else asks how that order is

# These act on consent, so every word of the message must belong to the phrase. What is merely near them means this.
STRICT = {"stop": "preferences", "start": "subscribe"}

UNKNOWN_WORD = "?"  # the meaning of words that nobody knows
_LEAST_SHARE = 0.6  # of a phrase that must have been said
_UNKNOWN_WEIGHT = 1.6  # of a word that nobody knows; the rarest meaning weighs 3, the commonest 1
_SHORT_WEIGHT = 0.3  # of unknown words of one or two characters, and of numbers
_COLOUR_WEIGHT = 0.8
_NOT_WEIGHT = 2.5
# How much of the score a phrase of 1, 2, 3, more meanings has by itself; the rest is its share in what was said.
_STANDS_ALONE = (0.0, 0.2, 0.5, 0.65, 0.72)
_NEGATED = 0.5  # a "not" that is in one of them alone turns the meaning round
_MISSPELT = 0.85  # what a word counts that is one slip away from a known one
_FAQ_HANDICAP = 8  # where both fit nearly alike, the assistant does rather than explains
_OPEN_SHARE = 0.1  # of their weight unknown words keep in a phrase that ends open
_OPENER_HANDICAP = 25  # how much clearer a greeting or a yes must be than what else was said
_LEAST_KNOWN = 0.7  # of the words known in the best language: a language that knows fewer is not read
_LANGUAGES_READ = 3  # the languages of a message that are looked at closely: those that know the most of its words

_DOUBLED = re.compile(r"([^\W\d_])\1")


class Token(NamedTuple):
    """One meaning in a message: how much it weighs, and how sure its spelling is (0 to 1)."""

    meaning: str
    weight: float
    sureness: float


class _Found(NamedTuple):
    """A phrase that came near: intent and question, score, what it gives way by, how rare it is, the language read."""

    guessed: tuple[str, str]
    score: float
    handicap: int
    rarity: float
    locale: str

    @property
    def rank(self) -> tuple[int, float]:
        """Larger is better. Scores that round to the same are alike, and the rarer phrase says more."""
        return round(self.score) - self.handicap, self.rarity


class Reader:
    """Reads messages with some languages' phrasebooks and a shop's questions. Made once, used for many messages.

    `questions` are by locale; those of a locale without a phrasebook are read with English words.
    """

    def __init__(self, books: Sequence[Phrasebook], questions: Mapping[str, Sequence[FaqEntry]]) -> None:
        self._lent = next(book.lexicon for book in books if book.locale == "en")
        self._lexicons = {book.locale: book.lexicon.copy() for book in books}
        ours = {phrase._replace(locale=""): phrase for book in books for phrase in book.phrases}
        known = {phrase.meanings for phrase in ours}
        theirs = [phrase for locale, entries in questions.items() for phrase in self._read_questions(locale, entries)]
        # What the assistant does by itself it does rather than explaining how it is done.
        self._phrases = [*ours.values(), *(phrase for phrase in theirs if phrase.meanings not in known)]
        self._weights = _weigh(self._phrases)
        self._by_meaning: dict[str, list[int]] = defaultdict(list)
        for index, phrase in enumerate(self._phrases):
            for meaning in phrase.meanings:
                self._by_meaning[meaning].append(index)
        self._totals = [sum(map(self._weigh_meaning, phrase.meanings)) for phrase in self._phrases]
        self._spellings = {locale: _group_by_length(lexicon, self._lent) for locale, lexicon in self._lexicons.items()}
        self._telling = _compile_telling(self._lexicons.values())
        self._correct = lru_cache(maxsize=4096)(self._find_misspelt)

    def _read_questions(self, locale: str, entries: Sequence[FaqEntry]) -> Iterable[Phrase]:
        lexicon = self._lexicons.get(locale, self._lexicons["en"])
        texts = [(entry.faq, text) for entry in entries for text in (entry.question, *entry.phrases)]
        return [
            Phrase(FAQ, meanings, locale, faq, is_open)
            for faq, meanings, is_open in read_phrases(texts, lexicon, self._lent)
        ]

    def read(self, text: str, codes: Iterable[str] = (), locale: str | None = None) -> Interpretation:
        """What the text means. Nothing in it, and no text at all, raises."""
        locales = self._order_locales(text, locale)
        pairs = [(self._lexicons[name], self._lent) for name in locales]
        if code := find_code(text, codes):
            return Interpretation(Guess(BEGIN, 100), code=code)
        order_name, rest = find_order_name(text, pairs)
        choice = None if order_name else find_choice(text, pairs)
        scores = [] if choice is not None else self._score_all(rest, locales)
        if order_name and not any(guess.score >= OFFERED_FROM for guess, _ in scores):
            scores.insert(0, (Guess("order_status", ORDER_ALONE), locales[0]))
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
        if scripts & set(OWN_SCRIPTS.values()):
            fitting = [name for name in self._lexicons if OWN_SCRIPTS.get(name) in scripts] or ["en"]
            if preferred in self._lexicons and preferred not in fitting and "latin" in scripts:
                fitting.append(preferred)
        else:
            fitting = list(self._lexicons)
        clauses = split_clauses(text, self._lent.signs)
        known = {name: self._count_known(clauses, name) for name in fitting}
        least = _LEAST_KNOWN * max(known.values())
        likely = [name for name in fitting if known[name] >= least]
        return sorted(likely, key=lambda name: (-known[name], name != preferred, name != "en"))[:_LANGUAGES_READ]

    def _count_known(self, clauses: list[list[Word]], locale: str) -> float:
        lexicon = self._lexicons[locale]
        count = 0.0
        for clause in clauses:
            for piece, meaning in look_up(clause, lexicon, self._lent):
                if meaning is not None:
                    is_own = lexicon.find(piece) is not None
                    count += (1 if is_own else 0.5) * (piece.count(" ") + 1)
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
            return Token(UNKNOWN_WORD, _SHORT_WEIGHT if is_light else _UNKNOWN_WEIGHT, 1)
        return Token(meaning, self._weigh_meaning(meaning), sureness)

    def _find_misspelt(self, word: str, locale: str) -> tuple[str | None, float]:
        """The meaning of the word that this one was meant to be: one slip from five letters on, two from eight."""
        lexicon, groups = self._lexicons[locale], self._spellings[locale]
        if (single := _DOUBLED.sub(r"\1", word)) != word:
            meaning = lexicon.find(single)
            if meaning is not None:
                return meaning, 1
        allowed = 0 if len(word) < 5 else 1 if len(word) < 8 else 2
        if not allowed or word.isdecimal():
            return None, 1
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
        best: dict[tuple[str, str], _Found] = {}
        is_told = self._telling.search(f" {' '.join(fold_words(text))} ") is not None
        for locale in locales:
            for found in self._score_clauses(self._tokens(text, locale), locale, is_told):
                if (rival := best.get(found.guessed)) is None or found.rank > rival.rank:
                    best[found.guessed] = found
        ranked = sorted(
            best.values(), key=lambda found: (found.score < THRESHOLD, *(-part for part in found.rank), found)
        )
        return [(Guess(found.guessed[0], round(found.score), found.guessed[1]), found.locale) for found in ranked]

    def _score_clauses(self, clauses: list[list[Token]], locale: str, is_told: bool) -> Iterable[_Found]:
        """The phrases that came near: by each clause, and by the whole message as one."""
        for place, clause in enumerate(clauses):
            others = [token for at, other in enumerate(clauses) if at != place for token in other]
            is_alone = all(token.meaning in COLOURS or token.meaning == NOT for token in others)
            yield from self._score(clause, locale, may_be_strict=is_alone and not is_told)
        if len(clauses) > 1:
            yield from self._score([token for clause in clauses for token in clause], locale, may_be_strict=False)

    def _score(self, clause: list[Token], locale: str, *, may_be_strict: bool) -> Iterable[_Found]:
        said: dict[str, float] = {}
        unknown = 0.0
        for token in clause:
            if token.meaning == UNKNOWN_WORD:
                unknown += token.weight
            elif token.meaning != FILLER:
                said[token.meaning] = max(token.sureness, said.get(token.meaning, 0))
        reached: dict[int, float] = defaultdict(float)
        for meaning, sureness in said.items():
            weight = self._weigh_meaning(meaning) * sureness
            for index in self._by_meaning.get(meaning, ()):
                reached[index] += weight
        known = sum(map(self._weigh_meaning, said))
        for index, weight in reached.items():
            phrase, share = self._phrases[index], weight / self._totals[index]
            if share < _LEAST_SHARE or (phrase.faq and phrase.locale != locale):
                continue
            intent = phrase.intent
            if intent in STRICT:
                if not phrase.meanings <= said.keys():
                    continue
                if unknown or not may_be_strict or len(phrase.meanings) < len(said):
                    intent = STRICT[intent]
            score = self._judge(phrase, share, said, known + unknown * (_OPEN_SHARE if phrase.is_open else 1))
            yield _Found((intent, phrase.faq), score, _find_handicap(phrase), self._totals[index], locale)

    def _judge(self, phrase: Phrase, share: float, said: Mapping[str, float], total: float) -> float:
        """0 to 100: `share` is how much of the phrase was said; the rest is how much of what was said it covers."""
        coverage = sum(self._weigh_meaning(meaning) for meaning in phrase.meanings if meaning in said) / total
        alone = _STANDS_ALONE[min(len(phrase.meanings), len(_STANDS_ALONE) - 1)]
        score = 100 * share * share * (alone + (1 - alone) * coverage)
        if (NOT in said) != (NOT in phrase.meanings):
            score *= _NEGATED
        return score


def _find_handicap(phrase: Phrase) -> int:
    """Openers give way to what else was said: "hi, where is my order". "It came, thanks" is more than an opener."""
    if phrase.intent in OPENERS and phrase.meanings <= COLOURS | {NOT}:
        return _OPENER_HANDICAP
    return _FAQ_HANDICAP if phrase.faq else 0


def _compile_telling(lexicons: Iterable[Lexicon]) -> re.Pattern[str]:
    words = sorted({word for lexicon in lexicons for word in lexicon.telling})
    unspaced = [re.escape(word) for word in words if word[0] >= "\u3000"]
    spaced = [re.escape(word) for word in words if word[0] < "\u3000"]
    return re.compile("|".join((f" (?:{'|'.join(spaced)}) ", *unspaced)))


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
