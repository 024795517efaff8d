"""How fast and to how many people a number may write: Meta's rates and limits, with room left for what matters."""

from __future__ import annotations

from okaeri.domain.values import Purpose

# Of a number's rate: what shoppers write counts as well, and a burst of theirs must find room.
USED_SHARE = 0.7
# Seconds between two messages to one person in the long run. Meta lends up to 45 messages from the future.
PAIR_GAP_S = 6.0
# Of those, news of an order and answers in a chat may borrow as many; more at once is no conversation any more.
BORROWED = 20
# Of the people whom a portfolio may write to within 24 hours: kept for order messages, which nothing holds back.
RESERVE = 0.2
FIRST_TIER = 250  # people per 24 hours: where every portfolio begins


def find_borrowing(purpose: Purpose) -> int:
    """How many messages to one person may come before their time."""
    return BORROWED if purpose is Purpose.ORDER else 0


def find_gap_s(per_second: int, workers: int) -> float:
    """Seconds that each of so many workers leaves between two sends of one number, so that all keep its rate."""
    return workers / (per_second * USED_SHARE)


def count_allowance(limit: int | None, opened: int, *, reserve: float = RESERVE) -> int:
    """How many more people marketing may write to first, now.

    `limit` is the portfolio's per rolling 24 hours, None without one; `opened` how many people the portfolio wrote to
    first in that time, for whatever purpose.
    """
    if limit is None:
        return 1_000_000
    return max(0, int(limit * (1 - reserve)) - opened)
