"""A talk that a link, a QR code or an advertisement began is known by its code."""

from __future__ import annotations

import pytest

from okaeri.domain.entries import find_entry_code, find_flow
from okaeri.domain.stores import Platform, Store, StoreSettings

SHOP = Store(
    store_id="aya",
    name="Aya",
    platform=Platform.STANDARD,
    domain="aya.example",
    site_url="https://aya.example",
    settings=StoreSettings(
        entry_codes={"skin-quiz": "talk-quiz", "spring": "talk-voucher", "start-here": "talk-menu"},
        entry_ads={"23851": "spring", "23852": "gone"},
    ),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hello! I would like to begin: #skin-quiz", "skin-quiz"),
        ("(SKIN-QUIZ)", "skin-quiz"),
        ("Hi (START-SKIN-QUIZ)", "skin-quiz"),
        ("Hi (START-HERE)", "start-here"),
        ("こんにちは（skin‐quiz）", "skin-quiz"),
        ("#ｓｐｒｉｎｇ です", "spring"),
        ("مرحبًا! (spring)", "spring"),
        ("Hola #Spring!", "spring"),
        ("[spring]", "spring"),
        ("#unknown then #spring", "spring"),
        ("skin–quiz (skin–quiz)", "skin-quiz"),
        ("spring", None),
        ("I love spring (really)", None),
        ("where is my order #1001?", None),
        ("#springtime", None),
        ("https://aya.example/#spring", None),
        ("", None),
        (None, None),
    ],
)
def test_a_code_is_found_where_the_message_marks_it_as_one(text: str | None, code: str | None) -> None:
    assert find_entry_code(text, {}, SHOP) == code


def test_an_advertisement_begins_what_the_shop_gave_it() -> None:
    ad = {"source_type": "ad", "source_id": "23851"}
    assert find_entry_code("Hello! Can I get more info on this?", ad, SHOP) == "spring"
    assert find_entry_code(None, ad, SHOP) == "spring"


def test_what_the_shopper_writes_comes_before_the_advertisement() -> None:
    assert find_entry_code("#skin-quiz", {"source_id": "23851"}, SHOP) == "skin-quiz"


def test_an_unknown_advertisement_and_one_whose_code_is_gone_begin_nothing() -> None:
    assert find_entry_code("Hello", {"source_id": "999"}, SHOP) is None
    assert find_entry_code("Hello", {"source_id": "23852"}, SHOP) is None
    assert find_entry_code("Hello", {"source_type": "post"}, SHOP) is None


def test_a_code_leads_to_its_flow_until_the_shop_takes_it_away() -> None:
    assert find_flow("spring", SHOP) == "talk-voucher"
    assert find_flow("gone", SHOP) is None
    assert find_flow(None, SHOP) is None
