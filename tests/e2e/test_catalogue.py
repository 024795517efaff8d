"""Every campaign that we ship speaks on the deployed stack: a shopper for each, all at once, and their mailboxes."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import requests
from standardwebhooks.webhooks import Webhook

from command_line import records
from command_line.stack import Stack, open_stack
from command_line.stores import add_store
from local.launcher.aws import FOREIGN_SETTINGS, LocalAws
from okaeri.catalogue.compile_journeys import compile_journeys
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.domain.facts import parse_duration
from okaeri.domain.stores import AttentionBudget, Community, DeliveryTimes, Platform, Store, TransitTime
from tests.e2e.drive import Driver, wait_for

STORE = "campaigns"
LONGEST_WAIT = timedelta(days=1)  # of a journey's setting: ten seconds here
PATIENCE_S = 240
COFFEE, GRINDER = "coffee", "grinder"


@dataclass
class Shopper:
    """Somebody known by an e-mail address alone, who agreed to news."""

    driver: Driver
    secret: str
    email: str
    orders: int = 0

    def post(self, type_: str, data: dict[str, Any]) -> None:
        """The store tells of them, by our own store API."""
        now, key = datetime.now(UTC), f"msg_{secrets.token_hex(8)}"
        body = json.dumps({"type": type_, "timestamp": now.isoformat(), "data": data})
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(key, now, body),
            "content-type": "application/json",
        }
        url = f"{self.driver.description['api_url']}/stores/{STORE}/events"
        answer = requests.post(url, data=body.encode(), headers=headers, timeout=10)
        assert answer.ok, answer.text

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


def come_back_in_stock(shopper: Shopper) -> None:
    product = f"back{secrets.token_hex(3)}"
    sell(shopper, product, in_stock=False)
    shopper.want("notify.requested", product, variant_id=product)
    sell(shopper, product, in_stock=True)


def cost_less(shopper: Shopper) -> None:
    product = f"less{secrets.token_hex(3)}"
    sell(shopper, product, in_stock=True)
    shopper.want("wishlist.added", product)
    sell(shopper, product, in_stock=True, price="59.00")


def be_launched(shopper: Shopper) -> None:
    product = f"new{secrets.token_hex(3)}"
    sell(shopper, product, in_stock=False)
    shopper.want("notify.requested", product, wish="launch")


def look_twice(shopper: Shopper) -> None:
    for _ in range(2):
        shopper.want("product.viewed", GRINDER)


def look_often(shopper: Shopper) -> None:
    for _ in range(3):
        shopper.want("product.viewed", GRINDER)


def leave_a_cart(shopper: Shopper) -> None:
    line = {"line_id": "1", "product_id": COFFEE, "variant_id": COFFEE, "title": "Coffee", "price": "24.00"}
    cart = {"token": secrets.token_hex(8), "customer": shopper.be(), "currency": "EUR", "lines": [line]}
    shopper.post("cart.updated", cart | {"url": "https://campaigns.example/cart", "total": "24.00"})


def have_a_birthday(shopper: Shopper) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    shopper.post("customer.updated", shopper.be(birthday=f"--{tomorrow:%m-%d}"))
    shopper.order()


def keep_an_anniversary(shopper: Shopper) -> None:
    shopper.order(days_ago=363)
    shopper.order()


def run_low(shopper: Shopper) -> None:
    sell(shopper, "beans", in_stock=True, care={"refill_days": 4})
    shopper.order(product="beans")


def order_in_a_rhythm(shopper: Shopper) -> None:
    for days in (90, 60, 30):
        shopper.order(days_ago=days)
    shopper.receive()


def own_with_a_guide(shopper: Shopper) -> None:
    guide = {"title": "First cup", "url": "https://campaigns.example/first-cup"}
    sell(shopper, "press", in_stock=True, care={"guides": [guide]})
    shopper.receive(product="press")


def order_twice(shopper: Shopper) -> None:
    shopper.order(days_ago=40)
    shopper.receive()


def be_late(shopper: Shopper) -> None:
    eta = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    name = shopper.order()
    shopper.ship(name, "in_transit", eta=eta, carrier="DHL", tracking_number=secrets.token_hex(6))


def vanish(shopper: Shopper) -> None:
    shopper.ship(shopper.order(), "shipped")


def be_packed(shopper: Shopper) -> None:
    shopper.ship(shopper.order(), "label_created")


# What begins a journey, and the message by e-mail that shows that it spoke.
RECIPES: dict[str, tuple[Callable[[Shopper], object], str]] = {
    "alternatives": (look_often, "alternatives"),
    "anniversary": (keep_an_anniversary, "anniversary"),
    "arrival-check": (vanish, "arrival_check"),
    "back-in-stock": (come_back_in_stock, "back_in_stock"),
    "birthday": (have_a_birthday, "birthday"),
    "browse-reminder": (look_twice, "browse_reminder"),
    "business-meeting": (lambda s: s.receive(who=s.be(company="Mia & Co")), "meeting_invitation"),
    "cart-recovery": (leave_a_cart, "cart_reminder_1"),
    "cart-why": (leave_a_cart, "cart_reminder_3"),
    "community-invitation": (order_twice, "community_invitation"),
    "delay-watch": (be_late, "delivery_late"),
    "first-scan-watch": (be_packed, "shipment_waiting"),
    "guest-registration": (lambda s: s.receive(who=s.be(registered=False)), "guest_invitation"),
    "launch-alert": (be_launched, "launch_listed"),
    "nps": (lambda s: s.receive(), "nps"),
    "order-reassurance": (lambda s: s.order(), "order_reassurance_next"),
    "price-drop": (cost_less, "price_drop"),
    "product-care": (own_with_a_guide, "care_guide_1"),
    "product-rating": (lambda s: s.receive(), "rating_request"),
    "recommendations": (lambda s: s.receive(), "goes_with"),
    "replenishment": (run_low, "replenishment"),
    "review-request": (lambda s: s.receive(), "review_request"),
    "subscription-offer": (order_in_a_rhythm, "subscription_offer"),
    "survey-delivery": (lambda s: s.receive(), "survey_delivery"),
    "survey-product": (lambda s: s.receive(), "survey_product"),
    "wishlist-reminder": (lambda s: s.want("wishlist.added", GRINDER), "wishlist_reminder"),
}


@dataclass
class Played:
    """The mailboxes of those for whom everything began at once."""

    driver: Driver
    mailboxes: dict[str, str]
    until: float  # all began at once, and have until then

    def await_mail(self, journey: str, template: str) -> dict[str, Any]:
        """Waits for the mail of a template."""
        subject = read_subject(template)

        def find() -> dict[str, Any]:
            mails = self.driver.list_mails(self.mailboxes[journey])
            return next((mail for mail in mails if re.fullmatch(subject, mail["subject"])), {})

        return wait_for(find, f"{template} of {journey}", max(0, self.until - time.monotonic()))


def read_subject(template: str) -> str:
    """A pattern of the subject: its fields stand for anything, and so does what is said only sometimes."""
    email = compile_template(TEMPLATES / template / "en.yaml").email
    assert email is not None
    fixed = re.split(r"\{% if .*?\{% endif %\}|\{\{.*?\}\}", email.subject)
    return ".*".join(map(re.escape, fixed))


@pytest.fixture(scope="module")
def operator(stack: dict[str, Any]) -> Iterator[Stack]:
    """The stack as a person at the command line reaches it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in FOREIGN_SETTINGS:
            patch.delenv(name, raising=False)
        for name, value in LocalAws(stack["aws_endpoint_url"]).environment.items():
            patch.setenv(name, value)
        yield open_stack()


@pytest.fixture(scope="module")
def played(stack: dict[str, Any], operator: Stack) -> Played:
    """A shop of its own with every journey on and patient attention, and a shopper for each of them."""
    choices = {
        "name": "Campaigns",
        "domain": "campaigns.example",
        "country": "DE",
        "locale": "en",
        "languages": "en",
        "time-zone": "Europe/Berlin",
        "currency": "EUR",
        "from-email": "hello@campaigns.example",
        "contact-person": "Mia",
        "contact-email": "hello@campaigns.example",
    }
    added = add_store(operator, STORE, choices, platform=Platform.STANDARD)
    assert added.secret is not None
    records.change_store(operator, STORE, prepare_store)
    driver = Driver(stack)
    mailboxes: dict[str, str] = {}
    for journey, (begin, _) in RECIPES.items():
        shopper = Shopper(driver, added.secret, f"{journey}.{secrets.token_hex(3)}@example.com")
        if not mailboxes:
            for product, price in ((COFFEE, "24.00"), (GRINDER, "89.00"), ("cup", "15.00"), ("filter", "9.00")):
                sell(shopper, product, in_stock=True, price=price)
        shopper.agree()
        begin(shopper)
        mailboxes[journey] = shopper.email
    return Played(driver, mailboxes, time.monotonic() + PATIENCE_S)


def prepare_store(store: Store) -> Store:
    """The campaigns on, and nothing else; what one waits for is a day at most, and nobody is told too much."""
    settings = store.settings.model_copy(
        update={
            "attention": AttentionBudget(per_day=50, per_week=200),
            "survey_gap": timedelta(0),
            "community": Community(name="Friends", url="https://campaigns.example/friends", handle="@campaigns"),
            "delivery_times": DeliveryTimes(transit=(TransitTime(least=2, most=3),)),
        }
    )
    triggers = {
        event: tuple(
            published.model_copy(
                update={
                    "on": published.on or published.journey in RECIPES,
                    "settings": shorten(published.journey) | published.settings,
                }
            )
            for published in started
        )
        for event, started in store.triggers.items()
    }
    return store.model_copy(update={"settings": settings, "triggers": triggers})


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
    return long | ({"url": "https://campaigns.example/subscribe"} if journey == "subscription-offer" else {})


@pytest.mark.parametrize("journey", sorted(RECIPES))
def test_a_campaign_speaks_on_the_stack(played: Played, journey: str) -> None:
    mail = played.await_mail(journey, RECIPES[journey][1])
    assert "Campaigns" in mail["text"]
