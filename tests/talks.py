"""Plays a talk on WhatsApp with the assistant: taps and words in, what it says and offers out, in English."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from okaeri.adapters.message_words import TemplateWords
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.domain.conversations import ConversationState
from okaeri.domain.evidence import ActionDone, MessageReceived
from okaeri.domain.finds import list_finds
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message
from okaeri.domain.records import ActionRequest, ProductRecord, Ticket
from okaeri.domain.templates import ChatButton, ChatRow, ChatText, Template
from okaeri.domain.values import Channel
from tests.fakes import FakeSecrets
from tests.world import AIKO, World


@dataclass
class Talk:
    """A talk of Aiko with the shop."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        key = {"key": "a key of links for tests"}
        secrets = FakeSecrets({f"stores/{self.world.store.store_id}/links": key})
        self._words = TemplateWords(secrets, self.world.knowledge, public_url="https://api.example")

    # -- what the shopper does -----------------------------------------------------------------------------------

    def do(self, intent: str, **details: Any) -> Self:
        """Taps a button or row that begins something."""
        self.world.write("…", payload=f"DO:{intent}", **details)
        return self

    def answer(self, answer: str, text: str = "…") -> Self:
        """Taps an answer of the latest question."""
        self.world.write(text, payload=f"ANSWER:{self.last().seed}:{answer}")
        return self

    def tap(self, label: str) -> Self:
        """Taps what stands on the latest message, by its words."""
        taps = {tap.text: tap.payload for tap in list_taps(self.read())}
        assert label in taps, f"{label} is none of {', '.join(taps)}"
        self.world.write(label, payload=taps[label])
        return self

    def type(self, text: str) -> Self:
        """Writes, and waits until it is read."""
        self.world.talk(text)
        return self

    def send(self, kind: str, media_id: str | None = "m1") -> Self:
        """Sends something that is no text, and waits until it is read."""
        world = self.world
        world.sequence += 1
        received = MessageReceived(
            provider_id=f"wamid.{world.sequence}", at=world.clock(), type=kind, phone=AIKO.phone, media_id=media_id
        )
        world.hear(received, source="whatsapp messages")
        world.wait(seconds=world.store.settings.burst_s)
        return self

    # -- what the shop's system and its people do ----------------------------------------------------------------

    def request(self) -> ActionRequest:
        """The latest change that the store is asked for."""
        changes = [request for request in self.world.queues.actions if request.kind == "change"]
        assert changes, "nothing is asked of the store"
        return changes[-1]

    def settle(self, outcome: str, **brought: str) -> Self:
        """The store has answered to it: done, refused or failed."""
        request = self.request()
        done = ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action="change",
            ok=outcome == "done",
            at=self.world.clock(),
            data={"outcome": outcome, **brought},
        )
        self.world.hear(done, source="actions")
        return self

    # -- what came of it -----------------------------------------------------------------------------------------

    def last(self) -> Message:
        """The latest message on WhatsApp."""
        return [message for message in self.world.list_messages() if message.channel is Channel.WHATSAPP][-1]

    def read(self, message: Message | None = None) -> ChatText:
        """A message as the shopper sees it, the latest one."""
        message = message or self.last()
        facts = MessageFacts(
            message=message.model_copy(update={"free_form": True, "locale": "en"}),
            store=self.world.store,
            customer=self.world.customer(),
            order=self.world.records.get_order(message.store_id, message.refs.order_id)
            if message.refs.order_id
            else None,
            cart=self.world.records.get_cart(message.store_id, message.refs.cart_token)
            if message.refs.cart_token
            else None,
            products=self._read_products(message),
            now=self.world.clock(),
        )
        return self.say(facts)

    def say(self, facts: MessageFacts) -> ChatText:
        """What is said of these facts inside the window."""
        content = self._words.say_on_whatsapp(facts, find_template(facts.message.template))
        assert content.chat is not None
        return content.chat

    def _read_products(self, message: Message) -> dict[str, ProductRecord]:
        wanted = [name for found in list_finds(message.data).values() for name in found]
        return self.world.records.get_products(message.store_id, wanted)

    def text(self) -> str:
        """The latest message's words."""
        return self.read().body

    def labels(self) -> list[str]:
        """What can be tapped on the latest message."""
        return [tap.text for tap in list_taps(self.read())]

    def told(self) -> list[str]:
        """The templates of the talk so far."""
        return [name for name in self.world.told("whatsapp") if name.startswith("talk_")]

    def ticket(self) -> Ticket:
        """The only ticket."""
        [ticket] = self.world.records.tickets.values()
        return ticket

    def state(self) -> ConversationState:
        """Who is in charge."""
        talk = self.world.customer().conversation
        return talk.state if talk else ConversationState.BOT


def list_taps(chat: ChatText) -> list[ChatButton | ChatRow]:
    """All that a message offers to tap, apart from a link."""
    return [*chat.buttons, *(chat.list.rows if chat.list else ())]


@cache
def find_template(name: str) -> Template:
    """The shipped English one."""
    return compile_template(TEMPLATES / name / "en.yaml")
