"""A year of a shop with two thousand customers and every journey on: its promises hold on each day of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.year import play_year

SHOPPERS = 2000
PARTS = 4  # played side by side


@pytest.mark.parametrize("part", range(PARTS))
def test_a_year_of_a_shop_keeps_its_promises(part: int, record_property: Callable[[str, object], None]) -> None:
    size = SHOPPERS // PARTS
    summary = play_year(range(part * size, (part + 1) * size))
    record_property("year", json.dumps(summary.write()))
    assert summary.shoppers == size
    assert summary.orders > size
    assert summary.said["order email"] > summary.orders
    assert summary.said["marketing whatsapp"] > size / 2
