"""recommendations and alternatives: what goes with an order, and what else there is of a kind."""

from __future__ import annotations

import json

import pytest

from okaeri.domain.evidence import InterestSeen
from okaeri.domain.last_look import keep_current
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.records import ProductRecord
from okaeri.errors import GiveUp
from tests.unit.journeys.years import Year, make_product, open_year
from tests.world import AIKO

BEN = AIKO.model_copy(
    update={"store_customer_id": "7002", "email": "ben@example.jp", "phone": "+819055550000", "first_name": "Ben"}
)


def fill_shelf(journey: str) -> Year:
    """A shop with aprons, a towel and a candle."""
    return open_year(journey).sell(
        make_product("apron", product_type="Aprons", price=4800),
        make_product("plain apron", product_type="Aprons", price=3200),
        make_product("fine apron", product_type="Aprons", price=7200),
        make_product("towel", product_type="Towels", price=1500),
        make_product("candle", product_type="Candles", price=900),
    )


def open_kitchen(journey: str = "recommendations") -> Year:
    """The shop with Ben, who bought a towel with his apron, and then a candle."""
    year = fill_shelf(journey)
    year.buy("ben1", "apron", "towel", buyer=BEN)
    year.buy("ben2", "candle", buyer=BEN)
    return year


def find_picks(year: Year, template: str) -> list[str]:
    return year.find(template).data["find.picks.ids"].split(",")


def receive(year: Year, order_id: str = "1", *products: str) -> Year:
    year.buy(order_id, *(products or ("apron",)))
    year.world.ship(order_id, ShipmentStatus.DELIVERED)
    return year


def test_what_others_had_with_it_is_shown_some_days_after_it_came() -> None:
    year = receive(open_kitchen())
    assert year.live(9).told_of(["goes_with"]) == []
    assert year.live(3).told_of(["goes_with"]) == ["goes_with"]
    assert find_picks(year, "goes_with")[:2] == ["candle", "towel"]
    assert "apron" not in find_picks(year, "goes_with")


def test_what_they_have_already_is_not_recommended() -> None:
    year = open_kitchen()
    year.buy("0", "towel")
    receive(year).live(12)
    assert "towel" not in find_picks(year, "goes_with")


def test_what_is_sold_out_is_not_recommended() -> None:
    year = open_kitchen().sell(make_product("towel", in_stock=False, updated_at=open_kitchen().world.clock()))
    receive(year).live(12)
    assert "towel" not in find_picks(year, "goes_with")


def test_once_a_month_at_most() -> None:
    year = receive(open_kitchen()).live(12)
    receive(year, "2", "plain apron").live(15)
    assert year.told_of(["goes_with"]) == ["goes_with"]


def test_a_return_stops_it() -> None:
    year = receive(open_kitchen())
    year.live(3).world.ship("1", ShipmentStatus.RETURNED)
    assert year.live(20).told_of(["goes_with"]) == []


def test_where_nothing_is_known_nothing_is_said() -> None:
    year = receive(open_year("recommendations").sell(make_product("apron"), make_product("sofa")))
    assert year.live(20).told_of(["goes_with"]) == []
    assert "recommendations.run ended nothing to recommend" in year.world.why()


def test_purchases_are_counted_once_and_only_where_somebody_recommends() -> None:
    bought = open_kitchen().world.companions.list_bought("kinari")
    assert {name: round(times, 3) for name, times in bought.items()} == {"apron": 1, "towel": 1, "candle": 1}
    assert open_kitchen("birthday").world.companions.list_bought("kinari") == {}
    year = open_kitchen()
    order = year.buy("1", "apron")
    year.world.order(order)
    assert round(year.world.companions.list_bought("kinari")["apron"], 3) == 2


def look(year: Year, product_id: str, times: int) -> Year:
    """Aiko looks at a product's page, on as many days."""
    for _ in range(times):
        seen = InterestSeen(wish="viewed", product_id=product_id, buyer=AIKO, at=year.world.clock())
        year.world.hear(seen, source="shopify test")
        year.live(1)
    return year


def open_window() -> Year:
    year = fill_shelf("alternatives")
    year.buy("0", "candle")
    return year


@pytest.mark.parametrize(
    ("wish", "picks"),
    [("cheaper", ["plain apron"]), ("better", ["fine apron"]), ("similar", ["fine apron", "plain apron"])],
)
def test_who_looks_again_and_again_is_asked_what_else_would_suit(wish: str, picks: list[str]) -> None:
    year = look(open_window(), "apron", 2)
    assert year.live(1).told_of(["alternatives"]) == []
    look(year, "apron", 1).live(1).reply(wish, "alternatives")
    assert year.told_of(["alternatives", "alternatives_found"]) == ["alternatives", "alternatives_found"]
    assert sorted(find_picks(year, "alternatives_found")) == picks


def test_one_that_was_tapped_is_shown() -> None:
    year = look(open_window(), "apron", 3).live(1).reply("cheaper", "alternatives")
    assert "Plain Apron" in year.labels()
    year.tap("Plain Apron")
    assert year.world.told()[-1] == "finder_card"
    assert "Plain Apron" in year.text()


def test_where_nothing_is_cheaper_it_says_so() -> None:
    year = look(open_window(), "plain apron", 3).live(1).reply("cheaper", "alternatives")
    assert year.world.told()[-1] == "alternatives_none"


def test_of_what_nothing_else_is_like_nobody_is_asked() -> None:
    year = look(open_window(), "candle", 3).live(2)
    assert year.told_of(["alternatives"]) == []


def test_who_has_bought_meanwhile_is_not_asked() -> None:
    year = look(open_window(), "apron", 2)
    year.world.hear(InterestSeen(wish="viewed", product_id="apron", buyer=AIKO, at=year.world.clock()))
    year.buy("1", "apron")
    assert year.live(3).told_of(["alternatives"]) == []
    assert "alternatives.run ended ordered" in year.world.why()


def test_what_is_gone_by_the_time_of_sending_is_left_out_and_nothing_at_all_is_not_said() -> None:
    year = look(open_window(), "apron", 3).live(1).reply("similar", "alternatives")
    assert sorted(year.labels()) == ["Fine Apron", "Plain Apron", "Talk to a person"]
    message = keep_current(make_facts(year, gone=("plain apron",))).message
    assert [row["id"] for row in json.loads(message.data["options"])] == ["fine apron"]
    with pytest.raises(GiveUp, match="alternatives_found") as refusal:
        year.say(make_facts(year, gone=("plain apron", "fine apron")))
    assert refusal.value.code == "nothing_left"


def make_facts(year: Year, *, gone: tuple[str, ...]) -> MessageFacts:
    """What the sender reads of the products that were found, some of them sold out since."""
    message = year.find("alternatives_found").model_copy(update={"free_form": True, "locale": "en"})
    products = {name: make_product(name, in_stock=name not in gone) for name in ("plain apron", "fine apron")}
    return MessageFacts(
        message=message,
        store=year.world.store,
        customer=year.world.customer(),
        order=None,
        cart=None,
        now=year.world.clock(),
        products={name: ProductRecord(store_id="kinari", product=product) for name, product in products.items()},
    )
