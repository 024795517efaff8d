"""Contests: a fair draw that anybody can check. Pure.

Before entries close the shop publishes the commitment of a seed that it keeps to itself, so that it cannot choose a
seed that suits it once the entries are known. After the draw it publishes seed and tickets; whoever has them finds the
same winners. `public` is something that nobody could know before, such as a lottery's numbers of a later day: with it
not even entries of the shop's own making could steer the draw.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from pydantic import Field

from okaeri.domain.records import Response
from okaeri.domain.values import Stored


class Draw(Stored):
    """What is kept of a draw. `tickets` are all that took part, `winners` those drawn, in the order of their lots.

    A ticket names nobody: it is the hash of contest and customer, so the list may be published.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    store_id: str
    contest: str
    drawn_at: datetime
    seed: str
    public: str = ""
    commitment: str
    tickets: tuple[str, ...]
    winners: tuple[str, ...]
    customers: tuple[str, ...]  # who the winners are, in their order

    model_config = Stored.model_config | {"populate_by_name": True}


def commit(seed: str) -> str:
    """What is published of a seed that is kept to oneself: SHA-256, in hexadecimals."""
    return sha256(seed.encode()).hexdigest()


def make_ticket(contest: str, customer_id: str) -> str:
    """The ticket of one customer, the same however often they entered."""
    return sha256(f"{contest}:{customer_id}".encode()).hexdigest()[:16]


def find_winners(tickets: Iterable[str], winners: int, seed: str, public: str = "") -> tuple[str, ...]:
    """The tickets with the lowest lots: SHA-256 of `seed:public:ticket`. Each ticket counts once."""
    lots = {ticket: sha256(f"{seed}:{public}:{ticket}".encode()).hexdigest() for ticket in tickets}
    return tuple(sorted(lots, key=lots.__getitem__)[:winners])


def draw_contest(
    contest: str, entries: Iterable[Response], *, winners: int, seed: str, public: str, store_id: str, now: datetime
) -> Draw:
    """Draws among those who entered, each of them once; as many win as there are, where there are fewer."""
    holders = {make_ticket(contest, entry.customer_id): entry.customer_id for entry in entries}
    drawn = find_winners(holders, winners, seed, public)
    return Draw(
        store_id=store_id,
        contest=contest,
        drawn_at=now,
        seed=seed,
        public=public,
        commitment=commit(seed),
        tickets=tuple(sorted(holders)),
        winners=drawn,
        customers=tuple(holders[ticket] for ticket in drawn),
    )
