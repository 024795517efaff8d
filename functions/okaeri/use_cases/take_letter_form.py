"""The form by which customers write to a store: shown, checked, and queued as a letter. No cookie, no script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from okaeri.domain.contact_data import normalise_email
from okaeri.domain.evidence import Envelope, LetterReceived
from okaeri.domain.letters import MAX_NAME, find_order_name
from okaeri.domain.pages import TOPICS, LetterForm, PageKind
from okaeri.domain.shop_hours import find_answer_time
from okaeri.domain.stores import Store
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest, TryAgain
from okaeri.use_cases.serve_customer_pages import Answer, Visitor

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, Queues, Stores

TRAP = "website"  # a field that people do not see: who fills it is a program
MOST_TEXT = 5000  # characters of a letter by form
MOST_ORDER = 40
MOST_BODY = 64 * 1024  # bytes of what is posted
TOO_QUICK = timedelta(seconds=2)  # nobody reads and writes so fast
GOOD_FOR = timedelta(hours=24)


class FormStamps(Protocol):
    """Stamps the pages that we make. RefuseRequest where the store has no key yet, or a stamp is none of its own."""

    def stamp_form(self, store_id: str, at: float) -> str:
        """Proves that a page of this store was made at that time, seconds since 1970."""

    def read_stamp(self, store_id: str, stamp: str) -> float:
        """When the page was made."""


class FormWords(Protocol):
    """The words of the form."""

    def choose_language(self, store: Store, languages: tuple[str, ...]) -> str:
        """The language of the page."""

    def name_topic(self, store: Store, topic: str) -> str:
        """What a letter is about, in the language of the shop."""


@dataclass(frozen=True)
class TakeLetterForm:
    """`visitor.token` is the store's id."""

    stores: Stores
    stamps: FormStamps
    words: FormWords
    queues: Queues
    clock: Clock
    log: Log

    def show(self, visitor: Visitor) -> Answer:
        """The empty form."""
        store = self.stores.get(visitor.token)
        if store is None:
            return Answer(404, PageKind.BROKEN)
        return self._ask(store, LetterForm(stamp=""), 200)

    def take(self, visitor: Visitor, body: str) -> Answer:
        """Queues the letter and says when an answer comes; or shows the form again with what is wrong.

        A program that gives itself away reads the same thanks as a person, and nothing is queued.
        """
        store = self.stores.get(visitor.token)
        if store is None:
            return Answer(404, PageKind.BROKEN)
        fields = parse_qs(body[:MOST_BODY], max_num_fields=20) if len(body) <= MOST_BODY else {}
        form = read_form(fields)
        now = self.clock()
        try:
            age = now.timestamp() - self.stamps.read_stamp(store.store_id, form.stamp)
        except RefuseRequest:
            return self._ask(store, form.model_copy(update={"is_stale": True}), 422)
        if fields.get(TRAP) or age < TOO_QUICK.total_seconds():
            self.log.info("form by a program", extra={"store": store.store_id, "quick": not fields.get(TRAP)})
            return self._thank(store)
        faults = check_form(form)
        is_stale = age > GOOD_FOR.total_seconds()
        if faults or is_stale:
            return self._ask(store, form.model_copy(update={"faults": faults, "is_stale": is_stale}), 422)
        letter = self._write(form, store, visitor)
        envelope = Envelope(
            id=make_id("letter", store.store_id, letter.letter_id),
            store_id=store.store_id,
            source="form",
            received_at=now,
            evidence=letter,
        )
        try:
            self.queues.send_evidence([envelope])
        except TryAgain:
            return Answer(503, PageKind.LATER, store)
        return self._thank(store)

    def _write(self, form: LetterForm, store: Store, visitor: Visitor) -> LetterReceived:
        order = form.order if not form.order or form.order.startswith("#") else f"#{form.order}"
        return LetterReceived(
            # Pressed twice it is one letter; other words on the page that one came back to are another.
            letter_id=f"form-{make_id(store.store_id, form.stamp, form.email, form.text)}",
            via="form",
            at=self.clock(),
            email=normalise_email(form.email) or "",
            name=form.name,
            subject=self.words.name_topic(store, form.topic) if form.topic else "",
            text=form.text,
            order_name=order or find_order_name(form.text),
            locale=self.words.choose_language(store, visitor.languages),
            is_proven=False,
        )

    def _ask(self, store: Store, form: LetterForm, status: int) -> Answer:
        try:
            stamp = self.stamps.stamp_form(store.store_id, self.clock().timestamp())
        except RefuseRequest:
            return Answer(404, PageKind.BROKEN, store)
        kept = form.stamp if form.faults and not form.is_stale else stamp  # the same letter until it is right
        return Answer(status, PageKind.FORM, store, form=form.model_copy(update={"stamp": kept}))

    def _thank(self, store: Store) -> Answer:
        return Answer(200, PageKind.WRITTEN, store, answers_by=find_answer_time(store, self.clock()))


def read_form(fields: dict[str, list[str]]) -> LetterForm:
    """What was posted, each field within its length; a topic that there is not is none."""

    def read(name: str, most: int) -> str:
        text = fields.get(name, [""])[0].replace("\r\n", "\n").encode("utf-8", "replace").decode()
        return "".join(c for c in text if c in "\n\t" or ord(c) >= 32).strip()[:most]

    topic = read("topic", 20)
    return LetterForm(
        stamp=read("stamp", 300),
        name=" ".join(read("name", MAX_NAME).split()),
        email=read("email", 254),
        order=" ".join(read("order", MOST_ORDER).split()),
        topic=topic if topic in TOPICS else "",
        text=read("text", MOST_TEXT),
    )


def check_form(form: LetterForm) -> dict[str, str]:
    """What is wrong, by field."""
    faults = {}
    if not form.email:
        faults["email"] = "missing"
    elif normalise_email(form.email) is None:
        faults["email"] = "wrong_email"
    if not form.text:
        faults["text"] = "missing"
    return faults
