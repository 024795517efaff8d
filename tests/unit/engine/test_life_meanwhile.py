"""While a run waits, life goes on: people move, clocks are put right, journeys are deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okaeri.domain.evidence import CustomerSeen, NumberChanged
from okaeri.domain.orders import Buyer
from okaeri.domain.stores import PublishedTemplate
from tests.fakes import FakeClock
from tests.unit.engine.shops import change_store, open_shop, place, write
from tests.world import AIKO, MONDAY, World, make_order

NEW_NUMBER = "+5511987654321"
MOVED = AIKO.model_copy(
    update={"phone": NEW_NUMBER, "country": "BR", "locale": "pt-BR", "time_zone": "America/Sao_Paulo"}
)


def test_who_changes_number_language_and_country_is_told_there_in_those_words_by_that_clock() -> None:
    world = open_shop(write("thanks", 'wait: {for: P3D, at: "10:00"}', "send: review_request"))
    spoken = PublishedTemplate(whatsapp=("en", "ja", "pt_BR"), email=("en", "ja", "pt_BR"))
    change_store(world, templates={**world.store.templates, "review_request": spoken})
    place(world)
    world.wait(days=1)
    world.hear(NumberChanged(at=world.clock(), old_phone=AIKO.phone or "", new_phone=NEW_NUMBER))
    world.hear(CustomerSeen(buyer=MOVED, at=world.clock()))
    world.wait(days=4)
    (message,) = world.list_messages()
    assert (message.channel, message.locale) == ("whatsapp", "pt_BR")
    said_at = message.decided_at.astimezone(ZoneInfo("America/Sao_Paulo"))
    assert 9 <= said_at.hour < 20
    assert world.customer().phones[0] == NEW_NUMBER


@pytest.mark.parametrize("jump_h", [1, -1, 26])
def test_a_clock_that_jumps_neither_loses_nor_doubles(jump_h: int) -> None:
    world = open_shop(write("later", "wait: PT5H", "send: order_updated", purpose="order"))
    place(world)
    world.wait(hours=2)
    world.clock.advance(hours=jump_h)
    world.wait(minutes=1)
    world.wait(hours=12)
    assert world.told() == ["order_updated"]
    (message,) = world.list_messages()
    assert message.decided_at >= MONDAY + timedelta(hours=5)


def test_a_timer_that_rang_by_a_fast_clock_is_waited_for_by_the_right_one() -> None:
    world = open_shop(write("later", "wait: PT5H", "send: order_updated", purpose="order"))
    place(world)
    ((_, timer, _),) = world.timers.armed.values()
    world.wait(hours=4, minutes=58)
    world.give(timer)  # the Scheduler's clock is two minutes ahead of ours
    assert world.told() == []
    world.wait(minutes=3)
    assert world.told() == ["order_updated"]


def test_a_journey_that_is_deleted_lets_those_who_walk_it_come_to_its_end_and_begins_for_nobody() -> None:
    world = open_shop(write("later", "wait: P2D", "send: order_updated", purpose="order"))
    place(world)
    change_store(world, triggers={})
    place(world, "5002")
    world.wait(days=3)
    assert world.told() == ["order_updated"]
    assert world.customer().runs == ()


@pytest.mark.parametrize(
    ("begins", "hours"),
    [
        (datetime(2026, 3, 28, 9, tzinfo=UTC), 23),  # 10:00 in Berlin; the night after loses an hour
        (datetime(2026, 10, 24, 8, tzinfo=UTC), 25),  # 10:00 in Berlin; the night after has one more
        (datetime(2026, 6, 1, 8, tzinfo=UTC), 24),
    ],
)
def test_from_ten_to_ten_is_a_day_of_the_customers_own_whatever_the_clocks_do(begins: datetime, hours: int) -> None:
    lena = Buyer(store_customer_id="1", email="lena@example.de", country="DE", locale="de")
    world = _begin(begins, 'wait: {for: PT1M, at: "10:00"}')
    place(world, buyer=lena)
    world.wait(hours=48)
    (message,) = world.list_messages()
    spread = message.decided_at - (begins + timedelta(hours=hours))
    assert timedelta(0) <= spread <= timedelta(minutes=15)


@pytest.mark.parametrize("begins", [datetime(2026, 3, 28, 9, tzinfo=UTC), datetime(2026, 10, 24, 8, tzinfo=UTC)])
def test_a_length_of_time_is_as_long_as_it_says_whatever_the_clocks_do(begins: datetime) -> None:
    world = _begin(begins, "wait: PT24H")
    place(world, buyer=Buyer(store_customer_id="1", email="lena@example.de", country="DE", locale="de"))
    world.wait(hours=48)
    (message,) = world.list_messages()
    assert message.decided_at == begins + timedelta(hours=24)


def test_a_wait_of_one_minute_is_one_minute() -> None:
    world = _begin(MONDAY, "wait: PT1M")
    world.order(make_order())
    world.wait(seconds=59)
    assert world.told() == []
    world.wait(seconds=1)
    assert world.told() == ["order_updated"]


def _begin(begins: datetime, wait: str) -> World:
    shop = open_shop(write("later", wait, "send: order_updated", purpose="order"))
    return World(store=shop.store, definitions=shop.definitions, clock=FakeClock(begins))
