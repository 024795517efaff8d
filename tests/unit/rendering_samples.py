"""Stores, customers, orders and carts to render: an ordinary set and an awkward one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from okaeri.adapters.rendering import build_context
from okaeri.adapters.talk_context import Answered, add_answer
from okaeri.domain.broadcasts import Broadcast
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
from okaeri.domain.templates import Links
from okaeri.domain.values import Channel, Purpose

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
UNSUBSCRIBE_URL = "https://api.linen.example/u/linen.token"
CONFIRM_URL = "https://api.linen.example/c/linen.token"

STORE = Store(
    store_id="linen",
    name="Linen & Co",
    platform=Platform.SHOPIFY,
    domain="linen.example",
    site_url="https://linen.example",
    locale="en",
    country="US",
    time_zone="America/New_York",
    currency="USD",
    contact=Contact(
        person="Mia",
        email="help@linen.example",
        phone="+1 503 555 0142",
        url="https://linen.example/contact",
        address="8 Mill Street, Portland, OR 97201",
    ),
    settings=StoreSettings(
        return_promise={
            "en": "You can return unused items within 30 days, postage on us.",
            "ja": "未使用品は30日以内なら送料当店負担で返品いただけます。",
        },
        community=Community(name="Linen Friends", url="https://linen.example/friends", handle="@linenandco"),
        loyalty=Loyalty(
            per_unit=Decimal(1),
            worth=Decimal("0.01"),
            tiers=(Tier(name="Gold", from_points=500), Tier(name="Platinum", from_points=2000)),
        ),
    ),
)
JAPANESE_STORE = STORE.model_copy(
    update={
        "name": "リネン商店",
        "country": "JP",
        "locale": "ja",
        "time_zone": "Asia/Tokyo",
        "currency": "JPY",
        "contact": Contact(
            person="三田", email="help@linen.example", phone="03-5555-0142", address="東京都台東区谷中1-2-3"
        ),
    }
)
# The levels stay: without one, nothing is said of it.
# A place to meet is a page at least; nobody is invited without one.
BARE_SETTINGS = StoreSettings(loyalty=STORE.settings.loyalty, community=Community(url="https://linen.example/friends"))
BARE_STORE = STORE.model_copy(update={"contact": Contact(), "settings": BARE_SETTINGS})

CUSTOMER = Customer(
    store_id="linen",
    customer_id="c1",
    created_at=NOW,
    first_name="Aiko",
    last_name="Tanaka",
    country="US",
    company="Atelier Tanaka",
    points=512,
    earned={f"{NOW:%Y-%m}": 512},
)
JAPANESE_CUSTOMER = CUSTOMER.model_copy(
    update={"first_name": "愛子", "last_name": "田中", "country": "JP", "locale": "ja"}
)
NAMELESS_CUSTOMER = CUSTOMER.model_copy(update={"first_name": None, "last_name": None})

AWKWARD_TITLE = 'Linen "Apron" <M>'

LINES = (
    OrderLine(line_id="l1", title="Linen Apron", variant="M / Natural", quantity=2, price=Decimal("38.00")),
    OrderLine(line_id="l2", title="Tea Towel", variant="Default Title", quantity=1, price=Decimal("20.00")),
)
JAPANESE_LINES = (
    OrderLine(line_id="l1", title="リネンエプロン", variant="M / 生成り", quantity=2, price=Decimal("5800")),
    OrderLine(line_id="l2", title="ティータオル", quantity=1, price=Decimal("1650")),
)
SHIPMENT = Shipment(
    shipment_id="s1",
    status=ShipmentStatus.OUT_FOR_DELIVERY,
    at=NOW,
    eta=datetime(2026, 11, 24, tzinfo=UTC),
    carrier="UPS",
    tracking_number="1Z999AA10123456784",
    tracking_url="https://track.example/1Z999AA10123456784",
    place="Portland, OR",
    line_ids=("l1",),
)
REFUND = Refund(refund_id="r1", amount=Decimal("38.00"), at=NOW, method="Visa •••• 4242")
ORDER = Order(
    order_id="1",
    name="#1001",
    created_at=NOW - timedelta(hours=1),
    updated_at=NOW,
    buyer=Buyer(first_name="Aiko", last_name="Tanaka"),
    currency="USD",
    lines=LINES,
    subtotal=Decimal("96.00"),
    shipping=Decimal("5.00"),
    tax=Decimal("8.08"),
    total=Decimal("109.08"),
    payment=Payment.PAID,
    payment_method="Visa",
    shipping_method="Standard",
    shipping_address=Address(
        name="Aiko Tanaka", line1="12 Mill Lane", city="Portland", region="OR", postcode="97201", country="US"
    ),
    status_url="https://linen.example/orders/1001",
    eta=datetime(2026, 11, 24, tzinfo=UTC),
    shipments=(SHIPMENT,),
)
JAPANESE_ORDER = ORDER.model_copy(
    update={
        "buyer": Buyer(first_name="愛子", last_name="田中"),
        "currency": "JPY",
        "lines": JAPANESE_LINES,
        "subtotal": Decimal("13250"),
        "shipping": Decimal("550"),
        "tax": Decimal("1254"),
        "total": Decimal("13800"),
        "payment_method": "クレジットカード",
        "shipping_method": "ヤマト運輸",
        "shipping_address": Address(
            name="田中 愛子",
            line1="祇園町1-2-3",
            line2="祇園ハイツ405号室",
            city="京都市東山区",
            region="Kyōto",
            postcode="605-0001",
            country="JP",
        ),
        "shipments": (SHIPMENT.model_copy(update={"carrier": "ヤマト運輸", "place": "京都ベース店"}),),
    }
)
CART = Cart(
    token="t1",
    buyer=Buyer(first_name="Aiko", last_name="Tanaka"),
    lines=LINES,
    currency="USD",
    total=Decimal("96.00"),
    url="https://linen.example/checkouts/t1",
    updated_at=NOW,
)
BROADCAST = Broadcast(
    store_id="linen",
    broadcast_id="summer",
    name="Summer",
    template="news",
    words={
        "en": {"title": "New linen", "text": "Light tablecloths in three colours", "url": "https://linen.example/new"},
        "ja": {"title": "夏の新作", "text": "軽やかなテーブルクロス", "url": "https://linen.example/ja/new"},
    },
    made_at=NOW,
)
JAPANESE_CART = CART.model_copy(
    update={"lines": JAPANESE_LINES, "currency": "JPY", "total": Decimal("13250"), "buyer": JAPANESE_ORDER.buyer}
)

# No names, no arrival date, no address, no links, a title that breaks careless HTML, long and right-to-left
# titles, several parcels, and a shop that left its contact empty.
AWKWARD_LINES = (
    OrderLine(line_id="l1", title=AWKWARD_TITLE, variant="M / Natural", quantity=3, price=Decimal("38.5")),
    OrderLine(line_id="l2", title="Extraordinarily " * 20, quantity=1, price=Decimal("1")),
    OrderLine(line_id="l3", title="مئزر كتان\u202e ", variant="أزرق", quantity=1, price=Decimal("2")),
    OrderLine(line_id="l4", title="{{ store.name }}\r\n\tTab   bed", quantity=1, price=Decimal("0")),
    OrderLine(line_id="l5", title="Removed", quantity=0, price=Decimal("9")),
)
AWKWARD_SHIPMENT = Shipment(
    shipment_id="s2", status=ShipmentStatus.DELAYED, at=NOW, tracking_url="javascript:alert(1)", line_ids=("l1",)
)
AWKWARD_ORDER = Order(
    order_id="2",
    name="#1002",
    created_at=NOW,
    updated_at=NOW,
    buyer=Buyer(),
    currency="USD",
    lines=AWKWARD_LINES,
    total=Decimal("118.5"),
    payment=Payment.PENDING,
    shipments=(
        AWKWARD_SHIPMENT.model_copy(update={"shipment_id": "s1"}),
        AWKWARD_SHIPMENT,
        AWKWARD_SHIPMENT.model_copy(update={"shipment_id": "s3"}),
        AWKWARD_SHIPMENT.model_copy(update={"shipment_id": "s4", "status": ShipmentStatus.CANCELLED}),
    ),
)
AWKWARD_REFUND = Refund(refund_id="r2", amount=Decimal("5"), at=NOW)
AWKWARD_CART = Cart(token="t2", buyer=Buyer(), lines=AWKWARD_LINES, currency="USD", updated_at=NOW)

LINKS = Links(
    sign=lambda url: f"linen.signed-{len(url)}",
    unsubscribe_url=UNSUBSCRIBE_URL,
    confirm_url=CONFIRM_URL,
    answer=lambda name, text: f"https://api.linen.example/a/linen.{name}",
    question="0123456789abcdef",
)


LEARNT = {
    "reply.text": "Of course: we send you the blue one today.\n\nMia",
    "reply.by": "Mia",
    "coupon.gift": "LINEN-4F7K",
    "coupon.gift.percent": "10",
    "coupon.gift.last_day": "2026-12-31T23:59:59+00:00",
    "coupon.own": "LINEN-9K3P",
    "coupon.welcome": "LINEN-2W8B",
    "coupon.welcome.percent": "10",
    "coupon.welcome.last_day": "2026-12-31T23:59:59+00:00",
    "link.cart": "https://linen.example/cart/1:1",
    "link.cart.items": "Linen Apron (M) × 1",
    "link.cart.missing": "Tea Towel",
    "coupon.own.percent": "15",
    "coupon.friends": "LINEN-6XRT",
    "coupon.friends.percent": "10",
    "coupon.points": "LINEN-3MDD",
    "coupon.points.amount": "5.12",
    "talk.due": "2026-11-21T14:00:00Z",
    "answer.street": "12 Mill Lane, flat 4",
    "answer.postcode": "97201",
    "answer.city": "Portland",
    "answer.variant": "L / Natural",
    "answer.item": "l1",
    "answer.item.title": "Linen Apron (M)",
    "answer.vote": "blue",
    "answer.vote.title": "Blue",
    "product.id": "p1",
    "product.title": "Linen Apron",
    "product.price": "38.00",
    "product.url": "https://linen.example/products/apron",
    "product.image": "https://linen.example/products/apron.jpg",
    "link.again": "https://linen.example/cart/1:2",
    "link.again.items": "Linen Apron (M) × 2",
    "link.again.missing": "Tea Towel",
    "setting.url": "https://linen.example/subscribe",
    "coupon.birthday": "LINEN-7T2M",
    "coupon.thanks": "THANKS-7F3K",
    "coupon.thanks.percent": "10",
    "coupon.thanks.last_day": "2026-12-31T23:59:59+00:00",
    "coupon.later": "THANKS-9K2M",
    "coupon.later.percent": "10",
    **{
        f"guide_{number}.{name}": value
        for number in (1, 2, 3)
        for name, value in (
            ("title", f"Washing linen, part {number}"),
            ("url", f"https://linen.example/guides/{number}"),
            ("item", "Linen Apron"),
        )
    },
    "find.picks": "2",
    "find.picks.kind": "similar",
    "find.picks.ids": "p1,p2",
}

PRODUCTS = {
    name: ProductRecord(
        store_id="linen",
        product=Product(
            product_id=name,
            title=title,
            updated_at=NOW,
            price=Decimal("38.00"),
            url=f"https://linen.example/products/{name}",
            image_url=f"https://linen.example/products/{name}.jpg",
        ),
    )
    for name, title in (("p1", "Linen Apron"), ("p2", "Tea Towel"))
}

DOCUMENT = DocumentFile("documents/linen/o/c.pdf", filename="Receipt 1001.pdf", title="Receipt", body=b"%PDF")
ANSWERED = Answered("Delivery time", "Two to four days, as soon as it has left us.")


def make_message(locale: str, template: str = "order_confirmation", **data: str) -> Message:
    return Message(
        message_id="m1",
        store_id="linen",
        customer_id="c1",
        channel=Channel.EMAIL,
        purpose=Purpose.ORDER,
        template=template,
        locale=locale,
        refs=MessageRefs(order_id="1"),
        data=data,
        decided_at=NOW,
    )


def make_context(locale: str = "en", *, data: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """An ordinary context of the locale, the caller's own; `changes` replace its parts."""
    return _copy(_make_plain(locale)) if not (data or changes) else _make(locale, data, changes)


def _copy(part: Any) -> Any:
    """A third of what deepcopy costs: but for dicts and lists, nothing in a context can be changed."""
    if isinstance(part, dict):
        return {name: _copy(inner) if isinstance(inner, dict | list) else inner for name, inner in part.items()}
    return [_copy(inner) if isinstance(inner, dict | list) else inner for inner in part]


@cache
def _make_plain(locale: str) -> dict[str, Any]:
    return _make(locale, None, {})


def _make(locale: str, data: dict[str, str] | None, changes: dict[str, Any]) -> dict[str, Any]:
    japanese = locale == "ja"
    parts: dict[str, Any] = {
        "store": JAPANESE_STORE if japanese else STORE,
        "customer": JAPANESE_CUSTOMER if japanese else CUSTOMER,
        "order": JAPANESE_ORDER if japanese else ORDER,
        "refund": REFUND.model_copy(update={"amount": Decimal("5800")}) if japanese else REFUND,
        "cart": JAPANESE_CART if japanese else CART,
        "broadcast": BROADCAST,
        "products": PRODUCTS,
        "document": DOCUMENT._replace(title="إيصال") if locale == "ar" else DOCUMENT,
        "links": LINKS,
        "now": NOW,
    }
    parts["shipment"] = parts["order"].shipments[0]
    parts |= changes
    return add_answer(build_context(message=make_message(locale, **(LEARNT | (data or {}))), **parts), ANSWERED)


def make_awkward_context(locale: str = "en") -> dict[str, Any]:
    context: dict[str, Any] = _copy(_make_awkward(locale))
    return context


@cache
def _make_awkward(locale: str) -> dict[str, Any]:
    return make_context(
        locale,
        store=BARE_STORE,
        customer=NAMELESS_CUSTOMER,
        order=AWKWARD_ORDER,
        shipment=AWKWARD_SHIPMENT,
        refund=AWKWARD_REFUND,
        cart=AWKWARD_CART,
    )
