"""Who may not, what the store does not answer, and how often it is asked again."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from okaeri.adapters.store_apis.by_platform import StoreApis
from okaeri.adapters.store_apis.shopify_admin import ShopifyAdmin
from okaeri.domain.stores import Platform
from okaeri.errors import GiveUp, TryAgain
from tests.fakes import FakeSecrets
from tests.functional.local.conftest import wait_for
from tests.functional.store_apis.shops import (
    ACCESS,
    BOTH,
    DOMAINS,
    LINE,
    OTHER_SIZE,
    Shops,
    losing_answers,
    make_calls,
    make_shopify_order,
    make_store,
    refuse,
)

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


def test_a_shop_that_comes_later_leaves_the_others_as_they_are(shops: Shops) -> None:
    later = {"store_id": "later", "platform": "woocommerce", "domain": "later.example", "key": "k", "secret": "s"}
    shops.control("POST", "configure", {"shops": [later]})
    assert shops.control("GET", "orders", store="later") == []
    shops.change("woocommerce", "cancel")
    assert shops.read("woocommerce")["status"] == "cancelled"


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
