"""What happened, past tense: a change that evidence brought to light, in the words that journeys use."""

from datetime import datetime

from pydantic import Field

from okaeri.domain.values import Value, make_id


class Event(Value):
    """One fact. Its id is made of what it says, so the same fact from two topics is one event.

    `refs` name what it concerns ({"order.id": ("820982911946154508",)}); `data` is flat, small and plain.
    `quiet` events move state and start no journey.
    """

    event_id: str
    name: str
    occurred_at: datetime
    refs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    data: dict[str, str | int | bool] = Field(default_factory=dict)
    quiet: str | None = None
    hops: int = 0  # how many journeys handed it on: they may emit events for each other, and not in a circle


def make_event(
    store_id: str,
    name: str,
    occurred_at: datetime,
    *distinct: str,
    refs: dict[str, tuple[str, ...]] | None = None,
    data: dict[str, str | int | bool] | None = None,
    quiet: str | None = None,
) -> Event:
    """Makes the event whose identity is its name and `distinct`, what sets it apart from the others of that name."""
    return Event(
        event_id=make_id(store_id, name, *distinct),
        name=name,
        occurred_at=occurred_at,
        refs=refs or {},
        data=data or {},
        quiet=quiet,
    )
