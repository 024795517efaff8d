"""What is counted of purchases, for recommendations, and when: only where a journey that is on asks for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from okaeri.domain.customers import Customer
from okaeri.domain.effects import CountPurchase
from okaeri.domain.journeys import Definition, RecommendStep
from okaeri.domain.orders import Order
from okaeri.domain.records import ShelfEntry
from okaeri.domain.stores import Store

CONFIRMS, SIMILAR = "order-confirmation", "similar"  # the journey, and the kind of confirmation that recommends
MOST_PRODUCTS = 10  # of one order
MOST_EARLIER = 5  # orders whose products count as bought by the same customer
_NOBODYS = ("test", "draft", "deleted")  # nobody bought these
MOST_COUNTED = 20  # products of the same customer's earlier orders that one order is counted with
MOST_COMPANIONS = 50  # kept of each product
HALF_LIFE = timedelta(days=180)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Purchases(NamedTuple):
    """How often products were bought (`bought`), and by whom also another one was (`together`): counts that fade."""

    together: Mapping[str, Mapping[str, float]] = MappingProxyType({})
    bought: Mapping[str, float] = MappingProxyType({})


class Goods(NamedTuple):
    """What a recommendation is made of: the shelf, the customer's latest orders, and what was bought with theirs."""

    shelf: tuple[ShelfEntry, ...] = ()
    orders: tuple[Order, ...] = ()  # the latest first
    purchases: Purchases = Purchases()


def find_no_goods(at_hand: tuple[str, ...]) -> Goods:
    """Where nothing is recommended."""
    return Goods()


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
    """Whether a journey of the store that is on recommends products.

    Confirmations, which are on in every shop, do so only where the shop chose the kind that does.
    """
    confirmations = (store.settings.confirmation, *store.settings.confirmations.values())
    return any(
        published.on and published.recommends and (published.journey != CONFIRMS or SIMILAR in confirmations)
        for entries in store.triggers.values()
        for published in entries
    )


def weigh_purchase(at: datetime) -> float:
    """What a purchase adds to a count that only ever grows: after each half-life twice as much as before.

    A count divided by the weight of the moment at which it is read is one in which each purchase counts half for each
    half-life since: nothing has to be written for counts to fade.
    """
    return float(2 ** ((at - _EPOCH) / HALF_LIFE))


def list_rarest(counts: Mapping[str, float]) -> list[str]:
    """What of a product's companions is forgotten: nothing until there are half as many more as are kept."""
    surplus = len(counts) - MOST_COMPANIONS
    if surplus <= MOST_COMPANIONS // 2:
        return []
    return sorted(counts, key=lambda name: (counts[name], name))[:surplus]
