"""Points for what is kept, levels by what was earned in a year, and points that become a code."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.domain.customer_fields import read_customer_field
from okaeri.domain.evidence import ActionDone, CustomersMerged
from okaeri.domain.orders import Payment, Refund, ShipmentStatus
from okaeri.domain.stores import Loyalty, Tier
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.talks import Talk, list_taps
from tests.unit.journeys.shelves import open_store, open_talk
from tests.world import BOTH_OPT_INS, MONDAY, World, make_order, make_settings

# A point for each 100 yen, worth one yen, which can be spent at once; silver from 100, gold from 300.
PROGRAMME = Loyalty(
    per_unit=Decimal("0.01"),
    worth=Decimal(1),
    hold_days=0,
    tiers=(Tier(name="Silver", from_points=100), Tier(name="Gold", from_points=300)),
)
WAITING = PROGRAMME.model_copy(update={"hold_days": 14})
JOURNEYS = ("loyalty-points", "loyalty-welcome", "tier-reached", "talk-points")


def open_shop(loyalty: Loyalty = PROGRAMME) -> World:
    store = open_store(*JOURNEYS)
    settings = make_settings(loyalty=loyalty, entry_codes={"points": "talk-points"})
    return World(store=store.model_copy(update={"settings": settings}))


def place(world: World, order_id: str = "5001", **changes: Any) -> None:
    world.order(make_order(order_id, opt_ins=BOTH_OPT_INS, **{"created_at": MONDAY} | changes))


def read_field(world: World, name: str) -> Any:
    return read_customer_field(world.customer(), world.store, name, world.clock())


def stand(world: World) -> tuple[int, int]:
    """Points that can be spent, and points that wait."""
    return read_field(world, "points"), read_field(world, "points_pending")


def list_lines(world: World) -> list[tuple[int, int, str]]:
    """The ledger: points, balance, reason."""
    return [(entry.points, entry.balance, entry.reason) for entry in world.records.points.values()]


def told(world: World) -> list[str]:
    return [name for name in world.told() if name.startswith(("points", "tier", "talk_points"))]


def test_points_are_given_once_for_what_was_paid() -> None:
    world = open_shop()
    place(world)
    place(world)  # the store tells of it again
    assert world.customer().points == 96
    assert list_lines(world) == [(96, 96, "purchase")]
    assert world.customer().earned == {"2026-11": 96}


def test_an_order_that_is_not_paid_brings_none_until_it_is() -> None:
    world = open_shop()
    place(world, payment=Payment.PENDING)
    assert world.customer().points == 0
    place(world, updated_at=MONDAY + timedelta(hours=1))
    assert world.customer().points == 96


def test_money_that_is_given_back_in_part_takes_its_part_of_the_points() -> None:
    world = open_shop()
    place(world)
    refund = Refund(refund_id="r1", amount=Decimal(4800), at=MONDAY)
    place(world, payment=Payment.PARTIALLY_REFUNDED, refunds=(refund,), updated_at=MONDAY + timedelta(days=1))
    assert world.customer().points == 48
    assert [line[0] for line in list_lines(world)] == [96, -48]
    rest = refund.model_copy(update={"refund_id": "r2"})
    place(world, payment=Payment.REFUNDED, refunds=(refund, rest), updated_at=MONDAY + timedelta(days=2))
    assert (world.customer().points, world.customer().order_points) == (0, {})
    assert sum(world.customer().earned.values()) == 0


def test_an_order_that_is_edited_brings_what_it_comes_to_then() -> None:
    world = open_shop()
    place(world)
    place(world, total=Decimal(20_000), updated_at=MONDAY + timedelta(hours=1))
    assert (world.customer().points, [line[0] for line in list_lines(world)]) == (200, [96, 104])


def test_a_cancelled_order_takes_all_of_them_even_where_they_are_spent() -> None:
    world = open_shop()
    place(world)
    redeem(Talk(world), code="KINARI-7F3K")
    assert world.customer().points == 0
    place(world, cancelled_at=MONDAY + timedelta(days=1), updated_at=MONDAY + timedelta(days=1))
    assert world.customer().points == -96


def test_an_order_from_before_the_programme_takes_none_when_it_is_given_back() -> None:
    world = open_shop(Loyalty())
    place(world)
    world.store = world.store.model_copy(
        update={"settings": world.store.settings.model_copy(update={"loyalty": PROGRAMME})}
    )
    refund = Refund(refund_id="r1", amount=Decimal(4800), at=MONDAY)
    place(world, payment=Payment.PARTIALLY_REFUNDED, refunds=(refund,), updated_at=MONDAY + timedelta(days=1))
    assert (world.customer().points, list_lines(world)) == (0, [])


def test_an_order_in_another_currency_brings_none() -> None:
    world = open_shop()
    place(world, currency="EUR")
    assert (world.customer().points, list_lines(world)) == (0, [])
    assert "loyalty-points.act no points moved other_currency" in world.why()


def test_the_first_points_are_told_the_day_after_and_the_next_ones_not() -> None:
    world = open_shop()
    place(world)
    world.wait(days=2)
    assert told(world) == ["points_welcome"]
    place(world, "5002")
    world.wait(days=10)
    assert told(world).count("points_welcome") == 1


def test_a_level_is_told_when_it_is_reached_and_counts_twelve_months() -> None:
    world = open_shop()
    place(world, "5001")
    assert read_field(world, "tier") is None
    world.wait(days=40)
    place(world, "5002", created_at=world.clock())  # 192 points in a year
    assert (read_field(world, "tier"), read_field(world, "points_to_next")) == ("Silver", 108)
    world.wait(days=3)
    assert told(world)[-1] == "tier_reached"
    world.wait(days=400)
    assert read_field(world, "tier") is None
    assert world.customer().points == 192  # they are theirs all the same


def test_a_level_that_a_refund_takes_back_is_not_told() -> None:
    world = open_shop()
    place(world, total=Decimal(30_000))
    all_of_it = Refund(refund_id="r1", amount=Decimal(30_000), at=MONDAY)
    later = MONDAY + timedelta(hours=2)
    place(world, total=Decimal(30_000), payment=Payment.REFUNDED, refunds=(all_of_it,), updated_at=later)
    world.wait(days=5)
    assert "tier_reached" not in told(world)


def redeem(talk: Talk, **data: str) -> ActionDone:
    """They ask by the shop's code, say yes, and the store answers."""
    talk.do("begin:points").tap("Yes, please")
    request = [request for request in talk.world.queues.actions if request.kind == "coupon"][-1]
    done = ActionDone(
        customer_id=request.customer_id,
        action_id=request.action_id,
        action="coupon",
        ok="code" in data,
        at=talk.world.clock(),
        data=data,
    )
    talk.world.hear(done, source="actions")
    return done


def test_who_asks_hears_how_many_points_they_have_and_what_they_are_worth() -> None:
    world = open_shop()
    place(world, total=Decimal(15_000))
    talk = Talk(world).do("begin:points")
    assert told(world)[-1] == "talk_points"
    assert talk.text().splitlines() == [
        *("Your points at Kinari: *150*", "They are worth ¥150.", "Your level: Silver", "Points until Gold: 150"),
        *("", "Shall I turn them into a code for your next order?"),
    ]
    talk.tap("Keep them")
    assert (told(world)[-1], world.customer().points) == ("talk_points_kept", 150)


@pytest.mark.parametrize("words", ["how many points do I have?", "can i use my points", "ポイント使えますか"])
def test_who_asks_in_words_hears_it_too(words: str) -> None:
    store = open_shop().store
    world = World(store=store, interpreter=CatalogueInterpreter(MemoryKnowledge(MemoryStores(store))))
    place(world)
    assert told(Talk(world).type(words).world)[-1] == "talk_points"


def test_who_asks_again_before_they_answer_is_told_again_and_the_points_are_given_once() -> None:
    world = open_shop()
    place(world)
    talk = Talk(world).do("points")
    earlier = talk.last()
    talk.do("points").tap("Yes, please")
    assert [name for name in told(world) if name == "talk_points"] == ["talk_points", "talk_points"]
    asked = [request for request in world.queues.actions if request.kind == "coupon"]
    world.write("Yes, please", payload=f"ANSWER:{earlier.seed}:redeem")
    assert [request for request in world.queues.actions if request.kind == "coupon"] == asked
    assert (told(world)[-1], world.customer().points) == ("talk_points_few", 0)


@pytest.mark.parametrize("signs", ["?", "…", "🤔"])
def test_signs_alone_agree_to_nothing(signs: str) -> None:
    world = open_shop()
    place(world)
    Talk(world).do("points").type(signs)
    assert (world.customer().points, world.queues.actions) == (96, [])


def test_the_menu_offers_points_where_the_shop_tells_of_them() -> None:
    def list_rows(loyalty: Loyalty, **changes: Any) -> list[str]:
        store = open_shop(loyalty).store
        turns = tuple(
            entry.model_copy(update={"intents": ("points", "begin")} | changes)
            if entry.journey == "talk-points"
            else entry
            for entry in store.triggers["turn.taken"]
        )
        world = World(store=store.model_copy(update={"triggers": store.triggers | {"turn.taken": turns}}))
        return [tap.text for tap in list_taps(Talk(world).do("menu").read())]

    with_points, without, untold = list_rows(PROGRAMME), list_rows(Loyalty()), list_rows(PROGRAMME, on=False)
    assert [row for row in with_points if row not in without] == ["My points"]
    assert [row for row in without if row not in with_points] == ["How to reach us"]
    assert (len(with_points), untold) == (10, without)


def test_points_wait_until_the_order_can_no_longer_be_sent_back() -> None:
    world = open_shop(WAITING)
    place(world)
    assert stand(world) == (0, 96)
    world.wait(days=3)
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=14)
    assert stand(world) == (0, 96)
    before = world.customer()
    world.wait(days=1)
    assert stand(world) == (96, 0)
    assert world.customer() == before  # nothing was written for it: only time has passed


def test_a_parcel_of_which_nobody_tells_counts_as_delivered_after_a_fortnight() -> None:
    world = open_shop(WAITING)
    place(world)
    world.wait(days=27)
    assert stand(world) == (0, 96)
    world.wait(days=2)
    assert stand(world) == (96, 0)
    world.ship("5001", ShipmentStatus.DELIVERED)  # and what could be spent is not locked again
    assert stand(world) == (96, 0)


def test_what_waits_cannot_become_a_code_and_is_told_with_its_day() -> None:
    world = open_shop(WAITING)
    place(world)
    talk = Talk(world).do("points")
    assert told(world)[-1] == "talk_points_few"
    assert talk.text().splitlines()[:2] == [
        "Your points at Kinari: *0*",
        "96 more can be used from Tue, Dec 1.",
    ]
    world.wait(days=35)
    place(world, "5002", created_at=world.clock(), total=Decimal(4000))
    assert stand(world) == (96, 40)
    redeem(talk, code="KINARI-7F3K", amount="96", last_day="2027-02-01")
    assert world.queues.actions[-1].data["amount"] == "96"
    assert stand(world) == (0, 40)


def test_an_order_that_is_sent_back_while_its_points_wait_leaves_no_debt() -> None:
    world = open_shop(WAITING)
    place(world)
    redeem_in_vain = Talk(world).do("points")
    assert told(redeem_in_vain.world)[-1] == "talk_points_few"
    later = MONDAY + timedelta(days=5)
    place(world, cancelled_at=later, updated_at=later)
    assert (stand(world), world.customer().points) == ((0, 0), 0)


def test_what_is_taken_back_of_points_that_are_spent_comes_first_from_those_that_wait() -> None:
    world = open_shop(WAITING)
    place(world)
    world.wait(days=30)
    redeem(Talk(world), code="KINARI-7F3K", amount="96")
    place(world, "5002", created_at=world.clock(), total=Decimal(15_000))
    assert stand(world) == (0, 150)
    place(world, cancelled_at=world.clock(), updated_at=world.clock())  # the first one, after all
    assert (stand(world), world.customer().points) == ((0, 54), 54)


def test_who_has_points_that_wait_is_welcomed_with_their_day() -> None:
    world = open_shop(WAITING)
    place(world)
    world.wait(days=2)
    assert told(world) == ["points_welcome"]


def test_who_has_none_is_told_so_and_offered_nothing() -> None:
    talk = open_talk(open_shop().store).do("begin:points")
    assert told(talk.world) == ["talk_points_few"]


def test_points_become_a_code_of_their_worth() -> None:
    world = open_shop()
    place(world)
    talk = Talk(world)
    redeem(talk, code="KINARI-7F3K", amount="96", last_day="2027-02-01")
    request = world.queues.actions[-1]
    assert (request.target, request.data) == ("", {"amount": "96", "days": "90"})
    assert told(world)[-1] == "talk_points_code"
    assert "*KINARI-7F3K*" in talk.text() and "¥96" in talk.text()
    assert (world.customer().points, world.customer().earned) == (0, {"2026-11": 96})  # spent, and still earned


def test_points_that_became_no_code_are_given_back_and_are_not_earned_twice() -> None:
    world = open_shop()
    place(world)
    redeem(Talk(world), reason="codes_not_allowed")
    assert told(world)[-1] == "talk_points_failed"
    assert (world.customer().points, world.customer().earned) == (96, {"2026-11": 96})
    assert [line[0] for line in list_lines(world)] == [96, -96, 96]


def test_two_records_that_become_one_have_the_points_of_both() -> None:
    world = open_shop()
    other = make_order().buyer.model_copy(
        update={"store_customer_id": "7002", "email": "aiko@work.example", "phone": None}
    )
    place(world)
    place(world, "5002", buyer=other, total=Decimal(5000))
    world.hear(CustomersMerged(kept="7001", lost="7002", at=world.clock()), source="shopify customers/merge")
    assert world.customer().points == 146
    # And a refund after it finds its order.
    refund = Refund(refund_id="r1", amount=Decimal(5000), at=MONDAY)
    late = {"updated_at": MONDAY + timedelta(days=1), "total": Decimal(5000)}
    place(world, "5002", buyer=other, payment=Payment.REFUNDED, refunds=(refund,), **late)
    assert (world.customer().points, sum(world.customer().earned.values())) == (96, 96)
