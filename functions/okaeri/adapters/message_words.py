"""A message's words, filled: the template, the facts it speaks of, and links signed with the store's own key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.message_context import build_context
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.adapters.signed_links import AnswerTicket, sign_answer, sign_confirmation, sign_link, sign_unsubscribe
from okaeri.adapters.talk_context import Answered, add_answer, read_question
from okaeri.domain.customers import CONFIRM_SUBSCRIPTION, PENDING_FOR
from okaeri.domain.finds import list_finds, list_spoken_of
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.order_mail import may_promote
from okaeri.domain.orders import Order
from okaeri.domain.templates import EmailContent, Links, Template, WhatsappContent
from okaeri.domain.values import Channel, Purpose
from okaeri.errors import GiveUp, StopSender

if TYPE_CHECKING:
    from okaeri.ports import Knowledge, Secrets


class TemplateWords:
    """Implements `ports.Words`. `public_url` is where our links lead, without a slash at its end."""

    def __init__(self, secrets: Secrets, knowledge: Knowledge, *, public_url: str) -> None:
        self._secrets, self._knowledge, self._public_url = secrets, knowledge, public_url

    def say_on_whatsapp(self, facts: MessageFacts, template: Template) -> WhatsappContent:
        """The template's values, or what is said inside the window without one."""
        context = self._build_context(facts, template)
        _check_finds(facts, template, context)
        if facts.message.free_form and template.chat is not None:
            own = facts.document if template.chat.document else None
            content = render_chat(
                template, context, media_key=own.key if own else facts.message.data.get("reply.media_key") or None
            )
            return content.model_copy(update={"media_name": own.filename}) if own else content
        return render_whatsapp(template, context)

    def say_by_email(self, facts: MessageFacts, template: Template) -> tuple[EmailContent, str]:
        """The e-mail, and where to unsubscribe."""
        context = self._build_context(facts, template)
        _check_finds(facts, template, context)
        links: Links = context["links"]
        return render_email(template, context), links.unsubscribe_url

    def _build_context(self, facts: MessageFacts, template: Template) -> dict[str, Any]:
        order = facts.order.order if facts.order else None
        return add_answer(describe_facts(facts, self._make_links(facts, template)), self._find_answer(facts, order))

    def _find_answer(self, facts: MessageFacts, order: Order | None) -> Answered | None:
        """What the shop says to the question that the talk is at; its first product's own answer where there is one."""
        store_id, locale = facts.store.store_id, facts.message.locale
        faq = read_question(facts.message.data)
        if faq is None:
            return None
        product_id = next((line.product_id for line in order.lines if line.product_id), None) if order else None
        answer = self._knowledge.get_answer(store_id, faq, locale, product_id=product_id)
        names = {entry.faq: entry.question for entry in self._knowledge.list_faq(store_id, locale)}
        return Answered(names.get(faq, ""), answer) if answer else None

    def _make_links(self, facts: MessageFacts, template: Template) -> Links:
        store_id, message = facts.store.store_id, facts.message
        try:
            key = self._secrets.get(f"stores/{store_id}/links")["key"]
        except (GiveUp, KeyError) as error:
            raise StopSender("links_key_missing", until_s=3600) from error
        unsubscribe_url = ""
        promotes = bool(template.email and template.email.promotion) and may_promote(facts.customer, facts.store)
        if message.channel is Channel.EMAIL and (message.purpose is Purpose.MARKETING or promotes):
            token = sign_unsubscribe(store_id, facts.customer.customer_id, message.channel, key)
            unsubscribe_url = f"{self._public_url}/u/{token}"
        confirm_url = ""
        if message.template == CONFIRM_SUBSCRIPTION:
            asked_at = int((message.state_at or message.decided_at).timestamp())
            token = sign_confirmation(store_id, facts.customer.customer_id, message.message_id, asked_at, key)
            confirm_url = f"{self._public_url}/c/{token}"
        question, until = message.seed or message.message_id, int(_find_deadline(facts).timestamp())

        def answer(name: str, text: str) -> str:
            ticket = AnswerTicket(facts.customer.customer_id, question, name, text, message.locale, until)
            return f"{self._public_url}/a/{sign_answer(store_id, ticket, key)}"

        return Links(
            sign=lambda url: sign_link(store_id, url, key, message=(message.customer_id, message.message_id)),
            unsubscribe_url=unsubscribe_url,
            confirm_url=confirm_url,
            questions_url=answer("", ""),
            answer=answer,
            question=question,
        )


def describe_facts(facts: MessageFacts, links: Links) -> dict[str, Any]:
    """What a template may say of the message's facts."""
    order = facts.order.order if facts.order else None
    refs = facts.message.refs
    return build_context(
        store=facts.store,
        customer=facts.customer,
        message=facts.message,
        order=order,
        shipment=next((s for s in order.shipments if s.shipment_id == refs.shipment_id), None) if order else None,
        refund=next((r for r in order.refunds if r.refund_id == refs.refund_id), None) if order else None,
        cart=facts.cart.cart if facts.cart else None,
        broadcast=facts.broadcast,
        orders=facts.orders,
        products=facts.products,
        links=links,
        now=facts.now,
        document=facts.document,
    )


def _check_finds(facts: MessageFacts, template: Template, context: dict[str, Any]) -> None:
    """A message that shows products gives up where none of them can be bought any more."""
    if list_finds(facts.message.data) and any(name not in context["finds"] for name in list_spoken_of(template)):
        raise GiveUp("nothing_left", template.name)


def _find_deadline(facts: MessageFacts) -> datetime:
    """Until when, in real time, the run that asks waits for the answer; a month where nobody waits."""
    message, customer = facts.message, facts.customer
    ahead = timedelta(seconds=customer.ahead_s)
    for run in customer.runs:
        if run.waiting is not None and run.waiting.due is not None and run.make_id(customer.store_id) == message.run_id:
            return run.waiting.due - ahead
    return facts.now - ahead + PENDING_FOR
