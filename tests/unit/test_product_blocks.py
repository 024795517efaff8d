"""Recommended products in an e-mail and in a line: with what they cost now, in the reader's language and direction."""

from __future__ import annotations

from decimal import Decimal

import pytest

from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.catalogue.compile_templates import TEMPLATES, compile_template
from okaeri.domain.orders import Product, Variant
from okaeri.domain.records import ProductRecord
from okaeri.domain.templates import Template
from tests.unit.rendering_samples import NOW, make_context

PICKS = {"find.picks": "2", "find.picks.ids": "mitt,cup", "find.picks.kind": "complementary"}


def find_template() -> Template:
    return compile_template(TEMPLATES / "goes_with" / "en.yaml")


def record(name: str, title: str, price: str, **changes: object) -> ProductRecord:
    known = {
        "product_id": name,
        "title": title,
        "updated_at": NOW,
        "url": f"https://linen.example/{name}",
        "image_url": f"https://linen.example/{name}.jpg",
        "variants": (Variant(variant_id=name, price=Decimal(price), in_stock=True),),
    }
    return ProductRecord(store_id="linen", product=Product.model_validate(known | changes))


MITT = record("mitt", 'Oven "Mitt" <L>', "24")
CUP = record("cup", "Cup", "9.5", image_url=None, url="javascript:alert(1)")


def test_the_mail_shows_pictures_prices_and_pages() -> None:
    mail = render_email(find_template(), make_context(data=PICKS, products={"mitt": MITT, "cup": CUP}))
    assert 'src="https://linen.example/mitt.jpg"' in mail.html
    assert "&lt;L&gt;" in mail.html and "<L>" not in mail.html
    assert mail.html.count("<img") == 1
    assert "javascript" not in mail.html
    assert '- Oven "Mitt" <L>: $24.00\n' in mail.text
    assert "https://linen.example/mitt\n" in mail.text
    assert "- Cup: $9.50\n" in mail.text


def test_whatsapp_names_them_in_a_line() -> None:
    said = render_whatsapp(find_template(), make_context(data=PICKS, products={"mitt": MITT, "cup": CUP}))
    assert said.body["picks"] == 'Oven "Mitt" <L> ($24.00), Cup ($9.50)'


def test_in_arabic_each_title_keeps_its_own_direction() -> None:
    context = make_context("ar", data=PICKS, products={"mitt": MITT, "cup": CUP})
    assert context["finds"]["picks"]["line"].count("،") == 1
    html = render_email(find_template(), context).html
    assert "<bdi>" in html
    assert 'align="right"' in html


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"variants": ({"variant_id": "mitt", "in_stock": False},)}])
def test_what_is_sold_out_or_hidden_by_now_is_left_out(changes: dict[str, object]) -> None:
    gone = record("mitt", "Oven Mitt", "24", **changes)
    context = make_context(data=PICKS, products={"mitt": gone, "cup": CUP})
    assert context["finds"]["picks"]["line"] == "Cup ($9.50)"
    assert make_context(data=PICKS, products={"mitt": gone})["finds"] == {}


def test_a_long_line_names_as_many_as_fit() -> None:
    products = {f"p{number}": record(f"p{number}", "Embroidered tablecloth " * 2, "90") for number in range(8)}
    data = PICKS | {"find.picks.ids": ",".join(products)}
    assert make_context(data=data, products=products)["finds"]["picks"]["line"].count("$90.00") < 8


def test_what_a_shoppers_own_wishes_found_is_no_recommendation() -> None:
    found = {"find.finds": "1", "find.finds.ids": "mitt", "find.finds.fit": "1"}
    assert "finds" not in make_context(data=found, products={"mitt": MITT})["finds"]
