"""A journey as an SVG drawing: readable in light and dark, with a title and a description for those who hear it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as xml

from okaeri.domain.journeys import Definition
from simulator.flow import Box, Flow, make_flow
from simulator.layout import MARGIN, Layout, Placed, lay_out, measure_text
from simulator.wording import say_goal, say_match

_HEAD, _LINE, _CORNER = 66, 18, 9
_STYLE = (Path(__file__).parent / "drawing.css").read_text("utf-8")


def draw_journey(definition: Definition) -> str:
    """The SVG. The same definition gives the same text."""
    flow = make_flow(definition)
    layout = lay_out(flow)
    notes = _list_notes(definition)
    head = _HEAD + _LINE * len(notes) + (10 if notes else 0)
    longest = max(map(measure_text, [*notes, definition.journey]))
    width, height = max(layout.width, round(longest * 6.9) + 2 * MARGIN), layout.height + head
    svg = xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "aria-labelledby": "title description",
        },
    )
    _add(svg, "title", {"id": "title"}, f"Journey {definition.journey}, version {definition.version}")
    _add(svg, "desc", {"id": "description"}, describe_flow(flow, notes))
    _add(svg, "style", {}, _STYLE)
    _add_tip(svg)
    _add(svg, "rect", {"class": "paper", "width": str(width), "height": str(height)})
    _add_head(svg, definition, notes)
    middle = (width - layout.width) // 2
    drawing = _add(svg, "g", {"transform": f"translate({middle} {head})"})
    _add_arrows(drawing, flow, layout)
    for name, box in flow.boxes.items():
        _add_box(drawing, box, layout.placed[name])
    return xml.tostring(svg, encoding="unicode") + "\n"


def describe_flow(flow: Flow, notes: list[str]) -> str:
    """The whole drawing in words: each box, and what follows it."""
    following: dict[str, list[str]] = {}
    for before, after in flow.arrows:
        following.setdefault(before, []).append(after)

    def name(box: Box) -> str:
        return box.title if box.kind != "end" else f"end ({', '.join(box.lines)})"

    said = []
    for key, box in flow.boxes.items():
        if box.kind in ("label", "end"):
            continue
        then = []
        for after in following.get(key, []):
            target = flow.boxes[after]
            if target.kind == "label":
                (beyond,) = following[after]
                then.append(f"{target.title}: {name(flow.boxes[beyond])}")
            else:
                then.append(name(target))
        words = ", ".join((name(box), *box.lines))
        said.append(f"{words}; then {' | '.join(then)}." if then else f"{words}.")
    return " ".join([*said, *(f"{note}." for note in notes)])


def _list_notes(definition: Definition) -> list[str]:
    notes = []
    for match in definition.exits:
        notes.append(f"Ends at any time with {say_match(match)}" + (f": {match.reason}" if match.reason else ""))
    goal = say_goal(definition)
    if goal:
        notes.append(f"Goal: {goal[0]}, {goal[1]}")
    return notes


def _add_head(svg: xml.Element, definition: Definition, notes: list[str]) -> None:
    _add(svg, "text", {"class": "head", "x": str(MARGIN), "y": "36"}, definition.journey)
    about = f"version {definition.version} · {definition.purpose} messages"
    _add(svg, "text", {"class": "soft", "x": str(MARGIN), "y": "56"}, about)
    for number, note in enumerate(notes):
        _add(svg, "text", {"class": "soft", "x": str(MARGIN), "y": str(80 + number * _LINE)}, note)


def _add_tip(svg: xml.Element) -> None:
    marker = {"id": "tip", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7", "markerHeight": "7"}
    tip = _add(_add(svg, "defs", {}), "marker", marker | {"orient": "auto"})
    _add(tip, "path", {"class": "tip", "d": "M0 0 8 4 0 8Z"})


def _add_arrows(parent: xml.Element, flow: Flow, layout: Layout) -> None:
    for before, after, bends in layout.arrows:
        source, target = layout.placed[before], layout.placed[after]
        x, y = source.middle, source.y + source.height
        path = [f"M{x} {y}"]
        for bend_x, top, bottom in bends:
            path += [_curve(y, x, top, bend_x), f"V{bottom}"]
            x, y = bend_x, bottom
        path.append(_curve(y, x, target.y, target.middle))
        attributes = {"class": "arrow", "d": "".join(path)}
        if flow.boxes[after].kind != "label":
            attributes["marker-end"] = "url(#tip)"
        _add(parent, "path", attributes)


def _curve(y: int, x: int, to_y: int, to_x: int) -> str:
    middle = (y + to_y) // 2
    return f"V{to_y}" if x == to_x else f"C{x} {middle} {to_x} {middle} {to_x} {to_y}"


def _add_box(parent: xml.Element, box: Box, placed: Placed) -> None:
    group = _add(parent, "g", {})
    if box.kind == "branch":
        x, y, half = placed.middle, placed.y + placed.height // 2, placed.height // 2
        _add(group, "title", {}, "a branch")
        _add(group, "path", {"class": "fork", "d": f"M{x} {y - half}l{half} {half}-{half} {half}-{half}-{half}Z"})
        return
    corner = placed.height // 2 if box.kind == "label" else _CORNER
    shape = {"x": placed.x, "y": placed.y, "width": placed.width, "height": placed.height, "rx": min(corner, 14)}
    style = "label" if box.kind == "label" else "box"
    _add(group, "rect", {name: str(value) for name, value in shape.items()} | {"class": style})
    if box.kind != "label":
        bar = {"x": placed.x, "y": placed.y + 8, "width": 4, "height": placed.height - 16, "rx": 2}
        _add(group, "rect", {name: str(value) for name, value in bar.items()} | {"class": f"bar-{box.kind}"})
    top = placed.y + (placed.height - (len(placed.title) + len(placed.lines)) * _LINE) // 2 + 13
    for number, line in enumerate((*placed.title, *placed.lines)):
        is_title = number < len(placed.title)
        words = "words" if box.kind == "label" else "name" if is_title else "detail"
        place = {"x": str(placed.middle), "y": str(top + number * _LINE), "text-anchor": "middle", "class": words}
        _add(group, "text", place, line)


def _add(parent: xml.Element, tag: str, attributes: dict[str, str], text: str = "") -> xml.Element:
    element = xml.SubElement(parent, tag, attributes)
    element.text = text or None
    return element
