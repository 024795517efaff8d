"""An order is changed in a chat by the number that it names, and by nobody who merely became one with its owner."""

from __future__ import annotations

import pytest

from okaeri.domain.orders import Buyer
from tests.unit.engine.shops import place, write
from tests.unit.engine.test_talks import open_talk, told
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
)
OTHER = "+819099999999"


def ask_for_it(world: World, **details: object) -> None:
    world.write("Cancel", payload="DO:cancel_order:5001", **details)


def test_the_number_of_the_order_changes_it() -> None:
    world = open_talk(CANCEL)
    place(world)
    ask_for_it(world)
    assert [request.target for request in world.queues.actions] == ["cancel"]


@pytest.mark.parametrize("typed_into", ["cart", "order"])
def test_who_typed_another_ones_address_into_a_checkout_changes_no_order_of_theirs(typed_into: str) -> None:
    world = open_talk(CANCEL)
    place(world)
    buyer = Buyer(email=AIKO.email, phone=OTHER)
    if typed_into == "cart":
        world.fill_cart(make_cart("chk9", buyer=buyer))
    else:
        world.order(make_order("4000", buyer=buyer, created_at=make_order().created_at.replace(year=2025)))
    assert len(world.customers.customers) == 1  # one person, as far as anybody can tell
    ask_for_it(world, phone=OTHER)
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
