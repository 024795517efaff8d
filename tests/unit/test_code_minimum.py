"""A code that asks for an order of some size says so, in each language and on each channel."""

from __future__ import annotations

import re

import pytest

from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.domain.languages import SHIPPED
from okaeri.domain.templates import Template
from tests.unit.rendering_samples import make_context

CODES = {"news_code": "own", "surprise_gift": "gift", "referral_offer": "friends", "referral_reward": "thanks"}


def load(name: str, locale: str) -> Template:
    return compile_template(TEMPLATES / name / f"{locale}.yaml")


def read(name: str, locale: str, *, minimum: str = "") -> tuple[str, str]:
    """What the e-mail says, and what WhatsApp fills in."""
    code = f"coupon.{CODES[name]}"
    data = {f"{code}.last_day": "2026-12-31"} | ({f"{code}.minimum": minimum} if minimum else {})
    template, context = load(name, locale), make_context(locale, data=data)
    message = render_whatsapp(template, context)
    return render_email(template, context).text, str(message)


@pytest.mark.parametrize("locale", SHIPPED)
@pytest.mark.parametrize("name", CODES)
def test_what_an_order_has_to_come_to_is_told(name: str, locale: str) -> None:
    for with_it, without in zip(read(name, locale, minimum="4321"), read(name, locale), strict=True):
        assert "4321" in re.sub(r"\D", "", with_it)
        assert "4321" not in re.sub(r"\D", "", without)


def test_it_reads_well() -> None:
    mail, message = read("news_code", "en", minimum="40")
    assert "takes 15% off one order of $40.00 or more, until Thu" in mail
    assert "if it comes to $40.00 or more, until Thu" in message
