"""What kind of thing a message says: its journey's file tells, where its purpose does not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from okaeri.domain.journeys import AskStep, Content, Definition, SendStep
from okaeri.domain.speak import ANSWERED
from okaeri.domain.values import Purpose

CONTENTS: tuple[Content, ...] = get_args(Content.__value__)


def find_content(step: SendStep | AskStep, definition: Definition) -> Content:
    """The step's own; the journey's, of what is said for its purpose; else by purpose and kind of step."""
    if step.content is not None:
        return step.content
    purpose = step.purpose or definition.purpose
    if definition.content is not None and purpose is definition.purpose:
        return definition.content
    if any(event in ANSWERED for event in definition.events):
        return "answer"
    if purpose is Purpose.ORDER:
        return "order"
    return "question" if isinstance(step, AskStep) else "offer"


def index_contents(definitions: Iterable[Definition]) -> dict[tuple[str, str], Content]:
    """By journey and template. What one journey says for two kinds counts for the first."""
    found: dict[tuple[str, str], Content] = {}
    for definition in definitions:
        for step in definition.steps:
            if isinstance(step, SendStep | AskStep):
                again = step.again_template if isinstance(step, AskStep) else None
                for template in filter(None, (step.template, again)):
                    found.setdefault((definition.journey, template), find_content(step, definition))
    return found
