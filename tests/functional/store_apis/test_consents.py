"""Consents written to a store of each platform: what it keeps, what it refuses, and what its webhooks say of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from okaeri.domain.consent_copies import ConsentCopy, Word
from okaeri.domain.evidence import ConsentSeen
from okaeri.errors import GiveUp, TryAgain
from receive_store_event import shopify
from tests.functional.store_apis.shops import DOMAINS, Json, Shops, make_store

AT = datetime(2026, 11, 2, 9, 41, 7, 250_000, tzinfo=UTC)
PERSON: Json = {"id": 77, "email": "jana@example.de", "phone": "+4915112345678", "first_name": "Jana"}
PLATFORMS = pytest.mark.parametrize("platform", ["shopify", "woocommerce"])


@pytest.fixture
def known(shops: Shops) -> Shops:
    for platform in ("shopify", "woocommerce"):
        shops.control("POST", "customers", {"store": platform, "customer": dict(PERSON)})
    return shops


def make_copy(target: str = "email", *, given: bool = False, source: str = "unsubscribe_page") -> ConsentCopy:
    address = "jana@example.de" if target == "email" else "+4915112345678"
    return ConsentCopy(target, Word(given, AT, source), address)


def write(shops: Shops, platform: str, copy: ConsentCopy, customer_id: str = "77") -> bool:
    return shops.make_api().write_consent(make_store(platform), customer_id, copy)


def read(shops: Shops, platform: str) -> Json:
    [found] = shops.control("GET", "customers", store=platform)
    person: Json = found
    return person


def refuse(shops: Shops, platform: str, copy: ConsentCopy, customer_id: str = "77") -> str:
    before = shops.control("GET", "customers", store=platform)
    with pytest.raises(GiveUp) as refused:
        write(shops, platform, copy, customer_id)
    assert shops.control("GET", "customers", store=platform) == before
    return refused.value.code


def test_an_unsubscription_is_shopifys_own_consent(known: Shops) -> None:
    assert write(known, "shopify", make_copy())
    assert read(known, "shopify")["email_marketing_consent"] == {
        "state": "unsubscribed",
        "opt_in_level": "unknown",
        "consent_updated_at": "2026-11-02T09:41:07+00:00",
    }
    assert not write(known, "shopify", make_copy()), "it stands so already"


@pytest.mark.parametrize(
    ("source", "level"), [("confirmation_page", "confirmed_opt_in"), ("whatsapp chat", "single_opt_in")]
)
def test_a_yes_says_whether_it_was_confirmed(known: Shops, source: str, level: str) -> None:
    assert write(known, "shopify", make_copy(given=True, source=source))
    consent = read(known, "shopify")["email_marketing_consent"]
    assert (consent["state"], consent["opt_in_level"]) == ("subscribed", level)


def test_a_confirmed_sign_up_takes_the_place_of_one_that_was_not(known: Shops) -> None:
    write(known, "shopify", make_copy(given=True, source="whatsapp chat"))
    assert not write(known, "shopify", make_copy(given=True, source="whatsapp chat"))
    assert write(known, "shopify", make_copy(given=True, source="confirmation_page"))
    assert not write(known, "shopify", make_copy(given=True, source="whatsapp chat")), "which is no less now"


def test_whatsapp_is_a_metafield_and_no_consent_to_text_messages(known: Shops) -> None:
    assert write(known, "shopify", make_copy("whatsapp", given=True, source="whatsapp chat"))
    person = read(known, "shopify")
    kept = {(field["namespace"], field["key"]): field["value"] for field in person["metafields"]}
    assert kept == {
        ("okaeri", "whatsapp_marketing"): "subscribed",
        ("okaeri", "whatsapp_marketing_at"): "2026-11-02T09:41:07.250000Z",
    }
    assert "sms_marketing_consent" not in person and "email_marketing_consent" not in person
    assert not write(known, "shopify", make_copy("whatsapp", given=True, source="whatsapp chat"))
    assert write(known, "shopify", make_copy("whatsapp", source="whatsapp reply"))


def test_text_messages_are_written_where_the_shop_says_so(known: Shops) -> None:
    assert write(known, "shopify", make_copy("sms", given=True, source="whatsapp chat"))
    assert read(known, "shopify")["sms_marketing_consent"]["state"] == "subscribed"
    assert not write(known, "shopify", make_copy("sms", given=True, source="whatsapp chat"))


@pytest.mark.parametrize("target", ["email", "whatsapp"])
def test_woocommerce_keeps_it_with_the_customer(known: Shops, target: str) -> None:
    assert write(known, "woocommerce", make_copy(target))
    assert write(known, "woocommerce", make_copy(target, given=True, source="confirmation_page"))
    held = {meta["key"]: meta["value"] for meta in read(known, "woocommerce")["meta_data"]}
    assert held == {
        f"okaeri_{target}_marketing": "subscribed",
        f"okaeri_{target}_marketing_at": "2026-11-02T09:41:07.250000Z",
    }
    assert not write(known, "woocommerce", make_copy(target, given=True, source="confirmation_page"))


@PLATFORMS
def test_somebody_whom_the_store_does_not_know_is_nobody_there(known: Shops, platform: str) -> None:
    assert refuse(known, platform, make_copy(), "78") == "not_found"


@PLATFORMS
def test_a_yes_is_for_the_address_that_gave_it_and_a_no_for_any(known: Shops, platform: str) -> None:
    given = make_copy(given=True, source="confirmation_page")._replace(address="other@example.de")
    assert refuse(known, platform, given) == "other_address"
    assert write(known, platform, make_copy()._replace(address="other@example.de"))


def test_who_has_no_address_there_cannot_be_told_of(shops: Shops) -> None:
    shops.control("POST", "customers", {"store": "shopify", "customer": {"id": 77}})
    assert refuse(shops, "shopify", make_copy()) == "no_address"
    assert refuse(shops, "shopify", make_copy("sms")) == "no_address"
    assert refuse(shops, "woocommerce", make_copy("sms")) == "not_supported"


def test_an_app_that_may_not_write_customers_is_told_so(known: Shops) -> None:
    known.control("POST", "configure", {"shops": [open_shop(scopes=["read_customers"])]})
    assert refuse(known, "shopify", make_copy()) == "not_allowed"
    assert refuse(known, "shopify", make_copy("whatsapp")) == "not_allowed"


def open_shop(**changes: Any) -> Json:
    shop = {"store_id": "shopify", "platform": "shopify", "domain": DOMAINS[make_store("shopify").platform]}
    return shop | {"client_id": "id-1", "client_secret": "secret-1"} | changes


@PLATFORMS
def test_a_lost_answer_leaves_a_word_that_the_next_try_finds(known: Shops, platform: str) -> None:
    api, store = known.make_api(), make_store(platform)
    api.write_consent(store, "77", make_copy("whatsapp"))  # the token first
    known.control("POST", "faults", {"http_status": 503, "times": 1})
    with pytest.raises(TryAgain):
        api.write_consent(store, "77", make_copy())
    assert api.write_consent(store, "77", make_copy())
    assert not api.write_consent(store, "77", make_copy())


def test_shopifys_webhook_says_what_was_written_with_our_time_to_the_second(
    known: Shops, hear: Callable[[], tuple[str, list[tuple[str, Json]]]]
) -> None:
    url, heard = hear()
    known.control("POST", "configure", {"shops": [open_shop(events_url=url, webhook_secret="whsec")]})
    write(known, "shopify", make_copy())
    deadline = datetime.now(UTC) + timedelta(seconds=10)
    while len(heard) < 2 and datetime.now(UTC) < deadline:
        requests.get(f"{known.url}/_/health", timeout=10)
    told = dict(heard)
    assert "email_marketing_consent" not in told["customers/update"], "Shopify leaves consents out of that one"
    topic = shopify.TOPICS["customers_email_marketing_consent/update"]
    payload = topic.model.model_validate(told["customers_email_marketing_consent/update"])
    seen = topic.read(payload, make_store("shopify"), datetime.now(UTC))
    assert isinstance(seen, ConsentSeen)
    assert (seen.given, seen.at) == (False, AT.replace(microsecond=0))


@pytest.mark.parametrize(
    ("state", "level", "wrong"),
    [
        ("NOT_SUBSCRIBED", None, "Cannot specify NOT_SUBSCRIBED as a marketing state."),
        ("PENDING", "SINGLE_OPT_IN", "Marketing opt in level must be confirmed opt-in for pending consent state"),
    ],
)
def test_the_stand_in_refuses_what_shopify_refuses(known: Shops, state: str, level: str | None, wrong: str) -> None:
    token = requests.post(
        f"{known.url}/{DOMAINS[make_store('shopify').platform]}/admin/oauth/access_token",
        json={"grant_type": "client_credentials", "client_id": "id-1", "client_secret": "secret-1"},
        timeout=10,
    ).json()["access_token"]
    consent = {"marketingState": state} | ({"marketingOptInLevel": level} if level else {})
    document = """mutation ($input: CustomerEmailMarketingConsentUpdateInput!) {
      customerEmailMarketingConsentUpdate(input: $input) { userErrors { code message } } }"""
    asked = {"customerId": "gid://shopify/Customer/77", "emailMarketingConsent": consent}
    answer = requests.post(
        f"{known.url}/{DOMAINS[make_store('shopify').platform]}/admin/api/2026-10/graphql.json",
        json={"query": document, "variables": {"input": asked}},
        headers={"X-Shopify-Access-Token": token},
        timeout=10,
    ).json()
    assert answer["data"]["customerEmailMarketingConsentUpdate"]["userErrors"] == [
        {"code": "INVALID", "message": wrong}
    ]
