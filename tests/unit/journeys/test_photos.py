"""ugc-request: who rated well is asked once for a photo, when it is their turn, and nothing is shown without a yes."""

from __future__ import annotations

from typing import Any

import pytest

from okaeri.domain.evidence import AnswerGiven, Attachment, LetterReceived
from okaeri.domain.messages import Message
from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.records import MediaRecord
from okaeri.domain.values import Channel, Purpose
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import AIKO, BOTH_OPT_INS, MONDAY, World, make_order


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
    customer, kept = talk.world.customer(), talk.world.records
    names = {"store_id": customer.store_id, "customer_id": customer.customer_id, "media_id": "m9"}
    kept.put_media(MediaRecord.model_validate(names | {"received_at": MONDAY}))
    talk.tap("Yes, you may")
    assert told(talk)[-1] == "ugc_thanks"
    response = next(r for r in talk.world.records.responses.values() if r.survey == "ugc")
    assert response.answers == {"media": "m9", "publish": "yes"}
    assert talk.world.customer().consents["whatsapp:publish"].given
    assert kept.media[customer.store_id, customer.customer_id, "m9"].may_publish


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


PHOTO = Attachment(media_key="files/kinari/a/b.jpg", content_type="image/jpeg", size=300_000, is_photo=True)
LOGO = Attachment(media_key="files/kinari/a/c.png", content_type="image/png", size=9_000)


def last(talk: Talk) -> Message:
    """The latest message on any channel."""
    return talk.world.list_messages()[-1]


def ask_by_mail() -> Talk:
    """Their number is on WhatsApp no more when it is their turn."""
    talk = rate("great")
    world = talk.world
    world.consent(Channel.EMAIL, Purpose.MARKETING, buyer=AIKO)
    customer = world.customer()
    dead = {f"whatsapp:{address}": "131026" for address in (*customer.phones, *customer.wa_user_ids)}
    key = (customer.store_id, customer.customer_id)
    world.customers.customers[key] = customer.model_copy(update={"dead_addresses": dead})
    world.wait(days=34)
    assert (told(talk), last(talk).channel, last(talk).takes_files) == (["ugc_request"], Channel.EMAIL, True)
    return talk


def send_letter(talk: Talk, *files: Attachment, **changes: Any) -> None:
    """What `receive_email_event` makes of an answer to the mail that asked."""
    asked = next(message for message in talk.world.list_messages() if message.template == "ugc_request")
    is_shown = any(file.is_photo for file in files)
    named = {"question": asked.seed[:16], "customer_id": asked.customer_id} if is_shown else {}
    letter = {"letter_id": "l1", "via": "email", "at": talk.world.clock(), "email": "aiko@example.jp"} | named | changes
    talk.world.hear(LetterReceived(**letter, text="Here it is", attachments=files), source="email")


def press(talk: Talk, answer: str) -> None:
    """A button of the mail, on the page where it leads."""
    asked = last(talk)
    given = AnswerGiven(customer_id=asked.customer_id, ask=asked.seed, answer=answer, at=talk.world.clock())
    talk.world.hear(given, source="okaeri answer")


def list_tickets(talk: Talk) -> list[str]:
    return [ticket.queue for ticket in talk.world.customer().open_tickets]


def test_a_photo_by_mail_is_asked_about_by_mail_and_shown_with_a_yes() -> None:
    talk = ask_by_mail()
    send_letter(talk, LOGO, PHOTO, PHOTO)
    assert (last(talk).template, last(talk).channel, list_tickets(talk)) == ("ugc_consent", Channel.EMAIL, [])
    kept = [request for request in talk.world.queues.actions if request.kind == "media"]
    press(talk, "yes")
    assert (told(talk)[-1], last(talk).channel) == ("ugc_thanks", Channel.EMAIL)
    response = next(r for r in talk.world.records.responses.values() if r.survey == "ugc")
    # Both photos, by the names under which they are noted beside the customer; the logo is none.
    assert response.answers == {"media": f"{kept[1].target},{kept[2].target}", "publish": "yes"}
    consents = talk.world.customer().consents
    assert consents["email:publish"].given and "whatsapp:publish" not in consents


def test_a_no_by_mail_keeps_it_between_us_and_no_answer_says_nothing_more() -> None:
    talk = ask_by_mail()
    send_letter(talk, PHOTO)
    press(talk, "no")
    assert told(talk)[-1] == "ugc_thanks_private"
    silent = ask_by_mail()
    send_letter(silent, PHOTO)
    silent.world.wait(days=10)
    assert told(silent)[-1] == "ugc_consent"
    assert next(r for r in silent.world.records.responses.values() if r.survey == "ugc").answers["media"]
    assert "email:publish" not in silent.world.customer().consents


@pytest.mark.parametrize("files", [(), (LOGO,)])
def test_an_answer_without_a_photo_goes_to_a_person_and_the_question_stays_open(files: tuple[Attachment, ...]) -> None:
    talk = ask_by_mail()
    send_letter(talk, *files)
    assert (told(talk), list_tickets(talk)) == (["ugc_request"], ["letters"])
    talk.world.customers.customers.update(
        {key: value.model_copy(update={"open_tickets": ()}) for key, value in talk.world.customers.customers.items()}
    )
    send_letter(talk, PHOTO, letter_id="l2")
    assert told(talk)[-1] == "ugc_consent"


def test_a_photo_that_answers_no_open_question_goes_to_a_person() -> None:
    talk = ask_by_mail()
    send_letter(talk, PHOTO, question="0123456789abcdef")
    assert (told(talk), list_tickets(talk)) == (["ugc_request"], ["letters"])
    late = ask_by_mail()
    late.world.wait(days=8)
    send_letter(late, PHOTO)
    assert (told(late), list_tickets(late)) == (["ugc_request"], ["letters"])


def test_the_same_mail_twice_is_one_answer() -> None:
    talk = ask_by_mail()
    send_letter(talk, PHOTO)
    send_letter(talk, PHOTO)
    assert (told(talk), list_tickets(talk)) == (["ugc_request", "ugc_consent"], [])
