"""An order is shown and changed in a chat to the number that it names, not to who merely became one with its owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okaeri.domain.orders import Buyer
from tests.unit.engine.shops import place, write
from tests.unit.engine.test_talks import STATUS, UNSURE, open_talk, told
from tests.world import AIKO, World, make_cart, make_order

CANCEL = write(
    "cancel",
    "focus: latest",
    "change_order: {id: change, do: cancel}",
    """branch:
      - when: {field: run.outcome, is: done}
        steps: [{send: {template: status, channels: [whatsapp]}}]
      - otherwise:
          - open_ticket: {queue: changes, data: {why: change.change.reason}}
          - send: {template: wait_for_us, channels: [whatsapp]}""",
    purpose="order",
    event="turn.taken",
    key="event.id",
).replace("key: event.id}", "key: event.id, when: {field: event.intent, is: cancel_order}}")
OTHER = "+819099999999"


def ask_for_it(world: World, **details: Any) -> None:
    world.write("Cancel", payload="DO:cancel_order:5001", **details)


def test_the_number_of_the_order_changes_it() -> None:
    world = open_talk(CANCEL)
    place(world)
    ask_for_it(world)
    assert [request.target for request in world.queues.actions] == ["cancel"]


@pytest.mark.parametrize("typed_into", ["cart", "order"])
@pytest.mark.parametrize("names_it", [":5001", ""])
def test_who_typed_another_ones_address_into_a_checkout_is_told_of_no_order_of_theirs(
    typed_into: str, names_it: str
) -> None:
    world = open_talk(CANCEL, STATUS, UNSURE)
    place(world)
    buyer = Buyer(email=AIKO.email, phone=OTHER)
    if typed_into == "cart":
        world.fill_cart(make_cart("chk9", buyer=buyer))
    else:
        world.order(make_order("4000", buyer=buyer, cancelled_at=world.clock()))
    assert len(world.customers.customers) == 1  # one person, as far as anybody can tell
    world.write("…", payload=f"DO:order_status{names_it}", phone=OTHER)
    assert told(world)[-1] == "none_found"
    world.write("…", payload=f"DO:cancel_order{names_it}", phone=OTHER)
    assert "5001" not in [request.refs["order.id"] for request in world.queues.actions]


def test_an_order_that_names_no_number_is_changed_by_a_person() -> None:
    world = open_talk(CANCEL)
    place(world)
    world.order(make_order("5001", buyer=Buyer(email=AIKO.email), updated_at=world.clock() + timedelta(minutes=1)))
    ask_for_it(world)
    assert world.queues.actions == []
    (ticket,) = world.records.tickets.values()
    assert ticket.data == {"why": "other_number"} and told(world)[-1] == "wait_for_us"


def test_a_number_that_is_hidden_proves_nothing() -> None:
    world = open_talk(CANCEL)
    place(world)
    world.write("hello", wa_user_id="JP.1")
    ask_for_it(world, phone=None, wa_user_id="JP.1")
    assert world.queues.actions == []
    ask_for_it(world, wa_user_id="JP.1")
    assert len(world.queues.actions) == 1


def test_a_number_that_was_typed_into_a_cart_takes_no_place_before_the_customer_s_own() -> None:
    world = open_talk(CANCEL)
    place(world)
    world.fill_cart(make_cart(buyer=AIKO.model_copy(update={"phone": OTHER})))
    assert world.customer().phones == (AIKO.phone, OTHER)
