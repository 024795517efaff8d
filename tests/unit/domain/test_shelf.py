"""The product finder: what stands on the shelf, and what is taken from it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from okaeri.domain.evidence import ProductSeen
from okaeri.domain.orders import Product, Variant
from okaeri.domain.records import ShelfEntry
from okaeri.domain.shelf import (
    count_fitting,
    find_products,
    list_budgets,
    list_product_types,
    make_entry,
    read_amount,
)
from tests.world import MONDAY, World, make_store


def make_product(**changes: Any) -> Product:
    values: dict[str, Any] = {
        "product_id": "p1",
        "title": "Linen Apron",
        "updated_at": MONDAY,
        "product_type": "Aprons",
        "tags": ("linen", "kitchen"),
        "url": "https://kinari.example/products/linen-apron",
        "image_url": "https://kinari.example/apron.jpg",
        "status": "active",
        "variants": (
            Variant(variant_id="1", price=Decimal("4800.00"), in_stock=True),
            Variant(variant_id="2", price=Decimal("4200.00"), in_stock=False),
        ),
    }
    return Product(**values | changes)


def make(product_id: str, title: str, **changes: Any) -> ShelfEntry:
    return ShelfEntry(product_id=product_id, title=title, **changes)


CREAM = make("1", "Cream", product_type="Care", tags=("dry", "rich"), price="30")
GEL = make("2", "Gel", product_type="Care", tags=("oily",), price="18.50")
BALM = make("3", "balm", product_type="Care", tags=("Dry",), price="55")
SOAP = make("4", "Soap", product_type="Bath", tags=("dry",), price="9", in_stock=False)
CANDLE = make("5", "Candle", product_type="Home")
SHELF = (CREAM, GEL, BALM, SOAP, CANDLE)


def find(wanted: dict[str, str], most: int = 5) -> list[str]:
    return [entry.title for entry in find_products(SHELF, wanted, most=most)]


def test_products_that_are_as_wished_and_can_be_bought_are_found_by_title() -> None:
    assert find({"tag": "dry"}) == ["balm", "Cream"]
    assert find({"type": "care", "tag": "DRY ", "price_at_most": "30"}) == ["Cream"]
    assert find({"type": "Care", "price_at_least": "20"}) == ["balm", "Cream"]


def test_a_wish_that_would_leave_nothing_is_let_go_the_last_first() -> None:
    assert find({"type": "Care", "tag": "dry", "price_at_most": "5"}) == ["balm", "Cream"]
    assert find({"type": "Toys", "tag": "oily"}) == ["Gel", "balm", "Candle", "Cream"]


def test_what_fulfils_more_of_the_wishes_comes_first() -> None:
    assert find({"type": "Care", "tag": "unscented", "price_at_most": "20"}) == ["Gel", "balm", "Cream"]


def test_what_was_not_answered_is_no_wish_and_no_more_are_given_than_asked() -> None:
    assert find({"type": "", "tag": " "}, most=2) == ["balm", "Candle"]
    assert find({"price_at_most": "no idea"}, most=1) == ["balm"]


def test_a_product_without_a_price_fits_no_budget() -> None:
    assert "Candle" not in find({"price_at_most": "1000"})


def test_what_a_finder_does_not_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        find({"colour": "red"})


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("5000", "5000"),
        ("5,000円くらい", "5000"),
        ("５０００円", "5000"),
        ("R$ 1.500,00", "1500.00"),
        ("1 250 €", "1250"),
        ("under 49,90", "49.90"),
        ("about $1,234,567.5", "1234567.5"),
        ("٢٠٠ ريال", "200"),
        ("१,५००", "1500"),
        ("no limit", None),
    ],
)
def test_a_budget_is_read_as_shoppers_type_it(typed: str, amount: str | None) -> None:
    assert read_amount(typed) == (None if amount is None else Decimal(amount))


def test_a_product_stands_on_the_shelf_with_the_price_of_what_can_be_bought() -> None:
    assert make_entry(make_product()) == ShelfEntry(
        product_id="p1",
        title="Linen Apron",
        url="https://kinari.example/products/linen-apron",
        image="https://kinari.example/apron.jpg",
        price="4800",
        product_type="Aprons",
        tags=("linen", "kitchen"),
    )


def test_a_product_that_sells_variants_which_nobody_listed_has_the_price_of_the_whole() -> None:
    entry = make_entry(make_product(variants=(), price=Decimal("39.90"), in_stock=False))
    assert entry is not None
    assert (entry.price, entry.in_stock) == ("39.9", False)


@pytest.mark.parametrize(
    ("in_stock", "variants", "expected"),
    [
        (None, (), True),
        (None, (None,), True),
        (None, (False, False), False),
        (None, (False, True), True),
        (True, (False,), True),
        (False, (), False),
    ],
)
def test_stock_that_nobody_told_of_counts_as_there(
    in_stock: bool | None, variants: tuple[bool | None, ...], *, expected: bool
) -> None:
    made = tuple(Variant(variant_id=str(number), in_stock=stock) for number, stock in enumerate(variants))
    entry = make_entry(make_product(variants=made, in_stock=in_stock))
    assert entry is not None
    assert entry.in_stock is expected


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"status": "deleted"}, {"title": None}])
def test_what_shoppers_cannot_see_does_not_stand_on_the_shelf(changes: dict[str, Any]) -> None:
    assert make_entry(make_product(**changes)) is None


# ── What the store tells of its products ─────────────────────────────────────────────────────────────────────────────


def open_shop() -> World:
    return World(store=make_store({}), definitions={})


def list_shelf(world: World) -> dict[str, tuple[str, bool]]:
    return {entry.title: (entry.price, entry.in_stock) for entry in world.shelf.list_entries("kinari")}


def tell(world: World, at: datetime = MONDAY, *, partial: bool = False, gone: bool = False, **changes: Any) -> None:
    world.hear(ProductSeen(product=make_product(updated_at=at, **changes), partial=partial, gone=gone))


def test_a_product_that_the_store_tells_of_is_found_and_sells_out_and_goes() -> None:
    world = open_shop()
    tell(world)
    assert list_shelf(world) == {"Linen Apron": ("4800", True)}
    sold_out = (Variant(variant_id="1", in_stock=False),)
    world.hear(ProductSeen(product=Product(product_id="p1", updated_at=MONDAY, variants=sold_out), partial=True))
    assert list_shelf(world) == {"Linen Apron": ("4200", False)}
    world.hear(ProductSeen(product=Product(product_id="p1", updated_at=MONDAY), gone=True))
    assert list_shelf(world) == {}


def test_the_shelf_is_written_where_what_a_finder_sees_has_changed_alone() -> None:
    world = open_shop()
    tell(world)
    written = dict(world.shelf.entries)
    tell(world, vendor="Kinari")
    assert world.shelf.entries == written
    tell(world, tags=("linen",))
    assert world.shelf.entries != written


def test_a_try_that_ended_before_the_shelf_was_written_is_made_good_by_the_next() -> None:
    world = open_shop()
    envelope = world.hear(ProductSeen(product=make_product()))
    world.shelf.entries.clear()
    world.give(envelope, redelivered=True)
    assert list_shelf(world) == {"Linen Apron": ("4800", True)}


def test_a_writer_that_is_late_does_not_put_an_old_price_back() -> None:
    world = open_shop()
    world.shelf.put_entry("kinari", make("p1", "New"), version=3)
    world.shelf.put_entry("kinari", make("p1", "Old"), version=2)
    assert list_shelf(world) == {"New": ("", True)}


def test_a_part_of_a_product_fills_in_what_the_first_part_did_not_say() -> None:
    """WooCommerce tells of a variation before its parent, and never lists the variations in the parent."""
    world = open_shop()
    variation = (Variant(variant_id="7", price=Decimal("39.90"), in_stock=True),)
    world.hear(ProductSeen(product=Product(product_id="p1", updated_at=MONDAY, variants=variation), partial=True))
    assert list_shelf(world) == {}
    tell(world, partial=True, variants=(), price=Decimal("35"))
    assert list_shelf(world) == {"Linen Apron": ("39.9", True)}


def test_any_is_no_wish() -> None:
    assert len(find_products([CREAM], {"type": "any", "tag": "Any", "price_at_most": "any"}, most=5)) == 1


def test_how_many_of_the_finds_fulfil_every_wish_is_counted() -> None:
    wanted = {"type": "Care", "price_at_most": "10"}
    found = find_products([CREAM], wanted, most=5)
    assert [entry.title for entry in found] == ["Cream"]
    assert count_fitting(found, wanted) == 0
    assert count_fitting(found, {"type": "Care", "price_at_most": ""}) == 1


def test_kinds_are_those_that_can_be_bought_the_commonest_first() -> None:
    shelf = [
        make("1", "A", product_type="Vases"),
        make("2", "B", product_type="Cups"),
        make("3", "C", product_type="Cups"),
        make("4", "D", product_type="Bowls", in_stock=False),
        make("5", "E"),
    ]
    assert list_product_types(shelf) == ["Cups", "Vases"]


@pytest.mark.parametrize(
    ("prices", "limits"),
    [
        (("1500", "3200", "4800", "9800"), ["5000"]),
        (("9", "19", "29", "39", "59", "99", "149", "249"), ["30", "75", "200"]),
        (("0.8", "1.2", "2.6", "4.4", "30"), ["2", "3", "5"]),
        (("20", "20", "20"), []),
        (("20",), []),
        (("", ""), []),
        (("0", "0", "0", "5"), []),
    ],
)
def test_budgets_are_round_and_divide_what_there_is(prices: tuple[str, ...], limits: list[str]) -> None:
    shelf = [make(str(number), "Cup", price=price) for number, price in enumerate(prices)]
    assert list_budgets(shelf) == limits
