"""One question in a while, over all kinds: reviews, ratings, scores, surveys, photos, calls, why a cart was left."""

from __future__ import annotations

from itertools import pairwise

import pytest

from okaeri.domain.evidence import ProductSeen
from okaeri.domain.orders import Product, ProductCare, ShipmentStatus
from okaeri.domain.surveys import is_survey
from tests.unit.journeys.shelves import open_store
from tests.world import BOTH_OPT_INS, MONDAY, World, load_catalogue, make_order

ASKING = ("review_request", "rating_request", "nps", "survey_delivery", "survey_product", "ugc_request")


def deliver(world: World, order_id: str) -> None:
    world.order(make_order(order_id, opt_ins=BOTH_OPT_INS, created_at=world.clock()))
    world.ship(order_id, ShipmentStatus.SHIPPED)
    world.wait(hours=5)
    world.ship(order_id, ShipmentStatus.DELIVERED)


def asked(world: World) -> list[tuple[str, int]]:
    """What asked, and on which day."""
    return [
        (message.template, (message.decided_at - MONDAY).days)
        for message in world.list_messages()
        if message.template in ASKING
    ]


@pytest.mark.parametrize(
    "journey",
    [
        *("review-request", "product-rating", "nps", "survey-delivery", "survey-product", "survey-conversation"),
        *("ugc-request", "business-meeting", "cart-why"),
    ],
)
def test_whatever_asks_for_an_opinion_counts_as_a_question(journey: str) -> None:
    [definition] = [each for each in load_catalogue().values() if each.journey == journey]
    assert is_survey(definition)


def test_two_orders_bring_one_review_request_and_the_other_when_it_is_its_turn() -> None:
    world = World(store=open_store("review-request"))
    deliver(world, "5001")
    world.wait(days=3)
    deliver(world, "5002")
    world.wait(days=20)
    assert [name for name, _ in asked(world)] == ["review_request"]
    world.wait(days=20)
    (_, first), (_, second) = asked(world)
    assert second - first >= 30


def test_with_everything_that_asks_switched_on_nobody_is_asked_twice_within_the_gap() -> None:
    names = ("review-request", "product-rating", "nps", "survey-delivery", "survey-product", "ugc-request")
    world = World(store=open_store(*names))
    for number in range(4):
        deliver(world, f"500{number}")
        world.wait(days=12)
    world.wait(days=60)
    days = [day for _, day in asked(world)]
    assert len(days) > 1
    assert all(later - earlier >= 30 for earlier, later in pairwise(days))


@pytest.mark.parametrize(("days", "asks_on"), [(0, 1), (21, 22)])
def test_what_the_shop_says_of_a_product_times_its_question(days: int, asks_on: int) -> None:
    world = World(store=open_store("review-request"))
    product = Product(product_id="p1", title="Apron", updated_at=MONDAY, care=ProductCare(review_days=days))
    world.hear(ProductSeen(product=product), source="shopify products/update")
    deliver(world, "5001")
    world.wait(days=30)
    [(_, day)] = asked(world)
    assert abs(day - asks_on) <= 1
