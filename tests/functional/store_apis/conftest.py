"""A Shopify and a WooCommerce store with one order each, and somebody who hears their webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.functional.local.conftest import running
from tests.functional.store_apis.shops import (
    SHOPIFY_PRODUCT,
    WOOCOMMERCE_PRODUCT,
    Json,
    Shops,
    make_shopify_order,
    make_woocommerce_order,
)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    with running("local.shops") as url:
        yield url


@pytest.fixture
def shops(stand_in: str) -> Shops:
    shops = Shops(stand_in)
    shops.open()
    shops.control("POST", "orders", {"store": "shopify", "order": make_shopify_order()})
    shops.control("POST", "orders", {"store": "woocommerce", "order": make_woocommerce_order()})
    for store, product in (("shopify", SHOPIFY_PRODUCT), ("woocommerce", WOOCOMMERCE_PRODUCT)):
        shops.control("POST", "products", {"store": store, "product": product})
    return shops


@pytest.fixture
def hear() -> Iterator[Callable[[], tuple[str, list[tuple[str, Json]]]]]:
    heard: list[tuple[str, Json]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            expected = base64.b64encode(hmac.new(b"whsec", body, hashlib.sha256).digest()).decode()
            shopify, woocommerce = "x-shopify-hmac-sha256", "x-wc-webhook-signature"
            assert (self.headers.get(shopify) or self.headers.get(woocommerce)) == expected
            topic = self.headers.get("x-shopify-topic") or self.headers["x-wc-webhook-topic"]
            heard.append((topic, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield lambda: (f"http://127.0.0.1:{server.server_port}/events", heard)
    server.shutdown()
    server.server_close()
