"""Publishing: the catalogue of this checkout becomes what a store's journeys and messages are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from command_line import records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri import catalogue
from okaeri.catalogue.compile_journeys import OFF_AT_FIRST, compile_journeys, hash_definition
from okaeri.catalogue.compile_templates import TemplatesInvalid, compile_templates
from okaeri.catalogue.journey_yaml import JourneyError
from okaeri.domain.entries import list_intents
from okaeri.domain.journeys import Definition
from okaeri.domain.purchases import has_recommendations
from okaeri.domain.stores import Mode, PublishedJourney, PublishedTemplate, Store
from okaeri.domain.templates import Template

_MAX_PAST = 10
_FOLDER = Path(catalogue.__file__).parent


@dataclass(frozen=True)
class Catalogue:
    """The compiled journeys and templates of a checkout."""

    journeys: tuple[Definition, ...]
    templates: tuple[Template, ...]

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Journeys by content hash."""
        return {hash_definition(journey): journey for journey in self.journeys}

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages that have templates; a shop's own template may lack some of them (`list_gaps`)."""
        return frozenset(template.locale for template in self.templates)

    @cached_property
    def content_hash(self) -> str:
        """Changes when anything in the catalogue does."""
        parts = sorted([*self.definitions, *(hash_template(template) for template in self.templates)])
        return hashlib.sha256("".join(parts).encode()).hexdigest()[:40]


@dataclass(frozen=True)
class PublishedStore:
    """What a store stands at after publishing. `changed` is False where all of it was published before.

    `gaps` are templates with the languages of the store that they lack: their readers get another language.
    """

    store: Store
    journeys: int
    templates: int
    changed: bool
    gaps: dict[str, tuple[str, ...]]


@cache
def load_catalogue(folder: Path = _FOLDER) -> Catalogue:
    """Compiles the catalogue. CommandFailure names files, lines and fixes."""
    try:
        journeys = compile_journeys(folder / "journeys")
        templates = compile_templates(folder / "templates")
    except (JourneyError, TemplatesInvalid) as error:
        raise CommandFailure(str(error), at="catalogue", fix="Mend the files and run the command again.") from error
    return Catalogue(tuple(journeys), tuple(templates))


def hash_template(template: Template) -> str:
    """First 40 hex of the SHA-256 of its JSON."""
    return hashlib.sha256(template.model_dump_json(by_alias=True).encode()).hexdigest()[:40]


def publish_catalogue(
    stack: Stack, store_ids: Sequence[str] = (), *, catalogue: Catalogue | None = None, new: Mode = Mode.ON
) -> list[PublishedStore]:
    """Publishes for the stores named, or for all. Journeys keep their switches and settings, runs their version.

    `new` is the mode of journeys that the store did not have.
    """
    loaded = catalogue or load_catalogue()
    published = []
    for store_id in store_ids or records.list_store_ids(stack):
        store = records.read_store(stack, store_id)
        languages = list_languages(store, loaded)
        templates = choose_templates(loaded, languages)
        # Everything a new trigger leads to is there before the trigger is.
        records.put_definitions(stack, loaded.definitions)
        records.put_templates(stack, store_id, templates)
        changed = records.change_store(stack, store_id, lambda found: index_catalogue(found, loaded, new))
        gaps = list_gaps(loaded, languages)
        published.append(PublishedStore(changed, len(loaded.journeys), len(templates), changed != store, gaps))
    return published


def list_languages(store: Store, catalogue: Catalogue) -> tuple[str, ...]:
    """The languages that the shop listed, else its own and English, as far as the catalogue has them."""
    wanted = store.settings.languages or (store.locale, "en")
    return tuple(dict.fromkeys(language for language in wanted if language in catalogue.languages))


def list_gaps(catalogue: Catalogue, languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Templates by name with those of the languages in which they say nothing."""
    spoken = tuple(languages)
    have = {(template.name, template.locale) for template in catalogue.templates}
    names = sorted({template.name for template in catalogue.templates})
    lacking = {name: tuple(locale for locale in spoken if (name, locale) not in have) for name in names}
    return {name: locales for name, locales in lacking.items() if locales}


def choose_templates(catalogue: Catalogue, languages: Iterable[str]) -> list[Template]:
    """The catalogue's templates in these languages."""
    spoken = set(languages)
    return [template for template in catalogue.templates if template.locale in spoken]


def index_catalogue(store: Store, catalogue: Catalogue, new: Mode = Mode.ON) -> Store:
    """The store with the index that the engine reads: event → journeys, and template → channels and languages."""
    before = {journey.journey: journey for journeys in store.triggers.values() for journey in journeys}
    triggers: dict[str, tuple[PublishedJourney, ...]] = {}
    for definition_id, definition in sorted(catalogue.definitions.items(), key=lambda pair: pair[1].journey):
        known = before.get(definition.journey)
        entry = (
            known.model_copy(update={"definition": definition_id, "past": remember_version(known, definition_id)})
            if known
            else _enter(definition.journey, definition_id, new)
        ).model_copy(update={"intents": list_intents(definition), "recommends": has_recommendations(definition)})
        for event in definition.events:
            triggers[event] = (*triggers.get(event, ()), entry)
    chosen = choose_templates(catalogue, list_languages(store, catalogue))
    return store.model_copy(
        update={"triggers": triggers, "templates": _index_templates(chosen), "catalogue": catalogue.content_hash}
    )


def _enter(journey: str, definition_id: str, mode: Mode) -> PublishedJourney:
    """A journey that the store did not have; those that are chosen in the place of another one stay off."""
    if journey in OFF_AT_FIRST:
        return PublishedJourney(journey=journey, definition=definition_id, on=False)
    if mode is Mode.ON:
        return PublishedJourney(journey=journey, definition=definition_id)
    return PublishedJourney(journey=journey, definition=definition_id, on=mode is not Mode.OFF, mode=mode)


def remember_version(entry: PublishedJourney, now: str) -> tuple[str, ...]:
    """The versions that were published before `now`, newest first, each once."""
    if entry.definition == now:
        return entry.past
    return tuple(name for name in dict.fromkeys((entry.definition, *entry.past)) if name != now)[:_MAX_PAST]


def _index_templates(templates: Sequence[Template]) -> dict[str, PublishedTemplate]:
    index = {}
    for name in sorted({template.name for template in templates}):
        texts = [template for template in templates if template.name == name]
        index[name] = PublishedTemplate(
            whatsapp=tuple(template.locale for template in texts if template.whatsapp),
            email=tuple(template.locale for template in texts if template.email),
            chat=tuple(template.locale for template in texts if template.chat),
            valid_for=texts[0].valid_for,
        )
    return index
