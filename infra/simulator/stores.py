"""Stores, journeys, templates and secrets in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from okaeri.domain.journeys import Definition
from okaeri.domain.stores import Store
from okaeri.domain.templates import Template, TemplateState
from okaeri.errors import GiveUp, TryAgain


class MemoryStores:
    """Stores by id."""

    def __init__(self, *stores: Store) -> None:
        self.stores = {store.store_id: store for store in stores}
        self.forgotten: list[str] = []

    def get(self, store_id: str) -> Store | None:
        return self.stores.get(store_id)

    def list_ids(self) -> Sequence[str]:
        return tuple(self.stores)

    def find_by_phone_number(self, phone_number_id: str) -> Store | None:
        return next((store for store in self.stores.values() if store.phone_number_id == phone_number_id), None)

    def forget(self, store_id: str) -> None:
        self.forgotten.append(store_id)


class MemoryDefinitions:
    """Compiled journeys by hash."""

    def __init__(self, definitions: dict[str, Definition] | None = None) -> None:
        self.definitions = dict(definitions or {})

    def get(self, definition: str) -> Definition:
        if definition not in self.definitions:
            raise TryAgain("definition_missing")
        return self.definitions[definition]


class MemoryTemplates:
    """Published templates, and what Meta says of them, by (store, name, locale)."""

    def __init__(self) -> None:
        self.templates: dict[tuple[str, str, str], Template] = {}
        self.states: dict[tuple[str, str, str], TemplateState] = {}

    def get(self, store_id: str, name: str, locale: str) -> Template | None:
        return self.templates.get((store_id, name, locale))

    def get_state(self, store_id: str, name: str, locale: str) -> TemplateState | None:
        return self.states.get((store_id, name, locale))

    def put_state(self, store_id: str, name: str, locale: str, state: TemplateState) -> None:
        self.states[store_id, name, locale] = state


@dataclass
class MemorySecrets:
    """Secrets by their name within the stack."""

    secrets: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, name: str) -> dict[str, str]:
        if name not in self.secrets:
            raise GiveUp("secret_missing")
        return self.secrets[name]
