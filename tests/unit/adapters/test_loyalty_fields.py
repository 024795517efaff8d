"""How points are told: those that can be spent, and those that wait with their day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.adapters.locale_formats import LocaleFormats, load_words
from okaeri.adapters.loyalty_fields import describe_loyalty
from okaeri.adapters.message_fields import LoyaltyFields
from okaeri.domain.languages import SHIPPED
from tests.unit.rendering_samples import CUSTOMER, NOW, STORE


def describe(points: int, locale: str = "en", *, waiting: int = 0) -> LoyaltyFields:
    free_at = {"1": NOW + timedelta(days=20)} if waiting else {}
    customer = CUSTOMER.model_copy(
        update={"points": points + waiting, "order_points": {"1": waiting}, "points_free_at": free_at}
    )
    formats = LocaleFormats(locale, country=None, time_zone="UTC", words=load_words(locale))
    return describe_loyalty(customer, STORE, formats, NOW)


def test_what_can_be_spent_is_told_apart_from_what_waits() -> None:
    told = describe(120, waiting=40)
    assert (told["points"], told["pending"], told["pending_from"]) == ("120", "40", "Fri, Dec 11")
    assert told["standing"] == "120, and 40 more from Fri, Dec 11"
    assert told["worth"] == "$1.20"
    assert describe(0, waiting=40)["standing"] == "40, ready to use from Fri, Dec 11"


def test_where_nothing_waits_nothing_is_said_of_it() -> None:
    told = describe(120)
    assert (told["pending"], told["pending_from"], told["standing"]) == ("", "", "120")


@pytest.mark.parametrize("locale", SHIPPED)
def test_every_language_says_both_numbers_and_the_day(locale: str) -> None:
    both, later = describe(123, locale, waiting=45), describe(0, locale, waiting=45)
    assert all(part in both["standing"] for part in ("123", "45", both["pending_from"]))
    assert "45" in later["standing"] and later["pending_from"] in later["standing"]
