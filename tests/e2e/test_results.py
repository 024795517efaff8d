"""What became of messages, counted on the deployed template by the table's own stream, IAM enforced."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from command_line.results import list_words, make_rows
from command_line.stack import Stack, open_stack
from local.launcher.aws import FOREIGN_SETTINGS, REGION, LocalAws
from local.story.shops import ShopifyStory
from okaeri.adapters.results import DynamoResults
from okaeri.domain.results import list_steps
from okaeri.domain.visits import TOO_SOON
from tests.e2e.drive import Driver, make_shopper, wait_for

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile Safari/604.1"
PREVIEW = "facebookexternalhit/1.1"


@pytest.fixture
def operator(stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The stack as a person at the command line reaches it."""
    for name in FOREIGN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in LocalAws(stack["aws_endpoint_url"]).environment.items():
        monkeypatch.setenv(name, value)
    assert os.environ["AWS_REGION"] == REGION
    yield open_stack()


class Counts:
    """What is counted of one store since this was made."""

    def __init__(self, operator: Stack, store_id: str) -> None:
        self._results, self._store_id = DynamoResults(operator.dynamodb, operator.table_name), store_id
        self._before = self._read()

    def read(self, journey: str, channel: str = "", template: str | None = None) -> dict[str, int]:
        found: dict[str, int] = {}
        for (where, name), count in self._read().items():
            if where[1:4] == (journey, where[2] if template is None else template, channel):
                new = int(count - self._before.get((where, name), Decimal(0)))
                found[name] = found.get(name, 0) + new
        return found

    def await_counts(self, journey: str, channel: str, **least: int) -> dict[str, int]:
        def find() -> dict[str, int]:
            found = self.read(journey, channel)
            return found if all(found.get(name, 0) >= count for name, count in least.items()) else {}

        return wait_for(find, f"{least} of {journey} on {channel}, seen {self.read(journey, channel)}")

    def _read(self) -> dict[tuple[Any, str], Decimal]:
        results = self._results.read(self._store_id)
        return {(place, name): amount for place, amounts in results.items() for name, amount in amounts.items()}


def find_link(message: dict[str, Any]) -> str:
    return str(next(button["url"] for button in message["buttons"] if "/l/" in button.get("url", "")))


def test_an_order_is_counted_from_its_message_to_the_tap_on_its_button(driver: Driver, operator: Stack) -> None:
    shop = driver.find_shop("shopify")
    counts = Counts(operator, shop.store_id)
    email, phone, number = make_shopper()
    aiko = ShopifyStory(email=email, phone=phone, number=number)
    shop.post("orders/create", aiko.order())
    link = find_link(driver.await_message(phone, "order_confirmation"))
    counts.await_counts("order-confirmation", "whatsapp", decided=1, sent=1, delivered=1)
    assert counts.read("order-confirmation", "whatsapp").get("clicked", 0) == 0

    time.sleep(2 * TOO_SOON.total_seconds())  # what taps sooner after the arrival is taken for a program
    for method, agent in (("HEAD", SAFARI), ("GET", PREVIEW), ("GET", SAFARI)):
        answer = requests.request(method, link, headers={"user-agent": agent}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, f"{method} by {agent}"
    told = counts.await_counts("order-confirmation", "whatsapp", clicked=1, read=1)
    assert told["clicked"] == 1, "one person, however many programs"
    assert counts.read("", template="")["orders"] >= 1

    results = DynamoResults(operator.dynamodb, operator.table_name).read(shop.store_id)
    rows = make_rows(list_steps(results, journey="order-confirmation"))
    assert any(row[1] == "whatsapp" for row in rows)
    assert any("order_confirmation" in line for line in list_words(results))


def test_who_stops_is_counted_and_so_is_a_question_where_the_order_is(driver: Driver, operator: Stack) -> None:
    shop = driver.find_shop("shopify")
    counts = Counts(operator, shop.store_id)
    email, phone, number = make_shopper()
    aiko = ShopifyStory(email=email, phone=phone, number=number)
    shop.post("orders/create", aiko.order())
    driver.await_message(phone, "order_confirmation")
    driver.reply(phone, "shopify", text="Where is my order?")
    counts.await_counts("talk-order-status", "", started=1)
    driver.reply(phone, "shopify", text="STOP")
    counts.await_counts("", "whatsapp", unsubscribed=1)
