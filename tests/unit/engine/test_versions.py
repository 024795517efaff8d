"""Runs keep the version with which they began; what begins later takes the one that is published by then."""

from __future__ import annotations

from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.journeys import Definition
from tests.world import World, make_order, make_store

TEXT = """
journey: order-news
version: {version}
purpose: order
trigger: {{event: order.placed, key: order.id}}
steps:
  - wait: P2D
  - send: {template}
"""


def make_version(version: int, template: str) -> tuple[str, Definition]:
    definition = compile_journey(TEXT.format(version=version, template=template), "order-news.yaml")
    return hash_definition(definition), definition


def test_a_run_that_has_begun_keeps_its_version_when_another_is_published() -> None:
    first, second = make_version(1, "order_confirmation"), make_version(2, "order_updated")
    both = dict((first, second))
    world = World(store=make_store(dict([first])), definitions=both)
    world.order(make_order("5001"))
    world.wait(days=1)
    published = make_store(dict([second]))
    templates = world.store.templates | published.templates
    world.stores.stores[world.store.store_id] = published.model_copy(update={"templates": templates})
    world.order(make_order("5002"))
    world.wait(days=1, minutes=5)
    assert world.told("whatsapp") == ["order_confirmation"]
    world.wait(days=1)
    assert world.told("whatsapp") == ["order_confirmation", "order_updated"]


def test_a_comment_or_a_moved_line_is_no_other_version() -> None:
    text = TEXT.format(version=1, template="order_confirmation")
    moved = "# A comment.\n\n" + text
    assert hash_definition(compile_journey(moved, "order-news.yaml")) == make_version(1, "order_confirmation")[0]
