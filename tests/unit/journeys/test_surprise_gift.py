"""surprise-gift: few are drawn each week, nobody twice in half a year, and nobody who has a reason to be cross."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from okaeri.domain.customers import OpenTicket
from okaeri.domain.orders import Payment, Refund, ShipmentStatus
from tests.unit.journeys.coupon_desk import CouponDesk
from tests.unit.journeys.shelves import open_store
from tests.world import BOTH_OPT_INS, World, make_order

CODE = "KINARI-7F3K-9QWT"


def open_shop(*, code: str = CODE, **settings: str) -> CouponDesk:
    """Everybody is drawn, unless the settings say otherwise."""
    world = World(store=open_store("surprise-gift", settings={"chance": "100"} | settings))
    return CouponDesk(world, surprise_gift=code)


def bring_home(desk: CouponDesk, order_id: str = "5001", **changes: Any) -> None:
    world = desk.world
    world.order(make_order(order_id, **{"opt_ins": BOTH_OPT_INS, "created_at": world.clock()} | changes))
    world.ship(order_id, ShipmentStatus.DELIVERED, line_ids=("1",))


def told(desk: CouponDesk) -> list[str]:
    return [name for name in desk.world.told("whatsapp") if name == "surprise_gift"]


def test_some_days_after_the_parcel_a_customer_who_is_drawn_gets_a_code() -> None:
    desk = open_shop()
    bring_home(desk)
    desk.pass_days(1.5)
    assert desk.given == []
    desk.pass_days(2)
    [request] = desk.given
    assert request.data == {
        **{"percent": "10", "days": "60", "minimum": "0"},
        **{"worth": "10", "budget": "100"},
    }
    assert told(desk) == ["surprise_gift"]


def test_who_is_not_drawn_hears_nothing() -> None:
    desk = open_shop(chance="0")
    bring_home(desk)
    desk.pass_days(5)
    assert (desk.given, told(desk)) == ([], [])
    assert "surprise-gift.run ended not drawn" in desk.world.why()


def test_nobody_is_surprised_twice_in_half_a_year() -> None:
    desk = open_shop()
    bring_home(desk, "5001")
    bring_home(desk, "5002")  # in the same parcel's week
    desk.pass_days(4)
    assert len(desk.given) == 1
    desk.world.wait(days=150)
    bring_home(desk, "5003")
    desk.pass_days(4)
    assert len(desk.given) == 1
    desk.world.wait(days=40)
    bring_home(desk, "5004")
    desk.pass_days(4)
    assert len(desk.given) == 2


def test_a_gift_that_could_not_be_given_counts_for_nothing() -> None:
    desk = open_shop(code="")
    bring_home(desk)
    desk.pass_days(4)
    assert told(desk) == []
    assert desk.world.customer().rewarded == {}


def test_nobody_with_an_open_ticket_a_return_or_a_refund_is_surprised() -> None:
    with_ticket = open_shop()
    bring_home(with_ticket)
    customer = with_ticket.world.customer()
    ticket = OpenTicket(ticket_id="t1", queue="feedback", opened_at=with_ticket.world.clock())
    update = {"open_tickets": (ticket,), "version": customer.version + 1}
    with_ticket.world.customers.save(customer.model_copy(update=update), sweep_at=None)
    with_ticket.pass_days(4)
    assert with_ticket.given == []

    with_refund = open_shop()
    bring_home(with_refund)
    now = with_refund.world.clock()
    refund = Refund(refund_id="r1", amount=make_order().total, at=now)
    changes: dict[str, Any] = {"payment": Payment.REFUNDED, "refunds": (refund,), "opt_ins": BOTH_OPT_INS}
    with_refund.world.order(make_order("5001", **changes, created_at=now, updated_at=now + timedelta(hours=1)))
    with_refund.pass_days(4)
    assert with_refund.given == []


def test_without_consent_no_code_is_spent_on_them() -> None:
    desk = open_shop()
    bring_home(desk, opt_ins=())
    desk.pass_days(4)
    assert desk.given == []
