"""Orders are changed over HTTP in shops that answer as Shopify and WooCommerce do, once however often it is asked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from okaeri.adapters.store_apis.by_platform import StoreApis
from okaeri.adapters.store_apis.calls import StoreCalls
from okaeri.adapters.store_apis.shopify_admin import ShopifyAdmin
from okaeri.domain.stores import Platform, Store
from okaeri.errors import GiveUp, TryAgain
from tests.fakes import FakeSecrets
from tests.functional.local.conftest import running, wait_for

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


# ── Cancelling ──


def test_a_paid_order_at_shopify_is_cancelled_and_its_money_goes_back(shops: Shops) -> None:
    brought = shops.change("shopify", "cancel", reason="ordered twice")
    assert brought == {"refund": "10100", "currency": "JPY"}
    order = shops.read("shopify")
    assert (order["cancel_reason"], order["financial_status"]) == ("customer", "refunded")
    assert shops.change("shopify", "cancel") == brought, "done already"
    assert len(shops.read("shopify")["refunds"]) == 1


def test_woocommerce_cancels_and_says_what_the_shop_still_has_to_give_back(shops: Shops) -> None:
    paid = make_woocommerce_order(status="processing", date_paid_gmt="2026-11-02T10:00:00")
    shops.control("POST", "orders", {"store": "woocommerce", "order": paid})
    for _ in range(2):
        assert shops.change("woocommerce", "cancel") == {"refund_due": "54.00", "currency": "USD"}
    assert shops.read("woocommerce")["status"] == "cancelled"


def test_an_unpaid_order_is_cancelled_without_a_word_of_money(shops: Shops) -> None:
    unpaid = make_shopify_order(financial_status="pending")
    shops.control("POST", "orders", {"store": "shopify", "order": unpaid})
    assert (shops.change("shopify", "cancel"), shops.change("woocommerce", "cancel")) == ({}, {})


@pytest.mark.parametrize("do", ["cancel", "address", "note"])
def test_what_was_shipped_is_changed_no_more(shops: Shops, do: str) -> None:
    tracking = [{"key": "_wc_shipment_tracking_items", "value": [{"tracking_number": "1"}]}]
    shipped = {"shopify": make_shopify_order(fulfillment_status="fulfilled")}
    for order in (make_woocommerce_order(status="completed"), make_woocommerce_order(meta_data=tracking)):
        for store, put in (shipped | {"woocommerce": order}).items():
            shops.control("POST", "orders", {"store": store, "order": put})
            assert refuse(shops, store, do, city="Osaka", note="Hello") == "too_late"


def test_an_order_that_is_being_cancelled_already_is_waited_for(shops: Shops) -> None:
    shops.control("POST", "configure", {"cancel_s": 600})
    with losing_answers(shops.url, after=2) as road, pytest.raises(TryAgain):
        Shops(road).change("shopify", "cancel")
    cancelled = make_shopify_order(cancelled_at="2026-11-02T11:00:00+00:00", financial_status="refunded")

    def finish(_: float) -> None:
        shops.control("POST", "orders", {"store": "shopify", "order": cancelled})

    api = ShopifyAdmin(make_calls(shops), sleep=finish)
    assert not api.change_order(make_store("shopify"), "1001", do="cancel", wanted={}, change_id="c1")
    assert shops.read("shopify") == cancelled | {"returns": []}


def test_an_order_that_shopify_takes_on_and_then_does_not_cancel_is_refused(shops: Shops) -> None:
    shops.control("POST", "configure", {"cancel_s": 0.3})
    order = make_shopify_order()

    def ship(seconds: float) -> None:  # while Shopify still works on it
        shops.control("POST", "orders", {"store": "shopify", "order": order | {"fulfillment_status": "fulfilled"}})
        time.sleep(seconds)

    api = ShopifyAdmin(make_calls(shops), sleep=ship)
    with pytest.raises(GiveUp, match="not cancelled"):
        api.change_order(make_store("shopify"), "1001", do="cancel", wanted={}, change_id="c1")


def make_calls(shops: Shops) -> StoreCalls:
    secret = dict(ACCESS["shopify"]) | {"url": f"{shops.url}/{DOMAINS[Platform.SHOPIFY]}"}
    return StoreCalls(FakeSecrets({"stores/shopify/api": secret}), allow_local=True)


# ── Address and note ──


@BOTH
def test_a_new_address_keeps_what_was_not_given(shops: Shops, platform: str) -> None:
    for _ in range(2):
        assert shops.change(platform, "address", address1="9 New Street", city="Osaka", zip="530-0001") == {}
    order = shops.read(platform)
    held = order["shipping_address"] if platform == "shopify" else order["shipping"]
    street, second, code = ("address1", "address2", "zip") if platform == "shopify" else (
        "address_1", "address_2", "postcode")  # fmt: skip
    assert (held[street], held["city"], held[code]) == ("9 New Street", "Osaka", "530-0001")
    assert not held[second], "the old room does not stand behind the new street"
    assert (held["first_name"], held["last_name"]) == (("愛子", "佐藤") if platform == "shopify" else ("Ben", "Okafor"))
    if platform == "shopify":
        assert (held["country_code"], held["province_code"], held["phone"]) == ("JP", "JP-13", "+8190")


def test_a_new_name_is_split_as_it_is_written_there(shops: Shops) -> None:
    shops.change("shopify", "address", name="田中 花子")
    address = shops.read("shopify")["shipping_address"]
    assert (address["last_name"], address["first_name"]) == ("田中", "花子")
    shops.change("woocommerce", "address", name="Ada King Lovelace")
    address = shops.read("woocommerce")["shipping"]
    assert (address["first_name"], address["last_name"]) == ("Ada King", "Lovelace")


@BOTH
def test_an_address_of_nothing_is_no_address(shops: Shops, platform: str) -> None:
    assert refuse(shops, platform, "address", city="x" * 300) == "invalid_address"
    assert refuse(shops, platform, "address") == "invalid_address"


def test_an_address_that_shopify_does_not_take_is_invalid(shops: Shops) -> None:
    american = make_shopify_order()["shipping_address"] | {"country_code": "US", "zip": "10001"}
    order = make_shopify_order(shipping_address=american)
    shops.control("POST", "orders", {"store": "shopify", "order": order})
    assert refuse(shops, "shopify", "address", zip="ABC") == "invalid_address"


@BOTH
def test_a_note_is_added_once_and_takes_none_away(shops: Shops, platform: str) -> None:
    for text in ("Happy birthday!", "Happy birthday!", "Ring twice"):
        shops.change(platform, "note", note=text)
    order = shops.read(platform)
    assert order["note" if platform == "shopify" else "customer_note"] == "Happy birthday!\nRing twice"


# ── Another size ──


@BOTH
def test_another_size_takes_the_place_of_the_first_once(shops: Shops, platform: str) -> None:
    brought = [shops.change(platform, "variant", line=LINE, variant=OTHER_SIZE) for _ in range(2)]
    assert brought == ([{"variant": "L"}, {"variant": "L"}] if platform == "shopify" else [{"variant": "L"}, {}])
    sizes = "variant_id" if platform == "shopify" else "variation_id"
    lines = {line[sizes]: line.get("current_quantity", line["quantity"]) for line in shops.read(platform)["line_items"]}
    assert lines == ({int(VARIANT): 0, int(OTHER_SIZE): 2} if platform == "shopify" else {int(OTHER_SIZE): 2})


@BOTH
def test_a_size_may_be_written_as_people_write(shops: Shops, platform: str) -> None:
    assert refuse(shops, platform, "variant", line=LINE, variant="the blue one") == "not_found"
    shops.change(platform, "variant", line=LINE, variant="not M, please send me an L")
    sizes = "variant_id" if platform == "shopify" else "variation_id"
    assert int(OTHER_SIZE) in [line[sizes] for line in shops.read(platform)["line_items"]]


@BOTH
def test_a_size_that_is_not_there_or_costs_more_is_not_put_in(shops: Shops, platform: str) -> None:
    assert refuse(shops, platform, "variant", line=LINE, variant=SOLD_OUT) == "out_of_stock"
    assert refuse(shops, platform, "variant", line=LINE, variant=DEARER) == "refused"
    assert refuse(shops, platform, "variant", line=LINE, variant="999") == "not_found"
    assert refuse(shops, platform, "variant", line="999", variant=OTHER_SIZE) == "not_found"


def test_woocommerce_edits_no_order_that_was_paid(shops: Shops) -> None:
    order = make_woocommerce_order(status="processing")
    shops.control("POST", "orders", {"store": "woocommerce", "order": order})
    assert refuse(shops, "woocommerce", "variant", line=LINE, variant=OTHER_SIZE) == "not_supported"


# ── Returns ──


def test_a_return_is_requested_once_and_tells_its_name_and_status(shops: Shops) -> None:
    order = make_shopify_order(fulfillment_status="fulfilled")
    shops.control("POST", "orders", {"store": "shopify", "order": order})
    for _ in range(2):
        brought = shops.change("shopify", "return", line=LINE, reason="too_small", note="A bit tight")
        assert brought == {"return_id": "#1001-R1", "status": "requested"}
    [known] = shops.read("shopify")["returns"]
    [item] = known["returnLineItems"]["nodes"]
    assert (item["returnReason"], item["quantity"], item["customerNote"]) == ("SIZE_TOO_SMALL", 2, "A bit tight")


def test_a_reason_in_the_shoppers_own_words_is_a_note(shops: Shops) -> None:
    order = make_shopify_order(fulfillment_status="fulfilled")
    shops.control("POST", "orders", {"store": "shopify", "order": order})
    shops.change("shopify", "return", reason="The colour bites my sofa")
    [item] = shops.read("shopify")["returns"][0]["returnLineItems"]["nodes"]
    assert (item["returnReason"], item["customerNote"]) == ("OTHER", "The colour bites my sofa")


def test_what_was_not_shipped_is_not_returned_and_woocommerce_knows_no_returns(shops: Shops) -> None:
    assert refuse(shops, "shopify", "return", reason="STYLE") == "refused"
    assert refuse(shops, "woocommerce", "return") == "not_supported"


# ── Access ──


@BOTH
def test_an_order_that_the_store_does_not_know_is_not_found(shops: Shops, platform: str) -> None:
    with pytest.raises(GiveUp) as refused:
        shops.make_api().change_order(make_store(platform), "404404", do="cancel", wanted={}, change_id="c1")
    assert refused.value.code == "not_found"


def test_a_scope_that_is_missing_is_named(shops: Shops) -> None:
    shops.open(scopes=["read_orders"])
    shops.control("POST", "orders", {"store": "shopify", "order": make_shopify_order()})
    with pytest.raises(GiveUp, match="write_orders") as refused:
        shops.change("shopify", "cancel")
    assert refused.value.code == "not_allowed"
    assert ShopifyAdmin(make_calls(shops)).list_scopes(make_store("shopify")) == ["read_orders"]


def test_a_key_that_may_only_read_changes_nothing(shops: Shops) -> None:
    shop = {"store_id": "woocommerce", "platform": "woocommerce", "domain": DOMAINS[Platform.WOOCOMMERCE]}
    reading = shop | dict(ACCESS["woocommerce"]) | {"permissions": "read"}
    shops.control("POST", "configure", {"shops": [reading]})
    assert refuse(shops, "woocommerce", "cancel") == "not_allowed"


@BOTH
def test_wrong_credentials_are_not_allowed_and_none_is_not_set_up(shops: Shops, platform: str) -> None:
    wrong = {"client_id": "id-1", "client_secret": "no", "key": "ck_1", "secret": "no"}
    for secrets, code in ((wrong, "not_allowed"), ({"token": "shpat_no"}, None), ({"note": "x"}, "api_not_set_up")):
        with pytest.raises(GiveUp) as refused:
            shops.make_api(**secrets).change_order(make_store(platform), "1001", do="cancel", wanted={}, change_id="c1")
        expected = code or ("not_allowed" if platform == "shopify" else "api_not_set_up")
        assert refused.value.code == expected


def test_without_a_secret_or_without_https_no_shop_is_called(shops: Shops) -> None:
    store = make_store("shopify")
    for api in (
        StoreApis(FakeSecrets({}), shops.webhooks, allow_local=True),
        StoreApis(
            FakeSecrets({"stores/shopify/api": {"token": "t", "url": shops.url}}), shops.webhooks, allow_local=False
        ),
    ):
        with pytest.raises(GiveUp) as refused:
            api.change_order(store, "1001", do="cancel", wanted={}, change_id="c1")
        assert refused.value.code == "api_not_set_up"


def test_a_token_is_fetched_once_and_again_when_the_shop_knows_it_no_more(shops: Shops) -> None:
    api = shops.make_api()
    store = make_store("shopify")
    api.change_order(store, "1001", do="note", wanted={"note": "one"}, change_id="c1")
    shops.open()  # every token is forgotten
    shops.control("POST", "orders", {"store": "shopify", "order": make_shopify_order()})
    api.change_order(store, "1001", do="note", wanted={"note": "two"}, change_id="c2")
    assert shops.read("shopify")["note"] == "two"


# ── Faults ──


# Calls before the one that makes the change; at Shopify the first of them gets the token.
CALLS_BEFORE = {
    ("shopify", "variant"): 6,
    ("shopify", "cancel"): 2,
    ("shopify", "note"): 2,
    ("shopify", "return"): 2,
    ("woocommerce", "variant"): 2,
    ("woocommerce", "cancel"): 1,
    ("woocommerce", "note"): 1,
}


@pytest.mark.parametrize(("platform", "do"), CALLS_BEFORE)
def test_an_answer_that_was_lost_is_found_done_at_the_next_try(shops: Shops, platform: str, do: str) -> None:
    if do == "return":
        order = make_shopify_order(fulfillment_status="fulfilled")
        shops.control("POST", "orders", {"store": platform, "order": order})
    before, wanted = shops.read(platform), {"line": LINE, "variant": OTHER_SIZE, "note": "Ring twice"}
    with (
        losing_answers(shops.url, after=CALLS_BEFORE[platform, do]) as road,
        pytest.raises(TryAgain, match="ConnectionError"),
    ):
        Shops(road).change(platform, do, **wanted)
    changed = wait_for(lambda: found if (found := shops.read(platform)) != before else None)
    shops.change(platform, do, **wanted)
    assert shops.read(platform) == changed


@BOTH
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_store_in_trouble_is_asked_again_later(shops: Shops, platform: str, status: int) -> None:
    shops.control("POST", "faults", {"http_status": status, "times": 1})
    with pytest.raises(TryAgain, match=f"http_{status}"):
        shops.change(platform, "cancel")
    shops.change(platform, "cancel")


def test_a_throttled_call_waits_as_long_as_the_bucket_needs(shops: Shops) -> None:
    shops.control("POST", "faults", {"code": "THROTTLED", "times": 1})
    with pytest.raises(TryAgain) as refused:
        shops.change("shopify", "cancel")
    assert refused.value.after_s == pytest.approx(12 / 50)


def test_a_store_that_is_away_is_asked_again_later(shops: Shops) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    with pytest.raises(TryAgain, match="ConnectionError"):
        Shops(f"http://127.0.0.1:{server.server_port}").change("woocommerce", "cancel")


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


# ── What the shop tells afterwards ──


def test_the_shop_tells_of_the_change_by_its_own_signed_webhooks(
    shops: Shops, hear: Callable[[], tuple[str, list[tuple[str, Json]]]]
) -> None:
    url, heard = hear()
    shops.open(events_url=url, webhook_secret="whsec")
    shops.control("POST", "orders", {"store": "shopify", "order": make_shopify_order()})
    shops.control("POST", "orders", {"store": "woocommerce", "order": make_woocommerce_order()})
    shops.change("shopify", "cancel")
    shops.change("woocommerce", "cancel")
    wait_for(lambda: len(heard) == 4)
    told = dict(heard)
    assert set(told) == {"orders/cancelled", "orders/updated", "refunds/create", "order.updated"}
    assert told["orders/cancelled"]["cancelled_at"]
    assert told["order.updated"]["status"] == "cancelled"
    assert all(sent["error"] is None for sent in shops.control("GET", "webhooks"))


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
