"""A survey on one page: all its questions where the mail leads to, answered at once, and not asked again."""

from __future__ import annotations

import pytest

from okaeri.domain.pages import PageKind
from okaeri.domain.templates import EmailBlock, EmailButton
from tests.unit.journeys.asked import Survey, open_survey
from tests.unit.journeys.paper import Fields, Paper
from tests.world import make_order

LANGUAGES = ("ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR")


def open_delivery(locale: str = "en") -> tuple[Survey, Paper]:
    survey = open_survey("survey-delivery").deliver(opt_ins=()).wait(days=4)
    assert survey.asked() == ["survey_delivery"]
    return survey, Paper(survey, locale)


# -- what the page shows ----------------------------------------------------------------------------------------------


def test_the_page_has_all_questions_and_the_tapped_answer_is_chosen() -> None:
    _, paper = open_delivery()
    good, _, bad = paper.list_links("survey_delivery")[:3]
    page = paper.open(good)
    assert page.page is PageKind.QUESTIONS
    assert page.questions is not None
    told = {question.ask: question.after for question in page.questions.questions}
    assert told == {"went": (), "better": (("went", "good"),), "what": (("went", "bad"), ("went", "fair"))}
    fields = Fields(paper.render(page))
    assert fields.chosen == {"answer.went": "good"}
    assert set(fields.names) == {"answer.went", "words.better", "answer.what", "words.what"}
    assert Fields(paper.render(paper.open(bad))).chosen == {"answer.went": "bad"}


def test_a_mail_without_answers_leads_to_the_page_by_a_button() -> None:
    survey, paper = open_delivery()
    button = EmailButton(text="Answer", url="{{ message.questions_url }}")
    [token] = paper.list_links("survey_delivery", EmailBlock(button=button))
    page = paper.open(token)
    assert page.page is PageKind.QUESTIONS and Fields(paper.render(page)).chosen == {}
    assert paper.post(token, "choice=answer").page is PageKind.QUESTIONS  # it names none
    assert paper.send(token, went="good").page is PageKind.THANKED
    assert survey.response().answers == {"went": "good"}


def test_opening_it_changes_nothing() -> None:
    survey, paper = open_delivery()
    before = survey.world.customer()
    for token in paper.list_links("survey_delivery"):
        paper.open(token)
    assert paper.list_sent() == []
    assert survey.world.customer() == before


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize(("name", "days"), [("survey-delivery", 4), ("survey-product", 16), ("nps", 23)])
def test_every_question_is_worded_in_each_language(name: str, days: int, locale: str) -> None:
    survey = open_survey(name).deliver(opt_ins=()).wait(days=days)
    paper = Paper(survey, locale)
    template = survey.world.list_messages()[-1].template
    answer = paper.open(paper.list_links(template)[-2])
    html = paper.render(answer)
    assert answer.questions is not None and len(answer.questions.questions) >= 2
    assert "{{" not in html and "{answers}" not in html
    assert f'lang="{locale.replace("_", "-")}"' in html
    for question in answer.questions.questions:
        assert question.text and "2 of 2" not in question.text
        assert all(answer.text for answer in question.answers)
        assert "skip" not in {answer.name for answer in question.answers}


def test_a_score_is_a_scale_and_only_the_unhappy_are_asked_why() -> None:
    survey = open_survey("nps").deliver(opt_ins=()).wait(days=23)
    paper = Paper(survey)
    page = paper.open(paper.list_links("nps")[0])
    assert page.questions is not None
    score, why = page.questions.questions
    assert score.is_scale and score.chosen == "10"
    assert {answer for _, answer in why.after} == {"1", "2", "3", "4", "5", "6"}
    assert why.takes_words and not why.answers


def test_one_question_alone_stays_one_tap() -> None:
    survey = open_survey("product-rating").deliver(opt_ins=()).wait(days=9)
    paper = Paper(survey)
    token = paper.list_links("rating_request")[2]
    assert paper.open(token).page is PageKind.ANSWER
    assert paper.post(token, "choice=answer").page is PageKind.ANSWERED
    assert survey.asked()[-1] == "rating_thanks_bad"
    assert paper.open(token).page is PageKind.FINISHED


# -- what becomes of the answers --------------------------------------------------------------------------------------


def test_the_answers_take_the_run_to_its_end_without_another_word() -> None:
    survey, paper = open_delivery()
    token = paper.list_links("survey_delivery")[0]
    assert paper.send(token, went="good", better_words="  Less plastic,\r\nplease ").page is PageKind.THANKED
    assert survey.response().answers == {"went": "good", "better": "Less plastic,\nplease"}
    decided = [record.data for record in survey.world.records.decisions.values()]
    assert not any("Less plastic" in value for data in decided for value in data.values())  # kept with the response
    assert survey.wait(days=30).asked() == ["survey_delivery"]
    assert not survey.world.customer().runs


def test_who_is_not_content_gets_a_person_who_knows_why() -> None:
    survey, paper = open_delivery()
    paper.send(paper.list_links("survey_delivery")[0], went="bad", what="damaged", what_words="ignored: not tapped")
    assert survey.response().answers == {"went": "bad", "what": "damaged"}
    assert (survey.ticket().queue, survey.ticket().data) == ("feedback", {"what": "damaged"})
    assert survey.asked() == ["survey_delivery", "survey_sorry"]


def test_what_it_was_may_be_written() -> None:
    survey, paper = open_delivery()
    token = paper.list_links("survey_delivery")[1]
    paper.send(token, went="fair", what="words.", what_words="The box was far too big")
    assert survey.response().answers == {"went": "fair", "what": "The box was far too big"}


def test_only_the_first_question_has_to_be_answered() -> None:
    survey, paper = open_delivery()
    token = paper.list_links("survey_delivery")[1]
    again = paper.send(token, better_words="Nothing")
    assert (again.status, again.page) == (422, PageKind.QUESTIONS)
    html = paper.render(again)
    assert 'role="alert"' in html and ">Nothing</textarea>" in html
    assert paper.list_sent() == []
    assert paper.send(token, went="fair").page is PageKind.THANKED
    assert survey.response().answers == {"went": "fair"}


def test_answers_that_there_are_not_are_none() -> None:
    _, paper = open_delivery()
    token = paper.list_links("survey_delivery")[0]
    assert paper.send(token, went="splendid").page is PageKind.QUESTIONS
    assert paper.list_sent() == []


def test_sent_twice_is_once_and_the_first_counts() -> None:
    survey, paper = open_delivery()
    token = paper.list_links("survey_delivery")[0]
    paper.send(token, went="bad", what="slow")
    [first] = paper.list_sent()
    survey.world.give(first, redelivered=True)
    late = first.model_copy(update={"evidence": first.evidence.model_copy(update={"answers": {"went": "good"}})})
    survey.world.give(late)  # on another device, before the page knew
    assert survey.response().answers == {"went": "bad", "what": "slow"}
    assert len(survey.world.records.tickets) == 1
    assert paper.send(token, went="good").page is PageKind.FINISHED
    assert paper.open(token).page is PageKind.FINISHED


def test_the_link_is_over_with_the_question_s_time() -> None:
    survey, paper = open_delivery()
    token = paper.list_links("survey_delivery")[0]
    survey.wait(days=6)
    assert paper.open(token).page is PageKind.CLOSED
    assert paper.send(token, went="good").page is PageKind.CLOSED
    assert paper.list_sent() == []


def test_a_bad_score_brings_a_person_and_a_good_one_its_way() -> None:
    survey = open_survey("nps").deliver(opt_ins=()).wait(days=23)
    paper = Paper(survey)
    paper.send(paper.list_links("nps")[0], score="3", why_words="It came late")
    assert survey.response().score == 3
    assert survey.ticket().data == {"score": "3", "why": "It came late"}


def test_the_other_question_is_ignored_where_the_answer_led_elsewhere() -> None:
    survey, paper = open_delivery()
    paper.send(paper.list_links("survey_delivery")[0], went="good", what="slow", better_words="Fine")
    assert survey.response().answers == {"went": "good", "better": "Fine"}
    assert not survey.world.records.tickets


# -- the chat meanwhile -----------------------------------------------------------------------------------------------


def test_what_was_answered_in_the_chat_meanwhile_is_not_on_the_page() -> None:
    survey, paper = open_delivery()
    token = paper.list_links("survey_delivery")[0]
    survey.world.order(make_order("5002", created_at=survey.world.clock()))  # with a number, and the opt-in
    survey.world.talk("Hello")
    survey.reply("bad", "survey_delivery")
    assert survey.asked()[-1] == "survey_delivery_what"
    page = paper.open(token)
    assert page.page is PageKind.QUESTIONS and page.questions is not None
    assert [question.ask for question in page.questions.questions] == ["what"]
    assert Fields(paper.render(page)).chosen == {}
    assert paper.send(token, what="slow").page is PageKind.THANKED
    assert survey.response().answers == {"went": "bad", "what": "slow"}
    assert survey.asked().count("survey_delivery_what") == 1
