"""How well recommendations hit, on a synthetic purchase log whose making is written down here, against popularity.

Nobody's customers are in it: 3,000 shoppers, 300 products, about 13,000 orders in two years, drawn with a fixed seed.

* Products belong to 15 types and to 12 themes that cut across the types (a tea drinker's kettle, cups and tea). Their
  popularity is skewed: the product of rank r is drawn in proportion to 1/r. Two thirds of them carry their theme as a
  tag, the others a tag by chance.
* Shoppers have one theme or two. Of what they buy 55 % is of their themes, by popularity; 25 % is by popularity alone
  (gifts, bestsellers); 20 % is what they bought before (repeats). Orders hold one to three products.
* Each shopper's last order is held out; everything before is counted in the order of time, as the table counts it.
  Asked is what goes with what they have; a hit is one of the four that is in the last order. What they had before is
  neither recommended nor hit: repeats are the matter of refills.

The same is asked of bestsellers alone, of attributes alone, and with the first 100 and 1,000 orders counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from okaeri.domain.purchases import Purchases
from okaeri.domain.recommendations import recommend
from okaeri.domain.records import ShelfEntry
from simulator.clock import StandingClock
from simulator.purchases import MemoryCompanions
from tests.bench.report import Row

SHOPPERS, PRODUCTS, TYPES, THEMES = 3_000, 300, 15, 12
SHOWN = 4
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_OF_THEME, _BESTSELLER = 0.55, 0.25  # the rest are repeats
_STORE = "bench"


class Bought(NamedTuple):
    """One order of the log."""

    at: datetime
    shopper: int
    products: tuple[str, ...]


class Log(NamedTuple):
    """A shelf and what was bought off it, in the order of time."""

    shelf: tuple[ShelfEntry, ...]
    orders: tuple[Bought, ...]


def make_log(seed: int = 20261122) -> Log:
    """The same log for the same seed."""
    random = Random(seed)
    themes = {f"p{number:03}": random.randrange(THEMES) for number in range(PRODUCTS)}
    weights = {name: 1 / (rank + 1) for rank, name in enumerate(random.sample(sorted(themes), PRODUCTS))}
    shelf = tuple(
        ShelfEntry(
            product_id=name,
            title=name,
            product_type=f"type {random.randrange(TYPES)}",
            price=str(Decimal(random.randint(5, 100))),
            tags=(f"theme {theme if random.random() < 2 / 3 else random.randrange(THEMES)}",),
        )
        for name, theme in themes.items()
    )
    by_theme = [[name for name in themes if themes[name] == theme] for theme in range(THEMES)]
    orders: list[Bought] = []
    for shopper in range(SHOPPERS):
        tastes = random.sample(range(THEMES), random.choice((1, 1, 2)))
        had: list[str] = []
        for at in sorted(_BEGIN + timedelta(days=random.uniform(0, 730)) for _ in range(random.randint(2, 7))):
            basket: dict[str, None] = {}
            for _ in range(random.choice((1, 1, 2, 3))):
                drawn = random.random()
                if drawn < _OF_THEME:
                    pool = by_theme[random.choice(tastes)]
                elif drawn < _OF_THEME + _BESTSELLER or not had:
                    pool = list(themes)
                else:
                    pool = had
                basket[random.choices(pool, [weights[name] for name in pool])[0]] = None
            had += basket
            orders.append(Bought(at, shopper, tuple(basket)))
    return Log(shelf, tuple(sorted(orders)))


def measure_recommendations(log: Log | None = None) -> list[Row]:
    """Hit rates at four, for information and against popularity."""
    log = log or make_log()
    last = {order.shopper: order for order in log.orders}
    counted = [order for order in log.orders if last[order.shopper] != order]
    everything = count(counted)
    rows = []
    rates = {
        "by purchases": measure_hits(log, last, everything, "complementary"),
        "of bestsellers": measure_hits(log, last, everything, "popular", at_hand=False),
        "by attributes alone": measure_hits(log, last, lambda _: Purchases(), "complementary"),
        "after 100 orders": measure_hits(log, last, count(counted[:100]), "complementary"),
        "after 1,000 orders": measure_hits(log, last, count(counted[:1000]), "complementary"),
    }
    for what, (rate, asked) in rates.items():
        rows.append(
            Row(f"hit rate at {SHOWN}, {what}", rate, None, "", f"{asked:,} last orders, {len(counted):,} counted")
        )
    lift = rates["by purchases"][0] / rates["of bestsellers"][0]
    rows.append(Row("popularity, as a part of it", 1 / lift, 1.0, "", f"{lift:.2f} times as many hits"))
    return rows


def count(orders: Sequence[Bought]) -> Callable[[Sequence[str]], Purchases]:
    """What the table knows after these orders, of products at hand."""
    clock = StandingClock(_BEGIN)
    companions = MemoryCompanions(clock)
    had: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for number, order in enumerate(orders):
        clock.now = order.at
        others = [name for name in had[order.shopper] if name not in order.products][-20:]
        companions.count_order(_STORE, str(number), order.products, others)
        had[order.shopper] |= dict.fromkeys(order.products)
    bought = companions.list_bought(_STORE)
    return lambda at_hand: Purchases(companions.get_many(_STORE, at_hand), bought)


def measure_hits(
    log: Log,
    last: dict[int, Bought],
    read: Callable[[Sequence[str]], Purchases],
    kind: str,
    *,
    at_hand: bool = True,
) -> tuple[float, int]:
    """The share of last orders of which one of four was recommended, and of how many."""
    past: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for order in log.orders:
        if last[order.shopper] != order:
            past[order.shopper] |= dict.fromkeys(order.products)
    hits = asked = 0
    for shopper, order in last.items():
        had = list(reversed(past[shopper]))
        new = set(order.products) - set(had)
        if not new:
            continue
        asked += 1
        found = recommend(kind, had if at_hand else [], log.shelf, read(had), without=had, most=SHOWN)
        hits += bool(new & {entry.product_id for entry in found})
    return hits / asked, asked
