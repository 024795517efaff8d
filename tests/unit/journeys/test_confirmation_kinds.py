"""The five confirmations, by segment: what sells stands in an e-mail where it may, never beside an order in a chat."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.conditions import Condition
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import ActionDone, ProductSeen
from okaeri.domain.order_mail import KINDS, choose_confirmation, may_promote
from okaeri.domain.orders import OptIn, Product, Variant
from tests.world import BOTH_OPT_INS, MONDAY, ORDER_OPT_IN, World, load_catalogue, make_order, make_settings, make_store

BY_MAIL = OptIn(channel="email", purpose="marketing", source="newsletter", explicit=True, confirmed=True)


def open_shop(**chosen: Any) -> World:
    return World(store=make_store(load_catalogue(), settings=make_settings(**chosen)))


def fill_shelf(world: World) -> None:
    """The apron that is bought, and two things of linen that go with it."""
    for name, kind in (("p1", "Kitchen"), ("p2", "Table"), ("p3", "Table")):
        product = Product(
            product_id=name,
            title=f"Linen {name}",
            updated_at=MONDAY,
            product_type=kind,
            tags=("linen",),
            variants=(Variant(variant_id=name, price=Decimal(2400), in_stock=True),),
        )
        world.hear(ProductSeen(product=product))


def settle(world: World, *, ok: bool = True, **data: str) -> None:
    """The store has made the code that was asked for last, or not."""
    request = world.queues.actions[-1]
    world.hear(
        ActionDone(
            customer_id=request.customer_id,
            action_id=request.action_id,
            action="coupon",
            ok=ok,
            at=world.clock(),
            data=data,
        ),
        source="okaeri action.done",
    )


@pytest.mark.parametrize(
    ("chosen", "template"),
    [
        ({"confirmation": "plain"}, "order_confirmation"),
        ({"confirmation": "welcome"}, "order_confirmation_welcome"),
        ({"confirmation": "reassurance"}, "order_confirmation_reassurance"),
        ({"confirmation": "auto"}, "order_confirmation_welcome"),
        ({"confirmation": "plain", "confirmations": {"new": "welcome"}}, "order_confirmation_welcome"),
        ({"confirmation": "welcome", "confirmations": {"loyal": "plain"}}, "order_confirmation_welcome"),
    ],
)
def test_the_shop_chooses_the_kind_by_segment(chosen: dict[str, Any], template: str) -> None:
    world = open_shop(**chosen)
    world.order(make_order())
    assert world.told() == [template, template]


def test_the_first_segment_that_fits_counts() -> None:
    everybody = Condition(field="customer.orders_count", at_least=0)
    world = open_shop(segments={"all": everybody}, confirmations={"all": "reassurance", "new": "welcome"})
    world.order(make_order())
    assert world.told("whatsapp") == ["order_confirmation_reassurance"]


def test_an_offer_stands_in_the_mail_of_who_agreed_and_never_on_whatsapp() -> None:
    world = open_shop(confirmation="offer")
    world.order(make_order(opt_ins=(ORDER_OPT_IN, BY_MAIL)))
    assert world.told("whatsapp") == ["order_confirmation"]
    settle(world, code="THANKS-1", percent="10")
    assert world.told("email") == ["order_confirmation_offer"]
    world.wait(days=3)
    assert "order_offer" not in world.told()


def test_where_no_code_can_be_had_the_mail_confirms_all_the_same() -> None:
    world = open_shop(confirmation="offer")
    world.order(make_order(opt_ins=(ORDER_OPT_IN, BY_MAIL)))
    settle(world, ok=False, reason="pool_empty")
    assert world.told("email") == ["order_confirmation"]


def test_who_agreed_on_whatsapp_alone_gets_the_offer_a_day_later_by_itself() -> None:
    world = open_shop(confirmation="offer")
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    assert world.told() == ["order_confirmation", "order_confirmation"]
    world.wait(days=2)
    settle(world, code="THANKS-1", percent="10")
    world.wait(hours=1)
    [offer] = [message for message in world.list_messages() if message.template == "order_offer"]
    assert (offer.purpose, offer.channel) == ("marketing", "whatsapp")


def test_who_agreed_to_nothing_gets_no_offer_and_no_code_is_spent() -> None:
    world = open_shop(confirmation="offer")
    world.order(make_order())
    world.wait(days=5)
    assert world.told() == ["order_confirmation", "order_confirmation"]
    assert world.queues.actions == []


def test_what_goes_with_it_stands_in_the_mail_or_comes_a_day_later() -> None:
    by_mail = open_shop(confirmation="similar")
    fill_shelf(by_mail)
    by_mail.order(make_order(opt_ins=(ORDER_OPT_IN, BY_MAIL)))
    assert by_mail.told() == ["order_confirmation", "order_confirmation_similar"]
    later = open_shop(confirmation="similar")
    fill_shelf(later)
    later.order(make_order(opt_ins=BOTH_OPT_INS))
    assert later.told() == ["order_confirmation", "order_confirmation"]
    later.wait(days=3)
    assert later.told()[-1] == "order_similar"


def test_with_nothing_to_show_it_is_a_plain_confirmation() -> None:
    world = open_shop(confirmation="similar")
    world.order(make_order(opt_ins=(*BOTH_OPT_INS, BY_MAIL)))
    world.wait(days=3)
    assert world.told() == ["order_confirmation", "order_confirmation"]


def test_an_order_mail_promotes_only_where_the_law_of_the_country_lets_it() -> None:
    world = open_shop()
    world.order(make_order(opt_ins=(ORDER_OPT_IN, BY_MAIL)))
    aiko = world.customer()
    assert may_promote(aiko, world.store)
    assert not may_promote(aiko.model_copy(update={"country": "KP"}), world.store)
    unsure = world.store.model_copy(update={"country": None})
    assert not may_promote(aiko.model_copy(update={"country": None}), unsure)
    assert not may_promote(aiko.model_copy(update={"consents": {}}), world.store)


def test_every_kind_that_may_be_chosen_is_one_that_is_sent() -> None:
    customer = Customer(store_id="kinari", customer_id="c1", created_at=MONDAY, orders_count=3)
    for kind in KINDS:
        store = make_store(load_catalogue(), settings=make_settings(confirmation=kind))
        assert choose_confirmation(customer, store, MONDAY) == kind
