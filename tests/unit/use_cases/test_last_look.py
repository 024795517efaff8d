"""What a shop can no longer sell is not advertised, and what was held up is not said after something newer."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from okaeri.domain.customers import Attention
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.messages import Message, MessageRefs, MessageState
from okaeri.domain.orders import Buyer, Cart, OrderLine, Product, Variant
from okaeri.domain.records import CartRecord, ProductRecord
from okaeri.domain.templates import Template, WhatsappContent, WhatsappText
from okaeri.domain.values import Purpose
from tests.fakes import START
from tests.unit.use_cases.speaking import EMAIL, FakeWords, Speaking

REMINDER = Template(
    name="cart_reminder_1",
    locale="en",
    purpose="marketing",
    whatsapp=WhatsappText(category="MARKETING", body="Your cart is kept."),
)


@dataclass
class RememberingWords(FakeWords):
    """Keeps what it was asked to put into words."""

    facts: list[MessageFacts] = field(default_factory=list)

    def say_on_whatsapp(self, facts: MessageFacts, template: Template) -> WhatsappContent:
        self.facts.append(facts)
        return super().say_on_whatsapp(facts, template)


def make_line(product_id: str) -> OrderLine:
    return OrderLine(
        line_id=product_id, product_id=product_id, variant_id="v1", title=product_id, quantity=1, price=Decimal(48)
    )


def make_shop(**stock: bool | None) -> tuple[Speaking, RememberingWords]:
    """A cart with one of each product, and what the shop has of it."""
    words = RememberingWords()
    world = Speaking(words=words)
    world.publish(REMINDER)
    cart = Cart(
        token="chk1",
        buyer=Buyer(email=EMAIL),
        lines=tuple(make_line(name) for name in stock),
        currency="EUR",
        total=Decimal(96),
        updated_at=START,
    )
    world.records.put_cart(CartRecord(store_id="s1", token="chk1", customer_id="c1", cart=cart, version=1))
    for name, in_stock in stock.items():
        variants = (Variant(variant_id="v1", in_stock=in_stock), Variant(variant_id="v2", in_stock=True))
        product = Product(product_id=name, updated_at=START, variants=variants)
        world.records.put_product(ProductRecord(store_id="s1", product=product, version=1))
    return world, words


def decide_reminder(world: Speaking, **change: object) -> Message:
    refs = MessageRefs(cart_token="chk1")
    return world.decide(purpose=Purpose.MARKETING, template=REMINDER.name, refs=refs, state_at=START, **change)


def test_a_cart_of_which_everything_is_sold_out_is_not_called_to_mind() -> None:
    world, _ = make_shop(apron=False, towel=False)
    message = world.give(decide_reminder(world))
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "sold_out")
    assert world.whatsapp.sent == []


def test_a_reminder_names_only_what_can_still_be_bought() -> None:
    world, words = make_shop(apron=False, towel=True)
    world.give(decide_reminder(world))
    (facts,) = words.facts
    assert facts.cart and facts.cart.cart
    assert [line.title for line in facts.cart.cart.lines] == ["towel"]
    assert facts.cart.cart.total is None  # the sum would still hold the apron
    assert len(world.whatsapp.sent) == 1


def test_what_the_shop_does_not_count_may_well_be_there() -> None:
    world, words = make_shop(apron=None)
    world.give(decide_reminder(world))
    assert [facts.cart.cart.total for facts in words.facts if facts.cart and facts.cart.cart] == [Decimal(96)]


def test_what_was_held_up_is_not_said_after_something_newer_of_the_same_journey() -> None:
    world, _ = make_shop(apron=True)
    newer = Attention(at=world.later(hours=1), purpose=Purpose.MARKETING, journey="cart-recovery", seed="newer")
    world.change_customer(attention=(newer,))
    held_up = {"journey": "cart-recovery", "seed": "older", "state": MessageState.PARKED}
    message = world.give(decide_reminder(world, **held_up))
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "superseded")
