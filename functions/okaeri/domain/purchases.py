"""When a purchase is counted for recommendations: only where a journey that is on asks for it. Pure."""

from __future__ import annotations

from okaeri.domain.customers import Customer
from okaeri.domain.effects import CountPurchase
from okaeri.domain.journeys import Definition, RecommendStep
from okaeri.domain.orders import Order
from okaeri.domain.stores import Store

MOST_PRODUCTS = 10  # of one order
MOST_EARLIER = 5  # orders whose products count as bought by the same customer
_NOBODYS = ("test", "draft", "deleted")  # nobody bought these


def count_purchase(customer: Customer, order: Order, store: Store) -> tuple[CountPurchase, ...]:
    """The effect that counts a new order; none where nobody recommends. Orders of the past are counted too.

    `customer` is as they were before the order.
    """
    products = dict.fromkeys(line.product_id for line in order.lines if line.product_id and line.quantity > 0)
    if not products or order.quiet in _NOBODYS or not is_recommending(store):
        return ()
    earlier = tuple(name for name in customer.orders if name != order.order_id)[-MOST_EARLIER:]
    count = CountPurchase(
        id=f"count:{order.order_id}",
        order_id=order.order_id,
        product_ids=tuple(products)[:MOST_PRODUCTS],
        earlier=earlier,
    )
    return (count,)


def has_recommendations(definition: Definition) -> bool:
    """Whether the journey recommends products."""
    return any(isinstance(step, RecommendStep) for step in definition.steps)


def is_recommending(store: Store) -> bool:
    """Whether a journey of the store that is on recommends products."""
    return any(published.recommends and published.on for entries in store.triggers.values() for published in entries)
