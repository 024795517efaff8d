"""A store's messages added up by what they say, by their channel or by how they look. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from okaeri.domain.engagement import BY_FORMAT, PLAIN, Amounts, Place, add_up

BROADCAST = "broadcast/"  # begins the names of broadcasts' journeys

type By = Literal["content", "channel", "format"]


class Row(NamedTuple):
    """What became of many messages together: all of one kind, on one channel, or of one look."""

    name: str
    counts: Amounts

    def get(self, name: str) -> int:
        """A count by its name, 0 where there is none."""
        return int(self.counts.get(name, 0))


def sum_up(results: Mapping[Place, Amounts], contents: Mapping[tuple[str, str], str], by: By) -> list[Row]:
    """All messages together, by what they say, by their channel or by their look; the most sent first.

    `contents` are kinds by journey and template. Looks are known of what was sent; all others were text alone.
    """
    parts: dict[str, list[Amounts]] = {}
    for place, amounts in results.items():
        if not place.template:
            continue
        match by:
            case "content":
                parts.setdefault(_name_content(place, contents), []).append(amounts)
            case "channel":
                parts.setdefault(place.channel, []).append(amounts)
            case "format":
                for name, of_format in split_by_format(amounts).items():
                    parts.setdefault(f"{name} ({place.channel})", []).append(of_format)
    rows = (Row(name, add_up(amounts)) for name, amounts in parts.items())
    return sorted((row for row in rows if row.counts), key=lambda row: (-row.get("sent"), row.name))


def split_by_format(amounts: Amounts) -> dict[str, dict[str, Decimal]]:
    """The counts of one place by the look of its messages; text alone is what no other look is counted for."""
    found: dict[str, dict[str, Decimal]] = {PLAIN: {}}
    for name, count in amounts.items():
        look, is_of_look, what = name.partition("/")
        if is_of_look:
            found.setdefault(look, {})[what] = count
    told = add_up(found.values())
    found[PLAIN] = {name: amounts[name] - told.get(name, Decimal(0)) for name in BY_FORMAT if name in amounts}
    return {look: add_up([of_look]) for look, of_look in found.items()}


def _name_content(place: Place, contents: Mapping[tuple[str, str], str]) -> str:
    if place.journey.startswith(BROADCAST):
        return "broadcast"
    return contents.get((place.journey, place.template), "other")
