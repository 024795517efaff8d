"""Shops with journeys of a few lines, for the engine's tests."""

from __future__ import annotations

from typing import Any

from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.journeys import AskStep
from okaeri.domain.stores import Mode, PublishedJourney, PublishedTemplate, Sending, Store
from tests.world import BOTH_OPT_INS, World, make_order, make_settings, make_store

SPOKEN = PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja"))


def write(journey: str, *steps: str, purpose: str = "marketing", event: str = "order.placed", **head: str) -> str:
    """A journey file: begins with each order unless said otherwise."""
    lines = [f"journey: {journey}", "version: 1", f"purpose: {purpose}"]
    lines.append(f"trigger: {{event: {event}, key: {head.pop('key', 'order.id')}}}")
    lines += [f"{name}: {text}" for name, text in head.items()]
    return "\n".join([*lines, "steps:", *(f"  - {step}" for step in steps)])


def open_shop(*texts: str, settings: dict[str, Any] | None = None, **changes: Any) -> World:
    """A shop in Japan that has these journeys, all their templates, and is heard at noon on a Monday."""
    compiled = [compile_journey(text, "test.yaml") for text in texts]
    definitions = {hash_definition(definition): definition for definition in compiled}
    store = make_store(definitions, settings=make_settings(**settings or {}), **changes)
    asked = {step.template for definition in compiled for step in definition.steps if isinstance(step, AskStep)}
    again = {
        step.again_template
        for definition in compiled
        for step in definition.steps
        if isinstance(step, AskStep) and step.again_template
    }
    templates = {**store.templates, **{name: SPOKEN for name in asked | again}}
    return World(store=store.model_copy(update={"templates": templates}), definitions=definitions)


def place(world: World, order_id: str = "5001", **changes: Any) -> None:
    """Aiko orders, and agrees to everything on WhatsApp."""
    at = world.clock()
    fields = {"opt_ins": BOTH_OPT_INS, "created_at": at, "updated_at": at} | changes
    world.order(make_order(order_id, **fields))


def change_store(world: World, **changes: Any) -> None:
    """The shop changes its settings; engine and senders see it at once."""
    world.store = world.store.model_copy(update=changes)
    world.stores.stores[world.store.store_id] = world.store


def set_mode(world: World, journey: str, mode: Mode, share: int = 100) -> None:
    """One journey into a mode."""

    def change(entry: PublishedJourney) -> PublishedJourney:
        named = {"mode": mode, "on": mode is not Mode.OFF, "share": share}
        return entry.model_copy(update=named) if entry.journey == journey else entry

    triggers = {event: tuple(map(change, entries)) for event, entries in world.store.triggers.items()}
    change_store(world, triggers=triggers)


def switch(world: World, sending: Sending) -> None:
    """The store's one switch."""
    change_store(world, sending=sending)


def find_store(world: World) -> Store:
    """The store as the engine sees it."""
    store = world.stores.get(world.store.store_id)
    assert store is not None
    return store
