"""Greetings, what is not understood, common questions, language, what is received, and signing up."""

from __future__ import annotations

import pytest

from okaeri.domain.conversations import ConversationState
from okaeri.domain.interpretations import UNKNOWN, Guess, Interpretation
from okaeri.domain.stores import Contact, Store
from tests.talks import Talk
from tests.world import BOTH_OPT_INS, World, load_catalogue, make_order, make_store

MEANT = Interpretation(Guess(UNKNOWN, 0), (Guess("order_status", 55), Guess("faq", 50, "refund_when")))


class Guessing:
    """Is not sure of anything."""

    def interpret(self, text: str, store: Store, *, locale: str | None) -> Interpretation:
        return MEANT


@pytest.fixture
def talk() -> Talk:
    """A shop that says how it is reached; its questions have Japanese titles, as Aiko speaks Japanese."""
    return Talk(World(store=make_store(load_catalogue(), contact=Contact(email="hello@kinari.example"))))


def test_who_greets_is_greeted_by_name_with_a_menu_that_whatsapp_takes(talk: Talk) -> None:
    talk.world.order(make_order())
    talk.do("greeting")
    assert talk.told() == ["talk_menu"]
    assert talk.text().startswith("Hi ")
    assert "愛子" in talk.text()
    menu = talk.read().list
    assert menu and len(menu.rows) <= 10


@pytest.mark.parametrize(
    ("row", "template"),
    [
        ("Where is my order?", "talk_order_getting_ready"),
        ("Change or cancel", "talk_change_what"),
        ("Return or exchange", "talk_return_too_early"),
        ("Invoice", "talk_invoice_sent"),
        ("Common questions", "talk_faq_list"),
        ("How to reach us", "talk_faq"),
        ("Language", "talk_language"),
        ("What I receive here", "talk_preferences_orders"),
        ("Talk to a person", "talk_person"),
    ],
)
def test_each_row_of_the_menu_leads_somewhere(talk: Talk, row: str, template: str) -> None:
    talk.world.order(make_order())
    talk.do("menu").tap(row)
    assert talk.told() == ["talk_menu", template]
    assert talk.text()


def test_a_thank_you_gets_one_word_and_no_menu(talk: Talk) -> None:
    talk.do("thanks")
    assert talk.told() == ["talk_thanks"]
    assert not talk.labels()


def test_what_may_have_been_meant_is_one_tap_away() -> None:
    talk = Talk(World(interpreter=Guessing()))
    talk.world.order(make_order())
    talk.type("ordr muny")
    assert talk.told() == ["talk_did_you_mean"]
    assert talk.labels() == ["Where is my order?", "返金はいつ？", "Talk to a person"]
    talk.tap("Where is my order?")
    assert talk.told()[-1] == "talk_order_getting_ready"


def test_the_second_time_nothing_is_understood_a_person_is_offered_first() -> None:
    talk = Talk(World(interpreter=Guessing()))
    talk.type("ordr muny").type("asdf")
    assert talk.told() == ["talk_did_you_mean", "talk_unknown"]
    assert talk.labels() == ["Talk to a person", "Show the menu"]


@pytest.mark.parametrize(
    ("kind", "template"), [("audio", "talk_voice"), ("image", "talk_media"), ("unsupported", "talk_unknown")]
)
def test_what_is_no_text_gets_a_fitting_answer(talk: Talk, kind: str, template: str) -> None:
    talk.send(kind)
    assert talk.told() == [template]


def test_an_old_button_says_so_and_offers_the_menu(talk: Talk) -> None:
    talk.world.write("Yes", payload="ANSWER:0123456789abcdef:yes")
    assert talk.told() == ["talk_stale"]


def test_an_answer_that_helped_ends_it_with_a_warm_word(talk: Talk) -> None:
    talk.do("faq:refund_when")
    assert "A refund goes back the way you paid." in talk.text()
    talk.tap("Yes, thanks")
    assert talk.told() == ["talk_faq", "talk_thanks"]


def test_an_answer_that_did_not_help_brings_a_person(talk: Talk) -> None:
    talk.do("faq:refund_when").tap("Not quite")
    assert talk.told() == ["talk_faq", "talk_person"]
    assert talk.state() is ConversationState.WAITING
    assert talk.ticket().data["question"] == "refund_when"


def test_a_question_to_which_nobody_knows_the_answer_is_not_answered(talk: Talk) -> None:
    talk.do("faq:sizes")
    assert talk.told() == ["talk_faq_unknown"]
    talk.tap("Yes, please")
    assert talk.told()[-1] == "talk_person"


def test_a_question_may_be_chosen_from_the_list(talk: Talk) -> None:
    talk.do("faq").tap("返金はいつ？")
    assert talk.told() == ["talk_faq_list", "talk_faq"]


def test_another_language_is_spoken_from_now_on(talk: Talk) -> None:
    talk.do("language")
    assert "English" in talk.labels()
    talk.answer("en", "English")
    assert talk.told() == ["talk_language", "talk_language_done"]
    assert talk.world.customer().asked_locale == "en"
    assert talk.last().locale == "en"


def test_who_wants_news_no_more_keeps_hearing_of_orders(talk: Talk) -> None:
    talk.world.order(make_order(opt_ins=BOTH_OPT_INS))
    talk.do("preferences").tap("Only my orders")
    assert talk.world.told("whatsapp")[-1] == "marketing_stopped"
    consents = talk.world.customer().consents
    assert not consents["whatsapp:marketing"].given
    assert "whatsapp:all" not in consents


def test_who_wants_nothing_gets_one_confirmation_and_nothing_after_it(talk: Talk) -> None:
    talk.do("preferences").tap("Nothing at all")
    assert talk.world.told("whatsapp")[-1] == "stop_confirmed"
    assert not talk.world.customer().consents["whatsapp:all"].given
    talk.world.order(make_order())
    assert talk.world.told("whatsapp")[-1] == "stop_confirmed"


def test_news_may_be_agreed_to_with_one_tap(talk: Talk) -> None:
    talk.do("preferences").tap("News too")
    assert talk.told()[-1] == "talk_subscribed"
    assert talk.world.customer().consents["whatsapp:marketing"].counts


def test_signing_up_keeps_the_yes_with_its_proof_and_asks_for_what_may_be_skipped(talk: Talk) -> None:
    talk.do("subscribe").tap("Yes, please")
    [entry] = [entry for entry in talk.world.records.consents.values() if entry.purpose == "marketing"]
    assert entry.given
    assert entry.wording == "Yes, please"
    assert entry.proof["provider_message"].startswith("wamid.")
    asked = talk.world.messages.messages["kinari", entry.customer_id, entry.proof["message"]]
    assert asked.template == "talk_subscribe"
    talk.type("Aiko").tap("Skip").type("linen and tea")
    assert talk.told() == [
        "talk_subscribe",
        "talk_subscribe_name",
        "talk_subscribe_city",
        "talk_subscribe_interests",
        "talk_subscribed",
    ]
    customer = talk.world.customer()
    assert customer.first_name == "Aiko"
    assert customer.attributes == {"interests": "linen and tea"}


def test_who_says_no_is_not_signed_up(talk: Talk) -> None:
    talk.do("subscribe").tap("No, thank you")
    assert talk.told() == ["talk_subscribe", "talk_all_right"]
    assert "whatsapp:marketing" not in talk.world.customer().consents


def test_who_is_signed_up_is_told_so(talk: Talk) -> None:
    talk.world.order(make_order(opt_ins=BOTH_OPT_INS))
    talk.do("subscribe")
    assert talk.told() == ["talk_subscribed_already"]
