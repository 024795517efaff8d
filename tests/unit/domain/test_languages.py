"""Which language a customer is spoken to in, and the menu in which they choose another."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from okaeri.catalogue import compile_templates
from okaeri.domain.customers import Customer
from okaeri.domain.languages import choose_locale, list_languages, name_language
from okaeri.domain.stores import Platform, PublishedTemplate, Store, StoreSettings

NAMES: dict[str, str] = json.loads((Path(compile_templates.__file__).parent / "language_names.json").read_text("utf-8"))
SPOKEN = ("ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR")
# Said otherwise by those who speak it than in CLDR, whose names of scripts are too long for a menu, too.
OWN_NAMES = {"ms", "id", "zh_CN", "zh_HK", "zh_TW"}


def make_shop(languages: tuple[str, ...] = (), **templates: PublishedTemplate) -> Store:
    return Store(
        store_id="tokyo",
        name="Tokyo",
        platform=Platform.STANDARD,
        domain="tokyo.example",
        site_url="https://tokyo.example",
        locale="ja",
        country="JP",
        settings=StoreSettings(languages=languages),
        templates=templates,
    )


def make_customer(**fields: Any) -> Customer:
    return Customer(store_id="tokyo", customer_id="c", created_at=datetime(2026, 1, 5, tzinfo=UTC), **fields)


@pytest.mark.parametrize(
    ("customer", "locale"),
    [
        ({"asked_locale": "hi", "locale": "de", "country": "BR"}, "hi"),
        ({"locale": "de-AT", "country": "BR"}, "de"),
        ({"country": "BR", "phones": ("+4915112345678",)}, "pt_BR"),
        ({"phones": ("+4915112345678",)}, "de"),
        ({"phones": ("+5511961234567",)}, "pt_BR"),
        ({"phones": ("+60123456789",)}, "ms"),
        ({"phones": ("+971501234567",)}, "ar"),
        ({"phones": ("+447400123456",)}, "en"),
        ({"phones": ("+819012345678",)}, "ja"),
        ({"phones": ("+84912345678",)}, "ja"),  # Vietnamese, in which the shop has no texts
        ({"phones": ("+80012345678",)}, "ja"),  # of no country
        ({"phones": ("not a number",)}, "ja"),
        ({}, "ja"),
    ],
)
def test_the_language_is_the_asked_one_then_the_order_s_then_the_country_s_of_address_or_phone(
    customer: dict[str, Any], locale: str
) -> None:
    assert choose_locale(make_customer(**customer), make_shop(), SPOKEN) == locale


def test_where_there_is_one_language_no_phone_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)  # importing it would fail
    assert choose_locale(make_customer(phones=("+4915112345678",)), make_shop(), ("ja",)) == "ja"
    assert choose_locale(make_customer(phones=("+4915112345678",), country="JP"), make_shop(), SPOKEN) == "ja"


def test_the_menu_shows_the_shop_s_languages_in_its_order_each_by_its_own_name() -> None:
    assert list_languages(make_shop(("en", "ja", "pt_BR"))) == (
        ("en", "English"),
        ("ja", "日本語"),
        ("pt_BR", "Português (Brasil)"),
    )


def test_without_a_choice_the_menu_shows_what_is_published_the_shop_s_own_first() -> None:
    shop = make_shop(
        order_confirmed=PublishedTemplate(whatsapp=("de", "ja"), email=("fr",)),
        talk_menu=PublishedTemplate(chat=("ar", "ja")),
    )
    assert [language.locale for language in list_languages(shop)] == ["ja", "ar", "de"]


def test_every_language_that_we_speak_has_a_name_that_fits_a_menu() -> None:
    assert set(SPOKEN) <= set(NAMES)
    assert {locale: name for locale, name in NAMES.items() if not 0 < len(name) <= 24} == {}


def test_names_are_those_that_the_languages_give_themselves() -> None:
    cldr = {locale: Locale.parse(locale).get_display_name(locale) or "" for locale in NAMES}
    strange = {locale for locale, name in NAMES.items() if name.casefold() != cldr[locale].casefold()}
    assert strange == OWN_NAMES


def test_a_language_of_no_name_is_shown_by_its_code() -> None:
    assert name_language("xx") == "xx"
    assert name_language("en_GB") == "English"
