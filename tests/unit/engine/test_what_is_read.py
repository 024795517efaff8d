"""What is read for one event: the subjects of the runs that it concerns, all of them, and no others."""

from __future__ import annotations

import pytest

from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.records import OrderRecord
from okaeri.domain.stores import Mode
from tests.unit.engine.shops import open_shop, place, set_mode, write
from tests.world import World


def place_many(world: World, number: int) -> None:
    for count in range(number):
        place(world, f"5{count:03}")


def watch_orders(world: World) -> list[str]:
    """The orders that are read from now on."""
    read: list[str] = []
    find = world.records.get_order

    def get_order(store_id: str, order_id: str) -> OrderRecord | None:
        read.append(order_id)
        return find(store_id, order_id)

    world.records.get_order = get_order  # type: ignore[method-assign]  # counts what is read
    return read


def test_a_parcel_of_one_order_reads_none_of_the_others_that_wait_for_theirs() -> None:
    waits = "wait: {event: order.delivered, match: order.id, timeout: P30D}"
    world = open_shop(write("news", waits, "send: one", purpose="order"))
    place_many(world, 12)
    read = watch_orders(world)
    world.ship("5011", ShipmentStatus.DELIVERED)
    assert set(read) == {"5011"}
    assert world.told("whatsapp") == ["one"]


def test_an_event_that_moves_many_runs_finds_the_order_of_each() -> None:
    waits = "wait: {event: message.received, match: customer, timeout: P30D}"
    branch = "branch: [{when: {field: order.total, at_least: 100}, steps: [{send: one}]}, {otherwise: [{send: two}]}]"
    world = open_shop(write("news", waits, branch, purpose="order"))
    place_many(world, 12)
    world.write("hello")
    assert world.told("whatsapp") == ["one"] * 12


def test_a_run_that_leaves_under_a_condition_knows_its_order_whatever_the_event_is_about() -> None:
    leave = "[{event: message.received, match: customer, when: {field: order.total, at_least: 100}, reason: wrote}]"
    world = open_shop(write("news", "wait: P9D", "send: one", purpose="order", exit=leave))
    place(world)
    world.write("hello")
    assert "news.run ended wrote" in world.why()


@pytest.mark.parametrize(("mode", "read"), [(Mode.OFF, {"4"}), (Mode.ON, {"1", "2", "3", "4"})])
def test_a_journey_that_the_shop_has_off_has_nothing_read_for_it(mode: Mode, read: set[str]) -> None:
    branch = "branch: [{when: {field: order.reorders, at_least: 1}, steps: [{send: one}]}]"
    world = open_shop(write("news", "wait: P9D", purpose="order"), write("refills", branch, purpose="order"))
    set_mode(world, "refills", mode)
    for order_id in ("1", "2", "3"):
        place(world, order_id)
    found = watch_orders(world)
    place(world, "4")
    assert set(found) == read
