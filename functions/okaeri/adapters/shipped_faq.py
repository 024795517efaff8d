"""The questions that we ship, a file for each language in catalogue/faq. Read when a shop's questions are first asked
for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from okaeri.domain.faq import Shipped, ShippedEntry

FAQ_FOLDER = Path(__file__).parent.parent / "catalogue" / "faq"


@cache
def load_shipped() -> Shipped:
    """All languages, each read when it is wanted."""
    return Shipped(frozenset(path.stem for path in FAQ_FOLDER.glob("*.json")), load_entries)


@cache
def load_entries(locale: str) -> Mapping[str, ShippedEntry]:
    """The questions of one language by their names, commonest first."""
    entries = json.loads((FAQ_FOLDER / f"{locale}.json").read_text(encoding="utf-8"))
    return {
        faq: ShippedEntry(
            question=entry["question"],
            phrases=tuple(entry["phrases"]),
            answer=entry.get("answer", ""),
            needs=tuple(entry.get("needs", ())),
        )
        for faq, entry in entries.items()
    }
