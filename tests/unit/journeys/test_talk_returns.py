"""A return or an exchange in the chat: which item, why, what instead; the store's own return, and a ticket."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from okaeri.domain.evidence import OrderChanged, TicketSolved
from okaeri.domain.orders import OrderLine, Refund, ShipmentStatus
from tests.talks import Talk
from tests.world import MONDAY, make_order

TWO_LINES = (
    OrderLine(line_id="1", product_id="p1", title="Linen Apron", variant="M", quantity=1, price=Decimal(4800)),
    OrderLine(line_id="2", product_id="p2", title="Tea Towel", quantity=2, price=Decimal(1200)),
)


@pytest.fixture
def talk() -> Talk:
    """An order of two things has arrived."""
    talk = Talk()
    talk.world.order(make_order(lines=TWO_LINES))
    talk.world.ship("5001", ShipmentStatus.SHIPPED)
    talk.world.ship("5001", ShipmentStatus.DELIVERED)
    return talk


def test_a_return_goes_to_the_store_and_to_the_shops_people(talk: Talk) -> None:
    talk.do("return")
    assert talk.told() == ["talk_which_item"]
    talk.tap("Tea Towel").tap("Too small").tap("My money back")
    assert talk.told()[-1] == "talk_return_check"
    assert "From order #5001: Tea Towel" in talk.text()
    talk.tap("Yes, send it")
    assert talk.request().target == "return"
    assert talk.request().data == {"line": "2", "reason": "too_small"}
    talk.settle("done", return_id="r1")
    assert talk.told()[-1] == "talk_return_sent"
    ticket = talk.ticket()
    assert (ticket.queue, ticket.stage, ticket.order_id) == ("returns", "requested", "5001")
    kept = {name: ticket.data[name] for name in ("item", "line", "reason", "wish")}
    assert kept == {"item": "Tea Towel", "line": "2", "reason": "too_small", "wish": "refund"}


def test_a_return_that_the_store_does_not_take_is_taken_all_the_same(talk: Talk) -> None:
    talk.do("return").tap("Tea Towel").tap("Too big").tap("Store credit").tap("Yes, send it")
    talk.settle("refused", reason="not_supported")
    assert talk.told()[-1] == "talk_return_sent"
    assert talk.ticket().data["why_not_in_store"] == "not_supported"


def test_of_what_is_damaged_a_photo_is_asked_for(talk: Talk) -> None:
    talk.do("return").tap("Tea Towel").tap("Damaged or faulty")
    assert talk.told()[-1] == "talk_return_photo"
    talk.send("image", media_id="m77")
    assert talk.told()[-1] == "talk_return_wish"
    talk.tap("My money back").tap("Yes, send it").settle("done")
    assert talk.ticket().data["photo"] == "m77"


def test_the_photo_is_no_must(talk: Talk) -> None:
    talk.do("return").tap("Tea Towel").tap("Damaged or faulty").tap("Without a photo")
    assert talk.told()[-1] == "talk_return_wish"


def test_an_exchange_asks_for_what_instead(talk: Talk) -> None:
    talk.do("exchange").answer("1", "Linen Apron (M)").tap("Too small")
    assert talk.told()[-1] == "talk_exchange_for"
    talk.type("L please").tap("Yes, send it").settle("done")
    assert talk.ticket().data["instead"] == "L please"


def test_a_reason_may_be_said_in_own_words(talk: Talk) -> None:
    talk.do("return").tap("Tea Towel").type("It smells of smoke").tap("My money back").tap("Yes, send it")
    assert talk.request().data["reason"] == "It smells of smoke"


def test_who_thinks_again_returns_nothing(talk: Talk) -> None:
    talk.do("return").tap("Tea Towel").tap("I changed my mind").tap("My money back").tap("No, leave it")
    assert talk.told()[-1] == "talk_all_right"
    assert not talk.world.records.tickets


def test_what_has_not_left_yet_is_cancelled_rather_than_returned() -> None:
    talk = Talk()
    talk.world.order(make_order())
    talk.do("return")
    assert talk.told() == ["talk_return_too_early"]
    talk.tap("Cancel the order")
    assert talk.told()[-1] == "talk_cancel_check"


def test_a_return_ends_what_asks_for_a_review(talk: Talk) -> None:
    talk.do("return").tap("Tea Towel").tap("Too big").tap("My money back").tap("Yes, send it").settle("done")
    [ticket] = talk.world.customer().open_tickets
    talk.world.hear(
        TicketSolved(customer_id=talk.world.customer().customer_id, ticket_id=ticket.ticket_id, at=talk.world.clock())
    )
    talk.world.wait(days=30)
    assert "review_request" not in talk.world.told()


@pytest.mark.parametrize(("change", "template"), [("approved", "return_approved"), ("declined", "return_declined")])
def test_what_the_shop_decides_about_a_return_is_told_and_told_again_when_asked(
    talk: Talk, change: str, template: str
) -> None:
    talk.do("return").tap("Tea Towel").tap("Too big").tap("My money back").tap("Yes, send it").settle("done")
    decided = {"change": f"return_{change}", "at": talk.world.clock(), "order_id": "5001", "return_id": "r1"}
    talk.world.hear(OrderChanged.model_validate(decided))
    assert talk.world.told("whatsapp")[-1] == template
    talk.do("return_status")
    assert talk.world.told("whatsapp")[-2:] == [template, template]


def test_how_far_a_return_is(talk: Talk) -> None:
    talk.do("return_status")
    assert talk.told()[-1] == "talk_return_none"
    talk.do("return").tap("Tea Towel").tap("Too big").tap("My money back").tap("Yes, send it").settle("done")
    talk.do("return_status")
    assert talk.told()[-1] == "talk_return_open"
    refund = Refund(refund_id="f1", amount=Decimal(1200), at=MONDAY + timedelta(days=1))
    talk.world.hear(OrderChanged(order_id="5001", change="refunded", at=MONDAY + timedelta(days=1), refund=refund))
    talk.do("return_status")
    assert talk.told()[-1] == "talk_return_refunded"
    assert "¥1,200" in talk.text()
