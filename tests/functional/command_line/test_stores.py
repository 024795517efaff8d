"""`okaeri stores …`: adding, changing, rotating, pausing."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

import boto3
import pytest

from command_line import records
from command_line.failures import CommandFailure
from command_line.publish import load_catalogue
from command_line.secrets import read_secret
from command_line.stack import Stack
from command_line.stores import (
    COMPLIANCE_TOPICS,
    AddedStore,
    add_store,
    change_settings,
    pause_store,
    resume_store,
    rotate_secret,
)
from okaeri.adapters.stores import DynamoStores
from okaeri.domain.stores import UNINSTALLED, Platform, Store
from tests.functional.command_line.stack import make_catalogue

SHOPIFY = {
    "name": "Aya Ceramics", "domain": "aya.myshopify.com", "site-url": "https://aya.example", "locale": "ja",
    "country": "JP", "time-zone": "Asia/Tokyo", "currency": "JPY", "from-email": "hello@aya.example",
}  # fmt: skip


def add_shopify(stack: Stack, choices: Mapping[str, str] = SHOPIFY, *, store_id: str = "aya") -> AddedStore:
    return add_store(stack, store_id, choices, platform=Platform.SHOPIFY, secret="shpss_1", catalogue=make_catalogue())


def read_as_functions_do(stack: Stack, store_id: str = "aya") -> Store:
    store = DynamoStores(boto3.client("dynamodb"), stack.table_name).get(store_id)
    assert store is not None
    return store


def test_a_new_store_stands_in_the_table_with_its_secrets_and_the_catalogue(stack: Stack) -> None:
    added = add_shopify(stack)
    store = read_as_functions_do(stack)
    assert added.created and added.store == store
    assert (store.platform, store.domain, store.time_zone, store.currency) == (
        "shopify",
        "aya.myshopify.com",
        "Asia/Tokyo",
        "JPY",
    )
    assert read_secret(stack, "/okaeri/okaeri/stores/aya/webhook") == {"current": "shpss_1"}
    assert len((read_secret(stack, "/okaeri/okaeri/stores/aya/links") or {})["key"]) >= 32
    assert {entry.journey for entry in store.triggers["order.placed"]} == {"confirm-order"}
    assert store.templates["order_confirmed"].whatsapp == ("en", "ja")
    assert records.list_store_ids(stack) == ["aya"]
    assert added.events_url == "https://api.example/stores/aya/events"
    assert {"orders/create", "fulfillment_events/create", "shop/redact"} <= set(added.topics)
    assert set(COMPLIANCE_TOPICS) <= set(added.topics)


def test_adding_again_changes_only_what_is_given(stack: Stack) -> None:
    add_shopify(stack)
    links = read_secret(stack, "/okaeri/okaeri/stores/aya/links")
    again = add_store(stack, "aya", {"currency": "usd"}, catalogue=make_catalogue())
    assert not again.created and again.secret is None
    assert (again.store.currency, again.store.name) == ("USD", "Aya Ceramics")
    assert read_secret(stack, "/okaeri/okaeri/stores/aya/links") == links
    assert read_secret(stack, "/okaeri/okaeri/stores/aya/webhook") == {"current": "shpss_1"}


def test_woocommerce_gets_a_secret_that_it_signs_rightly_with(stack: Stack) -> None:
    added = add_store(
        stack,
        "woo",
        {"name": "Woo", "domain": "woo.example"},
        platform=Platform.WOOCOMMERCE,
        catalogue=make_catalogue(),
    )
    assert added.secret and re.fullmatch(r"[A-Za-z0-9_-]{40,}", added.secret)
    with pytest.raises(CommandFailure, match="WooCommerce signs wrongly"):
        rotate_secret(stack, "woo", secret="a&b")


def test_our_own_api_gets_a_standard_webhooks_secret(stack: Stack) -> None:
    added = add_store(
        stack, "own", {"name": "Own", "domain": "own.example"}, platform=Platform.STANDARD, catalogue=make_catalogue()
    )
    assert {"order.placed", "consent.withdrawn", "stock.changed"} <= set(added.topics)
    assert added.secret and added.secret.startswith("whsec_")
    assert len(base64.b64decode(added.secret.removeprefix("whsec_"))) == 32


def test_rotating_keeps_the_secret_before(stack: Stack) -> None:
    add_shopify(stack)
    assert rotate_secret(stack, "aya", secret="shpss_2") == "shpss_2"
    assert read_secret(stack, "/okaeri/okaeri/stores/aya/webhook") == {"current": "shpss_2", "previous": "shpss_1"}
    rotate_secret(stack, "aya", secret="shpss_2")
    assert read_secret(stack, "/okaeri/okaeri/stores/aya/webhook") == {"current": "shpss_2", "previous": "shpss_1"}


@pytest.mark.parametrize(
    ("choices", "at", "said"),
    [
        ({"domain": "https://aya.myshopify.com/admin"}, "domain", "aya.myshopify.com"),
        ({"domain": "aya.example"}, "--domain", "NAME.myshopify.com"),
        ({"time-zone": "asia/tokyo"}, "time-zone", "did you mean Asia/Tokyo"),
        ({"currency": "YEN"}, "currency", "ISO 4217"),
        ({"country": "Japan"}, "country", "two letters"),
        ({"locale": "de"}, "locale", "en, ja"),
        ({"contact-phone": "03-1234-5678"}, "contact-phone", "Begin with +"),
        ({"from-email": "aya"}, "from-email", "hello@"),
        ({"phone-number-id": "+81 3 1234"}, "phone-number-id", "not the phone number"),
        ({"phone-field-is-opt-in": "yes"}, "phone-field-wording", "the words that shoppers read"),
        ({"name": ""}, "--name", "name that shoppers know"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_to_mend_it(
    stack: Stack, choices: dict[str, str], at: str, said: str
) -> None:
    with pytest.raises(CommandFailure) as refused:
        add_shopify(stack, SHOPIFY | choices)
    assert refused.value.at == at
    assert said in refused.value.fix
    assert records.list_store_ids(stack) == []
    assert read_secret(stack, "/okaeri/okaeri/stores/aya/webhook") is None


def test_a_store_id_is_checked(stack: Stack) -> None:
    with pytest.raises(CommandFailure, match="no store id"):
        add_shopify(stack, store_id="Aya Ceramics")


def test_shopify_needs_its_client_secret(stack: Stack) -> None:
    with pytest.raises(CommandFailure, match="client secret"):
        add_store(stack, "aya", SHOPIFY, platform=Platform.SHOPIFY, catalogue=make_catalogue())


def test_a_number_belongs_to_one_store_and_moves_with_it(stack: Stack) -> None:
    add_shopify(stack, SHOPIFY | {"phone-number-id": "106540352242922"})
    with pytest.raises(CommandFailure, match="another store"):
        add_shopify(stack, SHOPIFY | {"phone-number-id": "106540352242922"}, store_id="other")
    change_settings(stack, "aya", {"phone-number-id": "206540352242922"}, catalogue=make_catalogue())
    owners = {
        item["pk"]: item["store_id"] for item in stack.table.scan()["Items"] if str(item["pk"]).startswith("PHONE#")
    }
    assert owners == {"PHONE#206540352242922": "aya"}


def test_whatsapp_that_is_half_set_up_and_meta_out_of_reach_are_warnings(stack: Stack) -> None:
    half = add_shopify(stack, SHOPIFY | {"phone-number-id": "106540352242922"})
    assert "--waba-id and --whatsapp-token" in half.warnings[0]
    whole = add_store(stack, "aya", {"waba-id": "102290129340398"}, whatsapp_token="token", catalogue=make_catalogue())
    assert "cannot be reached" in whole.warnings[0]
    assert whole.store.waba_id == "102290129340398"


def test_review_rules_and_return_promises_are_added_and_taken_away(stack: Stack) -> None:
    add_shopify(stack)
    rules = {
        "review.tag.experience": "PT0S",
        "review.sku_prefix.SOFA-": "P30D",
        "return-promise.ja": "30日以内は返品できます。",
    }
    store = change_settings(stack, "aya", rules, catalogue=make_catalogue())
    assert [(rule.by, rule.value, rule.after.days) for rule in store.settings.review_rules] == [
        ("tag", "experience", 0),
        ("sku_prefix", "SOFA-", 30),
    ]
    assert store.settings.return_promise == {"ja": "30日以内は返品できます。"}
    store = change_settings(
        stack, "aya", {"review.tag.experience": "", "return-promise.ja": ""}, catalogue=make_catalogue()
    )
    assert [rule.value for rule in store.settings.review_rules] == ["SOFA-"]
    assert store.settings.return_promise == {}


def test_a_shop_says_how_much_marketing_a_customer_gets(stack: Stack) -> None:
    add_shopify(stack)
    change_settings(stack, "aya", {"marketing-per-day": "2", "marketing-per-week": "5"}, catalogue=make_catalogue())
    budget = read_as_functions_do(stack).settings.attention
    assert (budget.per_day, budget.per_week) == (2, 5)
    with pytest.raises(CommandFailure):
        change_settings(stack, "aya", {"marketing-per-day": "0"}, catalogue=make_catalogue())


def test_a_paused_store_is_resumed(stack: Stack) -> None:
    add_shopify(stack)
    pause_store(stack, "aya", "moving house")
    change_settings(stack, "aya", {"currency": "USD"}, catalogue=make_catalogue())
    assert read_as_functions_do(stack).paused == "moving house"
    resume_store(stack, "aya")
    assert read_as_functions_do(stack).paused is None


def test_the_catalogue_of_this_checkout_is_published_whole(stack: Stack) -> None:
    add_store(stack, "aya", SHOPIFY, platform=Platform.SHOPIFY, secret="shpss_1")
    store = records.read_store(stack, "aya")
    loaded = load_catalogue()
    assert {entry.definition for entries in store.triggers.values() for entry in entries} == set(loaded.definitions)
    assert store.catalogue == loaded.content_hash


def test_a_shop_that_installs_the_app_again_is_at_work_again(stack: Stack) -> None:
    add_shopify(stack)
    pause_store(stack, "aya", UNINSTALLED)
    add_shopify(stack)
    assert read_as_functions_do(stack).paused is None


def test_a_store_that_a_person_paused_stays_paused(stack: Stack) -> None:
    add_shopify(stack)
    pause_store(stack, "aya", "stock-taking")
    add_shopify(stack)
    assert read_as_functions_do(stack).paused == "stock-taking"
