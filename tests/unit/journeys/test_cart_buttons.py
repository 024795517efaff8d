"""cart-recovery: what the buttons under a reminder do, and what the last one asks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.domain.cart_links import MAX_LINES
from okaeri.domain.evidence import LetterReceived, TicketSolved
from okaeri.domain.knowledge import FaqEntry
from okaeri.domain.orders import OrderLine
from okaeri.domain.records import ProductRecord
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import World, make_cart, make_order, make_settings

APRON = OrderLine(line_id="1", product_id="p1", variant_id="11", title="Apron", quantity=1, price=Decimal(4800))
TOWEL = OrderLine(line_id="2", product_id="p2", variant_id="22", title="Towel", quantity=2, price=Decimal(1500))
BOARD = OrderLine(line_id="3", product_id="p3", variant_id="33", title="Board", quantity=1, price=Decimal(6000))


def open_cart(*lines: OrderLine, at_night: bool = False) -> Talk:
    """Aiko has left these behind, and was reminded after an hour."""
    store = open_store("cart-recovery", off=("review-request",))
    if not at_night:
        store = store.model_copy(update={"settings": make_settings(marketing_hours=("00:00", "00:00"))})
    talk = Talk(World(store=store, interpreter=CatalogueInterpreter(MemoryKnowledge(MemoryStores(store)))))
    talk.world.fill_cart(make_cart(lines=lines or (APRON, TOWEL, BOARD)))
    talk.world.wait(hours=2)
    assert told(talk) == ["cart_reminder_1"]
    return talk


def told(talk: Talk) -> list[str]:
    return [name for name in talk.world.told() if name.startswith(("cart", "survey", "talk"))]


def test_completing_answers_with_the_checkout() -> None:
    talk = open_cart().answer("complete")
    assert talk.last().template == "cart_checkout"
    link = talk.read().link
    assert link is not None and link.url.startswith("https://")


def test_an_item_is_taken_out_and_the_rest_comes_as_a_new_cart() -> None:
    talk = open_cart().answer("remove")
    assert talk.labels() == ["Apron", "Towel", "Board", "Leave it as it is"]
    talk.tap("Towel")
    assert "https://kinari.example/cart/11:1,33:1" in talk.text()
    assert talk.labels() == ["Apron", "Board", "No, that's all"]
    talk.tap("No, that's all")
    assert told(talk) == ["cart_reminder_1", "cart_which_item", "cart_more", "cart_without"]
    talk.world.wait(days=10)
    assert told(talk)[-1] == "cart_without"


@pytest.mark.parametrize("typed", ["remove", "the second one"])
def test_what_means_a_button_may_be_typed_and_does_not_end_the_reminders_as_other_words_do(typed: str) -> None:
    assert open_cart().type(typed).last().template == "cart_which_item"
    talk = open_cart().type("Is it washable?")
    assert "cart-recovery.run ended answered" in talk.world.why()


def test_an_answer_by_mail_ends_the_reminders() -> None:
    talk = open_cart()
    letter = LetterReceived(
        letter_id="<1@example.jp>", via="email", at=talk.world.clock(), email="aiko@example.jp", text="Is it washable?"
    )
    talk.world.hear(letter, source="letters")
    talk.world.wait(days=5)
    assert [name for name in told(talk) if name.startswith("cart")] == ["cart_reminder_1"]


def test_more_than_one_item_may_go_and_stays_gone() -> None:
    talk = open_cart().answer("remove").tap("Towel").tap("Apron")
    assert talk.labels() == ["Board", "No, that's all"]
    assert "cart/33:1" in talk.text()


def test_where_nothing_is_left_nothing_more_is_said() -> None:
    talk = open_cart(APRON).answer("remove").tap("Apron")
    assert talk.last().template == "cart_nothing_left"
    talk.world.wait(days=10)
    assert told(talk)[-1] == "cart_nothing_left"


def test_a_tap_at_night_is_answered_at_once() -> None:
    talk = open_cart(at_night=True)
    talk.world.wait(hours=9)  # 23:00 in Tokyo
    assert talk.answer("remove").last().template == "cart_which_item"


def test_what_was_asked_for_comes_to_who_agreed_to_marketing_alone() -> None:
    talk = open_cart()
    talk.world.consent("whatsapp", "order", given=False)
    assert talk.answer("remove").last().template == "cart_which_item"


def test_a_question_pauses_the_reminders_until_nobody_has_said_a_word_for_a_while() -> None:
    talk = open_cart().answer("ask")
    assert talk.last().template == "cart_question"
    talk.world.wait(hours=20)
    talk.type("How long does delivery take?")
    talk.world.wait(hours=40)
    assert not [name for name in told(talk) if name.startswith("cart_reminder")][1:]
    talk.world.wait(days=2)
    assert [name for name in told(talk) if name.startswith("cart_reminder")] == ["cart_reminder_1", "cart_reminder_3"]


def test_who_wants_a_person_gets_one_and_no_reminder_until_it_is_solved() -> None:
    talk = open_cart().answer("ask").answer("person")
    assert talk.last().template == "talk_person"
    ticket = talk.ticket()
    talk.world.wait(days=4)
    assert told(talk)[-1] == "talk_person"
    solved = TicketSolved(
        customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, outcome="answered", at=talk.world.clock()
    )
    talk.world.hear(solved, source="inbox")
    talk.world.wait(days=1)
    assert "cart_reminder_3" in told(talk)


def test_a_purchase_by_another_token_ends_it() -> None:
    talk = open_cart()
    talk.world.order(make_order(checkout_token="another"))
    talk.world.wait(days=10)
    assert told(talk) == ["cart_reminder_1"]


@pytest.mark.parametrize(("said", "kept"), [("price", "price"), ("The colour is not mine", "The colour is not mine")])
def test_the_last_reminder_asks_why_and_keeps_the_answer(said: str, kept: str) -> None:
    talk = open_cart()
    talk.world.wait(days=3)
    assert told(talk) == ["cart_reminder_1", "cart_reminder_2", "cart_reminder_3"]
    talk = talk.answer(said) if said == kept == "price" else talk.type(said)
    [response] = talk.world.records.responses.values()
    assert (response.survey, response.answers) == ("cart", {"why": kept})
    assert told(talk)[-1] == "survey_thanks"


def test_who_was_surveyed_lately_is_not_asked_why() -> None:
    talk = open_cart()
    customer = talk.world.customer()
    asked = customer.model_copy(update={"surveyed_at": talk.world.clock()})
    talk.world.customers.customers[asked.store_id, asked.customer_id] = asked
    talk.world.wait(days=5)
    assert told(talk) == ["cart_reminder_1", "cart_reminder_2"]
    assert "cart-why.run not started surveyed_lately" in talk.world.why()


def test_a_cart_that_never_came_to_a_checkout_gets_an_address_of_its_own() -> None:
    store = open_store("cart-recovery")
    talk = Talk(World(store=store))
    talk.world.fill_cart(make_cart(lines=(APRON,), url=None))
    talk.world.wait(hours=2)
    assert talk.last().data["link.cart"] == "https://kinari.example/cart/11:1"


def test_a_change_of_a_cart_asks_for_nothing_that_is_said_later(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(World(store=open_store("cart-recovery")))
    asked: list[str] = []

    def get_products(store_id: str, product_ids: Sequence[str]) -> dict[str, ProductRecord]:
        asked.extend(product_ids)
        return {}

    def list_faq(store_id: str, locale: str) -> tuple[FaqEntry, ...]:
        asked.append("faq")
        return ()

    monkeypatch.setattr(talk.world.records, "get_products", get_products)
    monkeypatch.setattr(talk.world.knowledge, "list_faq", list_faq)
    talk.world.fill_cart(make_cart(lines=(APRON,)))
    talk.world.fill_cart(make_cart(lines=(APRON, TOWEL), updated_at=talk.world.clock()))
    assert asked == []
    talk.world.wait(hours=2)
    assert {"p1", "p2"} <= set(asked)


def test_a_cart_of_hundreds_of_lines_does_not_grow_into_its_owner() -> None:
    """What an address has no room for is named as missing: of no end of lines no more than of those that are in it."""
    lines = [
        APRON.model_copy(update={"line_id": str(n), "variant_id": str(n), "title": f"Thing {n}"}) for n in range(300)
    ]
    talk = open_cart(*lines).answer("remove").tap("Thing 0")
    [missing] = [
        value
        for customer in talk.world.customers.customers.values()
        for run in customer.runs
        for name, value in run.data.items()
        if name == "link.cart.missing"
    ]
    assert len(missing.splitlines()) == MAX_LINES
