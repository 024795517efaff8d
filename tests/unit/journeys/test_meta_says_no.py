"""The whole road with Meta's no in it: decided, refused or failed, told to the engine, said on the other channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command_line.publish import load_catalogue as load_shipped
from okaeri.domain.numbers import NumberState
from okaeri.domain.orders import OptIn, ShipmentStatus
from okaeri.domain.values import Channel
from simulator.living import LivingWorld
from simulator.shop import publish_templates
from tests.fakes import FakeClock
from tests.world import AIKO, BOTH_OPT_INS, MONDAY, load_catalogue, make_cart, make_order, make_store

BY_EMAIL_TOO = OptIn(channel="email", purpose="marketing", source="newsletter", explicit=True)
AMERICAN = AIKO.model_copy(update={"phone": "+12125550123", "country": "US"})


def open_shop(fate: str = "") -> LivingWorld:
    """The shop of `tests.world`, its templates approved; what goes out on WhatsApp meets this fate."""
    store = make_store(load_catalogue())
    world = LivingWorld(
        clock=FakeClock(MONDAY),
        store=store,
        definitions=load_catalogue(),
        templates=publish_templates(store, load_shipped()),
    )
    if fate:
        world.outside.fates[Channel.WHATSAPP] = fate
    return world


def list_arrived(world: LivingWorld) -> list[tuple[str, str]]:
    """Channel and fate of what left, in order."""
    return [(message.channel, message.fate) for message in world.outside.arrived]


@pytest.mark.parametrize("code", ["130472", "131049"])
def test_a_cart_reminder_that_meta_withholds_comes_by_e_mail_at_once(code: str) -> None:
    world = open_shop(code)
    world.fill_cart(make_cart(opt_ins=(*BOTH_OPT_INS, BY_EMAIL_TOO)))
    world.wait(hours=2)
    assert list_arrived(world) == [("whatsapp", code), ("email", "delivered")]
    assert world.customer().dead_addresses == {}


def test_who_is_not_on_whatsapp_is_not_tried_there_again() -> None:
    world = open_shop("131026")
    world.order(make_order())
    world.wait(hours=1)
    world.order(make_order("5002"))
    world.wait(hours=1)
    channels = [channel for channel, _ in list_arrived(world)]
    assert (channels.count("whatsapp"), channels.count("email")) == (1, 2)
    assert world.customer().dead_addresses == {f"whatsapp:{AIKO.phone}": "131026"}


def test_who_stopped_marketing_in_whatsapp_gets_no_more_of_it_there() -> None:
    world = open_shop("131050")
    world.fill_cart(make_cart(opt_ins=BOTH_OPT_INS))
    world.wait(days=4)
    assert list_arrived(world) == [("whatsapp", "131050")]
    assert not world.customer().consents["whatsapp:marketing"].given


def test_marketing_to_the_united_states_comes_by_e_mail() -> None:
    world = open_shop()
    world.fill_cart(make_cart(buyer=AMERICAN, opt_ins=(*BOTH_OPT_INS, BY_EMAIL_TOO)))
    world.wait(days=1)
    arrived = list_arrived(world)
    assert arrived
    assert {channel for channel, _ in arrived} == {"email"}


def test_a_confirmation_that_meta_files_as_marketing_comes_by_e_mail_without_that_consent() -> None:
    world = open_shop()
    for key, state in world.templates.states.items():
        world.templates.states[key] = state.model_copy(update={"category": "MARKETING"})
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(hours=1)
    assert [channel for channel, _ in list_arrived(world)] == ["email", "email"]


def test_with_that_consent_it_goes_out_all_the_same() -> None:
    world = open_shop()
    for key, state in world.templates.states.items():
        world.templates.states[key] = state.model_copy(update={"category": "MARKETING"})
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.wait(hours=1)
    assert "whatsapp" in [channel for channel, _ in list_arrived(world)]


def test_while_an_account_is_disabled_its_order_news_come_by_e_mail() -> None:
    world = open_shop()
    world.numbers.put(
        NumberState(phone_number_id="1001", stopped="account_disabled", stopped_until=world.clock() + timedelta(days=1))
    )
    world.order(make_order())
    world.ship("5001", ShipmentStatus.SHIPPED)
    world.wait(hours=1)
    assert [channel for channel, _ in list_arrived(world)] == ["email", "email"]
