"""community-invitation, community-join, community-poll, contest: a place to meet, votes, and entries to a draw."""

from __future__ import annotations

from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.stores import Community, Store
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store, open_talk
from tests.world import BOTH_OPT_INS, World, make_order, make_settings

PLACE = Community(name="The Linen Circle", url="https://whatsapp.example/channel/1", handle="@kinari")
CODES = {"community": "community-join", "poll": "community-poll", "contest": "contest"}


def open_shop(*on: str, place: Community = PLACE, settings: dict[str, str] | None = None) -> Store:
    store = open_store(*on, off=("review-request",), settings=settings)
    return store.model_copy(update={"settings": make_settings(community=place, entry_codes=CODES)})


def deliver(world: World, order_id: str) -> None:
    world.order(make_order(order_id, opt_ins=BOTH_OPT_INS, created_at=world.clock()))
    world.ship(order_id, ShipmentStatus.DELIVERED)


def invite(place: Community = PLACE) -> Talk:
    """Two orders have arrived, and some days have passed."""
    talk = Talk(World(store=open_shop("community-invitation", place=place)))
    deliver(talk.world, "5001")
    talk.world.wait(days=6)
    assert told(talk) == []
    deliver(talk.world, "5002")
    talk.world.wait(days=6)
    return talk


def told(talk: Talk) -> list[str]:
    return [name for name in talk.world.told() if name.startswith(("community", "poll", "contest", "ugc"))]


def test_the_second_order_brings_an_invitation_and_no_other_does() -> None:
    talk = invite()
    assert told(talk) == ["community_invitation"]
    deliver(talk.world, "5003")
    talk.world.wait(days=60)
    assert told(talk) == ["community_invitation"]


def test_a_shop_without_a_place_invites_nobody() -> None:
    assert told(invite(Community())) == []


def test_who_has_joined_is_a_member() -> None:
    talk = invite().answer("joined")
    assert told(talk)[-1] == "community_welcome"
    assert "The Linen Circle" in talk.text()
    assert "community" in talk.world.customer().tags


def test_a_no_is_taken_for_good() -> None:
    talk = invite().answer("no")
    assert told(talk)[-1] == "community_not_now"
    assert "community" not in talk.world.customer().tags


def test_who_comes_by_the_link_is_a_member_at_once() -> None:
    talk = open_talk(open_shop("community-join"))
    deliver(talk.world, "5001")
    talk.do("begin:community")
    assert told(talk) == ["community_welcome"]
    assert "community" in talk.world.customer().tags


def test_a_vote_is_kept_for_the_counting() -> None:
    talk = open_talk(open_shop("community-poll", settings={"options": "Blue, Green, Undyed"}))
    deliver(talk.world, "5001")
    talk.do("begin:poll")
    assert talk.labels() == ["Blue", "Green", "Undyed"]
    talk.tap("Green")
    assert "Green" in talk.text()
    [response] = talk.world.records.responses.values()
    assert (response.survey, response.answers) == ("poll", {"vote": "Green"})


def test_a_picture_is_an_entry_and_is_shown_only_where_that_was_agreed_to() -> None:
    talk = open_talk(open_shop("contest"))
    deliver(talk.world, "5001")
    talk.do("begin:contest").send("image", "m7")
    [response] = talk.world.records.responses.values()
    assert (response.survey, response.answers) == ("contest", {"entry": "m7"})
    talk.tap("Yes, you may")
    assert told(talk) == ["contest_entry", "ugc_consent", "contest_entered"]
    assert talk.world.customer().consents["whatsapp:publish"].given


def test_who_would_rather_not_is_in_nothing() -> None:
    talk = open_talk(open_shop("contest"))
    deliver(talk.world, "5001")
    talk.do("begin:contest").tap("Rather not")
    assert not talk.world.records.responses
