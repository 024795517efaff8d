"""The platforms whose webhooks we read. A new platform is one module beside this one, and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from okaeri.domain.stores import Platform
from okaeri.use_cases.receive_store_event import Dialect
from receive_store_event.shopify import Shopify
from receive_store_event.standard import Standard
from receive_store_event.woocommerce import WooCommerce

DIALECTS: Mapping[Platform, Dialect] = {
    Platform.SHOPIFY: Shopify(),
    Platform.WOOCOMMERCE: WooCommerce(),
    Platform.STANDARD: Standard(),
}
