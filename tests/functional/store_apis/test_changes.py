"""Orders are changed over HTTP in shops that answer as Shopify and WooCommerce do, once however often it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from okaeri.adapters.store_apis.shopify_admin import ShopifyAdmin
from okaeri.errors import GiveUp, TryAgain
from tests.functional.local.conftest import wait_for
from tests.functional.store_apis.shops import (
    BOTH,
    DEARER,
    LINE,
    OTHER_SIZE,
    SOLD_OUT,
    VARIANT,
    Json,
    Shops,
    losing_answers,
    make_calls,
    make_shopify_order,
    make_store,
    make_woocommerce_order,
    refuse,
)

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
