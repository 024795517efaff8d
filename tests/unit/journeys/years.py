"""A shop in which one campaign is on, and time that passes by the year: what is far ahead is armed by the sweep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from okaeri.domain.evidence import AnswerGiven, CustomerWake, ProductSeen
from okaeri.domain.messages import Message
from okaeri.domain.orders import Buyer, Order, OrderLine, Product, ProductCare, Variant
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import AIKO, BOTH_OPT_INS, World, make_order

OFF = ("nps", "review-request", "order-confirmation", "delivery-updates", "cart-recovery")  # they speak of other things


class Year(Talk):
    """Aiko and a shop that sells tea."""

    def sell(self, *products: Product) -> Year:
        """The shop tells of its products."""
        for product in products:
            self.world.hear(ProductSeen(product=product))
        return self

    def buy(self, order_id: str, *products: str, buyer: Buyer = AIKO, **changes: Any) -> Order:
        """She orders these, and agrees to marketing."""
        now = self.world.clock()
        lines = tuple(
            OrderLine(
                line_id=name, product_id=name, variant_id=f"{name}1", title=name.title(), quantity=1, price=Decimal(900)
            )
            for name in products
        )
        known = {"created_at": now, "updated_at": now, "lines": lines, "buyer": buyer, "opt_ins": BOTH_OPT_INS}
        order = make_order(order_id, **known | changes)
        self.world.order(order)
        return order

    def live(self, days: float) -> Year:
        """So many days, with the nightly sweep in each."""
        for _ in range(int(days)):
            self.world.wait(days=1)
            for customer in list(self.world.customers.customers.values()):
                self.world.hear(CustomerWake(customer_id=customer.customer_id), source="okaeri sweep")
        self.world.wait(days=days - int(days))
        return self

    def live_until(self, moment: datetime) -> Year:
        """Until this moment."""
        return self.live((moment - self.world.clock()) / timedelta(days=1))

    def find(self, template: str) -> Message:
        """The latest message of this template."""
        return [message for message in self.world.list_messages() if message.template == template][-1]

    def reply(self, answer: str, template: str) -> Year:
        """The quick reply under the question on WhatsApp."""
        self.world.write("…", payload=f"ANSWER:{self.find(template).seed}:{answer}")
        return self

    def press(self, answer: str, template: str) -> Year:
        """The page that the question's mail leads to."""
        question = self.find(template)
        given = AnswerGiven(customer_id=question.customer_id, ask=question.seed, answer=answer, at=self.world.clock())
        self.world.hear(given, source="answer_page")
        return self

    def told_of(self, names: Iterable[str]) -> list[str]:
        """What was said, of these templates."""
        return [name for name in self.world.told() if name in names]


def open_year(journey: str, **settings: str) -> Year:
    """A shop in which this journey is on."""
    return Year(World(store=open_store(journey, off=OFF, settings=settings)))


def make_product(name: str, *, refill_days: int | None = None, in_stock: bool = True, **changes: Any) -> Product:
    """A product with one variant."""
    return Product(
        product_id=name,
        title=name.title(),
        updated_at=changes.pop("updated_at", datetime.fromisoformat("2026-01-01T00:00:00Z")),
        url=f"https://kinari.example/products/{name}",
        image_url=f"https://kinari.example/{name}.jpg",
        status="active",
        variants=(Variant(variant_id=f"{name}1", price=Decimal(changes.pop("price", 900)), in_stock=in_stock),),
        care=ProductCare(refill_days=refill_days) if refill_days else None,
        **changes,
    )
