"""recommendations and alternatives: what goes with an order, and what else there is of a kind."""

from __future__ import annotations

from okaeri.domain.orders import ShipmentStatus
from tests.unit.journeys.years import Year, make_product, open_year
from tests.world import AIKO

BEN = AIKO.model_copy(
    update={"store_customer_id": "7002", "email": "ben@example.jp", "phone": "+819055550000", "first_name": "Ben"}
)


def open_kitchen(journey: str = "recommendations") -> Year:
    """Aprons, towels and a candle, and Ben, who bought a towel and a candle with his apron."""
    year = open_year(journey).sell(
        make_product("apron", product_type="Aprons", price=4800),
        make_product("plain apron", product_type="Aprons", price=3200),
        make_product("fine apron", product_type="Aprons", price=7200),
        make_product("towel", product_type="Towels", price=1500),
        make_product("candle", product_type="Candles", price=900),
    )
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
