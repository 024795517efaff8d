"""What shoppers answer on a page that a mail leads to: the tapped answer, and the questions that follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from okaeri.domain.evidence import AnswerGiven, Envelope
from okaeri.domain.pages import OWN_WORDS, Choice, GivenAnswer, PageKind, PageQuestion, QuestionForm
from okaeri.domain.questionnaires import take_answers
from okaeri.domain.stores import Store
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest, TryAgain
from okaeri.ports import Clock, Queues, Stores
from okaeri.use_cases.ask_on_page import Questionnaire
from okaeri.use_cases.serve_customer_pages import CHOICE, Answer, Visitor

MOST_BODY = 60_000  # characters of a form, percent signs included
MOST_FIELDS = 50
MOST_WORDS = 1000  # characters of an answer, as in the chat
# What the fields of the form are called, before the question's id.
TAPPED, WRITTEN = "answer.", "words."


class AnswerLinks(Protocol):
    """Reads what we signed. RefuseRequest where the signature is not the store's, or nothing can be read at all."""

    def read_answer(self, token: str) -> GivenAnswer:
        """Whose answer to which question it is."""


@dataclass(frozen=True)
class TakeAnswers:
    """Shows what is left to answer, and hands on what was answered. Changes nothing on a GET: scanners open links."""

    stores: Stores
    links: AnswerLinks
    find_questions: Callable[[Store, GivenAnswer], Questionnaire | None]
    queues: Queues
    clock: Clock

    def show(self, visitor: Visitor) -> Answer:
        """The tapped answer with its button; the questions, with that answer chosen, where there are more of them."""
        store, given = self._read(visitor)
        if store is None or given is None:
            return Answer(404, PageKind.BROKEN, store)
        found = self._find(store, given)
        return found if isinstance(found, Answer) else ask(store, given, found)

    def take(self, visitor: Visitor, body: str) -> Answer:
        """Hands the answers to the journey that asked, while it waits for them; pressed twice they are one event."""
        store, given = self._read(visitor)
        if store is None or given is None:
            return Answer(404, PageKind.BROKEN, store)
        found = self._find(store, given)
        if isinstance(found, Answer):
            return found
        fields = parse_qs(body, max_num_fields=MOST_FIELDS) if len(body) <= MOST_BODY else {}
        if found is not None and Choice.ANSWERS in fields.get(CHOICE, ()):
            return self._take_form(store, given, found, fields)
        return self._take_tap(store, given) if given.answer else ask(store, given, found)

    def _find(self, store: Store, given: GivenAnswer) -> Questionnaire | Answer | None:
        """What is left to answer, None where the link alone says it; the page of who comes too late."""
        if self.clock() >= given.until:
            return Answer(200, PageKind.CLOSED, store, given=given)
        found = self.find_questions(store, given)
        is_over = not (found.questions if found else given.answer)
        return Answer(200, PageKind.FINISHED, store, given=given) if is_over else found

    def _take_tap(self, store: Store, given: GivenAnswer) -> Answer:
        """The one answer that the link names."""
        evidence = AnswerGiven(customer_id=given.customer_id, ask=given.question, answer=given.answer, at=self.clock())
        envelope_id = make_id("answer", store.store_id, given.question, given.answer)
        return self._queue(envelope_id, evidence, Answer(200, PageKind.ANSWERED, store, given=given))

    def _take_form(
        self, store: Store, given: GivenAnswer, found: Questionnaire, fields: dict[str, list[str]]
    ) -> Answer:
        """All that was answered of what is left; what follows the first question may be left out."""
        answers = take_answers(found.asked, {page.ask: read_answer(fields, page) for page in found.questions})
        if not answers[found.questions[0].ask]:
            again = QuestionForm(questions=tuple(fill_in(page, fields) for page in found.questions), is_empty=True)
            return Answer(422, PageKind.QUESTIONS, store, given=given, questions=again)
        evidence = AnswerGiven(
            customer_id=given.customer_id, ask=given.question, at=self.clock(), run_id=found.run_id, answers=answers
        )
        told = (f"{name}={answer}" for name, answer in sorted(answers.items()))
        envelope_id = make_id("answers", store.store_id, found.run_id, *told)
        return self._queue(envelope_id, evidence, Answer(200, PageKind.THANKED, store, given=given))

    def _queue(self, envelope_id: str, evidence: AnswerGiven, done: Answer) -> Answer:
        assert done.store is not None
        envelope = Envelope(
            id=envelope_id,
            store_id=done.store.store_id,
            source="answer_page",
            received_at=evidence.at,
            evidence=evidence,
        )
        try:
            self.queues.send_evidence([envelope])
        except TryAgain:
            return Answer(503, PageKind.LATER, done.store)
        return done

    def _read(self, visitor: Visitor) -> tuple[Store | None, GivenAnswer | None]:
        """Tokens begin with the store's id, in clear: it names the key that signed them."""
        store = self.stores.get(visitor.token.partition(".")[0])
        try:
            return store, self.links.read_answer(visitor.token) if store else None
        except RefuseRequest:
            return store, None


def ask(store: Store, given: GivenAnswer, found: Questionnaire | None) -> Answer:
    """The page with the questions; the tapped answer with its button where it is all that is left to say."""
    if found is None or (len(found.questions) == 1 and found.questions[0].chosen):
        return Answer(200, PageKind.ANSWER, store, given=given)
    return Answer(200, PageKind.QUESTIONS, store, given=given, questions=QuestionForm(questions=found.questions))


def read_answer(fields: dict[str, list[str]], question: PageQuestion) -> str:
    """The tapped answer's name; what was written where that was tapped, or nothing was."""
    tapped = read_tapped(fields, question)
    return read_words(fields, question) if tapped in ("", OWN_WORDS) else tapped


def read_tapped(fields: dict[str, list[str]], question: PageQuestion) -> str:
    """The name that the tapped button sends."""
    return fields.get(f"{TAPPED}{question.ask}", [""])[0]


def read_words(fields: dict[str, list[str]], question: PageQuestion) -> str:
    """What was written, without what no keyboard types."""
    text = fields.get(f"{WRITTEN}{question.ask}", [""])[0].replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return "".join(c for c in text if c == "\n" or ord(c) >= 32).strip()[:MOST_WORDS]


def fill_in(question: PageQuestion, fields: dict[str, list[str]]) -> PageQuestion:
    """The question as it was sent, for who has to send it again."""
    return question.model_copy(update={"chosen": read_tapped(fields, question), "words": read_words(fields, question)})
