"""The platforms whose webhooks we read. A new platform is one module beside this one, and one case here."""

from __future__ import annotations

from functools import cache

from okaeri.domain.stores import Platform
from okaeri.use_cases.receive_store_event import Dialect


@cache
def load_dialect(platform: Platform) -> Dialect:
    """Imported at the platform's first webhook: most processes hear one platform only."""
    match platform:
        case Platform.SHOPIFY:
            from receive_store_event.shopify import Shopify

            return Shopify()
        case Platform.WOOCOMMERCE:
            from receive_store_event.woocommerce import WooCommerce

            return WooCommerce()
        case Platform.STANDARD:
            from receive_store_event.standard import Standard

            return Standard()
