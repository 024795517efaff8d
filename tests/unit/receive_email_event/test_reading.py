"""A mail is read as its writer meant it, whatever program sent it."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from okaeri.domain.letters import MAX_FILES
from receive_email_event.html_text import read_html
from receive_email_event.reading import read_mail, read_new_text

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(10_000)


def write_mail(text: str = "Where is my order #1001?", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {"From": "Aiko Tanaka <aiko@example.jp>", "To": "aya@reply.example.com", "Subject": "My order"}
    given |= {"Message-ID": "<letter-1@example.jp>"} | {name.replace("_", "-"): v for name, v in headers.items()}
    for name, value in given.items():
        mail[name] = value
    mail.set_content(text)
    return mail


def test_a_mail_says_who_writes_what() -> None:
    read = read_mail(write_mail().as_bytes())
    assert (read.sender, read.name) == ("aiko@example.jp", "Aiko Tanaka")
    assert (read.message_id, read.subject) == ("letter-1@example.jp", "My order")
    assert (read.text, read.files) == ("Where is my order #1001?", ())


def write_html(html: str, *pictures: tuple[str, bytes, str]) -> EmailMessage:
    """A mail with pictures of a content id, their bytes and how they are put in: `inline` or `attachment`."""
    mail = write_mail("Here it is")
    mail.add_alternative(html, subtype="html")
    for content_id, body, place in pictures:
        name = f"{content_id}.png"
        mail.add_attachment(
            body, maintype="image", subtype="png", filename=name, disposition=place, cid=f"<{content_id}>"
        )
    return mail


@pytest.mark.parametrize(
    ("html", "embedded", "quoted"),
    [
        ('<p>Here <img src="cid:a"></p>', True, False),
        ('<p>Here</p><blockquote><img src="cid:a"></blockquote>', False, True),
        ('<p>Here</p><div class="gmail_quote">On Monday<br><img src="CID:a" alt=""></div>', False, True),
        ('<p>Here</p><div id="divRplyFwdMsg">From: Aya</div><div><img src="cid:a"></div>', False, True),
        ('<p><img src="cid:a"></p><blockquote><img src="cid:a"></blockquote>', True, False),
        ('<p>Here</p><img src="https://aya.example/a.png">', False, False),
    ],
)
def test_a_picture_within_the_text_is_told_from_one_that_is_quoted(html: str, embedded: bool, quoted: bool) -> None:
    [file] = read_mail(write_html(html, ("a", PICTURE * 200, "inline")).as_bytes()).files
    assert (file.is_embedded, file.is_quoted) == (embedded, quoted)


@pytest.mark.parametrize(
    "letter",
    [
        "Yes please.\n\nOn Mon, 2 Nov 2026 at 10:00, Linen & Co <hello@linen.example> wrote:\n> Your order\n> is",
        "Yes please.\n\nOn Mon, 2 Nov 2026 at 10:00, Linen of Tokyo\n<hello@linen.example> wrote:\n\n> Your order",
        "Yes please.\n\nAm 02.11.26 um 10:00 schrieb Linen <hello@linen.example>:\n> Ihre Bestellung",
        "Yes please.\n\nEl lun, 2 nov 2026 a las 10:00, Lino (<hola@lino.example>) escribió:\n> Tu pedido",
        "Yes please.\n\nEm seg., 2 de nov. de 2026 às 10:00, Linho <oi@linho.example> escreveu:\n\n> Seu pedido",
        "Yes please.\n\n2026年11月2日(月) 10:00 Linen <hello@linen.example>:\n\n> ご注文",
        "Yes please.\n\nفي الاثنين، ٢ نوفمبر ٢٠٢٦ كتب متجر <hi@shop.example>:\n\n> طلبك",
        "Yes please.\n\nसोम, 2 नव॰ 2026 को 10:00 बजे को Linen <hello@linen.example> ने लिखा:\n\n> आपका ऑर्डर",
        "Yes please.\n\nPada Isn, 2 Nov 2026 pada 10:00, Linen <hello@linen.example> menulis:\n\n> Pesanan",
        "Yes please.\n\nFrom: Linen <hello@linen.example>\nSent: Monday, 2 November 2026\nTo: Aiko\nSubject: x\n\nA",
        "> When did you order?\n\nYes please.",
        "Yes please.\n--\nAiko Tanaka, +81 90 1234 5678",
    ],
)
def test_what_a_letter_quotes_is_no_part_of_it(letter: str) -> None:
    assert read_new_text(letter) == "Yes please."


@pytest.mark.parametrize(
    "letter",
    [
        "Hello,\nthanks, it came. But the size is wrong.\n\nBest regards,\nAiko",
        "My address is aiko@example.com: please use it\nand ship to:\nTokyo",
        "> all of it is quoted",
        "From: here it went wrong",
    ],
)
def test_no_word_of_a_shopper_is_lost(letter: str) -> None:
    assert read_new_text(letter) == letter


def test_a_mail_without_a_plain_part_is_read_from_its_page() -> None:
    mail = write_mail()
    mail.set_content(
        "<style>p{}</style><p>Hello &amp; <b>goodbye</b></p><script>x()</script><div>二行目</div>"
        '<div class="gmail_quote">On Monday you wrote<blockquote>old</blockquote></div>',
        subtype="html",
    )
    assert read_mail(mail.as_bytes()).text == "Hello & goodbye\n\n二行目"


def test_a_page_that_never_ends_is_read_all_the_same() -> None:
    assert read_html("<p>One<div><b>two<script>three") == "One\ntwo"
    assert read_html("</div></p>Only this") == "Only this"


def test_files_come_with_their_names_and_decoration_does_not() -> None:
    mail = write_mail()
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="破れ.png")
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="photo.png", disposition="inline")
    mail.add_attachment(PICTURE[:100], maintype="image", subtype="png", filename="logo.png", disposition="inline")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="receipt.pdf")
    files = read_mail(mail.as_bytes()).files
    assert [(file.name, file.content_type) for file in files] == [
        ("破れ.png", "image/png"),
        ("photo.png", "image/png"),
        ("receipt.pdf", "application/pdf"),
    ]
    assert files[0].body == PICTURE


def test_of_many_files_one_more_than_is_kept_is_told() -> None:
    mail = write_mail()
    for number in range(MAX_FILES + 5):
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename=f"{number}.pdf")
    assert len(read_mail(mail.as_bytes()).files) == MAX_FILES + 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no headers at all",
        b"From: a@b.example\nContent-Type: text/plain; charset=nobody-knows\n\nHello \xff\xfe",
        b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!",
        b"From: =?utf-8?b?gg==?= <a@b.example>\nSubject: =?x?\n\nHello",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=\n\nHello",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHello",
        b"Message-ID: <[broken\nFrom: \x80\x81@\xff\n\n\x00\x01Hello",
    ],
)
def test_a_mail_that_nobody_should_have_sent_is_read_too(raw: bytes) -> None:
    read = read_mail(raw)
    (read.text + read.subject + read.name).encode()  # nothing that a queue would refuse


def test_a_long_letter_is_read_in_no_time() -> None:
    begun = time.process_time()
    for text in ("a" * 200_000, "> " * 100_000, "On " * 60_000, "From: x\n" * 20_000, "Le " * 20_000):
        assert read_new_text(text)
    assert time.process_time() - begun < 15
