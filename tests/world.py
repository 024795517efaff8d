"""A shop and its shoppers on a fake clock: plays evidence through the real use case, and days pass at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from okaeri.catalogue.compile_journeys import OFF_AT_FIRST, hash_definition
from okaeri.catalogue.compile_templates import TEMPLATES
from okaeri.domain.evidence import Envelope
from okaeri.domain.journeys import AskStep, Definition, SendStep
from okaeri.domain.orders import Buyer, Cart, OptIn, Order, OrderLine, Payment
from okaeri.domain.purchases import has_recommendations
from okaeri.domain.stores import Platform, PublishedJourney, PublishedTemplate, Store, StoreSettings
from simulator.clock import StandingClock
from simulator.world import World as SimulatedWorld
from tests.catalogue import load_journeys
from tests.fakes import FakeClock

MONDAY = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)  # noon in Tokyo
AIKO = Buyer(
    store_customer_id="7001",
    email="aiko@example.jp",
    phone="+819012345678",
    first_name="愛子",
    last_name="佐藤",
    locale="ja-JP",
    country="JP",
)
ORDER_OPT_IN = OptIn(channel="whatsapp", purpose="order", source="checkout phone field", wording="…")
BOTH_OPT_INS = (
    OptIn(channel="whatsapp", purpose="order", source="whatsapp_opt_in", explicit=True),
    OptIn(channel="whatsapp", purpose="marketing", source="whatsapp_opt_in", explicit=True),
)


@cache
def load_catalogue() -> dict[str, Definition]:
    """The shipped journeys by content hash."""
    return {hash_definition(definition): definition for definition in load_journeys()}


def make_store(definitions: dict[str, Definition], **changes: Any) -> Store:
    """A Japanese shop with the shipped journeys as they are published first, and their templates in two languages."""
    triggers: dict[str, tuple[PublishedJourney, ...]] = {}
    names = {"stop_confirmed", "start_confirmed", "marketing_stopped", "confirm_subscription"}
    for key, definition in definitions.items():
        is_on = definition.journey not in OFF_AT_FIRST
        published = PublishedJourney(
            journey=definition.journey, definition=key, on=is_on, recommends=has_recommendations(definition)
        )
        for event in definition.events:
            triggers[event] = (*triggers.get(event, ()), published)
        names |= {step.template for step in definition.steps if isinstance(step, SendStep | AskStep)}
    values: dict[str, Any] = {
        "store_id": "kinari",
        "name": "Kinari",
        "platform": Platform.SHOPIFY,
        "domain": "kinari.myshopify.com",
        "site_url": "https://kinari.example",
        "locale": "ja",
        "country": "JP",
        "time_zone": "Asia/Tokyo",
        "currency": "JPY",
        "from_email": "hello@kinari.example",
        "phone_number_id": "1001",
        "waba_id": "2001",
        "triggers": triggers,
        "templates": {name: publish_template(name) for name in names},
    }
    return Store(**values | changes)


def publish_template(name: str) -> PublishedTemplate:
    """What the shop has published of one name: two languages, by template, by e-mail and in the window."""
    chat = tuple(locale for locale in ("en", "ja") if (name, locale) in list_chats())
    return PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja"), chat=chat)


@cache
def list_chats() -> frozenset[tuple[str, str]]:
    """Name and locale of each shipped template that may be said inside the 24-hour window."""
    texts = {path: path.read_text("utf-8") for path in TEMPLATES.glob("*/*.yaml")}
    return frozenset((path.parent.name, path.stem) for path, text in texts.items() if "\nchat:" in text)


@dataclass(kw_only=True)
class World(SimulatedWorld):
    """A Japanese shop on a Monday at noon, with every shipped journey; where nobody is named, Aiko speaks."""

    clock: StandingClock = field(default_factory=lambda: FakeClock(MONDAY))
    store: Store = field(default_factory=lambda: make_store(load_catalogue()))
    definitions: dict[str, Definition] = field(default_factory=load_catalogue)

    def write(self, text: str, phone: str | None = AIKO.phone, **details: Any) -> Envelope:
        """A shopper writes on WhatsApp."""
        return super().write(text, phone, **details)

    def talk(self, text: str, phone: str | None = AIKO.phone, **details: Any) -> Envelope:
        """A shopper writes, and the burst passes."""
        return super().talk(text, phone, **details)

    def consent(self, channel: Any, purpose: Any, *, given: bool = True, buyer: Buyer = AIKO) -> Envelope:
        """The store tells of consent."""
        return super().consent(channel, purpose, given=given, buyer=buyer)


def make_order(order_id: str = "5001", **changes: Any) -> Order:
    """A paid order of two linen aprons by Aiko, whose phone field carries the shop's WhatsApp wording."""
    values: dict[str, Any] = {
        "order_id": order_id,
        "name": f"#{order_id}",
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "buyer": AIKO,
        "currency": "JPY",
        "lines": (OrderLine(line_id="1", product_id="p1", title='Linen "Apron" <M>', quantity=2, price=Decimal(4800)),),
        "total": Decimal(9600),
        "payment": Payment.PAID,
        "payment_method": "Visa",
        "opt_ins": (ORDER_OPT_IN,),
    }
    return Order(**values | changes)


def make_cart(token: str = "chk1", **changes: Any) -> Cart:
    """A cart with one apron, left by Aiko, who agreed to marketing on WhatsApp."""
    values: dict[str, Any] = {
        "token": token,
        "buyer": AIKO,
        "lines": (OrderLine(line_id="1", variant_id="v1", title="Linen Apron", quantity=1, price=Decimal(4800)),),
        "currency": "JPY",
        "url": "https://kinari.example/checkouts/chk1",
        "updated_at": MONDAY,
        "opt_ins": BOTH_OPT_INS,
    }
    return Cart(**values | changes)


def make_settings(**changes: Any) -> StoreSettings:
    """The shop's settings."""
    return StoreSettings(**changes)
