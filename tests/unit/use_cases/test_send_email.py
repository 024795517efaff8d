"""Saying a decided message by e-mail."""

from __future__ import annotations

from datetime import timedelta

from okaeri.domain.customers import Consent
from okaeri.domain.messages import MessageRefs, MessageState
from okaeri.domain.records import Ticket
from okaeri.domain.values import Channel, Purpose
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from tests.fakes import START
from tests.unit.use_cases.speaking import EMAIL, Speaking


def test_an_e_mail_goes_out_once() -> None:
    world = Speaking()
    message = world.decide(channel=Channel.EMAIL)
    world.give(message)
    sent = world.give(message)
    assert (sent.state, sent.address) == (MessageState.ACCEPTED, EMAIL)
    [request] = world.email.sent
    assert (request["unsubscribe_url"], request["key"].message_id) == ("", "m1")


def test_marketing_carries_its_way_out() -> None:
    world = Speaking()
    world.give(world.decide(channel=Channel.EMAIL, purpose=Purpose.MARKETING))
    assert world.email.sent[0]["unsubscribe_url"] == "https://kinari.example/u/1"


def test_how_it_looks_is_noted_with_the_message() -> None:
    world = Speaking()
    assert world.give(world.decide(channel=Channel.EMAIL)).format == "text"


def test_marketing_without_consent_is_not_said() -> None:
    world = Speaking()
    world.change_customer(consents={"email:marketing": Consent(given=False, at=START, source="unsubscribe page")})
    message = world.give(world.decide(channel=Channel.EMAIL, purpose=Purpose.MARKETING))
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "no_marketing_consent")
    assert world.email.sent == []


def test_nothing_more_goes_to_an_address_that_bounced() -> None:
    world = Speaking()
    world.change_customer(dead_addresses={f"email:{EMAIL}": "bounced"})
    assert world.give(world.decide(channel=Channel.EMAIL)).reason == "email_bounced"


def test_an_accepted_e_mail_is_not_doubted() -> None:
    world = Speaking()
    world.give(world.decide(channel=Channel.EMAIL, fallback=(Channel.WHATSAPP,)))
    assert world.checks == []


def test_a_lost_answer_of_ses_is_not_a_second_e_mail() -> None:
    world = Speaking()
    world.email.answers = [AnswerLost("ses_answer_lost")]
    message = world.give(world.decide(channel=Channel.EMAIL))
    assert world.give(message).state is MessageState.UNCONFIRMED
    assert len(world.email.sent) == 1


def test_a_reminder_that_stands_in_for_another_channel_at_night_waits_for_the_morning() -> None:
    world = Speaking()
    at_night = world.later(hours=11)
    changes = {"channel": Channel.EMAIL, "purpose": Purpose.MARKETING, "state_at": at_night}
    message = world.give(world.decide(**changes, stands_in=True))
    assert (message.state, message.reason) == (MessageState.PARKED, "outside_hours")
    assert world.give(world.decide(**changes, message_id="m2")).state is MessageState.ACCEPTED


def test_the_sandbox_parks_order_mails_until_a_person_acts() -> None:
    world = Speaking()
    world.email.answers = [StopSender("ses_not_verified", until_s=3600)]
    message = world.give(world.decide(channel=Channel.EMAIL))
    assert (message.state, message.parked_until) == (MessageState.PARKED, START + timedelta(hours=1))


def test_throttling_is_tried_again_and_a_rejection_is_not() -> None:
    world = Speaking()
    world.email.answers = [TryAgain("ses_too_many_requests"), GiveUp("ses_message_rejected")]
    first = world.give(world.decide(channel=Channel.EMAIL))
    assert (first.state, first.attempt) == (MessageState.QUEUED, 1)
    assert world.give(first).state is MessageState.FAILED
    assert world.outcomes == [("failed", "ses_message_rejected")]


def test_a_template_that_was_never_published_is_told_not_swallowed() -> None:
    world = Speaking()
    world.templates.templates.clear()
    assert world.give(world.decide(channel=Channel.EMAIL)).reason == "template_missing"
    assert world.outcomes == [("failed", "template_missing")]


def test_an_answer_of_the_shops_people_asks_to_be_answered_at_its_ticket() -> None:
    world = Speaking()
    ticket = Ticket(
        store_id="s1",
        ticket_id="t1",
        customer_id="c1",
        queue="conversation",
        opened_at=START,
        data={"letter_id": "letter-1@example.jp"},
    )
    world.records.put_ticket(ticket)
    world.give(world.decide(channel=Channel.EMAIL, refs=MessageRefs(ticket_id="t1")))
    content = world.email.sent[0]["content"]
    assert (content.reply_to, content.in_reply_to) == ("s1.t1@in.example", "letter-1@example.jp")
    assert content.references == ("t1@in.example", "letter-1@example.jp")


def test_a_question_for_a_photo_asks_to_be_answered_at_an_address_of_its_own() -> None:
    world = Speaking()
    world.give(world.decide(channel=Channel.EMAIL, takes_files=True, seed="5eed"))
    content = world.email.sent[0]["content"]
    assert (content.reply_to, content.in_reply_to, content.references) == ("s1.c1.5eed@in.example", "", ())


def test_what_is_about_no_ticket_is_answered_as_the_shop_says() -> None:
    world = Speaking()
    world.give(world.decide(channel=Channel.EMAIL))
    content = world.email.sent[0]["content"]
    assert (content.reply_to, content.in_reply_to, content.references) == ("", "", ())
