"""What counts as the answer to a question: a button that names it, words that mean it, any words, a picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from okaeri.domain.customers import Run
from okaeri.domain.events import Event
from okaeri.domain.journeys import AskStep
from okaeri.domain.keywords import fold_text
from okaeri.domain.plans import TALK
from okaeri.domain.values import format_time

TAPPED = "message.answered"
WRITTEN = "message.received"
MEDIA_TYPES = ("image", "video", "audio", "document")
_HEARD = "heard"  # a run's data: when its question was last answered, rightly or not


def read_answer(step: AskStep, event: Event, seed: str) -> str | None:
    """The answer's name, or what was written or sent where that will do; None where it answers nothing."""
    if event.name == TAPPED:
        named = str(event.data.get("answer", ""))
        return named if seed in event.refs.get("ask.id", ()) and named in step.answers else None
    if not is_typed(event):
        return None
    if step.media and event.data.get("type") in MEDIA_TYPES:
        return str(event.data.get("media_id", "")) or None
    text = str(event.data.get("text", "")).strip()
    folded = fold_text(text)
    for name, words in step.answers.items():
        if text and (text in words or (folded and folded in map(fold_text, (name, *words)))):
            return name
    return text if text and step.text else None


def is_typed(event: Event) -> bool:
    """Whether these are a shopper's own words: no button's label, and neither STOP nor START."""
    return event.name == WRITTEN and not event.data.get("keyword") and not event.data.get("tapped")


def note_heard(run: Run, now: datetime) -> Run:
    """The run knows that the shopper has just spoken to it."""
    return run.model_copy(update={"data": run.data | {_HEARD: format_time(now)}})


def is_replying(run: Run, now: datetime) -> bool:
    """Whether what the run says now answers the shopper."""
    heard = run.data.get(_HEARD)
    return heard is not None and now - datetime.fromisoformat(heard) < TALK


def find_last_asked(runs: Iterable[Run]) -> Run | None:
    """The run that asked last, of two at one moment the later: words that name no question answer the latest one."""
    asked = [
        (run.waiting.wanted_at, place, run)
        for place, run in enumerate(runs)
        if run.waiting is not None and TAPPED in run.waiting.events and run.waiting.wanted_at is not None
    ]
    return max(asked, key=lambda entry: entry[:2])[2] if asked else None
