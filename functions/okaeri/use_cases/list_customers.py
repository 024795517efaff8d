"""All customers of a store, one after the other, however many they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from okaeri.domain.customers import Customer

if TYPE_CHECKING:
    from okaeri.ports import Customers

PAGE = 100  # customers; one BatchGetItem


def list_customers(customers: Customers, store_id: str) -> Iterator[Customer]:
    """Read page by page as it is asked for. Who changes meanwhile is seen as of the moment of their page."""
    after: str | None = None
    while True:
        page = customers.list_page(store_id, after=after, limit=PAGE)
        yield from page.customers
        after = page.after
        if after is None:
            return
