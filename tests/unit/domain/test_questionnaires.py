"""Which questions stand on one page: all that the answers may lead to, and after which of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okaeri.catalogue.compile_journeys import compile_journey
from okaeri.domain.customers import Customer, Run
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene
from okaeri.domain.journeys import AskStep
from okaeri.domain.pages import OWN_WORDS
from okaeri.domain.questionnaires import MOST_QUESTIONS, list_questions, take_answers
from tests.world import load_catalogue, make_store

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
HEAD = """
journey: own
version: 1
purpose: order
trigger: {event: order.delivered, key: order.id}
steps:
"""
FIRST = "  - ask: {id: first, template: rating_request, answers: {good: [], bad: []}, timeout: P5D}\n"


def ask(name: str, **more: str) -> str:
    kind = {"answers": "{yes: [], no: [], skip: []}"} | more
    details = ", ".join(f"{key}: {value}" for key, value in kind.items())
    return f"  - ask: {{id: {name}, template: rating_request, {details}, timeout: PT2H}}\n"


def find(steps: str, *, unfit: str = "", at: int = 0, **data: str) -> dict[str, list[str]]:
    """The page's questions, each with the answers that lead to it (`first=good`)."""
    definition = compile_journey(HEAD + steps, "own.yaml")
    run = Run(journey="own", definition="d", key="1", started_at=NOW, step=at, data=data)
    scene = Scene(
        customer=Customer(store_id="kinari", customer_id="c1", created_at=NOW),
        run=run,
        event=Event(event_id="e", name="message.answered", occurred_at=NOW),
        now=NOW,
        facts=Facts(store=make_store(load_catalogue()), real_now=NOW),
        published=None,
        definition=definition,
    )
    found = list_questions(scene, lambda step: step.ask != unfit)
    return {question.step.ask: [f"{name}={answer}" for name, answer in question.after] for question in found}


def indent(steps: str) -> str:
    return "".join(f"      {line}\n" for line in steps.splitlines())


def branch(condition: str, then: str, otherwise: str = "") -> str:
    arms = f"      - when: {condition}\n        steps:\n{indent(then)}"
    return "  - branch:\n" + arms + (f"      - otherwise:\n{indent(otherwise)}" if otherwise else "")


def test_questions_in_a_row_are_all_asked() -> None:
    assert find(FIRST + ask("second") + ask("third")) == {"first": [], "second": [], "third": []}


def test_many_questions_with_many_answers_are_found_at_once() -> None:
    many: dict[str, list[str]] = {f"q{n}": [] for n in range(1, 8)}
    answers = "{a: [], b: [], c: [], d: [], e: [], f: [], g: []}"
    assert find(FIRST + "".join(ask(name, answers=answers, text="true") for name in many)) == {"first": [], **many}


def test_there_is_an_end_to_them() -> None:
    assert len(find(FIRST + "".join(ask(f"q{n}") for n in range(12)))) == MOST_QUESTIONS


def test_a_question_waits_for_the_answer_that_leads_to_it() -> None:
    steps = FIRST + branch("{answer: first, is: bad}", ask("why"), ask("best")) + ask("last")
    assert find(steps) == {"first": [], "why": ["first=bad"], "best": ["first=good"], "last": []}


def test_an_answer_may_count_later() -> None:
    steps = FIRST + ask("second") + branch("{answer: first, is: bad}", ask("why"))
    assert find(steps) == {"first": [], "second": [], "why": ["first=bad"]}


def test_of_two_answers_the_later_one_opens_the_question() -> None:
    both = "{all: [{answer: first, is: bad}, {answer: second, is: yes}]}"
    assert find(FIRST + ask("second") + branch(both, ask("why")))["why"] == ["second=yes"]


def test_own_words_lead_on_as_well() -> None:
    steps = FIRST + ask("second", text="true") + branch("{answer: second, is: yes}", "  - exit: done\n") + ask("third")
    # Nobody has to answer the second: whoever leaves it out is asked the third.
    assert find(steps)["third"] == []
    steps = FIRST + ask("second", text="true") + branch("{field: answer.second, exists: true}", ask("third"))
    assert set(find(steps)["third"]) == {"second=yes", "second=no", f"second={OWN_WORDS}"}


def test_what_the_run_knows_already_decides() -> None:
    steps = FIRST + ask("second") + branch("{answer: first, is: bad}", ask("why"))
    assert find(steps, at=1, **{"answer.first": "good"}) == {"second": []}
    assert find(steps, at=1, **{"answer.first": "bad"}) == {"second": [], "why": []}


@pytest.mark.parametrize(
    "step",
    [
        "  - wait: {for: P1D}\n",
        "  - call: {id: crm, webhook: crm, timeout: PT1M}\n",
        "  - send: {template: rating_thanks_good, purpose: marketing}\n",
        "  - exit: done\n",
    ],
)
def test_what_comes_after_a_pause_is_not_on_the_page(step: str) -> None:
    assert find(FIRST + step + ask("second")) == {"first": []}


def test_messages_of_the_order_and_notes_do_not_interrupt_it() -> None:
    steps = FIRST + "  - tag: asked\n  - send: rating_thanks\n" + ask("second")
    assert list(find(steps)) == ["first", "second"]


def test_a_picture_is_asked_for_in_the_chat_and_so_is_what_has_no_words() -> None:
    assert list(find(FIRST + ask("photo", media="true") + ask("third"))) == ["first"]
    assert list(find(FIRST + ask("second") + ask("third"), unfit="second")) == ["first"]


def test_only_what_was_asked_is_taken() -> None:
    definition = compile_journey(HEAD + FIRST + ask("second", text="true"), "own.yaml")
    scene = Scene(
        customer=Customer(store_id="kinari", customer_id="c1", created_at=NOW),
        run=Run(journey="own", definition="d", key="1", started_at=NOW),
        event=Event(event_id="e", name="message.answered", occurred_at=NOW),
        now=NOW,
        facts=Facts(store=make_store(load_catalogue()), real_now=NOW),
        published=None,
        definition=definition,
    )
    asked = list_questions(scene, lambda step: isinstance(step, AskStep))
    posted = {"first": "great", "second": "Blue, please", "third": "x"}
    assert take_answers(asked, posted) == {"first": "", "second": "Blue, please"}
    assert take_answers(asked, {"first": "good", "second": "no"}) == {"first": "good", "second": "no"}
