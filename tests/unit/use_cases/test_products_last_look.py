"""What is said of a product is looked at again before it leaves: is it still there, and what does it cost?"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import InterestSeen
from okaeri.domain.messages import MessageState
from okaeri.domain.orders import Product, Variant
from okaeri.domain.records import ProductRecord
from okaeri.domain.templates import Template, WhatsappText
from okaeri.domain.values import Purpose
from tests.fakes import START
from tests.unit.use_cases.speaking import PHONE, Speaking
from tests.unit.use_cases.test_last_look import RememberingWords

ABOUT = {"product.id": "p1", "product.variant": "v1", "product.title": "Apron", "product.price": "48"}


def make_shop(*, in_stock: bool, price: str = "48") -> tuple[Speaking, RememberingWords]:
    words = RememberingWords()
    world = Speaking(words=words)
    for name in ("back_in_stock", "launch_alert", "price_drop", "launch_listed"):
        text = WhatsappText(category="MARKETING", body="It is back.")
        world.publish(Template(name=name, locale="en", purpose="marketing", whatsapp=text))
    variants = (
        Variant(variant_id="v1", in_stock=in_stock, price=Decimal(price)),
        Variant(variant_id="v2", in_stock=True, price=Decimal(10)),
    )
    product = Product(product_id="p1", title="Linen Apron", updated_at=START, variants=variants)
    world.records.put_product(ProductRecord(store_id="s1", product=product, version=1))
    return world, words


def say(world: Speaking, template: str, **details: Any) -> MessageState:
    message = world.decide(template=template, purpose=Purpose.MARKETING, data=ABOUT, state_at=START, **details)
    return world.give(message).state


@pytest.mark.parametrize(("template", "wish"), [("back_in_stock", "stock"), ("launch_alert", "launch")])
def test_what_is_gone_again_is_not_said_and_the_place_is_kept(template: str, wish: str) -> None:
    world, words = make_shop(in_stock=False)
    assert say(world, template) is MessageState.SUPPRESSED
    assert words.facts == []
    [kept] = [envelope.evidence for _, envelope in world.queues.evidence]
    assert isinstance(kept, InterestSeen)
    assert (kept.wish, kept.product_id, kept.variant_id, kept.kept) == (wish, "p1", "v1", True)
    assert kept.buyer.phone == PHONE


def test_a_lower_price_of_what_is_gone_is_not_said_and_nobody_is_put_on_a_list() -> None:
    world, _ = make_shop(in_stock=False)
    assert say(world, "price_drop") is MessageState.SUPPRESSED
    assert world.queues.evidence == []


def test_a_place_on_a_list_is_confirmed_though_nothing_can_be_bought_yet() -> None:
    world, _ = make_shop(in_stock=False)
    assert say(world, "launch_listed") is not MessageState.SUPPRESSED


def test_the_price_is_that_of_the_moment() -> None:
    world, words = make_shop(in_stock=True, price="39.00")
    say(world, "back_in_stock")
    [facts] = words.facts
    assert (facts.message.data["product.price"], facts.message.data["product.title"]) == ("39", "Linen Apron")
    assert world.queues.evidence == []


def test_what_was_recommended_is_read_again_and_what_shoppers_found_themselves_is_not() -> None:
    world, words = make_shop(in_stock=True)
    picked = {"find.picks": "2", "find.picks.ids": "p1,gone", "find.picks.kind": "similar", "find.mine.ids": "p2"}
    world.give(world.decide(template="back_in_stock", purpose=Purpose.MARKETING, data=picked, state_at=START))
    [facts] = words.facts
    assert list(facts.products) == ["p1"]


def test_a_question_offers_only_what_can_still_be_bought() -> None:
    world, words = make_shop(in_stock=True)
    sold_out = Variant(variant_id="v3", in_stock=False)
    product = Product(product_id="p2", title="Towel", updated_at=START, variants=(sold_out,))
    world.records.put_product(ProductRecord(store_id="s1", product=product, version=1))
    rows = [{"id": name, "title": name} for name in ("p1", "p2", "never seen")]
    data = {"options": json.dumps(rows), "options.of": "products"}
    world.give(world.decide(template="back_in_stock", purpose=Purpose.MARKETING, data=data, state_at=START))
    [facts] = words.facts
    assert [row["id"] for row in json.loads(facts.message.data["options"])] == ["p1", "never seen"]
