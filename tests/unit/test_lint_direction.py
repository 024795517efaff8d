"""The lint of right-to-left texts says what the bidirectional algorithm would do to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from bidi import get_base_level, get_display

from okaeri.catalogue.compile_templates import TemplatesInvalid, compile_template
from okaeri.catalogue.lint_direction import lint_direction


def find(text: str, locale: str = "ar") -> list[str]:
    return [problem.what for problem in lint_direction(locale, [("whatsapp.body", text)])]


@pytest.mark.parametrize(
    "text",
    [
        "مرحبًا {{name}}، تم تأكيد طلبك {{order}}.",
        "{{ order.total }} في طريقها إليك.",
        "{{ order.items_line }}",
        "{{ order.url }}",
        "https://linen.example/{{ order.id }}",
        "رسائل واتساب WhatsApp تصلك",
        "تصلك عبر Linen & Co الآن",
        "يكفي الرد بكلمة STOP.",
        "خلال 5 إلى 10 أيام",
        "{% if order.eta %}متوقع {{ order.eta }}{% else %}لا موعد بعد{% endif %}",
        "",
    ],
)
def test_a_safe_text_passes(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("WhatsApp يرسل إليك", "`WhatsApp` makes the line run from left to right"),
        ("{{name}} Hello مرحبًا", "`Hello` makes the line run from left to right"),
        ("Order {{order}}", "`Order` makes the line run from left to right"),
        ("أولًا\nIBAN: رقم", "`IBAN` makes the line run from left to right"),
        ("الدفع عبر Visa {{amount}} اليوم", "`Visa` draws over what stands beside it"),
        ("رقم {{order}} PayPal لك", "`PayPal` draws over what stands beside it"),
        ("مقاس XL 40 متوفر", "`XL` draws over what stands beside it"),
        ("مرحبًا\u200f {{name}}", "an invisible direction mark"),
    ],
)
def test_a_text_that_could_turn_around_is_named(text: str, named: str) -> None:
    assert any(what.startswith(named) for what in find(text)), find(text)


def test_publishing_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "hello" / "ar.yaml"
    path.parent.mkdir()
    path.write_text(
        "name: hello\nlocale: ar\npurpose: order\nemail:\n  subject: طلبك في الطريق\n  preheader: شكرًا لك\n"
        "  heading: Okaeri تشكرك\n  blocks:\n    - text: شكرًا لك\n",
        "utf-8",
    )
    with pytest.raises(TemplatesInvalid, match=r"ar\.yaml:7: email\.heading: `Okaeri` makes .* Fix: Begin the line"):
        compile_template(path)


def test_other_languages_are_not_asked() -> None:
    assert find("{{name}} Hello 5", "en") == []
    assert find("WhatsApp יום", "he-IL") != []


def test_the_reason_why_a_number_beside_a_foreign_word_is_refused() -> None:
    assert get_base_level("WhatsApp يرسل إليك") == 0
    assert get_display("مقاس XL 40 متوفر", base_dir="R").split()[1:3] == ["XL", "40"]  # 40 is read first
    assert get_display("مقاس XL أو 40 متوفر", base_dir="R").split()[1] == "40"
