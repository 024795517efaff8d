"""What shoppers reach by a link of ours: the page that stops marketing e-mails, and signed links that lead on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from okaeri.domain.evidence import ConsentSeen, Envelope
from okaeri.domain.pages import Choice, PageKind, Subscription, is_web_address
from okaeri.domain.stores import Store
from okaeri.domain.values import format_time, make_id
from okaeri.errors import RefuseRequest, TryAgain
from okaeri.ports import Clock, Queues, Stores

# RFC 8058: a mail program that unsubscribes for its user posts exactly this pair.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
CHOICE = "choice"  # the name of the pages' buttons


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a page about a store (None where the link names none), or with the address to go on to."""

    status: int
    page: PageKind | None = None
    store: Store | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the token in the address, and the languages of the browser, the liked first."""

    token: str
    languages: tuple[str, ...] = ()


class LinkReader(Protocol):
    """Reads what we signed. RefuseRequest where the signature is not the store's, or nothing can be read at all."""

    def read_link(self, token: str) -> str:
        """The address that a link leads to."""

    def read_unsubscribe(self, token: str) -> Subscription:
        """What may be stopped, and started again, with it."""


class PageWords(Protocol):
    """The words that a shopper agrees to on a page, kept as proof."""

    def describe_choice(self, store: Store, languages: tuple[str, ...], *, given: bool) -> str: ...


@dataclass(frozen=True)
class ServeCustomerPages:
    """Answers requests of shoppers. Changes nothing on a GET: mail scanners open every link."""

    stores: Stores
    links: LinkReader
    words: PageWords
    queues: Queues
    clock: Clock

    def show_unsubscribe(self, visitor: Visitor) -> Answer:
        """The page with the button that stops marketing e-mails."""
        store = self._find_store(visitor.token)
        if store is None or self._read_subscription(visitor.token) is None:
            return Answer(404, PageKind.BROKEN, store)
        return Answer(200, PageKind.ASK, store)

    def change_subscription(self, visitor: Visitor, form: str) -> Answer:
        """Stops marketing e-mails, or has them sent again where `form` says so, and shows that it was done.

        `form` is the body as posted; one that cannot be read stops them, as RFC 8058 allows for multipart bodies.
        """
        store = self._find_store(visitor.token)
        subscription = self._read_subscription(visitor.token) if store else None
        if store is None or subscription is None:
            return Answer(404, PageKind.BROKEN, store)
        fields = parse_qs(form, max_num_fields=20)
        given = Choice.RESUME in fields.get(CHOICE, ())
        one_click = not given and ONE_CLICK[1] in fields.get(ONE_CLICK[0], ())
        now = self.clock()
        consent = ConsentSeen(
            channel=subscription.channel,
            purpose="marketing",
            given=given,
            at=now,
            source="one_click" if one_click else "unsubscribe_page",
            wording="" if one_click else self.words.describe_choice(store, visitor.languages, given=given),
            customer_id=subscription.customer_id,
        )
        envelope = Envelope(
            id=make_id("subscription", store.store_id, subscription.customer_id, str(given), format_time(now)),
            store_id=store.store_id,
            source="unsubscribe_page",
            received_at=now,
            evidence=consent,
        )
        try:
            self.queues.send_evidence([envelope])
        except TryAgain:
            return Answer(503, PageKind.LATER, store)
        return Answer(200, PageKind.RESUMED if given else PageKind.STOPPED, store)

    def follow_link(self, visitor: Visitor) -> Answer:
        """Leads on to the address that we signed, and to no other."""
        store = self._find_store(visitor.token)
        try:
            target = self.links.read_link(visitor.token) if store else None
        except RefuseRequest:
            target = None
        if target is None or not is_web_address(target):
            return Answer(404, PageKind.BROKEN, store)
        return Answer(302, store=store, location=target)

    def _find_store(self, token: str) -> Store | None:
        """Tokens begin with the store's id, in clear: it names the key that signed them."""
        return self.stores.get(token.partition(".")[0])

    def _read_subscription(self, token: str) -> Subscription | None:
        try:
            return self.links.read_unsubscribe(token)
        except RefuseRequest:
            return None
