"""What a code begins, and the code of an advertisement."""

from __future__ import annotations

import pytest

from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.entries import CODE, find_ad_code, find_flow, fold_code, list_beginnings, list_intents
from okaeri.domain.events import make_event
from okaeri.domain.interpretations import BEGIN
from okaeri.domain.stores import Platform, PublishedJourney, Store, StoreSettings
from tests.world import MONDAY, load_catalogue, make_store

SHOP = Store(
    store_id="aya",
    name="Aya",
    platform=Platform.STANDARD,
    domain="aya.example",
    site_url="https://aya.example",
    settings=StoreSettings(
        entry_codes={"skin-quiz": "talk-quiz", "spring": "talk-voucher"},
        entry_ads={"23851": "spring", "23852": "gone"},
    ),
)


def test_an_advertisement_has_the_code_that_the_shop_gave_it() -> None:
    assert find_ad_code("23851", SHOP) == "spring"


def test_an_unknown_advertisement_and_one_whose_code_is_gone_have_none() -> None:
    assert [find_ad_code(ad, SHOP) for ad in ("23852", "999", "")] == [None, None, None]


def test_a_code_leads_to_its_flow_until_the_shop_takes_it_away() -> None:
    assert find_flow("spring", SHOP) == "talk-voucher"
    assert find_flow("gone", SHOP) is None
    assert find_flow(None, SHOP) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Spring-Quiz", "spring-quiz"),
        ("ＳＰＲＩＮＧ", "spring"),
        ("spring–quiz", "spring-quiz"),
        ("spring_quiz", "spring-quiz"),
    ],
)
def test_codes_are_small_letters_with_plain_hyphens(typed: str, code: str) -> None:
    assert fold_code(typed) == code
    assert CODE.fullmatch(code)


@pytest.mark.parametrize("text", ["1001", "", "-quiz", "quiz-", "my quiz", "春"])
def test_what_could_be_an_order_or_cannot_be_marked_is_no_code(text: str) -> None:
    assert not CODE.fullmatch(text)


def test_a_turn_asks_the_flows_of_its_own_intent_alone() -> None:
    entries = (
        PublishedJourney(journey="status", definition="a", intents=("order_status",)),
        PublishedJourney(journey="menu", definition="b", intents=("greeting", "menu")),
        PublishedJourney(journey="all", definition="c"),
    )
    store = make_store({}).model_copy(update={"triggers": {TURN_TAKEN: entries, "order.placed": entries}})
    turn = make_event("kinari", TURN_TAKEN, MONDAY, data={"intent": "menu"})
    assert [entry.journey for entry in list_beginnings(turn, store)] == ["menu", "all"]
    assert list_beginnings(make_event("kinari", "order.placed", MONDAY), store) == entries


def test_the_intents_of_every_flow_that_we_ship_are_known_before_it_is_loaded() -> None:
    flows = [definition for definition in load_catalogue().values() if TURN_TAKEN in definition.events]
    assert len(flows) > 15
    assert [flow.journey for flow in flows if flow.when is not None and not list_intents(flow)] == []


def test_who_asks_in_words_or_by_a_code_begins_the_same_flow() -> None:
    flow = next(definition for definition in load_catalogue().values() if definition.journey == "talk-points")
    assert list_intents(flow) == ("points", BEGIN)
