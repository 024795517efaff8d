"""replenishment: asks before a supply runs low, and fills a cart at one tap."""

from __future__ import annotations

from okaeri.domain.evidence import OrderChanged
from tests.unit.journeys.years import Year, make_product, open_year
from tests.world import AIKO

TEMPLATES = (
    "replenishment",
    "replenishment_cart",
    "replenishment_cart_part",
    "replenishment_gone",
    "replenishment_later",
    "replenishment_never",
)


def open_tea_shop(**settings: str) -> Year:
    return open_year("replenishment", **settings).sell(make_product("tea", refill_days=30), make_product("cup"))


def told(year: Year) -> list[str]:
    return year.told_of(TEMPLATES)


def test_it_asks_before_the_tea_runs_out_and_not_sooner() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    assert told(year.live(24)) == []
    assert told(year.live(3)) == ["replenishment"]


def test_one_tap_answers_with_a_filled_cart() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(27).reply("again", "replenishment")
    assert told(year) == ["replenishment", "replenishment_cart"]
    assert "Tea" in year.text()
    assert year.find("replenishment_cart").data["link.again"] == "https://kinari.example/cart/tea1:1"


def test_what_is_out_of_stock_is_named_and_the_rest_is_in_the_cart() -> None:
    year = open_tea_shop()
    year.buy("1", "tea", "cup")
    year.live(27).sell(make_product("cup", in_stock=False, updated_at=year.world.clock()))
    year.reply("again", "replenishment")
    assert told(year)[-1] == "replenishment_cart_part"
    assert "Missing: Cup" in year.text()


def test_where_nothing_can_be_bought_it_says_so() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(27).sell(make_product("tea", in_stock=False, updated_at=year.world.clock()))
    year.reply("again", "replenishment")
    assert told(year)[-1] == "replenishment_gone"


def test_still_enough_asks_once_more_and_no_more_than_that() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(27).reply("later", "replenishment")
    assert told(year) == ["replenishment", "replenishment_later"]
    assert told(year.live(12)).count("replenishment") == 1
    assert told(year.live(4)).count("replenishment") == 2
    year.reply("later", "replenishment")
    assert told(year.live(60)).count("replenishment") == 2
    assert year.world.customer().runs == ()


def test_no_longer_needed_is_never_asked_again() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(27).reply("never", "replenishment")
    assert told(year)[-1] == "replenishment_never"
    year.buy("2", "tea")
    assert told(year.live(40)).count("replenishment") == 1


def test_who_has_bought_it_again_is_asked_about_the_new_one_alone() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(20).buy("2", "tea")
    assert "replenishment.run ended bought" in year.world.why()
    assert told(year.live(10)) == []
    assert told(year.live(20)) == ["replenishment"]


def test_another_order_does_not_stop_it() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(20).buy("2", "cup")
    assert told(year.live(7)) == ["replenishment"]


def test_a_cup_runs_out_of_nothing_until_it_is_bought_in_a_rhythm() -> None:
    year = open_tea_shop()
    for number in range(2):
        year.buy(f"{number}", "cup")
        assert told(year.live(40)) == []
    year.buy("3", "cup")
    assert told(year.live(37)) == ["replenishment"]


def test_the_cart_comes_by_mail_where_there_is_no_whatsapp() -> None:
    year = open_tea_shop()
    by_mail = AIKO.model_copy(update={"phone": None})
    year.buy("1", "tea", buyer=by_mail, opt_ins=())
    year.world.consent("email", "marketing", buyer=by_mail)
    year.live(27).press("again", "replenishment")
    assert [(m.template, m.channel) for m in year.world.list_messages()][-1] == ("replenishment_cart", "email")


def test_what_went_back_is_not_asked_about() -> None:
    year = open_tea_shop()
    year.buy("1", "tea")
    year.live(3)
    asked = OrderChanged(order_id="1", change="return_requested", at=year.world.clock(), return_id="r1")
    year.world.hear(asked)
    assert told(year.live(40)) == []
