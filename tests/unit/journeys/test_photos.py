"""ugc-request: who rated well is asked once for a photo, when it is their turn, and nothing is shown without a yes."""

from __future__ import annotations

from okaeri.domain.orders import ShipmentStatus
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import BOTH_OPT_INS, World, make_order


def rate(answer: str) -> Talk:
    """An order arrived, and was rated eight days later."""
    store = open_store("ugc-request", "product-rating", off=("review-request",))
    talk = Talk(World(store=store))
    talk.world.order(make_order(opt_ins=BOTH_OPT_INS))
    talk.world.ship("5001", ShipmentStatus.SHIPPED)
    talk.world.wait(days=1)
    talk.world.ship("5001", ShipmentStatus.DELIVERED)
    talk.world.wait(days=8)
    talk.answer(answer)
    return talk


def told(talk: Talk) -> list[str]:
    return [name for name in talk.world.told() if name.startswith("ugc")]


def ask() -> Talk:
    talk = rate("great")
    talk.world.wait(days=34)
    assert told(talk) == ["ugc_request"]
    return talk


def test_a_question_so_soon_after_the_rating_waits_for_its_turn() -> None:
    talk = rate("great")
    talk.world.wait(days=28)
    assert told(talk) == []
    talk.world.wait(days=6)
    assert told(talk) == ["ugc_request"]


def test_who_was_not_that_happy_is_not_asked() -> None:
    talk = rate("fine")
    talk.world.wait(days=60)
    assert told(talk) == []


def test_a_photo_with_a_yes_may_be_shown() -> None:
    talk = ask().send("image", "m9")
    assert talk.last().template == "ugc_consent"
    talk.tap("Yes, you may")
    assert told(talk)[-1] == "ugc_thanks"
    response = next(r for r in talk.world.records.responses.values() if r.survey == "ugc")
    assert response.answers == {"media": "m9", "publish": "yes"}
    assert talk.world.customer().consents["whatsapp:publish"].given


def test_a_photo_that_answers_is_kept_as_one_that_answers_nothing_is() -> None:
    talk = ask().send("image", "m9")
    [kept] = [request for request in talk.world.queues.actions if request.kind == "media"]
    assert (kept.target, kept.data["type"]) == ("m9", "image")


def test_a_video_with_a_no_stays_between_us() -> None:
    talk = ask().send("video", "m9").tap("No, keep it")
    assert told(talk)[-1] == "ugc_thanks_private"
    assert "whatsapp:publish" not in talk.world.customer().consents


def test_who_would_rather_not_is_never_asked_again() -> None:
    talk = ask().answer("skip")
    talk.world.wait(days=200)
    assert told(talk) == ["ugc_request"]
