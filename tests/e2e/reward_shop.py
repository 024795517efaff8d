"""Shops whose checkout takes codes: on Shopify with a number on WhatsApp, and on WooCommerce; and who buys there."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from command_line.coupons import set_prefix
from command_line.stack import Stack
from command_line.store_access import put_access
from local.story.shops import Shop, write_time
from okaeri.domain.stores import Platform
from tests.e2e.campaign_shop import COFFEE, add_campaign_shop
from tests.e2e.drive import Driver, get

TIMEOUT_S = 10
PREFIX = "REWARDS"  # of the codes that these shops make
TYPES = {COFFEE: "Beans", "cup": "Cups", "press": "Brewers"}
IDS = {product: 8_800_000_000_001 + number for number, product in enumerate(TYPES)}


@dataclass(frozen=True)
class RewardShop:
    """A shop that is the only one of its `driver`'s stack."""

    operator: Stack
    driver: Driver
    shop: Shop

    @property
    def store_id(self) -> str:
        """What it is called on the stack."""
        return self.shop.store_id

    def keep(self, order: dict[str, Any]) -> requests.Response:
        """The checkout takes an order, or refuses it for its codes."""
        url = f"{self.driver.description['shops_url']}/_/orders"
        return requests.post(url, json={"store": self.store_id, "order": order}, timeout=TIMEOUT_S)

    def find_coupon(self, code: str) -> dict[str, Any]:
        """A code as the store has it."""
        made = get(f"{self.driver.description['shops_url']}/_/coupons?store={self.store_id}")
        return dict(next(coupon for coupon in made if coupon["code"].casefold() == code.casefold()))

    def sell(self, *products: str) -> None:
        """Tells of products of different kinds that go with each other."""
        for product in products:
            variant = {"id": IDS[product], "product_id": IDS[product], "price": "24.00", "inventory_quantity": 50}
            kind = {"product_type": TYPES[product], "tags": "coffee, morning", "status": "active", "handle": product}
            told = {"id": IDS[product], "title": product.title(), "updated_at": write_time(), "variants": [variant]}
            self.shop.post("products/create", told | kind)


def open_reward_shop(
    operator: Stack,
    stack: dict[str, Any],
    platform: Platform,
    journeys: Collection[str],
    settings: Mapping[str, Mapping[str, str]],
    choices: Mapping[str, str] | None = None,
) -> RewardShop:
    """Adds a shop with access to its own API and a number on WhatsApp."""
    store_id = f"rewards-{secrets.token_hex(3)}"
    domain = f"{store_id}.myshopify.com" if platform is Platform.SHOPIFY else f"{store_id}.example"
    number, waba_id = (f"{first}{secrets.randbelow(10**14):014}" for first in (3, 4))
    token = f"EAA{secrets.token_hex(16)}"
    driver = Driver(stack | {"stores": [{"platform": platform.value, "phone_number_id": number}]})
    phone = {"phone_number_id": number, "display_phone_number": "+49 30 901821", "verified_name": "Campaigns"}
    account = {"waba_id": waba_id, "access_tokens": [token], "phone_numbers": [phone]}
    driver.control("configure", {"accounts": [account]})
    own = {"domain": domain, "waba-id": waba_id, "phone-number-id": number}
    secret = add_campaign_shop(
        operator,
        store_id,
        journeys,
        platform=platform,
        settings=settings,
        choices=own | dict(choices or {}),
        whatsapp_token=token,
    )
    set_prefix(operator, store_id, PREFIX)
    access = {"token": "shpat_rewards"} if platform is Platform.SHOPIFY else {"key": "ck_rewards", "secret": "cs_1"}
    put_access(operator, store_id, access | {"url": f"{stack['shops_url']}/{domain}"})
    events_url = f"{stack['api_url']}/stores/{store_id}/events"
    known = {"store_id": store_id, "platform": platform.value, "domain": domain, "events_url": events_url}
    told = {"shops": [known | access | {"webhook_secret": secret}]}
    requests.post(f"{stack['shops_url']}/_/configure", json=told, timeout=TIMEOUT_S).raise_for_status()
    return RewardShop(operator, driver, Shop(store_id, platform.value, domain, events_url, secret))


@dataclass
class ShopifyBuyer:
    """Somebody who buys at a shop on Shopify and agreed to its news by e-mail, unless `wants_news` says no."""

    shop: RewardShop
    name: str
    phone: str | None = None
    wants_news: bool = True
    has_account: bool = True
    number: int = field(default_factory=lambda: secrets.randbelow(900_000_000) + 100_000_000)

    @property
    def email(self) -> str:
        """Their mailbox, new to the stack."""
        return f"{self.name}.{self.number}@example.com"

    def order(
        self, product: str = COFFEE, *, total: str = "96.00", days_ago: float = 0, codes: Collection[str] = ()
    ) -> dict[str, Any]:
        """Buys one thing and pays; returns the order as the store told of it."""
        order = self.fill_in(product, total=total, days_ago=days_ago, codes=codes)
        taken = self.shop.keep(order)
        assert taken.ok, taken.text
        self.shop.shop.post("orders/create", order)
        return order

    def fill_in(
        self, product: str = COFFEE, *, total: str = "96.00", days_ago: float = 0, codes: Collection[str] = ()
    ) -> dict[str, Any]:
        """An order that the checkout was not asked to take yet."""
        number = secrets.randbelow(900_000_000) + 100_000_000
        at = write_time(datetime.now(UTC) - timedelta(days=days_ago))
        thing = {"product_id": IDS[product], "variant_id": IDS[product], "title": product.title()}
        return {
            "id": 6_100_000_000_000_000_000 + number,
            "name": f"#{number}",
            "email": self.email,
            "phone": self.phone,
            "customer": self._describe(),
            "customer_locale": "en",
            "buyer_accepts_marketing": self.wants_news,
            "currency": "EUR",
            "subtotal_price": total,
            "total_price": total,
            "financial_status": "paid",
            "fulfillment_status": None,
            "discount_codes": [{"code": code, "amount": "1.00", "type": "percentage"} for code in codes],
            "created_at": at,
            "updated_at": at,
            "source_name": "web",
            "line_items": [{"id": number, "quantity": 1, "price": total, "requires_shipping": True} | thing],
            "shipping_lines": [{"title": "Standard", "price": "0.00"}],
            "shipping_address": self._address(),
            "billing_address": self._address(),
        }

    def receive(self, order: dict[str, Any]) -> None:
        """The order's parcel leaves and arrives."""
        own = {"order_id": order["id"], "created_at": write_time(), "updated_at": write_time()}
        parcel = 5_500_000_000_000 + order["line_items"][0]["id"]
        self.shop.shop.post("fulfillments/create", own | {"id": parcel, "status": "success"})
        self.shop.shop.post("fulfillment_events/create", own | {"fulfillment_id": parcel, "status": "delivered"})

    def open_account(self) -> None:
        """Where they ordered as a guest before."""
        self.has_account = True
        self.shop.shop.post("customers/enable", self._describe() | {"updated_at": write_time()})

    def _describe(self) -> dict[str, Any]:
        agreed = {"state": "subscribed", "opt_in_level": "confirmed_opt_in", "consent_updated_at": write_time()}
        refused = {"state": "not_subscribed", "opt_in_level": None, "consent_updated_at": None}
        return {
            "id": 7_700_000_000_000 + self.number,
            "email": self.email,
            "phone": self.phone,
            "first_name": "Mia",
            "last_name": "Hart",
            "state": "enabled" if self.has_account else "disabled",
            "default_address": self._address(),
            "email_marketing_consent": agreed if self.wants_news else refused,
        }

    def _address(self) -> dict[str, Any]:
        street = {"address1": f"{self.number} Mill Road", "city": "Leeds", "zip": "LS1 4AP", "country_code": "GB"}
        return {"first_name": "Mia", "last_name": "Hart"} | street
