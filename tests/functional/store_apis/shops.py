"""The stand-in of the stores' APIs as tests speak with it, and what its shops have in stock."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from okaeri.adapters.store_apis.by_platform import StoreApis
from okaeri.adapters.store_apis.calls import StoreCalls
from okaeri.domain.stores import Platform, Store
from okaeri.errors import GiveUp
from tests.fakes import FakeSecrets

type Json = dict[str, Any]

DOMAINS = {Platform.SHOPIFY: "kinari.myshopify.com", Platform.WOOCOMMERCE: "casa.example"}
ACCESS: Mapping[str, Json] = {
    "shopify": {"client_id": "id-1", "client_secret": "secret-1"},
    "woocommerce": {"key": "ck_1", "secret": "cs_1"},
}
LINE, VARIANT, OTHER_SIZE, SOLD_OUT, DEARER = "41", "71", "72", "73", "74"


class Shops:
    """The stand-in, as a test speaks with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.webhooks = FakeWebhooks()

    def control(self, method: str, path: str, body: Json | None = None, **query: str) -> Any:
        answer = requests.request(method, f"{self.url}/_/{path}", json=body, params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def open(self, **changes: Any) -> None:
        shops = [
            {"store_id": platform, "platform": platform, "domain": DOMAINS[Platform(platform)]} | access
            for platform, access in ACCESS.items()
        ]
        self.control("POST", "reset")
        self.control("POST", "configure", {"shops": [shop | changes for shop in shops], "cancel_s": 0.05})

    def change(self, platform: str, do: str, change_id: str = "c" * 40, **wanted: str) -> Mapping[str, str]:
        return self.make_api().change_order(make_store(platform), "1001", do=do, wanted=wanted, change_id=change_id)

    def make_api(self, **secrets: str) -> StoreApis:
        """A fresh one: nothing is remembered of the change before."""
        held = {
            f"stores/{name}/api": (secrets or access) | {"url": f"{self.url}/{DOMAINS[Platform(name)]}"}
            for name, access in ACCESS.items()
        }
        return StoreApis(FakeSecrets(held), self.webhooks, allow_local=True)

    def read(self, platform: str) -> Json:
        [found] = self.control("GET", "orders", store=platform, id="1001")
        order: Json = found["order"] | {"returns": found["returns"]}
        return order


class FakeWebhooks:
    """No store here changes its orders by a webhook of its own."""

    def call(self, store_id: str, url: str, body: str, *, call_id: str) -> Mapping[str, str]:
        raise AssertionError("called")


def make_store(platform: str) -> Store:
    domain = DOMAINS[Platform(platform)]
    return Store(
        store_id=platform, name="Kinari", platform=Platform(platform), domain=domain, site_url=f"https://{domain}"
    )


def make_calls(shops: Shops) -> StoreCalls:
    secret = dict(ACCESS["shopify"]) | {"url": f"{shops.url}/{DOMAINS[Platform.SHOPIFY]}"}
    return StoreCalls(FakeSecrets({"stores/shopify/api": secret}), allow_local=True)


ADDRESS = {"address1": "1-2-3 Setagaya", "address2": "Room 4", "city": "Tokyo", "zip": "154-0001"}


def make_shopify_order(**changes: Any) -> Json:
    names = {"name": "佐藤 愛子", "first_name": "愛子", "last_name": "佐藤"}
    order: Json = {
        "id": 1001,
        "name": "#1001",
        "currency": "JPY",
        "total_price": "10100",
        "financial_status": "paid",
        "fulfillment_status": None,
        "payment_gateway_names": ["shopify_payments"],
        "cancelled_at": None,
        "note": None,
        "created_at": "2026-11-02T10:00:00+00:00",
        "shipping_address": ADDRESS | names | {"country_code": "JP", "province_code": "JP-13", "phone": "+8190"},
        "line_items": [
            {
                "id": int(LINE),
                "product_id": 7,
                "variant_id": int(VARIANT),
                "title": "Apron",
                "variant_title": "M",
                "quantity": 2,
                "current_quantity": 2,
                "price": "4800",
            }
        ],
        "refunds": [],
    }
    return order | changes


def make_woocommerce_order(**changes: Any) -> Json:
    shipping = {"first_name": "Ben", "last_name": "Okafor", "address_1": "77 Mill Road", "city": "Cambridge"}
    order: Json = {
        "id": 1001,
        "number": "1001",
        "status": "on-hold",
        "currency": "USD",
        "total": "54.00",
        "date_paid_gmt": None,
        "customer_note": "",
        "shipping": shipping | {"address_2": "", "postcode": "CB1 2AW", "country": "GB"},
        "line_items": [
            {"id": int(LINE), "product_id": 7, "variation_id": int(VARIANT), "quantity": 2, "price": 24, "name": "Bowl"}
        ],
        "refunds": [],
        "meta_data": [],
    }
    return order | changes


SIZES = {VARIANT: "M", OTHER_SIZE: "L", SOLD_OUT: "S", DEARER: "XL"}
HELD = {VARIANT: 5, OTHER_SIZE: 2, SOLD_OUT: 1, DEARER: 9}
SHOPIFY_PRODUCT: Json = {
    "id": 7,
    "title": "Apron",
    "options": [{"name": "Size"}],
    "variants": [
        {
            "id": int(variant),
            "title": size,
            "option1": size,
            "price": "5800" if variant == DEARER else "4800",
            "inventory_quantity": HELD[variant],
            "inventory_policy": "deny",
        }
        for variant, size in SIZES.items()
    ],
}
WOOCOMMERCE_PRODUCT: Json = {
    "id": 7,
    "name": "Bowl",
    "variations": [
        {
            "id": int(variant),
            "name": size,
            "price": "29.00" if variant == DEARER else "24.00",
            "attributes": [{"name": "Size", "option": size}],
            "stock_status": "outofstock" if variant == SOLD_OUT else "instock",
        }
        for variant, size in SIZES.items()
    ],
}

BOTH = pytest.mark.parametrize("platform", ["shopify", "woocommerce"])


def refuse(shops: Shops, platform: str, do: str, **wanted: str) -> str:
    """The code with which a change is refused; the order is as before."""
    before = shops.read(platform)
    with pytest.raises(GiveUp) as refused:
        shops.change(platform, do, **wanted)
    assert shops.read(platform) == before
    return refused.value.code


@contextmanager
def losing_answers(url: str, *, after: int) -> Iterator[str]:
    """A road to the stand-in on which calls arrive, and no answer comes back after the first few."""
    count = 0

    class Road(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            nonlocal count
            count += 1
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            answer = requests.request(self.command, url + self.path, data=body, headers=headers, timeout=10)
            if count > after:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = pass_on

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Road)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
