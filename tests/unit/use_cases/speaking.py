"""A shop that speaks, on fakes: the provider's answers are scripted, everything else is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from okaeri.domain.customers import Consent, Customer
from okaeri.domain.delivery import MessageKey, Receipt
from okaeri.domain.evidence import MessageCheck, MessageOutcome
from okaeri.domain.gates import WhatsappAddress
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message, MessageRefs, MessageState, QueuedMessage
from okaeri.domain.orders import Buyer, Order, Payment
from okaeri.domain.records import OrderRecord
from okaeri.domain.stores import Platform, Store
from okaeri.domain.templates import ChatText, EmailContent, Template, TemplateState, WhatsappContent, WhatsappText
from okaeri.domain.values import Channel, Purpose
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.send_email import SendEmail
from okaeri.use_cases.send_whatsapp import SendWhatsapp
from okaeri.use_cases.settle_message import SettleMessage
from tests.fakes import (
    START,
    FakeClock,
    FakeCustomers,
    FakeMessages,
    FakeNumbers,
    FakePace,
    FakePrices,
    FakeQueues,
    FakeRecords,
    FakeStores,
    FakeTemplates,
)

PHONE, EMAIL = "+819012345678", "aiko@example.jp"
STORE = Store(
    store_id="s1",
    name="Kinari",
    platform=Platform.SHOPIFY,
    domain="kinari.myshopify.com",
    site_url="https://kinari.example",
    from_email="hello@kinari.example",
    phone_number_id="1001",
    waba_id="2001",
)
CUSTOMER = Customer(
    store_id="s1",
    customer_id="c1",
    version=1,
    created_at=START,
    phones=(PHONE,),
    emails=(EMAIL,),
    window_opened_at=START,
    consents={
        name: Consent(given=True, at=START, source="test")
        for name in ("whatsapp:order", "whatsapp:marketing", "email:marketing")
    },
)
ORDER = Order(
    order_id="1001",
    name="#1001",
    created_at=START,
    updated_at=START,
    buyer=Buyer(email=EMAIL),
    currency="JPY",
    total=Decimal(1000),
    payment=Payment.PAID,
)
TEMPLATE = Template(
    name="order_confirmation",
    locale="en",
    purpose="order",
    whatsapp=WhatsappText(category="UTILITY", body="Thank you."),
    chat=ChatText(body="Done."),
)


@dataclass
class FakeLog:
    """Lines as (level, message, fields)."""

    lines: list[tuple[str, object, dict[str, object]]] = field(default_factory=list)

    def info(self, msg: object, /, *, extra: Any) -> None:
        self.lines.append(("info", msg, dict(extra)))

    def warning(self, msg: object, /, *, extra: Any) -> None:
        self.lines.append(("warning", msg, dict(extra)))

    def error(self, msg: object, /, *, extra: Any) -> None:
        self.lines.append(("error", msg, dict(extra)))


@dataclass
class FakeWords:
    """Says the template's name; `broken` makes it fail with that error, `during` runs while it works."""

    broken: Exception | None = None
    during: Callable[[], None] | None = None

    def say_on_whatsapp(self, facts: MessageFacts, template: Template) -> WhatsappContent:
        if self.during:
            self.during()
        if self.broken:
            raise self.broken
        name = "" if facts.message.free_form else template.meta_name
        return WhatsappContent(meta_name=name, language=template.locale, text=template.name)

    def say_by_email(self, facts: MessageFacts, template: Template) -> tuple[EmailContent, str]:
        if self.broken:
            raise self.broken
        content = EmailContent(subject=template.name, preheader="", html="<p>", text="…")
        marketing = facts.message.purpose is Purpose.MARKETING
        return content, "https://kinari.example/u/1" if marketing else ""


@dataclass
class FakeProvider:
    """Gives the next scripted answer, a receipt where none is left. `during` runs while the provider works."""

    answers: list[Exception | Receipt] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    during: Callable[[], None] | None = None

    def answer(self, **what: Any) -> Receipt:
        self.sent.append(what)
        if self.during:
            self.during()
        answer = self.answers.pop(0) if self.answers else Receipt(provider_id=f"id.{len(self.sent)}")
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeWhatsapp(FakeProvider):
    """Meta."""

    def send(
        self,
        store: Store,
        address: WhatsappAddress,
        content: WhatsappContent,
        *,
        key: MessageKey,
        attempt: int,
        reply_to: str | None,
    ) -> Receipt:
        return self.answer(address=address.key, content=content, key=key, attempt=attempt, reply_to=reply_to)


class AnswersHere:
    """Mail is received at in.example."""

    def make(self, store_id: str, ticket_id: str) -> str:
        return f"{store_id}.{ticket_id}@in.example"

    def make_for_question(self, store_id: str, customer_id: str, seed: str) -> str:
        return f"{store_id}.{customer_id}.{seed}@in.example"


class FakeEmail(FakeProvider):
    """SES."""

    def send(
        self, store: Store, address: str, content: EmailContent, *, key: MessageKey, unsubscribe_url: str
    ) -> Receipt:
        return self.answer(address=address, content=content, key=key, unsubscribe_url=unsubscribe_url)


@dataclass
class Speaking:
    """Both senders and all that they touch."""

    clock: FakeClock = field(default_factory=FakeClock)
    stores: FakeStores = field(default_factory=lambda: FakeStores(STORE))
    customers: FakeCustomers = field(default_factory=FakeCustomers)
    records: FakeRecords = field(default_factory=FakeRecords)
    messages: FakeMessages = field(default_factory=FakeMessages)
    templates: FakeTemplates = field(default_factory=FakeTemplates)
    queues: FakeQueues = field(default_factory=FakeQueues)
    words: FakeWords = field(default_factory=FakeWords)
    whatsapp: FakeWhatsapp = field(default_factory=FakeWhatsapp)
    email: FakeEmail = field(default_factory=FakeEmail)
    log: FakeLog = field(default_factory=FakeLog)
    numbers: FakeNumbers = field(default_factory=FakeNumbers)
    pace: FakePace = field(default_factory=FakePace)
    prices: FakePrices = field(default_factory=FakePrices)

    def __post_init__(self) -> None:
        self.customers.save(CUSTOMER, sweep_at=None)
        self.records.put_order(OrderRecord(store_id="s1", order_id="1001", order=ORDER, version=1))
        self.publish(TEMPLATE)
        settle = SettleMessage(
            messages=self.messages,
            queues=self.queues,
            clock=self.clock,
            log=self.log,
            patience_s=900,
            chance=lambda: 0.0,
        )
        prepare = PrepareMessage(
            stores=self.stores,
            customers=self.customers,
            records=self.records,
            messages=self.messages,
            settle=settle,
            clock=self.clock,
        )
        self.send_whatsapp = SendWhatsapp(
            prepare=prepare,
            settle=settle,
            templates=self.templates,
            words=self.words,
            whatsapp=self.whatsapp,
            numbers=self.numbers,
            pace=self.pace,
            prices=self.prices,
            clock=self.clock,
        )
        self.send_email = SendEmail(
            prepare=prepare,
            settle=settle,
            templates=self.templates,
            words=self.words,
            email=self.email,
            prices=self.prices,
            addresses=AnswersHere(),
        )

    def publish(self, template: Template, **state: str) -> None:
        key = ("s1", template.name, template.locale)
        self.templates.templates[key] = template
        category = template.whatsapp.category if template.whatsapp else "UTILITY"
        values = {"status": "APPROVED", "category": category, "meta_name": template.meta_name} | state
        self.templates.states[key] = TemplateState(**values)

    def change_customer(self, **change: Any) -> None:
        key = ("s1", "c1")
        self.customers.customers[key] = self.customers.customers[key].model_copy(update=change)

    def decide(self, **change: Any) -> Message:
        """A decided message, queued by the engine."""
        values: dict[str, Any] = {
            "message_id": "m1",
            "store_id": "s1",
            "customer_id": "c1",
            "channel": Channel.WHATSAPP,
            "purpose": Purpose.ORDER,
            "template": "order_confirmation",
            "locale": "en",
            "refs": MessageRefs(order_id="1001"),
            "decided_at": START,
            "state": MessageState.QUEUED,
        }
        message = Message(**values | change)
        self.messages.create(message)
        return message

    def give(self, message: Message) -> Message:
        """Has its sender take it off the queue; the message as it stands then."""
        queued = QueuedMessage(store_id="s1", customer_id="c1", message_id=message.message_id, attempt=message.attempt)
        send = self.send_whatsapp if message.channel is Channel.WHATSAPP else self.send_email
        send(queued)
        return self.read(message)

    def read(self, message: Message) -> Message:
        found = self.messages.get("s1", "c1", message.message_id)
        assert found
        return found

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """What the engine was told, as (outcome, code)."""
        told = [envelope.evidence for _, envelope in self.queues.evidence]
        return [(e.outcome, e.code) for e in told if isinstance(e, MessageOutcome)]

    @property
    def checks(self) -> list[float]:
        """When the engine is to look again, in seconds from now."""
        return [delay for delay, e in self.queues.later if isinstance(e.evidence, MessageCheck)]

    def later(self, **span: float) -> datetime:
        return self.clock.advance(**span)
