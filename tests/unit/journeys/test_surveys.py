"""The ready surveys: two short questions at most, the second one in the chat alone, a person for who is not content."""

from __future__ import annotations

import pytest

from tests.unit.journeys.asked import Survey, open_survey
from tests.world import make_order


def open_delivery() -> Survey:
    return open_survey("survey-delivery").deliver().wait(days=4)


def open_product() -> Survey:
    return open_survey("survey-product").deliver().wait(days=16)


# -- buying and delivery ----------------------------------------------------------------------------------------------


def test_two_days_after_delivery_it_is_asked_how_it_went() -> None:
    survey = open_survey("survey-delivery").deliver().wait(days=1)
    assert survey.asked() == []
    assert survey.wait(days=3).asked() == ["survey_delivery"]


def test_who_is_content_may_say_what_could_be_better() -> None:
    survey = open_delivery().reply("good", "survey_delivery")
    assert survey.text().startswith("2 of 2")
    survey.type("Less plastic please")
    assert survey.response().answers == {"went": "good", "better": "Less plastic please"}
    assert survey.asked() == ["survey_delivery", "survey_better", "survey_thanks"]
    assert not survey.world.records.tickets


def test_who_is_not_says_what_it_was_and_gets_a_person() -> None:
    survey = open_delivery().reply("bad", "survey_delivery").tap("Something was damaged")
    assert survey.response().answers == {"went": "bad", "what": "damaged"}
    assert (survey.ticket().queue, survey.ticket().data) == ("feedback", {"what": "damaged"})
    assert survey.asked()[-1] == "survey_sorry"
    assert "by" in survey.text()


def test_what_it_was_may_be_said_in_own_words() -> None:
    survey = open_delivery().reply("fair", "survey_delivery").type("The box was far too big")
    assert survey.response().answers == {"went": "fair", "what": "The box was far too big"}
    assert survey.asked()[-1] == "survey_thanks"


def test_skipping_the_second_question_keeps_the_first_answer() -> None:
    survey = open_delivery().reply("good", "survey_delivery").tap("Skip")
    assert survey.response().answers["went"] == "good"
    assert survey.asked()[-1] == "survey_thanks"


def test_by_mail_one_tap_is_all() -> None:
    survey = open_delivery().press("good", "survey_delivery").wait(days=5)
    assert survey.response().answers == {"went": "good"}
    assert survey.asked() == ["survey_delivery"]


def test_by_mail_who_is_not_content_gets_an_honest_letter() -> None:
    survey = open_delivery().press("bad", "survey_delivery")
    assert survey.asked() == ["survey_delivery", "survey_sorry"]
    assert survey.ticket().priority == "high"


def test_who_does_not_answer_is_left_alone() -> None:
    survey = open_delivery().wait(days=60)
    assert survey.asked() == ["survey_delivery"]
    assert not survey.world.records.responses


# -- the product ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "label", "kept"),
    [
        ("expected", "How it is made", {"expected": "expected", "best": "quality"}),
        ("partly", "It looks different", {"expected": "partly", "what": "look"}),
    ],
)
def test_the_second_question_follows_the_first_answer(answer: str, label: str, kept: dict[str, str]) -> None:
    survey = open_product().reply(answer, "survey_product").tap(label)
    assert survey.response().answers == kept
    assert survey.asked()[-1] == "survey_thanks"


def test_a_product_that_disappoints_brings_a_person() -> None:
    survey = open_product().reply("disappointed", "survey_product").tap("Broken or faulty")
    assert survey.ticket().data == {"what": "faulty"}
    assert survey.asked()[-1] == "survey_sorry"


# -- the conversation -------------------------------------------------------------------------------------------------


def open_conversation() -> Survey:
    """Aiko asked for a person, and the question is solved."""
    survey = open_survey("survey-conversation")
    survey.world.order(make_order())
    survey.do("person")
    survey.solve(survey.ticket())
    return survey


def test_once_it_is_solved_it_is_asked_how_the_help_was() -> None:
    survey = open_conversation()
    assert survey.asked() == []
    survey.wait(hours=3)
    assert survey.asked() == ["survey_conversation"]
    survey.tap("👍 Good").type("Nothing, you were quick")
    assert survey.response().answers == {"help": "good", "better": "Nothing, you were quick"}


def test_who_asks_again_meanwhile_is_not_asked() -> None:
    survey = open_conversation()
    survey.do("person").wait(hours=3)
    assert survey.asked() == []


def test_help_that_was_not_good_brings_a_person_again() -> None:
    survey = open_conversation()
    survey.wait(hours=3)
    survey.tap("👎 Not good").type("Nobody read what I wrote")
    tickets = sorted(survey.world.records.tickets.values(), key=lambda ticket: ticket.opened_at)
    assert (tickets[-1].queue, tickets[-1].data) == ("feedback", {"better": "Nobody read what I wrote"})
    survey.solve(tickets[-1]).wait(days=3)
    assert survey.asked().count("survey_conversation") == 1  # no circle


# -- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["survey-delivery", "survey-product"])
def test_a_customer_is_not_asked_again_within_the_gap(name: str) -> None:
    survey = open_survey(name).deliver().wait(days=16).deliver("5002").wait(days=16)
    assert len(survey.asked()) == 1


@pytest.mark.parametrize("name", ["product-rating"])
def test_none_asks_before_the_shop_wants_it(name: str) -> None:
    survey = open_survey(name).deliver().wait(days=40)
    assert survey.asked() == ["rating_request"]
