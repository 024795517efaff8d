"""Says one decided message on WhatsApp, at most once for each attempt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from okaeri.domain.conversations import STAFF_REPLY
from okaeri.domain.delivery import Receipt, is_template_ready, name_message
from okaeri.domain.evidence import Envelope, WhatsappKnown
from okaeri.domain.formats import find_chat_format
from okaeri.domain.gates import (
    WhatsappAddress,
    check_reach,
    find_answer_address,
    find_whatsapp_address,
    is_free_entry_open,
    is_window_open,
)
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message, MessageCost, MessageState, QueuedMessage
from okaeri.domain.numbers import STANDARD_PER_SECOND, UNLIMITED, NumberState, find_stop
from okaeri.domain.pacing import find_borrowing
from okaeri.domain.prices import SERVICE, estimate_cost
from okaeri.domain.stores import Transport
from okaeri.domain.templates import Template, WhatsappContent
from okaeri.domain.values import Channel, Purpose, make_id
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from okaeri.use_cases.attach_document import AttachDocument
from okaeri.use_cases.prepare_message import PrepareMessage
from okaeri.use_cases.settle_message import SettleMessage

if TYPE_CHECKING:
    from okaeri.ports import Clock, Numbers, Prices, SendingPace, Templates, WhatsappSender, Words

# A template that waits for Meta's approval, or is paused (3 h, then 6 h), is looked at again after this long.
TEMPLATE_WAIT_S = 3600


@dataclass(frozen=True)
class Saying:
    """What is about to be said, to whom, and how Meta files it: `utility`, `marketing`, `service`, …"""

    facts: MessageFacts
    address: WhatsappAddress
    content: WhatsappContent
    category: str


@dataclass(frozen=True)
class SendWhatsapp:
    """From a queue's body to Meta and back into the table."""

    prepare: PrepareMessage
    settle: SettleMessage
    templates: Templates
    words: Words
    whatsapp: WhatsappSender
    numbers: Numbers
    pace: SendingPace
    prices: Prices
    clock: Clock
    attach: AttachDocument | None = None  # where documents are made

    def __call__(self, queued: QueuedMessage) -> None:
        """Raises TryAgain where the table or a queue cannot be reached: the queue gives the message again."""
        facts = self.prepare(queued)
        if facts is None:
            return
        find_address = find_answer_address if facts.message.free_form else find_whatsapp_address
        address = find_address(facts.customer)
        if address is None:
            self.settle.end(facts.message, MessageState.SUPPRESSED, "no_whatsapp_number")
            return
        try:
            state = self._check_number(facts)
            saying = self._find_words(facts, address)
        except (TryAgain, GiveUp, StopSender) as refusal:
            self.settle.refuse(facts.message, refusal)
            return
        number = facts.store.phone_number_id or ""
        borrowed = find_borrowing(facts.message.purpose)
        wait_s = self.pace.find_pair_wait(number, address.key, borrowed=borrowed)
        if wait_s:
            self.settle.hand_back(queued, delay_s=wait_s)
            return
        message = self.settle.start(
            facts.message, address.key, self._estimate(saying), find_chat_format(saying.content)
        )
        if message is None:
            return
        self.pace.keep(number, _find_rate(facts, state))
        try:
            receipt = self._send(saying, message)
        except AnswerLost as lost:
            self.settle.lose(message, lost)
        except (TryAgain, GiveUp, StopSender) as refusal:
            if isinstance(refusal, StopSender) and number:
                # A broadcast must not ask Meta ten thousand times; an order message may find that it passed.
                until = self.clock() + timedelta(seconds=refusal.until_s)
                self.numbers.hold_marketing(number, refusal.code, until)
            self.settle.refuse(message, refusal)
        else:
            self.pace.note_sent(number, address.key)
            self.settle.accept(message, receipt, note="without_document" if saying.facts.document_fault else "")
            self._note(saying, receipt, state)

    def _send(self, saying: Saying, message: Message) -> Receipt:
        return self.whatsapp.send(
            saying.facts.store,
            saying.address,
            saying.content,
            key=name_message(message),
            attempt=message.attempt,
            reply_to=message.refs.reply_to,
        )

    def _check_number(self, facts: MessageFacts) -> NumberState | None:
        """What Meta says of the number. Raises StopSender where it must not send this now."""
        state = self.numbers.get(facts.store.phone_number_id) if facts.store.phone_number_id else None
        now = self.clock()
        stop = find_stop(state, facts.message.purpose, now)
        if stop:
            raise StopSender(stop.reason, until_s=(stop.until - now).total_seconds())
        return state

    def _find_words(self, facts: MessageFacts, address: WhatsappAddress) -> Saying:
        message = facts.message
        template = self.templates.get(message.store_id, message.template, message.locale)
        if template is None:
            raise GiveUp("template_missing")
        category = SERVICE
        if not message.free_form:
            category = self._check_template(facts, template)
        elif template.chat is None or not is_window_open(facts.customer, self.clock()):
            # Meta refuses now what is no template (131047), or the words for the window are gone since.
            facts, category = self._say_by_template(facts, template)
        facts = self._attach(facts, template)
        return Saying(facts, address, self.words.say_on_whatsapp(facts, template), category)

    def _attach(self, facts: MessageFacts, template: Template) -> MessageFacts:
        """Meta takes no template without the file of its header; in the window the words alone are an answer too."""
        is_template = not facts.message.free_form
        part = template.whatsapp if is_template else template.chat
        if self.attach is None or part is None or part.document is None:
            return facts
        return self.attach(facts, is_needed=is_template)

    def _say_by_template(self, facts: MessageFacts, template: Template) -> tuple[MessageFacts, str]:
        """The same thing outside the window, and Meta's category, where the template has words for that too."""
        # A person's words stand in no template: theirs would promise an answer that never comes.
        if template.whatsapp is None or facts.message.template == STAFF_REPLY:
            raise GiveUp("window_closed")
        try:
            category = self._check_template(facts, template)
        except TryAgain as not_ready:
            raise GiveUp("window_closed", not_ready.code) from not_ready
        return replace(facts, message=facts.message.model_copy(update={"free_form": False})), category

    def _check_template(self, facts: MessageFacts, template: Template) -> str:
        """Meta's category. What Meta would refuse (132001, 132015), or send as marketing, is not even asked for."""
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
        return state.category.lower()

    def _estimate(self, saying: Saying) -> MessageCost:
        now, customer = self.clock(), saying.facts.customer
        return estimate_cost(
            self.prices.get(),
            saying.address.key,
            saying.category,
            at=now,
            in_window=is_window_open(customer, now),
            in_free_entry_point=is_free_entry_open(customer, now),
            by_aws=saying.facts.store.whatsapp_transport is Transport.AWS,
        )

    def _note(self, saying: Saying, receipt: Receipt, state: NumberState | None) -> None:
        """What the answer teaches: one person more written to, and perhaps another name for them at Meta."""
        store, customer, now = saying.facts.store, saying.facts.customer, self.clock()
        tier = state.tier if state else ""
        # Where no limit is known an order message costs no write for it; a broadcast is counted in any case.
        is_counted = tier != UNLIMITED and (tier or saying.facts.message.purpose is Purpose.MARKETING)
        if is_counted and not is_window_open(customer, now):
            self.numbers.note_opened(store.waba_id or store.phone_number_id or "", now)
        known = WhatsappKnown(
            customer_id=customer.customer_id,
            phone=receipt.phone if receipt.phone not in customer.phones else None,
            wa_user_id=receipt.wa_user_id if receipt.wa_user_id not in customer.wa_user_ids else None,
        )
        if known.phone or known.wa_user_id:
            self.settle.queues.send_evidence([_wrap(known, saying.facts.message, now)])


def _find_rate(facts: MessageFacts, state: NumberState | None) -> int:
    return facts.store.whatsapp_per_second or (state.per_second if state else STANDARD_PER_SECOND)


def _wrap(known: WhatsappKnown, message: Message, at: datetime) -> Envelope:
    return Envelope(
        id=make_id(message.store_id, known.kind, known.customer_id, known.phone or "", known.wa_user_id or ""),
        store_id=message.store_id,
        source="send_whatsapp",
        received_at=at,
        evidence=known,
    )
