"""The shop takes the app away: the store falls silent, and what was under way ends with a reason."""

from __future__ import annotations

from okaeri.domain.evidence import StoreUninstalled
from tests.world import World, make_cart, make_order


def uninstall(world: World) -> None:
    """Hears of it; the store is then read again, as the process does that paused it."""
    world.hear(StoreUninstalled(at=world.clock()))
    store_id = world.store.store_id
    assert world.stores.forgotten == [store_id]
    paused = world.store.model_copy(update={"paused": world.records.paused[store_id]})
    world.stores.stores[store_id] = paused


def test_a_cart_left_behind_is_no_longer_called_to_mind() -> None:
    world = World()
    world.fill_cart(make_cart())
    uninstall(world)
    world.wait(days=4)
    assert world.told() == []
    assert [run.reason for run in world.records.finished_runs.values()] == ["store_uninstalled"]


def test_an_order_that_still_comes_is_kept_and_says_nothing() -> None:
    world = World()
    uninstall(world)
    world.order(make_order())
    assert world.told() == []
    order = world.records.get_order(world.store.store_id, "5001")
    assert order is not None
    assert order.order is not None
