"""Letters reach the inbox of the store that they are written to; what no customer wrote does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest

from okaeri.adapters.file_types import recognise_file
from okaeri.domain.evidence import LetterReceived
from okaeri.domain.letters import Addressee, MailNotice, Verdicts, find_order_name
from okaeri.domain.media import MEGABYTE
from okaeri.domain.stores import Store
from okaeri.use_cases.receive_letter import ReceiveLetter
from receive_email_event.reading import read_mail
from tests.fakes import START, FakeClock, FakeQueues, FakeStores
from tests.unit.receive_email_event.test_reading import PICTURE, write_mail
from tests.unit.use_cases.speaking import STORE, FakeLog
from tests.unit.use_cases.test_keep_media import Bucket

PHOTO = PICTURE.ljust(300_000, b".")
FILM = (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom").ljust(500_000, b".")
SHOP = STORE.model_copy(update={"store_id": "aya", "from_email": "hello@aya.example"})


class Addresses:
    """`aya@in.example` is the store, `ticket@in.example` a ticket of it, `gone@in.example` one that is no more.

    `photo@in.example` is a question for a photo, asked of c1.
    """

    def read(self, address: str) -> Addressee | None:
        known = {
            "aya": Addressee("aya"),
            "ticket": Addressee("aya", "t1"),
            "gone": Addressee("aya", "t2"),
            "photo": Addressee("aya", question="5eed", customer_id="c1"),
        }
        local, _, domain = address.partition("@")
        return known.get(local) if domain == "in.example" else None


@dataclass
class Post:
    """The use case with all that it touches."""

    shop: Store = SHOP
    bucket: Bucket = field(default_factory=Bucket)
    queues: FakeQueues = field(default_factory=FakeQueues)
    log: FakeLog = field(default_factory=FakeLog)

    def receive(self, mail: EmailMessage, to: str = "aya@in.example", **notice: Any) -> list[LetterReceived]:
        self.bucket.put("mail/m1", mail.as_bytes(), content_type="message/rfc822")
        given: dict[str, Any] = {"recipients": (to,), "envelope_from": "aiko@example.jp", "at": START} | notice
        ReceiveLetter(
            stores=FakeStores(self.shop),
            addresses=Addresses(),
            find_ticket_owner=lambda store_id, ticket_id: {"t1": "c1"}.get(ticket_id),
            media=self.bucket,
            read_mail=read_mail,
            recognise=recognise_file,
            queues=self.queues,
            clock=FakeClock(),
            log=self.log,
        )(MailNotice(mail_id="m1", **given))
        return [envelope.evidence for _, envelope in self.queues.evidence]  # type: ignore[misc]  # nothing else is queued here

    @property
    def reasons(self) -> list[object]:
        return [extra["reason"] for _, message, extra in self.log.lines if message == "letter dropped"]


def test_a_new_letter_goes_to_the_store_whose_address_it_names() -> None:
    [letter] = Post().receive(write_mail(), verdicts=Verdicts(dmarc="PASS"))
    assert (letter.via, letter.email, letter.name) == ("email", "aiko@example.jp", "Aiko Tanaka")
    assert (letter.subject, letter.text) == ("My order", "Where is my order #1001?")
    assert (letter.order_name, letter.ticket_id, letter.customer_id) == ("#1001", None, None)
    assert (letter.letter_id, letter.at, letter.is_proven) == ("letter-1@example.jp", START, True)


def test_an_answer_names_its_ticket_and_its_customer_whoever_hands_it_over() -> None:
    [letter] = Post().receive(write_mail(From="Aiko <aiko@work.example>"), to="ticket@in.example")
    assert (letter.ticket_id, letter.customer_id, letter.email) == ("t1", "c1", "aiko@work.example")


def test_an_answer_to_a_ticket_that_is_no_more_is_a_new_letter() -> None:
    [letter] = Post().receive(write_mail(), to="gone@in.example")
    assert (letter.ticket_id, letter.customer_id) == (None, None)


def attach(mail: EmailMessage, body: bytes, kind: str = "image/png", **details: Any) -> EmailMessage:
    family, _, name = kind.partition("/")
    mail.add_attachment(body, maintype=family, subtype=name, **{"filename": "it"} | details)
    return mail


def test_a_photo_that_answers_a_question_is_bound_to_it_whoever_hands_it_over() -> None:
    mail = attach(write_mail("Here it is", From="Aiko <aiko@work.example>"), PHOTO)
    [letter] = Post().receive(mail, to="photo@in.example")
    assert (letter.question, letter.customer_id, letter.ticket_id) == ("5eed", "c1", None)
    assert [(file.is_photo, file.content_type) for file in letter.attachments] == [(True, "image/png")]


def test_an_answer_in_words_to_such_a_question_is_its_writer_s_letter() -> None:
    [letter] = Post().receive(write_mail("I have none, sorry"), to="photo@in.example")
    assert (letter.question, letter.customer_id, letter.email) == (None, None, "aiko@example.jp")


def test_several_photos_and_a_film_are_all_shown_and_a_logo_is_not() -> None:
    mail = write_mail("Here they are")
    mail.add_alternative('<p>Here</p><p>Aiko <img src="cid:logo"></p>', subtype="html")
    for body, kind in ((PHOTO, "image/png"), (PHOTO + b"2", "image/png"), (FILM, "video/mp4")):
        attach(mail, body, kind)
    attach(mail, PICTURE.ljust(9_000, b"."), disposition="inline", cid="<logo>")
    [letter] = Post().receive(mail, to="photo@in.example")
    assert [file.is_photo for file in letter.attachments] == [True, True, True, False]


@pytest.mark.parametrize(
    ("body", "kind", "html"),
    [
        (PICTURE[:2_000], "image/png", ""),  # too small for a photo
        (PICTURE.ljust(20_000, b"."), "image/png", '<p>Aiko<img src="cid:a"></p>'),  # a signature's
        (PICTURE.ljust(90_000, b"."), "image/png", '<p>Yes</p><blockquote><img src="cid:a"></blockquote>'),  # quoted
        (b"GIF89a".ljust(90_000, b"."), "image/gif", ""),
        (b"%PDF-1.7".ljust(90_000, b"."), "application/pdf", ""),
        (b"<html>".ljust(90_000, b"."), "image/png", ""),  # it only calls itself a picture
    ],
)
def test_what_is_no_photo_answers_no_question(body: bytes, kind: str, html: str) -> None:
    mail = write_mail("Thank you")
    if html:
        mail.add_alternative(html, subtype="html")
    attach(mail, body, kind, disposition="inline" if html else "attachment", cid="<a>")
    [letter] = Post().receive(mail, to="photo@in.example")
    assert (letter.question, letter.customer_id) == (None, None)
    assert not any(file.is_photo for file in letter.attachments)


def test_a_photo_that_is_too_large_is_refused_and_answers_nothing() -> None:
    [letter] = Post().receive(attach(write_mail(), PICTURE.ljust(11 * MEGABYTE, b".")), to="photo@in.example")
    assert ([file.refused for file in letter.attachments], letter.question) == (["too_large"], None)


def test_a_mail_that_comes_twice_has_one_id() -> None:
    post = Post()
    post.receive(write_mail())
    post.receive(write_mail())
    assert len({envelope.id for _, envelope in post.queues.evidence}) == 1


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [
        (Verdicts(virus="FAIL"), "virus"),
        (Verdicts(spam="FAIL"), "spam"),
        (Verdicts(dmarc="FAIL", dmarc_policy="reject"), "forged"),
        (Verdicts(dmarc="FAIL", dmarc_policy="QUARANTINE"), "forged"),
    ],
)
def test_what_is_dangerous_or_forged_is_not_opened(verdicts: Verdicts, reason: str) -> None:
    post = Post()
    assert post.receive(write_mail(), verdicts=verdicts) == []
    assert post.reasons == [reason]


@pytest.mark.parametrize("verdict", ["FAIL", "GRAY", "PROCESSING_FAILED", ""])
def test_a_mail_that_anybody_may_have_written_says_so(verdict: str) -> None:
    verdicts = Verdicts(spf="PASS", dkim="PASS", dmarc=verdict, dmarc_policy="none")
    [letter] = Post().receive(write_mail(), verdicts=verdicts)
    assert letter.is_proven is False


@pytest.mark.parametrize(
    ("headers", "notice", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, {}, "automatic"),
        ({"Auto_Submitted": "Auto-Generated; x=y"}, {}, "automatic"),
        ({"X_Autoreply": "yes"}, {}, "automatic"),
        ({"Precedence": "bulk"}, {}, "mailing_list"),
        ({"List_Id": "<news.example>"}, {}, "mailing_list"),
        ({"List_Unsubscribe": "<https://x.example>"}, {}, "mailing_list"),
        ({"From": "MAILER-DAEMON@example.jp"}, {}, "automatic"),
        ({"From": "no-reply@example.jp"}, {}, "automatic"),
        ({}, {"envelope_from": ""}, "bounce"),
        ({}, {"envelope_from": "<>"}, "bounce"),
        ({"From": "Aya <hello@aya.example>"}, {}, "our_own"),
        ({"From": "aya@in.example"}, {}, "our_own"),
        ({"From": "nobody"}, {}, "sender_unknown"),
        ({}, {"recipients": ("other@elsewhere.example",)}, "addressee_unknown"),
    ],
)
def test_what_no_customer_wrote_is_dropped(headers: dict[str, str], notice: dict[str, Any], reason: str) -> None:
    post = Post()
    assert post.receive(write_mail(**headers), **notice) == []
    assert post.reasons == [reason]


def test_a_person_who_says_that_no_machine_wrote_it_is_heard() -> None:
    assert Post().receive(write_mail(Auto_Submitted="no"))


def test_a_report_of_a_failed_delivery_is_no_letter() -> None:
    post = Post()
    mail = write_mail()
    mail.replace_header("Content-Type", "multipart/report; report-type=delivery-status; boundary=x")
    assert post.receive(mail) == []
    assert post.reasons == ["bounce"]


def test_files_are_kept_or_named_with_the_reason_why_not() -> None:
    post, mail = Post(), write_mail()
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="photo.png")
    mail.add_attachment(b"<html><script>x</script>", maintype="image", subtype="jpeg", filename="photo.jpg")
    [letter] = post.receive(mail)
    photo, page = letter.attachments
    assert post.bucket.files[photo.media_key] == ("image/png", PICTURE)
    assert (photo.name, photo.content_type, photo.size, photo.refused) == ("photo.png", "image/png", len(PICTURE), "")
    assert "aiko" not in photo.media_key
    assert (page.media_key, page.name) == ("", "photo.jpg")
    assert page.refused.startswith("not_allowed:")


def test_the_log_names_neither_people_nor_what_they_wrote() -> None:
    post = Post()
    post.receive(write_mail())
    post.receive(write_mail(From="hello@aya.example"))
    assert "aiko" not in str(post.log.lines).lower()
    assert "hello@" not in str(post.log.lines)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("Re: Your order #1001", "where is it"), "#1001"),
        (("My order", "It is # AYA-1001, please"), "#AYA-1001"),
        (("We are #1!", "2026-11-02"), ""),
        (("Subject", "call +81 90 1234"), ""),
    ],
)
def test_an_order_is_found_by_its_number_sign(texts: tuple[str, str], found: str) -> None:
    assert find_order_name(*texts) == found


@pytest.mark.parametrize(
    ("store_locale", "text", "guessed"),
    [
        ("ja", "When will the blue linen be back?", "en"),
        ("ja", "青いリネンの再入荷はいつですか。 Aiko", "ja"),
        ("de", "متى سيعود الكتان الأزرق؟", "ar"),
        ("de", "When will the blue linen be back?", None),
        ("ja", "12345", None),
    ],
)
def test_a_letter_is_answered_in_its_own_language_where_its_script_tells_it(
    store_locale: str, text: str, guessed: str | None
) -> None:
    shop = SHOP.model_copy(update={"locale": store_locale})
    (letter,) = Post(shop).receive(write_mail(text))
    assert letter.locale == guessed
