"""Codes for friends: who gets one, whose order counts, and what the one who passed it on gets for it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.orders import Address, Buyer, Payment, Refund, ShipmentStatus
from okaeri.domain.stores import Loyalty
from tests.unit.journeys.coupon_desk import CouponDesk
from tests.unit.journeys.shelves import open_store
from tests.world import BOTH_OPT_INS, World, make_order, make_settings

CODE = "KINARI-7F3K-9QWT"
HOME = Address(name="佐藤愛子", line1="Jingumae 1-2-3", postcode="150-0001", city="Tokyo", country="JP")
MEI = Buyer(
    store_customer_id="7100",
    email="mei@example.jp",
    phone="+819011112222",
    first_name="Mei",
    last_name="Tanaka",
    locale="ja-JP",
    country="JP",
)
THEIRS = Address(name="Mei Tanaka", line1="Kitazawa 4-5-6", postcode="155-0031", city="Tokyo", country="JP")


@dataclass
class Shop:
    """The shop, and its desk that makes codes."""

    world: World
    desk: CouponDesk

    def bring_home(self, order_id: str, **changes: Any) -> None:
        """Aiko orders, the parcel comes, and some days pass."""
        now = self.world.clock()
        values = {"opt_ins": BOTH_OPT_INS, "shipping_address": HOME, "created_at": now, "updated_at": now}
        self.world.order(make_order(order_id, **values | changes))
        self.world.ship(order_id, ShipmentStatus.DELIVERED, line_ids=("1",))
        self.desk.pass_days(5)

    def owner(self) -> str:
        """Who passes the code on."""
        return self.world.records.coupon_owners[self.world.store.store_id, CODE.casefold()]


def open_shop(**settings: str) -> Shop:
    store = open_store("referral-reward", "referral", settings={"kept_for": "P20D"} | settings)
    programme = Loyalty(per_unit=Decimal("0.01"), worth=Decimal(1))
    world = World(store=store.model_copy(update={"settings": make_settings(loyalty=programme)}))
    return Shop(world, CouponDesk(world, referral=CODE, referral_reward="KINARI-OWN"))


def pass_on(**settings: str) -> Shop:
    """Aiko has her second order at home, and a code for her friends."""
    shop = open_shop(**settings)
    shop.bring_home("5001")
    shop.bring_home("5002")
    return shop


def come(shop: Shop, order_id: str = "6001", **changes: Any) -> None:
    """A friend orders with the code."""
    now = shop.world.clock()
    values: dict[str, Any] = {
        "buyer": MEI,
        "shipping_address": THEIRS,
        "coupon_codes": (CODE.lower(),),
        "created_at": now,
        "updated_at": now,
        "opt_ins": (),
    }
    shop.world.order(make_order(order_id, **values | changes))


def told(shop: Shop) -> list[str]:
    return [name for name in shop.world.told("whatsapp") if name.startswith("referral")]


def test_who_has_the_second_order_at_home_gets_a_code_for_friends_once() -> None:
    shop = open_shop()
    shop.bring_home("5001")
    assert shop.desk.given == []
    shop.bring_home("5002")
    [request] = shop.desk.given
    assert request.data == {"percent": "10", "minimum": "0", "days": "180", "uses": "10"}
    assert told(shop) == ["referral_offer"]
    shop.bring_home("5003")
    assert told(shop) == ["referral_offer"]


def test_nobody_is_asked_to_pass_anything_on_without_consent() -> None:
    shop = open_shop()
    for order_id in ("5001", "5002"):
        shop.bring_home(order_id, opt_ins=())
    assert shop.desk.given == []
    assert "referral.run ended no consent" in shop.world.why()
    shop.bring_home("5003")  # and agrees this time
    assert told(shop) == ["referral_offer"]


def test_a_friend_who_keeps_the_order_brings_a_code() -> None:
    shop = pass_on()
    come(shop)
    shop.desk.pass_days(19)
    assert told(shop) == ["referral_offer"]
    shop.desk.pass_days(3)
    request = shop.desk.given[-1]
    assert (request.journey, request.customer_id) == ("referral-reward", shop.owner())
    assert (request.data["budget"], request.data["worth"]) == ("200", "10")
    assert told(shop) == ["referral_offer", "referral_reward"]
    message = next(found for found in shop.world.list_messages() if found.template == "referral_reward")
    assert message.customer_id == shop.owner()
    assert message.refs.order_id is None  # the friend's order is nobody else's business
    come(shop)  # the store tells of it once more
    shop.desk.pass_days(24)
    assert told(shop).count("referral_reward") == 1


def test_a_shop_may_thank_with_points() -> None:
    shop = pass_on(reward="points", points="250")
    come(shop)
    shop.desk.pass_days(24)
    assert told(shop)[-1] == "referral_reward_points"
    [entry] = shop.world.records.points.values()
    assert (entry.customer_id, entry.points, entry.reason) == (shop.owner(), 250, "referral")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"buyer": make_order().buyer}, "their own order"),
        ({"buyer": MEI.model_copy(update={"email": "Aiko+new@example.jp"})}, "the same mailbox"),
        ({"shipping_address": HOME.model_copy(update={"name": "Mei", "line1": "JINGUMAE 123"})}, "the same household"),
    ],
)
def test_nobody_is_their_own_friend(changes: dict[str, Any], why: str) -> None:
    shop = pass_on()
    come(shop, **changes)
    shop.world.wait(days=60)
    assert told(shop) == ["referral_offer"]
    assert f"referral-reward.run ended {why}" in shop.world.why()


def test_who_knew_the_shop_is_no_new_friend() -> None:
    shop = pass_on()
    come(shop, "6000", coupon_codes=())
    come(shop, "6001")
    shop.world.wait(days=60)
    assert "referral-reward.run ended the friend knew the shop" in shop.world.why()


@pytest.mark.parametrize("how", ["refunded", "cancelled", "unpaid"])
def test_an_order_that_is_not_kept_earns_nothing(how: str) -> None:
    shop = pass_on()
    ordered_at = shop.world.clock()
    come(shop, payment=Payment.PENDING if how == "unpaid" else Payment.PAID)
    shop.world.wait(days=10)
    now = shop.world.clock()
    if how == "refunded":
        refund = Refund(refund_id="r1", amount=Decimal(4800), at=now)
        come(shop, payment=Payment.PARTIALLY_REFUNDED, refunds=(refund,), created_at=ordered_at)
    elif how == "cancelled":
        come(shop, cancelled_at=now, created_at=ordered_at)
    shop.world.wait(days=60)
    assert told(shop) == ["referral_offer"]
    assert "referral-reward.run ended not kept" in shop.world.why()


def test_a_code_of_nobody_is_told_to_nobody() -> None:
    shop = pass_on()
    come(shop, coupon_codes=("SUMMER",))
    assert not any("referral-reward" in why for why in shop.world.why())
