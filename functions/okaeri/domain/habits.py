"""Which channel a customer heeds: what was said on each, and what a person did with it. Pure.

Learned from what a person does: a message that was read, a link that was followed, an answer, an order that came of it.
What programs do says nothing. Each message counts half for each half-life since.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from okaeri.domain.values import Channel, Stored

HALF_LIFE = timedelta(days=90)
READ_WORTH = 1 / 3  # of a message that was read, where one that was acted upon is worth 1
HIDDEN_WORTH = READ_WORTH / 2  # only a program is known to have opened it: as good as read every second time
# What everybody begins with, on every channel: so many messages of middling worth. They keep chance from choosing.
PRIOR_SAID = 6
PRIOR_WORTH = 0.2
MARGIN = 0.1  # by which another channel must be worth more than the one that is listed first
TRIED = 2.5  # of messages, faded: no channel is passed over that was not tried three times of late
HEEDED = "heeded"


class Habit(Stored):
    """What was said on one channel in one format: how many, faded, of these `seen` by a person, of these `acted` upon.

    `hidden` were opened by a program, and by nobody that one knows of.
    """

    channel: str
    format: str = ""
    said: float = 0.0
    seen: float = 0.0
    acted: float = 0.0
    hidden: float = 0.0

    @property
    def worth(self) -> float:
        """What a message is worth there, from 0 (never read) to 1 (always acted upon), small numbers pulled in."""
        done = self.acted + READ_WORTH * (self.seen - self.acted) + HIDDEN_WORTH * self.hidden
        return (done + PRIOR_SAID * PRIOR_WORTH) / (self.said + PRIOR_SAID)

    def weigh(self, weight: float) -> Self:
        """The same, counting so much more or less."""
        return self._count(*(amount * weight for amount in (self.said, self.seen, self.acted, self.hidden)))

    def join(self, other: Self) -> Self:
        """Both together, under this one's name."""
        return self._count(
            self.said + other.said, self.seen + other.seen, self.acted + other.acted, self.hidden + other.hidden
        )

    def _count(self, said: float, seen: float, acted: float, hidden: float) -> Self:
        amounts = {"said": said, "seen": seen, "acted": acted, "hidden": hidden}
        return self.model_copy(update={name: round(amount, 4) for name, amount in amounts.items()})


class Choice(NamedTuple):
    """Channels in the order in which they are tried; `why` is empty where that is the listed one."""

    channels: tuple[Channel, ...]
    why: str = ""


def find_weight(since: datetime, until: datetime) -> float:
    """How much something of `since` counts at `until`; what is yet to come counts in full."""
    age = max(until - since, timedelta(0))
    return float(0.5 ** (age / HALF_LIFE))


def add_up(habits: Iterable[Habit]) -> tuple[Habit, ...]:
    """One for each channel and format, in the order in which they first come."""
    found: dict[tuple[str, str], Habit] = {}
    for habit in habits:
        key = (habit.channel, habit.format)
        found[key] = found[key].join(habit) if key in found else habit
    return tuple(found.values())


def sum_up(habits: Iterable[Habit], channel: str) -> Habit:
    """Everything of one channel, whatever it looked like."""
    total = Habit(channel=channel)
    for habit in habits:
        total = total.join(habit) if habit.channel == channel else total
    return total


def choose_order(channels: tuple[Channel, ...], reachable: Sequence[Channel], habits: Sequence[Habit]) -> Choice:
    """The channel that the customer heeds goes first, where it is clearly another one than the first listed.

    `reachable` are those of `channels` that may be taken now, in their order: no other is preferred.
    """
    if len(reachable) < 2 or not habits:
        return Choice(channels)
    known = [sum_up(habits, channel) for channel in reachable]
    first, best = known[0], max(known, key=lambda habit: habit.worth)  # the listed order decides between equals
    if first.said < TRIED or best.worth - first.worth < MARGIN:
        return Choice(channels)
    chosen = Channel(best.channel)
    others = tuple(channel for channel in channels if channel is not chosen)
    return Choice((chosen, *others), ":".join([HEEDED, *(_write(habit) for habit in (best, first))]))


def _write(habit: Habit) -> str:
    """As the arguments of a reason: channel, said, read, acted upon."""
    return ":".join([habit.channel, *(f"{amount:.0f}" for amount in (habit.said, habit.seen, habit.acted))])
