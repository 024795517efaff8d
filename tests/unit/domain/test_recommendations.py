"""What is recommended: by purchases where there are enough, by attributes where there are not, never what is gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okaeri.domain.customers import Customer
from okaeri.domain.purchases import HALF_LIFE, Purchases, count_purchase, is_recommending, weigh_purchase
from okaeri.domain.recommendations import measure_likeness, recommend
from okaeri.domain.records import ShelfEntry
from okaeri.domain.stores import PublishedJourney, Store, StoreSettings
from tests.world import MONDAY, make_order, make_store

SHELF = tuple(
    ShelfEntry(product_id=name, title=name.title(), product_type=kind, price=price, tags=tags)
    for name, kind, price, tags in (
        ("apron", "Aprons", "40", ("linen",)),
        ("plain apron", "Aprons", "25", ("linen",)),
        ("work apron", "Aprons", "38", ("canvas",)),
        ("fine apron", "Aprons", "80", ("linen",)),
        ("golden apron", "Aprons", "400", ("linen",)),
        ("towel", "Towels", "12", ("linen",)),
        ("tablecloth", "Tablecloths", "90", ("linen",)),
        ("candle", "Candles", "15", ()),
    )
)
# Everybody buys candles; who has an apron has a towel.
PURCHASES = Purchases(
    together={"apron": {"candle": 20.0, "towel": 18.0, "tablecloth": 1.0}},
    bought={"apron": 100.0, "candle": 300.0, "towel": 40.0, "tablecloth": 100.0},
)


def choose(kind: str, *at_hand: str, purchases: Purchases = PURCHASES, without: tuple[str, ...] = ()) -> list[str]:
    found = recommend(kind, at_hand, SHELF, purchases, without=without, most=4)
    return [entry.product_id for entry in found]


def test_what_goes_with_it_is_bought_with_it_more_than_a_bestseller_would_be_anyway() -> None:
    assert choose("complementary", "apron")[:2] == ["towel", "candle"]


def test_one_coincidence_weighs_little() -> None:
    once = {"apron": {"tablecloth": 1.0}}
    bought = {"candle": 300.0, "tablecloth": 2.0}
    assert choose("complementary", "golden apron", "apron", purchases=Purchases(once, bought))[0] == "candle"


def test_without_anything_bought_together_bestsellers_come_first() -> None:
    assert choose("complementary", "work apron")[0] == "candle"


def test_without_purchases_what_shares_a_tag_goes_with_it_and_is_no_dearer() -> None:
    assert choose("complementary", "apron", purchases=Purchases()) == ["towel"]


def test_similar_ones_share_type_tags_and_price() -> None:
    assert choose("similar", "apron") == ["plain apron", "fine apron", "golden apron", "work apron"]


def test_a_cheaper_one_is_of_the_same_type_and_costs_less() -> None:
    assert choose("cheaper", "apron") == ["plain apron"]  # five percent less is not cheaper
    assert choose("cheaper", "candle") == []


def test_a_better_one_costs_more_and_not_ten_times_as_much() -> None:
    assert choose("better", "apron") == ["fine apron"]


def test_popular_ones_are_those_of_the_category_first() -> None:
    bought = Purchases(bought={"work apron": 2.0, "candle": 400.0})
    assert choose("popular", "apron", purchases=bought) == ["work apron", "candle"]
    assert choose("popular", purchases=bought) == ["candle", "work apron"]


def test_where_nothing_is_known_nothing_is_recommended() -> None:
    assert choose("popular", purchases=Purchases()) == []
    assert choose("complementary", "never seen", purchases=Purchases()) == []


@pytest.mark.parametrize("kind", ["similar", "complementary", "cheaper", "better", "popular"])
def test_never_what_is_at_hand_or_was_had_or_is_sold_out(kind: str) -> None:
    gone = {entry.product_id for entry in recommend(kind, ["apron"], SHELF, PURCHASES, without=(), most=4)}
    sold_out = [entry.model_copy(update={"in_stock": entry.product_id not in gone}) for entry in SHELF]
    again = recommend(kind, ["apron"], sold_out, PURCHASES, without=(), most=4)
    assert not gone & {entry.product_id for entry in again}
    assert "apron" not in choose(kind, "apron")
    assert not gone & set(choose(kind, "apron", without=tuple(gone)))


def test_nothing_in_common_is_not_alike_whatever_it_costs() -> None:
    apron, candle = SHELF[0], SHELF[-1].model_copy(update={"price": "40"})
    assert measure_likeness(apron, candle) == 0
    assert measure_likeness(apron, apron) == 1


def test_a_purchase_counts_half_after_each_half_life() -> None:
    now = datetime(2027, 3, 1, tzinfo=UTC)
    assert weigh_purchase(now - HALF_LIFE) / weigh_purchase(now) == pytest.approx(0.5)


def publish(journey: str, **changes: object) -> Store:
    published = PublishedJourney.model_validate({"journey": journey, "definition": "d", "recommends": True} | changes)
    return make_store({}, triggers={"order.placed": (published,)})


def test_purchases_are_counted_where_a_journey_that_recommends_is_on() -> None:
    assert is_recommending(publish("recommendations"))
    assert not is_recommending(publish("recommendations", on=False))
    assert not is_recommending(publish("birthday", recommends=False))


def test_confirmations_recommend_only_where_the_shop_chose_so() -> None:
    store = publish("order-confirmation")
    assert not is_recommending(store)
    for chosen in ({"confirmation": "similar"}, {"confirmations": {"loyal": "similar"}}):
        assert is_recommending(store.model_copy(update={"settings": StoreSettings.model_validate(chosen)}))


@pytest.mark.parametrize("quiet", ["test", "draft", "deleted"])
def test_what_nobody_bought_is_not_counted(quiet: str) -> None:
    customer = Customer(store_id="kinari", customer_id="c1", created_at=MONDAY, orders=tuple("abcdefg"))
    store = publish("recommendations")
    assert count_purchase(customer, make_order(quiet=quiet), store) == ()
    [count] = count_purchase(customer, make_order(quiet="old"), store)
    assert (count.product_ids, count.earlier) == (("p1",), tuple("cdefg"))
