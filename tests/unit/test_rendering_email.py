"""What a mailbox gets: every e-mail in every language, whole, escaped, in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from okaeri.adapters.locale_formats import LocaleFormats, load_words
from okaeri.adapters.message_context import add_working_days
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.adapters.template_engine import tidy_text
from okaeri.domain.orders import Address, OrderLine, Payment
from okaeri.domain.stores import DeliveryTimes, StoreSettings, TransitTime
from okaeri.domain.templates import ChatText, EmailContent, Template
from okaeri.errors import GiveUp
from tests.catalogue import load_templates
from tests.each_template import each_template
from tests.unit.rendering_samples import (
    AWKWARD_TITLE,
    JAPANESE_ORDER,
    LINKS,
    NOW,
    ORDER,
    STORE,
    UNSUBSCRIBE_URL,
    make_awkward_context,
    make_context,
)

TEMPLATES = {(t.name, t.locale): t for t in load_templates() if t.email}
EACH = each_template(TEMPLATES.values())
Make = Callable[..., dict[str, Any]]
BROKEN = re.compile(
    r"None|\{\{(?! store\.name)|\{%|\S  +\S|\(\)|（）|undefined|,\s*,|、、|\u202e| [.,;:!?।،؛](\s|$)", re.MULTILINE
)
VOID = {"meta", "br", "img", "hr", "link", "input"}


class Reader(HTMLParser):
    """Collects what a reader sees and where links lead; fails on tags that do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.seen.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.seen).split())


@cache
def write(name: str, locale: str, make: Make = make_context) -> tuple[EmailContent, Reader]:
    """Rendered once for all that is looked at."""
    content = render_email(TEMPLATES[name, locale], make(locale))
    return content, Reader(content.html)


@EACH
@pytest.mark.parametrize("make", [make_context, make_awkward_context])
def test_every_email_reads_well(template: Template, make: Make) -> None:
    content, reader = write(template.name, template.locale, make)
    assert content.subject.strip() == content.subject != ""
    assert content.preheader
    for text in (content.subject, content.preheader, content.text, reader.text):
        assert not BROKEN.search(text), text
    assert "\n" not in content.subject + content.preheader
    assert "<M>" not in content.html
    assert all(link.startswith(("https://", "mailto:", "tel:")) for link in reader.links)
    assert template.email is not None
    if any(block.button for block in template.email.blocks):
        assert re.search(r"<td[^>]*class=\"button\"[^>]*bgcolor=", content.html)


@EACH
def test_the_text_part_says_what_the_html_says(template: Template) -> None:
    content, reader = write(template.name, template.locale)
    spoken = re.sub(r"[\s:：·-]", "", content.text)
    for piece in reader.seen:
        link_label = piece == load_words(template.locale)["unsubscribe"]  # the text part spells the sentence out
        if len(piece.strip()) > 12 and not link_label and not re.search(r"^[\s·]*(\d+ ×|.*\u034f)", piece):
            assert re.sub(r"[\s:：·-]", "", piece) in spoken, piece
    for link in reader.links:
        assert link.split(":", 1)[1].replace("+1503", "") in content.text.replace(" ", "")


@EACH
def test_styles_are_inline_and_dark_mode_is_kept(template: Template) -> None:
    html = write(template.name, template.locale)[0].html
    assert re.search(r"<h1[^>]*style=\"[^\"]*color: ?#1f2422", html)
    assert "prefers-color-scheme: dark" in html
    assert '<meta name="color-scheme" content="light dark"' in html
    assert html.index('charset="utf-8"') < 1024  # beyond it a reader need not look
    assert "@media (max-width: 480px)" in html
    assert template.email is not None
    blocks = (*template.email.blocks, *template.email.promotion)
    shows_products = any(block.products or block.items == "product" for block in blocks)
    assert ("<img" in html) is shows_products
    assert len(html.encode()) < 100_000  # Gmail cuts a mail off at 102 kB


def test_a_mail_about_a_product_shows_its_picture_and_price() -> None:
    html = write("back_in_stock", "en")[0].html
    assert "https://linen.example/products/apron.jpg" in html
    assert html.index("apron.jpg") < html.index("$38.00", html.index("apron.jpg")) < html.index("Have a look<")


def test_a_code_stands_large_and_an_answer_as_text() -> None:
    large = r"font-size: 22px[^>]*>\s*<p[^>]*>"
    assert re.search(f"{large}LINEN-4F7K<", write("surprise_gift", "en")[0].html)
    assert not re.search(f"{large}Two to four days", write("letter_received_faq", "en")[0].html)


def test_recommendations_that_are_sold_out_by_then_are_not_introduced() -> None:
    shown = write("order_confirmation_similar", "en")[0]
    sold_out = render_email(TEMPLATES["order_confirmation_similar", "en"], make_context("en", products={}))
    assert "These go well with what you chose." in shown.html
    assert "These go well with what you chose." not in sold_out.html + sold_out.text
    assert UNSUBSCRIBE_URL not in sold_out.html


def test_an_abbreviation_at_the_end_of_a_sentence_brings_one_full_stop() -> None:
    assert tidy_text("by 2:00 p.m.. We write\u2026 soon... now..") == "by 2:00 p.m. We write\u2026 soon... now."
    assert tidy_text("\u2068192.00 د.إ.\u2069.") == "\u2068192.00 د.إ.\u2069"


def test_the_numbers_of_a_scale_stand_in_two_rows() -> None:
    html = write("nps", "de")[0].html
    scale = html[html.index('class="scale"') :]
    rows = [re.findall(r">(\d[^<]{0,9})</a>", row) for row in scale.split("<tr>")[1:3]]
    assert rows == [["10", "9", "8", "7", "6"], ["5", "4", "3", "2", "1 oder 0"]]


@EACH
def test_only_marketing_says_how_to_unsubscribe(template: Template) -> None:
    """And an order mail that ends with something that sells."""
    content, _ = write(template.name, template.locale)
    assert template.email is not None
    marketing = template.purpose == "marketing" or bool(template.email.promotion)
    assert (UNSUBSCRIBE_URL in content.html) == marketing
    assert (UNSUBSCRIBE_URL in content.text) == marketing


@EACH
def test_every_email_says_how_to_reach_the_shop_and_who_signs(template: Template) -> None:
    content, reader = write(template.name, template.locale)
    for part in (reader.text, content.text):
        assert "help@linen.example" in part
        assert ("三田" if template.locale == "ja" else "Mia") in part


def test_a_confirmation_says_everything_about_the_order() -> None:
    content = render_email(TEMPLATES["order_confirmation", "en"], make_context())
    reader = Reader(content.html)
    assert content.subject == "Order #1001 is confirmed"
    for said in (
        "Linen Apron", "M, Natural", "2 × $38.00", "$76.00", "Subtotal $96.00", "Shipping $5.00", "Tax $8.08",
        "Amount paid $109.08", "Payment method Visa", "Order date Nov 20, 2026", "Aiko Tanaka", "12 Mill Lane",
        "Portland, OR 97201", "Expected delivery Tue, Nov 24", "You can return unused items within 30 days",
    ):  # fmt: skip
        assert said in reader.text
    assert "https://linen.example/orders/1001" in reader.links


def test_a_title_with_quotes_and_angles_is_escaped_in_html_alone() -> None:
    content = render_email(TEMPLATES["order_confirmation", "ja"], make_awkward_context("ja"))
    assert AWKWARD_TITLE in content.text
    assert AWKWARD_TITLE in Reader(content.html).text
    assert "&lt;M&gt;" in content.html


def test_what_is_unknown_is_left_out() -> None:
    text = Reader(render_email(TEMPLATES["order_confirmation", "en"], make_awkward_context()).html).text
    for label in ("Expected delivery", "Payment method", "Deliver to", "Subtotal", "Tax", "return"):
        assert label not in text
    assert "To pay $118.50" in text
    assert "Removed" not in text


def test_a_line_break_in_an_order_name_breaks_no_subject() -> None:
    order = ORDER.model_copy(update={"name": "#1\r\nBcc: all@example.com"})
    subject = render_email(TEMPLATES["order_confirmation", "en"], make_context(order=order)).subject
    assert subject == "Order #1 Bcc: all@example.com is confirmed"


def test_included_tax_stands_below_the_total_and_a_discount_is_counted_once() -> None:
    text = render_email(TEMPLATES["order_confirmation", "ja"], make_context("ja")).text
    assert text.index("お支払い済み金額: ￥13,800") < text.index("うち消費税: ￥1,254")
    before = ORDER.model_copy(update={"discount": Decimal("10"), "total": Decimal("99.08")})
    assert "Discount: -$10.00" in render_email(TEMPLATES["order_confirmation", "en"], make_context(order=before)).text
    after = ORDER.model_copy(update={"discount": Decimal("10")})
    assert "Discount" not in render_email(TEMPLATES["order_confirmation", "en"], make_context(order=after)).text


def test_free_shipping_says_so_and_a_download_has_none() -> None:
    free = ORDER.model_copy(update={"shipping": Decimal(0), "total": Decimal("104.08")})
    assert "Shipping: Free" in render_email(TEMPLATES["order_confirmation", "en"], make_context(order=free)).text
    lines = (OrderLine(line_id="1", title="Pattern", quantity=1, price=Decimal(5), needs_shipping=False),)
    nowhere = {"shipping_address": None, "shipping_method": None, "eta": None, "shipments": ()}
    download = ORDER.model_copy(update={"lines": lines, "shipping": Decimal(0)} | nowhere)
    context = make_context(order=download, shipment=None)
    text = render_email(TEMPLATES["order_confirmation", "en"], context).text
    assert "Shipping" not in text
    assert "on its way" not in text
    assert "nothing to ship" in render_whatsapp(TEMPLATES["order_confirmation", "en"], context).text


def test_an_unpaid_order_says_how_to_pay_line_by_line() -> None:
    order = ORDER.model_copy(
        update={
            "payment": Payment.PENDING,
            "payment_method": "Bank transfer",
            "payment_instructions": "IBAN DE89 3704\r\n\r\nReference 1001",
        }
    )
    content = render_email(TEMPLATES["order_confirmation_unpaid", "en"], make_context(order=order))
    assert "IBAN DE89 3704\nReference 1001" in content.text
    assert re.search(r"IBAN DE89 3704<br[^>]*>Reference 1001", content.html)
    assert "To pay: $109.08" in content.text


def test_the_shop_says_how_to_pay_where_its_platform_does_not() -> None:
    said = {"bank transfer": "IBAN DE89 3704"}
    store = STORE.model_copy(update={"settings": StoreSettings(payment_instructions=said)})
    order = ORDER.model_copy(update={"payment_method": "Bank transfer", "offline_payment": True})
    template = TEMPLATES["order_confirmation_unpaid", "en"]
    assert "IBAN DE89 3704" in render_email(template, make_context(order=order, store=store)).text
    assert "How to pay: IBAN DE89 3704" in render_whatsapp(template, make_context(order=order, store=store)).text
    card = order.model_copy(update={"payment_method": "Visa"})
    assert "IBAN" not in render_email(template, make_context(order=card, store=store)).text


def test_a_long_order_is_cut_with_a_count_and_stays_small() -> None:
    lines = tuple(OrderLine(line_id=str(i), title=f"Thing {i}", quantity=1, price=Decimal(1)) for i in range(300))
    content = render_email(
        TEMPLATES["order_confirmation", "en"], make_context(order=ORDER.model_copy(update={"lines": lines}))
    )
    assert "and 250 more" in content.text
    assert len(content.html.encode()) < 100_000


def test_progress_shows_where_the_parcel_is() -> None:
    html = render_email(TEMPLATES["shipment_out_for_delivery", "en"], make_context()).html
    assert len(re.findall(r'class="bar-fill bar-done"', html)) == 3
    text = render_email(TEMPLATES["shipment_out_for_delivery", "en"], make_context()).text
    assert "Ordered > Shipped > [Out for delivery] > Delivered" in text


@pytest.mark.parametrize(
    ("name", "missing"), [("order_refunded", "refund"), ("shipment_shipped", "shipment"), ("cart_reminder_1", "cart")]
)
def test_a_message_about_nothing_is_not_sent(name: str, missing: str) -> None:
    changes: dict[str, Any] = {missing: None}
    context = make_context(**changes)
    for render in (render_email, render_whatsapp):
        with pytest.raises(GiveUp) as refused:
            render(TEMPLATES[name, "en"], context)
        assert refused.value.code == "template_broken"


def test_a_message_without_an_email_gives_up() -> None:
    with pytest.raises(GiveUp) as refused:
        render_email(Template(name="t", locale="en", purpose="order", chat=ChatText(body="Hi")), make_context())
    assert refused.value.code == "template_without_email"


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            {"line1": "10 Rue X", "city": "Paris", "postcode": "75001", "country": "FR"},
            ["10 Rue X", "75001 Paris", "France"],
        ),
        (
            {"line1": "1 High St", "city": "York", "postcode": "YO1", "country": "GB"},
            ["1 High St", "York", "YO1", "United Kingdom"],
        ),
        (
            {"line1": "1-2-3 Gion", "city": "Kyoto", "region": "Kyoto", "postcode": "605-0001", "country": "JP"},
            ["1-2-3 Gion", "Kyoto, Kyoto 605-0001", "Japan"],
        ),
        (
            {"line1": "祇園町1-2-3", "city": "京都市", "region": "JP-26", "postcode": "605-0001", "country": "JP"},
            ["〒605-0001", "京都府京都市祇園町1-2-3", "Japan"],
        ),
        ({"city": "Austin", "postcode": "78701", "country": "US"}, ["Austin 78701"]),
        ({}, []),
    ],
)
def test_an_address_is_in_its_countrys_order(address: dict[str, str], lines: list[str]) -> None:
    formats = LocaleFormats("en", country="US", time_zone="UTC", words=load_words("en"))
    assert formats.format_address(Address(**address), home="US") == lines


def test_a_japanese_address_at_home_names_no_country_and_addresses_politely() -> None:
    formats = LocaleFormats("ja", country="JP", time_zone="Asia/Tokyo", words=load_words("ja"))
    assert formats.format_address(JAPANESE_ORDER.shipping_address, home="JP") == [
        "〒605-0001",
        "京都府京都市東山区祇園町1-2-3",
        "祇園ハイツ405号室",
        "田中 愛子 様",
    ]


def test_working_days_leave_out_weekends() -> None:
    assert add_working_days(NOW, 10).date().isoformat() == "2026-12-04"  # from a Saturday


@pytest.mark.parametrize(
    ("language", "country", "currency", "money"),
    [
        ("es", "MX", "MXN", "$1,254.50"),
        ("es", "ES", "EUR", "1.254,50 €"),
        ("es", "JP", "EUR", "1.254,50 €"),
        ("hi", "IN", "INR", "₹1,254.50"),
        ("en", "IE", "EUR", "€1,254.50"),
        ("pt_BR", "PT", "BRL", "R$ 1.254,50"),
    ],
)
def test_money_is_written_as_in_the_readers_country(language: str, country: str, currency: str, money: str) -> None:
    formats = LocaleFormats(language, country=country, time_zone="UTC", words=load_words(language))
    assert formats.format_money(Decimal("1254.50"), currency).replace("\u00a0", " ") == money


@pytest.mark.parametrize(
    ("language", "day", "date"),
    [
        ("en", "Sat, Nov 21", "Nov 21, 2026"),
        ("es", "sábado 21 de noviembre", "21 de noviembre de 2026"),
        ("hi", "शनिवार, 21 नवंबर", "21 नवंबर 2026"),
        ("ja", "11月21日(土)", "2026年11月21日"),
    ],
)
def test_a_day_reads_well_inside_a_sentence_of_the_language(language: str, day: str, date: str) -> None:
    formats = LocaleFormats(language, country=None, time_zone="UTC", words=load_words(language))
    assert (formats.format_day(NOW), formats.format_date(NOW)) == (day, date)


def test_an_unknown_time_zone_and_language_do_not_stop_a_message() -> None:
    formats = LocaleFormats("xx", country=None, time_zone="Mars/Olympus", words=load_words("xx"))
    assert formats.format_date(NOW) == "Nov 21, 2026"


@pytest.mark.parametrize("name", ["order_confirmation_offer", "order_confirmation_similar"])
def test_an_order_mail_without_a_way_out_promotes_nothing(name: str) -> None:
    """There is none for who did not agree to marketing, or where their law does not let an order mail promote."""
    plain = make_context(links=replace(LINKS, unsubscribe_url=""))
    content = render_email(TEMPLATES[name, "en"], plain)
    assert "THANKS-7F3K" not in content.text
    assert "go well with" not in content.text
    assert "because you agreed" not in content.text
    assert "You receive this message because you ordered" in content.text
    promoted, _ = write(name, "en")
    assert "because you ordered" in promoted.text
    assert "because you agreed to receive its e-mails" in promoted.text


def test_a_range_of_days_is_told_as_one_in_each_language() -> None:
    times = DeliveryTimes(transit=(TransitTime(least=2, most=4),))
    store = STORE.model_copy(update={"settings": STORE.settings.model_copy(update={"delivery_times": times})})
    order = ORDER.model_copy(update={"eta": None, "shipments": (), "created_at": NOW})
    for locale, said in (
        ("en", "between Wed, Nov 25 and Tue, Dec 1"),  # Friday evening, and Thanksgiving on the way
        ("de", "Mittwoch, 25. November bis Dienstag, 1. Dezember"),
        ("es", "miércoles 25 de noviembre al martes 1 de diciembre"),
        ("ja", "11月25日(水)～12月1日(火)"),
    ):
        context = make_context(locale, store=store, order=order, shipment=None, refund=None)
        assert said in render_email(TEMPLATES["order_confirmation", locale], context).text
