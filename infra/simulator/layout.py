"""Where each box of a drawing goes: layers from top to bottom by fast-sugiyama, sizes from the words in them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap

from fast_sugiyama import from_edges

from simulator.flow import Flow

MARGIN = 24
_COLUMN, _COLUMN_GAP, _LAYER_GAP = 208, 26, 36
_PADDING_X, _PADDING_Y, _LINE = 14, 11, 18
_CHARACTER = 6.7  # the usual width of a letter at 12.5 px
_WRAP = 27  # letters in a line
_LAYOUT_STEP = 100.0  # what the library calls the distance of two neighbours


@dataclass(frozen=True)
class Placed:
    """A box with its wrapped words; `x` and `y` are its upper left corner, in pixels."""

    x: int
    y: int
    width: int
    height: int
    title: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def middle(self) -> int:
        """Where arrows come in and leave."""
        return self.x + self.width // 2


@dataclass(frozen=True)
class Layout:
    """Boxes by their names; arrows as the points that they pass, each with its layer's upper and lower edge."""

    width: int
    height: int
    placed: dict[str, Placed]
    arrows: tuple[tuple[str, str, tuple[tuple[int, int, int], ...]], ...]


def lay_out(flow: Flow) -> Layout:
    """The same flow comes to the same drawing."""
    names = list(flow.boxes)
    numbers = {name: number for number, name in enumerate(names)}
    edges = [(numbers[before], numbers[after]) for before, after in flow.arrows]
    ((positions, *_, found),) = from_edges(edges, vertex_spacing=_LAYOUT_STEP, dummy_vertices=True)
    points = {int(number): (float(x), float(y)) for number, (x, y) in positions}
    drawn = [(int(before), int(after)) for before, after in found or ()]
    layers = sorted({y for _, y in points.values()}, reverse=True)  # its y grows upwards
    sizes = {number: _measure(flow, name) for name, number in numbers.items()}
    is_mirrored = _is_mirrored(edges, points)
    widest = max(x for x, _ in points.values())
    columns = {
        number: round((widest - x if is_mirrored else x) * (_COLUMN + _COLUMN_GAP) / _LAYOUT_STEP)
        for number, (x, _) in points.items()
    }
    tops, heights, y = {}, {}, MARGIN
    for layer in layers:
        heights[layer] = max(
            (sizes[n].height for n, point in points.items() if point[1] == layer and n in sizes), default=0
        )
        tops[layer] = y
        y += heights[layer] + _LAYER_GAP
    shift = MARGIN + _COLUMN // 2 - min(columns.values())
    placed = {}
    for name, number in numbers.items():
        size, layer = sizes[number], points[number][1]
        placed[name] = Placed(
            x=columns[number] + shift - size.width // 2,
            y=tops[layer] + (heights[layer] - size.height) // 2,
            width=size.width,
            height=size.height,
            title=size.title,
            lines=size.lines,
        )
    bends = {
        number: (columns[number] + shift, tops[point[1]], tops[point[1]] + heights[point[1]])
        for number, point in points.items()
        if number >= len(names)
    }
    return Layout(
        width=max(columns.values()) + shift + _COLUMN // 2 + MARGIN,
        height=y - _LAYER_GAP + MARGIN,
        placed=placed,
        arrows=tuple(_trace(names, drawn, edge, bends) for edge in edges),
    )


def _is_mirrored(edges: list[tuple[int, int]], points: dict[int, tuple[float, float]]) -> bool:
    """Whether most forks run from right to left; the first arm belongs on the left."""
    turns = 0
    by_source: dict[int, list[float]] = {}
    for before, after in edges:
        by_source.setdefault(before, []).append(points[after][0])
    for xs in by_source.values():
        turns += sum((left > right) - (left < right) for left, right in pairwise(xs))
    return turns > 0


def _trace(
    names: list[str], drawn: list[tuple[int, int]], edge: tuple[int, int], bends: dict[int, tuple[int, int, int]]
) -> tuple[str, str, tuple[tuple[int, int, int], ...]]:
    """The bends on the way: long arrows pass through a place of their own in each layer."""
    before, after = edge
    if edge in drawn:
        return names[before], names[after], ()
    following: dict[int, list[int]] = {}
    for source, target in drawn:
        following.setdefault(source, []).append(target)
    for first in following.get(before, []):
        way, here = [], first
        while here in bends:
            way.append(bends[here])
            (here,) = following[here]
        if way and here == after:
            return names[before], names[after], tuple(way)
    raise ValueError(f"the layout lost the arrow from {names[before]} to {names[after]}")


def _measure(flow: Flow, name: str) -> Placed:
    box = flow.boxes[name]
    if box.kind == "branch":
        return Placed(0, 0, 26, 26, (), ())
    title = tuple(wrap(box.title, _WRAP, break_long_words=False)) or ("",)
    lines = tuple(part for line in box.lines for part in wrap(line, _WRAP + 2, break_long_words=False))
    longest = max(map(measure_text, (*title, *lines)))
    width = min(max(round(longest * _CHARACTER) + 2 * _PADDING_X, 56), _COLUMN + _COLUMN_GAP - 8)
    padding = _PADDING_Y if box.kind != "label" else 5
    return Placed(0, 0, width, (len(title) + len(lines)) * _LINE + 2 * padding, title, lines)


def measure_text(text: str) -> int:
    """Its width in letters: those of East Asia take two places."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
