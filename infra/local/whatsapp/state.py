"""What the stand-in remembers: people, conversations, messages, templates. In memory alone."""

import base64
import hashlib
import itertools
import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .configuration import Account, Configuration, PhoneNumber
from .rendering import Shown
from .rules import DAY_S, USER_ID, find_country, write_wa_id

type Json = dict[str, Any]

STATUS_ORDER = ("accepted", "sent", "delivered", "read")


@dataclass
class Person:
    """A shopper. `user_id` is Meta's business-scoped id; `phone` is E.164, None when only the id is known."""

    user_id: str
    phone: str | None
    wa_id: str | None
    name: str = ""
    username: str | None = None
    on_whatsapp: bool = True
    offline: bool = False
    hides_phone: bool = False
    marketing_stopped: set[str] = field(default_factory=set)  # ids of the accounts
    marketing_sent_at: list[float] = field(default_factory=list)

    @property
    def shown_wa_id(self) -> str | None:
        """What webhooks may say of the phone number."""
        return None if self.hides_phone else self.wa_id


@dataclass
class Number:
    """A business's number and the messages that it sent lately."""

    facts: PhoneNumber
    waba_id: str
    sent_at: deque[float] = field(default_factory=lambda: deque(maxlen=1000))

    @property
    def phone(self) -> str:
        return "+" + re.sub(r"\D", "", self.facts.display_phone_number)


@dataclass
class Message:
    """A message of a conversation. `status` is the furthest one; inbound ones are `received` or `read`."""

    id: str
    outgoing: bool
    at: float
    type: str
    shown: Shown
    to: str | None
    phone_number_id: str
    status: str
    template: str | None = None
    language: str | None = None
    category: str = "service"
    callback_data: str | None = None
    recipient: str | None = None
    context_id: str | None = None
    reaction: str = ""
    in_free_entry_point: bool = False
    in_window: bool = False
    held: bool = False
    error: Json | None = None
    told: set[str] = field(default_factory=set)  # statuses that were planned or said

    def reach(self, status: str) -> None:
        """Statuses only go forward."""
        if status == "failed" or STATUS_ORDER.index(status) > STATUS_ORDER.index(self.status):
            self.status = status


@dataclass
class Media:
    """A file that a phone sent, or that a business uploaded for the messages of one of its numbers."""

    mime_type: str
    content: bytes
    phone_number_id: str
    at: float
    inbound: bool

    @property
    def sha256(self) -> str:
        """As the Graph API writes it, in hex; webhooks write it in base64."""
        return hashlib.sha256(self.content).hexdigest()

    def is_over(self, now: float) -> bool:
        """Meta keeps what a phone sent for a week, and what was uploaded for thirty days."""
        return now - self.at > (7 if self.inbound else 30) * DAY_S


@dataclass
class Conversation:
    """What one person and one number said to each other."""

    person: Person
    number: Number
    messages: list[Message] = field(default_factory=list)
    last_inbound_at: float | None = None
    came_by_ad_at: float | None = None
    free_until: float | None = None
    pair_free_at: float = 0.0
    typing_until: float = 0.0

    @property
    def key(self) -> str:
        return f"{self.number.facts.phone_number_id}~{self.person.user_id}"


@dataclass
class Template:
    """A template in one language."""

    id: str
    waba_id: str
    definition: Json
    status: str
    edited_at: list[float] = field(default_factory=list)
    rejected_reason: str = "NONE"
    quality: str = "UNKNOWN"

    @property
    def name(self) -> str:
        return str(self.definition["name"])

    @property
    def language(self) -> str:
        return str(self.definition["language"])

    @property
    def category(self) -> str:
        return str(self.definition["category"])


class State:
    """Everything; `version` grows with each change, so that a page knows when to look again."""

    def __init__(self, configuration: Configuration) -> None:
        self.version = 0
        self.numbers: dict[str, Number] = {}
        self.templates: dict[str, Template] = {}
        self.deleted_names: dict[tuple[str, str], float] = {}  # (account, name): when
        self.created_at: dict[str, list[float]] = {}
        self.subscribed: set[str] = set()
        self._template_ids = itertools.count(1_100_000_000_000_001)
        self.configure(configuration)
        self.forget()

    def configure(self, configuration: Configuration) -> None:
        """Take a configuration on; what is known of people and templates stays."""
        self.configuration = configuration
        self.timing = configuration.statuses
        for account in configuration.accounts:
            if account.subscribed:
                self.subscribed.add(account.waba_id)
            for facts in account.phone_numbers:
                known = self.numbers.get(facts.phone_number_id)
                self.numbers[facts.phone_number_id] = Number(facts, account.waba_id)
                if known:
                    known.facts, known.waba_id = facts, account.waba_id
                    self.numbers[facts.phone_number_id] = known
            for definition in account.templates:
                if not self.find_template(account.waba_id, definition["name"], definition["language"]):
                    self.add_template(account.waba_id, definition, "APPROVED")

    def forget(self) -> None:
        """People, conversations and messages are gone; accounts, numbers and templates stay."""
        self.timing = self.configuration.statuses
        self.people: dict[str, Person] = {}
        self.people_by_phone: dict[str, Person] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}
        self.media: dict[str, Media] = {}
        self.opened_at: dict[str, dict[str, float]] = {}  # by account: whom it wrote to first, and when
        self.holding = False
        for account in self.configuration.accounts:
            for facts in account.phone_numbers:
                self.numbers[facts.phone_number_id].facts = facts  # as Meta thought of it before
        for number in self.numbers.values():
            number.sent_at.clear()
        self.version += 1

    def find_account(self, waba_id: str) -> Account | None:
        return next((a for a in self.configuration.accounts if a.waba_id == waba_id), None)

    def find_number(self, name: str) -> Number | None:
        """By id, or by the number as displayed or in digits."""
        digits = re.sub(r"\D", "", name)
        by_phone = (n for n in self.numbers.values() if n.phone == f"+{digits}")
        return self.numbers.get(name) or next(by_phone, None)

    def find_person(self, phone: str | None, user_id: str | None) -> Person | None:
        """By Meta's id first, then by phone."""
        if user_id and user_id in self.people:
            return self.people[user_id]
        return self.people_by_phone.get(phone) if phone else None

    def know_person(self, phone: str | None, user_id: str | None = None) -> Person:
        """The person, added when new. A given `user_id` replaces the one that was made up for a phone."""
        person = self.find_person(phone, user_id)
        if person is None:
            person = Person(user_id or make_user_id(phone or secrets.token_hex(8)), phone, None)
            if phone:
                endings = tuple(self.configuration.not_on_whatsapp_endings)
                person.on_whatsapp = not (endings and phone.endswith(endings))
        if user_id and person.user_id != user_id:
            self.rename_person(person, user_id)
        if phone and person.phone is None:
            person.phone = phone
        if person.phone:
            person.wa_id = person.wa_id or write_wa_id(person.phone)
            self.people_by_phone |= {person.phone: person, f"+{person.wa_id}": person}
        self.people[person.user_id] = person
        return person

    def rename_person(self, person: Person, user_id: str) -> None:
        """Conversations follow the new id."""
        mine = [c for c in self.conversations.values() if c.person is person]
        for conversation in mine:
            del self.conversations[conversation.key]
        self.people.pop(person.user_id, None)
        person.user_id = user_id
        self.conversations |= {c.key: c for c in mine}

    def set_wa_id(self, person: Person, wa_id: str) -> None:
        """Some countries' numbers differ between what is dialled and what WhatsApp calls them."""
        person.wa_id = wa_id
        self.people_by_phone[f"+{wa_id}"] = person

    def open_conversation(self, person: Person, number: Number) -> Conversation:
        conversation = Conversation(person, number)
        return self.conversations.setdefault(conversation.key, conversation)

    def add_message(self, conversation: Conversation, message: Message) -> None:
        conversation.messages.append(message)
        self.messages[message.id] = message
        self.version += 1

    def add_media(self, media: Media) -> str:
        """Its id."""
        media_id = str(2_000_000_000_000_000 + len(self.media))
        self.media[media_id] = media
        return media_id

    def find_template(self, waba_id: str, name: str, language: str) -> Template | None:
        wanted = (waba_id, name, language)
        return next((t for t in self.templates.values() if (t.waba_id, t.name, t.language) == wanted), None)

    def add_template(self, waba_id: str, definition: Json, status: str) -> Template:
        template = Template(str(next(self._template_ids)), waba_id, definition, status)
        self.templates[template.id] = template
        return template


def make_user_id(phone: str) -> str:
    """A business-scoped user id: the number's country and digits that only depend on the number."""
    country = find_country(phone)
    digits = int.from_bytes(hashlib.sha256(phone.encode()).digest()[:8])
    user_id = f"{'US' if country == 'ZZ' else country}.{digits:020d}"
    assert USER_ID.fullmatch(user_id)
    return user_id


def make_message_id(person: Person) -> str:
    """Shaped like Meta's: `wamid.` and base64."""
    inner = f"\x1d\x02\x15{person.wa_id or person.user_id}".encode() + secrets.token_bytes(18)
    return "wamid." + base64.b64encode(inner).decode()
