"""What Meta holds against what this checkout says: states, categories, words, versions left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from command_line import records
from command_line.publish import Catalogue, load_catalogue
from command_line.stack import Stack
from command_line.templates import MISSING, ask_meta, list_wanted, open_graph
from okaeri.adapters.meta_templates import describe_for_meta
from okaeri.adapters.templates import DynamoTemplates
from okaeri.domain.templates import Template, TemplateState

Components = Sequence[Mapping[str, Any]]
_VERSIONED = re.compile(r"(?P<name>.+)_v(?P<version>\d+)")


@dataclass(frozen=True)
class SyncedTemplate:
    """One template in one language: where it stands at Meta, and each difference in words."""

    name: str
    language: str
    state: TemplateState
    differences: tuple[str, ...] = ()


def sync_templates(stack: Stack, store_id: str, *, catalogue: Catalogue | None = None) -> list[SyncedTemplate]:
    """Keeps for the senders what Meta says of each template now, and tells how it differs. Changes nothing at Meta.

    A template that Meta has no more is kept as DELETED, so that its messages take another channel instead of
    failing one by one. Raises CommandFailure.
    """
    store = records.read_store(stack, store_id)
    ours = list_wanted(store, catalogue or load_catalogue())
    graph = open_graph(stack, store)
    listed = ask_meta(lambda: list(graph.list_whole()))
    theirs = {(name, language.replace("-", "_")): (state, components) for name, language, state, components in listed}
    stored = DynamoTemplates(stack.dynamodb, stack.table_name)
    synced = []
    for template in ours:
        state, components = theirs.get((template.meta_name, template.meta_language), (_MISSING, ()))
        before = stored.get_state(store_id, template.name, template.locale)
        if state.status != MISSING:
            stored.put_state(store_id, template.name, template.locale, state)
        elif before is not None and before.meta_name == template.meta_name:
            state = before.model_copy(update={"status": "DELETED"})
            stored.put_state(store_id, template.name, template.locale, state)
        differences = tuple(_list_differences(template, state, components, stack.api_url))
        synced.append(SyncedTemplate(template.meta_name, template.locale, state, differences))
    return [*synced, *_list_left_behind(ours, theirs)]


_MISSING = TemplateState(status=MISSING, category="")


def _list_differences(
    template: Template, state: TemplateState, components: Components, public_url: str
) -> Iterator[str]:
    if state.status == MISSING:
        yield "not at Meta: okaeri templates push"
        return
    if state.status == "DELETED":
        yield "deleted at Meta; its name is free again after 30 days: raise `version` in the file and push"
        return
    definition = describe_for_meta(template, public_url)
    if state.category and state.category != definition["category"]:
        yield f"Meta counts it as {state.category}, the file says {definition['category']}"
    held = {str(part.get("type", "")).upper(): part for part in components}
    wanted = {part["type"]: part for part in definition["components"]}
    for kind in dict.fromkeys((*wanted, *held)):
        if _strip(wanted.get(kind)) != _strip(held.get(kind)):
            yield f"{kind.lower()} differs: raise `version` in the file and push, or take Meta's words over"


def _strip(part: Mapping[str, Any] | None) -> object:
    """A component without its examples, which Meta keeps in its own way."""
    if part is None:
        return None
    buttons = [
        {name: str(button.get(name, "")) for name in ("type", "text", "url")} for button in part.get("buttons", ())
    ]
    held = str(part.get("format", "TEXT")).upper() if part.get("type") == "HEADER" else ""
    return held, str(part.get("text", "")).strip(), buttons


def _list_left_behind(
    ours: Sequence[Template], theirs: Mapping[tuple[str, str], tuple[TemplateState, Components]]
) -> Iterator[SyncedTemplate]:
    """Former versions of our templates that still stand at Meta and count towards its limit."""
    current = {(template.name, template.meta_language): template.version for template in ours}
    for (meta_name, language), (state, _) in sorted(theirs.items()):
        found = _VERSIONED.fullmatch(meta_name)
        version = current.get((found["name"], language)) if found else None
        if found and version is not None and int(found["version"]) < version:
            words = f"left behind by version {version}: may be deleted in Meta's WhatsApp Manager"
            yield SyncedTemplate(meta_name, language, state, (words,))
