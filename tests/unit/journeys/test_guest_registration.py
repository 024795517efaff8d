"""guest-registration: one invitation ever, and a code for who opens an account because of it."""

from __future__ import annotations

from typing import Any

from okaeri.domain.evidence import ActionDone, CustomerSeen
from okaeri.domain.orders import Buyer, OptIn, ShipmentStatus
from tests.unit.journeys.shelves import open_store
from tests.world import AIKO, BOTH_OPT_INS, World, make_order

GUEST = AIKO.model_copy(update={"is_registered": False})
NAMES = ("guest_invitation", "guest_welcome")


def deliver(
    world: World, order_id: str = "5001", *, buyer: Buyer = GUEST, opt_ins: tuple[OptIn, ...] = BOTH_OPT_INS
) -> None:
    world.order(make_order(order_id, buyer=buyer, opt_ins=opt_ins, created_at=world.clock()))
    world.ship(order_id, ShipmentStatus.DELIVERED)


def open_shop(**order: Any) -> World:
    world = World(store=open_store("guest-registration", off=("review-request",)))
    deliver(world, **order)
    return world


def register(world: World) -> None:
    """They open an account, and the store tells."""
    seen = CustomerSeen(buyer=AIKO.model_copy(update={"is_registered": True}), at=world.clock())
    world.hear(seen, source="shopify customers/update")


def give(world: World, **data: str) -> None:
    """What came of the code that was asked for."""
    [request] = [request for request in world.queues.actions if request.kind == "coupon"]
    done = ActionDone(
        customer_id=request.customer_id,
        action_id=request.action_id,
        action="coupon",
        ok="code" in data,
        at=world.clock(),
        data=data,
    )
    world.hear(done, source="actions")


def told(world: World) -> list[str]:
    return [name for name in world.told() if name in NAMES]


def test_a_guest_is_invited_some_days_after_delivery() -> None:
    world = open_shop()
    world.wait(days=3)
    assert told(world) == []
    world.wait(days=1)
    assert told(world) == ["guest_invitation"]


def test_who_has_an_account_is_not_invited() -> None:
    world = open_shop(buyer=AIKO.model_copy(update={"is_registered": True}))
    world.wait(days=20)
    assert told(world) == []


def test_a_store_that_does_not_tell_guests_apart_invites_nobody() -> None:
    world = open_shop(buyer=AIKO)
    world.wait(days=20)
    assert told(world) == []


def test_an_account_that_is_opened_meanwhile_needs_no_invitation() -> None:
    world = open_shop()
    world.wait(days=1)
    register(world)
    world.wait(days=20)
    assert told(world) == []
    assert "guest-registration.run ended registered already" in world.why()


def test_the_code_comes_as_soon_as_the_account_is_there_and_once() -> None:
    world = open_shop()
    world.wait(days=5)
    register(world)
    register(world)
    give(world, code="WELCOME-1", last_day="2027-01-10")
    world.wait(days=3)
    assert told(world) == ["guest_invitation", "guest_welcome"]
    assert world.list_messages()[-1].data["coupon.welcome"] == "WELCOME-1"


def test_who_opens_none_hears_no_more_and_is_never_asked_again() -> None:
    world = open_shop()
    world.wait(days=30)
    deliver(world, "5002")
    world.wait(days=30)
    assert told(world) == ["guest_invitation"]


def test_a_promise_that_no_code_keeps_is_kept_by_a_person() -> None:
    world = open_shop()
    world.wait(days=5)
    register(world)
    give(world, reason="pool_empty")
    [ticket] = world.records.tickets.values()
    assert ticket.subject == "Was promised a code for the new account"


def test_who_agreed_to_no_marketing_is_promised_nothing() -> None:
    world = open_shop(opt_ins=BOTH_OPT_INS[:1])
    world.wait(days=20)
    assert told(world) == []
    assert not world.queues.actions
