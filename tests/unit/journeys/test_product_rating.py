"""product-rating: one question after delivery, a person for who is not happy, the review for who is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from okaeri.domain.evidence import AnswerGiven
from okaeri.domain.messages import Message
from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.stores import Store
from okaeri.domain.values import Purpose
from simulator.play import play
from simulator.story_source import load_story
from tests.world import AIKO, BOTH_OPT_INS, ORDER_OPT_IN, World, load_catalogue, make_cart, make_order, make_store

STORIES = Path(__file__).parents[3] / "docs" / "stories"


def rate_products() -> Store:
    """A shop that asks for ratings in the place of reviews."""
    store = make_store(load_catalogue())
    wanted = {"product-rating": True, "review-request": False}
    triggers = {
        event: tuple(entry.model_copy(update={"on": wanted.get(entry.journey, entry.on)}) for entry in entries)
        for event, entries in store.triggers.items()
    }
    return store.model_copy(update={"triggers": triggers})


def ask(opt_ins: tuple[object, ...] = BOTH_OPT_INS) -> tuple[World, Message]:
    """An order was delivered eight days ago, and its shopper was asked."""
    world = World(store=rate_products())
    world.order(make_order(opt_ins=opt_ins))
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=1)
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=8)
    [question] = [message for message in world.messages.messages.values() if message.template == "rating_request"]
    return world, question


def tap(world: World, question: Message, answer: str) -> None:
    """The quick reply on WhatsApp."""
    world.write("🙂", payload=f"ANSWER:{question.seed}:{answer}")


def press(world: World, question: Message, answer: str) -> None:
    """The button of the page that the e-mail leads to."""
    given = AnswerGiven(customer_id=question.customer_id, ask=question.seed, answer=answer, at=world.clock())
    world.hear(given, source="answer_page")


def told_since(world: World) -> list[str]:
    told = world.told()
    return told[told.index("rating_request") + 1 :]


def test_nobody_is_asked_twice_before_the_shop_chooses_it() -> None:
    world = World()
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=20)
    assert "rating_request" not in world.told()


def test_the_question_is_an_order_message() -> None:
    _, question = ask((ORDER_OPT_IN,))
    assert question.purpose is Purpose.ORDER


@pytest.mark.parametrize("answer", [tap, press])
def test_who_is_not_happy_gets_a_person_and_no_marketing(answer: Callable[[World, Message, str], None]) -> None:
    world, question = ask()
    answer(world, question, "bad")
    assert told_since(world) == ["rating_thanks_bad"]
    [customer] = world.customers.customers.values()
    [ticket] = customer.open_tickets
    assert (ticket.queue, ticket.order_id) == ("feedback", "5001")
    assert ticket.due and (ticket.due - world.clock()).total_seconds() == 4 * 3600
    world.fill_cart(make_cart())
    world.wait(days=3)
    assert told_since(world) == ["rating_thanks_bad"]


@pytest.mark.parametrize("answer", [tap, press])
def test_who_is_happy_gets_the_way_to_a_review(answer: Callable[[World, Message, str], None]) -> None:
    world, question = ask()
    answer(world, question, "great")
    world.wait(days=2)
    assert told_since(world) == ["rating_thanks_good"]


def test_who_agreed_to_orders_alone_is_thanked_and_asked_for_nothing() -> None:
    world, question = ask((ORDER_OPT_IN,))
    tap(world, question, "great")
    world.wait(days=2)
    assert told_since(world) == ["rating_thanks"]


def test_fine_is_thanked() -> None:
    world, question = ask()
    tap(world, question, "fine")
    assert told_since(world) == ["rating_thanks"]


def test_an_answer_that_is_given_twice_or_on_both_channels_is_one() -> None:
    world, question = ask()
    press(world, question, "bad")
    press(world, question, "bad")
    tap(world, question, "great")
    world.wait(days=2)
    assert told_since(world) == ["rating_thanks_bad"]


def test_an_answer_after_its_time_changes_nothing() -> None:
    world, question = ask()
    world.wait(days=6)
    press(world, question, "bad")
    assert told_since(world) == []
    [customer] = world.customers.customers.values()
    assert customer.open_tickets == ()


def test_a_typed_smiley_answers_too() -> None:
    world, _ = ask()
    world.write("👎", phone=AIKO.phone)
    assert told_since(world) == ["rating_thanks_bad"]


def test_the_story_of_a_shopper_who_is_not_happy() -> None:
    result = play(load_story(STORIES / "not-happy.yaml"))
    told = [message.template for message in result.messages]
    assert told[-2:] == ["rating_request", "rating_thanks_bad"]
