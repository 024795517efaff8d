"""Addresses of carts that are filled already: what each kind of store opens, and what cannot be bought now."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from okaeri.domain.cart_links import MAX_LINES, make_cart_link
from okaeri.domain.orders import OrderLine, Product, Variant
from okaeri.domain.records import ProductRecord
from okaeri.domain.stores import Platform, Store
from tests.world import make_settings, make_store

AT = datetime(2026, 11, 2, tzinfo=UTC)
APRON = OrderLine(line_id="1", product_id="10", variant_id="101", title="Apron", quantity=2, price=Decimal(4800))
TOWEL = OrderLine(line_id="2", product_id="20", variant_id="201", title="Towel", quantity=1, price=Decimal(1500))


def open_shop(**changes: Any) -> Store:
    return make_store({}, **changes)


def tell(*products: Product) -> dict[str, ProductRecord]:
    return {product.product_id: ProductRecord(store_id="kinari", product=product) for product in products}


def make_towel(**changes: Any) -> Product:
    variants = (Variant(variant_id="201", in_stock=False), Variant(variant_id="202", in_stock=True))
    return Product(product_id="20", title="Towel", updated_at=AT, variants=variants).model_copy(update=changes)


def test_shopify_opens_a_cart_by_its_variants() -> None:
    link = make_cart_link(open_shop(), (APRON, TOWEL), {})
    assert link.url == "https://kinari.example/cart/101:2,201:1"


def test_shopify_variants_may_come_by_their_long_names() -> None:
    line = APRON.model_copy(update={"variant_id": "gid://shopify/ProductVariant/101"})
    assert make_cart_link(open_shop(), (line,), {}).url == "https://kinari.example/cart/101:2"


def test_woocommerce_opens_a_checkout_and_takes_a_product_without_variants() -> None:
    plain = TOWEL.model_copy(update={"variant_id": None})
    link = make_cart_link(open_shop(platform=Platform.WOOCOMMERCE), (APRON, plain), {})
    assert link.url == "https://kinari.example/checkout-link/?products=101:2,20:1"


def test_any_other_shop_names_the_address_itself() -> None:
    settings = make_settings(cart_link="https://kinari.example/basket?fill={items}&from=okaeri")
    shop = open_shop(platform=Platform.STANDARD, settings=settings)
    assert make_cart_link(shop, (APRON,), {}).url == "https://kinari.example/basket?fill=101:2&from=okaeri"


def test_a_shop_that_names_none_has_none_and_says_what_would_be_in_it() -> None:
    link = make_cart_link(open_shop(platform=Platform.STANDARD), (APRON,), {})
    assert (link.url, link.filled, link.missing) == ("", (APRON,), ())


def test_what_is_sold_out_is_left_out_and_named() -> None:
    link = make_cart_link(open_shop(), (APRON, TOWEL), tell(make_towel()))
    assert (link.url, link.missing) == ("https://kinari.example/cart/101:2", (TOWEL,))


def test_a_product_that_is_no_longer_shown_is_left_out() -> None:
    hidden = make_towel(status="archived", variants=(Variant(variant_id="201", in_stock=True),))
    assert make_cart_link(open_shop(), (TOWEL,), tell(hidden)).url == ""


def test_what_nobody_counts_may_be_bought() -> None:
    uncounted = make_towel(variants=(Variant(variant_id="201", in_stock=None),))
    assert make_cart_link(open_shop(), (TOWEL,), tell(uncounted)).missing == ()


def test_a_line_that_shopify_cannot_name_is_missing() -> None:
    link = make_cart_link(open_shop(), (APRON.model_copy(update={"variant_id": None}),), {})
    assert (link.url, len(link.missing)) == ("", 1)


def test_an_address_stays_short_enough_for_a_button() -> None:
    lines = [APRON.model_copy(update={"line_id": str(n), "variant_id": f"{44_000_000_000_000 + n}"}) for n in range(60)]
    link = make_cart_link(open_shop(), lines, {})
    assert len(link.filled) == MAX_LINES
    assert len(link.url) < 1000
