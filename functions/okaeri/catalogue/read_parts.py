"""Reads the parts of a journey file into their models, and says in the author's words what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from okaeri.catalogue.journey_source import SourcePart
from okaeri.catalogue.journey_yaml import Problems, SourceMap

LONGEST_LIST = 12  # words that a fix lists; beyond, it says where they stand


def suggest(word: str, known: Iterable[str], *, where: str = "docs/journeys.md lists them") -> str:
    """How to mend a word that is none of the known ones."""
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"one of {', '.join(words)}" if 0 < len(words) <= LONGEST_LIST else where


def read_part[Part: SourcePart](model: type[Part], raw: Any, problems: Problems, line: int, what: str) -> Part | None:
    """The part, None where it cannot be read; what is wrong is then among the problems."""
    if not isinstance(raw, SourceMap):
        if model.short is None or isinstance(raw, list | dict) or (raw is None and model.short != "reason"):
            fields = ", ".join(_name_fields(model))
            problems.report(line, f"{what} is a mapping", f"with {fields}")
            return None
        raw = SourceMap(line, {model.short: raw} if raw is not None else {}, {model.short: line})
    try:
        part = model.model_validate(dict(raw))
    except ValidationError as error:
        told = set()
        for detail in error.errors():
            place = detail["loc"][0] if detail["loc"] else ""
            if place not in told:  # a union gives an error for each of its members
                told.add(place)
                _report(model, detail, raw, problems, what)
        return None
    part.keep_source(raw)
    return part


def _report(model: type[SourcePart], detail: ErrorDetails, raw: SourceMap, problems: Problems, what: str) -> None:
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
    expected = (field.description if field else None) or detail["msg"]
    if detail["type"] == "missing":
        problems.report(raw.line, f"{what} lacks `{shown}`", expected)
        return
    value = raw.get(name)
    given = f"{value!r}" if isinstance(value, str | int | float) else f"`{shown}`"
    problems.report(line, f"{shown}: {given} does not fit", expected)


def _name_fields(model: type[SourcePart]) -> Sequence[str]:
    return [info.alias or name for name, info in model.model_fields.items()]
