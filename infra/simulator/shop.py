"""A catalogue published for a simulated shop: what the engine and the senders then find."""

from __future__ import annotations

from command_line.publish import Catalogue, index_catalogue
from okaeri.domain.stores import Store
from okaeri.domain.templates import TemplateState
from simulator.stores import MemoryTemplates


def publish_for(store: Store, catalogue: Catalogue) -> Store:
    """The store as `okaeri publish` would leave it, in every language that the catalogue has."""
    speaking = store.settings.model_copy(
        update={"languages": store.settings.languages or tuple(sorted(catalogue.languages))}
    )
    return index_catalogue(store.model_copy(update={"settings": speaking}), catalogue)


def publish_templates(store: Store, catalogue: Catalogue) -> MemoryTemplates:
    """All of the catalogue, approved by Meta in the category that its author chose."""
    templates = MemoryTemplates()
    for template in catalogue.templates:
        key = (store.store_id, template.name, template.locale)
        templates.templates[key] = template
        if template.whatsapp:
            state = TemplateState(status="APPROVED", category=template.whatsapp.category, meta_name=template.meta_name)
            templates.states[key] = state
    return templates
