"""What stores answer, in the shapes of their documentation, and what that means for the shopper's wish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from okaeri.adapters.store_apis.by_platform import StoreApis
from okaeri.adapters.store_apis.calls import Access, Answer, Deadline
from okaeri.adapters.store_apis.postal import split_name
from okaeri.adapters.store_apis.shopify_admin import make_refusal
from okaeri.adapters.store_apis.shopify_graphql import find_wait_s, make_error, name_id, read_data
from okaeri.adapters.store_apis.variants import Form, choose_form
from okaeri.adapters.store_apis.woocommerce_rest import read_answer
from okaeri.domain.consent_copies import ConsentCopy, Word
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.errors import GiveUp, TryAgain
from tests.fakes import FakeSecrets

SHOP = Store(
    store_id="s1",
    name="Hallo Welt",
    platform=Platform.STANDARD,
    domain="hallo.example",
    site_url="https://hallo.example",
    settings=StoreSettings(webhooks={"order_changes": "https://hallo.example/changes"}),
)


@dataclass
class Webhook:
    """The shop's end of the call."""

    answer: Mapping[str, str] | Exception = field(default_factory=dict)
    calls: list[tuple[str, Any, str]] = field(default_factory=list)

    def call(self, store_id: str, url: str, body: str, *, call_id: str) -> Mapping[str, str]:
        self.calls.append((url, json.loads(body), call_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def change(webhook: Webhook, store: Store = SHOP) -> Mapping[str, str]:
    api = StoreApis(FakeSecrets({}), webhook, allow_local=False)
    return api.change_order(store, "HW-7", do="note", wanted={"note": "Für Oma"}, change_id="c1")


# ── The shop's own webhook ──


def test_a_shop_of_its_own_is_told_of_consents_where_it_named_an_address_for_them() -> None:
    webhook, word = Webhook({"result": "done"}), Word(False, datetime(2026, 11, 2, 9, tzinfo=UTC), "whatsapp reply")
    api, copy = StoreApis(FakeSecrets({}), webhook, allow_local=False), ConsentCopy("whatsapp", word, "+491512345")
    with pytest.raises(GiveUp, match="no webhook consent_changes"):
        api.write_consent(SHOP, "77", copy)
    named = StoreSettings(webhooks={"consent_changes": "https://hallo.example/consents"})
    assert api.write_consent(SHOP.model_copy(update={"settings": named}), "77", copy)
    [(url, body, call_id)] = webhook.calls
    assert (url, body["id"], body["type"]) == ("https://hallo.example/consents", call_id, "okaeri.consent_change")
    assert (body["customer"], body["store"]) == ("77", "s1")
    assert body["data"] == {
        "channel": "whatsapp",
        "given": False,
        "confirmed": False,
        "at": "2026-11-02T09:00:00.000000Z",
        "source": "whatsapp reply",
        "address": "+491512345",
    }


def test_a_shop_of_its_own_changes_the_order_itself() -> None:
    webhook = Webhook({"result": "done", "parcel": "later"})
    assert change(webhook) == {"parcel": "later"}
    [(url, body, call_id)] = webhook.calls
    assert (url, call_id) == ("https://hallo.example/changes", "c1")
    assert body == {
        "type": "okaeri.order_change",
        "id": "c1",
        "store": "s1",
        "order": "HW-7",
        "do": "note",
        "data": {"note": "Für Oma"},
    }


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"result": "refused", "reason": "too_late"}, "too_late"),
        ({"result": "refused", "reason": "on a Sunday?"}, "refused"),
        ({"result": "refused"}, "refused"),
        ({}, "store_misunderstood"),
        (GiveUp("http_404"), "http_404"),
        (GiveUp("secret_missing"), "api_not_set_up"),
    ],
)
def test_its_refusal_keeps_the_reason_that_we_have_words_for(answer: Mapping[str, str] | Exception, code: str) -> None:
    with pytest.raises(GiveUp) as refused:
        change(Webhook(answer))
    assert refused.value.code == code


def test_a_shop_that_lists_no_such_webhook_changes_nothing() -> None:
    webhook = Webhook({"result": "done"})
    with pytest.raises(GiveUp) as refused:
        change(webhook, SHOP.model_copy(update={"settings": StoreSettings()}))
    assert (refused.value.code, webhook.calls) == ("not_supported", [])


# ── Shopify's answers ──

DENIED = {
    "message": "Access denied for orderCancel field. Required access: `write_orders` access scope.",
    "locations": [{"line": 2, "column": 3}],
    "extensions": {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": "`write_orders` access scope.",
    },
    "path": ["orderCancel"],
}
THROTTLED = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
COST = {
    "cost": {
        "requestedQueryCost": 752,
        "actualQueryCost": None,
        "throttleStatus": {"maximumAvailable": 1000.0, "currentlyAvailable": 102, "restoreRate": 50.0},
    }
}
UNKNOWN_FIELD = {
    "message": "Field 'cancelled' doesn't exist on type 'Order'",
    "extensions": {"code": "undefinedField", "typeName": "Order", "fieldName": "cancelled"},
}


def test_a_missing_scope_is_named() -> None:
    error = make_error([DENIED], None)
    assert isinstance(error, GiveUp)
    assert (error.code, "write_orders" in str(error)) == ("not_allowed", True)


def test_an_empty_bucket_says_how_long_it_takes_to_fill() -> None:
    error = make_error([THROTTLED], COST)
    assert isinstance(error, TryAgain)
    assert error.after_s == (752 - 102) / 50
    assert find_wait_s({"cost": {"requestedQueryCost": 1}}) is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(401, {"errors": "[API] Invalid API key or access token"}), "not_allowed"),
        (Answer(402, {"errors": "This shop is frozen"}), "not_allowed"),
        (Answer(403, {"errors": "Forbidden"}), "not_allowed"),
        (Answer(404, {"errors": "Not Found"}), "api_not_set_up"),
        (Answer(200, {"errors": [UNKNOWN_FIELD]}), "store_misunderstood"),
        (Answer(200, {"errors": [DENIED], "data": {"orderCancel": None}}), "not_allowed"),
        (Answer(200, "<html>"), "store_misunderstood"),
        (Answer(400, {"errors": {"query": "Required parameter missing"}}), "store_misunderstood"),
    ],
)
def test_an_answer_without_what_was_asked_for_is_a_refusal_with_a_reason(answer: Answer, code: str) -> None:
    with pytest.raises(GiveUp) as refused:
        read_data(answer)
    assert refused.value.code == code


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "TIMEOUT"])
def test_a_fault_of_shopify_passes(code: str) -> None:
    error = make_error([{"message": "Internal error", "extensions": {"code": code}}], None)
    assert isinstance(error, TryAgain)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "INVALID", "field": ["orderId"], "message": "Cannot cancel"}, "refused"),
        ({"code": "NOT_FOUND", "field": ["orderId"], "message": "Order does not exist"}, "not_found"),
        ({"code": "NO_REFUND_PERMISSION", "field": None, "message": "No permission"}, "not_allowed"),
        ({"field": ["shippingAddress", "zip"], "message": "Zip is not valid"}, "invalid_address"),
    ],
)
def test_what_shopify_refuses_has_one_of_our_codes(error: dict[str, Any], code: str) -> None:
    otherwise = "invalid_address" if code == "invalid_address" else "refused"
    refusal = make_refusal([error], otherwise=otherwise)
    assert (type(refusal), refusal.code) == (GiveUp, code)


def test_an_id_of_any_length_becomes_a_global_one_once() -> None:
    assert name_id("Order", "6100000000000001001") == "gid://shopify/Order/6100000000000001001"
    assert name_id("Order", "gid://shopify/Order/1") == "gid://shopify/Order/1"


# ── WooCommerce's answers ──


@pytest.mark.parametrize(
    ("status", "name", "code"),
    [
        (401, "woocommerce_rest_cannot_view", "not_allowed"),
        (403, "woocommerce_rest_cannot_edit", "not_allowed"),
        (404, "woocommerce_rest_shop_order_invalid_id", "not_found"),
        (400, "woocommerce_rest_shop_order_invalid_id", "not_found"),
        (404, "rest_no_route", "api_not_set_up"),
        (400, "rest_invalid_param", "refused"),
        (418, "", "store_misunderstood"),
    ],
)
def test_woocommerces_errors_have_our_codes(status: int, name: str, code: str) -> None:
    with pytest.raises(GiveUp) as refused:
        read_answer(Answer(status, {"code": name, "message": "…", "data": {"status": status}}))
    assert refused.value.code == code


def test_a_bad_parameter_of_an_address_is_a_bad_address() -> None:
    with pytest.raises(GiveUp, match="rest_invalid_param") as refused:
        read_answer(Answer(400, {"code": "rest_invalid_param"}), is_address=True)
    assert refused.value.code == "invalid_address"


# ── What all share ──


@pytest.mark.parametrize(
    ("name", "country", "parts"),
    [
        ("Ada King Lovelace", "GB", ("Ada King", "Lovelace")),
        ("佐藤 愛子", "JP", ("愛子", "佐藤")),
        ("Madonna", "US", ("", "Madonna")),
    ],
)
def test_a_name_is_split_as_people_write_it_there(name: str, country: str, parts: tuple[str, str]) -> None:
    assert split_name(name, country) == parts


def test_a_change_never_takes_the_time_that_is_needed_to_tell_of_it() -> None:
    now = 0.0
    deadline = Deadline(20.0, lambda: now)
    assert deadline.limit(8) == 8
    now = 15.0
    assert deadline.limit(8) == 5
    now = 19.5
    with pytest.raises(TryAgain, match="store_slow"):
        deadline.limit(8)


def test_no_secret_shows_itself() -> None:
    assert "shpat" not in repr(Access("https://a.example", {"token": "shpat_1"}))


# ── Which form is meant ──

FORMS = [
    Form(f"{size}-{colour}", {"Size": size, "Colour": colour})
    for size in ("M", "L", "XL")
    for colour in ("Blue", "Dark blue", "生成り")
]
HELD = {"Size": "M", "Colour": "Blue"}


@pytest.mark.parametrize(
    ("wanted", "form"),
    [
        ("L", "L-Blue"),
        ("l please", "L-Blue"),
        ("XL!", "XL-Blue"),
        ("not M but L", "L-Blue"),
        ("dark blue", "M-Dark blue"),
        ("XL in dark blue", "XL-Dark blue"),
        ("Lサイズの生成りで", "L-生成り"),
        ("size M", "M-Blue"),
        ("L-Dark blue", "L-Dark blue"),
    ],
)
def test_what_a_shopper_writes_names_a_form_and_keeps_the_rest(wanted: str, form: str) -> None:
    assert choose_form(wanted, HELD, FORMS).form_id == form


@pytest.mark.parametrize("wanted", ["", "the big one", "L or XL", "lovely", "l'autre", "été m’a"])
def test_nobody_guesses_what_was_meant(wanted: str) -> None:
    with pytest.raises(GiveUp) as refused:
        choose_form(wanted, HELD, FORMS)
    assert refused.value.code == "not_found"
