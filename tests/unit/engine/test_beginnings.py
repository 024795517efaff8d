"""A talk that a link, a QR code or an advertisement begins is in the flow of its code at once."""

from __future__ import annotations

import pytest

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.evidence import MessageReceived
from okaeri.domain.stores import StoreSettings
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.world import AIKO, World, make_store

FLOW = """\
journey: {journey}
version: 1
purpose: order
trigger: {{event: turn.taken, key: event.id, when: {{field: event.intent, is: {intent}}}}}
steps:
  - send: {{template: {template}, channels: [whatsapp]}}
"""
PERSON = """\
journey: person
version: 1
purpose: order
trigger: {event: turn.taken, key: event.id, when: {field: event.intent, is: person}}
steps:
  - open_ticket: {queue: conversation, subject: Speak to a person, due: PT4H, hours: true, hand_over: true}
  - send: {template: talk_person, channels: [whatsapp]}
"""
FLOWS = (("find-product", "find_product", "talk_menu"), ("my-orders", "my_orders", "talk_thanks"))
SETTINGS = StoreSettings(
    entry_codes={"size-help": "find-product", "old": "deleted-flow"},
    entry_ads={"120210000000001": "size-help", "120210000000002": "gone"},
)


@pytest.fixture
def world() -> World:
    compiled = [
        compile_journey(FLOW.format(journey=journey, intent=intent, template=template), f"{journey}.yaml")
        for journey, intent, template in FLOWS
    ]
    compiled.append(compile_journey(PERSON, "person.yaml"))
    definitions = {hash_definition(definition): definition for definition in compiled}
    store = make_store(definitions, settings=SETTINGS)
    knowledge = MemoryKnowledge(MemoryStores(store))
    return World(store=store, definitions=definitions, interpreter=CatalogueInterpreter(knowledge))


def come_by_ad(world: World, text: str | None, ad: str, type: str = "text") -> None:
    world.hear(
        MessageReceived(
            provider_id=f"wamid.{world.sequence}",
            at=world.clock(),
            phone=AIKO.phone,
            type=type,
            text=text,
            referral={"source_type": "ad", "source_id": ad},
        )
    )


@pytest.mark.parametrize("text", ["I would like to begin. (size-help)", "#SIZE-HELP", "はじめたいです。（size-help）"])
def test_a_link_s_words_begin_the_flow_of_their_code_at_once(world: World, text: str) -> None:
    world.write(text)
    assert world.told() == ["talk_menu"]


def test_the_flow_comes_even_where_the_words_around_the_code_ask_for_another(world: World) -> None:
    world.write("Where are my orders? (size-help)")
    assert world.told() == ["talk_menu"]


def test_an_advertisement_begins_its_flow_whatever_it_had_them_say(world: World) -> None:
    come_by_ad(world, "Hello! Can I get more info on this?", "120210000000001")
    assert world.told() == ["talk_menu"]


def test_an_advertisement_begins_its_flow_for_who_sends_a_picture(world: World) -> None:
    come_by_ad(world, None, "120210000000001", type="image")
    assert world.told() == ["talk_menu"]


def test_an_advertisement_without_a_code_brings_a_message_like_any_other(world: World) -> None:
    come_by_ad(world, "Show my orders", "120210000000002")
    assert world.told() == ["talk_thanks"]


def test_a_code_whose_flow_is_gone_begins_nothing(world: World) -> None:
    world.write("I would like to begin. (old)")
    assert world.told() == []


def test_a_button_may_begin_a_flow_by_its_code(world: World) -> None:
    world.write("Find my size", payload="DO:begin:size-help")
    assert world.told() == ["talk_menu"]


def test_while_a_person_is_in_charge_a_code_goes_to_them(world: World) -> None:
    world.write("I want to speak to a person")
    world.write("(size-help)")
    come_by_ad(world, "Hello!", "120210000000001")
    assert world.told() == ["talk_person"]
