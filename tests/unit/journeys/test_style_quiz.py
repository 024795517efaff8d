"""style-quiz: three questions for fun, a result that is kept, and products that carry its tag."""

from __future__ import annotations

import pytest

from tests.talks import Talk
from tests.unit.journeys.shelves import APRONS, open_store, open_talk

STYLED = (*APRONS, ("Grey Vase", "Vases", "6400", ("calm",)))


def open_quiz(products: tuple[tuple[str, str, str, tuple[str, ...]], ...] = STYLED) -> Talk:
    store = open_store("style-quiz")
    settings = store.settings.model_copy(update={"entry_codes": {"style-quiz": "style-quiz"}})
    return open_talk(store.model_copy(update={"settings": settings}), products).do("begin:style-quiz")


def told(talk: Talk) -> list[str]:
    return talk.world.told("whatsapp")


@pytest.mark.parametrize(
    ("taps", "style"),
    [
        (("At home, slowly", "Few things, all dear"), "calm"),
        (("At home, slowly", "Warmth and life"), "natural"),
        (("In town", "Something timeless"), "calm"),
        (("In town", "Something daring"), "bold"),
        (("Out in the open", "A stone or a leaf"), "natural"),
        (("Out in the open", "A hundred photos"), "bold"),
    ],
)
def test_each_way_ends_with_a_result_that_is_kept_on_the_profile(taps: tuple[str, str], style: str) -> None:
    talk = open_quiz()
    assert "three questions" in talk.text()
    for label in (*taps, "For me"):
        talk.tap(label)
    assert told(talk)[-1] == f"quiz_result_{style}"
    assert talk.world.customer().attributes == {"shops_for": "me", "style": style}


def test_the_result_leads_to_products_with_its_tag() -> None:
    talk = open_quiz().tap("In town").tap("Something timeless").tap("For our home").tap("Yes, please")
    assert talk.labels() == ["Grey Vase", "Other wishes", "Talk to a person"]
    talk.tap("Grey Vase")
    assert told(talk)[-2:] == ["finder_card", "finder_end"]


def test_where_no_product_has_the_tag_the_finder_helps() -> None:
    talk = open_quiz(APRONS).tap("In town").tap("Something daring").tap("For me").tap("Yes, please")
    assert told(talk)[-1] == "quiz_to_finder"
    talk.tap("Find something")
    assert told(talk)[-1] == "finder_kind"


def test_no_is_thanked() -> None:
    talk = open_quiz().tap("In town").tap("Something daring").tap("For me").tap("No, thank you")
    assert told(talk)[-1] == "talk_thanks"


def test_whoever_stops_in_the_middle_hears_no_more_of_it() -> None:
    talk = open_quiz().tap("In town")
    before = told(talk)
    talk.world.wait(days=3)
    assert told(talk) == before
    assert talk.world.customer().attributes == {}


def test_before_the_shop_wants_it_its_code_begins_nothing() -> None:
    store = open_store("product-finder")
    settings = store.settings.model_copy(update={"entry_codes": {"style-quiz": "style-quiz"}})
    talk = open_talk(store.model_copy(update={"settings": settings})).do("begin:style-quiz")
    assert "quiz_sunday" not in told(talk)
