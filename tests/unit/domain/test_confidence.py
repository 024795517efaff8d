"""Intervals against numbers that were published, or computed elsewhere."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.confidence import Sample, compare_means, compare_rates, find_rate


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_by_wilson(hits: int, of: int, low: float, high: float) -> None:
    interval = find_rate(hits, of)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # R. G. Newcombe, Interval estimation for the difference (1998), table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_a_difference_by_newcombe(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    interval = compare_rates(*one, *other)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(of=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_guess_lies_within_and_more_people_make_it_surer(of: int, share: float) -> None:
    hits = round(of * share)
    few, many = find_rate(hits, of), find_rate(hits * 10, of * 10)
    assert 0 <= few.low <= few.guess + 1e-12 and few.guess - 1e-12 <= few.high <= 1
    assert many.high - many.low < few.high - few.low


def test_nobody_tells_nothing() -> None:
    assert find_rate(0, 0) == (0.0, 0.0, 1.0)


def test_a_difference_of_means_by_its_standard_error() -> None:
    """Amounts 0 and 10 in turns, a hundred of each kind, against nothing at all."""
    some, none = Sample(total=1000, squares=10_000, of=200), Sample(0, 0, 200)
    reach = 1.959964 * sqrt((10_000 - 200 * 25) / 199 / 200)
    interval = compare_means(some, none)
    assert interval.guess == 5
    assert (round(interval.low, 6), round(interval.high, 6)) == (round(5 - reach, 6), round(5 + reach, 6))
