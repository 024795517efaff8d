"""The form: a person's letter is queued, a program's is not, and what is wrong is said beside its field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from okaeri.adapters.customer_pages import CustomerPages
from okaeri.adapters.link_reader import SignedLinkReader
from okaeri.domain.evidence import LetterReceived
from okaeri.domain.pages import PageKind
from okaeri.domain.stores import ShopHours, StoreSettings
from okaeri.errors import TryAgain
from okaeri.use_cases.serve_customer_pages import Answer, Visitor
from okaeri.use_cases.take_letter_form import MOST_BODY, MOST_TEXT, TakeLetterForm
from tests.fakes import FakeClock, FakeQueues, FakeSecrets, FakeStores
from tests.unit.use_cases.speaking import STORE, FakeLog

OPEN = ShopHours(days={"mon": (("09:00", "18:00"),)})
SHOP = STORE.model_copy(update={"store_id": "aya", "locale": "ja", "settings": StoreSettings(shop_hours=OPEN)})
SECRETS = {"stores/aya/links": {"key": "k1"}, "stores/other/links": {"key": "k2"}}
LETTER = {"name": "Aiko Tanaka", "email": "Aiko@Example.JP", "topic": "return", "text": "It is too small."}


@dataclass
class Form:
    """The use case with all that it touches."""

    clock: FakeClock = field(default_factory=FakeClock)
    queues: FakeQueues = field(default_factory=FakeQueues)
    log: FakeLog = field(default_factory=FakeLog)
    secrets: FakeSecrets = field(default_factory=lambda: FakeSecrets(SECRETS))

    def __post_init__(self) -> None:
        self.form = TakeLetterForm(
            stores=FakeStores(SHOP, SHOP.model_copy(update={"store_id": "other"})),
            stamps=SignedLinkReader(self.secrets),
            words=CustomerPages(),
            queues=self.queues,
            clock=self.clock,
            log=self.log,
        )

    def open(self, store_id: str = "aya") -> str:
        """The stamp of a page that was opened a minute ago."""
        shown = self.form.show(Visitor(store_id))
        assert shown.form
        self.clock.advance(minutes=1)
        return shown.form.stamp

    def post(self, stamp: str, store_id: str = "aya", **fields: str) -> Answer:
        body = urlencode({"stamp": stamp} | LETTER | fields)
        return self.form.take(Visitor(store_id, languages=("de", "en")), body)

    @property
    def letters(self) -> list[Any]:
        return [envelope.evidence for _, envelope in self.queues.evidence]


def test_a_letter_is_queued_and_its_writer_reads_when_an_answer_comes() -> None:
    form = Form()
    answer = form.post(form.open(), order="1001")
    assert (answer.status, answer.page) == (200, PageKind.WRITTEN)
    assert answer.answers_by is not None and answer.answers_by > form.clock()
    [letter] = form.letters
    assert isinstance(letter, LetterReceived)
    assert (letter.via, letter.email, letter.name) == ("form", "aiko@example.jp", "Aiko Tanaka")
    assert (letter.text, letter.order_name, letter.locale) == ("It is too small.", "#1001", "de")
    assert letter.subject == "返品・交換について", "in the shop's language"
    assert letter.is_proven is False, "anybody may type an address"


def test_an_order_that_is_named_in_the_text_is_found() -> None:
    form = Form()
    form.post(form.open(), text="About #1002")
    assert form.letters[0].order_name == "#1002"


def test_a_button_that_is_pressed_twice_sends_one_letter() -> None:
    form = Form()
    stamp = form.open()
    form.post(stamp)
    form.post(stamp)
    assert len({envelope.id for _, envelope in form.queues.evidence}) == 1


def test_who_goes_back_and_writes_something_else_has_sent_two_letters() -> None:
    form = Form()
    stamp = form.open()
    form.post(stamp)
    form.post(stamp, text="And one more thing")
    assert len({envelope.id for _, envelope in form.queues.evidence}) == 2


def test_what_is_wrong_is_said_and_what_was_written_stays() -> None:
    form = Form()
    answer = form.post(form.open(), email="aiko@", text=" ")
    assert (answer.status, answer.page, form.letters) == (422, PageKind.FORM, [])
    assert answer.form
    assert answer.form.faults == {"email": "wrong_email", "text": "missing"}
    assert (answer.form.name, answer.form.email, answer.form.topic) == ("Aiko Tanaka", "aiko@", "return")
    assert form.post(answer.form.stamp).page is PageKind.WRITTEN


@pytest.mark.parametrize("gives_itself_away", ["trap", "quick"])
def test_a_program_reads_thanks_and_nothing_is_queued(gives_itself_away: str) -> None:
    form = Form()
    if gives_itself_away == "trap":
        answer = form.post(form.open(), website="https://buy.example")
    else:
        shown = form.form.show(Visitor("aya"))
        assert shown.form
        answer = form.post(shown.form.stamp)
    assert (answer.status, answer.page, form.letters) == (200, PageKind.WRITTEN, [])


def test_a_page_that_was_open_for_a_day_is_sent_with_one_more_press() -> None:
    form = Form()
    stamp = form.open()
    form.clock.advance(hours=25)
    answer = form.post(stamp)
    assert (answer.status, form.letters) == (422, [])
    assert answer.form and answer.form.is_stale and answer.form.text == "It is too small."
    form.clock.advance(seconds=5)
    assert form.post(answer.form.stamp).page is PageKind.WRITTEN


@pytest.mark.parametrize("whose", ["nobody", "another store"])
def test_a_stamp_that_we_did_not_make_is_none(whose: str) -> None:
    form = Form()
    answer = form.post("made-up" if whose == "nobody" else form.open("other"))
    assert (answer.status, form.letters) == (422, [])
    assert answer.form and answer.form.is_stale


def test_a_field_is_cut_to_its_length_and_a_body_without_end_is_not_read() -> None:
    form = Form()
    form.post(form.open(), text="a" * (MOST_TEXT + 1), topic="nonsense", name="A\x00i\nko")
    [letter] = form.letters
    assert (len(letter.text), letter.subject, letter.name) == (MOST_TEXT, "", "Ai ko")
    assert form.post(form.open(), text="a" * MOST_BODY).status == 422


def test_a_store_that_is_not_known_or_signs_nothing_has_no_form() -> None:
    assert Form().form.show(Visitor("nobody")).status == 404
    assert Form().form.take(Visitor("nobody"), "").status == 404
    assert Form(secrets=FakeSecrets()).form.show(Visitor("aya")).status == 404


def test_a_letter_that_cannot_be_queued_is_not_thanked_for() -> None:
    form = Form()
    stamp = form.open()

    def fail(*args: object, **how: object) -> None:
        raise TryAgain("aws_busy")

    form.queues.send_evidence = fail  # type: ignore[method-assign]  # the queue is away
    assert form.post(stamp).status == 503
