"""interests-from-orders: what somebody buys becomes tags that a broadcast can ask for."""

from __future__ import annotations

from okaeri.domain.orders import OrderLine, Payment, Product
from okaeri.domain.records import ProductRecord
from tests.unit.journeys.shelves import open_store
from tests.world import MONDAY, World, make_order

KINDS = {"p1": "Aprons", "p2": "Tea  Towels", "p3": None}


def open_shop() -> World:
    world = World(store=open_store("interests-from-orders"))
    for product_id, kind in KINDS.items():
        product = Product(product_id=product_id, title=product_id, updated_at=MONDAY, product_type=kind)
        world.records.put_product(ProductRecord(store_id=world.store.store_id, product=product, version=1))
    return world


def make_lines(*product_ids: str) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(line_id=product_id, product_id=product_id, title=product_id, quantity=1, price=make_order().total)
        for product_id in product_ids
    )


def test_the_kinds_of_what_was_paid_for_become_tags_once_each() -> None:
    world = open_shop()
    world.order(make_order(lines=make_lines("p1", "p2", "p3"), payment=Payment.PENDING))
    assert world.customer().tags == ()
    world.order(make_order(lines=make_lines("p1", "p2", "p3"), updated_at=MONDAY.replace(hour=9)))
    assert world.customer().tags == ("bought:aprons", "bought:tea towels")
    world.order(make_order("5002", lines=make_lines("p1")))
    assert world.customer().tags == ("bought:tea towels", "bought:aprons")  # the latest last


def test_other_tags_stay() -> None:
    world = open_shop()
    world.order(make_order(lines=make_lines("p3")))
    assert world.customer().tags == ()
