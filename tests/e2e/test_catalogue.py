"""Every campaign that we ship speaks on the deployed stack: a shopper for each, all at once, and their mailboxes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from command_line.stack import Stack
from tests.e2e.campaign_shop import (
    COFFEE,
    GRINDER,
    PATIENCE_S,
    Mailboxes,
    Shopper,
    add_campaign_shop,
    operate,
    sell,
)
from tests.e2e.drive import Driver

STORE = "campaigns"


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


@pytest.fixture(scope="module")
def operator(stack: dict[str, Any]) -> Iterator[Stack]:
    with operate(stack) as opened:
        yield opened


@pytest.fixture(scope="module")
def mailboxes(stack: dict[str, Any], operator: Stack) -> Mailboxes:
    """A shop of its own with every journey on and patient attention, and a shopper for each of them."""
    subscribing = {"subscription-offer": {"url": "https://campaigns.example/subscribe"}}
    key = add_campaign_shop(operator, STORE, RECIPES, settings=subscribing)
    driver = Driver(stack)
    addresses: dict[str, str] = {}
    for journey, (begin, _) in RECIPES.items():
        shopper = Shopper(driver, STORE, key, f"{journey}.{secrets.token_hex(3)}@example.com")
        if not addresses:
            for product, price in ((COFFEE, "24.00"), (GRINDER, "89.00"), ("cup", "15.00"), ("filter", "9.00")):
                sell(shopper, product, in_stock=True, price=price)
        shopper.agree()
        begin(shopper)
        addresses[journey] = shopper.email
    return Mailboxes(driver, addresses, time.monotonic() + PATIENCE_S)


@pytest.mark.parametrize("journey", sorted(RECIPES))
def test_a_campaign_speaks_on_the_stack(mailboxes: Mailboxes, journey: str) -> None:
    mail = mailboxes.await_mail(journey, RECIPES[journey][1])
    assert "Campaigns" in mail["text"]
