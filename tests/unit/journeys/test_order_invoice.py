"""order-invoice, and who asks for an invoice: the order's PDF on WhatsApp, where the shop makes them."""

from __future__ import annotations

from okaeri.domain.orders import Payment
from okaeri.domain.stores import InvoiceSettings, Store
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import MONDAY, World, load_catalogue, make_order, make_settings, make_store

PDF = "order_invoice"


def sends_pdfs(store: Store, *, on: bool = True) -> Store:
    return store.model_copy(update={"settings": make_settings(invoice=InvoiceSettings(on=on))})


def test_a_paid_order_brings_its_pdf_a_little_after_the_confirmation() -> None:
    world = World(store=sends_pdfs(open_store("order-invoice")))
    world.order(make_order())
    assert world.told("whatsapp") == ["order_confirmation_welcome"]
    world.wait(minutes=10)
    assert world.told("whatsapp") == ["order_confirmation_welcome", PDF]
    assert PDF not in world.told("email"), "the confirmation by e-mail has it attached"


def test_an_order_brings_one_pdf_however_often_it_is_said_to_be_paid() -> None:
    world = World(store=sends_pdfs(open_store("order-invoice")))
    world.order(make_order(payment=Payment.PENDING, offline_payment=True))
    world.wait(days=1)
    assert PDF not in world.told("whatsapp")
    for day in range(2):
        world.order(make_order(offline_payment=True, updated_at=world.clock(), payment_method=f"Bank {day}"))
        world.wait(days=1)
    assert world.told("whatsapp").count(PDF) == 1


def test_an_order_that_is_cancelled_at_once_brings_none() -> None:
    world = World(store=sends_pdfs(open_store("order-invoice")))
    world.order(make_order())
    world.wait(minutes=5)
    world.order(make_order(cancelled_at=world.clock(), updated_at=world.clock()))
    world.wait(days=1)
    assert PDF not in world.told("whatsapp")


def test_a_shop_that_makes_none_sends_none_by_itself() -> None:
    world = World(store=sends_pdfs(open_store("order-invoice"), on=False))
    world.order(make_order())
    world.wait(days=1)
    assert PDF not in world.told("whatsapp")


def test_the_journey_is_the_shops_to_switch_on() -> None:
    world = World(store=sends_pdfs(make_store(load_catalogue())))
    world.order(make_order())
    world.wait(days=1)
    assert PDF not in world.told("whatsapp")


def test_who_asks_for_an_invoice_gets_the_pdf_in_the_chat() -> None:
    talk = Talk(world=World(store=sends_pdfs(make_store(load_catalogue()))))
    talk.world.order(make_order())
    mails = talk.world.told("email")
    talk.do("invoice")
    assert talk.world.told("whatsapp")[-1] == PDF and talk.last().free_form
    assert talk.world.told("email") == mails


def test_where_the_pdf_cannot_be_made_the_answer_says_so_and_leads_to_the_page() -> None:
    talk = Talk(world=World(store=sends_pdfs(make_store(load_catalogue()))))
    talk.world.order(make_order(status_url="https://kinari.example/orders/1"))
    talk.do("invoice")
    assert "couldn't make the PDF for order #5001" in talk.text()  # a talk that is played has no files
    link = talk.read().link
    assert link and link.url == "https://kinari.example/orders/1"


def test_a_cancelled_order_has_none_to_ask_for() -> None:
    talk = Talk(world=World(store=sends_pdfs(make_store(load_catalogue()))))
    talk.world.order(make_order(cancelled_at=MONDAY))
    talk.do("invoice")
    assert talk.told() == ["talk_invoice"]
