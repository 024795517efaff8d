"""The ready sentences of the inbox: every language says everything, with order and amount as its readers write them."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from okaeri.adapters.inbox_words import ShippedInboxWords, load_inbox_words
from okaeri.adapters.locale_formats import CATALOGUE
from okaeri.domain.customers import Customer
from okaeri.domain.remedies import Remedy, RemedyKind
from okaeri.domain.tickets import STAGES
from serve_inbox.models import Stage
from tests.desk import STORE
from tests.fakes import START

LOCALES = sorted(path.stem for path in (CATALOGUE / "words").glob("*.json"))
WORDS = ShippedInboxWords()


def make_customer(locale: str) -> Customer:
    return Customer(store_id="s1", customer_id="c1", created_at=START, locale=locale)


def make_remedy(kind: RemedyKind, amount: str = "") -> Remedy:
    return Remedy(remedy_id="r1", kind=kind, amount=amount, currency="EUR" if amount else "", by="mia", at=START)


def test_each_language_has_each_sentence_with_its_places() -> None:
    assert sorted(load_inbox_words()) == LOCALES
    for locale, words in load_inbox_words().items():
        assert set(words) == {"about", *RemedyKind, *STAGES}, locale
        places = {name: set(re.findall(r"{(\w+)}", text)) for name, text in words.items()}
        assert places.pop("about") == {"order"}
        with_money = {RemedyKind.REFUND, RemedyKind.CREDIT}
        assert places == {name: {"about", "amount"} if name in with_money else {"about"} for name in places}, locale


def test_the_stages_of_the_api_are_those_of_the_rules() -> None:
    assert get_args(Stage) == STAGES


@pytest.mark.parametrize("locale", LOCALES)
def test_a_sentence_reads_whole_with_and_without_an_order(locale: str) -> None:
    customer = make_customer(locale)
    refund = make_remedy(RemedyKind.REFUND, "1250.00")
    named = WORDS.say_remedy(refund, customer, STORE, order_name="#1001")
    nameless = WORDS.say_remedy(refund, customer, STORE, order_name="")
    assert "#1001" in named and "#" not in nameless
    assert "250" in named and "{" not in named + nameless
    assert "  " not in nameless and len(named) < 300
    for stage in STAGES:
        assert len(WORDS.say_stage(stage, customer, STORE, order_name="#1001")) < 300


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    refund = make_remedy(RemedyKind.REFUND, "1250.00")
    assert "1.250,00\N{NO-BREAK SPACE}€" in WORDS.say_remedy(refund, make_customer("de"), STORE, order_name="")
    american = make_customer("en").model_copy(update={"country": "US"})
    assert "€1,250.00" in WORDS.say_remedy(refund, american, STORE, order_name="")


def test_an_order_s_name_keeps_its_direction_in_arabic() -> None:
    said = WORDS.say_remedy(make_remedy(RemedyKind.REPLACEMENT), make_customer("ar"), STORE, order_name="#1001")
    assert "\N{FIRST STRONG ISOLATE}#1001" in said or "\N{LEFT-TO-RIGHT ISOLATE}#1001" in said
