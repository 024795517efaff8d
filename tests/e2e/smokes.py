"""Which end-to-end tests show a shipped journey speaking on a real stack; tests/unit/test_smokes.py finds gaps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from okaeri.catalogue.compile_journeys import compile_journeys
from okaeri.catalogue.journey_parts import list_said


def by_mail(journey: str) -> str:
    """A campaign that reaches its mailbox."""
    return f"test_catalogue.py::test_a_campaign_speaks_on_the_stack[{journey}]"


def on_the_phone(story: str) -> str:
    """A campaign, survey or parcel on WhatsApp, with what is tapped there."""
    return f"test_catalogue_community.py::test_a_story_goes_well_on_the_phone[{story}]"


def in_a_talk(talk: str) -> str:
    """What somebody wrote, and was answered."""
    return f"test_catalogue_talks.py::test_a_talk_is_answered[{talk}]"


def as_a_reward(test: str) -> str:
    """Points, codes and gifts, made in a store."""
    return f"test_catalogue_rewards.py::test_{test}"


ROAD = "test_road.py::test_a_shoppers_whole_story_from_cart_to_review"
PAYMENT = "test_road.py::test_a_payment_that_is_missing_is_asked_for_and_a_failed_one_told"
TAPPED = "test_answers.py::test_a_question_is_answered_on_the_phone_with_a_tap"
PAGE = "test_surveys.py::test_who_is_not_content_says_what_it_was_on_the_same_page_and_gets_a_person"
PAGES = "test_surveys.py::test_each_answer_opens_its_own_questions_and_nobody_is_asked_twice"
FRIENDS = as_a_reward("a_friend_comes_by_a_code_and_who_passed_it_on_is_thanked")
POINTS = as_a_reward("points_come_with_an_order_and_reach_a_level")
SALE = as_a_reward("a_sale_reaches_who_bought_of_its_kind_each_with_a_code_of_their_own")

SMOKES: Mapping[str, tuple[str, ...]] = {
    "alternatives": (by_mail("alternatives"),),
    "anniversary": (by_mail("anniversary"),),
    "arrival-check": (by_mail("arrival-check"),),
    "back-in-stock": (by_mail("back-in-stock"), on_the_phone("back-in-stock")),
    "birthday": (by_mail("birthday"), as_a_reward("a_birthday_brings_a_code")),
    "browse-reminder": (by_mail("browse-reminder"),),
    "business-meeting": (by_mail("business-meeting"),),
    "cart-recovery": (
        ROAD,
        by_mail("cart-recovery"),
        on_the_phone("cart-complete"),
        on_the_phone("cart-remove"),
        on_the_phone("cart-ask"),
    ),
    "cart-why": (by_mail("cart-why"), on_the_phone("cart-why")),
    "community-invitation": (by_mail("community-invitation"),),
    "community-join": (on_the_phone("community-join"),),
    "community-poll": (on_the_phone("community-poll"),),
    "contest": (on_the_phone("contest"),),
    "conversation-follow-up": (on_the_phone("conversation-follow-up"),),
    "delay-watch": (by_mail("delay-watch"),),
    "delivery-updates": (
        ROAD,
        on_the_phone("delivery-aftership"),
        on_the_phone("delivery-easypost"),
        on_the_phone("delivery-shippo"),
    ),
    "each-step": (on_the_phone("each-step"),),
    "first-scan-watch": (by_mail("first-scan-watch"),),
    "guest-registration": (
        by_mail("guest-registration"),
        as_a_reward("who_opens_the_account_gets_the_code_that_was_promised"),
    ),
    "interests-from-orders": (SALE,),
    "launch-alert": (by_mail("launch-alert"),),
    "letter-received": ("test_talks.py::test_letters_are_one_ticket_and_its_answers_go_by_email",),
    "loyalty-points": (POINTS, as_a_reward("points_become_a_code_in_a_talk")),
    "loyalty-welcome": (POINTS,),
    "nps": (by_mail("nps"), on_the_phone("nps"), on_the_phone("ugc-request")),
    "order-changes": ("test_road.py::test_an_edit_a_cancellation_and_a_refund_are_each_told",),
    "order-confirmation": (ROAD, PAYMENT, "test_road.py::test_cash_on_delivery_is_confirmed_by_a_tap"),
    "order-invoice": ("test_invoices.py::test_a_paid_order_brings_its_pdf_by_mail_and_on_the_phone",),
    "order-reassurance": (by_mail("order-reassurance"),),
    "payment-failed": (PAYMENT,),
    "price-drop": (by_mail("price-drop"),),
    "product-care": (by_mail("product-care"),),
    "product-finder": ("test_talks.py::test_three_questions_find_a_product",),
    "product-rating": (by_mail("product-rating"), TAPPED),
    "recommendations": (by_mail("recommendations"), on_the_phone("recommendations")),
    "referral": (FRIENDS,),
    "referral-reward": (FRIENDS,),
    "replenishment": (by_mail("replenishment"), on_the_phone("replenishment")),
    "return-updates": (in_a_talk("return-updates"),),
    "review-request": (ROAD, by_mail("review-request")),
    "scheduled-reply": (on_the_phone("scheduled-reply"),),
    "style-quiz": (in_a_talk("style-quiz"),),
    "subscription-offer": (by_mail("subscription-offer"),),
    "surprise-gift": (
        as_a_reward("a_gift_comes_with_a_parcel"),
        as_a_reward("a_gift_of_a_shop_on_woocommerce_is_made_there"),
    ),
    "survey-conversation": (on_the_phone("survey-conversation"), PAGE),
    "survey-delivery": (by_mail("survey-delivery"), PAGE),
    "survey-product": (by_mail("survey-product"), PAGES),
    "talk-all-right": (in_a_talk("talk-all-right"),),
    "talk-cancel-order": ("test_talks.py::test_an_order_is_cancelled_in_the_chat_and_told_once",),
    "talk-change-order": (in_a_talk("talk-change-order"),),
    "talk-complaint": (in_a_talk("talk-complaint"), on_the_phone("ticket-follow-up")),
    "talk-faq": (in_a_talk("talk-faq"),),
    "talk-faq-list": (in_a_talk("talk-faq-list"),),
    "talk-invoice": (in_a_talk("talk-invoice"),),
    "talk-language": (in_a_talk("talk-language"),),
    "talk-menu": (in_a_talk("talk-menu"),),
    "talk-my-orders": (in_a_talk("talk-my-orders"),),
    "talk-order-status": (
        "test_talks.py::test_where_is_my_order_is_answered_from_the_data_within_seconds",
        on_the_phone("each-step"),
    ),
    "talk-person": (
        "test_talks.py::test_a_person_takes_over_answers_and_gives_back_to_the_assistant",
        "test_talks.py::test_out_of_hours_they_are_told_when_and_offered_answers_meanwhile",
    ),
    "talk-points": (as_a_reward("points_become_a_code_in_a_talk"),),
    "talk-preferences": (in_a_talk("talk-preferences"),),
    "talk-reorder": (in_a_talk("talk-reorder"),),
    "talk-return": (in_a_talk("talk-return"),),
    "talk-return-status": (in_a_talk("talk-return"),),
    "talk-stop": (in_a_talk("talk-stop"),),
    "talk-subscribe": (in_a_talk("talk-subscribe"),),
    "talk-thanks": (in_a_talk("talk-thanks"),),
    "talk-unknown": (in_a_talk("talk-unknown"),),
    "ticket-escalation": (on_the_phone("ticket-escalation"),),
    "ticket-follow-up": (on_the_phone("ticket-follow-up"),),
    "tier-reached": (POINTS,),
    "ugc-request": (
        on_the_phone("ugc-request"),
        "test_photo_by_mail.py::test_a_photo_by_mail_is_kept_and_may_be_shown_with_a_yes",
    ),
    "voucher": (
        as_a_reward("a_voucher_is_used_once_and_nobody_is_reminded_of_it"),
        as_a_reward("a_voucher_that_is_not_used_is_remembered"),
    ),
    "win-back": (as_a_reward("who_has_been_silent_is_shown_what_suits_them"),),
    "wishlist-reminder": (by_mail("wishlist-reminder"),),
}


def list_heard(test: str) -> set[str]:
    """The journeys that a test lets somebody hear: those of its journeys that say anything."""
    return {journey for journey in list_speaking() if test in SMOKES[journey]}


@cache
def list_speaking() -> frozenset[str]:
    """The shipped journeys that say anything."""
    return frozenset(definition.journey for definition in compile_journeys() if list_said(definition))
