"""What shoppers reach by a link of ours: pages that stop or confirm marketing or take answers, links that lead on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from okaeri.domain.customers import PENDING_FOR
from okaeri.domain.delivery import MessageKey
from okaeri.domain.evidence import ConsentSeen, Envelope
from okaeri.domain.pages import (
    Choice,
    FollowedLink,
    GivenAnswer,
    LetterForm,
    PageKind,
    QuestionForm,
    SignUp,
    Subscription,
    is_web_address,
)
from okaeri.domain.reports import ReportChunk, VisitReport
from okaeri.domain.stores import Store
from okaeri.domain.values import format_time, make_id
from okaeri.domain.visits import MOST_AGENT, name_link
from okaeri.errors import RefuseRequest, TryAgain

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, Queues, Stores

# RFC 8058: a mail program that unsubscribes for its user posts exactly this pair.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
CHOICE = "choice"  # the name of the pages' buttons


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a page about a store (None where nothing names one), or with the address to go on to."""

    status: int
    page: PageKind | None = None
    store: Store | None = None
    location: str | None = None
    given: GivenAnswer | None = None
    questions: QuestionForm | None = None
    form: LetterForm | None = None
    answers_by: datetime | None = None  # when the shop promises its answer to a letter


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the token in the address (or the store's id), the browser's languages, and what it is known by."""

    token: str
    languages: tuple[str, ...] = ()
    ip: str = ""
    browser: str = ""
    only_asks: bool = False  # an HTTP HEAD: a program that looks where an address leads


class LinkReader(Protocol):
    """Reads what we signed. RefuseRequest where the signature is not the store's, or nothing can be read at all."""

    def read_link(self, token: str) -> FollowedLink:
        """Where a link leads, and whose message it stands in."""

    def read_unsubscribe(self, token: str) -> Subscription:
        """What may be stopped, and started again, with it."""

    def read_confirmation(self, token: str) -> SignUp:
        """Whose sign-up it confirms."""

    def hash_visitor(self, token: str, trait: str) -> str:
        """A visitor's address or browser, in a form that proves and does not tell."""


class PageWords(Protocol):
    """The words that a shopper agrees to on a page, kept as proof."""

    def describe_choice(self, store: Store, languages: tuple[str, ...], choice: Choice) -> str: ...


@dataclass(frozen=True)
class ServeCustomerPages:
    """Answers requests of shoppers. Changes nothing on a GET: mail scanners open every link."""

    stores: Stores
    links: LinkReader
    words: PageWords
    queues: Queues
    clock: Clock
    log: Log

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
            wording="" if one_click else self._describe(visitor, store, Choice.RESUME if given else Choice.STOP),
            customer_id=subscription.customer_id,
            confirmed=given,  # the link came by mail to the address itself
            proof=self._list_proof(visitor, "unsubscribe"),
        )
        return self._tell(consent, store, PageKind.RESUMED if given else PageKind.STOPPED)

    def show_confirmation(self, visitor: Visitor) -> Answer:
        """The page with the button that confirms a sign-up."""
        store, sign_up = self._read_sign_up(visitor)
        if store is None or sign_up is None:
            return Answer(404, PageKind.BROKEN, store)
        return Answer(200, PageKind.EXPIRED if self._is_over(sign_up) else PageKind.CONFIRM, store)

    def confirm_subscription(self, visitor: Visitor) -> Answer:
        """Confirms a sign-up for marketing e-mails: the button was pressed by who reads mail at that address."""
        store, sign_up = self._read_sign_up(visitor)
        if store is None or sign_up is None:
            return Answer(404, PageKind.BROKEN, store)
        if self._is_over(sign_up):
            return Answer(200, PageKind.EXPIRED, store)
        consent = ConsentSeen(
            channel="email",
            purpose="marketing",
            given=True,
            at=self.clock(),
            source="confirmation_page",
            wording=self._describe(visitor, store, Choice.CONFIRM),
            customer_id=sign_up.customer_id,
            confirmed=True,
            proof=self._list_proof(visitor, "confirm") | {"message": sign_up.message_id},
        )
        return self._tell(consent, store, PageKind.CONFIRMED)

    def follow_link(self, visitor: Visitor) -> Answer:
        """Leads on to the address that we signed, and to no other, whoever asks; who it was is judged later."""
        store = self._find_store(visitor.token)
        try:
            link = self.links.read_link(visitor.token) if store else None
        except RefuseRequest:
            link = None
        if store is None or link is None or not is_web_address(link.url):
            return Answer(404, PageKind.BROKEN, store)
        if link.message_id:
            self._note_visit(store, link, visitor)
        return Answer(302, store=store, location=link.url)

    def _note_visit(self, store: Store, link: FollowedLink, visitor: Visitor) -> None:
        """A click that is not counted is no reason to keep a shopper waiting, or from where they wanted to go."""
        report = VisitReport(
            ref=str(MessageKey(store.store_id, link.customer_id, link.message_id)),
            at=self.clock(),
            link=name_link(link.url),
            agent=visitor.browser[:MOST_AGENT],
            machine="head" if visitor.only_asks else "",
        )
        try:
            self.queues.send_statuses([ReportChunk(reports=(report,)).to_body()])
        except Exception as error:  # also what a person must mend: a right or a queue that is missing
            extra = {"store": store.store_id, "code": type(error).__name__}
            self.log.warning("click not counted", extra=extra)

    def _tell(self, consent: ConsentSeen, store: Store, done: PageKind) -> Answer:
        envelope = Envelope(
            id=make_id(
                "subscription", store.store_id, consent.customer_id or "", consent.given, format_time(consent.at)
            ),
            store_id=store.store_id,
            source=consent.source,
            received_at=consent.at,
            evidence=consent,
        )
        return self._queue(envelope, store, done)

    def _queue(self, envelope: Envelope, store: Store, done: PageKind) -> Answer:
        try:
            self.queues.send_evidence([envelope])
        except TryAgain:
            return Answer(503, PageKind.LATER, store)
        return Answer(200, done, store)

    def _describe(self, visitor: Visitor, store: Store, choice: Choice) -> str:
        return self.words.describe_choice(store, visitor.languages, choice)

    def _list_proof(self, visitor: Visitor, page: str) -> dict[str, str]:
        traits = {"ip": visitor.ip, "browser": visitor.browser}
        hashes = {name: self.links.hash_visitor(visitor.token, trait) for name, trait in traits.items() if trait}
        return {"page": page} | hashes

    def _is_over(self, sign_up: SignUp) -> bool:
        return self.clock() - sign_up.asked_at > PENDING_FOR

    def _read_sign_up(self, visitor: Visitor) -> tuple[Store | None, SignUp | None]:
        store = self._find_store(visitor.token)
        try:
            return store, self.links.read_confirmation(visitor.token) if store else None
        except RefuseRequest:
            return store, None

    def _find_store(self, token: str) -> Store | None:
        """Tokens begin with the store's id, in clear: it names the key that signed them."""
        return self.stores.get(token.partition(".")[0])

    def _read_subscription(self, token: str) -> Subscription | None:
        try:
            return self.links.read_unsubscribe(token)
        except RefuseRequest:
            return None
