"""The shops' orders and products in memory, and the webhooks that follow a change."""

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from local.control import Faults
from local.story.shops import Shop, WebhookRefused

from .configuration import Configuration, ShopAccess
from .coupons import Coupon

type Json = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass
class Bucket:
    """Shopify's points: each document takes what it costs, and they come back with time.

    https://shopify.dev/docs/api/usage/limits
    """

    left: float | None = None  # None while it was never drawn from
    drawn_at: float = 0.0

    def fill(self, *, holds: int, per_second: float) -> float:
        """What is in it now."""
        now = time.monotonic()
        left = holds if self.left is None else self.left + (now - self.drawn_at) * per_second
        self.drawn_at, self.left = now, min(float(holds), left)
        return self.left

    def draw(self, cost: int) -> None:
        """Takes what a document cost in the end, which is less than what it might have cost."""
        assert self.left is not None
        self.left -= cost


@dataclass
class OneShop:
    """A shop with what it knows. Orders and products are kept as its webhooks tell them, by id."""

    access: ShopAccess
    orders: dict[str, Json] = field(default_factory=dict)
    products: dict[str, Json] = field(default_factory=dict)
    customers: dict[str, Json] = field(default_factory=dict)
    coupons: dict[str, Coupon] = field(default_factory=dict)  # by folded code
    bucket: Bucket = field(default_factory=Bucket)  # Shopify's points
    calls: int = 0  # WooCommerce's, since the latest refusal
    returns: dict[str, list[Json]] = field(default_factory=dict)  # Shopify's, by order
    tokens: dict[str, float] = field(default_factory=dict)  # got by client credentials, with their end
    edits: dict[str, Json] = field(default_factory=dict)  # begun and not committed, by id
    jobs: dict[str, bool] = field(default_factory=dict)  # whether they are done
    cancelling: set[str] = field(default_factory=set)  # orders


@dataclass
class State:
    """Everything of one stand-in."""

    configuration: Configuration
    faults: Faults = field(default_factory=Faults)
    shops: dict[str, OneShop] = field(default_factory=dict)
    webhooks: list[Json] = field(default_factory=list)  # topic, order, and the error where it was not taken
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(9_000_001, 10_000_000)))

    def __post_init__(self) -> None:
        self.configure(Configuration())

    def configure(self, change: Configuration) -> None:
        """Known shops keep their orders."""
        self.configuration = self.configuration.merge(change)
        known = self.shops
        self.shops = {}
        for access in self.configuration.shops:
            shop = known.get(access.store_id) or OneShop(access)
            shop.access = access
            self.shops[access.store_id] = shop

    def reset(self) -> None:
        """Forgets orders, products, faults and what was sent."""
        self.shops = {}
        self.faults.clear()
        self.webhooks.clear()
        self.configure(Configuration())

    def find_by_domain(self, domain: str, platform: str) -> OneShop | None:
        found = (shop for shop in self.shops.values() if shop.access.domain == domain)
        return next((shop for shop in found if shop.access.platform == platform), None)

    def next_number(self) -> int:
        """A number for a new thing."""
        return next(self._numbers)

    def tell(self, shop: OneShop, topic: str, payload: Json) -> None:
        """Posts a webhook in the background, signed as the platform signs it."""
        if not shop.access.events_url:
            return
        task = asyncio.get_running_loop().create_task(self._post(shop.access, topic, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, access: ShopAccess, topic: str, payload: Json) -> None:
        sender = Shop(access.store_id, access.platform, access.domain, access.events_url, access.webhook_secret)
        sent: Json = {"store": access.store_id, "topic": topic, "payload": payload, "error": None}
        try:
            await asyncio.to_thread(sender.post, topic, payload)
        except (WebhookRefused, requests.RequestException) as error:
            sent["error"] = str(error)
            log.warning("%s of %s: %s", topic, access.store_id, error)
        self.webhooks.append(sent)
