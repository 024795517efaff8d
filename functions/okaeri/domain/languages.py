"""Which language a customer is spoken to in, and which ones they may choose among."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

from okaeri.domain.customers import Customer
from okaeri.domain.stores import Store
from okaeri.domain.time_zones import find_phone_country

SHIPPED = ("en", "ja", "hi", "pt_BR", "es", "ar", "ms", "de")  # in which we ship words, questions and phrases
_CATALOGUE = Path(__file__).parents[1] / "catalogue"  # importlib.resources would cost a cold start 30 ms


class Language(NamedTuple):
    """A language as a menu shows it: by its name in itself, 24 characters at most (a row of WhatsApp's lists)."""

    locale: str
    name: str


def choose_locale(customer: Customer, store: Store, available: Collection[str]) -> str | None:
    """The first of these that has texts: the asked preference, the latest order's locale, the main language of the
    country (of the address, else of the phone), the store's.
    """
    for wanted in (customer.asked_locale, customer.locale):
        if wanted and (found := match_locale(wanted, available)):
            return found
    if len(available) > 1:
        country = customer.country or find_phone_country(customer.phones)
        for language in _list_official_languages(country) if country and country != store.country else ():
            if found := match_locale(language, available):
                return found
    return match_locale(store.locale, available) or match_locale("en", available)


def guess_locale(text: str, store: Store) -> str | None:
    """What a text is probably written in, told by its script alone; None where that tells no more than the store's.

    Latin letters at a store that speaks Japanese, Arabic or Hindi are taken for English.
    """
    from okaeri.domain.folding import OWN_SCRIPTS, list_scripts  # letters alone; most cold starts meet none

    scripts = list_scripts(text)
    found = [locale for locale, script in OWN_SCRIPTS.items() if script in scripts]
    if len(found) == 1:
        return found[0]
    is_latin = scripts == {"latin"} and store.locale.split("_")[0] in OWN_SCRIPTS
    return "en" if is_latin else None


def match_locale(wanted: str, available: Collection[str]) -> str | None:
    """`ja-JP` finds `ja`, `pt` finds `pt_BR`, `zh-TW` finds nothing of `en`."""
    parts = wanted.replace("-", "_").split("_")
    language = parts[0].lower()
    exact = f"{language}_{parts[-1].upper()}" if len(parts) > 1 else language
    for candidate in (exact, language):
        if candidate in available:
            return candidate
    return next((locale for locale in sorted(available) if locale.split("_")[0] == language), None)


def list_languages(store: Store) -> tuple[Language, ...]:
    """What a customer may choose: the shop's languages in its order, else all that it published, its own first."""
    published = {
        locale for template in store.templates.values() for locale in (*template.chat, *template.whatsapp)
    }  # fmt: skip
    rest = sorted(published, key=lambda locale: (locale != store.locale, locale))
    return tuple(Language(locale, name_language(locale)) for locale in store.settings.languages or rest)


def name_language(locale: str) -> str:
    """The language's name in itself; the code where we know no name."""
    names = _load_names()
    found = match_locale(locale, names)
    return names[found] if found else locale


def _list_official_languages(country: str) -> tuple[str, ...]:
    from babel.languages import get_official_languages  # needed only where no locale is known

    return tuple(get_official_languages(country.upper(), de_facto=True))


@cache
def _load_names() -> dict[str, str]:
    names: dict[str, str] = json.loads((_CATALOGUE / "language_names.json").read_text("utf-8"))
    return names
