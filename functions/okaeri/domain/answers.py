"""What counts as the answer to a question: a button that names it, words that mean it, any words, a picture. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from okaeri.domain.choices import Option, find_option
from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.customers import Customer, Run
from okaeri.domain.events import Event
from okaeri.domain.gates import was_stopped_since
from okaeri.domain.journeys import AskStep
from okaeri.domain.keywords import fold_text
from okaeri.domain.plans import TALK
from okaeri.domain.values import format_time, make_id

TAPPED = "message.answered"
WRITTEN = "message.received"
_SKIPS = ("skip", "not_now")
# Whoever is asked something may want something else: a person, another language. Where any words will do, only these.
_ALWAYS_HEEDED = ("person", "language", "stop", "menu")
_NEVER_HEEDED = ("greeting", "yes", "no", "thanks", "unknown", "faq", *_SKIPS)
MEDIA_TYPES = ("image", "video", "audio", "document")
_HEARD = "heard"  # a run's data: when its question was last answered, rightly or not


def read_answer(step: AskStep, event: Event, seed: str, options: Iterable[Option] = ()) -> str | None:
    """The answer's name, or what was written or sent where that will do; None where it answers nothing.

    `options` are the answers that came from the data. Words that are an answer to the letter answer at once; what is
    near, a place in the list, and any words at all only once they are read as a turn.
    """
    names = {option.id for option in options}
    if event.name == TAPPED:
        named = str(event.data.get("answer", ""))
        return named if seed in event.refs.get("ask.id", ()) and (named in step.answers or named in names) else None
    is_turn = event.name == TURN_TAKEN
    if not is_turn and not is_typed(event):
        return None
    if step.media and event.data.get("type") in MEDIA_TYPES:
        return str(event.data.get("media_id", "")) or None
    text = str(event.data.get("text", "")).strip()
    exact = _find_exact(step, text)
    if exact is not None or not is_turn:
        return exact
    return _read_turn(step, event, text, tuple(options))


def list_seeds(run: Run, run_id: str) -> list[str]:
    """By which the question at which the run stands was named, each time it was asked."""
    return [make_id(run_id, run.step, visit) for visit in range(run.visit + 1)]


def read_given(event: Event, run_id: str) -> dict[str, str]:
    """What a page answers of this run's questions, by their ids; empty where it is about another run, or no page."""
    if event.name != TAPPED or run_id not in event.refs.get("run.id", ()):
        return {}
    given: dict[str, str] = json.loads(str(event.data.get("answers", "{}")))
    return given


def choose_given(step: AskStep, given: Mapping[str, str], options: Iterable[Option] = ()) -> str:
    """The answer's name, or own words where those will do; empty where the question was left out."""
    answer = given.get(step.ask, "")
    is_named = answer in step.answers or any(answer == option.id for option in options)
    return answer if is_named or step.text else ""


def _find_exact(step: AskStep, text: str) -> str | None:
    folded = fold_text(text)
    for name, words in step.answers.items():
        if text and (text in words or (folded and folded in map(fold_text, (name, *words)))):
            return name
    return None


def _read_turn(step: AskStep, event: Event, text: str, options: tuple[Option, ...]) -> str | None:
    """What a whole turn answers: its intent where that is an answer, a place in the list, a near title, any words."""
    for intent in (event.data.get("intent"), *str(event.data.get("means", "")).split("|")):
        if intent in step.answers:
            return str(intent)
    ids = [*(option.id for option in options), *step.answers]
    choice = event.data.get("choice")
    if isinstance(choice, int):
        means = next((name for name, words in step.answers.items() if str(choice) in (name, *words)), None)
        if means is not None:  # a number that is an answer itself goes before a place in the list
            return means
        if 1 <= choice <= len(ids):
            return ids[choice - 1]
    written = (Option(name, word) for name, words in step.answers.items() for word in (name, *words))
    if text and (found := find_option(text, (*options, *written))) is not None:
        return found
    is_own_words = step.text and not (wants_else(step, event) or is_skipped(event))
    return text if text and is_own_words else None


def wants_else(step: AskStep, event: Event) -> bool:
    """Whether a turn that answers nothing asks for something else, which is heeded while the question stays open."""
    intent = str(event.data.get("intent", ""))
    if intent in _ALWAYS_HEEDED or event.data.get("code") or event.data.get("tapped"):
        return True
    return not step.text and intent not in _NEVER_HEEDED and intent != ""


def is_skipped(event: Event) -> bool:
    """Whether the customer would rather not answer ("SKIP please")."""
    return event.name == TURN_TAKEN and event.data.get("intent") in _SKIPS


def is_typed(event: Event) -> bool:
    """Whether these are a shopper's own words: no button's label, and neither STOP nor START."""
    return event.name == WRITTEN and not event.data.get("keyword") and not event.data.get("tapped")


def note_heard(run: Run, now: datetime) -> Run:
    """The run knows that the shopper has just spoken to it."""
    return run.model_copy(update={"data": run.data | {_HEARD: format_time(now)}})


def note_stopped(run: Run, stopped_at: datetime) -> Run:
    """STOP takes back all that was heard before it, in the second in which it was said too; `stopped_at` is theirs."""
    heard = run.data.get(_HEARD)
    if heard is None or datetime.fromisoformat(heard) < stopped_at:
        return run
    return note_heard(run, stopped_at - timedelta(microseconds=1))


def is_replying(run: Run, now: datetime) -> bool:
    """Whether what the run says now answers the shopper."""
    heard = run.data.get(_HEARD)
    return heard is not None and now - datetime.fromisoformat(heard) < TALK


def is_awaited(run: Run, customer: Customer) -> bool:
    """Whether the shopper still wants the answer: they have not said STOP since they last spoke to the run."""
    heard = run.data.get(_HEARD)
    return heard is None or not was_stopped_since(datetime.fromisoformat(heard), customer)


def is_written_before(event: Event, asked_at: datetime, ahead_s: float) -> bool:
    """Whether the words are older than the question, which was asked by the customer's own clock.

    Meta tells whole seconds of the real one: what was written in the second of the question answers it.
    """
    return event.occurred_at < (asked_at - timedelta(seconds=ahead_s)).replace(microsecond=0)


def find_last_asked(runs: Iterable[Run]) -> Run | None:
    """The run that asked last, of two at one moment the later: words that name no question answer the latest one."""
    asked = [
        (run.waiting.wanted_at, place, run)
        for place, run in enumerate(runs)
        if run.waiting is not None and TAPPED in run.waiting.events and run.waiting.wanted_at is not None
    ]
    return max(asked, key=lambda entry: entry[:2])[2] if asked else None
