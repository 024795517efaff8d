"""Where is my order, my orders, the invoice, ordering again: answered from the data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.conversations import ConversationState
from okaeri.domain.orders import Buyer, Payment, ShipmentStatus
from okaeri.domain.values import Channel
from tests.talks import Talk
from tests.world import MONDAY, make_order

LATER = MONDAY + timedelta(minutes=1)
STRANGER = Buyer(store_customer_id="7002", email="ken@example.jp", first_name="健", country="JP")


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_an_order_that_is_being_packed_says_so_and_offers_to_change_it(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.do("order_status")
    assert talk.told() == ["talk_order_getting_ready"]
    assert "#5001 is being prepared" in talk.text()
    assert talk.labels() == ["Change something", "Cancel the order", "Talk to a person"]


def test_an_order_on_its_way_says_where_it_is_and_where_to_follow_it(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.world.ship(
        "5001",
        ShipmentStatus.IN_TRANSIT,
        carrier="Yamato",
        tracking_number="4811",
        tracking_url="https://track.example/4811",
        eta=MONDAY + timedelta(days=2),
    )
    talk.do("order_status")
    assert talk.told() == ["talk_order_on_its_way"]
    text = talk.text()
    assert "It is on its way." in text
    assert "Expected: Wed, Nov 4" in text
    assert "Yamato 4811" in text
    link = talk.read().link
    assert link and link.url == "https://track.example/4811"


def test_nothing_is_made_up_where_the_carrier_names_no_day(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.world.ship("5001", ShipmentStatus.SHIPPED)
    talk.do("order_status")
    assert "The carrier has not named a day yet." in talk.text()


def test_each_parcel_of_an_order_is_told_of(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.world.ship("5001", ShipmentStatus.DELIVERED, "f1", tracking_url="https://track.example/1")
    talk.world.ship("5001", ShipmentStatus.OUT_FOR_DELIVERY, "f2", tracking_url="https://track.example/2")
    talk.do("order_status")
    text = talk.text()
    assert "*parcel 1 of 2*: delivered" in text
    assert "*parcel 2 of 2*: out for delivery." in text
    assert "https://track.example/1" in text
    link = talk.read().link
    assert link and link.url == "https://track.example/2"


def test_an_order_that_arrived_offers_what_is_needed_then(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.world.ship("5001", ShipmentStatus.DELIVERED)
    talk.do("order_status")
    assert talk.told() == ["talk_order_delivered"]
    assert "delivered on Mon, Nov 2" in talk.text()
    assert "Return or exchange" in talk.labels()


def test_a_cancelled_order_is_told_of_too(talk: Talk) -> None:
    talk.world.order(make_order(cancelled_at=MONDAY, cancel_reason="customer"))
    talk.do("order_status")
    assert talk.told() == ["talk_order_cancelled"]
    assert "It was cancelled as you asked." in talk.text()


def test_an_order_that_waits_for_its_payment_says_how_to_pay(talk: Talk) -> None:
    order = make_order(
        payment=Payment.PENDING, offline_payment=True, payment_method="Bank", payment_instructions="IBAN 1"
    )
    talk.world.order(order)
    talk.do("order_status")
    assert talk.told() == ["talk_order_unpaid"]
    assert "IBAN 1" in talk.text()


def test_who_has_several_open_orders_chooses_one(talk: Talk) -> None:
    talk.world.order(make_order("5001"))
    talk.world.order(make_order("5002", created_at=LATER, updated_at=LATER))
    talk.do("order_status")
    assert talk.told() == ["talk_which_order"]
    assert talk.labels() == ["#5002", "#5001"]
    talk.tap("#5001")
    assert talk.told()[-1] == "talk_order_getting_ready"
    assert "#5001" in talk.text()


def test_a_delivered_order_is_not_asked_about_while_another_is_open(talk: Talk) -> None:
    talk.world.order(make_order("5001"))
    talk.world.ship("5001", ShipmentStatus.DELIVERED)
    talk.world.order(make_order("5002", created_at=LATER, updated_at=LATER))
    talk.do("order_status")
    assert talk.told() == ["talk_order_getting_ready"]
    assert "#5002" in talk.text()


def test_who_is_not_known_by_an_order_names_its_number_once_and_then_a_person_looks(talk: Talk) -> None:
    talk.do("order_status")
    assert talk.told() == ["talk_order_number"]
    talk.type("#9999")
    assert talk.told() == ["talk_order_number", "talk_order_not_found"]
    assert talk.state() is ConversationState.WAITING
    ticket = talk.ticket()
    assert (ticket.queue, ticket.data["number"]) == ("orders", "#9999")


def test_another_shoppers_order_is_not_told_of(talk: Talk) -> None:
    talk.world.order(make_order("6001", buyer=STRANGER, opt_ins=()))
    talk.world.write("…", payload="DO:order_status")
    messages = [m for m in talk.world.list_messages() if m.channel is Channel.WHATSAPP]
    assert messages[-1].template == "talk_order_number"
    talk.world.talk("#6001")
    messages = [m for m in talk.world.list_messages() if m.channel is Channel.WHATSAPP]
    assert messages[-1].template == "talk_order_not_found"
    assert messages[-1].refs.order_id is None


def test_my_orders_shows_the_one_that_is_chosen(talk: Talk) -> None:
    talk.world.order(make_order("5001"))
    talk.world.order(make_order("5002", created_at=LATER, updated_at=LATER))
    talk.do("my_orders").tap("#5002")
    assert talk.told() == ["talk_which_order", "talk_order_summary"]
    assert "Linen" in talk.text()


def test_the_confirmation_is_sent_once_more_where_an_invoice_is_wanted(talk: Talk) -> None:
    talk.world.order(make_order())
    before = talk.world.told("email").count("order_confirmation")
    talk.do("invoice")
    assert talk.told() == ["talk_invoice_sent"]
    assert talk.world.told("email").count("order_confirmation") == before + 1


def test_ordering_again_leads_to_the_shop(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.do("reorder")
    assert talk.told() == ["talk_reorder"]
    assert talk.read().link
