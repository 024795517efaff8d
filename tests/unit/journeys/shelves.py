"""A shop's shelf, and which of its journeys are on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from okaeri.domain.records import ShelfEntry
from okaeri.domain.stores import PublishedTemplate, Store
from tests.catalogue import load_templates
from tests.talks import Talk
from tests.world import World, load_catalogue, make_store

# Title, kind, price in yen, tags.
APRONS = (
    ("Linen Apron", "Aprons", "4800", ("linen", "natural")),
    ("Work Apron", "Aprons", "9800", ("canvas",)),
    ("Child's Apron", "Aprons", "3200", ("linen",)),
    ("Tea Towel", "Towels", "1500", ("linen",)),
)


def open_store(*on: str, off: tuple[str, ...] = (), settings: dict[str, str] | None = None, **changes: Any) -> Store:
    """The shipped journeys, with these on or off, and settings of the first that is on."""
    store = make_store(load_catalogue(), **changes)
    triggers = {
        event: tuple(
            entry.model_copy(
                update={
                    "on": entry.journey in on or (entry.on and entry.journey not in off),
                    "settings": (settings or {}) if entry.journey == on[0] else entry.settings,
                }
            )
            for entry in entries
        )
        for event, entries in store.triggers.items()
    }
    return store.model_copy(update={"triggers": triggers, "templates": publish_as_written(store.templates)})


def publish_as_written(names: Iterable[str]) -> dict[str, PublishedTemplate]:
    """What is published of each, on the channels for which it is written, in English and Japanese."""
    written = {template.name: template for template in load_templates() if template.locale == "en"}
    spoken = ("en", "ja")
    return {
        name: PublishedTemplate(
            whatsapp=spoken if written[name].whatsapp else (),
            email=spoken if written[name].email else (),
            chat=spoken if written[name].chat else (),
        )
        for name in names
    }


def open_talk(store: Store, products: tuple[tuple[str, str, str, tuple[str, ...]], ...] = APRONS) -> Talk:
    """A talk with a shop that has these products."""
    world = World(store=store)
    for number, (title, kind, price, tags) in enumerate(products, 1):
        entry = ShelfEntry(
            product_id=f"p{number}",
            title=title,
            url=f"https://kinari.example/products/p{number}",
            image=f"https://kinari.example/p{number}.jpg",
            price=price,
            product_type=kind,
            tags=tags,
        )
        world.shelf.put_entry("kinari", entry, version=1)
    return Talk(world)
