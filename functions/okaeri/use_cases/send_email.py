"""Says one decided message by e-mail, at most once for each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from okaeri.domain.delivery import name_message
from okaeri.domain.formats import find_mail_format
from okaeri.domain.gates import find_email
from okaeri.domain.messages import Message, MessageState, QueuedMessage
from okaeri.domain.prices import estimate_email_cost
from okaeri.domain.templates import EmailContent
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from okaeri.use_cases.attach_document import AttachDocument
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.settle_message import SettleMessage

if TYPE_CHECKING:
    from okaeri.ports import EmailSender, Prices, Templates, Words


class AnswerAddresses(Protocol):
    """Where answers are received."""

    def make(self, store_id: str, ticket_id: str) -> str:
        """Where an answer about the ticket goes; empty where no mail is received."""

    def make_for_question(self, store_id: str, customer_id: str, seed: str) -> str:
        """Where a photo goes that the question asks for; empty where no mail is received."""


@dataclass(frozen=True)
class SendEmail:
    """From a queue's body to the provider and back into the table."""

    prepare: PrepareMessage
    settle: SettleMessage
    templates: Templates
    words: Words
    email: EmailSender
    prices: Prices
    attach: AttachDocument | None = None  # where documents are made
    addresses: AnswerAddresses | None = None  # where mail is received

    def __call__(self, queued: QueuedMessage) -> None:
        """Raises TryAgain where the table or a queue cannot be reached: the queue gives the message again."""
        facts = self.prepare(queued)
        if facts is None:
            return
        address = find_email(facts.customer)
        if address is None:
            self.settle.end(facts.message, MessageState.SUPPRESSED, "no_email")
            return
        message = facts.message
        try:
            template = self.templates.get(message.store_id, message.template, message.locale)
            if template is None:
                raise GiveUp("template_missing")
            if self.attach and template.email and template.email.document:
                facts = self.attach(facts, is_needed=False)
            content, unsubscribe_url = self.words.say_by_email(facts, template)
            content = self._ask_for_answers(message, content)
        except (TryAgain, GiveUp, StopSender) as refusal:
            self.settle.refuse(message, refusal)
            return
        cost = estimate_email_cost(self.prices.get(), at=self.settle.clock())
        claimed = self.settle.start(message, address, cost, find_mail_format(content))
        if claimed is None:
            return
        try:
            receipt = self.email.send(
                facts.store, address, content, key=name_message(claimed), unsubscribe_url=unsubscribe_url
            )
        except AnswerLost as lost:
            self.settle.lose(claimed, lost)
        except (TryAgain, GiveUp, StopSender) as refusal:
            self.settle.refuse(claimed, refusal)
        else:
            self.settle.accept(claimed, receipt, note="without_document" if facts.document_fault else "")

    def _ask_for_answers(self, message: Message, content: EmailContent) -> EmailContent:
        """About a ticket: an answer comes back to it, and mail programs show it below the letter that it answers.

        A question for a photo is answered at an address of its own; without one, to the shop's own mailbox.
        """
        ticket_id = message.refs.ticket_id
        if ticket_id is None and message.takes_files and self.addresses:
            reply_to = self.addresses.make_for_question(message.store_id, message.customer_id, message.seed)
            return content.model_copy(update={"reply_to": reply_to}) if reply_to else content
        reply_to = self.addresses.make(message.store_id, ticket_id) if self.addresses and ticket_id else ""
        if not reply_to or ticket_id is None:
            return content
        ticket = self.prepare.records.get_ticket(message.store_id, ticket_id)
        letter_id = ticket.data.get("letter_id", "") if ticket else ""
        thread = f"{ticket_id}@{reply_to.rpartition('@')[2]}"  # the same for all of its mails
        references = (thread, letter_id) if letter_id else (thread,)
        return content.model_copy(update={"reply_to": reply_to, "in_reply_to": letter_id, "references": references})
