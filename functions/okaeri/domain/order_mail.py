"""Which confirmation an order gets, and whether its e-mail may carry a promotion. Pure.

The countries where an order mail may promote to who agreed to it stand in `catalogue/order_mail.json`, each with its
law. Elsewhere a promotion is a message of its own.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path

from okaeri.domain.customers import Customer
from okaeri.domain.gates import check_reach
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel, Purpose

KINDS = ("plain", "welcome", "reassurance", "offer", "similar")
AUTO = "auto"
_TABLE = Path(__file__).parents[1] / "catalogue" / "order_mail.json"


def choose_confirmation(customer: Customer, store: Store, now: datetime) -> str:
    """The kind that the shop chose for the first of its segments that the customer is in, else for everybody.

    `auto` welcomes a first order and is plain for the others. `now` is the customer's own time.
    """
    by_segment = store.settings.confirmations
    segments: tuple[str, ...] = ()
    if by_segment:
        from okaeri.domain.segments import list_segments  # few shops tell their segments apart here

        segments = list_segments(customer, store, now)
    kind = next((by_segment[name] for name in by_segment if name in segments), store.settings.confirmation)
    if kind == AUTO:
        return "welcome" if customer.orders_count <= 1 else "plain"
    return kind


def may_promote(customer: Customer, store: Store) -> bool:
    """Whether the e-mail about an order may say something that sells: agreed to by them, and let by their law."""
    country = (customer.country or store.country or "").upper()
    return country in _load_countries() and check_reach(customer, store, Channel.EMAIL, Purpose.MARKETING) is None


@cache
def _load_countries() -> frozenset[str]:
    return frozenset(json.loads(_TABLE.read_text("utf-8"))["countries"])
