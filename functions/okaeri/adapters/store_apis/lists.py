"""Everything that a store has of one kind, page by page, each thing as the store's own webhook would tell of it."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from okaeri.adapters.store_apis.calls import Json, StoreCalls
from okaeri.domain.stores import Platform, Store
from okaeri.errors import GiveUp

type Kind = Literal["products", "customers", "orders"]


class Page(NamedTuple):
    """A part of the list. `after` leads to the next part, empty where this was the last one.

    `total` is how many there are in all, None where the store does not say; `wait_s` the seconds that the store wants
    left alone before it is asked for the next part.
    """

    items: tuple[Json, ...]
    after: str = ""
    total: int | None = None
    wait_s: float = 0.0


class StoreList(Protocol):
    """Reads a store's things of all kinds."""

    def read_page(self, store: Store, kind: Kind, after: str) -> Page:
        """The first part (`after` empty) or a later one. Raises TryAgain, or GiveUp as `ports.StoreApi` does."""


def open_list(store: Store, calls: StoreCalls) -> StoreList:
    """The list of the store's platform. Raises GiveUp("not_supported") where it has no API that we know."""
    if store.platform is Platform.SHOPIFY:
        from okaeri.adapters.store_apis.shopify_lists import ShopifyLists

        return ShopifyLists(calls)
    if store.platform is Platform.WOOCOMMERCE:
        from okaeri.adapters.store_apis.woocommerce_lists import WoocommerceLists

        return WoocommerceLists(calls)
    raise GiveUp("not_supported", "a platform of its own has no list that we could read")
