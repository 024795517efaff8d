"""What a template may say of a talk: the shopper's words, the question's own choices, what people of the shop wrote."""

from __future__ import annotations

import json

from okaeri.adapters.locale_formats import clean_text


def read_options(source: str | None) -> list[dict[str, str]]:
    """A question's own rows out of a message's data; what is none of them is left out."""
    try:
        found = json.loads(source or "[]")
    except ValueError:
        found = []
    rows = [row for row in found if isinstance(row, dict) and row.get("id")] if isinstance(found, list) else []
    return [{name: clean_text(str(row.get(name) or "")) for name in ("id", "title", "description")} for row in rows]
