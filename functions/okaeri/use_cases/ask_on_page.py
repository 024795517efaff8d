"""The questions that a message's link leads to: those of its run that are left to answer, on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

from okaeri.domain.answers import TAPPED, list_seeds
from okaeri.domain.customers import Customer, Run
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts, Scene
from okaeri.domain.journeys import AskStep
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message
from okaeri.domain.modes import find_published
from okaeri.domain.pages import GivenAnswer, PageQuestion
from okaeri.domain.questionnaires import AskedQuestion, find_waiting_run, list_questions
from okaeri.domain.stores import Store
from okaeri.domain.templates import Template
from okaeri.domain.values import Channel, make_id
from okaeri.ports import Clock, Customers, Definitions, Messages, Records, Templates


class QuestionWords(Protocol):
    """The questions of one run in the words of its templates."""

    def word(self, question: AskedQuestion, template: Template) -> PageQuestion | None:
        """None where it cannot be said on a page."""


class Questionnaire(NamedTuple):
    """What is left to answer of a run: nothing where it has gone on or ended. `asked` and `questions` go together."""

    customer_id: str
    run_id: str
    asked: tuple[AskedQuestion, ...] = ()
    questions: tuple[PageQuestion, ...] = ()


@dataclass(frozen=True)
class AskOnPage:
    """Reads message, customer, order and journey by their keys, and a template for each question; changes nothing."""

    messages: Messages
    customers: Customers
    records: Records
    definitions: Definitions
    templates: Templates
    open_words: Callable[[MessageFacts], QuestionWords]
    clock: Clock

    def __call__(self, store: Store, given: GivenAnswer) -> Questionnaire | None:
        """None where nothing can be shown: the message of the link is not known, or its question has no words here.

        Raises TryAgain where it cannot be read.
        """
        message = self.messages.get(store.store_id, given.customer_id, make_id(given.question, Channel.EMAIL))
        if message is None or message.run_id is None:
            return None
        customer = self.customers.load(store.store_id, given.customer_id)
        over = Questionnaire(given.customer_id, message.run_id)
        run = find_waiting_run(customer, message.run_id, self.definitions.get) if customer else None
        if customer is None or run is None:
            return over
        facts = self._read_facts(message, run, customer, store)
        scene = self._set_scene(facts, run)
        words = self.open_words(facts)

        def word(question: AskedQuestion) -> PageQuestion | None:
            template = self._find_template(store, question.step, given.locale)
            return words.word(question, template) if template else None

        asked = list_questions(scene, lambda step: word(AskedQuestion(step)) is not None)
        questions = [said for question in asked if (said := word(question)) is not None]
        if len(questions) < len(asked):  # the first one has no words for a page: its button may still be pressed
            return None
        if given.question in list_seeds(run, message.run_id):
            questions[0] = questions[0].model_copy(update={"chosen": given.answer})
        return Questionnaire(given.customer_id, message.run_id, tuple(asked), tuple(questions))

    def _read_facts(self, message: Message, run: Run, customer: Customer, store: Store) -> MessageFacts:
        """The message that asked, with what its run has learnt since."""
        refs = message.refs
        learnt = {name: value for name, value in run.data.items() if name.startswith("answer.")}
        return MessageFacts(
            message=message.model_copy(update={"data": message.data | learnt}),
            store=store,
            customer=customer,
            order=self.records.get_order(store.store_id, refs.order_id) if refs.order_id else None,
            cart=self.records.get_cart(store.store_id, refs.cart_token) if refs.cart_token else None,
            now=self.clock() + timedelta(seconds=customer.ahead_s),
        )

    def _set_scene(self, facts: MessageFacts, run: Run) -> Scene:
        """Where the conditions between the questions are read: as they will be once the answers are heard."""
        definition = self.definitions.get(run.definition)
        return Scene(
            customer=facts.customer,
            run=run,
            event=Event(event_id="", name=TAPPED, occurred_at=facts.now, data={"page": True}),
            now=facts.now,
            facts=Facts(
                store=facts.store,
                real_now=self.clock(),
                orders={facts.order.order_id: facts.order} if facts.order else {},
                carts={facts.cart.token: facts.cart} if facts.cart else {},
            ),
            published=find_published(facts.store, run.journey, definition.events),
            definition=definition,
        )

    def _find_template(self, store: Store, step: AskStep, locale: str) -> Template | None:
        """In the language of the message, else in the shop's."""
        locales = dict.fromkeys((locale, store.locale))
        found = (self.templates.get(store.store_id, step.template, name) for name in locales)
        return next(filter(None, found), None)
