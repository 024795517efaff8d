"""One voice: what the shop leaves to its platform, or to nobody, Okaeri does not say there, and says why."""

from __future__ import annotations

from collections import Counter

import pytest

from okaeri.catalogue.compile_templates import TEMPLATES
from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.values import Channel
from okaeri.domain.voices import VOICES, check_voice, find_voice, list_kinds
from tests.talks import Talk
from tests.world import World, load_catalogue, make_order, make_settings, make_store


def open_shop(**voices: dict[str, str]) -> World:
    return World(store=make_store(load_catalogue(), settings=make_settings(voices=voices)))


def test_a_confirmation_that_the_platform_mails_is_said_on_whatsapp_alone() -> None:
    world = open_shop(order_confirmation={"email": "platform"})
    world.order(make_order())
    assert [(message.template, message.channel) for message in world.list_messages()] == [
        ("order_confirmation_welcome", Channel.WHATSAPP)
    ]
    assert "email:order_confirmation_welcome refused voice:platform" in world.why()


def test_who_is_reached_by_the_platforms_mail_alone_is_told_nothing_twice() -> None:
    world = open_shop(shipping={"email": "platform"})
    world.order(make_order(opt_ins=()))
    world.ship("5001", ShipmentStatus.SHIPPED)
    assert world.told() == ["order_confirmation_welcome"]
    assert "shipment_shipped not said nobody_reachable" in world.why()


def test_what_nobody_says_on_whatsapp_goes_by_mail() -> None:
    world = open_shop(delivered={"whatsapp": "nobody"})
    world.order(make_order())
    world.ship("5001", ShipmentStatus.DELIVERED)
    [last] = [message for message in world.list_messages() if message.template == "shipment_delivered"]
    assert last.channel is Channel.EMAIL
    assert "whatsapp:shipment_delivered refused voice:nobody" in world.why()


def test_what_the_shop_has_not_given_away_is_okaeris() -> None:
    world = open_shop(shipping={"email": "platform"})
    assert check_voice(world.store, "order_confirmation", Channel.EMAIL) is None
    assert check_voice(world.store, "nps", Channel.EMAIL) is None
    assert check_voice(make_store(load_catalogue()), "shipment_shipped", Channel.EMAIL) is None
    assert find_voice(world.store, "shipping", Channel.EMAIL) == "platform"
    assert find_voice(world.store, "shipping", Channel.WHATSAPP) == "okaeri"


def test_who_asks_in_the_chat_is_answered_whoever_else_speaks() -> None:
    voices = {kind.kind: dict.fromkeys(("whatsapp", "email"), "nobody") for kind in list_kinds()}
    talk = Talk(open_shop(**voices))
    talk.world.order(make_order())
    talk.do("order_status")
    assert talk.told() == ["talk_order_getting_ready"]


def test_each_kinds_templates_exist_and_belong_to_one_kind() -> None:
    named = Counter(template for kind in list_kinds() for template in kind.templates)
    assert {name for name, times in named.items() if times > 1} == set()
    assert {name for name in named if not (TEMPLATES / name).is_dir()} == set()


@pytest.mark.parametrize("prefix", ["order_", "shipment_", "payment_", "return_", "cart_reminder"])
def test_what_platforms_say_too_is_of_a_kind(prefix: str) -> None:
    """Reassurance, a second message that sells, and answers to buttons are Okaeri's own."""
    own = ("order_reassurance_", "order_offer", "order_similar", "order_cod_confirmed")
    known = {template for kind in list_kinds() for template in kind.templates}
    shipped = {path.name for path in TEMPLATES.iterdir() if path.name.startswith(prefix)}
    assert {name for name in shipped - known if not name.startswith(own)} == set()


def test_three_voices_there_are() -> None:
    assert VOICES == ("okaeri", "platform", "nobody")
