"""Which segments a customer is in, from the profile as it stands: right at every moment, and stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from okaeri.domain.conditions import Condition, holds
from okaeri.domain.customer_fields import LISTS, is_customer_field, read_customer_field, read_spent
from okaeri.domain.customers import Customer
from okaeri.domain.events import Event, make_event
from okaeri.domain.stores import Store

# Everybody is in exactly one of these, by how often and how lately they ordered.
LIFE_CYCLE = {
    "prospect": "has not ordered",
    "new": "ordered once",
    "second_time": "ordered again, not yet often enough to be loyal",
    "loyal": "ordered often",
    "at_risk": "ordered, and not for a while",
    "lost": "ordered, and not for long",
}
BIG_SPENDER = "big_spender"  # paid the sum that the shop chose (segment_rules.big_spender_from), or more
SHIPPED = (*LIFE_CYCLE, BIG_SPENDER)
ENTERED = "segment.entered"


def list_segments(customer: Customer, store: Store, now: datetime) -> tuple[str, ...]:
    """The life cycle's one name first, then value, then the shop's own by name. `now` is the customer's own time."""
    own = store.settings.segments
    found = _list_shipped(customer, store, now)

    def read_field(path: str) -> Any:
        root, _, name = path.partition(".")
        if root != "customer":
            return None
        return found if name == "segments" else read_customer_field(customer, store, name, now)

    return (*found, *(name for name in sorted(own) if holds(own[name], read_field, now)))


def find_life_cycle(customer: Customer, store: Store, now: datetime) -> str:
    """The one name of `LIFE_CYCLE`. An order whose day is not known is no reason to call anybody lost."""
    rules = store.settings.segment_rules
    if customer.orders_count == 0:
        return "prospect"
    silence = now - customer.last_order_at if customer.last_order_at else timedelta(0)
    if silence >= timedelta(days=rules.lost_days):
        return "lost"
    if silence >= timedelta(days=rules.at_risk_days):
        return "at_risk"
    if customer.orders_count >= rules.loyal_orders:
        return "loyal"
    return "new" if customer.orders_count == 1 else "second_time"


def _list_shipped(customer: Customer, store: Store, now: datetime) -> tuple[str, ...]:
    least = store.settings.segment_rules.big_spender_from
    is_big = least is not None and read_spent(customer, store) >= least
    return (find_life_cycle(customer, store, now), *((BIG_SPENDER,) if is_big else ()))


def make_entries(before: Customer, after: Customer, store: Store, now: datetime, cause: Event) -> tuple[Event, ...]:
    """`segment.entered` for each segment that `cause` has brought the customer into.

    Only where a journey of the store listens. What time alone brings about (at_risk) is told at their next event.
    """
    if ENTERED not in store.triggers:
        return ()
    were_in = list_segments(before, store, now) if before.version else ()
    return tuple(
        make_event(
            after.store_id,
            ENTERED,
            now,
            after.customer_id,
            segment,
            cause.event_id,
            data={"segment": segment},
            quiet=cause.quiet,
        )
        for segment in list_segments(after, store, now)
        if segment not in were_in
    )


def find_mistakes(condition: Condition, *, is_own_segment: bool = False) -> Iterator[str]:
    """What is wrong with a condition over customers, in words. A segment of the shop's own may not name another."""
    parts = (*condition.all, *condition.any, *condition.none)
    for part in parts:
        yield from find_mistakes(part, is_own_segment=is_own_segment)
    if parts:
        return
    root, _, name = (condition.field or "").partition(".")
    if root != "customer" or not is_customer_field(name):
        yield f"{condition.field or 'a condition without a field'} is nothing to ask of a customer"
    elif name in LISTS and condition.has is None and condition.exists is None:
        yield f"{condition.field} is a list: ask with has or exists"
    elif name == "segments" and is_own_segment and condition.has not in (None, *SHIPPED):
        yield f"{condition.has} is no segment that a segment can be made of: {', '.join(SHIPPED)}"
