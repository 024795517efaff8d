"""The store is told of consents that were given or taken back here: once, the latest word, and never its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from okaeri.domain.evidence import ActionDone, ConsentSeen, CustomerSeen
from okaeri.domain.orders import Buyer
from okaeri.domain.records import ActionRequest
from okaeri.domain.sentences import say_event
from tests.world import AIKO, World, load_catalogue, make_order, make_settings, make_store

GERMAN = Buyer(store_customer_id="77", email="jana@example.de", phone="+4915112345678", country="DE")
STORES_WORD = "Shopify e-mail marketing consent"


def open_shop(*targets: str) -> World:
    settings = make_settings(write_consent=targets or ("email", "whatsapp"))
    return World(store=make_store(load_catalogue(), settings=settings))


def say(world: World, channel: str, *, given: bool, source: str, buyer: Buyer = AIKO, **details: Any) -> None:
    seen = ConsentSeen(
        channel=channel, purpose="marketing", given=given, at=world.clock(), source=source, buyer=buyer, **details
    )
    world.hear(seen, source="test")


def list_copies(world: World) -> list[ActionRequest]:
    return [request for request in world.queues.actions if request.kind == "consent"]


def list_targets(world: World) -> list[str]:
    return [request.target for request in list_copies(world)]


def list_ledger(world: World) -> list[tuple[str, bool, str]]:
    entries = world.records.consents.values()
    return [(entry.channel, entry.given, entry.source) for entry in entries if entry.purpose == "marketing"]


def test_who_says_stop_on_whatsapp_is_told_of_to_the_store_once() -> None:
    world = open_shop()
    world.write("STOP")
    world.wait(minutes=5)
    world.write("STOP")
    assert list_targets(world) == ["whatsapp"]


def test_who_unsubscribes_on_our_page_and_comes_back_is_told_of_both_times() -> None:
    world = open_shop()
    say(world, "email", given=False, source="unsubscribe_page")
    world.wait(minutes=5)
    say(world, "email", given=True, source="unsubscribe_page", confirmed=True)
    assert list_targets(world) == ["email", "email"]
    assert len({request.action_id for request in list_copies(world)}) == 2


def test_start_takes_stop_back_there_too() -> None:
    world = open_shop()
    say(world, "whatsapp", given=True, source="whatsapp chat")
    world.wait(minutes=1)
    world.write("STOP")
    world.wait(minutes=1)
    world.write("START")
    assert list_targets(world) == ["whatsapp"] * 3


def test_a_sign_up_is_told_of_once_it_was_confirmed() -> None:
    world = open_shop()
    say(world, "email", given=True, source=STORES_WORD, buyer=GERMAN)
    assert world.customer().consents["email:marketing"].pending
    assert list_copies(world) == []
    world.wait(minutes=5)
    say(world, "email", given=True, source="confirmation_page", buyer=GERMAN, confirmed=True)
    assert list_targets(world) == ["email"]


def test_what_the_store_said_itself_is_not_told_back_to_it() -> None:
    world = open_shop()
    say(world, "email", given=True, source=STORES_WORD)
    world.wait(minutes=1)
    say(world, "email", given=False, source=STORES_WORD)
    world.order(
        make_order(opt_ins=({"channel": "whatsapp", "purpose": "marketing", "source": "box", "explicit": True},))
    )
    assert list_copies(world) == []


@pytest.mark.parametrize("targets", [(), ("email",)])
def test_a_shop_that_does_not_want_it_told_pays_nothing_for_it(targets: tuple[str, ...]) -> None:
    world = World(store=make_store(load_catalogue(), settings=make_settings(write_consent=targets)))
    world.write("STOP")
    assert list_copies(world) == []


def test_text_messages_are_another_consent_unless_the_shop_says_so() -> None:
    world = open_shop("whatsapp", "sms")
    world.write("STOP")
    assert list_targets(world) == ["whatsapp", "sms"]


def test_the_stores_own_webhook_about_what_we_wrote_is_no_new_word() -> None:
    world = open_shop()
    say(world, "email", given=False, source="unsubscribe_page")
    before = list_ledger(world)
    assert before == [("email", False, "unsubscribe_page")]
    at = world.clock().replace(microsecond=0)
    world.wait(minutes=20)
    for moment in (at, world.clock()):
        echo = ConsentSeen(channel="email", purpose="marketing", given=False, at=moment, source=STORES_WORD, buyer=AIKO)
        world.hear(echo, source="shopify customers_email_marketing_consent/update")
    assert list_ledger(world) == before
    assert world.customer().consents["email:marketing"].source == "unsubscribe_page"
    world.wait(minutes=5)
    say(world, "email", given=True, source=STORES_WORD)
    assert list_ledger(world)[-1] == ("email", True, STORES_WORD), "another word is theirs, and counts"
    assert list_targets(world) == ["email"]


def test_the_same_word_of_the_store_long_after_is_one_of_its_own() -> None:
    world = open_shop()
    say(world, "email", given=True, source="confirmation_page", confirmed=True)
    world.wait(hours=2)
    say(world, "email", given=True, source=STORES_WORD)
    assert len(list_ledger(world)) == 2


def test_an_import_of_the_past_is_not_told_to_the_store() -> None:
    world = open_shop()
    say(world, "email", given=False, source="unsubscribe_page", quiet="old")
    assert list_copies(world) == []


def test_who_becomes_known_to_the_store_later_is_told_of_then() -> None:
    guest = AIKO.model_copy(update={"store_customer_id": None})
    world = open_shop("whatsapp")
    say(world, "whatsapp", given=True, source="whatsapp chat", buyer=guest)
    assert len(list_copies(world)) == 1, "which finds nobody there"
    world.wait(minutes=5)
    known = AIKO.model_copy(update={"store_customer_id": "1"})
    world.hear(CustomerSeen(buyer=known, at=world.clock()), source="shopify customers/create")
    assert list_targets(world) == ["whatsapp", "whatsapp"]
    assert len({request.action_id for request in list_copies(world)}) == 2
    world.hear(CustomerSeen(buyer=known, at=world.clock() + timedelta(seconds=1)), source="shopify customers/update")
    assert len(list_copies(world)) == 2


def hear_told(world: World, request: ActionRequest, given: str) -> None:
    done = ActionDone(
        customer_id=request.customer_id,
        action_id=request.action_id,
        action="consent",
        ok=True,
        at=world.clock(),
        data={"channel": request.target, "given": given, "written": "yes"},
    )
    world.hear(done, source="okaeri action.done")


def test_an_earlier_word_that_came_to_the_store_last_is_told_anew() -> None:
    world = open_shop("email")
    say(world, "email", given=False, source="unsubscribe_page")
    world.wait(seconds=1)
    say(world, "email", given=True, source="unsubscribe_page", confirmed=True)
    no, yes = list_copies(world)
    hear_told(world, yes, "yes")
    assert len(list_copies(world)) == 2
    hear_told(world, no, "no")
    again = list_copies(world)[2:]
    assert [request.target for request in again] == ["email"]
    hear_told(world, again[0], "yes")
    assert len(list_copies(world)) == 3


@pytest.mark.parametrize(
    ("ok", "data", "sentence"),
    [
        (True, {"given": "no", "written": "yes"}, "the store is told of their word on marketing (e-mail)"),
        (
            False,
            {"reason": "no_store_customer"},
            "the store could not be told of their word on marketing (e-mail): the store has no record of them",
        ),
        (
            False,
            {"reason": "not_allowed"},
            "the store could not be told of their word on marketing (e-mail): "
            "the store does not let Okaeri write customers",
        ),
        (
            True,
            {"written": "no", "reason": "newer_word"},
            "the store is told of their word on marketing (e-mail): a newer word of theirs came from the store",
        ),
    ],
)
def test_what_came_of_it_stands_in_their_story(ok: bool, data: dict[str, str], sentence: str) -> None:
    world = open_shop()
    say(world, "email", given=False, source="unsubscribe_page")
    [request] = list_copies(world)
    done = ActionDone(
        customer_id=request.customer_id,
        action_id=request.action_id,
        action="consent",
        ok=ok,
        at=world.clock(),
        data={"channel": "email", **data},
    )
    world.hear(done, source="okaeri action.done")
    [decision] = [one for one in world.records.decisions.values() if one.event in ("consent.told", "consent.failed")]
    assert say_event(decision.event, decision.data) == sentence
