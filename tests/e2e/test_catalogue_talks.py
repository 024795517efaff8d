"""What the assistant answers in the chat: a talk for each journey that one begins, several at once, on a real stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from local.story.shops import ShopifyStory
from tests.e2e.circle import VASE, Circle, Friend, Story, Told, find_customer, run_stories
from tests.e2e.drive import make_shopper, wait_for
from tests.e2e.smokes import in_a_talk, list_heard


def take_a_yes_for_what_it_is(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("yes please")
    friend.hear("talk-all-right", "talk_all_right")


def thank(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("Thank you so much!")
    friend.hear("talk-thanks", "talk_thanks")


def see_the_menu(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("hi")
    menu = friend.hear("talk-menu", "talk_menu")
    assert menu["buttons"][0]["text"] == "Where is my order?"


def say_nothing_known(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("brillig slithy toves")
    friend.hear("talk-unknown", "talk_unknown")
    friend.send("voice")
    friend.hear("talk-unknown", "talk_voice")


def ask_for_silence(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("Please stop sending me messages")
    friend.hear("talk-stop", "stop_confirmed")
    wait_for(lambda: "whatsapp:all" in find_customer(circle, friend).consents, "the stop is noted")


def speak_another_language(circle: Circle) -> None:
    friend = circle.meet(at="shopify")  # which speaks two
    friend.say("Can I change the language?")
    friend.hear("talk-language", "talk_language")
    friend.tap("日本語")
    assert "日本語" in friend.hear("talk-language", "talk_language_done")["text"]


def keep_only_what_is_of_orders(circle: Circle) -> None:
    friend = circle.meet()
    friend.agree()
    friend.say("preferences")
    friend.hear("talk-preferences", "talk_preferences")
    friend.tap("Only my orders")
    friend.hear("talk-preferences", "marketing_stopped")
    assert not find_customer(circle, friend).consents["whatsapp:marketing"].given


def sign_up_for_news(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("Sign me up for your newsletter")
    friend.hear("talk-subscribe", "talk_subscribe")
    friend.tap("Yes, please")
    friend.hear("talk-subscribe", "talk_subscribe_name")
    assert find_customer(circle, friend).consents["whatsapp:marketing"].given


def look_at_an_order(circle: Circle) -> None:
    friend = circle.meet()
    orders = [friend.order(), friend.order()]
    for template in ("order_confirmation_welcome", "order_confirmation"):
        friend.hear("order-confirmation", template)
    friend.say("show my orders")
    asked = friend.hear("talk-my-orders", "talk_which_order")
    friend.tap(asked["buttons"][-1]["text"])
    shown = friend.hear("talk-my-orders", "talk_order_summary")["text"]
    assert any(order in shown for order in orders)


def order_once_more(circle: Circle) -> None:
    friend = place_an_order(circle)
    friend.say("I want to order the same again")
    assert "Coffee" in friend.hear("talk-reorder", "talk_reorder")["text"]


def ask_for_an_invoice(circle: Circle) -> None:
    friend = place_an_order(circle)
    friend.say("Please send me the invoice")
    friend.hear("talk-invoice", "talk_invoice_sent")


def place_an_order(circle: Circle) -> Friend:
    friend = circle.meet()
    friend.order()
    friend.hear("order-confirmation", "order_confirmation_welcome")
    return friend


def ask_a_common_question(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("Which payment methods do you take?")
    friend.hear("talk-faq", "talk_faq")
    friend.tap("Not quite")
    friend.hear("talk-faq", "talk_person")
    assert circle.inbox.await_ticket(friend.customer_id, "conversation")["subject"].startswith("The answer")


def choose_a_common_question(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("menu")
    friend.hear("talk-menu", "talk_menu")
    friend.tap("Common questions")
    asked = friend.hear("talk-faq-list", "talk_faq_list")
    friend.tap(asked["buttons"][0]["text"])
    friend.hear("talk-faq", "talk_faq")


def complain(circle: Circle) -> None:
    friend = place_an_order(circle)
    friend.say("This is unacceptable, I want to complain")
    friend.hear("talk-complaint", "talk_complaint")
    assert circle.inbox.await_ticket(friend.customer_id, "complaints")["is_urgent"]


def change_an_order(circle: Circle) -> None:
    friend = place_an_order(circle)
    friend.say("I want to change my order")
    friend.hear("talk-change-order", "talk_change_what")
    friend.tap("Gift note")
    friend.hear("talk-change-order", "talk_change_note")  # two hours are over before anybody has typed it


def send_a_broken_thing_back(circle: Circle) -> None:
    friend = circle.meet()
    friend.ship(friend.order(), "shipped")
    friend.hear("delivery-updates", "shipment_shipped")
    friend.say("I want to return it")
    friend.hear("talk-return", "talk_return_reason")
    friend.tap("Damaged or faulty")
    friend.hear("talk-return", "talk_return_photo")
    friend.send("image")
    friend.hear("talk-return", "talk_return_wish")
    friend.tap("My money back")
    friend.hear("talk-return", "talk_return_check")
    friend.tap("Yes, send it")
    friend.hear("talk-return", "talk_return_sent")
    ticket = circle.inbox.await_ticket(friend.customer_id, "returns")
    assert ticket["stage"] == "requested"
    wait_for(lambda: circle.inbox.show(ticket["ticket_id"])["files"], "the photo is in the inbox")
    friend.say("Where is my return?")
    friend.hear("talk-return-status", "talk_return_open")


def hear_that_a_return_is_approved(circle: Circle) -> None:
    friend, shop = circle.meet(at="shopify"), circle.driver.find_shop("shopify")
    story = ShopifyStory(email=friend.email, phone=friend.phone, number=make_shopper()[2])
    shop.post("orders/create", story.order() | {"customer_locale": "en"})
    friend.hear("order-confirmation", "order_confirmation_welcome")
    order = {"id": story.order_id, "admin_graphql_api_id": f"gid://shopify/Order/{story.order_id}"}
    told = {"id": story.number, "name": f"#{story.number}-R1", "order": order}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    shop.post("returns/approve", told | {"status": "open", "created_at": at})
    assert f"#{story.number}" in friend.hear("return-updates", "return_approved")["text"]


def find_a_style(circle: Circle) -> None:
    friend = circle.meet()
    friend.come_by("style-quiz")
    for question, answer in (
        ("quiz_sunday", "At home, slowly"),
        ("quiz_home", "Few things, all dear"),
        ("quiz_for_whom", "For me"),
        ("quiz_result_calm", "Yes, please"),
    ):
        friend.hear("style-quiz", question)
        friend.tap(answer)
    friend.hear("style-quiz", "finder_finds")
    friend.tap(VASE.title())
    friend.hear("style-quiz", "finder_card")
    assert find_customer(circle, friend).attributes["style"] == "calm"


STORIES: Mapping[str, Story] = {
    "return-updates": hear_that_a_return_is_approved,
    "style-quiz": find_a_style,
    "talk-all-right": take_a_yes_for_what_it_is,
    "talk-change-order": change_an_order,
    "talk-complaint": complain,
    "talk-faq": ask_a_common_question,
    "talk-faq-list": choose_a_common_question,
    "talk-invoice": ask_for_an_invoice,
    "talk-language": speak_another_language,
    "talk-menu": see_the_menu,
    "talk-my-orders": look_at_an_order,
    "talk-preferences": keep_only_what_is_of_orders,
    "talk-reorder": order_once_more,
    "talk-return": send_a_broken_thing_back,
    "talk-stop": ask_for_silence,
    "talk-subscribe": sign_up_for_news,
    "talk-thanks": thank,
    "talk-unknown": say_nothing_known,
}


@pytest.fixture(scope="module")
def told(circle: Circle) -> Iterator[Told]:
    """The talks, begun."""
    with run_stories(STORIES, circle) as stories:
        yield stories


@pytest.mark.parametrize("talk", sorted(STORIES))
def test_a_talk_is_answered(told: Told, talk: str) -> None:
    assert told[talk].result() >= list_heard(in_a_talk(talk))
