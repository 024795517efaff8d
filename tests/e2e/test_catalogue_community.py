"""Campaigns, surveys, the community and its contests on the phone, with taps: each a shopper's story, all at once."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from command_line import records, surveys
from command_line.contests import read_draw
from command_line.media import list_media
from local.commands import make_environment
from local.launcher.aws import LocalAws
from okaeri.domain.carriers import Carrier
from okaeri.domain.contests import commit
from okaeri.domain.records import Response
from tests.e2e.campaign_shop import COFFEE, GRINDER, sell
from tests.e2e.circle import Circle, Friend, Story, Told, find_customer, run_stories
from tests.e2e.drive import wait_for
from tests.e2e.smokes import list_heard, on_the_phone

RECORDED = Path(__file__).parents[1] / "events" / "carriers"
SECOND_S = 1.1


def read_response(circle: Circle, friend: Friend, survey: str) -> Response:
    """What they answered to a survey."""
    store = records.read_store(circle.operator, circle.store_id)
    found = surveys.read_responses(circle.operator, store, survey)
    return next(response for response in found if response.customer_id == friend.customer_id)


def follow(circle: Circle, url: str) -> str:
    """Where a link leads, by our redirect where it goes through it."""
    if url.startswith(circle.driver.description["api_url"]):
        return requests.get(url, allow_redirects=False, timeout=30).headers["location"]
    return url


# -- the community -----------------------------------------------------------------------------------------------------


def join_the_community(circle: Circle) -> None:
    friend = circle.meet()
    friend.come_by("community")
    assert "Friends" in friend.hear("community-join", "community_welcome")["text"]
    assert "community" in find_customer(circle, friend).tags


def vote_with_a_tap(circle: Circle) -> None:
    friend = circle.meet()
    friend.come_by("poll")
    asked = friend.hear("community-poll", "poll_question")
    assert [button["text"] for button in asked["buttons"]] == ["Blue", "Green", "Undyed"]
    friend.tap("Green")
    friend.hear("community-poll", "poll_thanks")
    assert read_response(circle, friend, "poll").answers == {"vote": "Green"}


def enter_a_contest_and_be_drawn(circle: Circle) -> None:
    friends = [circle.meet(), circle.meet()]
    for friend in friends:
        friend.come_by("contest")
        friend.hear("contest", "contest_entry")
    friends[0].send("image")
    friends[1].say("A cup of tea on a rainy day")
    for friend, answer in zip(friends, ("Yes, you may", "No, keep it"), strict=True):
        friend.hear("contest", "ugc_consent")
        friend.tap(answer)
        friend.hear("contest", "contest_entered")
    seed = secrets.token_hex(16)
    draw = ("contests", "draw", circle.store_id, "contest", "--seed", seed, "--public", "7 12 23")
    said = run_command(circle, *draw)
    held = read_draw(circle.operator, circle.store_id, "contest")
    assert len(held.tickets) == 2 and held.commitment == commit(seed)
    winner = next(friend for friend in friends if friend.customer_id == held.customers[0])
    assert winner.phone in said
    assert "was drawn already" in run_command(circle, *draw, fails=True)


def run_command(circle: Circle, *arguments: str, fails: bool = False) -> str:
    """What `okaeri …` says."""
    environment = make_environment(LocalAws(circle.driver.description["aws_endpoint_url"]).environment)
    command = [sys.executable, "-m", "command_line", *arguments]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode != 0) == fails, ended.stderr
    return ended.stdout + ended.stderr


def send_a_photo_that_may_be_shown(circle: Circle) -> None:
    friend = circle.meet()
    friend.agree()
    friend.receive()
    friend.hear("nps", "nps")
    friend.tap("10")
    friend.hear("nps", "rating_thanks_good")
    friend.hear("ugc-request", "ugc_request")
    friend.send("image")
    friend.hear("ugc-request", "ugc_consent")
    friend.tap("Yes, you may")
    friend.hear("ugc-request", "ugc_thanks")
    assert find_customer(circle, friend).consents["whatsapp:publish"].given
    assert read_response(circle, friend, "ugc").answers["publish"] == "yes"
    [photo] = wait_for(lambda: list_media(circle.operator, circle.store_id, friend.email), "the photo is kept")
    assert photo.content_type.startswith("image/") and not photo.refused


# -- surveys and tickets -----------------------------------------------------------------------------------------------


def would_not_recommend(circle: Circle) -> None:
    friend = circle.meet()
    friend.receive()
    friend.hear("nps", "nps")
    friend.tap("3")
    friend.hear("nps", "nps_why")
    friend.hear("nps", "survey_sorry")  # two hours are over before anybody has typed why
    assert read_response(circle, friend, "nps").score == 3
    assert circle.inbox.await_ticket(friend.customer_id, "feedback")["priority"] == "high"


def ask_for_a_person(circle: Circle) -> tuple[Friend, dict[str, Any]]:
    friend = circle.meet()
    friend.say("I want to speak to a person")
    friend.hear("talk-person", "talk_person")
    return friend, circle.inbox.await_ticket(friend.customer_id, "conversation")


def was_not_helped_well(circle: Circle) -> None:
    friend, ticket = ask_for_a_person(circle)
    circle.solve(ticket)
    friend.hear("survey-conversation", "survey_conversation")
    friend.tap("👎 Not good")
    friend.hear("survey-conversation", "survey_better")
    friend.hear("survey-conversation", "survey_sorry")
    assert read_response(circle, friend, "conversation").answers["help"] == "bad"
    assert circle.inbox.await_ticket(friend.customer_id, "feedback")


def complain_twice(circle: Circle) -> None:
    friend = circle.meet()
    friend.say("I want to complain, this is unacceptable")
    friend.hear("talk-complaint", "talk_complaint")
    first = circle.inbox.await_ticket(friend.customer_id, "complaints")
    circle.solve(first, "replaced")
    friend.hear("ticket-follow-up", "ticket_follow_up")
    friend.tap("Not yet")
    friend.hear("ticket-follow-up", "ticket_follow_up_sorry")
    second = circle.inbox.await_ticket(friend.customer_id, "complaints")
    assert second["ticket_id"] != first["ticket_id"]


def wait_beyond_the_deadline(circle: Circle) -> None:
    _, ticket = ask_for_a_person(circle)
    assert ticket["due"]
    wait_for(lambda: circle.inbox.show(ticket["ticket_id"])["ticket"]["escalated_at"], "the ticket comes first", 200)


def say_nothing_to_an_answer(circle: Circle) -> None:
    friend, ticket = ask_for_a_person(circle)
    circle.inbox.reply(ticket["ticket_id"], "Does it help to press the button twice?")
    friend.hear(None, "staff_reply")
    friend.hear("conversation-follow-up", "conversation_follow_up")


def be_answered_later(circle: Circle) -> None:
    friend, ticket = ask_for_a_person(circle)
    at = (datetime.now(UTC) + timedelta(hours=12)).isoformat()
    reply = {"reply_id": secrets.token_hex(8), "text": "Your cup is here again.", "at": at}
    circle.inbox.call("POST", f"tickets/{ticket['ticket_id']}/replies", reply)
    assert "Your cup is here again." in friend.hear("scheduled-reply", "staff_reply")["text"]


# -- parcels -----------------------------------------------------------------------------------------------------------


def follow_each_step(circle: Circle) -> None:
    friend = circle.meet()
    order = friend.order()
    friend.ship(order, "shipped", tracking_number=secrets.token_hex(6))
    friend.hear("delivery-updates", "shipment_shipped")
    friend.say("where is my order?")
    friend.hear("talk-order-status", "talk_order_on_its_way")
    friend.hear("talk-order-status", "talk_each_step")
    friend.tap("Tell me each step")
    friend.hear("talk-order-status", "talk_each_step_done")
    friend.ship(order, "in_transit", place="Dover")
    friend.ship(order, "in_transit", place="Leeds")
    assert "Leeds" in friend.hear("each-step", "shipment_moved")["text"]
    friend.tap("Only what matters")
    friend.hear("each-step", "talk_all_right")
    assert "each_step" not in find_customer(circle, friend).tags


def tell_by_carrier(circle: Circle, carrier: Carrier, recorded: str, number: str, template: str, words: str) -> None:
    """The store names a tracking number, and the carrier's own webhook says what became of it."""
    friend = circle.meet()
    own = f"{number[:4]} {secrets.randbelow(10**8):08d}"
    friend.ship(friend.order(), "shipped", tracking_number=own.replace(" ", "-"), carrier="Yamato")
    friend.hear("delivery-updates", "shipment_shipped")
    time.sleep(SECOND_S)  # carriers tell whole seconds, and what is older than the latest word changes nothing
    now = datetime.now(UTC).isoformat(timespec="seconds")
    text = (RECORDED / f"{recorded}.json").read_text().replace(number, own)
    # What was recorded happened long before this order.
    moved = re.sub(r'"2026-11-\d\dT(?!00:00:00)[\d:]+(Z|\+\d\d:\d\d)"', f'"{now}"', text)
    circle.carry(carrier, json.loads(moved) | {"id": secrets.token_hex(8), "event_id": secrets.token_hex(8)})
    assert words in friend.hear("delivery-updates", template)["text"]


def hear_from_aftership(circle: Circle) -> None:
    number, words = "6285 9412 3310", "customs"
    tell_by_carrier(circle, Carrier.AFTERSHIP, "aftership_customs", number, "shipment_delayed", words)


def hear_from_easypost(circle: Circle) -> None:
    number, template = "9400110898825022579493", "shipment_out_for_delivery"
    tell_by_carrier(circle, Carrier.EASYPOST, "easypost_out_for_delivery", number, template, "today")


def hear_from_shippo(circle: Circle) -> None:
    number, template = "9205590164917312751089", "shipment_attempt_failed"
    tell_by_carrier(circle, Carrier.SHIPPO, "shippo_notice_left", number, template, "nobody")


# -- campaigns ---------------------------------------------------------------------------------------------------------


def leave_a_cart(circle: Circle, *, greets: bool = False) -> Friend:
    """Three things in a cart; who `greets` has written on WhatsApp just before."""
    friend = circle.meet()
    if greets:
        friend.say("hi")
        friend.hear("talk-menu", "talk_menu")
    friend.agree()
    lines = [
        {"line_id": name, "product_id": name, "variant_id": name, "title": name.title(), "price": "24.00"}
        for name in (COFFEE, GRINDER, "filter")
    ]
    cart = {"token": secrets.token_hex(8), "customer": friend.be(), "currency": "EUR", "lines": lines}
    friend.post("cart.updated", cart | {"url": "https://circle.example/checkout", "total": "72.00"})
    friend.hear("cart-recovery", "cart_reminder_1")
    return friend


def complete_a_cart_in_the_chat(circle: Circle) -> None:
    friend = leave_a_cart(circle, greets=True)
    friend.tap("Complete the order")
    [button] = friend.hear("cart-recovery", "cart_checkout")["buttons"]
    assert follow(circle, button["url"]) == "https://circle.example/checkout"


def take_something_out_of_a_cart(circle: Circle) -> None:
    friend = leave_a_cart(circle)
    friend.tap("Remove items")
    asked = friend.hear("cart-recovery", "cart_which_item")
    assert [button["text"] for button in asked["buttons"]][:3] == ["Coffee", "Grinder", "Filter"]
    friend.tap("Grinder")
    [link] = re.findall(r"https?://\S+", friend.hear("cart-recovery", "cart_more")["text"])
    assert follow(circle, link) == "https://circle.example/cart?items=coffee:1,filter:1"


def ask_about_a_cart(circle: Circle) -> None:
    friend = leave_a_cart(circle)
    friend.tap("Ask a question")
    friend.hear("cart-recovery", "cart_question")
    friend.tap("Talk to a person")
    friend.hear("cart-recovery", "talk_person")
    assert circle.inbox.await_ticket(friend.customer_id, "conversation")["subject"] == "A question about a cart"


def say_why_a_cart_was_left(circle: Circle) -> None:
    friend = leave_a_cart(circle)
    friend.hear("cart-recovery", "cart_reminder_2")
    friend.hear("cart-why", "cart_reminder_3")
    friend.tap("Delivery or its cost")
    friend.hear("cart-why", "survey_thanks")
    assert read_response(circle, friend, "cart").answers == {"why": "delivery"}


def get_what_was_sold_out(circle: Circle) -> None:
    friend, product = circle.meet(), f"back{secrets.token_hex(3)}"
    friend.agree()
    sell(friend, product, in_stock=False)
    friend.want("notify.requested", product, variant_id=product)
    sell(friend, product, in_stock=True)
    told = friend.hear("back-in-stock", "back_in_stock")
    assert follow(circle, told["buttons"][0]["url"]).endswith(f"/{product}")


def order_the_same_again(circle: Circle) -> None:
    friend, beans = circle.meet(), f"beans{secrets.token_hex(3)}"
    friend.agree()
    sell(friend, beans, in_stock=True, care={"refill_days": 4})
    friend.order(product=beans)
    friend.hear("replenishment", "replenishment")
    friend.tap("Order again")
    [button] = friend.hear("replenishment", "replenishment_cart")["buttons"]
    assert follow(circle, button["url"]) == f"https://circle.example/cart?items={beans}:1"


def be_shown_what_goes_with_it(circle: Circle) -> None:
    friend = circle.meet()
    friend.agree()
    friend.receive()
    assert "Coffee" in friend.hear("recommendations", "goes_with")["text"]


# Those that wait longest begin first.
STORIES: Mapping[str, Story] = {
    "cart-why": say_why_a_cart_was_left,
    "ugc-request": send_a_photo_that_may_be_shown,
    "ticket-follow-up": complain_twice,
    "replenishment": order_the_same_again,
    "nps": would_not_recommend,
    "recommendations": be_shown_what_goes_with_it,
    "survey-conversation": was_not_helped_well,
    "conversation-follow-up": say_nothing_to_an_answer,
    "back-in-stock": get_what_was_sold_out,
    "cart-ask": ask_about_a_cart,
    "cart-complete": complete_a_cart_in_the_chat,
    "cart-remove": take_something_out_of_a_cart,
    "community-join": join_the_community,
    "community-poll": vote_with_a_tap,
    "contest": enter_a_contest_and_be_drawn,
    "delivery-aftership": hear_from_aftership,
    "delivery-easypost": hear_from_easypost,
    "delivery-shippo": hear_from_shippo,
    "each-step": follow_each_step,
    "scheduled-reply": be_answered_later,
    "ticket-escalation": wait_beyond_the_deadline,
}


@pytest.fixture(scope="module")
def told(circle: Circle) -> Iterator[Told]:
    """The stories, begun."""
    with run_stories(STORIES, circle) as stories:
        yield stories


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_story_goes_well_on_the_phone(told: Told, story: str) -> None:
    assert told[story].result() >= list_heard(on_the_phone(story))
