"""A shop of its own on the stack for the tests of campaigns, its shoppers, and the mailboxes where they read."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import requests
from standardwebhooks.webhooks import Webhook

from command_line import records
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack, open_stack
from command_line.stores import add_store
from local.launcher.aws import FOREIGN_SETTINGS, LocalAws
from okaeri.catalogue.compile_journeys import compile_journeys
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.domain.facts import parse_duration
from okaeri.domain.stores import AttentionBudget, Community, DeliveryTimes, Platform, Store, TransitTime
from tests.e2e.drive import Driver, wait_for

LONGEST_WAIT = timedelta(days=1)  # of a journey's setting: ten seconds here
PATIENCE_S = 240
TRIES = 5
COFFEE, GRINDER = "coffee", "grinder"


@contextmanager
def operate(stack: dict[str, Any]) -> Iterator[Stack]:
    """The stack as a person at the command line reaches it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in FOREIGN_SETTINGS:
            patch.delenv(name, raising=False)
        for name, value in LocalAws(stack["aws_endpoint_url"]).environment.items():
            patch.setenv(name, value)
        yield open_stack()


def add_campaign_shop(
    operator: Stack,
    store: str,
    journeys: Collection[str],
    *,
    platform: Platform = Platform.STANDARD,
    settings: Mapping[str, Mapping[str, str]] | None = None,
    choices: Mapping[str, str] | None = None,
    whatsapp_token: str | None = None,
) -> str:
    """Adds a shop with these journeys on beside the usual ones; returns what signs its webhooks.

    What one waits for there is a day at most, and nobody is told too much. `settings` are of its journeys by
    name, `choices` those of `okaeri stores add`. A shop that is there already keeps what is not named.
    """
    domain = f"{store}.example"
    usual = {
        "name": "Campaigns",
        "domain": domain,
        "country": "DE",
        "locale": "en",
        "languages": "en",
        "time-zone": "Europe/Berlin",
        "currency": "EUR",
        "from-email": f"hello@{domain}",
        "contact-person": "Mia",
        "contact-email": f"hello@{domain}",
    }
    # Shopify gives an app its secret; the others get one of ours.
    given = secrets.token_hex(16) if platform is Platform.SHOPIFY and not records.find_store(operator, store) else None
    chosen = usual | dict(choices or {})
    added = add_store(operator, store, chosen, platform=platform, secret=given, whatsapp_token=whatsapp_token)
    records.change_store(operator, store, lambda found: prepare_store(found, journeys, settings or {}))
    return added.secret or (read_secret(operator, name_secret(operator, store, "webhook")) or {})["current"]


def prepare_store(store: Store, journeys: Collection[str], settings: Mapping[str, Mapping[str, str]]) -> Store:
    """The journeys on, with short waits, and attention that does not tire."""
    patient = store.settings.model_copy(
        update={
            "attention": AttentionBudget(per_day=50, per_week=200),
            "survey_gap": timedelta(0),
            "community": Community(name="Friends", url=f"https://{store.domain}/friends", handle="@campaigns"),
            "delivery_times": DeliveryTimes(transit=(TransitTime(least=2, most=3),)),
        }
    )
    triggers = {
        event: tuple(
            published.model_copy(
                update={
                    "on": published.on or published.journey in journeys,
                    "settings": shorten(published.journey)
                    | published.settings
                    | dict(settings.get(published.journey, {})),
                }
            )
            for published in started
        )
        for event, started in store.triggers.items()
    }
    return store.model_copy(update={"settings": patient, "triggers": triggers})


@cache
def load_settings() -> dict[str, dict[str, str]]:
    """Each shipped journey's settings."""
    return {definition.journey: definition.settings for definition in compile_journeys()}


def shorten(journey: str) -> dict[str, str]:
    """The journey's settings of more than a day, as a day."""
    long = {}
    for name, value in load_settings()[journey].items():
        if value.startswith("P") and parse_duration(value) > LONGEST_WAIT:
            long[name] = "P1D"
    return long


@dataclass
class Shopper:
    """Somebody known to a shop on our own store API by an e-mail address alone."""

    driver: Driver
    store: str
    secret: str
    email: str
    orders: int = 0

    def post(self, type_: str, data: dict[str, Any]) -> None:
        """The store tells of them, by our own store API; again where no answer comes, as stores do."""
        now, key = datetime.now(UTC), f"msg_{secrets.token_hex(8)}"
        body = json.dumps({"type": type_, "timestamp": now.isoformat(), "data": data})
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(key, now, body),
            "content-type": "application/json",
        }
        url = f"{self.driver.description['api_url']}/stores/{self.store}/events"
        for _ in range(TRIES):
            with suppress(requests.Timeout):
                answer = requests.post(url, data=body.encode(), headers=headers, timeout=20)
                assert answer.ok, answer.text
                return
        raise AssertionError(f"{type_} was not answered")

    def be(self, **known: Any) -> dict[str, Any]:
        """The customer's data."""
        return {"email": self.email, "first_name": "Mia", "locale": "en", "country": "GB"} | known

    def agree(self) -> None:
        """To news by e-mail, from the address itself."""
        self.post(
            "consent.given", {"channel": "email", "purpose": "marketing", "customer": self.be(), "confirmed": True}
        )

    def order(
        self, *, days_ago: float = 0, product: str = COFFEE, who: dict[str, Any] | None = None, **more: Any
    ) -> str:
        """A paid order of one thing."""
        self.orders += 1
        name = f"{self.email.partition('@')[0]}-{self.orders}"
        at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        thing = {"product_id": product, "variant_id": product, "title": product.title()}
        line = {"line_id": "1", "price": "24.00"} | thing
        order = {
            "order_id": name,
            "created_at": at,
            "updated_at": at,
            "customer": who or self.be(),
            "currency": "EUR",
            "total": "24.00",
            "payment": "paid",
            "shipping_method": "Standard",
            "shipping_address": {"country": "GB", "city": "Leeds"},
            "lines": [line],
        }
        self.post("order.placed", order | more)
        return name

    def ship(self, order: str, *statuses: str, **more: Any) -> None:
        """Its parcel moves."""
        for status in statuses:
            self.post("shipment.updated", {"order_id": order, "shipment_id": "1", "status": status} | more)

    def receive(self, **order: Any) -> str:
        """An order that has arrived."""
        name = self.order(**order)
        self.ship(name, "shipped", "delivered")
        return name

    def want(self, type_: str, product: str, **more: Any) -> None:
        """Looks at a product, asks for it, or saves it."""
        self.post(type_, {"customer": self.be(), "product_id": product} | more)


def sell(shopper: Shopper, product: str, *, in_stock: bool, price: str = "89.00", **more: Any) -> None:
    """The store tells of a product."""
    variant = {"variant_id": product, "price": price, "quantity": 50 if in_stock else 0, "in_stock": in_stock}
    kind = {"product_type": product.title(), "tags": ["coffee", "morning"]}  # what goes with it is of another type
    shop = {"url": f"https://campaigns.example/{product}", "status": "active"} | kind
    named = {"product_id": product, "title": product.title(), "variants": [variant]}
    shopper.post("product.updated", named | shop | more)


@dataclass(frozen=True)
class Mailboxes:
    """The mailboxes of those for whom everything began at once, by journey."""

    driver: Driver
    addresses: Mapping[str, str]
    until: float  # of `time.monotonic`

    def await_mail(self, journey: str, template: str) -> dict[str, Any]:
        """Waits for the mail of a template."""
        subject = read_subject(template)

        def find() -> dict[str, Any]:
            mails = self.driver.list_mails(self.addresses[journey])
            return next((mail for mail in mails if re.fullmatch(subject, mail["subject"])), {})

        return wait_for(find, f"{template} of {journey}", max(0, self.until - time.monotonic()))


def read_subject(template: str) -> str:
    """A pattern of the subject: its fields stand for anything, and so does what is said only sometimes."""
    email = compile_template(TEMPLATES / template / "en.yaml").email
    assert email is not None
    fixed = re.split(r"\{% if .*?\{% endif %\}|\{\{.*?\}\}", email.subject)
    return ".*".join(map(re.escape, fixed))
