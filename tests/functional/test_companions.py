"""What is bought together, counted in memory and in a real table: one contract for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from okaeri import wiring
from okaeri.adapters import keys
from okaeri.adapters.companions import DynamoCompanions
from okaeri.domain.purchases import HALF_LIFE, MOST_COMPANIONS
from okaeri.ports import Companions
from simulator.purchases import MemoryCompanions
from tests.fakes import FakeClock
from tests.functional.aws_from_template import MadeStack


class Counted(NamedTuple):
    """The port, and the time that it reads."""

    companions: Companions
    clock: FakeClock

    def buy(self, order_id: str, *products: str, others: tuple[str, ...] = ()) -> None:
        self.companions.count_order("kinari", order_id, products, others)

    def read(self, *products: str) -> dict[str, dict[str, float]]:
        found = self.companions.get_many("kinari", products)
        return {name: round_counts(counts) for name, counts in found.items()}


def round_counts(counts: Mapping[str, float]) -> dict[str, float]:
    return {name: round(times, 3) for name, times in counts.items()}


@pytest.fixture(params=["memory", "dynamodb"])
def counted(request: pytest.FixtureRequest) -> Counted:
    clock = FakeClock()
    if request.param == "memory":
        return Counted(MemoryCompanions(clock), clock)
    stack: MadeStack = request.getfixturevalue("made_stack")
    return Counted(DynamoCompanions(wiring.connect_dynamodb(), stack.table_name, clock), clock)


def test_products_of_an_order_are_counted_with_each_other_and_with_those_bought_before(counted: Counted) -> None:
    counted.buy("1", "apron", "towel", others=("soap",))
    counted.buy("2", "apron", "towel")
    assert counted.read("apron", "soap", "never seen") == {
        "apron": {"towel": 2, "soap": 1},
        "soap": {"apron": 1, "towel": 1},
    }
    assert round_counts(counted.companions.list_bought("kinari")) == {"apron": 2, "towel": 2}
    assert counted.companions.list_bought("another") == {}


def test_an_order_is_counted_once(counted: Counted) -> None:
    counted.buy("1", "apron", "towel")
    counted.buy("1", "apron", "towel")
    assert counted.read("apron") == {"apron": {"towel": 1}}


def test_a_product_alone_has_no_companions(counted: Counted) -> None:
    counted.buy("1", "apron")
    assert counted.read("apron") == {}
    assert round_counts(counted.companions.list_bought("kinari")) == {"apron": 1}


def test_counts_fade_without_being_written(counted: Counted) -> None:
    counted.buy("1", "apron", "towel")
    counted.clock.advance(seconds=HALF_LIFE.total_seconds())
    assert counted.read("apron") == {"apron": {"towel": 0.5}}
    counted.buy("2", "apron", "towel")
    assert counted.read("apron") == {"apron": {"towel": 1.5}}


def test_of_too_many_companions_the_rarest_are_forgotten(counted: Counted) -> None:
    for number in range(MOST_COMPANIONS * 3 // 2):
        counted.buy(f"often {number}", "apron", f"p{number:03}")
    counted.buy("again", "apron", "p000")
    assert len(counted.read("apron")["apron"]) == MOST_COMPANIONS * 3 // 2
    counted.buy("one more", "apron", "towel")
    kept = counted.read("apron")["apron"]
    assert len(kept) == MOST_COMPANIONS
    assert kept["p000"] == 2


def test_what_is_bought_no_more_is_forgotten_by_the_table(made_stack: MadeStack) -> None:
    clock = FakeClock()
    companions = DynamoCompanions(wiring.connect_dynamodb(), made_stack.table_name, clock)
    companions.count_order("kinari", "1", ("apron", "towel"), ())
    for pk in (keys.bought_key("kinari"), keys.together_key("kinari")):
        key = {"pk": {"S": pk}, "sk": {"S": "apron"}}
        item = wiring.connect_dynamodb().get_item(TableName=made_stack.table_name, Key=key)["Item"]
        days = (int(item["expires_at"]["N"]) - clock().timestamp()) / 86_400
        assert days == pytest.approx(400, abs=0.1)
