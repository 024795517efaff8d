"""An order whose paper is looked at: a shop with its details, lines, a discount, tax in the prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from okaeri.domain.customers import Customer
from okaeri.domain.orders import Address, Buyer, Order, OrderLine, Payment
from okaeri.domain.stores import Contact, InvoiceSettings, Platform, Store, StoreSettings
from okaeri.errors import GiveUp

PLACED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LOCALES = ("ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR")
READER = Customer(store_id="kinari", customer_id="c1", created_at=PLACED, first_name="Aiko", country="US")


def make_paper_store(**invoice: Any) -> Store:
    """A German shop that sends PDFs."""
    details = {"on": True, "legal_name": "Kinari GmbH", "address": "Große Straße 1\n10115 Berlin", "tax_id": "DE123"}
    return Store(
        store_id="kinari",
        name="Kinari",
        platform=Platform.SHOPIFY,
        domain="kinari.myshopify.com",
        site_url="https://kinari.example",
        country="DE",
        time_zone="Europe/Berlin",
        currency="EUR",
        contact=Contact(email="help@kinari.example"),
        settings=StoreSettings(invoice=InvoiceSettings(**details | invoice)),
    )


def make_paper_order(**changes: Any) -> Order:
    """Two aprons and a towel, five euros off, shipping, all paid, 19 % of tax in the prices."""
    values: dict[str, Any] = {
        "order_id": "5001",
        "name": "#1001",
        "created_at": PLACED,
        "updated_at": PLACED,
        "buyer": Buyer(email="aiko@example.jp", first_name="Aiko", last_name="Sato"),
        "currency": "EUR",
        "lines": (
            OrderLine(
                line_id="1",
                sku="LA-M",
                title="Linen Apron",
                variant="M / Natural",
                quantity=2,
                price=Decimal("42.00"),
                total=Decimal("84.00"),
            ),
            OrderLine(line_id="2", title="Tea Towel", variant="Default Title", quantity=1, price=Decimal("18.00")),
            OrderLine(line_id="3", title="Taken out", quantity=0, price=Decimal("9.00")),
        ),
        "subtotal": Decimal("102.00"),
        "discount": Decimal("5.00"),
        "shipping": Decimal("4.90"),
        "tax": Decimal("16.27"),
        "total": Decimal("101.90"),
        "payment": Payment.PAID,
        "payment_method": "Visa",
        "shipping_address": Address(
            name="Ken Sato", line1="Kurfürstendamm 1", city="Berlin", postcode="10719", country="DE"
        ),
    }
    return Order(**values | changes)


class KeptFiles:
    """Implements `ports.MediaStore` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}
        self.fault: Exception | None = None  # raised in the place of a file

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        self.kept[key] = (content_type, body)

    def get(self, key: str) -> tuple[str, bytes]:
        if self.fault:
            raise self.fault
        if key not in self.kept:
            raise GiveUp("media_gone")
        return self.kept[key]

    def make_link(self, key: str, *, seconds: int) -> str:
        return f"https://files.example/{key}?for={seconds}"
