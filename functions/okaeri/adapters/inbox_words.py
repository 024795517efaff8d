"""The ready sentences by which the inbox tells a customer of a remedy or of a return's stage, in their language."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

from okaeri.adapters.locale_formats import LocaleFormats, load_words
from okaeri.domain.customers import Customer
from okaeri.domain.languages import choose_locale
from okaeri.domain.local_time import find_country
from okaeri.domain.remedies import Remedy
from okaeri.domain.stores import Store

_WORDS = Path(__file__).parent.parent / "catalogue" / "inbox_words.json"


class ShippedInboxWords:
    """Implements `ports.InboxWords`."""

    def say_remedy(self, remedy: Remedy, customer: Customer, store: Store, *, order_name: str) -> str:
        """What is given, with the amount as the customer reads it."""
        return self._say(remedy.kind, customer, store, order_name, remedy)

    def say_stage(self, stage: str, customer: Customer, store: Store, *, order_name: str) -> str:
        """Where their return is."""
        return self._say(stage, customer, store, order_name, None)

    def _say(self, name: str, customer: Customer, store: Store, order_name: str, remedy: Remedy | None) -> str:
        locale = choose_locale(customer, store, load_inbox_words()) or "en"
        words = load_inbox_words()[locale]
        formats = LocaleFormats(
            locale, country=find_country(customer, store), time_zone=store.time_zone, words=load_words(locale)
        )
        amount = formats.format_money(Decimal(remedy.amount), remedy.currency) if remedy and remedy.amount else ""
        about = words["about"].format(order=formats.isolate(order_name)) if order_name else ""
        return words[name].format(amount=amount, about=about)


@cache
def load_inbox_words() -> dict[str, dict[str, str]]:
    """Locale → the name of a remedy or stage → its sentence."""
    words: dict[str, dict[str, str]] = json.loads(_WORDS.read_text("utf-8"))
    return words
