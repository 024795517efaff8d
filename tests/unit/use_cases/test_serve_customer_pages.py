"""Unsubscribing and following links: what each request changes, and what it never does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from okaeri.adapters.customer_pages import CustomerPages
from okaeri.adapters.link_reader import SignedLinkReader
from okaeri.adapters.signed_links import sign_confirmation, sign_link, sign_unsubscribe
from okaeri.domain.evidence import ConsentSeen
from okaeri.domain.pages import PageKind, is_web_address
from okaeri.domain.reports import ReportChunk, VisitReport
from okaeri.domain.stores import Platform, Store
from okaeri.use_cases.serve_customer_pages import ServeCustomerPages, Visitor
from tests.fakes import FakeClock, FakeQueues, FakeSecrets, FakeStores
from tests.unit.use_cases.speaking import FakeLog

AYA = Store(
    store_id="aya", name="Aya Ceramics", platform=Platform.SHOPIFY, domain="aya.myshopify.com",
    site_url="https://aya.example", locale="ja",
)  # fmt: skip
WOO = AYA.model_copy(update={"store_id": "woo", "name": "Woo"})
UNSUBSCRIBE = sign_unsubscribe("aya", "c1", "email", "key-of-aya")
ONE_CLICK = "List-Unsubscribe=One-Click"


class Counter:
    """The use case with its surroundings."""

    def __init__(self) -> None:
        self.queues, self.clock, self.log = FakeQueues(), FakeClock(), FakeLog()
        secrets = FakeSecrets({"stores/aya/links": {"key": "key-of-aya"}, "stores/woo/links": {"key": "key-of-woo"}})
        self.pages = ServeCustomerPages(
            FakeStores(AYA, WOO), SignedLinkReader(secrets), CustomerPages(), self.queues, self.clock, self.log
        )

    def list_consents(self) -> list[ConsentSeen]:
        return [e.evidence for _, e in self.queues.evidence if isinstance(e.evidence, ConsentSeen)]


def test_opening_the_unsubscribe_link_changes_nothing() -> None:
    counter = Counter()
    answer = counter.pages.show_unsubscribe(Visitor(UNSUBSCRIBE))
    assert (answer.status, answer.page, answer.store) == (200, PageKind.ASK, AYA)
    assert counter.queues.evidence == []


def test_one_click_stops_marketing_by_e_mail_for_that_customer() -> None:
    counter = Counter()
    answer = counter.pages.change_subscription(Visitor(UNSUBSCRIBE), ONE_CLICK)
    assert (answer.status, answer.page) == (200, PageKind.STOPPED)
    [consent] = counter.list_consents()
    assert (consent.channel, consent.purpose, consent.given) == ("email", "marketing", False)
    assert (consent.customer_id, consent.source, consent.at) == ("c1", "one_click", counter.clock.now)


@pytest.mark.parametrize("form", ["choice=stop", "", "--frontier\r\nnot a form"])
def test_the_button_or_a_body_that_cannot_be_read_stops_it_too(form: str) -> None:
    counter = Counter()
    assert counter.pages.change_subscription(Visitor(UNSUBSCRIBE, ("en-GB",)), form).page is PageKind.STOPPED
    [consent] = counter.list_consents()
    assert not consent.given and consent.source == "unsubscribe_page"
    assert consent.wording == "Stop e-mails from Aya Ceramics? Unsubscribe"


def test_a_mistake_can_be_undone_at_once_and_made_again() -> None:
    counter = Counter()
    counter.pages.change_subscription(Visitor(UNSUBSCRIBE), "choice=stop")
    counter.clock.advance(seconds=5)
    answer = counter.pages.change_subscription(Visitor(UNSUBSCRIBE, ("en",)), "choice=resume")
    counter.clock.advance(seconds=5)
    counter.pages.change_subscription(Visitor(UNSUBSCRIBE), "choice=stop")
    assert answer.page is PageKind.RESUMED
    assert [consent.given for consent in counter.list_consents()] == [False, True, False]
    assert "I want news" in counter.list_consents()[1].wording
    ids = [envelope.id for _, envelope in counter.queues.evidence]
    assert len(set(ids)) == 3  # SQS drops what has the id of the last five minutes


@pytest.mark.parametrize(
    ("token", "store"),
    [
        (UNSUBSCRIBE[:-2], AYA),
        ("woo." + UNSUBSCRIBE.partition(".")[2], WOO),
        (sign_link("aya", "https://aya.example", "key-of-aya"), AYA),
        (sign_confirmation("aya", "c1", "m1", 1_700_000_000, "key-of-aya"), AYA),
        (sign_unsubscribe("gone", "c1", "email", "key-of-aya"), None),
        ("aya", AYA),
        ("", None),
    ],
)
def test_a_link_that_is_not_ours_changes_nothing_and_gets_a_page_that_helps(token: str, store: Store | None) -> None:
    counter = Counter()
    for answer in (
        counter.pages.show_unsubscribe(Visitor(token)),
        counter.pages.change_subscription(Visitor(token), ONE_CLICK),
    ):
        assert (answer.status, answer.page, answer.store) == (404, PageKind.BROKEN, store)
    assert counter.queues.evidence == []


def test_a_queue_out_of_reach_is_said_and_not_hidden() -> None:
    counter = Counter()
    counter.queues.failing = True
    assert counter.pages.change_subscription(Visitor(UNSUBSCRIBE), ONE_CLICK).status == 503


def test_a_signed_link_leads_to_its_target_and_no_other() -> None:
    counter = Counter()
    target = "https://aya.example/orders/1001?key=a%20b"
    answer = counter.pages.follow_link(Visitor(sign_link("aya", target, "key-of-aya")))
    assert (answer.status, answer.location) == (302, target)
    foreign = counter.pages.follow_link(Visitor(sign_link("aya", "https://evil.example", "another key")))
    assert (foreign.status, foreign.location, foreign.page) == (404, None, PageKind.BROKEN)


def test_a_link_of_a_message_is_followed_and_told_of() -> None:
    counter = Counter()
    target = "https://aya.example/orders/1001"
    token = sign_link("aya", target, "key-of-aya", message=("c1", "m1"))
    for only_asks in (False, True):
        answer = counter.pages.follow_link(Visitor(token, browser="Safari", only_asks=only_asks))
        assert (answer.status, answer.location) == (302, target)
    told = [ReportChunk.model_validate_json(body).reports[0] for body in counter.queues.statuses]
    assert [(r.ref, r.agent, r.machine) for r in told if isinstance(r, VisitReport)] == [
        ("aya/c1/m1", "Safari", ""),
        ("aya/c1/m1", "Safari", "head"),
    ]


def test_a_click_that_cannot_be_told_of_keeps_nobody_waiting() -> None:
    counter = Counter()
    counter.queues.failing = True
    token = sign_link("aya", "https://aya.example", "key-of-aya", message=("c1", "m1"))
    assert counter.pages.follow_link(Visitor(token)).status == 302
    assert counter.log.lines == [("warning", "click not counted", {"store": "aya", "code": "TryAgain"})]


def test_a_right_that_is_missing_keeps_nobody_from_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()

    def deny(bodies: Sequence[str]) -> None:
        raise PermissionError("sqs:SendMessage")

    monkeypatch.setattr(counter.queues, "send_statuses", deny)
    token = sign_link("aya", "https://aya.example", "key-of-aya", message=("c1", "m1"))
    assert counter.pages.follow_link(Visitor(token)).status == 302


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "//evil.example", "/orders", "https://", "https://a\r\nset-cookie: b", "http://[", ""],
)
def test_a_link_never_leads_anywhere_but_to_the_web(target: str) -> None:
    assert not is_web_address(target)
    answer = Counter().pages.follow_link(Visitor(sign_link("aya", target, "key-of-aya")))
    assert (answer.status, answer.location) == (404, None)


def test_an_answer_long_after_still_works() -> None:
    counter = Counter()
    counter.clock.now += timedelta(days=2000)
    assert counter.pages.change_subscription(Visitor(UNSUBSCRIBE), ONE_CLICK).status == 200


# -- confirming a sign-up ----------------------------------------------------------------------------------------------


def sign_up(counter: Counter, store: str = "aya") -> str:
    """The token in a mail of this moment."""
    return sign_confirmation(store, "c1", "m1", int(counter.clock.now.timestamp()), f"key-of-{store}")


def test_opening_the_confirmation_link_confirms_nothing_for_mail_scanners_open_every_link() -> None:
    counter = Counter()
    answer = counter.pages.show_confirmation(Visitor(sign_up(counter)))
    assert (answer.status, answer.page, answer.store) == (200, PageKind.CONFIRM, AYA)
    assert counter.queues.evidence == []


def test_the_button_confirms_the_sign_up_with_its_words_and_proof() -> None:
    counter = Counter()
    visitor = Visitor(sign_up(counter), ("en",), ip="203.0.113.9", browser="Firefox")
    assert counter.pages.confirm_subscription(visitor).page is PageKind.CONFIRMED
    [consent] = counter.list_consents()
    assert (consent.channel, consent.purpose, consent.given, consent.confirmed) == ("email", "marketing", True, True)
    assert (consent.customer_id, consent.source, consent.at) == ("c1", "confirmation_page", counter.clock.now)
    assert consent.wording.startswith("Get e-mails from Aya Ceramics?") and consent.wording.endswith("Yes, sign me up")
    assert (consent.proof["page"], consent.proof["message"]) == ("confirm", "m1")
    assert len({consent.proof["ip"], consent.proof["browser"]}) == 2
    assert "203.0.113.9" not in consent.model_dump_json() and "Firefox" not in consent.model_dump_json()


def test_a_visitor_is_hashed_differently_by_each_store() -> None:
    counter = Counter()
    for store in ("aya", "woo"):
        counter.pages.confirm_subscription(Visitor(sign_up(counter, store), ip="203.0.113.9"))
    aya, woo = counter.list_consents()
    assert aya.proof["ip"] != woo.proof["ip"]


def test_after_30_days_the_link_says_that_it_is_too_old_and_confirms_nothing() -> None:
    counter = Counter()
    token = sign_up(counter)
    counter.clock.now += timedelta(days=30, seconds=1)
    for answer in (counter.pages.show_confirmation(Visitor(token)), counter.pages.confirm_subscription(Visitor(token))):
        assert (answer.status, answer.page) == (200, PageKind.EXPIRED)
    assert counter.queues.evidence == []


@pytest.mark.parametrize("token", [UNSUBSCRIBE, sign_link("aya", "https://a.example", "key-of-aya"), "aya.x", "gone.x"])
def test_no_other_link_of_ours_confirms_a_sign_up(token: str) -> None:
    counter = Counter()
    for answer in (counter.pages.show_confirmation(Visitor(token)), counter.pages.confirm_subscription(Visitor(token))):
        assert (answer.status, answer.page) == (404, PageKind.BROKEN)
    assert counter.queues.evidence == []


def test_a_confirmation_that_cannot_be_kept_is_said() -> None:
    counter = Counter()
    counter.queues.failing = True
    answer = counter.pages.confirm_subscription(Visitor(sign_up(counter)))
    assert (answer.status, answer.page) == (503, PageKind.LATER)
