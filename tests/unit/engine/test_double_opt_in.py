"""Where a country asks for a confirmed sign-up: asked once, counted once confirmed, ended in silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from okaeri.domain.evidence import ConsentSeen
from okaeri.domain.gates import check_reach, check_truth
from okaeri.domain.orders import Buyer, OptIn
from okaeri.domain.values import Channel, Purpose
from tests.world import AIKO, MONDAY, World, load_catalogue, make_order, make_settings, make_store

JANA = Buyer(email="jana@example.de", phone="+4915112345678", first_name="Jana", locale="de-DE", country="DE")
FLAG = OptIn(channel="email", purpose="marketing", source="checkout box for e-mail marketing")
TICK = FLAG.model_copy(update={"source": "store API, with the order", "explicit": True})
CONFIRMED = TICK.model_copy(update={"confirmed": True})
REFUSED = "no_marketing_consent"


def sign_up(world: World, at: datetime | None = None, **details: Any) -> None:
    told: dict[str, Any] = {"given": True, "source": "newsletter form", "buyer": JANA} | details
    world.hear(ConsentSeen(channel="email", purpose="marketing", at=at or world.clock(), **told))


def confirm(world: World) -> None:
    """Presses the button on the page that the mail leads to."""
    world.clock.advance(minutes=5)
    customer_id = world.customer().customer_id
    sign_up(world, buyer=Buyer(), customer_id=customer_id, source="confirmation_page", confirmed=True)


def check(world: World) -> str | None:
    return check_reach(world.customer(), world.store, Channel.EMAIL, Purpose.MARKETING)


def test_a_sign_up_in_germany_counts_once_it_was_confirmed() -> None:
    world = World()
    sign_up(world)
    assert world.told() == ["confirm_subscription"]
    (message,) = world.list_messages()
    assert (message.channel, message.purpose) == ("email", "order")
    assert check(world) == REFUSED
    confirm(world)
    assert check(world) is None
    entries = sorted(world.records.consents.values(), key=lambda entry: entry.at)
    assert [(entry.needs_confirmation, entry.confirmed) for entry in entries] == [(True, False), (False, True)]
    assert {entry.address for entry in entries} == {"jana@example.de"}


def test_elsewhere_a_sign_up_counts_at_once() -> None:
    world = World()
    sign_up(world, buyer=AIKO)
    assert (world.told(), check(world)) == ([], None)


def test_what_the_store_had_confirmed_is_not_asked_again() -> None:
    world = World()
    world.order(make_order(buyer=JANA, opt_ins=(CONFIRMED,)))
    assert "confirm_subscription" not in world.told()
    assert check(world) is None


def test_only_a_confirmed_sign_up_is_an_event() -> None:
    world = World()
    sign_up(world)
    assert "consent.given" not in {record.event for record in world.records.decisions.values()}
    confirm(world)
    assert [record.event for record in world.records.decisions.values()] == ["consent.given"]


@pytest.mark.parametrize("opt_in", [FLAG, TICK], ids=["the store's flag", "a box ticked each time"])
def test_the_next_orders_do_not_ask_again(opt_in: OptIn) -> None:
    world = World()
    for number in range(4):
        world.order(make_order(f"500{number}", buyer=JANA, created_at=world.clock(), opt_ins=(opt_in,)))
        world.wait(days=5)
    assert world.told().count("confirm_subscription") == 1
    confirm(world)
    world.order(make_order("5009", buyer=JANA, created_at=world.clock(), opt_ins=(opt_in,)))
    assert check(world) is None
    assert world.told().count("confirm_subscription") == 1


def test_who_never_answers_hears_no_more_of_it_and_may_sign_up_again() -> None:
    world = World()
    sign_up(world)
    world.wait(days=31)
    world.order(make_order(buyer=JANA, created_at=world.clock(), opt_ins=(FLAG,)))
    assert world.told().count("confirm_subscription") == 1
    sign_up(world)
    assert world.told().count("confirm_subscription") == 2
    assert check(world) == REFUSED


def test_an_import_of_old_sign_ups_asks_nobody() -> None:
    world = World()
    sign_up(world, at=MONDAY - timedelta(days=400))
    assert (world.told(), check(world)) == ([], REFUSED)


def test_a_store_whose_platform_asks_itself_is_left_to_it() -> None:
    world = World(store=make_store(load_catalogue(), settings=make_settings(asks_to_confirm=False)))
    sign_up(world)
    assert (world.told(), check(world)) == ([], REFUSED)
    world.clock.advance(minutes=1)
    sign_up(world, confirmed=True, source="Shopify e-mail marketing consent")
    assert check(world) is None


def test_withdrawing_ends_a_sign_up_that_waits_and_the_mail_is_not_sent() -> None:
    world = World()
    sign_up(world)
    (message,) = world.list_messages()

    def judge() -> str | None:
        return check_truth(
            message, customer=world.customer(), store=world.store, order=None, cart=None, now=world.clock()
        )

    assert judge() is None
    world.clock.advance(seconds=1)
    sign_up(world, given=False)
    assert judge() == "nothing_to_confirm"
    assert check(world) == REFUSED


def test_a_sign_up_that_is_delivered_twice_asks_once() -> None:
    world = World()
    envelope = world.hear(
        ConsentSeen(channel="email", purpose="marketing", given=True, at=MONDAY, source="form", buyer=JANA)
    )
    for _ in range(2):
        world.give(envelope, redelivered=True)
    assert world.told() == ["confirm_subscription"]
    assert len(world.records.consents) == 1


def test_who_unsubscribed_comes_back_by_the_page_at_once() -> None:
    """The link came to the address itself, so nothing is left to prove."""
    world = World()
    sign_up(world, confirmed=True)
    world.clock.advance(minutes=1)
    customer_id = world.customer().customer_id
    sign_up(world, given=False, buyer=Buyer(), customer_id=customer_id, source="one_click")
    world.clock.advance(minutes=1)
    sign_up(world, buyer=Buyer(), customer_id=customer_id, source="unsubscribe_page", confirmed=True)
    assert (world.told(), check(world)) == ([], None)


def test_whose_country_is_told_by_the_phone_alone_is_asked_too() -> None:
    world = World()
    sign_up(world, buyer=Buyer(email="jana@example.de", phone="+4915112345678"))
    assert world.told() == ["confirm_subscription"]
