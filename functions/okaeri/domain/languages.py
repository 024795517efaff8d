"""Which language a customer is spoken to in."""

from __future__ import annotations

from collections.abc import Collection

from okaeri.domain.customers import Customer
from okaeri.domain.stores import Store


def choose_locale(customer: Customer, store: Store, available: Collection[str]) -> str | None:
    """The first of these that has texts: the asked preference, the latest order's locale, the country's main
    language, the store's.
    """
    for wanted in (customer.asked_locale, customer.locale):
        if wanted and (found := match_locale(wanted, available)):
            return found
    if customer.country and customer.country != store.country:
        for language in _list_official_languages(customer.country):
            if found := match_locale(language, available):
                return found
    return match_locale(store.locale, available) or match_locale("en", available)


def match_locale(wanted: str, available: Collection[str]) -> str | None:
    """`ja-JP` finds `ja`, `pt` finds `pt_BR`, `zh-TW` finds nothing of `en`."""
    parts = wanted.replace("-", "_").split("_")
    language = parts[0].lower()
    exact = f"{language}_{parts[-1].upper()}" if len(parts) > 1 else language
    for candidate in (exact, language):
        if candidate in available:
            return candidate
    return next((locale for locale in sorted(available) if locale.split("_")[0] == language), None)


def _list_official_languages(country: str) -> tuple[str, ...]:
    from babel.languages import get_official_languages  # needed only where no locale is known

    return tuple(get_official_languages(country.upper(), de_facto=True))
