"""What a template may say of a talk: the shopper's words, the question's own choices, what people of the shop wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from okaeri.adapters.locale_formats import LocaleFormats, clean_paragraph, clean_text
from okaeri.adapters.message_fields import FaqFields, ReplyFields
from okaeri.adapters.template_engine import render_text

_ANSWER, _TITLE, _COUPON = "answer.", ".title", "coupon."
_AMOUNT = re.compile(r"\d+(\.\d+)?")  # a budget's id


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


def describe_last_days(data: Mapping[str, str], formats: LocaleFormats) -> dict[str, str]:
    """Until when each code can be used, by the id of its step; empty where it has no last day."""
    codes = [name.removeprefix(_COUPON) for name in data if name.startswith(_COUPON) and name.count(".") == 1]
    days = {code: data.get(f"{_COUPON}{code}.last_day") for code in codes}
    return {
        code: formats.format_day(datetime.fromisoformat(day).replace(tzinfo=UTC)) if day else ""
        for code, day in days.items()
    }


def read_options(
    source: str | None, formats: LocaleFormats, told: Mapping[str, str], *, currency: str
) -> list[dict[str, str]]:
    """A question's own rows out of a message's data, intents and budgets in words; what is none is left out.

    `told` is what is said of a thing below its name, by its id. `currency` is the store's, of the budgets.
    """
    try:
        found = json.loads(source or "[]")
    except ValueError:
        found = []
    rows = [row for row in found if isinstance(row, dict) and row.get("id")] if isinstance(found, list) else []
    named = [row | {"title": row.get("title") or _name_row(str(row["id"]), formats, currency)} for row in rows]
    return [
        {
            "id": clean_text(str(row["id"])),
            "title": clean_text(str(row["title"] or "")),
            "description": told.get(str(row["id"]), ""),
        }
        for row in named
    ]


def _name_row(name: str, formats: LocaleFormats, currency: str) -> str:
    """What the data have no words for, in the reader's language."""
    if _AMOUNT.fullmatch(name):
        amount = formats.format_money(Decimal(name), currency)
        return str(formats.words["budget_up_to"].format(amount=amount))
    return str(formats.words.get(f"do_{name}") or "")
