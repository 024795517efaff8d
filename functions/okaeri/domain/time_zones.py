"""Which zone a place or a phone number lies in. The map of places is data (`catalogue/time_zones.json`)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

MAX_PREFIX = 4  # characters of a postal code that the map looks at


def find_place_zone(
    country: str, region: str | None = None, postcode: str | None = None, *, guess: bool = False
) -> str | None:
    """The IANA zone of an address; None where country, region and postal code leave it open.

    `region` is a state or province by its code ("CA", "US-CA") or its name; a postal code that names a corner of it
    wins. With `guess` it is the zone in which most of the country's people live, where nothing else is told.
    """
    place = _load_places().get(country.upper())
    if place is None or isinstance(place, str):
        return place
    code, name = _fold(postcode), _fold(region)
    if name not in place["regions"]:
        name = name.removeprefix(_fold(country))
    starts = (code[:length] for length in range(min(len(code), MAX_PREFIX), 1, -1))
    found = next((place["postcodes"][start] for start in starts if start in place["postcodes"]), None)
    found = found or place["regions"].get(name)
    if found is None and (code or name):
        found = place.get("rest")
    return found or (place["guess"] if guess else None)


def find_phone_country(phones: Sequence[str]) -> str | None:
    """The country that the phone in use was numbered by; None where there is none, or a number of no country."""
    if not phones:
        return None
    import phonenumbers  # 26 ms to import, needed only for who has left no address

    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phones[0]))
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
    text = resources.files("okaeri.catalogue").joinpath("time_zones.json").read_text("utf-8")
    places: dict[str, Any] = {}
    for country, place in json.loads(text).items():
        if isinstance(place, str):
            places[country] = place
            continue
        regions = {_fold(name): zone for zone, names in place.get("regions", {}).items() for name in names}
        prefixes = {_fold(start): zone for zone, starts in place.get("postcodes", {}).items() for start in starts}
        places[country] = place | {"regions": regions, "postcodes": prefixes}
    return places
