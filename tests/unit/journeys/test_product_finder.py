"""product-finder: three short questions at most, then products with picture, price and page."""

from __future__ import annotations

from tests.talks import Talk
from tests.unit.journeys.shelves import open_store, open_talk

FINDER = "product-finder"


def open_finder(**settings: str) -> Talk:
    return open_talk(open_store(FINDER, settings=settings))


def told(talk: Talk) -> list[str]:
    return talk.world.told("whatsapp")


def test_kind_and_budget_come_from_the_shelf() -> None:
    talk = open_finder().do("find_product")
    assert told(talk) == ["finder_kind"]
    assert "at most" in talk.text()
    assert talk.labels() == ["Aprons", "Towels", "Not sure yet"]
    talk.tap("Aprons")
    assert told(talk)[-1] == "finder_budget"
    assert talk.labels() == ["Up to ¥5,000", "Any price"]
    talk.tap("Up to ¥5,000")
    assert told(talk)[-1] == "finder_finds"
    assert talk.labels() == ["Child's Apron", "Linen Apron", "Other wishes", "Talk to a person"]


def test_what_is_tapped_is_shown_with_picture_price_and_page_and_another_one_may_be_seen() -> None:
    talk = open_finder().do("find_product").tap("Aprons").tap("Up to ¥5,000").tap("Linen Apron")
    assert told(talk)[-2:] == ["finder_card", "finder_more"]
    card = talk.read(talk.world.list_messages()[-2])
    assert card.body == "*Linen Apron*\n¥4,800"
    assert card.media and (card.media.type, card.media.url) == ("image", "https://kinari.example/p1.jpg")
    assert card.link and card.link.url == "https://kinari.example/products/p1"
    talk.tap("Child's Apron")
    assert talk.read(talk.world.list_messages()[-2]).body.startswith("*Child's Apron*")
    talk.tap("That's all, thanks")
    assert told(talk)[-1] == "talk_thanks"


def test_each_question_may_be_skipped() -> None:
    talk = open_finder(details="linen, canvas").do("find_product")
    talk.tap("Not sure yet").tap("No preference").tap("Any price")
    assert told(talk) == ["finder_kind", "finder_detail", "finder_budget", "finder_finds"]
    assert len(talk.labels()) == 4 + 2


def test_the_shop_names_kinds_details_and_limits_itself() -> None:
    talk = open_finder(kinds="Towels, Aprons", details="linen, canvas", budgets="2000,20000").do("find_product")
    assert talk.labels() == ["Towels", "Aprons", "Not sure yet"]
    talk.tap("Aprons")
    assert talk.labels() == ["linen", "canvas", "No preference"]
    talk.tap("canvas")
    assert talk.labels() == ["Up to ¥2,000", "Up to ¥20,000", "Any price"]
    talk.tap("Up to ¥20,000")
    assert talk.labels()[0] == "Work Apron"


def test_a_budget_may_be_typed() -> None:
    talk = open_finder().do("find_product").tap("Aprons").type("4000 yen")
    assert talk.labels()[0] == "Child's Apron"
    assert "Linen Apron" not in talk.labels()


def test_where_nothing_is_all_of_that_it_says_so_and_shows_what_comes_closest() -> None:
    talk = open_finder(budgets="1000").do("find_product").tap("Aprons").tap("Up to ¥1,000")
    assert told(talk)[-1] == "finder_near"
    assert "Nothing" in talk.text()
    talk.tap("Work Apron")
    assert told(talk)[-2:] == ["finder_card", "finder_more"]


def test_an_empty_shelf_is_said_and_a_person_offered() -> None:
    talk = open_talk(open_store(FINDER), products=()).do("find_product")
    assert told(talk) == ["finder_none"]
    talk.tap("Yes, please")
    assert told(talk)[-1] == "talk_person"


def test_a_shop_without_kinds_is_not_asked_for_them() -> None:
    talk = open_talk(open_store(FINDER), products=(("Cup", "", "900", ()), ("Bowl", "", "2900", ()))).do("find_product")
    assert told(talk) == ["finder_budget"]


def test_after_the_third_one_a_person_is_offered() -> None:
    talk = open_finder().do("find_product").tap("Aprons").tap("Any price")
    talk.tap("Linen Apron").tap("Work Apron").tap("Child's Apron")
    assert told(talk)[-2:] == ["finder_card", "finder_end"]
    assert talk.labels() == ["Other wishes", "Talk to a person"]


def test_an_entry_code_begins_it() -> None:
    store = open_store(FINDER)
    settings = store.settings.model_copy(update={"entry_codes": {"find-it": FINDER}})
    talk = open_talk(store.model_copy(update={"settings": settings})).do("begin:find-it")
    assert told(talk) == ["finder_kind"]
