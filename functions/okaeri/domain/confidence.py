"""How sure counts are: intervals within which the truth lies 19 times of 20. Pure, formulas as published."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

SURE = 0.95
_Z = NormalDist().inv_cdf((1 + SURE) / 2)


class Interval(NamedTuple):
    """From and to, with the best guess between them."""

    low: float
    guess: float
    high: float

    @property
    def is_above(self) -> bool:
        """Whether even its low end is more than nothing."""
        return self.low > 0

    @property
    def is_below(self) -> bool:
        """Whether even its high end is less than nothing."""
        return self.high < 0


def find_rate(hits: int, of: int) -> Interval:
    """A share of `of`, by Wilson's score interval: good for few and for rare ones too.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    if of <= 0:
        return Interval(0.0, 0.0, 1.0)
    share = min(hits / of, 1.0)
    scale = 1 + _Z**2 / of
    middle = (share + _Z**2 / (2 * of)) / scale
    reach = _Z / scale * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return Interval(max(0.0, middle - reach), share, min(1.0, middle + reach))


def compare_rates(hits: int, of: int, other_hits: int, of_others: int) -> Interval:
    """By how much the first share is above the second.

    R. G. Newcombe, Interval estimation for the difference between independent proportions (1998), method 10: from the
    two Wilson intervals.
    """
    one, other = find_rate(hits, of), find_rate(other_hits, of_others)
    difference = one.guess - other.guess
    down = sqrt((one.guess - one.low) ** 2 + (other.high - other.guess) ** 2)
    up = sqrt((one.high - one.guess) ** 2 + (other.guess - other.low) ** 2)
    return Interval(difference - down, difference, difference + up)


class Sample(NamedTuple):
    """Amounts of `of` people, nothing of most: their sum and the sum of their squares."""

    total: float
    squares: float
    of: int

    @property
    def mean(self) -> float:
        """What one brings."""
        return self.total / self.of if self.of else 0.0

    @property
    def doubt(self) -> float:
        """The variance of the mean."""
        if self.of < 2:
            return 0.0
        return max(0.0, self.squares - self.of * self.mean**2) / (self.of - 1) / self.of


def compare_means(one: Sample, other: Sample) -> Interval:
    """By how much the first mean is above the second.

    B. L. Welch's standard error (1938) with the normal distribution's width: for samples of fifty and more.
    """
    difference = one.mean - other.mean
    reach = _Z * sqrt(one.doubt + other.doubt)
    return Interval(difference - reach, difference, difference + reach)
