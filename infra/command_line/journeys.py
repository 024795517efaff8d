"""A shop's switches and settings of the journeys that are published for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.publish import Catalogue, load_catalogue
from command_line.stack import Stack
from okaeri.catalogue.journey_parts import list_durations
from okaeri.domain.journeys import Definition
from okaeri.domain.stores import Mode, PublishedJourney, Store

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def list_journeys(store: Store) -> list[PublishedJourney]:
    """The journeys published for a store, each once, by name."""
    by_name = {journey.journey: journey for journeys in store.triggers.values() for journey in journeys}
    return [by_name[name] for name in sorted(by_name)]


def switch_journey(stack: Stack, store_id: str, journey: str, *, on: bool) -> Store:
    """Lets a journey speak to everybody, or to nobody; runs that wait end when they wake."""
    change = {"on": on, "mode": Mode.ON if on else Mode.OFF, "share": 100}
    return change_journey(stack, store_id, journey, lambda entry: entry.model_copy(update=change))


def set_journey(
    stack: Stack, store_id: str, journey: str, settings: Mapping[str, str], *, catalogue: Catalogue | None = None
) -> Store:
    """Changes settings of a published journey; an empty text restores the journey's own. Raises CommandFailure."""
    definition = find_definition(journey, catalogue or load_catalogue())
    for name, text in settings.items():
        _check_setting(definition, name, text)

    def change(entry: PublishedJourney) -> PublishedJourney:
        merged = {name: text for name, text in {**entry.settings, **settings}.items() if text}
        return entry.model_copy(update={"settings": merged})

    return change_journey(stack, store_id, journey, change)


def find_definition(journey: str, catalogue: Catalogue) -> Definition:
    """The catalogue's journey of that name."""
    by_name = {definition.journey: definition for definition in catalogue.journeys}
    return by_name[checks.check_one_of(journey, "JOURNEY", by_name)]


def _check_setting(definition: Definition, name: str, text: str) -> None:
    durations = list_durations(definition)
    known = durations | definition.settings.keys()
    if not known:
        raise CommandFailure(
            f"{definition.journey} has no settings", at=name, fix="Switch it with okaeri journeys on or off."
        )
    checks.check_one_of(name, f"{definition.journey} setting", known)
    if text and name in durations:
        checks.check_duration(text, name)
    elif text and _TIME.fullmatch(definition.settings[name]) and not _TIME.fullmatch(text):
        raise CommandFailure(
            f"{text!r} is no time of day", at=name, fix="Write it as 10:00, in the shopper's own time."
        )


def change_journey(
    stack: Stack, store_id: str, journey: str, change: Callable[[PublishedJourney], PublishedJourney]
) -> Store:
    """Writes what `change` makes of the published journey. Raises CommandFailure."""

    def apply(store: Store) -> Store:
        checks.check_one_of(journey, "JOURNEY", [entry.journey for entry in list_journeys(store)])
        return store.model_copy(
            update={
                "triggers": {
                    event: tuple(change(entry) if entry.journey == journey else entry for entry in entries)
                    for event, entries in store.triggers.items()
                }
            }
        )

    return records.change_store(stack, store_id, apply)
