"""What messages say of budgets, of the product that was chosen, and of a code's last day."""

from __future__ import annotations

import json

import pytest

from okaeri.adapters.chat_rendering import render_chat
from okaeri.adapters.template_engine import render_text
from okaeri.domain.templates import ChatProduct
from okaeri.errors import GiveUp
from tests.catalogue import load_templates
from tests.unit.rendering_samples import STORE, make_context

PRODUCT = {
    "product.id": "p1",
    "product.title": "Linen  Apron",
    "product.price": "48.5",
    "product.url": "https://linen.example/products/p1",
    "product.image": "https://linen.example/p1.jpg",
}
CARD = next(template for template in load_templates() if (template.name, template.locale) == ("finder_card", "en"))


@pytest.mark.parametrize("locale", ["en", "ja", "hi", "pt_BR", "es", "ar", "ms", "de"])
def test_a_budget_is_an_amount_in_the_readers_words(locale: str) -> None:
    data = {"options": json.dumps([{"id": "7500", "title": ""}, {"id": "Cups", "title": "Cups"}])}
    budget, kind = make_context(locale, data=data)["options"]
    assert "500" in budget["title"]
    assert budget["title"] != "7500"
    assert "{" not in budget["title"]
    assert kind["title"] == "Cups"


def test_a_card_shows_picture_title_price_and_page() -> None:
    chat = render_chat(CARD, make_context(data=PRODUCT)).chat
    assert chat and chat.media and chat.link
    assert (chat.media.url, chat.link.url) == (PRODUCT["product.image"], PRODUCT["product.url"])
    title, price = chat.body.splitlines()
    assert title == "*Linen Apron*"
    assert "48.50" in price


def test_a_card_without_price_picture_and_page_is_a_title() -> None:
    bare = PRODUCT | {"product.price": "", "product.url": "", "product.image": ""}
    chat = render_chat(CARD, make_context(data=bare)).chat
    assert chat
    assert (chat.body, chat.media, chat.link) == ("*Linen Apron*", None, None)


def test_a_shop_with_a_catalogue_at_meta_shows_the_product_out_of_it() -> None:
    settings = STORE.settings.model_copy(update={"whatsapp_catalog_id": "77"})
    store = STORE.model_copy(update={"settings": settings})
    chat = render_chat(CARD, make_context(data=PRODUCT, store=store)).chat
    assert chat
    assert chat.product == ChatProduct(catalog="77", item="p1")
    assert (chat.media, chat.link, chat.header) == (None, None, "")


def test_a_card_of_no_product_is_not_sent() -> None:
    with pytest.raises(GiveUp):
        render_chat(CARD, make_context(data={"product.id": ""}))


@pytest.mark.parametrize(("last_day", "said"), [("2026-12-31", "A-1|Thu, Dec 31"), ("", "A-1|")])
def test_a_codes_last_day_is_said_where_it_has_one(last_day: str, said: str) -> None:
    context = make_context(data={"coupon.gift": "A-1", "coupon.gift.last_day": last_day})
    assert render_text("{{ coupon.gift }}|{{ until.gift }}", context, where="test") == said
