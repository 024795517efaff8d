"""nps: one question, one tap; who would not recommend the shop gets a person, who would the way to a review."""

from __future__ import annotations

import pytest

from okaeri.domain.orders import ShipmentStatus
from tests.unit.journeys.asked import Survey, open_survey
from tests.world import BOTH_OPT_INS, MONDAY, ORDER_OPT_IN, make_cart


@pytest.fixture
def survey() -> Survey:
    """Three weeks and a day after an order arrived."""
    return open_survey("nps").deliver().wait(days=22)


def test_everybody_is_asked_with_ten_taps_on_each_channel(survey: Survey) -> None:
    assert survey.asked() == ["nps"]
    assert [row.text for row in survey.read(survey.find("nps")).list.rows] == [  # type: ignore[union-attr]  # a list it is
        *(str(score) for score in range(10, 1, -1)),
        "1 or 0",
    ]


@pytest.mark.parametrize("score", ["0", "1", "6"])
def test_who_would_not_recommend_the_shop_is_asked_why_and_gets_a_person(survey: Survey, score: str) -> None:
    survey.reply("1" if score == "0" else score, "nps")
    assert survey.asked()[-1] == "nps_why"
    survey.type("It took three weeks")
    assert survey.asked()[-1] == "survey_sorry"
    response = survey.response()
    assert (response.score, response.answers) == (max(int(score), 1), {"why": "It took three weeks"})
    ticket = survey.ticket()
    assert (ticket.queue, ticket.priority, ticket.order_id) == ("feedback", "high", "5001")
    assert ticket.data == {"score": str(max(int(score), 1)), "why": "It took three weeks"}


def test_the_ticket_is_due_in_the_hours_of_the_shop_and_holds_marketing_back() -> None:
    survey = open_survey("nps").deliver(opt_ins=BOTH_OPT_INS).wait(days=22).reply("3", "nps")
    survey.type("It was broken")
    due = survey.ticket().due
    assert due and due > survey.world.clock()
    survey.world.fill_cart(make_cart(updated_at=survey.world.clock()))
    survey.wait(days=3)
    assert not [name for name in survey.world.told() if name.startswith("cart_reminder")]


def test_who_does_not_say_why_gets_a_person_all_the_same(survey: Survey) -> None:
    survey.reply("2", "nps").type("skip")
    assert survey.asked()[-1] == "survey_sorry"
    assert survey.response().answers == {}
    assert survey.ticket().priority == "high"


@pytest.mark.parametrize("score", ["7", "8"])
def test_in_between_is_thanked(survey: Survey, score: str) -> None:
    survey.reply(score, "nps")
    assert survey.asked()[-1] == "survey_thanks"
    assert survey.response().score == int(score)
    assert not survey.world.records.tickets


@pytest.mark.parametrize("score", ["9", "10"])
def test_who_would_recommend_the_shop_is_shown_the_way_to_a_review_where_they_agreed_to_that(score: str) -> None:
    agreed = open_survey("nps").deliver(opt_ins=BOTH_OPT_INS).wait(days=22).reply(score, "nps").wait(days=1)
    assert agreed.asked()[-1] == "rating_thanks_good"
    other = open_survey("nps").deliver(opt_ins=(ORDER_OPT_IN,)).wait(days=22).reply(score, "nps").wait(days=1)
    assert other.asked()[-1] == "survey_thanks"


@pytest.mark.parametrize(
    ("words", "score"), [("10", 10), ("９", 9), ("0", 1), ("I'd say 9", 9), ("8!", 8), ("🔟", 10), ("7️⃣", 7)]
)
def test_a_typed_number_is_the_score_and_not_a_place_in_the_list(survey: Survey, words: str, score: int) -> None:
    survey.type(words)
    if score < 7:
        survey.type("skip")
    assert survey.response().score == score


def test_a_mail_answers_too_and_brings_an_honest_letter(survey: Survey) -> None:
    survey.press("4", "nps")
    assert survey.response().score == 4
    assert survey.ticket().queue == "feedback"
    assert [m.channel for m in survey.world.list_messages() if m.template == "survey_sorry"] == ["email"]


def test_nobody_is_asked_more_than_twice_a_year() -> None:
    survey = open_survey("nps")
    for number in range(6):
        survey.deliver(str(5001 + number)).wait(days=60)
    assert (survey.world.clock() - MONDAY).days >= 360
    assert survey.asked().count("nps") == 2


def test_who_has_sent_the_order_back_is_not_asked() -> None:
    survey = open_survey("nps").deliver().wait(days=3)
    survey.world.ship("5001", ShipmentStatus.RETURNED)
    assert survey.wait(days=30).asked() == []
