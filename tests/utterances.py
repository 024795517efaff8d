"""What shoppers might type, by language and intent (tests/corpus), and how well it is understood."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.adapters.shipped_faq import load_entries
from okaeri.domain.interpretations import BEGIN, FAQ, Interpretation
from okaeri.domain.knowledge import FaqEntry, QuickReply
from okaeri.domain.languages import SHIPPED
from okaeri.domain.stores import Platform, Store, StoreSettings

CORPUS = Path(__file__).parent / "corpus"
NOT_STOP = "not_stop"  # near misses of "stop messaging me": what else they are does not matter
CODES = {"START-QUIZ": "size-quiz", "quiz": "size-quiz"}


class Utterance(NamedTuple):
    """One message and what it means. `is_held_out`: the phrases were never changed because of it."""

    text: str
    language: str
    intent: str
    faq: str
    is_held_out: bool


class ShippedKnowledge:
    """The shop that has only the questions that we ship."""

    def list_faq(self, store_id: str, locale: str) -> Sequence[FaqEntry]:
        """All of them."""
        return [FaqEntry(faq, entry.question, entry.phrases, True) for faq, entry in load_entries(locale).items()]

    def get_answer(self, store_id: str, faq: str, locale: str, *, product_id: str | None = None) -> str | None:
        """Nothing is answered here."""
        return None

    def list_quick_replies(self, store_id: str, locale: str) -> Sequence[QuickReply]:
        """There are none."""
        return ()


def make_speaking_store(*languages: str) -> Store:
    """A shop that speaks these languages, all eight by default, and has two entry codes."""
    return Store(
        store_id="kinari",
        name="Kinari",
        platform=Platform.STANDARD,
        domain="kinari.example",
        site_url="https://kinari.example",
        settings=StoreSettings(languages=languages or SHIPPED, entry_codes=CODES),
    )


def make_reading() -> Callable[[str, str | None], Interpretation]:
    """Interprets a text for a customer of a locale, in a shop that speaks all eight languages."""
    interpreter, store = CatalogueInterpreter(ShippedKnowledge()), make_speaking_store()
    return lambda text, locale: interpreter.interpret(text, store, locale=locale)


def load_utterances() -> list[Utterance]:
    """The whole corpus."""
    found = []
    for path in sorted(CORPUS.glob("*.yaml")):
        for intent, parts in yaml.safe_load(path.read_text("utf-8")).items():
            for part, entries in parts.items():
                found += [_make_utterance(entry, path.stem, intent, part == "held_out") for entry in entries]
    return found


def _make_utterance(entry: Any, language: str, intent: str, is_held_out: bool) -> Utterance:
    text, faq = (entry["text"], entry["faq"]) if isinstance(entry, dict) else (entry, "")
    return Utterance(text, language, intent, faq, is_held_out)


@dataclass
class Tally:
    """How often an intent was meant, guessed, and both."""

    meant: int = 0
    guessed: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Of what was taken for it, how much was it."""
        return self.right / self.guessed if self.guessed else 1.0

    @property
    def recall(self) -> float:
        """Of what was it, how much was found."""
        return self.right / self.meant if self.meant else 1.0


@dataclass
class Score:
    """What came of reading some utterances."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_language: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    mistakes: list[tuple[Utterance, Interpretation]] = field(default_factory=list)
    wrong_stops: list[Utterance] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    offered: int = 0  # of the mistakes: what was meant stood among the other guesses

    @property
    def overall(self) -> Tally:
        """All intents together, `unknown` left out."""
        known = [tally for intent, tally in self.tallies.items() if intent != "unknown"]
        return Tally(*(sum(getattr(tally, name) for tally in known) for name in ("meant", "guessed", "right")))


def read_all(
    utterances: Iterable[Utterance],
    interpret: Callable[[str, str | None], Interpretation],
    *,
    knows_locale: bool = True,
) -> Score:
    """Reads each utterance once, as a customer whose language is known, or whose is not."""
    score = Score()
    for utterance in utterances:
        begun = time.perf_counter()
        found = interpret(utterance.text, utterance.language if knows_locale else None)
        score.milliseconds.append((time.perf_counter() - begun) * 1000)
        guessed = found.guess.intent
        if guessed == "stop" and utterance.intent != "stop":
            score.wrong_stops.append(utterance)
        if utterance.intent == NOT_STOP:
            continue
        is_right = guessed == utterance.intent and found.guess.faq == utterance.faq
        is_right = is_right and (utterance.intent != BEGIN or bool(found.code))
        for tally in (score.tallies[utterance.intent], score.by_language[utterance.language]):
            tally.meant += 1
            tally.right += is_right
        score.tallies[guessed].guessed += 1
        if not is_right:
            score.mistakes.append((utterance, found))
            score.offered += any(
                guess.intent == utterance.intent and guess.faq == utterance.faq for guess in found.others
            )
    return score


__all__ = ["FAQ", "NOT_STOP", "Score", "Tally", "Utterance", "load_utterances", "make_reading", "read_all"]
