"""The PDF that goes along: where there is one, and that nothing waits for one that need not be there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from okaeri.domain.customers import Customer
from okaeri.domain.invoices import DocumentFile
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Order, OrderLine
from okaeri.domain.records import OrderRecord
from okaeri.domain.stores import InvoiceSettings, Store
from okaeri.domain.templates import ChatText, EmailContent, EmailText, Template, WhatsappContent, WhatsappText
from okaeri.domain.values import Channel
from okaeri.errors import GiveUp, TryAgain
from okaeri.use_cases.attach_document import AttachDocument
from tests.fakes import START, FakeStores
from tests.unit.use_cases.speaking import ORDER, PHONE, STORE, FakeLog, FakeWords, Speaking

FILE = DocumentFile(key="documents/s1/o/c.pdf", filename="Receipt 1001.pdf", title="Receipt", body=b"%PDF")
LINES = (OrderLine(line_id="1", title="Apron", quantity=1, price=ORDER.total),)
WITH_PDF = Template(
    name="order_invoice",
    locale="en",
    purpose="order",
    whatsapp=WhatsappText(category="UTILITY", document="invoice", body="Here it is."),
    chat=ChatText(document="invoice", body="Here it is."),
    email=EmailText(document="invoice", subject="s", preheader="p", heading="h", blocks=()),
)


@dataclass
class FakeDocuments:
    """Has one file, or raises what is next in `faults`."""

    faults: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def find(self, store: Store, order: Order, customer: Customer, locale: str) -> DocumentFile:
        self.asked.append(order.order_id)
        if self.faults:
            raise self.faults.pop(0)
        return FILE


class HeardWords(FakeWords):
    """Notes the facts that it is asked to say."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[MessageFacts] = []

    def say_on_whatsapp(self, facts: MessageFacts, template: Template) -> WhatsappContent:
        self.heard.append(facts)
        return super().say_on_whatsapp(facts, template)

    def say_by_email(self, facts: MessageFacts, template: Template) -> tuple[EmailContent, str]:
        self.heard.append(facts)
        return super().say_by_email(facts, template)


class Office:
    """A shop that sends PDFs, and its senders."""

    def __init__(self, **invoice: Any) -> None:
        self.words, self.documents, self.log = HeardWords(), FakeDocuments(), FakeLog()
        settings = STORE.settings.model_copy(update={"invoice": InvoiceSettings(**{"on": True} | invoice)})
        shop = STORE.model_copy(update={"settings": settings})
        self.world = Speaking(stores=FakeStores(shop), words=self.words)
        attach = AttachDocument(lambda: self.documents, self.log)
        self.world.send_email = replace(self.world.send_email, attach=attach)
        self.world.send_whatsapp = replace(self.world.send_whatsapp, attach=attach)
        self.world.publish(WITH_PDF)
        self.change_order(lines=LINES)

    def change_order(self, **changes: Any) -> None:
        order, before = ORDER.model_copy(update=changes), self.world.records.get_order("s1", "1001")
        version = before.version + 1 if before else 1
        self.world.records.put_order(OrderRecord(store_id="s1", order_id="1001", order=order, version=version))

    def say(self, **how: Any) -> Message:
        return self.world.give(self.world.decide(**{"template": "order_invoice", **how}))

    @property
    def went_along(self) -> list[DocumentFile | None]:
        return [facts.document for facts in self.words.heard]


@pytest.mark.parametrize("channel", list(Channel))
def test_the_pdf_goes_along_on_both_channels(channel: Channel) -> None:
    office = Office()
    message = office.say(channel=channel)
    assert (message.state, message.reason) == (MessageState.ACCEPTED, "")
    assert office.went_along == [FILE]


@pytest.mark.parametrize(
    "fault", [TryAgain("documents_unreachable"), GiveUp("document_broken"), KeyError("unforeseen")]
)
def test_an_e_mail_goes_without_a_pdf_that_cannot_be_made_and_says_so(fault: Exception) -> None:
    office = Office()
    office.documents.faults = [fault]
    message = office.say(channel=Channel.EMAIL)
    assert (message.state, message.reason) == (MessageState.ACCEPTED, "without_document")
    assert office.went_along == [None]
    [(level, line, about)] = office.log.lines
    assert (level, line, about["message_id"]) == ("warning", "document not made", "m1")


def test_an_answer_in_the_window_goes_without_it_too() -> None:
    office = Office()
    office.documents.faults = [TryAgain("documents_unreachable")]
    office.world.change_customer(last_inbound_at=START, last_inbound_phone=PHONE)
    message = office.say(free_form=True)
    assert (message.state, message.reason) == (MessageState.ACCEPTED, "without_document")


def test_a_template_whose_header_it_is_waits_for_it_a_few_times() -> None:
    office = Office()
    office.documents.faults = [TryAgain("documents_unreachable")]
    message = office.say()
    assert (message.state, message.reason) == (MessageState.QUEUED, "documents_unreachable")
    assert office.world.whatsapp.sent == []
    assert office.world.give(message).state is MessageState.ACCEPTED


def test_a_template_whose_header_can_never_be_made_leaves_it_to_the_next_channel() -> None:
    office = Office()
    office.documents.faults = [GiveUp("document_broken")]
    message = office.say(fallback=(Channel.EMAIL,))
    assert (message.state, message.reason) == (MessageState.FAILED, "document_broken")
    assert office.world.outcomes == [("failed", "document_broken")]


def test_a_shop_that_makes_none_sends_its_e_mails_as_ever() -> None:
    office = Office(on=False)
    message = office.say(channel=Channel.EMAIL)
    assert (message.state, message.reason) == (MessageState.ACCEPTED, "")
    assert (office.documents.asked, office.log.lines) == ([], [])


def test_a_template_for_it_is_not_sent_once_the_shop_makes_none() -> None:
    assert Office(on=False).say().reason == "invoice_off"


def test_an_order_that_was_cancelled_has_none() -> None:
    office = Office()
    office.change_order(lines=LINES, cancelled_at=START)
    office.say(channel=Channel.EMAIL, is_answer=True)
    assert office.documents.asked == []


def test_a_template_that_wants_none_asks_for_none() -> None:
    office = Office()
    office.say(template="order_confirmation")
    assert office.documents.asked == []
