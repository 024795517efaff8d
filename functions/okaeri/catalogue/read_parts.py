"""Reads the parts of a journey file into their models, and says in the author's words what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from okaeri.catalogue.journey_source import SourcePart
from okaeri.catalogue.journey_yaml import Problems, SourceMap

LONGEST_LIST = 12  # words that a fix lists; beyond, it says where they stand


def suggest(word: str, known: Iterable[str], *, before: str = "", where: str = "docs/journeys.md lists them") -> str:
    """How to mend a word that is none of the known ones; `before` stands before each of them."""
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1)
    if close:
        return f"did you mean {before}{close[0]}?"
    return f"one of {', '.join(before + name for name in words)}" if 0 < len(words) <= LONGEST_LIST else where


def read_part[Part: SourcePart](model: type[Part], raw: Any, problems: Problems, line: int, what: str) -> Part | None:
    """The part, None where it cannot be read; what is wrong is then among the problems."""
    bare = ""
    if not isinstance(raw, SourceMap):
        if model.short is None or isinstance(raw, list | dict) or (raw is None and model.short != "reason"):
            fields = ", ".join(_name_fields(model))
            problems.report(line, f"{what} is a mapping", f"with {fields}")
            return None
        raw = SourceMap(line, {model.short: raw} if raw is not None else {}, {model.short: line})
        bare = what
    try:
        part = model.model_validate(dict(raw))
    except ValidationError as error:
        details = error.errors()
        unknown = [str(detail["loc"][0]) for detail in details if detail["type"] == "extra_forbidden"]
        told = set()
        for detail in details:
            place = detail["loc"][0] if detail["loc"] else ""
            # A union gives an error for each of its members, a misspelled name one for what is missing as well.
            is_misspelled = detail["type"] == "missing" and difflib.get_close_matches(str(place), unknown)
            if place not in told and not is_misspelled:
                told.add(place)
                _report(model, detail, raw, problems, what, bare)
        return None
    part.keep_source(raw)
    return part


def _report(
    model: type[SourcePart], detail: ErrorDetails, raw: SourceMap, problems: Problems, what: str, bare: str
) -> None:
    """Says what one detail means; `bare` names the part where a bare value stands for it."""
    path = detail["loc"]
    line = raw.find_line(*path)
    name = str(path[0]) if path else ""
    shown = name.rstrip("_")
    if detail["type"] == "extra_forbidden":
        problems.report(line, f"{what} has no `{shown}`", suggest(name, _name_fields(model)))
        return
    field = model.model_fields.get(name) or next(
        (info for info in model.model_fields.values() if info.alias == name), None
    )
    expected = _describe(field) if field is not None else detail["msg"]
    if detail["type"] == "missing":
        problems.report(raw.line, f"{what} lacks `{shown}`", expected)
        return
    value = raw.get(name)
    given = f"{value!r}" if isinstance(value, str | int | float) else f"`{shown}`"
    problems.report(line, f"{bare or shown}: {given} does not fit", expected)


def _describe(field: FieldInfo) -> str:
    """What the field takes, in words; of one that may be left out (`Duration | None`), in those of its type."""
    parts = [meta for part in get_args(field.annotation) for meta in getattr(part, "__metadata__", ())]
    words = [field.description, *(part.description for part in parts if isinstance(part, FieldInfo))]
    return next((text for text in words if text), "docs/journeys.md says what it takes")


def _name_fields(model: type[SourcePart]) -> Sequence[str]:
    return [info.alias or name for name, info in model.model_fields.items()]
