"""The shop and the shopper of the handbook: what its messages speak of, in each language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from okaeri.adapters.message_context import build_context
from okaeri.adapters.talk_context import Answered, add_answer
from okaeri.domain.customers import Customer
from okaeri.domain.invoices import DocumentFile
from okaeri.domain.messages import Message, MessageRefs
from okaeri.domain.orders import (
    Address,
    Buyer,
    Cart,
    Order,
    OrderLine,
    Payment,
    Product,
    Refund,
    Shipment,
    ShipmentStatus,
)
from okaeri.domain.records import ProductRecord
from okaeri.domain.stores import Community, Contact, Loyalty, Platform, Store, StoreSettings, Tier
from okaeri.domain.templates import Links, Template
from okaeri.domain.values import Channel

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Place(NamedTuple):
    """A shopper of a language, and what things are called there. `rate` is what a euro is in the currency."""

    first_name: str
    country: str
    zone: str
    currency: str
    rate: int
    apron: str
    size: str
    towel: str
    person: str


PLACES = {
    "en": Place("Ada", "GB", "Europe/London", "GBP", 1, "Linen Apron", "M, natural", "Tea Towel", "Mia"),
    "ja": Place("愛子", "JP", "Asia/Tokyo", "JPY", 160, "リネンエプロン", "M・生成り", "ティータオル", "美亜"),
    "hi": Place("आशा", "IN", "Asia/Kolkata", "INR", 90, "लिनन एप्रन", "M, नेचुरल", "टी टॉवल", "मीरा"),
    "pt_BR": Place(
        "Ana", "BR", "America/Sao_Paulo", "BRL", 6, "Avental de linho", "M, natural", "Pano de prato", "Mia"
    ),
    "es": Place("Lucía", "MX", "America/Mexico_City", "MXN", 20, "Delantal de lino", "M, natural", "Paño", "Mía"),
    "ar": Place("ليلى", "AE", "Asia/Dubai", "AED", 4, "مريلة كتان", "M، طبيعي", "منشفة مطبخ", "ميا"),
    "ms": Place("Aisyah", "MY", "Asia/Kuala_Lumpur", "MYR", 5, "Apron Linen", "M, asli", "Tuala Dapur", "Mia"),
    "de": Place("Lena", "DE", "Europe/Berlin", "EUR", 1, "Leinenschürze", "M, natur", "Geschirrtuch", "Mia"),
}
# What questions, codes and calls of a run have brought by the time that its messages are said.
LEARNT = {
    "answer.rating": "5",
    "coupon.thanks": "OKAERI-7K4M",
    "setting.url": "https://linen.example/subscribe",
    **{
        f"guide_{number}.{name}": value
        for number in (1, 2, 3)
        for name, value in (("title", "…"), ("url", "https://linen.example/guides"), ("item", "…"))
    },
    "reply.text": "…",
    "reply.by": "mia",
    "product.id": "p1",
    "product.price": "48",
    "product.url": "https://linen.example/products/apron",
    "product.image": "https://linen.example/products/apron.jpg",
}


def make_context(template: Template, learnt: dict[str, str]) -> dict[str, Any]:
    """The message's context in the template's language; `learnt` is what this journey's steps bring."""
    place = PLACES[template.locale]
    store, customer, order = _make_store(place, template.locale), _make_customer(place), _make_order(place)
    data = {**LEARNT, "product.title": place.apron, **learnt}
    message = Message(
        message_id="m1",
        store_id=store.store_id,
        customer_id=customer.customer_id,
        channel=Channel.EMAIL,
        purpose=template.purpose,
        template=template.name,
        locale=template.locale,
        refs=MessageRefs(order_id=order.order_id),
        data=data,
        decided_at=NOW,
    )
    context = build_context(
        store=store,
        customer=customer,
        message=message,
        order=order,
        shipment=order.shipments[0],
        refund=Refund(refund_id="r1", amount=Decimal(48 * place.rate), at=NOW, method="Visa"),
        cart=Cart(
            token="c1",
            buyer=order.buyer,
            lines=order.lines,
            currency=order.currency,
            total=order.total,
            url="https://linen.example/cart",
            updated_at=NOW,
        ),
        products={
            name: ProductRecord(
                store_id="linen",
                product=Product(
                    product_id=name,
                    title=title,
                    updated_at=NOW,
                    price=Decimal(price * place.rate),
                    url=f"https://linen.example/products/{name}",
                ),
            )
            for name, title, price in (("p1", place.apron, 48), ("p2", place.towel, 12))
        },
        document=DocumentFile("", filename="1001.pdf", title="PDF", body=b""),
        links=Links(sign=lambda target: "…", answer=lambda name, text: "https://api.linen.example/a/…", question="q"),
        now=NOW,
    )
    return add_answer(context, Answered("…", "…"))


def _make_store(place: Place, locale: str) -> Store:
    return Store(
        store_id="linen",
        name="Linen & Co",
        platform=Platform.SHOPIFY,
        domain="linen.example",
        site_url="https://linen.example",
        locale=locale,
        country=place.country,
        time_zone=place.zone,
        currency=place.currency,
        contact=Contact(person=place.person, email="help@linen.example", url="https://linen.example/contact"),
        settings=StoreSettings(
            community=Community(name="Linen Friends", url="https://linen.example/friends", handle="@linenandco"),
            loyalty=Loyalty(
                per_unit=Decimal(1),
                worth=Decimal("0.01"),
                tiers=(Tier(name="Silver", from_points=300), Tier(name="Gold", from_points=900)),
            ),
        ),
    )


def _make_customer(place: Place) -> Customer:
    return Customer(
        store_id="linen",
        customer_id="c1",
        created_at=NOW - timedelta(days=90),
        first_name=place.first_name,
        country=place.country,
        time_zone=place.zone,
        emails=("shopper@example.com",),
        company="Atelier",
        orders_count=2,
        points=390,
        earned={f"{NOW:%Y-%m}": 390},
        order_points={"1001": 40},
        points_free_at={"1001": NOW + timedelta(days=9)},
    )


def _make_order(place: Place) -> Order:
    apron, towel = Decimal(48 * place.rate), Decimal(12 * place.rate)
    return Order(
        order_id="1001",
        name="#1001",
        created_at=NOW - timedelta(days=2),
        updated_at=NOW,
        buyer=Buyer(first_name=place.first_name, email="shopper@example.com", country=place.country),
        currency=place.currency,
        lines=(
            OrderLine(line_id="1", product_id="p1", title=place.apron, variant=place.size, quantity=1, price=apron),
            OrderLine(line_id="2", product_id="p2", title=place.towel, quantity=2, price=towel),
        ),
        subtotal=apron + 2 * towel,
        shipping=Decimal(0),
        total=apron + 2 * towel,
        payment=Payment.PAID,
        payment_method="Visa",
        payment_url="https://linen.example/pay/1001",
        shipping_address=Address(name=place.first_name, line1="…", country=place.country),
        status_url="https://linen.example/orders/1001",
        shipments=(
            Shipment(
                shipment_id="s1",
                status=ShipmentStatus.IN_TRANSIT,
                at=NOW - timedelta(hours=5),
                eta=NOW + timedelta(days=2),
                carrier="DHL",
                tracking_number="00340434161094042557",
                tracking_url="https://carrier.example/00340434161094042557",
            ),
        ),
    )
