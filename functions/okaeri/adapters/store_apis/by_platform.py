"""Picks the road to a store: Shopify's Admin API, WooCommerce's REST API, or the shop's own webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from okaeri.adapters.store_apis.calls import StoreCalls
from okaeri.domain.coupons import NewCoupon
from okaeri.domain.stores import Platform, Store

if TYPE_CHECKING:
    from okaeri.domain.consent_copies import ConsentCopy
    from okaeri.ports import Secrets, ShopWebhooks, StoreApi


class StoreApis:
    """Implements `ports.StoreApi` for every platform. `allow_local` is for a laptop alone: plain http."""

    def __init__(self, secrets: Secrets, webhooks: ShopWebhooks, *, allow_local: bool) -> None:
        self._secrets, self._webhooks, self._allow_local = secrets, webhooks, allow_local
        self._apis: dict[Platform, StoreApi] = {}

    def change_order(
        self, store: Store, order_id: str, *, do: str, wanted: Mapping[str, str], change_id: str
    ) -> Mapping[str, str]:
        """As the port says."""
        return self._find(store.platform).change_order(store, order_id, do=do, wanted=wanted, change_id=change_id)

    def create_coupon(self, store: Store, coupon: NewCoupon) -> None:
        """As the port says."""
        self._find(store.platform).create_coupon(store, coupon)

    def write_consent(self, store: Store, customer_id: str, copy: ConsentCopy) -> bool:
        """As the port says."""
        return self._find(store.platform).write_consent(store, customer_id, copy)

    def _find(self, platform: Platform) -> StoreApi:
        return self._apis.get(platform) or self._apis.setdefault(platform, self._make(platform))

    def _make(self, platform: Platform) -> StoreApi:
        # Each comes with what it needs when it is needed: a stack has seldom stores of all platforms.
        if platform is Platform.STANDARD:
            from okaeri.adapters.store_apis.own_webhook import OwnWebhook

            return OwnWebhook(self._webhooks)
        calls = StoreCalls(self._secrets, allow_local=self._allow_local)
        if platform is Platform.SHOPIFY:
            from okaeri.adapters.store_apis.shopify_admin import ShopifyAdmin

            return ShopifyAdmin(calls)
        from okaeri.adapters.store_apis.woocommerce_rest import WoocommerceRest

        return WoocommerceRest(calls)
