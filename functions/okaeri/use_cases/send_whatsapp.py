"""Says one decided message on WhatsApp, at most once for each attempt."""

from __future__ import annotations

from dataclasses import dataclass

from okaeri.domain.delivery import is_template_ready, name_message
from okaeri.domain.gates import check_reach, find_whatsapp_address, is_window_open
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import MessageState, QueuedMessage
from okaeri.domain.templates import Template, WhatsappContent
from okaeri.domain.values import Channel, Purpose
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from okaeri.ports import Clock, Templates, WhatsappSender, Words
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.settle_message import SettleMessage

# A template that waits for Meta's approval, or is paused (3 h, then 6 h), is looked at again after this long.
TEMPLATE_WAIT_S = 3600


@dataclass(frozen=True)
class SendWhatsapp:
    """From a queue's body to the Graph API and back into the table."""

    prepare: PrepareMessage
    settle: SettleMessage
    templates: Templates
    words: Words
    whatsapp: WhatsappSender
    clock: Clock

    def __call__(self, queued: QueuedMessage) -> None:
        """Raises TryAgain where the table or a queue cannot be reached: the queue gives the message again."""
        facts = self.prepare(queued)
        if facts is None:
            return
        address = find_whatsapp_address(facts.customer)
        if address is None:
            self.settle.end(facts.message, MessageState.SUPPRESSED, "no_whatsapp_number")
            return
        try:
            content = self._find_words(facts)
        except (TryAgain, GiveUp, StopSender) as refusal:
            self.settle.refuse(facts.message, refusal)
            return
        message = self.settle.start(facts.message, address.key)
        if message is None:
            return
        try:
            receipt = self.whatsapp.send(
                facts.store,
                address,
                content,
                key=name_message(message),
                attempt=message.attempt,
                reply_to=message.refs.reply_to,
            )
        except AnswerLost as lost:
            self.settle.lose(message, lost)
        except (TryAgain, GiveUp, StopSender) as refusal:
            self.settle.refuse(message, refusal)
        else:
            self.settle.accept(message, receipt)

    def _find_words(self, facts: MessageFacts) -> WhatsappContent:
        message = facts.message
        template = self.templates.get(message.store_id, message.template, message.locale)
        if template is None:
            raise GiveUp("template_missing")
        if message.free_form:
            # Outside the window Meta refuses what is no template (131047).
            if not is_window_open(facts.customer, self.clock()):
                raise GiveUp("window_closed")
        else:
            self._check_template(facts, template)
        return self.words.say_on_whatsapp(facts, template)

    def _check_template(self, facts: MessageFacts, template: Template) -> None:
        """What Meta would refuse (132001, 132015) before asking it, and what it would send as marketing."""
        message = facts.message
        state = self.templates.get_state(message.store_id, message.template, message.locale)
        if state is None or (state.meta_name and state.meta_name != template.meta_name):
            raise TryAgain("template_not_pushed", after_s=TEMPLATE_WAIT_S)
        if not is_template_ready(state.status):
            raise TryAgain(f"template_{state.status.lower()}", after_s=TEMPLATE_WAIT_S)
        if state.category.upper() == "MARKETING" and message.purpose is Purpose.ORDER:
            # Meta files it as marketing now, whatever we think of it: it needs that consent.
            refusal = check_reach(facts.customer, facts.store, Channel.WHATSAPP, Purpose.MARKETING)
            if refusal:
                raise GiveUp("template_is_marketing", refusal)
