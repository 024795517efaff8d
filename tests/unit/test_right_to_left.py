"""Arabic messages as a screen shows them: each line from right to left, each foreign value whole and in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from bidi import get_base_level, get_display

from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.customer_pages import CustomerPages
from okaeri.adapters.locale_formats import LocaleFormats, choose_plural, cut_text, load_words
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.adapters.text_direction import ISOLATE, POP, remove_isolates
from okaeri.domain.orders import OrderLine
from okaeri.domain.pages import PageKind
from okaeri.domain.templates import Template, WhatsappContent
from tests.catalogue import load_templates
from tests.each_template import each_template
from tests.unit.native_samples import make_arabic_context
from tests.unit.rendering_samples import ORDER, STORE, make_awkward_context, make_context

ARABIC = [template for template in load_templates() if template.locale == "ar"]
EACH = each_template(ARABIC)
Make = Callable[[], dict[str, Any]]
MAKES = tuple(map(cache, (make_arabic_context, lambda: make_context("ar"), lambda: make_awkward_context("ar"))))
EACH_SHOPPER = pytest.mark.parametrize("make", MAKES, ids=["native", "Latin names", "awkward"])
VALUE = re.compile(f"{ISOLATE}(.*?){POP}")
ARABIC_LETTER = re.compile("[\u0621-\u064a]")


def list_labels(said: WhatsappContent) -> Iterator[str]:
    """What stands on the buttons, the rows and the link of a message inside the window."""
    assert said.chat
    yield from (button.text for button in said.chat.buttons)
    for row in said.chat.list.rows if said.chat.list else ():
        yield from (row.text, row.description)
    if said.chat.link:
        yield said.chat.link.text


def list_lines(template: Template, context: dict[str, Any]) -> list[str]:
    """All that a shopper reads of the message, line by line."""
    texts = [render_whatsapp(template, context).text] if template.whatsapp else []
    if template.chat:
        said = render_chat(template, context)
        texts += [said.text, *list_labels(said)]
    if template.email:
        email = render_email(template, context)
        texts += [email.subject, email.preheader, email.text]
    return [line for text in texts for line in text.splitlines() if line]


@EACH
@EACH_SHOPPER
def test_every_arabic_line_runs_from_right_to_left_wherever_it_is_shown(template: Template, make: Make) -> None:
    for line in list_lines(template, make()):
        if ARABIC_LETTER.search(VALUE.sub("", line)):
            assert get_base_level(line) == 1, line


@EACH
@EACH_SHOPPER
def test_every_foreign_value_stays_whole_and_in_reading_order(template: Template, make: Make) -> None:
    lines = list_lines(template, make())
    assert template.chat or VALUE.search("\n".join(lines))  # a talk's "And the town?" names nothing
    for line in lines:
        shown = get_display(line, base_dir="R")
        place = len(shown)
        for value in VALUE.findall(line):
            whole = value if get_base_level(value) == 0 else get_display(value)
            place = shown.rfind(whole, 0, place)
            assert place >= 0, f"{value!r} falls apart in {line!r}"


@EACH
def test_no_isolate_is_left_open(template: Template) -> None:
    for line in list_lines(template, make_awkward_context("ar")):
        assert re.fullmatch(f"[^{ISOLATE}{POP}]*(?:{ISOLATE}[^{ISOLATE}{POP}]*{POP}[^{ISOLATE}{POP}]*)*", line), line


def test_an_arabic_email_is_laid_out_from_right_to_left() -> None:
    template = next(template for template in ARABIC if template.name == "shipment_shipped")
    html = render_email(template, make_arabic_context()).html
    assert '<html lang="ar" dir="rtl"' in html
    assert re.search(r'<td class="item"[^>]*text-align: ?right', html)
    assert re.search(r'<td class="price"[^>]*align="left"', html)
    assert re.search(r'<td class="bar"[^>]*align="right"', html)
    assert 'href="mailto:help@linen.example"' in html
    assert 'href="tel:+966115550142"' in html


def test_how_to_pay_is_set_off_at_the_side_where_reading_begins() -> None:
    template = next(template for template in ARABIC if template.name == "order_confirmation_unpaid")
    order = ORDER.model_copy(update={"payment_instructions": "IBAN SA03 8000\nرقم المرجع 1001"})
    html = render_email(template, make_arabic_context(order=order)).html
    assert re.search(r'<td class="callout"[^>]*border-right: ?3px', html)
    assert re.search(f"{ISOLATE}IBAN SA03 8000{POP}<br[^>]*>{ISOLATE}رقم المرجع 1001{POP}", html)


def test_the_letters_of_arabic_stand_as_close_as_they_join() -> None:
    template = next(template for template in ARABIC if template.name == "shipment_shipped")
    assert "letter-spacing" not in render_email(template, make_arabic_context()).html


def test_a_shop_s_name_keeps_its_place_on_an_arabic_page() -> None:
    html = CustomerPages().render(PageKind.ASK, STORE, ("ar",))
    assert f"من {ISOLATE}Linen &amp; Co{POP}؟" in html
    assert ISOLATE not in CustomerPages().render(PageKind.ASK, STORE, ("ms",))


def test_an_arabic_title_turns_no_english_message_around() -> None:
    order = ORDER.model_copy(
        update={"lines": (OrderLine(line_id="1", title="مئزر كتان", quantity=1, price=Decimal(5)),)}
    )
    template = next(t for t in load_templates() if (t.name, t.locale) == ("order_confirmation", "en"))
    text = render_whatsapp(template, make_context(order=order)).text
    assert f"Items: {ISOLATE}مئزر كتان{POP} × 1" in text
    assert ISOLATE not in render_whatsapp(template, make_context()).text


def test_a_text_that_is_cut_closes_its_isolate() -> None:
    assert cut_text(f"abc {ISOLATE}defghij{POP}", 8) == f"abc {ISOLATE}d…{POP}"
    assert cut_text(f"abcdef {ISOLATE}ghi{POP}", 9) == "abcdef…"
    assert remove_isolates(f"{ISOLATE}+966 11{POP}") == "+966 11"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "ومنتج آخر"),
        (2, "ومنتجان آخران"),
        (5, "و5 منتجات أخرى"),
        (12, "و12 منتجًا آخر"),
        (100, "و100 منتج آخر"),
        (103, "و103 منتجات أخرى"),
    ],
)
def test_arabic_counts_in_each_of_its_plural_forms(count: int, said: str) -> None:
    assert choose_plural(load_words("ar"), "more_items", count, "ar") == said


@pytest.mark.parametrize(
    ("country", "amount", "currency", "shown"),
    [
        ("SA", "1415.00", "SAR", ".س.ر 1,415.00"),
        ("SA", "-10.5", "SAR", ".س.ر -10.50"),
        ("KW", "10.5", "KWD", ".ك.د 10.500"),
        ("AE", "10.5", "USD", "US$ 10.50"),
        ("EG", "10.5", "EUR", "€ 10.50"),
        ("MA", "1415", "MAD", ".م.د 1.415,00"),
    ],
)
def test_an_amount_shows_sign_digits_and_symbol_in_their_order(
    country: str, amount: str, currency: str, shown: str
) -> None:
    formats = LocaleFormats("ar", country=country, time_zone="UTC", words=load_words("ar"))
    text = formats.format_money(Decimal(amount), currency)
    visible = re.sub("[\u200f\u2068\u2069]", "", get_display(text))
    assert visible.replace("\u00a0", " ").replace("\u200f", "") == shown


@pytest.mark.parametrize(
    ("country", "day", "hour"),
    [
        ("SA", "الثلاثاء، 24 نوفمبر", "4:00 م"),
        ("JO", "الثلاثاء، 24 تشرين الثاني", "4:00 م"),
        ("MA", "الثلاثاء، 24 نونبر", "16:00"),
    ],
)
def test_days_and_hours_are_as_the_region_writes_them(country: str, day: str, hour: str) -> None:
    formats = LocaleFormats("ar", country=country, time_zone="UTC", words=load_words("ar"))
    moment = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert formats.format_day(moment) == day
    assert formats.format_hour(moment) == hour
