"""The catalogue's templates as files: complete in each language, within Meta's limits, with errors one can mend."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from okaeri.adapters.email_blocks import FACTS
from okaeri.adapters.locale_formats import load_words
from okaeri.adapters.message_fields import list_field_paths
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.adapters.talk_context import Answered, add_answer
from okaeri.catalogue.compile_templates import TemplatesInvalid, compile_template, compile_templates
from okaeri.domain.keywords import read_keyword
from okaeri.domain.templates import EmailBlock, Template, read_answer
from tests.catalogue import load_journeys, load_templates
from tests.each_template import each_template
from tests.unit.rendering_samples import make_context

DOCUMENT = Path(__file__).parents[2] / "docs" / "templates.md"
LANGUAGES = ("ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR")
# Each looks at all of one language: as many tests as there are templates would cost more than what they look at.
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
OWN_DATES = {"day_pattern", "date_pattern"}  # where the short names of the CLDR read oddly in a sentence
NAMES = {
    "alternatives",
    "alternatives_found",
    "alternatives_none",
    "anniversary",
    "arrival_check",
    "arrival_check_no",
    "arrival_check_yes",
    "back_in_stock",
    "birthday",
    "birthday_gift",
    "browse_reminder",
    "care_check",
    "care_good",
    "care_guide_1",
    "care_guide_2",
    "care_help",
    "cart_change_there",
    "cart_checkout",
    "cart_more",
    "cart_nothing_left",
    "cart_question",
    "cart_reminder_1",
    "cart_reminder_2",
    "cart_reminder_3",
    "cart_which_item",
    "cart_without",
    "community_invitation",
    "community_not_now",
    "community_welcome",
    "confirm_subscription",
    "contest_entered",
    "contest_entry",
    "conversation_follow_up",
    "delivery_late",
    "finder_budget",
    "finder_card",
    "finder_detail",
    "finder_end",
    "finder_finds",
    "finder_kind",
    "finder_more",
    "finder_near",
    "finder_none",
    "goes_with",
    "guest_invitation",
    "guest_welcome",
    "launch_alert",
    "launch_listed",
    "letter_received",
    "letter_received_faq",
    "marketing_stopped",
    "meeting_agreed",
    "meeting_declined",
    "meeting_invitation",
    "news",
    "news_code",
    "nps",
    "nps_why",
    "order_cancelled",
    "order_cod_confirmed",
    "order_confirmation",
    "order_confirmation_cod",
    "order_confirmation_offer",
    "order_confirmation_reassurance",
    "order_confirmation_similar",
    "order_confirmation_unpaid",
    "order_confirmation_welcome",
    "order_delayed",
    "order_invoice",
    "order_offer",
    "order_reassurance_guide",
    "order_reassurance_next",
    "order_reassurance_prepare",
    "order_refunded",
    "order_similar",
    "order_updated",
    "payment_failed",
    "payment_pending",
    "payment_received",
    "points_welcome",
    "poll_question",
    "poll_thanks",
    "price_drop",
    "quiz_for_whom",
    "quiz_home",
    "quiz_open_air",
    "quiz_result_bold",
    "quiz_result_calm",
    "quiz_result_natural",
    "quiz_sunday",
    "quiz_to_finder",
    "quiz_town",
    "rating_request",
    "rating_thanks",
    "rating_thanks_bad",
    "rating_thanks_good",
    "referral_offer",
    "referral_reward",
    "referral_reward_points",
    "replenishment",
    "replenishment_cart",
    "replenishment_cart_part",
    "replenishment_gone",
    "replenishment_later",
    "replenishment_never",
    "return_approved",
    "return_declined",
    "review_request",
    "sale_early",
    "sale_early_code",
    "season_card",
    "shipment_attempt_failed",
    "shipment_delayed",
    "shipment_delivered",
    "shipment_exception",
    "shipment_in_transit",
    "shipment_label_created",
    "shipment_moved",
    "shipment_out_for_delivery",
    "shipment_pickup_ready",
    "shipment_returned",
    "shipment_shipped",
    "shipment_waiting",
    "staff_reply",
    "start_confirmed",
    "stop_confirmed",
    "subscription_offer",
    "surprise_gift",
    "survey_better",
    "survey_conversation",
    "survey_delivery",
    "survey_delivery_what",
    "survey_product",
    "survey_product_best",
    "survey_product_what",
    "survey_sorry",
    "survey_thanks",
    "talk_all_right",
    "talk_cancel_check",
    "talk_cancel_done",
    "talk_change_address_check",
    "talk_change_city",
    "talk_change_done",
    "talk_change_note",
    "talk_change_out_of_stock",
    "talk_change_passed_on",
    "talk_change_postcode",
    "talk_change_street",
    "talk_change_variant",
    "talk_change_variant_check",
    "talk_change_what",
    "talk_complaint",
    "talk_did_you_mean",
    "talk_each_step",
    "talk_each_step_done",
    "talk_exchange_for",
    "talk_faq",
    "talk_faq_list",
    "talk_faq_meanwhile",
    "talk_faq_unknown",
    "talk_invoice",
    "talk_invoice_sent",
    "talk_language",
    "talk_language_done",
    "talk_media",
    "talk_menu",
    "talk_no_open_orders",
    "talk_no_orders",
    "talk_order_cancelled",
    "talk_order_delivered",
    "talk_order_getting_ready",
    "talk_order_not_found",
    "talk_order_number",
    "talk_order_on_its_way",
    "talk_order_summary",
    "talk_order_unpaid",
    "talk_person",
    "talk_person_asked",
    "talk_person_meanwhile",
    "talk_points",
    "talk_points_code",
    "talk_points_failed",
    "talk_points_few",
    "talk_points_kept",
    "talk_preferences",
    "talk_preferences_orders",
    "talk_reorder",
    "talk_return_check",
    "talk_return_none",
    "talk_return_open",
    "talk_return_photo",
    "talk_return_reason",
    "talk_return_refunded",
    "talk_return_sent",
    "talk_return_too_early",
    "talk_return_wish",
    "talk_stale",
    "talk_subscribe",
    "talk_subscribe_city",
    "talk_subscribe_interests",
    "talk_subscribe_name",
    "talk_subscribed",
    "talk_subscribed_already",
    "talk_thanks",
    "talk_too_late",
    "talk_unknown",
    "talk_voice",
    "talk_which_item",
    "talk_which_order",
    "ticket_follow_up",
    "ticket_follow_up_sorry",
    "ticket_follow_up_thanks",
    "tier_reached",
    "ugc_consent",
    "ugc_request",
    "ugc_thanks",
    "ugc_thanks_private",
    "voucher_code",
    "voucher_email",
    "voucher_likes",
    "voucher_name",
    "voucher_none",
    "voucher_reminder",
    "voucher_why",
    "win_back",
    "win_back_picks",
    "win_back_sorry",
    "win_back_thanks",
    "wishlist_reminder",
}
TEMPLATE = """\
name: order_shipped
locale: en
purpose: order
variables:
  order: {value: "{{ order.name }}", example: "#1001"}
whatsapp:
  category: UTILITY
  body: "Your order {{order}} is on its way to you."
email:
  subject: "{{ order.name }}"
  preheader: It is on its way
  heading: On its way
  blocks:
    - text: "{{ order.items_line }}"
"""


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a template file and returns its path."""

    def write_template(text: str, name: str = "order_shipped", locale: str = "en") -> Path:
        path = tmp_path / name / f"{locale}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_template


def test_every_message_exists_in_every_language() -> None:
    found = {(template.name, template.locale) for template in load_templates()}
    assert found == {(name, language) for name in NAMES for language in LANGUAGES}


def test_every_journey_says_what_the_catalogue_has() -> None:
    from okaeri.domain.journeys import AskStep, SendStep

    sent = {
        step.template for journey in load_journeys() for step in journey.steps if isinstance(step, SendStep | AskStep)
    }
    assert sent
    assert sent <= NAMES


def test_every_language_has_the_same_words() -> None:
    english = load_words("en")
    for language in LANGUAGES:
        words = load_words(language)
        assert words.keys() - OWN_DATES == english.keys()
        assert all(words.values())


def list_templates(language: str) -> list[Template]:
    return [template for template in load_templates() if template.locale == language]


@EACH_LANGUAGE
def test_every_message_says_how_to_reach_the_shop(language: str) -> None:
    waiting = ("stop_confirmed", "talk_menu", "talk_person", "talk_complaint", "ticket_follow_up_sorry")
    context = add_answer(make_context(language), Answered("Delivery time", "Two to four days."))
    assert list_templates(language)
    for template in list_templates(language):
        if template.chat and template.whatsapp is None:
            # Who is in a talk with the shop has reached it; where it waits for people, other ways are named.
            assert template.name not in waiting or "store.reach" in template.chat.body, template.name
        elif template.whatsapp:
            assert "{{contact}}" in template.whatsapp.body, template.name
        elif template.email:
            assert "help@linen.example" in render_email(template, context).text, template.name


@each_template(template for template in load_templates() if template.purpose == "marketing")
def test_marketing_says_who_writes_and_how_to_stop(template: Template) -> None:
    if template.whatsapp is None:
        assert template.chat, "what opens a talk is a template, only an answer in it is none"
        return
    assert "{{shop}}" in template.whatsapp.body
    assert template.whatsapp.footer
    *first, last = [button.payload for button in template.whatsapp.buttons]
    assert last == "STOP_MARKETING"
    # A link first, where there is one, then answers.
    assert all(read_answer(payload) for payload in (first[1:] if first[:1] == [None] else first))


@EACH_LANGUAGE
def test_a_word_that_a_message_offers_for_stopping_or_starting_is_understood(language: str) -> None:
    for template in list_templates(language):
        is_answer = template.name in ("stop_confirmed", "start_confirmed", "marketing_stopped")
        chat = template.chat.body if template.chat and is_answer else None
        said = chat or (template.whatsapp.footer if template.whatsapp else None) or ""
        words = {read_keyword(word) for word in re.findall(r"\w+", re.sub(r"{[{%].*?[}%]}", "", said))} - {None}
        offered = "start" if template.name == "stop_confirmed" else "stop"
        assert words == ({offered} if said else set()), template.name


def test_a_template_compiles_and_survives_the_table(write: Write) -> None:
    template = compile_template(write(TEMPLATE))
    assert Template.model_validate_json(template.model_dump_json(by_alias=True)) == template
    assert template.meta_name == "order_shipped_v1"


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("purpose: order", "purpose: news", 3, "purpose: "),
        ("purpose: order", "purpos: order", 1, "purpose: Field required"),
        ("purpose: order", "purpose: order\nvalid_til: P1D", 4, "valid_til: unknown field"),
        ("  body:", "  foter: Bye\n  body:", 8, "whatsapp.foter: unknown field"),
        ('example: "#1001"}', 'example: "#1001", exmple: x}', 5, "variables.order.exmple: unknown field"),
        ("purpose: order", "purpose: order\npurpose: order", 4, "given twice"),
        ("name: order_shipped", "name: other", 1, "Write order_shipped"),
        ("category: UTILITY", "category: MARKETING", 7, "does not fit the purpose"),
        ("Your order {{order}}", "Your {{ordr}} {{order}}", 8, "`ordr` is not defined"),
        ("Your order {{order}} is on its way to you.", "Your order is on its way.", 5, "not used"),
        ("Your order {{order}} is on its way to you.", "{{order}} is on its way.", 8, "at the start or the end"),
        ("Your order {{order}} is on its way to you.", "It is on its way: {{order}}.", 8, "at the start or the end"),
        ("{{order}} is on its way", "{{order}} {{order}} is on its way to you now", 8, "side by side"),
        ("Your order {{order}} is on its way to you.", "Order {{order}} left.", 8, "2 fixed words for 1 variables"),
        ("Your order {{order}}", "Hurry: your order {{order}}", 8, "`Hurry` is promotional"),
        ("Your order {{order}}", "Your order {{ order.name }} {{order}}", 8, "braces that are no variable"),
        ("Your order {{order}}", "Your order {{order}} " + "long " * 210, 8, "At most 1024"),
        ("{{ order.items_line }}", "{{ order.itemsline }}", 14, "`order.itemsline` is not a field"),
        ("{{ order.items_line }}", "{% if order.eta %}x", 14, "unexpected end of input"),
        ("- text: ", "- txt: ", 14, "Remove it, or check its spelling"),
        ('- text: "{{ order.items_line }}"', "- facts: [order, colour]", 14, "`colour` is not a fact"),
        ('example: "#1001"', 'example: ""', 5, "refuses the example"),
        ("email:", f"  footer: {'x' * 61}\nemail:", 9, "at most 60"),
        ("email:", f"  header: {'x' * 61}\nemail:", 9, "refuses the header"),
        ("email:", "  buttons:\n    - {type: url, text: Go}\nemail:", 10, "a url button needs `url`"),
        (
            "email:",
            "  buttons:\n    - {type: url, text: This label is far too long, url: 'https://x'}\nemail:",
            10,
            "refuses the label",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_a_fix(
    write: Write, before: str, after: str, line: int, words: str
) -> None:
    path = write(TEMPLATE.replace(before, after, 1))
    with pytest.raises(TemplatesInvalid) as found:
        compile_template(path)
    message = str(found.value)
    assert f"{path}:{line}: " in message
    assert "Fix: " in message
    assert words in message


def test_the_documentations_template_compiles_and_can_be_said(tmp_path: Path) -> None:
    text = re.findall(r"```yaml template\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)[0]
    path = tmp_path / "parcel_at_neighbour" / "en.yaml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    template = compile_template(path)
    assert "Where: Portland, OR" in render_whatsapp(template, make_context()).text
    assert "next door: order #1001" in render_email(template, make_context()).subject


def test_the_documentation_lists_every_field_and_fact() -> None:
    named = set(re.findall(r"`([a-z_.1-9]+)`", DOCUMENT.read_text("utf-8")))
    assert list_field_paths() <= named
    assert FACTS.keys() <= named
    assert EmailBlock.model_fields.keys() <= named


def test_a_text_that_is_not_yaml_names_its_line(write: Write) -> None:
    path = write("name: order_shipped\nlocale: {{ x }\n")
    with pytest.raises(TemplatesInvalid, match=r"en\.yaml:\d+: .*Fix: Quote"):
        compile_template(path)


def test_languages_of_one_message_take_the_same_variables(write: Write, tmp_path: Path) -> None:
    write(TEMPLATE)
    japanese = TEMPLATE.replace("locale: en", "locale: ja").replace("order: {value", "number: {value")
    write(japanese.replace("{{order}}", "{{number}}"), locale="ja")
    with pytest.raises(TemplatesInvalid, match=r"ja\.yaml:4: variables: differs from en"):
        compile_templates(tmp_path)
