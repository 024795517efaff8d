"""What a shopper says to Okaeri is written to the store, and comes back from there as nothing new: on a real stack."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from command_line import consent, records
from command_line.stack import Stack
from local.story.shops import ShopifyStory
from okaeri.domain.stores import Store
from tests.e2e.campaign_shop import operate
from tests.e2e.drive import Driver, make_shopper, wait_for

FRESH_S = 60  # a functions' copy of a store is no older
PATIENCE_S = 150
SECOND_S = 1.1


@pytest.fixture
def operator(stack: dict[str, Any]) -> Iterator[Stack]:
    """The stack as a person at the command line reaches it; the Shopify store is told of consents meanwhile."""
    with operate(stack) as opened:
        store_id = str(Driver(stack).describe_store("shopify")["store_id"])
        choose(opened, store_id, ("email", "whatsapp"))
        yield opened
        choose(opened, store_id, ())


def choose(operator: Stack, store_id: str, targets: tuple[str, ...]) -> None:
    def change(store: Store) -> Store:
        return store.model_copy(update={"settings": store.settings.model_copy(update={"write_consent": targets})})

    records.change_store(operator, store_id, change)


class Person:
    """Somebody whom the store knows, as the store and Okaeri see them."""

    def __init__(self, driver: Driver, operator: Stack) -> None:
        self.driver, self.operator = driver, operator
        email, phone, number = make_shopper()
        self.story = ShopifyStory(email=email, phone=phone, number=number)
        self.store_id = str(driver.describe_store("shopify")["store_id"])
        self.customer_id = str(self.story.order()["customer"]["id"])
        body = {"store": self.store_id, "customer": {"id": int(self.customer_id), "email": email, "phone": phone}}
        requests.post(f"{driver.description['shops_url']}/_/customers", json=body, timeout=10).raise_for_status()

    def read(self) -> dict[str, Any]:
        """As the store has them."""
        url = f"{self.driver.description['shops_url']}/_/customers"
        listed = requests.get(url, params={"store": self.store_id}, timeout=10).json()
        return next(person for person in listed if str(person["id"]) == self.customer_id)

    def read_metafield(self) -> str | None:
        held = self.read().get("metafields") or []
        return next((field["value"] for field in held if field["key"] == "whatsapp_marketing"), None)

    def show(self) -> list[str]:
        """The lines of `okaeri consent show`: the ledger's, and what the store was told."""
        store = records.read_store(self.operator, self.store_id)
        customer = consent.find_customer(self.operator, store, self.story.email)
        lines = [consent.describe_entry(entry) for entry in consent.list_entries(self.operator, customer)]
        return lines + [consent.describe_copy(decision) for decision in consent.list_copies(self.operator, customer)]

    def list_echoes(self) -> list[dict[str, Any]]:
        """The webhooks in which the store told of what was written."""
        told = requests.get(f"{self.driver.description['shops_url']}/_/webhooks", timeout=10).json()
        mine = (one for one in told if one["store"] == self.store_id)
        return [one for one in mine if str(one["payload"].get("customer_id")) == self.customer_id]


def test_a_stop_on_whatsapp_stands_with_the_stores_customer(driver: Driver, operator: Stack) -> None:
    person = Person(driver, operator)
    driver.find_shop("shopify").post("orders/create", person.story.order())
    driver.await_message(person.story.phone, "order_confirmation")
    time.sleep(SECOND_S)  # Meta tells times in whole seconds: this one is to be later than the order's
    driver.reply(person.story.phone, "shopify", text="STOP")
    wait_for(lambda: person.read_metafield() == "unsubscribed", "the store hears of the STOP", PATIENCE_S)
    assert "sms_marketing_consent" not in person.read()
    told = "the store was told: refused marketing on WhatsApp"
    wait_for(lambda: any(told in line for line in person.show()), "the story says so", PATIENCE_S)
    time.sleep(SECOND_S)  # of two words in one second the refusal stands
    driver.reply(person.story.phone, "shopify", text="START")
    wait_for(lambda: person.read_metafield() == "subscribed", "and of the START", PATIENCE_S)


def test_who_unsubscribes_by_mail_is_unsubscribed_in_the_store_and_its_echo_is_no_new_word(
    driver: Driver, operator: Stack
) -> None:
    person = Person(driver, operator)
    cart = person.story.cart() | {"note_attributes": [], "buyer_accepts_marketing": True, "phone": None}
    cart["customer"]["phone"] = None
    driver.find_shop("shopify").post("checkouts/create", cart)
    (mail,) = driver.await_mails(person.story.email, 1, PATIENCE_S)
    headers = {name.lower(): value for name, value in dict(mail["headers"]).items()}
    link = re.findall(r"<(https?://[^>]+)>", headers["list-unsubscribe"])[0]
    requests.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=30).raise_for_status()

    def is_unsubscribed() -> bool:
        return (person.read().get("email_marketing_consent") or {}).get("state") == "unsubscribed"

    wait_for(is_unsubscribed, "the store hears of it", PATIENCE_S)
    wait_for(person.list_echoes, "the store's own webhook", PATIENCE_S)
    assert {echo["error"] for echo in person.list_echoes()} == {None}
    told = "the store was told: refused marketing by e-mail"
    wait_for(lambda: any(told in line for line in person.show()), "the story says so", PATIENCE_S)
    refusals = [line for line in person.show() if "refused marketing by e-mail; source" in line]
    assert len(refusals) == 1 and "the unsubscribe button of their mail program" in refusals[0]
