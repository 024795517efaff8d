"""Changing or cancelling an order in the chat: done by the store, or given to a person; the answer says which."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.conversations import ConversationState
from okaeri.domain.orders import ShipmentStatus
from tests.talks import Talk
from tests.world import make_order


@pytest.fixture
def talk() -> Talk:
    """Aiko has an order that has not left yet."""
    talk = Talk()
    talk.world.order(make_order())
    return talk


def change_address(talk: Talk) -> Talk:
    """Up to the question whether the address is right."""
    talk.do("change_order").tap("Delivery address")
    return talk.type("12 Mill Lane").type("97201").type("Portland")


def test_a_cancelled_order_is_cancelled_by_the_store_after_one_tap(talk: Talk) -> None:
    talk.do("cancel_order")
    assert talk.told() == ["talk_cancel_check"]
    assert not talk.world.queues.actions
    talk.tap("Yes, cancel it")
    assert (talk.request().target, talk.request().refs["order.id"]) == ("cancel", "5001")
    talk.settle("done")
    assert talk.told() == ["talk_cancel_check", "talk_cancel_done"]
    assert not talk.world.records.tickets


def test_who_keeps_the_order_is_asked_nothing_further(talk: Talk) -> None:
    talk.do("cancel_order").tap("No, keep it")
    assert talk.told() == ["talk_cancel_check", "talk_all_right"]
    assert not talk.world.queues.actions


@pytest.mark.parametrize("outcome", ["refused", "failed"])
def test_what_the_store_does_not_do_a_person_does_and_the_answer_says_so(talk: Talk, outcome: str) -> None:
    talk.do("cancel_order").tap("Yes, cancel it").settle(outcome, reason="not_allowed")
    assert talk.told()[-1] == "talk_change_passed_on"
    assert "it isn't done yet: a person" in talk.text()
    ticket = talk.ticket()
    assert (ticket.queue, ticket.priority, ticket.order_id) == ("order-changes", "high", "5001")
    assert ticket.data["why_not_done"] == "not_allowed"
    assert ticket.due == talk.world.clock() + timedelta(hours=4)


def test_a_store_that_stays_silent_is_waited_for_minutes_alone(talk: Talk) -> None:
    talk.do("cancel_order").tap("Yes, cancel it")
    talk.world.wait(minutes=5)
    assert talk.told()[-1] == "talk_change_passed_on"


def test_an_order_that_has_left_can_be_returned_and_not_changed(talk: Talk) -> None:
    talk.world.ship("5001", ShipmentStatus.SHIPPED)
    talk.do("cancel_order:5001").do("change_order:5001")
    assert talk.told() == ["talk_too_late", "talk_too_late"]
    talk.tap("Return or exchange")
    assert talk.told()[-1] == "talk_return_reason"


def test_without_an_open_order_there_is_nothing_to_change(talk: Talk) -> None:
    talk.world.ship("5001", ShipmentStatus.DELIVERED)
    talk.do("change_order")
    assert talk.told() == ["talk_no_open_orders"]


def test_a_new_address_is_read_back_before_the_store_is_asked(talk: Talk) -> None:
    change_address(talk)
    assert talk.told()[-1] == "talk_change_address_check"
    assert "12 Mill Lane\n97201 Portland" in talk.text()
    assert not talk.world.queues.actions
    talk.tap("Yes, change it")
    assert talk.request().target == "address"
    assert talk.request().data == {"address1": "12 Mill Lane", "zip": "97201", "city": "Portland"}
    talk.settle("done")
    assert talk.told()[-1] == "talk_change_done"


def test_an_address_that_is_not_right_is_left(talk: Talk) -> None:
    change_address(talk).tap("No, leave it")
    assert talk.told()[-1] == "talk_all_right"
    assert not talk.world.queues.actions


def test_an_address_that_the_store_refuses_is_given_to_a_person_with_what_was_said(talk: Talk) -> None:
    change_address(talk).tap("Yes, change it").settle("refused", reason="invalid_address")
    assert talk.told()[-1] == "talk_change_passed_on"
    data = talk.ticket().data
    assert data["street"] == "12 Mill Lane"
    assert data["why_not_done"] == "invalid_address"


def test_another_size_is_read_back_with_the_item(talk: Talk) -> None:
    talk.do("change_order").tap("Size or colour").type("L")
    assert talk.told()[-1] == "talk_change_variant_check"
    assert 'Linen "Apron" <M>\n→ L' in talk.text()
    talk.tap("Yes, change it")
    assert talk.request().data == {"line": "1", "variant": "L"}
    talk.settle("done")
    assert talk.told()[-1] == "talk_change_done"


def test_what_is_not_in_stock_is_said_and_another_may_be_chosen(talk: Talk) -> None:
    talk.do("change_order").tap("Size or colour").type("L").tap("Yes, change it")
    talk.settle("refused", reason="out_of_stock")
    assert talk.told()[-1] == "talk_change_out_of_stock"
    assert "“L” is not in stock" in talk.text()
    assert not talk.world.records.tickets
    talk.tap("Choose another")
    assert talk.told()[-1] == "talk_change_what"


def test_what_the_store_has_packed_already_is_no_matter_for_a_person(talk: Talk) -> None:
    talk.do("cancel_order").tap("Yes, cancel it").settle("refused", reason="too_late")
    assert talk.told()[-1] == "talk_too_late"
    assert not talk.world.records.tickets


def test_a_gift_note_is_the_words_as_they_were_written(talk: Talk) -> None:
    talk.do("change_order").tap("Gift note").type("Happy birthday, Ken!")
    assert talk.request().data == {"note": "Happy birthday, Ken!"}
    talk.settle("done")
    assert talk.told()[-1] == "talk_change_done"


def test_cancelling_is_one_of_the_changes(talk: Talk) -> None:
    talk.do("change_order").tap("Cancel the order")
    assert talk.told()[-1] == "talk_cancel_check"


def test_who_does_not_go_on_is_not_asked_again(talk: Talk) -> None:
    talk.do("change_order").tap("Delivery address")
    talk.world.wait(days=3)
    assert talk.told() == ["talk_change_what", "talk_change_street"]
    assert talk.state() is ConversationState.BOT
