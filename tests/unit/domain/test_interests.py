"""What is news of a product to those who wait, and whose turn it is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.interests import (
    choose_waiting,
    describe_product,
    find_news,
    find_quota,
    is_buyable,
    is_still_so,
    must_wait,
    spend,
)
from okaeri.domain.orders import Product, Variant
from okaeri.domain.records import Interest
from tests.fakes import START


def make_product(*stocks: int | bool | None, price: str | None = "48", **changes: Any) -> Product:
    variants = tuple(
        Variant(
            variant_id=f"v{number}",
            price=Decimal(price) if price else None,
            quantity=None if isinstance(stock, bool) else stock,
            in_stock=stock if isinstance(stock, bool) or stock is None else stock > 0,
        )
        for number, stock in enumerate(stocks, 1)
    )
    return Product.model_validate(
        {"product_id": "p1", "title": "Apron", "updated_at": START, "variants": variants} | changes
    )


def wait(*variants: str | None) -> list[Interest]:
    return [
        Interest(
            store_id="s1",
            product_id="p1",
            variant_id=variant,
            customer_id=f"c{number}",
            wish="stock",
            at=START + timedelta(minutes=number),
        )
        for number, variant in enumerate(variants)
    ]


def list_kinds(before: Product | None, after: Product) -> list[str]:
    return [news.kind for news in find_news(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (None, make_product(3), ["launched"]),
        (None, make_product(0), []),
        (None, make_product(3, status="draft"), []),
        (make_product(3, status="draft"), make_product(3), ["launched"]),
        (make_product(0), make_product(3), ["back_in_stock", "launched"]),
        (make_product(0, 2), make_product(1, 2), ["back_in_stock"]),
        (make_product(2), make_product(1), []),
        (make_product(2), make_product(0), []),
        (make_product(None), make_product(3), []),  # nobody had said that it was gone
        (make_product(0), make_product(3, status="archived"), []),
        (make_product(2), make_product(2, price="40"), ["price_dropped"]),
        (make_product(2), make_product(2, price="50"), []),
        (make_product(2), make_product(0, price="40"), []),
        (make_product(2, price=None), make_product(2), []),
        (make_product(in_stock=False), make_product(in_stock=True), ["back_in_stock", "launched"]),
    ],
)
def test_news_are_what_those_who_wait_can_act_on(before: Product | None, after: Product, kinds: list[str]) -> None:
    assert list_kinds(before, after) == kinds


def test_a_lower_price_is_told_with_both_prices_and_holds_until_it_rises() -> None:
    [news] = find_news(make_product(2), make_product(2, price="40"))
    assert news.data == {"before": "48", "after": "40"}
    assert is_still_so("price_dropped", news.data, make_product(2, price="39"))
    assert not is_still_so("price_dropped", news.data, make_product(2, price="41"))
    assert not is_still_so("price_dropped", news.data, make_product(0, price="40"))


def test_a_form_that_nobody_knows_counts_as_the_whole() -> None:
    assert is_buyable(make_product(0, 2), "v9")
    assert not is_buyable(make_product(0, 2), "v1")
    assert not is_buyable(make_product(2, status="draft"), "v1")


def test_a_quota_counts_pieces_and_leaves_out_what_nobody_counts() -> None:
    assert find_quota(make_product(2, 1), 3) == {"v1": 6, "v2": 3, "": 9}
    assert find_quota(make_product(2, True), 3) == {"v1": 6}
    assert find_quota(make_product(True), 3) == {}
    made_to_order = Variant(variant_id="v1", quantity=-4, in_stock=True)
    assert find_quota(make_product().model_copy(update={"variants": (made_to_order,)}), 3) == {}


def test_who_is_passed_over_for_want_of_pieces_makes_way_for_who_can_be_served() -> None:
    waiting, product = wait("v1", "v1", "v2", None), make_product(1, 1)
    choice = choose_waiting(waiting, product, find_quota(product, 1))
    assert [one.customer_id for one in choice.chosen] == ["c0", "c2"]
    assert must_wait(waiting, choice.chosen, product)
    assert not must_wait(wait("v3-unknown", "v1")[:0], (), product)


def test_who_takes_any_form_uses_up_a_piece_of_the_whole() -> None:
    product = make_product(1, 1)
    assert spend(find_quota(product, 1), wait(None, "v1")) == {"v1": 0, "v2": 1, "": 0}
    choice = choose_waiting(wait(None, "v1", "v2"), product, find_quota(product, 1))
    assert [one.customer_id for one in choice.chosen] == ["c0", "c1"]


def test_one_go_takes_so_many_and_says_how_far_it_looked() -> None:
    waiting = wait(None, None, None)
    choice = choose_waiting(waiting, make_product(True), {}, most=2)
    assert (choice.is_full, choice.last) == (True, waiting[1])
    assert not choose_waiting(waiting[:2], make_product(True), {}, most=2).is_full


def test_what_a_message_says_is_of_the_form_that_is_meant() -> None:
    cheap = Variant(variant_id="v2", price=Decimal("30.00"), in_stock=True)
    product = make_product(2).model_copy(update={"variants": (*make_product(2).variants, cheap)})
    assert describe_product(product, "v1")["product.price"] == "48"
    assert describe_product(product, None)["product.price"] == "30"
    assert describe_product(make_product(2, price=None), "v1")["product.price"] == ""
