"""Reads what shoppers write, with the phrasebooks of the catalogue and the shop's own questions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okaeri.domain.interpretations import UNKNOWN, Interpretation
from okaeri.domain.knowledge import FaqEntry
from okaeri.domain.languages import SHIPPED, match_locale
from okaeri.domain.stores import Store

if TYPE_CHECKING:  # loads rapidfuzz, which only a shopper's first typed words need
    from okaeri.domain.phrasebooks import Phrasebook
    from okaeri.domain.understanding import Reader
    from okaeri.ports import Knowledge

_PHRASEBOOKS = Path(__file__).parent.parent / "catalogue" / "intents"
_MOST_READERS = 16  # of stores and sets of languages, in one process

type _Questions = dict[str, Sequence[FaqEntry]]


class CatalogueInterpreter:
    """Implements `ports.Interpreter`. Loads the languages that a message can be in, each once in a process."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._readers: dict[tuple[str, tuple[str, ...]], tuple[_Questions, Reader]] = {}

    def interpret(self, text: str, store: Store, *, locale: str | None) -> Interpretation:
        """Never raises for what is written; raises TryAgain where the shop's questions cannot be read."""
        own = match_locale(locale, SHIPPED) if locale else None
        likely = choose_languages(text, store, own)
        found = self._read(text, store, likely, own)
        if found.guess.intent != UNKNOWN or len(likely) == len(SHIPPED):
            return found
        # A guest from elsewhere: the other languages are asked too, and cost nobody else anything.
        return self._read(text, store, SHIPPED, own)

    def _read(self, text: str, store: Store, languages: tuple[str, ...], own: str | None) -> Interpretation:
        reader = self._find_reader(store, languages)
        return reader.read(text, store.settings.entry_codes, own or match_locale(store.locale, SHIPPED))

    def _find_reader(self, store: Store, languages: tuple[str, ...]) -> Reader:
        from okaeri.domain.understanding import Reader

        questions: _Questions = {
            language: tuple(self._knowledge.list_faq(store.store_id, language)) for language in languages
        }
        known, reader = self._readers.get((store.store_id, languages), (None, None))
        if reader is None or known != questions:
            reader = Reader([load_phrasebook(language) for language in languages], questions)
            if len(self._readers) >= _MOST_READERS:
                self._readers.pop(next(iter(self._readers)))
            self._readers[store.store_id, languages] = questions, reader
        return reader


def choose_languages(text: str, store: Store, own: str | None) -> tuple[str, ...]:
    """English, the customer's, the shop's, and those of a script that only one of them has."""
    from okaeri.domain.folding import OWN_SCRIPTS, list_scripts

    spoken = (own, *(match_locale(name, SHIPPED) for name in (store.locale, *store.settings.languages)))
    scripts = list_scripts(text)
    written = (language for language, script in OWN_SCRIPTS.items() if script in scripts)
    wanted = {"en", *spoken, *written}
    return tuple(language for language in SHIPPED if language in wanted)


@cache
def load_phrasebook(locale: str) -> Phrasebook:
    """One language's words and phrases."""
    from okaeri.domain.phrasebooks import make_phrasebook

    signs = {sign: meaning for meaning, signs in _read("signs")["signs"].items() for sign in signs}
    lent = None if locale == "en" else load_phrasebook("en").lexicon
    return make_phrasebook(locale, _read(locale), signs, lent)


@cache
def _read(name: str) -> Any:
    return json.loads((_PHRASEBOOKS / f"{name}.json").read_text("utf-8"))
