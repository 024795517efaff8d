"""Which marketing messages reached a customer lately: what an order, or a withdrawal, is owed to, and what is learned.

What leaves the list is added to the habits in the same item, once: a word on it that comes late is not learned from.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field

from okaeri.domain.habits import Habit, add_up, find_weight
from okaeri.domain.values import Stored

NAMED_FOR = timedelta(days=30)  # message by message; later they are counts alone
KEPT_FOR = timedelta(days=365)  # after the latest; what was learned has faded by then
MOST_TOUCHES = 16

type Deed = Literal["answered_at", "bought_at"]


class Touch(Stored):
    """A message that arrived. `month`, `journey`, `template`, `channel` and `arm` say where it is counted.

    `program_opened`: a program fetched its pictures. `is_learned`: it is among the habits already.
    """

    message_id: str
    month: str
    journey: str
    template: str
    channel: str
    arm: str = ""
    format: str = ""
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    clicked_at: datetime | None = None
    answered_at: datetime | None = None
    bought_at: datetime | None = None
    program_opened: bool = False
    is_learned: bool = False

    def find_latest(self, until: datetime) -> datetime | None:
        """When it last reached them, up to a moment."""
        times = (self.delivered_at, self.read_at, self.clicked_at)
        return max((at for at in times if at and at <= until), default=None)

    def join(self, other: Self, *, clicked_by_program: bool = False) -> Self:
        """The same message with what is known of it since; the first time of each stays.

        A click that turned out to be a program's is taken back.
        """
        times = ("delivered_at", "read_at", "clicked_at", "answered_at", "bought_at", "format")
        known = {name: getattr(self, name) or getattr(other, name) for name in times}
        if clicked_by_program:
            known["clicked_at"] = None
        return self.model_copy(update={**known, "program_opened": self.program_opened or other.program_opened})

    def find_habit(self, now: datetime) -> Habit | None:
        """What it teaches, as much as it still counts; None where it is counted already."""
        if self.is_learned or self.delivered_at is None:
            return None
        has_acted = any((self.clicked_at, self.answered_at, self.bought_at))
        is_seen = has_acted or self.read_at is not None
        weight = find_weight(self.delivered_at, now)
        return Habit(
            channel=self.channel,
            format=self.format,
            said=weight,
            seen=weight * is_seen,
            acted=weight * has_acted,
            hidden=weight * (self.program_opened and not is_seen),
        )


class Touches(Stored):
    """The latest of one customer. `habits` are of those that are named no more, as they counted at `faded_at`."""

    store_id: str
    customer_id: str
    version: int = 0  # how often it was written
    touches: tuple[Touch, ...] = Field(default=())
    habits: tuple[Habit, ...] = ()
    faded_at: datetime | None = None
    learned_until: datetime | None = None  # when the latest of those arrived

    def add(self, touch: Touch, now: datetime, *, clicked_by_program: bool = False) -> Self:
        """With one more, or with more known of it; what is old goes among the habits."""
        known = {other.message_id: other for other in self.touches}
        before = known.get(touch.message_id)
        if before is not None:
            known[touch.message_id] = before.join(touch, clicked_by_program=clicked_by_program)
        else:
            known[touch.message_id] = touch.model_copy(update={"is_learned": self._is_learned(touch)})
        return self._keep(known.values(), now)

    def mark(self, message_id: str, deed: Deed, at: datetime) -> Self:
        """With what one of them led to; the first time stays."""
        touches = (
            touch.model_copy(update={deed: getattr(touch, deed) or at}) if touch.message_id == message_id else touch
            for touch in self.touches
        )
        return self.model_copy(update={"touches": tuple(touches)})

    def list_habits(self, now: datetime) -> tuple[Habit, ...]:
        """What is learned of the customer so far, as much as it still counts."""
        past = self._fade(now)
        named = (touch.find_habit(now) for touch in self.touches)
        return add_up((*past, *(habit for habit in named if habit is not None)))

    def _fade(self, now: datetime) -> Sequence[Habit]:
        weight = find_weight(self.faded_at or now, now)
        return [habit.weigh(weight) for habit in self.habits]

    def _is_learned(self, touch: Touch) -> bool:
        """Whether it was named before: those that arrived by then have all been counted."""
        arrived, until = touch.delivered_at, self.learned_until
        return until is not None and arrived is not None and arrived <= until

    def _keep(self, touches: Iterable[Touch], now: datetime) -> Self:
        latest_last = sorted(touches, key=lambda each: each.find_latest(now) or now)
        fresh = [each for each in latest_last if now - (each.find_latest(now) or now) <= NAMED_FOR][-MOST_TOUCHES:]
        gone = [each for each in latest_last if each not in fresh]
        kept = self.model_copy(update={"touches": tuple(fresh)})
        return kept._learn(gone, now) if gone else kept

    def _learn(self, gone: Sequence[Touch], now: datetime) -> Self:
        past = self._fade(now)
        new = [habit for habit in (touch.find_habit(now) for touch in gone) if habit is not None]
        arrived = [touch.delivered_at for touch in gone if touch.delivered_at]
        until = max([*arrived, *([self.learned_until] if self.learned_until else [])], default=None)
        return self.model_copy(update={"habits": add_up((*past, *new)), "faded_at": now, "learned_until": until})


def list_habits(found: Iterable[Touches], now: datetime) -> tuple[Habit, ...]:
    """What is learned of one person, whose records were joined."""
    return add_up(habit for touches in found for habit in touches.list_habits(now))
