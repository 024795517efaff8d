"""The mistakes in an event of our own store API, each in words: where, what, and how to mend it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from okaeri.use_cases.receive_store_event import EventInvalid, Problem
from receive_store_event.payload import name_path

_DOCS = "See docs/store-api.md."
_MOST = 50  # mistakes in one answer

# By pydantic's error types (https://docs.pydantic.dev/latest/errors/validation_errors/): what is wrong, how to mend it.
_WORDS = {
    "missing": ("is missing", "Add it."),
    "model_type": ("must be an object", 'Write it as {"…": …}.'),
    "model_attributes_type": ("must be an object", 'Write it as {"…": …}.'),
    "dict_type": ("must be an object", 'Write it as {"…": …}.'),
    "list_type": ("must be a list", "Write it as […]."),
    "string_type": ("must be text", "Put it in quotes."),
    "string_too_short": ("must not be empty", "Give it a value, or leave the field out if it is optional."),
    "string_too_long": ("is too long", "Shorten it to {max_length} characters."),
    "string_pattern_mismatch": ("is not a code that we know", "Use two letters for a country, three for a currency."),
    "decimal_type": ("must be an amount", 'Write it as text or number, with a point: "49.90".'),
    "decimal_parsing": ("must be an amount", 'Write it as text or number, with a point: "49.90".'),
    "decimal_max_digits": ("has too many digits", "Round it to the currency's smallest unit."),
    "finite_number": ("must be a finite number", "Write it as text or number."),
    "greater_than_equal": ("must be {ge} or more", "Send discounts in `discount`, refunds as order.refunded."),
    "less_than_equal": ("must be {le} or less", "Send the number of pieces."),
    "int_type": ("must be a whole number", "Write it without quotes and without a fraction."),
    "int_parsing": ("must be a whole number", "Write it without quotes and without a fraction."),
    "int_from_float": ("must be a whole number", "Round it up."),
    "bool_type": ("must be true or false", "Write it without quotes."),
    "bool_parsing": ("must be true or false", "Write it without quotes."),
    "datetime_type": ("must be a time", "Write it as 2026-11-21T09:30:00Z."),
    "datetime_parsing": ("must be a time", "Write it as 2026-11-21T09:30:00Z."),
    "datetime_from_date_parsing": ("must be a time", "Write it as 2026-11-21T09:30:00Z."),
    "literal_error": ("is not a word that we know", "Use one of {expected}."),
    "union_tag_invalid": ("is not an event that we know", "Use one of {expected_tags}."),
    "union_tag_not_found": ("is missing", "Say which event it is, such as order.placed."),
}  # fmt: skip


def explain_mistakes(error: ValidationError | None) -> EventInvalid:
    """Every mistake that pydantic found, never quoting the data; None means nested too deeply to be read."""
    if error is None:
        return EventInvalid([Problem("body", "The body is nested too deeply.", _DOCS)])
    mistakes = error.errors(include_url=False, include_input=False)[:_MOST]
    return EventInvalid([_explain(dict(mistake)) for mistake in mistakes])


def _explain(mistake: dict[str, Any]) -> Problem:
    kind, context = mistake["type"], mistake.get("ctx", {})
    # The first part of a place inside an event is the event's type, by which its model was chosen.
    at = name_path(mistake["loc"][1:])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        at = "type"
    if kind == "value_error":
        return Problem(at or "data", f"`{at or 'data'}`: {context['error']}.", _DOCS)
    what, fix = _WORDS.get(kind, (mistake["msg"][:1].lower() + mistake["msg"][1:], _DOCS))
    where = f"`{at}`" if at else "The body"
    return Problem(at or "body", f"{where} {_fill(what, context)}.", _fill(fix, context))


def _fill(text: str, context: dict[str, Any]) -> str:
    """Puts pydantic's values where the text names them; other braces are the text's own."""
    for name in ("expected", "expected_tags", "ge", "le", "max_length"):
        text = text.replace(f"{{{name}}}", str(context.get(name, "")))
    return text
