"""product-care: the shop's own guides for what was bought, two at most, and somebody who asks how it is."""

from __future__ import annotations

from okaeri.domain.evidence import ProductSeen
from okaeri.domain.orders import Guide, OrderLine, Product, ProductCare, ShipmentStatus
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import BOTH_OPT_INS, MONDAY, World, make_order

VIDEO = Guide(title="Washing linen", url="https://kinari.example/wash", kind="video")
GUIDE = Guide(title="Tying it", url="https://kinari.example/tie")
FAQ = Guide(title="Questions", url="https://kinari.example/faq", kind="faq")
GERMAN = Guide(title="Leinen waschen", url="https://kinari.example/de", kind="video", locale="de")


def open_shop(*products: tuple[str, str, tuple[Guide, ...]]) -> Talk:
    """Products (id, type, guides), one of each delivered to Aiko."""
    world = World(store=open_store("product-care", off=("review-request",)))
    lines = []
    for product_id, kind, guides in products:
        product = Product(
            product_id=product_id,
            title=f"Product {product_id}",
            product_type=kind,
            updated_at=MONDAY,
            care=ProductCare(guides=guides),
        )
        world.hear(ProductSeen(product=product), source="shopify products/update")
        lines.append(
            OrderLine.model_validate(
                {
                    "line_id": product_id,
                    "product_id": product_id,
                    "title": f"Product {product_id}",
                    "quantity": 1,
                    "price": 1,
                }
            )
        )
    world.order(make_order(lines=tuple(lines), opt_ins=BOTH_OPT_INS))
    world.ship("5001", ShipmentStatus.DELIVERED)
    return Talk(world)


def told(talk: Talk) -> list[str]:
    return [name for name in talk.world.told() if name.startswith("care")]


def list_guides(talk: Talk) -> list[str]:
    guides = [message for message in talk.world.list_messages() if message.template.startswith("care_guide")]
    return [message.data[f"{message.template.removeprefix('care_')}.title"] for message in guides]


def test_three_messages_in_three_weeks_the_video_first() -> None:
    talk = open_shop(("p1", "Aprons", (GUIDE, FAQ, VIDEO)))
    talk.world.wait(days=21)
    assert told(talk) == ["care_guide_1", "care_guide_2", "care_check"]
    assert list_guides(talk) == ["Washing linen", "Tying it"]


def test_of_several_products_of_a_type_one_speaks() -> None:
    talk = open_shop(("p1", "Aprons", (VIDEO,)), ("p2", "Aprons", (GUIDE,)), ("p3", "Towels", (FAQ,)))
    talk.world.wait(days=21)
    assert list_guides(talk) == ["Washing linen", "Questions"]


def test_a_guide_in_a_language_that_they_do_not_read_is_none() -> None:
    talk = open_shop(("p1", "Aprons", (GERMAN,)))
    talk.world.wait(days=21)
    assert told(talk) == []


def test_what_the_shop_has_no_guide_for_starts_nothing() -> None:
    talk = open_shop(("p1", "Aprons", ()))
    talk.world.wait(days=21)
    assert told(talk) == []


def test_who_needs_help_gets_a_person() -> None:
    talk = open_shop(("p1", "Aprons", (VIDEO,)))
    talk.world.wait(days=12)
    assert told(talk) == ["care_guide_1", "care_check"]
    talk.answer("help")
    assert talk.last().template == "care_help"
    assert talk.ticket().subject == "Needs help with what was bought"


def test_the_guides_are_shown_with_their_titles() -> None:
    talk = open_shop(("p1", "Aprons", (VIDEO,)))
    talk.world.wait(days=4)
    data = talk.last().data
    assert (data["guide_1.title"], data["guide_1.url"], data["guide_1.item"]) == (VIDEO.title, VIDEO.url, "Product p1")
