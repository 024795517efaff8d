"""The journeys that a command looks at: shipped ones, files beside them, or what a store has published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from command_line import checks
from command_line.failures import CommandFailure
from command_line.publish import Catalogue, load_catalogue
from command_line.source_files import read_source
from command_line.stack import Stack
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.templates import DynamoTemplates
from okaeri.catalogue.compile_journeys import compile_journey
from okaeri.catalogue.journey_yaml import JourneyError
from okaeri.domain.contents import index_contents
from okaeri.domain.journeys import Content, Definition
from okaeri.domain.stores import Store


@dataclass(frozen=True)
class PublishedCatalogue(Catalogue):
    """What a store has published: its journeys keep the ids under which they were published, whoever compiled them."""

    ids: tuple[str, ...] = ()

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Journeys by the ids that the store's triggers name."""
        return dict(zip(self.ids, self.journeys, strict=True))


def read_journey_file(path: Path) -> Definition:
    """Compiles one file. CommandFailure names lines and fixes."""
    text = read_source(path, fix="Name a journey's YAML file.")
    try:
        return compile_journey(text, path.name)
    except JourneyError as error:
        raise CommandFailure(str(error), at=path.name, fix="docs/journeys.md has the language.") from error


def find_journey(name_or_file: str, catalogue: Catalogue | None = None) -> Definition:
    """A journey by its file, or by its name in the catalogue. Raises CommandFailure."""
    if name_or_file.endswith((".yaml", ".yml")) or "/" in name_or_file:
        return read_journey_file(Path(name_or_file))
    by_name = {definition.journey: definition for definition in (catalogue or load_catalogue()).journeys}
    return by_name[checks.check_one_of(name_or_file, "JOURNEY", by_name)]


def add_files(catalogue: Catalogue, files: Iterable[Path], *, only: bool = False) -> Catalogue:
    """The catalogue with these journeys in the place of their namesakes; with `only`, without any other."""
    given = {definition.journey: definition for definition in map(read_journey_file, files)}
    kept = () if only else tuple(shipped for shipped in catalogue.journeys if shipped.journey not in given)
    return Catalogue(journeys=(*kept, *given.values()), templates=catalogue.templates)


def read_contents(stack: Stack, store: Store) -> dict[tuple[str, str], Content]:
    """What kind of thing the store's journeys say, by journey and template, as they are published now."""
    definitions = DynamoDefinitions(stack.dynamodb, stack.table_name)
    hashes = {entry.definition for entries in store.triggers.values() for entry in entries}
    return index_contents(definitions.get(name) for name in sorted(hashes))


def read_published(stack: Stack, store: Store) -> Catalogue:
    """What the store has published: its journeys by their present versions, its templates in each language."""
    definitions = DynamoDefinitions(stack.dynamodb, stack.table_name)
    templates = DynamoTemplates(stack.dynamodb, stack.table_name)
    hashes = {entry.journey: entry.definition for entries in store.triggers.values() for entry in entries}
    found = (
        templates.get(store.store_id, name, locale)
        for name, published in store.templates.items()
        for locale in dict.fromkeys((*published.whatsapp, *published.email))
    )
    ids = tuple(hashes[name] for name in sorted(hashes))
    return PublishedCatalogue(
        journeys=tuple(definitions.get(name) for name in ids),
        templates=tuple(template for template in found if template),
        ids=ids,
    )
