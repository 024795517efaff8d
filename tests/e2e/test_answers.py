"""A question is answered on the phone and from a mail, a shop's webhook is called, a code is given: on a real stack."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from standardwebhooks.webhooks import Webhook

from command_line import records, shop_webhooks
from command_line.coupons import count_pools, import_coupons
from command_line.journeys import switch_journey
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack, open_stack
from command_line.templates import push_templates
from local.launcher.aws import FOREIGN_SETTINGS, LocalAws
from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.stores import PublishedJourney, Store
from tests.e2e.drive import Driver, make_shopper, wait_for

A_WEEK_S = 150  # of ten-second days, the hour of the question, and room for a busy machine
REWARD = """
journey: reward
version: 1
purpose: order
trigger:
  event: order.placed
  key: order.id
  when: {field: order.total, is: 4711}
steps:
  - issue_coupon: {id: thanks, pool: thanks}
  - call: {id: crm, webhook: crm, data: {code: coupon.thanks}}
  - branch:
      - when: {field: call.crm.level, is: gold}
        steps: [{tag: gold}]
"""


@pytest.fixture
def operator(stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack as a person at the command line reaches it."""
    for name in FOREIGN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in LocalAws(stack["aws_endpoint_url"]).environment.items():
        monkeypatch.setenv(name, value)
    return open_stack()


# Functions keep a store so long, and nothing outside of them shows when they have read it again.
STORE_FRESH_S = 11


@pytest.fixture
def store_id(driver: Driver, operator: Stack) -> Iterator[str]:
    """A store that asks for ratings in the place of reviews, while the test runs."""
    found = str(driver.describe_store("standard")["store_id"])
    before = records.read_store(operator, found)
    switch_journey(operator, found, "product-rating", on=True)
    pushed = push_templates(operator, found, wait_s=60, poll_s=0.5)
    assert all(entry.is_ready for entry in pushed)
    switch_journey(operator, found, "review-request", on=False)
    time.sleep(STORE_FRESH_S)
    yield found
    records.change_store(operator, found, lambda store: store.model_copy(update={"triggers": before.triggers}))


def order(driver: Driver, *, total: str = "20.00", phone: str | None, email: str, number: int) -> None:
    customer = {"email": email, "first_name": "Mia", "locale": "en", "country": "DE"}
    placed = {
        "order_id": f"R-{number}",
        "name": f"R-{number}",
        "created_at": "2099-01-01T00:00:00Z",
        "currency": "EUR",
        "total": total,
        "payment": "paid",
        "customer": customer | ({"phone": phone} if phone else {}),
        "lines": [{"line_id": "1", "title": "Atlas", "quantity": 1, "price": total}],
    }
    assert driver.post_standard("order.placed", placed).ok


def deliver(driver: Driver, number: int) -> None:
    parcel = {"order_id": f"R-{number}", "shipment_id": "1", "status": "delivered", "at": "2099-01-02T00:00:00Z"}
    assert driver.post_standard("shipment.updated", parcel).ok


def test_a_question_is_answered_on_the_phone_with_a_tap(driver: Driver, store_id: str) -> None:
    email, phone, number = make_shopper()
    order(driver, phone=phone, email=email, number=number)
    deliver(driver, number)
    question = driver.await_message(phone, "rating_request", A_WEEK_S)
    assert [button["text"] for button in question["buttons"]] == ["😍 Love it", "🙂 It's fine", "🙁 Not good"]
    assert all(re.fullmatch(r"ANSWER:[0-9a-f]{40}:\w+", button["payload"]) for button in question["buttons"])
    driver.reply(phone, "standard", button="🙁 Not good")
    driver.await_message(phone, "rating_thanks_bad")


def test_a_question_is_answered_from_a_mail_by_the_pages_button(driver: Driver, store_id: str) -> None:
    email, _, number = make_shopper()
    order(driver, phone=None, email=email, number=number)
    deliver(driver, number)

    def find_mail(words: str) -> dict[str, Any]:
        found = [mail for mail in driver.list_mails(email) if words in mail["subject"]]
        return found[-1] if found else {}

    question = wait_for(lambda: find_mail("How is your order"), "the question by mail", A_WEEK_S)
    links = re.findall(r'href="([^"]+/a/[^"]+)"', question["html"])
    assert len(links) == 3
    page = requests.get(links[2], timeout=10)  # as a scanner would, too
    assert "Send this answer?" in page.text and "🙁 Not good" in page.text
    assert not find_mail("We are sorry")
    assert "Thank you" in requests.post(links[2], data={"choice": "answer"}, timeout=10).text
    wait_for(lambda: find_mail("We are sorry"), "the answer to the answer")
    requests.post(links[0], data={"choice": "answer"}, timeout=10)  # on second thoughts: the first one counts
    assert not find_mail("Would you tell others")


class Crm:
    """A shop's own server, which gives a level to whoever asks."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        crm = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                crm.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
                answer = b'{"level": "gold"}'
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_code_is_taken_and_the_shop_is_called_with_it(
    driver: Driver, operator: Stack, store_id: str, crm: Crm, tmp_path: Path
) -> None:
    pool = f"thanks-{secrets.token_hex(3)}"
    definition = compile_journey(REWARD.replace("pool: thanks", f"pool: {pool}"), "reward.yaml")
    entry = PublishedJourney(journey="reward", definition=hash_definition(definition))
    records.put_definitions(operator, {entry.definition: definition})

    def publish(store: Store) -> Store:
        placed = (*store.triggers.get("order.placed", ()), entry)
        return store.model_copy(update={"triggers": store.triggers | {"order.placed": placed}})

    records.change_store(operator, store_id, publish)
    shop_webhooks.set_webhook(operator, store_id, "crm", f"http://127.0.0.1:{crm.server.server_port}/okaeri")
    issued = [f"MERCI-{secrets.token_hex(4)}" for _ in range(60)]  # one for each order that is tried
    codes = tmp_path / "codes.csv"
    codes.write_text("\n".join(issued))
    import_coupons(operator, store_id, pool, codes)

    email, _, number = make_shopper()

    def call() -> bool:  # functions see a store's settings within seconds
        order(driver, phone=None, email=email, number=number + len(tried), total="4711")
        tried.append(1)
        return bool(crm.told)

    tried: list[int] = []
    wait_for(lambda: call() or wait_a_little(crm), "the call", 60)
    headers, body = crm.told[0]
    secret = (read_secret(operator, name_secret(operator, store_id, "calls")) or {})["current"]
    told = Webhook(secret).verify(body, headers)
    assert (told["type"], told["journey"]) == ("okaeri.call", "reward")
    code = told["data"]["code"]
    assert code in issued
    assert json.loads(body)["refs"]["order.id"].startswith("R-")
    [count] = [count for count in count_pools(operator, store_id) if count.pool == pool]
    assert 1 <= count.issued <= len(tried)  # an order that was placed before the functions saw the journey draws none


def wait_a_little(crm: Crm) -> bool:
    """Whether the shop is called within ten seconds."""
    try:
        return bool(wait_for(lambda: crm.told, "the call", 10))
    except AssertionError:
        return False
