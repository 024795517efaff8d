"""A question's buttons: what they carry on WhatsApp, where they lead from an e-mail, and what a template may not do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okaeri.adapters.message_context import describe_learnt
from okaeri.adapters.message_words import TemplateWords
from okaeri.adapters.rendering import render_email, render_whatsapp
from okaeri.adapters.signed_links import AnswerTicket, read_answer, sign_answer, sign_link
from okaeri.catalogue.lint_templates import lint_languages, lint_template
from okaeri.domain.customers import Customer, Run, Waiting
from okaeri.domain.message_facts import MessageFacts
from okaeri.domain.templates import EmailAnswer, EmailBlock, EmailText, Links, Template, WhatsappButton, WhatsappText
from okaeri.domain.values import Channel
from okaeri.errors import GiveUp, RefuseRequest
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.fakes import FakeSecrets
from tests.unit.rendering_samples import CUSTOMER, STORE, make_context, make_message

SEED = "5eed" * 10
KEY = "a-long-random-key"
TICKET = AnswerTicket("c1", SEED, "great", "😍 気に入っています", "ja", 1_795_000_000)


def make_question(**changes: Any) -> Template:
    labels = {"great": "😍 Love it", "bad": "🙁 Not good"}
    values: dict[str, Any] = {
        "name": "question",
        "locale": "en",
        "purpose": "order",
        "whatsapp": WhatsappText(
            category="UTILITY",
            body="How is it?",
            buttons=tuple(
                WhatsappButton(type="quick_reply", text=text, payload=f"ANSWER:{name}") for name, text in labels.items()
            ),
        ),
        "email": EmailText(
            subject="How is it?",
            preheader="One tap",
            heading="How is it?",
            blocks=(EmailBlock(answers=tuple(EmailAnswer(answer=name, text=text) for name, text in labels.items())),),
        ),
    }
    return Template(**values | changes)


def ask() -> dict[str, Any]:
    """The context of a message that asks."""
    context = make_context("en")
    links = Links(
        sign=lambda url: "signed",
        answer=lambda name, text: f"https://api.example/a/{name}?{len(text)}",
        question=SEED,
    )
    return context | {"links": links}


def test_a_quick_reply_names_the_question_and_the_answer() -> None:
    content = render_whatsapp(make_question(), ask())
    assert [button.value for button in content.buttons] == [f"ANSWER:{SEED}:great", f"ANSWER:{SEED}:bad"]
    assert all(len(button.value) <= 128 for button in content.buttons)  # facts: WhatsApp §3


def test_an_email_has_a_button_for_each_answer_and_its_text_part_a_line() -> None:
    content = render_email(make_question(), ask())
    assert re.findall(r'href="(https://api\.example/a/[^"]+)"[^>]*>([^<]+)<', content.html) == [
        ("https://api.example/a/great?9", "😍 Love it"),
        ("https://api.example/a/bad?10", "🙁 Not good"),
    ]
    assert "🙁 Not good:\nhttps://api.example/a/bad?10" in content.text


def test_a_template_knows_its_answers() -> None:
    assert make_question().answers == {"whatsapp": ("great", "bad"), "email": ("great", "bad")}
    assert make_question(whatsapp=None).answers == {"email": ("great", "bad")}


def list_problems(template: Template) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in lint_template(template)]


def make_mail(*answers: tuple[str, str]) -> EmailText:
    blocks = (EmailBlock(answers=tuple(EmailAnswer(answer=name, text=text) for name, text in answers)),)
    return EmailText(subject="How is it?", preheader="One tap", heading="How is it?", blocks=blocks)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"email": make_mail(("bad", "No"), ("great", "Yes"))}, "other answers than on WhatsApp"),
        ({"email": make_mail(("great", "Yes"))}, "other answers than on WhatsApp"),
        ({"email": EmailText(subject="a", preheader="b", heading="c", blocks=())}, "one of the channels offers no"),
        ({"whatsapp": None, "email": make_mail(("a", "Yes"), ("a", "No"))}, "an answer is offered twice"),
        ({"whatsapp": None, "email": make_mail(("Great!", "Yes"))}, "`Great!` is no answer's name"),
        ({"whatsapp": None, "email": make_mail(("great", "x" * 26))}, "does not fit a button"),
        ({"whatsapp": None, "email": make_mail(("great", "{{ order.nam }}"))}, "`order.nam` is not a field"),
    ],
)
def test_the_same_answers_stand_on_both_channels(changes: dict[str, Any], problem: str | None) -> None:
    found = list_problems(make_question(**changes))
    assert [problem in line for line in found] == [True] if problem else found == []


def test_the_languages_offer_the_same_answers() -> None:
    other = make_question(locale="de", whatsapp=None, email=make_mail(("great", "Ja"), ("fine", "Geht so")))
    [(place, problem)] = lint_languages([other, make_question(whatsapp=None)])
    assert (place, problem.where) == (("question", "en"), "answers")


# ── What a run has learnt ──


def test_a_template_names_what_its_run_has_learnt() -> None:
    learnt = describe_learnt({"coupon.thanks": "MERCI-7", "answer.rating": "bad", "call.crm.level": "gold", "odd": "x"})
    told = {root: values for root, values in learnt.items() if values}
    assert told == {"answer": {"rating": "bad"}, "coupon": {"thanks": "MERCI-7"}, "call": {"crm": {"level": "gold"}}}
    blocks = (EmailBlock(text="Your code: {{ coupon.thanks }}{% if call.crm.level == 'gold' %}, gold{% endif %}."),)
    template = make_question(
        purpose="marketing",
        whatsapp=None,
        email=EmailText(subject="Thanks", preheader="A code", heading="Thanks", blocks=blocks),
    )
    assert list_problems(template) == []
    assert "Your code: MERCI-7, gold." in render_email(template, ask() | learnt).text
    with pytest.raises(GiveUp, match="coupon"):
        render_email(template, ask() | describe_learnt({}))


def test_names_that_no_run_can_learn_are_refused() -> None:
    blocks = (EmailBlock(text="{{ coupon }} {{ coupon.a.b }} {{ call.crm }} {{ tags.x }}"),)
    template = make_question(
        purpose="marketing", whatsapp=None, email=EmailText(subject="a", preheader="b", heading="c", blocks=blocks)
    )
    assert len(list_problems(template)) == 4


# ── The links ──


def test_an_answers_link_says_whose_it_is_and_what_its_button_said() -> None:
    token = sign_answer("linen", TICKET, KEY)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", token) and len(token) < 400
    assert read_answer(token, KEY) == TICKET


@pytest.mark.parametrize(
    "token",
    [
        sign_answer("linen", TICKET, "another-key"),
        sign_answer("other", TICKET, KEY).replace("other.", "linen.", 1),
        sign_link("linen", "https://shop.example", KEY),
        sign_answer("linen", TICKET, KEY)[:-1],
        "linen.",
    ],
)
def test_nobody_can_make_an_answer_up(token: str) -> None:
    with pytest.raises(RefuseRequest):
        read_answer(token, KEY)


@pytest.mark.parametrize("ahead_s", [0, 86_400 * 8])
def test_a_link_answers_as_long_as_its_run_waits(ahead_s: int) -> None:
    """In real time: a customer whose clock runs ahead (on a laptop) has the same five days."""
    real_now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    now = real_now + timedelta(seconds=ahead_s)
    run = Run(
        journey="product-rating", definition="d" * 40, key="5001", step=2, started_at=now,
        waiting=Waiting(due=now + timedelta(days=5), events=("message.answered",)),
    )  # fmt: skip
    asked = make_message("en", "question").model_copy(
        update={"run_id": run.make_id(CUSTOMER.store_id), "seed": SEED, "channel": Channel.EMAIL}
    )
    words = TemplateWords(
        FakeSecrets({f"stores/{STORE.store_id}/links": {"key": KEY}}),
        MemoryKnowledge(MemoryStores(STORE)),
        public_url="https://api.example",
    )

    def read_links(customer: Customer) -> list[AnswerTicket]:
        facts = MessageFacts(asked, STORE, customer, order=None, cart=None, now=now)
        content, unsubscribe_url = words.say_by_email(facts, make_question())
        assert unsubscribe_url == ""
        return [read_answer(token, KEY) for token in re.findall(r'href="https://api\.example/a/([^"]+)"', content.html)]

    waiting = CUSTOMER.model_copy(update={"runs": (run,), "ahead_s": float(ahead_s)})
    tickets = read_links(waiting)
    assert [(t.question, t.answer, t.text) for t in tickets] == [
        (SEED, "great", "😍 Love it"),
        (SEED, "bad", "🙁 Not good"),
    ]
    assert {t.until for t in tickets} == {int((real_now + timedelta(days=5)).timestamp())}
    gone = waiting.model_copy(update={"runs": ()})
    assert {t.until for t in read_links(gone)} == {int((real_now + timedelta(days=30)).timestamp())}
