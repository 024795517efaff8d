"""A run's question: asked, offered with its choices, answered, skipped, asked again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from okaeri.domain.acts import take_answer
from okaeri.domain.answers import (
    TAPPED,
    choose_given,
    find_last_asked,
    is_skipped,
    is_written_before,
    list_seeds,
    note_heard,
    read_answer,
    read_given,
    wants_else,
)
from okaeri.domain.choices import OF, OPTIONS, list_options, read_options, show_product, write_options
from okaeri.domain.conversations import LETTER_RECEIVED, TURN_TAKEN
from okaeri.domain.customers import Run
from okaeri.domain.journeys import AskStep, SendStep
from okaeri.domain.surveys import is_asked_by_another, is_survey, note_survey
from okaeri.domain.turns import make_intent_event, note_answered

if TYPE_CHECKING:
    from okaeri.domain.walk import Walk

# What a question waits for: a tap, which names the question, or words, which do not, to the letter or as a turn.
ANSWER_EVENTS = (TAPPED, "message.received", TURN_TAKEN)
SKIP = "skip"  # the answer of a button that answers nothing
_CERTAIN = ("orders", "open_orders", "lines")  # of which one alone is not asked about
_OF_SHELF = ("product_types", "tags", "budgets")  # without which "any of them" is no answer
_BEGINNINGS = ("guesses", "faq")  # choices that begin what they name


def ask(walk: Walk, step: AskStep) -> bool:
    """Asks; True where the run rests until the answer comes."""
    if step.ask in walk.given:  # it was asked on the page, and is asked no more
        return _end(walk, _take_given(walk, step))
    if walk.is_said_by_sibling(step):  # who answers, answers the sibling
        return _end(walk, "unreachable")
    if step.choices is not None and (outcome := _offer(walk, step)):
        return _end(walk, outcome)
    run = walk.run
    assert run is not None
    if is_asked_by_another(walk.definition, run, walk.customer, walk.facts.store, walk.now):
        walk.end("surveyed_lately")
        return True
    is_again = run.visit > 0 and step.again_template is not None
    template = step.again_template if is_again and step.again_template else step.template
    asks = SendStep(
        template=template,
        channels=step.channels,
        best=step.best,
        purpose=step.purpose,
        valid_for=step.valid_for,
        line=step.line,
    )
    speech = walk.plan(asks)
    # While a question is to be asked once more, the first one may still be answered.
    if walk.speak(speech, ANSWER_EVENTS if run.visit else ()):
        return True
    if not speech.is_said:
        return _end(walk, "unreachable")
    if speech.is_heard and is_survey(walk.definition):
        walk.customer = walk.customer.model_copy(update={"surveyed_at": walk.now})
        walk.run = note_survey(run)
    patience = walk.scene().read_span(step.timeout)
    if not patience:  # a wait of nothing would be over at the moment, and by the timer, that led here
        return _end(walk, "timeout")
    if TURN_TAKEN in walk.definition.events:  # a talk takes its real time, however fast the journey's days pass
        patience = timedelta(seconds=walk.facts.pace.to_domain_time(patience.total_seconds()))
    # A question that nobody saw (shadow, test) waits for its time alone: what is said was not said to it.
    return walk.rest(walk.now + patience, ANSWER_EVENTS if speech.is_heard else (), since=walk.now)


def hear_answer(walk: Walk, run: Run, step: AskStep, asked_before: Iterable[Run]) -> bool:
    """What the event means for the question at which `run` waits; True where the question takes it for its own.

    Words that name no question answer the one that was asked last, of those in `asked_before`.
    """
    event = walk.event
    if event.name == LETTER_RECEIVED:
        return _hear_letter(walk, run, step)
    if event.name not in ANSWER_EVENTS:
        return False
    asked_at = run.waiting.wanted_at if run.waiting else None
    is_earlier = asked_at is not None and is_written_before(event, asked_at, walk.customer.ahead_s)
    if event.name != TAPPED and (is_earlier or run != find_last_asked(asked_before)):
        return False
    seeds = list_seeds(run, walk.run_id)
    options = read_options(run)
    found = (read_answer(step, event, seed, options) for seed in seeds)
    answer = next((answer for answer in found if answer is not None), None)
    if answer is None and (given := read_given(event, walk.run_id)):
        answer = choose_given(step, given, options) or None
        walk.given = given if answer else {}
    if answer is not None:
        walk.run = note_heard(run, walk.now)
        for seed in seeds:
            walk.customer = note_answered(walk.customer, seed)
        if answer == SKIP:
            return _skip(walk, step)
        _take(walk, step, answer)
        return True
    if is_skipped(event):
        walk.run = note_heard(run, walk.now)
        return _skip(walk, step)
    if event.name != TURN_TAKEN or wants_else(step, event):
        return False
    walk.run = note_heard(run, walk.now)
    return _ask_again(walk, step)


def _hear_letter(walk: Walk, run: Run, step: AskStep) -> bool:
    """Photos in a letter whose address names this question; any other letter is for people."""
    question = str(walk.event.data.get("question", ""))
    is_asked = step.media and run.waiting is not None and TAPPED in run.waiting.events
    if not question or not is_asked:
        return False
    from okaeri.domain.letters import list_photos  # letters are seldom: no cold start waits for it

    seeds = list_seeds(run, walk.run_id)
    photos = list_photos(walk.event)
    if not photos or not any(seed.startswith(question) for seed in seeds):
        return False
    walk.run = note_heard(run, walk.now)
    for seed in seeds:
        walk.customer = note_answered(walk.customer, seed)
    _take(walk, step, ",".join(photos))
    return True


def _skip(walk: Walk, step: AskStep) -> bool:
    """The run goes on without an answer."""
    walk.disarm()
    walk.note(f"answer.{step.ask}", "skipped")
    walk.proceed("skipped")
    return True


def _take(walk: Walk, step: AskStep, answer: str) -> None:
    """The run goes on with the answer. A guess or a question that was chosen begins what it stands for."""
    assert walk.run is not None
    titles = {option.id: option.title for option in read_options(walk.run)}
    walk.disarm()
    _keep(walk, step, answer, titles.get(answer) or str(walk.event.data.get("text", "")))
    if step.choices is not None and step.choices.of == "products":
        walk.run = show_product(walk.run, answer, walk.scene())
    is_named = answer in step.answers or answer in titles
    walk.note(f"answer.{step.ask}", "answered", f"answer:{answer}" if is_named else "own_words")
    if step.choices is not None and step.choices.of in _BEGINNINGS and answer not in step.answers:
        intent = answer if step.choices.of == "guesses" else f"faq:{answer}"
        walk.events.append(make_intent_event(walk.event, intent, hops=walk.event.hops + 1))
    walk.proceed("answered")


def _take_given(walk: Walk, step: AskStep) -> str:
    """The outcome of a question that a page has answered, or shown and left out."""
    answer = choose_given(step, walk.given)
    if not answer or answer == SKIP:
        walk.note(f"answer.{step.ask}", "skipped", "on_page")
        return "skipped"
    _keep(walk, step, answer, "")
    # The message that led to the page is answered once, however many questions stand on it.
    walk.note(f"answer.{step.ask}", "answered as well", f"answer:{answer}" if answer in step.answers else "own_words")
    return "answered"


def _keep(walk: Walk, step: AskStep, answer: str, title: str) -> None:
    """Keeps the answer, and its words as the customer saw or wrote them; what else was offered is forgotten."""
    assert walk.run is not None
    kept = {name: value for name, value in walk.run.data.items() if name not in (OPTIONS, OF)}
    run = walk.run.model_copy(update={"data": kept})
    walk.run = take_answer(run, f"answer.{step.ask}", {"": answer} | ({"title": title} if title else {}))


def _offer(walk: Walk, step: AskStep) -> str:
    """Puts the question's choices into the run; empty where it is to be asked, else its outcome.

    One order or line alone is the answer; where there is nothing to choose, nothing is asked.
    """
    assert walk.run is not None and step.choices is not None
    options = list_options(step, walk.scene())
    if not options and (not step.answers or (step.choices.of in _OF_SHELF and not step.text)):
        return "unreachable"
    if len(options) == 1 and step.choices.of in _CERTAIN and not step.answers:
        _keep(walk, step, options[0].id, options[0].title)
        return "answered"
    walk.run = walk.run.model_copy(update={"data": walk.run.data | write_options(options, step.choices.of)})
    return ""


def _ask_again(walk: Walk, step: AskStep) -> bool:
    """What came was no answer: asks once more where that is allowed (True), else goes on waiting."""
    run = walk.run
    assert run is not None
    is_put_off = run.waiting is not None and run.waiting.wish is not None  # the next asking is on its way
    if is_put_off or run.visit >= step.retries:
        walk.note(f"answer.{step.ask}", "not understood", "goes_on_waiting")
        return False
    walk.disarm()
    walk.note(f"answer.{step.ask}", "not understood", "asked_again")
    walk.run = run.model_copy(update={"waiting": None, "visit": run.visit + 1})
    if not ask(walk, step):
        walk.go()
    return True


def _end(walk: Walk, outcome: str) -> bool:
    assert walk.run is not None
    walk.run = walk.run.model_copy(update={"outcome": outcome})
    return walk.move_on()
