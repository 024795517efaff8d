"""Draws that depend on the seed alone.

Hypothesis mixes the constants of all local modules that happen to be loaded into the whole numbers that it draws, and
such numbers stand behind its choices, permutations and unique lists too. Its coins are its own: these are made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

type Draw = Callable[[st.SearchStrategy[Any]], Any]

SPARE_COINS = 3  # beyond what a number needs, so that all of its values are nearly as likely


@cache
def draw_numbers(least: int, most: int) -> st.SearchStrategy[int]:
    """A whole number; both ends are among them, and the least is the simplest."""
    count = most - least + 1
    coins = (count - 1).bit_length() + SPARE_COINS
    faces = st.tuples(*(st.booleans() for _ in range(coins)))
    return faces.map(lambda thrown: least + sum(face << place for place, face in enumerate(thrown)) % count)


def draw_one[Item](items: Sequence[Item]) -> st.SearchStrategy[Item]:
    """One of them; the first is the simplest."""
    return draw_numbers(0, len(items) - 1).map(lambda place: items[place])


@st.composite
def draw_several[Item](draw: Draw, items: Sequence[Item], least: int, most: int) -> list[Item]:
    """So many of them in any order, none twice; no more than there are."""
    left, chosen = list(items), []
    for _ in range(draw(draw_numbers(least, min(most, len(items))))):
        chosen.append(left.pop(draw(draw_numbers(0, len(left) - 1))))
    return chosen


def draw_order[Item](items: Sequence[Item]) -> st.SearchStrategy[list[Item]]:
    """All of them in any order."""
    return draw_several(items, len(items), len(items))
