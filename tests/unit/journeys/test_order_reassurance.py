"""order-reassurance: day 1, midway, the day before; each only where nothing was said that day and nothing moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from okaeri.domain.evidence import ProductSeen
from okaeri.domain.orders import Guide, Payment, Product, ProductCare, ShipmentStatus
from okaeri.domain.stores import DeliveryTimes, TransitTime
from tests.unit.journeys.test_delays_and_arrival import open_shop, tell_hours
from tests.world import MONDAY, World, make_order

GUIDE = Guide(title="Washing linen", url="https://kinari.example/washing")
WEEK_LATER = datetime(2026, 11, 11, tzinfo=MONDAY.tzinfo)


def begin(*, eta: datetime | None = WEEK_LATER, guides: tuple[Guide, ...] = (GUIDE,), **order: Any) -> World:
    """An order of Monday the 2nd that is expected on Wednesday the 11th."""
    world = open_shop("order-reassurance", delivery_times=DeliveryTimes())
    care = ProductCare(guides=guides)
    world.hear(ProductSeen(product=Product(product_id="p1", title="Apron", updated_at=MONDAY, care=care)))
    world.order(make_order(eta=eta, **order))
    return world


def test_a_day_later_midway_and_the_day_before_each_says_its_own() -> None:
    world = begin()
    world.wait(days=12)
    assert tell_hours(world, "order_reassurance_next") == [(4, 10)]  # a day after noon is past ten
    assert tell_hours(world, "order_reassurance_guide") == [(7, 10)]
    [guide] = [message for message in world.list_messages() if message.template == "order_reassurance_guide"]
    assert (guide.data["guide_1.title"], guide.data["guide_1.url"]) == (GUIDE.title, GUIDE.url)
    assert tell_hours(world, "order_reassurance_prepare") == [(10, 10)]


def test_what_has_left_already_needs_no_word_on_what_happens_next() -> None:
    world = begin()
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=3)
    assert "order_reassurance_next" not in world.told()


def test_on_a_day_that_had_a_message_nothing_is_added() -> None:
    world = begin()
    world.wait(days=5, hours=-4)  # the morning of the 7th, before ten
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=2)
    assert "order_reassurance_guide" not in world.told()


def test_a_parcel_that_moved_since_yesterday_speaks_for_itself() -> None:
    world = begin()
    world.wait(days=7, hours=6)  # the evening of the 9th
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(days=3)
    assert "order_reassurance_prepare" not in world.told()


def test_without_guides_the_middle_is_silent() -> None:
    world = begin(guides=())
    world.wait(days=12)
    assert "order_reassurance_guide" not in world.told()
    assert "order_reassurance_prepare" in world.told()


def test_without_a_day_there_is_no_middle_and_no_day_before() -> None:
    world = begin(eta=None)
    world.wait(days=12)
    assert [name for name in world.told() if "reassurance" in name] == ["order_reassurance_next"]


def test_bad_news_ends_it() -> None:
    world = begin()
    world.wait(days=2)
    world.ship("5001", ShipmentStatus.DELAYED)
    world.wait(days=12)
    assert not {"order_reassurance_guide", "order_reassurance_prepare"} & set(world.told())


def test_what_is_not_paid_or_is_not_sent_is_not_reassured_of() -> None:
    world = begin(payment=Payment.PENDING, offline_payment=True)
    world.wait(days=3)
    assert "order_reassurance_next" not in world.told()
    download = tuple(line.model_copy(update={"needs_shipping": False}) for line in make_order().lines)
    digital = begin(lines=download)
    digital.wait(days=12)
    assert not any("reassurance" in name for name in digital.told())


def test_the_range_of_the_shops_table_is_prepared_for_from_its_first_day() -> None:
    world = open_shop("order-reassurance", delivery_times=DeliveryTimes(transit=(TransitTime(least=4, most=6),)))
    world.order(make_order())
    world.wait(days=2)
    world.ship("5001", ShipmentStatus.SHIPPED)  # on Wednesday the 4th: four to six business days, so from the 10th on
    world.wait(days=9)
    assert tell_hours(world, "order_reassurance_prepare") == [(9, 10)]


def test_it_is_off_at_first() -> None:
    world = open_shop()
    world.order(make_order(eta=MONDAY + timedelta(days=9)))
    world.wait(days=12)
    assert not any("reassurance_" in name and "confirmation" not in name for name in world.told())
