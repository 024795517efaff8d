"""Draws of contests: everybody counts once, the seed decides, and whoever has it finds the same winners."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

from okaeri.domain.contests import Draw, commit, draw_contest, find_winners, make_ticket
from okaeri.domain.records import Response

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def enter(customer_id: str, number: int = 1) -> Response:
    return Response(
        store_id="kinari",
        survey="contest",
        response_id=f"{customer_id}-{number}",
        customer_id=customer_id,
        journey="contest",
        at=NOW,
        answers={"entry": "m1"},
    )


def draw(*entries: Response, winners: int = 2, seed: str = "a seed", public: str = "") -> Draw:
    return draw_contest("contest", entries, winners=winners, seed=seed, public=public, store_id="kinari", now=NOW)


def test_the_same_seed_draws_the_same_winners_in_whatever_order_they_entered() -> None:
    entries = [enter(f"c{number}") for number in range(20)]
    assert draw(*entries).winners == draw(*reversed(entries)).winners


def test_another_seed_or_another_public_number_draws_others() -> None:
    entries = [enter(f"c{number}") for number in range(200)]
    assert len({draw(*entries).winners, draw(*entries, seed="b").winners, draw(*entries, public="7").winners}) == 3


def test_who_enters_twice_is_in_once() -> None:
    found = draw(enter("c1"), enter("c1", 2), enter("c2"), winners=5)
    assert len(found.tickets) == 2
    assert sorted(found.customers) == ["c1", "c2"]


def test_whoever_has_seed_and_tickets_can_check_it() -> None:
    found = draw(*(enter(f"c{number}") for number in range(50)), winners=3, public="4 8 15")
    assert find_winners(found.tickets, 3, found.seed, found.public) == found.winners
    assert found.commitment == sha256(b"a seed").hexdigest() == commit(found.seed)
    assert [make_ticket("contest", name) for name in found.customers] == list(found.winners)


def test_tickets_name_nobody() -> None:
    found = draw(enter("a-customer"))
    assert "a-customer" not in "".join(found.tickets)


def test_everybody_has_the_same_chance() -> None:
    entries = [enter(f"c{number}") for number in range(10)]
    won = Counter(draw(*entries, winners=1, seed=str(seed)).customers[0] for seed in range(2000))
    assert all(140 <= won[f"c{number}"] <= 260 for number in range(10))  # 200 each, four and a half deviations
