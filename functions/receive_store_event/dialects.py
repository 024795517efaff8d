"""Platforms and carriers whose webhooks we read. A new one is one module beside this one, and one case here."""

from __future__ import annotations

from functools import cache

from okaeri.domain.carriers import Carrier
from okaeri.domain.stores import Platform
from okaeri.use_cases.receive_store_event import Dialect, Sender


@cache
def load_dialect(sender: Sender) -> Dialect:
    """Imported at the sender's first webhook: most processes hear one platform only."""
    match sender:
        case Platform.SHOPIFY:
            from receive_store_event.shopify import Shopify

            return Shopify()
        case Platform.WOOCOMMERCE:
            from receive_store_event.woocommerce import WooCommerce

            return WooCommerce()
        case Platform.STANDARD:
            from receive_store_event.standard import Standard

            return Standard()
        case Carrier.AFTERSHIP:
            from receive_store_event.carriers import AfterShip

            return AfterShip()
        case Carrier.EASYPOST:
            from receive_store_event.carriers import EasyPost

            return EasyPost()
        case Carrier.SHIPPO:
            from receive_store_event.carriers import Shippo

            return Shippo()
