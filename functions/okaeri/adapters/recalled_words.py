"""What a message said, worked out again from its template: for people who read a talk, not for sending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from okaeri.adapters.message_words import TemplateWords
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.values import Channel
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from okaeri.ports import Knowledge, Templates


class RecalledWords:
    """Implements `ports.SaidWords` with the template as it is now."""

    def __init__(self, templates: Templates, knowledge: Knowledge) -> None:
        self._templates = templates
        self._words = TemplateWords(_NoKeys(), knowledge, public_url="")

    def recall(self, facts: MessageFacts) -> str:
        """A WhatsApp message's text, an e-mail's subject; empty where its template or a fact is gone."""
        message = facts.message
        template = self._templates.get(message.store_id, message.template, message.locale)
        if template is None:
            return ""
        try:
            if message.channel is Channel.EMAIL:
                return self._words.say_by_email(facts, template)[0].subject
            return self._words.say_on_whatsapp(facts, template).text
        except GiveUp:
            return ""


class _NoKeys:
    """Nobody follows a link in what is only recalled, so none is signed with the store's own key."""

    def get(self, name: str) -> dict[str, str]:
        return {"key": "recalled"}
