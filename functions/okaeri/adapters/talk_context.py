"""What a template may say of a talk: the shopper's words, the question's own choices, what people of the shop wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from okaeri.adapters.locale_formats import LocaleFormats, clean_paragraph, clean_text
from okaeri.adapters.message_fields import FaqFields

_ANSWER, _TITLE = "answer.", ".title"


class Answered(NamedTuple):
    """A common question and what the shop says to it, its fields filled."""

    question: str
    answer: str


def describe_faq(faq: Answered, formats: LocaleFormats) -> FaqFields:
    """The answer's paragraphs stay; both are the shop's own words in the reader's language."""
    return {"question": formats.isolate(clean_text(faq.question)), "answer": clean_paragraph(faq.answer)}


def describe_chosen(data: Mapping[str, str], formats: LocaleFormats) -> dict[str, str]:
    """What the rows said that were chosen, by question."""
    return {
        name.removeprefix(_ANSWER).removesuffix(_TITLE): formats.isolate(clean_text(title))
        for name, title in data.items()
        if name.startswith(_ANSWER) and name.endswith(_TITLE)
    }


def read_options(source: str | None) -> list[dict[str, str]]:
    """A question's own rows out of a message's data; what is none of them is left out."""
    try:
        found = json.loads(source or "[]")
    except ValueError:
        found = []
    rows = [row for row in found if isinstance(row, dict) and row.get("id")] if isinstance(found, list) else []
    return [{name: clean_text(str(row.get(name) or "")) for name in ("id", "title", "description")} for row in rows]
