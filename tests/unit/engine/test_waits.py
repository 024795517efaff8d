"""Waits by the customer's own clock: local times, dates that move, changes to and from summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.local_time import find_next_local_time
from tests.world import MONDAY, World, make_order, make_store

BERLIN = ZoneInfo("Europe/Berlin")


def play(steps: str) -> World:
    """A world with one journey, on each order placed."""
    text = (
        f"journey: waits\nversion: 1\npurpose: order\ntrigger: {{event: order.placed, key: order.id}}\nsteps:\n{steps}"
    )
    definition = compile_journey(text, "waits.yaml")
    definitions = {hash_definition(definition): definition}
    return World(store=make_store(definitions), definitions=definitions)


def test_a_date_that_moved_is_waited_for_again_until_the_same_hour() -> None:
    world = play('  - wait: {until: order.eta, at: "10:00", else: P1D}\n  - send: order_updated\n')
    world.order(make_order(eta=MONDAY + timedelta(days=2)))
    world.wait(days=1)
    world.order(make_order(eta=MONDAY + timedelta(days=4), updated_at=world.clock()))
    world.wait(days=3, hours=3)
    assert world.told() == []
    world.wait(days=1)
    (message,) = world.list_messages()
    tokyo = message.decided_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (tokyo.day, tokyo.hour, tokyo.minute // 15) == (7, 10, 0)


@pytest.mark.parametrize(
    ("moment", "at", "expected"),
    [
        # 2026-03-29: 02:00 becomes 03:00. 02:30 does not exist and is taken as the moment after the gap.
        (datetime(2026, 3, 28, 23, tzinfo=UTC), "02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, tzinfo=UTC), "10:00", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        # 2026-10-25: 03:00 becomes 02:00. 02:30 comes twice and counts once.
        (datetime(2026, 10, 24, 23, tzinfo=UTC), "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "02:30", datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_comes_once_a_day_though_the_clocks_change(moment: datetime, at: str, expected: datetime) -> None:
    assert find_next_local_time(moment, at, BERLIN) == expected
