"""What a template may say of a talk: the shopper's words, the question's own choices, what people of the shop wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from okaeri.adapters.locale_formats import LocaleFormats, Words, clean_paragraph, clean_text
from okaeri.adapters.message_fields import FaqFields, ReplyFields
from okaeri.adapters.template_engine import render_text

_ANSWER, _TITLE = "answer.", ".title"


class Answered(NamedTuple):
    """A common question and what the shop says to it: a text for the template engine."""

    question: str
    answer: str


def read_question(data: Mapping[str, str]) -> str | None:
    """The common question that a message's talk is at: the one that was chosen, else the one that was asked."""
    return data.get("answer.question") or data.get("turn.faq") or None


def add_answer(context: dict[str, Any], answered: Answered | None) -> dict[str, Any]:
    """The context with the answer filled; where nobody knows it, a text that names it gives up."""
    if answered is None:
        return context
    answer = render_text(answered.answer, context, where="faq.answer")
    fields: FaqFields = {"question": clean_text(answered.question), "answer": clean_paragraph(answer)}
    return context | {"faq": fields, "absent": context["absent"] - {"faq"}}


def describe_chosen(data: Mapping[str, str], formats: LocaleFormats) -> dict[str, str]:
    """What the rows said that were chosen, by question."""
    return {
        name.removeprefix(_ANSWER).removesuffix(_TITLE): formats.isolate(clean_text(title))
        for name, title in data.items()
        if name.startswith(_ANSWER) and name.endswith(_TITLE)
    }


def describe_reply(data: Mapping[str, str], formats: LocaleFormats) -> ReplyFields:
    """A person's words with their empty lines, and who they are."""
    lines = (clean_text(line) for line in data.get("reply.text", "").splitlines())
    return {"text": "\n".join(lines).strip(), "by": formats.isolate(clean_text(data.get("reply.by")))}


def read_options(
    source: str | None, words: Words, told: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, str]]:
    """A question's own rows out of a message's data, intents in words; what is none of them is left out.

    `told` is what is said of a thing below its name, by its id.
    """
    try:
        found = json.loads(source or "[]")
    except ValueError:
        found = []
    rows = [row for row in found if isinstance(row, dict) and row.get("id")] if isinstance(found, list) else []
    named = [row | {"title": row.get("title") or words.get(f"do_{row['id']}")} for row in rows]
    return [
        {
            "id": clean_text(str(row["id"])),
            "title": clean_text(str(row["title"] or "")),
            "description": told.get(str(row["id"]), ""),
        }
        for row in named
    ]
