"""What stands within a compiled journey: its parts of a kind, its texts, the templates that it may say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from okaeri.domain.conditions import Span
from okaeri.domain.journeys import AskStep, Definition, SendStep


def list_parts[Part: BaseModel](value: Any, kind: type[Part]) -> Iterator[Part]:
    """Every part of this kind within, itself included."""
    if isinstance(value, kind):
        yield value
    if isinstance(value, BaseModel):
        for _, inner in value:
            yield from list_parts(inner, kind)
    elif isinstance(value, tuple):
        for inner in value:
            yield from list_parts(inner, kind)


def list_texts(value: Any) -> Iterator[str]:
    """Every text within."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from list_texts(inner)
    elif isinstance(value, tuple | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from list_texts(inner)


def list_said(definition: Definition) -> list[str]:
    """The templates that it may say, each once, in the order of its steps."""
    names = []
    for step in definition.steps:
        if isinstance(step, SendStep | AskStep):
            names += [step.template]
        if isinstance(step, AskStep) and step.again_template:
            names += [step.again_template]
    return list(dict.fromkeys(names))


def list_durations(definition: Definition) -> set[str]:
    """Names of the settings that are lengths of time."""
    return {span.setting for span in list_parts(definition, Span) if span.setting}
