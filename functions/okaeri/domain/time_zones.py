"""Which zone a place or a phone number lies in. The map of places is data (`catalogue/time_zones.json`)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_CATALOGUE = Path(__file__).parents[1] / "catalogue"  # importlib.resources would cost a cold start 30 ms
MAX_PREFIX = 4  # characters of a postal code that the map looks at


def find_place_zone(
    country: str, region: str | None = None, postcode: str | None = None, *, guess: bool = False
) -> str | None:
    """The IANA zone of an address; None where country, region and postal code leave it open.

    `region` is a state or province by its code ("CA", "US-CA") or its name; a postal code that names a corner of it
    wins. With `guess` it is the zone in which most of the country's people live, where nothing else is told.
    """
    country = country.upper()
    place = _load_places().get(country)
    if place is None or isinstance(place, str):
        return place
    code, name = _fold(postcode), _fold(region)
    regions, prefixes = _index_parts(country, "regions"), _index_parts(country, "postcodes")
    if name not in regions:
        name = name.removeprefix(country.lower())
    starts = (code[:length] for length in range(min(len(code), MAX_PREFIX), 1, -1))
    found = next((prefixes[start] for start in starts if start in prefixes), None) or regions.get(name)
    if found is None and (code or name):
        found = place.get("rest")
    return found or (place["guess"] if guess else None)


def find_phone_country(phones: Sequence[str]) -> str | None:
    """The country that the phone in use was numbered by; None where there is none, or a number of no country."""
    return _read_country(phones[0]) if phones else None


@lru_cache(maxsize=100)  # one decision asks for it a dozen times
def _read_country(phone: str) -> str | None:
    import phonenumbers  # 26 ms to import, needed only for who has left no address

    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None
    return country if country and country != "001" else None


def find_phone_zone(phones: Sequence[str], country: str | None) -> str | None:
    """The zone of the phone in use: its country's where that is one zone, else by its area code.

    None where `country` is another than the phone's.
    """
    home = find_phone_country(phones)
    if home is None or country not in (None, home):
        return None
    only = find_place_zone(home)
    if only is not None:
        return only
    import phonenumbers.timezone  # as above

    zones = phonenumbers.timezone.time_zones_for_number(phonenumbers.parse(phones[0]))
    if len(zones) == 1 and zones[0] != phonenumbers.timezone.UNKNOWN_TIMEZONE:
        return str(zones[0])
    return find_place_zone(home, guess=True) if country is None else None


def _fold(text: str | None) -> str:
    """Letters and digits alone, in lower case: "US-CA", "são paulo" and "São Paulo" are read by one key each."""
    decomposed = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(character for character in decomposed if character.isalnum())


@cache
def _load_places() -> dict[str, Any]:
    places: dict[str, Any] = json.loads((_CATALOGUE / "time_zones.json").read_text("utf-8"))
    return places


@cache
def _index_parts(country: str, kind: str) -> dict[str, str]:
    """The names of a country's regions, or the beginnings of its postal codes, each with its zone."""
    parts: dict[str, list[str]] = _load_places()[country].get(kind, {})
    return {_fold(name): zone for zone, names in parts.items() for name in names}
