"""Addresses and notes as shops keep them: what a shopper gave is laid over what stands there."""

from __future__ import annotations

from collections.abc import Mapping

from okaeri.errors import GiveUp

ADDRESS = ("name", "address1", "address2", "city", "zip")
MOST_CHARACTERS = 255  # of a part of an address
MOST_NOTE = 2_000
# Where the family name is written first.
_FAMILY_FIRST = frozenset({"CN", "HU", "JP", "KR", "MO", "TW", "VN"})


def is_same_address(held: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether all that is wanted stands there already. Raises GiveUp("invalid_address") where nothing is wanted."""
    given = {name: wanted[name] for name in ADDRESS if wanted.get(name)}
    if not given:
        raise GiveUp("invalid_address", "nothing was given")
    return all(fold(held[name]) == fold(text) for name, text in given.items())


def change_address(
    held: Mapping[str, str], names: tuple[str, str], wanted: Mapping[str, str], *, country: str
) -> dict[str, str]:
    """`firstName`, `lastName`, `address1`, `address2`, `city`, `zip`: all that were given, else as before.

    `names` are first and last name as they stand. A new street leaves no old second line behind. Raises
    GiveUp("invalid_address").
    """
    parts = {name: (wanted.get(name) or held[name]).strip() for name in ADDRESS}
    if wanted.get("address1") and not wanted.get("address2") and fold(wanted["address1"]) != fold(held["address1"]):
        parts["address2"] = ""
    if not parts["address1"] or not parts["city"]:
        raise GiveUp("invalid_address", "street or town is missing")
    if any(len(text) > MOST_CHARACTERS for text in parts.values()):
        raise GiveUp("invalid_address", "too long")
    name = parts.pop("name")
    first, last = names if fold(name) == fold(held["name"]) else split_name(name, country)
    return {"firstName": first, "lastName": last} | parts


def split_name(name: str, country: str) -> tuple[str, str]:
    """First name and last name; a single word is the last name, which every shop asks for."""
    if country in _FAMILY_FIRST:
        last, _, first = name.strip().partition(" ")
        return first.strip(), last
    first, _, last = name.strip().rpartition(" ")
    return first.strip(), last


def add_note(held: str, note: str) -> str | None:
    """The order's note with one more line; None where it holds that already. Raises GiveUp("refused")."""
    added = note.strip()
    if not added or len(added) > MOST_NOTE:
        raise GiveUp("refused", "no note, or too long a one")
    if added in held:
        return None
    return f"{held.rstrip()}\n{added}" if held.strip() else added


def fold(text: str) -> str:
    """For comparison: case and blanks do not matter."""
    return " ".join(text.casefold().split())
