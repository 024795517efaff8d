"""Talks in typed words alone, as our own interpreter reads them: nobody has to tap anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.domain.conversations import ConversationState
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.talks import Talk
from tests.world import MONDAY, World, load_catalogue, make_order, make_store


@pytest.fixture
def talk() -> Talk:
    """Aiko has two orders that have not left yet."""
    store = make_store(load_catalogue())
    world = World(store=store, interpreter=CatalogueInterpreter(MemoryKnowledge(MemoryStores(store))))
    world.order(make_order("5001"))
    world.order(make_order("5002", created_at=MONDAY + timedelta(minutes=1)))
    return Talk(world)


def test_an_order_is_cancelled_in_words(talk: Talk) -> None:
    talk.type("cancel my order").type("5002").type("yes").settle("done")
    assert talk.told() == ["talk_which_order", "talk_cancel_check", "talk_cancel_done"]
    assert talk.request().refs["order.id"] == "5002"


def test_an_address_is_changed_in_words(talk: Talk) -> None:
    talk.type("change the address of #5001").type("address")
    talk.type("12 Mill Lane").type("97201").type("Portland").type("yes").settle("done")
    assert talk.told() == [
        "talk_change_what",
        "talk_change_street",
        "talk_change_postcode",
        "talk_change_city",
        "talk_change_address_check",
        "talk_change_done",
    ]
    assert talk.request().data == {"address1": "12 Mill Lane", "zip": "97201", "city": "Portland"}


def test_what_is_no_answer_is_asked_once_more(talk: Talk) -> None:
    talk.type("cancel my order").type("hmm the thing")
    assert talk.told() == ["talk_which_order", "talk_which_order"]
    talk.type("#5001").type("no")
    assert talk.told()[2:] == ["talk_cancel_check", "talk_all_right"]


def test_a_row_of_the_menu_is_no_address(talk: Talk) -> None:
    talk.do("change_order:5001").tap("Delivery address").do("order_status:5001")
    assert talk.told()[-1] == "talk_order_getting_ready"
    talk.type("12 Mill Lane")
    assert talk.told()[-1] == "talk_change_postcode"


def test_who_would_rather_not_say_is_left_in_peace(talk: Talk) -> None:
    talk.do("change_order:5001").tap("Gift note").type("skip")
    assert talk.told()[-1] == "talk_all_right"
    assert not talk.world.queues.actions


def test_a_person_is_had_in_the_middle_of_anything(talk: Talk) -> None:
    talk.do("change_order:5001").tap("Delivery address").type("I want to talk to a person")
    assert talk.told()[-1] == "talk_person"
    assert talk.state() is ConversationState.WAITING


def test_a_named_order_is_not_asked_for(talk: Talk) -> None:
    talk.type("where is #5001?")
    assert talk.told() == ["talk_order_getting_ready"]
    assert "#5001" in talk.text()


def test_an_order_that_is_not_known_is_given_to_a_person_without_asking_for_its_number_again(talk: Talk) -> None:
    talk.type("where is order #9999")
    assert talk.told() == ["talk_order_not_found"]
    assert talk.ticket().data["said"] == "where is order #9999"


def test_the_words_of_a_button_are_as_good_as_its_tap(talk: Talk) -> None:
    talk.type("cancel my order").type("5002").type("Yes, cancel it").settle("done")
    assert talk.told() == ["talk_which_order", "talk_cancel_check", "talk_cancel_done"]
