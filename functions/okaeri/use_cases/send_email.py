"""Says one decided message by e-mail, at most once for each attempt."""

from __future__ import annotations

from dataclasses import dataclass

from okaeri.domain.delivery import name_message
from okaeri.domain.gates import find_email
from okaeri.domain.messages import MessageState, QueuedMessage
from okaeri.domain.prices import estimate_email_cost
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from okaeri.ports import EmailSender, Prices, Templates, Words
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.settle_message import SettleMessage


@dataclass(frozen=True)
class SendEmail:
    """From a queue's body to the provider and back into the table."""

    prepare: PrepareMessage
    settle: SettleMessage
    templates: Templates
    words: Words
    email: EmailSender
    prices: Prices

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
            content, unsubscribe_url = self.words.say_by_email(facts, template)
        except (TryAgain, GiveUp, StopSender) as refusal:
            self.settle.refuse(message, refusal)
            return
        cost = estimate_email_cost(self.prices.get(), at=self.settle.clock())
        claimed = self.settle.start(message, address, cost)
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
            self.settle.accept(claimed, receipt)
