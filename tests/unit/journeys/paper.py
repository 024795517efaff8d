"""The page that a survey's mail leads to, as a shopper meets it: opened, filled in, sent, and heard by the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

from okaeri.adapters.customer_pages import CustomerPages
from okaeri.adapters.link_reader import SignedLinkReader
from okaeri.adapters.message_words import TemplateWords
from okaeri.adapters.page_questions import TemplateQuestions
from okaeri.domain.evidence import Envelope
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message
from okaeri.domain.templates import EmailBlock
from okaeri.domain.values import Channel
from okaeri.use_cases.ask_on_page import AskOnPage
from okaeri.use_cases.serve_customer_pages import Answer, Visitor
from okaeri.use_cases.take_answers import TakeAnswers
from tests.catalogue import load_templates
from tests.fakes import FakeDefinitions, FakeQueues, FakeSecrets, FakeTemplates
from tests.unit.journeys.asked import Survey


class Fields(HTMLParser):
    """What the form of a page holds: the names of its fields, and which answers are chosen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.chosen: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in ("input", "textarea"):
            return
        self.names.append(str(values["name"]))
        if "checked" in values:
            self.chosen[str(values["name"])] = str(values["value"])


@dataclass
class Paper:
    """The page of one survey, in one language."""

    survey: Survey
    locale: str = "en"

    def __post_init__(self) -> None:
        world, store_id = self.survey.world, self.survey.world.store.store_id
        secrets = FakeSecrets({f"stores/{store_id}/links": {"key": "a key of links for tests"}})
        templates = FakeTemplates()
        templates.templates = {(store_id, one.name, one.locale): one for one in load_templates()}
        self.queues = FakeQueues()
        self._words = TemplateWords(secrets, world.knowledge, public_url="https://api.example")
        self._templates = templates
        self.find_questions = AskOnPage(
            messages=world.messages,
            customers=world.customers,
            records=world.records,
            definitions=FakeDefinitions(world.definitions),
            templates=templates,
            open_words=TemplateQuestions,
            clock=world.clock,
        )
        self.pages = TakeAnswers(world.stores, SignedLinkReader(secrets), self.find_questions, self.queues, world.clock)

    def list_links(self, template: str, *blocks: EmailBlock) -> list[str]:
        """The tokens of the answers in the mail that asked, or of what leads there from `blocks` in their place."""
        question = self.survey.find(template)
        assert question.channel is Channel.EMAIL
        words = self._templates.get(question.store_id, template, self.locale)
        assert words is not None and words.email is not None
        if blocks:
            words = words.model_copy(update={"email": words.email.model_copy(update={"blocks": blocks})})
        mail, _ = self._words.say_by_email(self._read(question), words)
        return re.findall(r"https://api\.example/a/(\S+)", mail.text)

    def _read(self, question: Message) -> MessageFacts:
        world = self.survey.world
        order_id = question.refs.order_id
        return MessageFacts(
            message=question.model_copy(update={"locale": self.locale}),
            store=world.store,
            customer=world.customer(),
            order=world.records.get_order(question.store_id, order_id) if order_id else None,
            cart=None,
            now=world.clock(),
        )

    def open(self, token: str) -> Answer:
        """The shopper taps the answer in the mail."""
        return self.pages.show(Visitor(token))

    def send(self, token: str, **answers: str) -> Answer:
        """The form is filled in and sent: `went="good"` taps, `better_words="…"` writes. The engine hears of it."""
        fields = {"choice": "answers"}
        for name, value in answers.items():
            is_words = name.endswith("_words")
            fields[f"words.{name.removesuffix('_words')}" if is_words else f"answer.{name}"] = value
        return self.post(token, urlencode(fields))

    def post(self, token: str, body: str) -> Answer:
        """The form as a browser posts it."""
        before = len(self.queues.evidence)
        answer = self.pages.take(Visitor(token), body)
        for envelope in self.list_sent()[before:]:
            self.survey.world.give(envelope)
        return answer

    def list_sent(self) -> list[Envelope]:
        """All that was queued."""
        return [envelope for _, envelope in self.queues.evidence]

    def render(self, answer: Answer) -> str:
        """The page's HTML."""
        assert answer.page is not None
        return CustomerPages().render(answer.page, answer.store, (self.locale,), questions=answer.questions)
