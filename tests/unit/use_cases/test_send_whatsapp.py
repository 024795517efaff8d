"""Saying a decided message on WhatsApp: once, and only while it is true and allowed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.conversations import STAFF_REPLY
from okaeri.domain.customers import Consent
from okaeri.domain.delivery import Receipt
from okaeri.domain.messages import MessageRefs, MessageState
from okaeri.domain.values import Channel, Lane, Purpose
from okaeri.errors import AnswerLost, GiveUp, StopSender, TryAgain
from tests.fakes import START
from tests.unit.use_cases.speaking import CUSTOMER, ORDER, PHONE, TEMPLATE, Speaking

OTHER = "+819099999999"

FALLBACK = (Channel.EMAIL,)


def test_a_message_is_sent_once_however_often_the_queue_gives_it() -> None:
    world = Speaking()
    message = world.decide()
    sent = [world.give(message) for _ in range(3)][-1]
    assert len(world.whatsapp.sent) == 1
    assert (sent.state, sent.provider_id, sent.address) == (MessageState.ACCEPTED, "id.1", PHONE)


def test_meta_may_hold_a_message_back() -> None:
    world = Speaking()
    world.whatsapp.answers = [Receipt(provider_id="wamid.1", held=True)]
    assert world.give(world.decide()).state is MessageState.HELD


def test_how_it_looks_is_noted_with_the_message() -> None:
    world = Speaking()
    assert world.give(world.decide()).format == "text"


def test_an_order_message_with_a_fallback_is_looked_at_again_after_15_minutes() -> None:
    world = Speaking()
    world.give(world.decide(fallback=FALLBACK))
    assert world.checks == [900]


def test_other_messages_are_not_looked_at_again() -> None:
    world = Speaking()
    world.give(world.decide())
    world.give(world.decide(message_id="m2", purpose=Purpose.MARKETING, fallback=FALLBACK))
    assert len(world.whatsapp.sent) == 2
    assert world.checks == []


def test_a_status_that_outruns_metas_own_answer_is_kept() -> None:
    world = Speaking()
    message = world.decide()

    def deliver() -> None:
        world.messages.report("s1", "c1", "m1", MessageState.DELIVERED, at=START)

    world.whatsapp.during = deliver
    assert world.give(message).state is MessageState.DELIVERED


# Not said


def test_a_message_whose_order_was_cancelled_is_not_said_anywhere() -> None:
    world = Speaking()
    record = world.records.orders["s1", "1001"]
    cancelled = ORDER.model_copy(update={"cancelled_at": START})
    world.records.orders["s1", "1001"] = record.model_copy(update={"order": cancelled})
    message = world.give(world.decide(fallback=FALLBACK))
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "order_cancelled")
    assert world.whatsapp.sent == []
    assert world.outcomes == []


def test_who_stopped_whatsapp_meanwhile_gets_it_by_e_mail() -> None:
    world = Speaking()
    stopped = Consent(given=False, at=START, source="whatsapp reply")
    world.change_customer(consents={"whatsapp:all": stopped})
    message = world.give(world.decide(fallback=FALLBACK))
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, "stopped_by_customer")
    assert world.outcomes == [("failed", "stopped_by_customer")]


def test_a_message_is_too_late_by_the_customers_own_clock() -> None:
    world = Speaking()
    world.change_customer(ahead_s=timedelta(days=2).total_seconds())
    message = world.give(world.decide(valid_until=START + timedelta(days=1), fallback=FALLBACK))
    assert message.state is MessageState.EXPIRED
    assert world.outcomes == []


@pytest.mark.parametrize("gone", ["store", "customer"])
def test_a_message_of_someone_who_is_gone_is_dropped(gone: str) -> None:
    world = Speaking()
    message = world.decide(fallback=FALLBACK)
    (world.stores.stores if gone == "store" else world.customers.customers).clear()
    assert world.give(message).reason == f"{gone}_gone"
    assert world.outcomes == []


def test_a_message_that_is_not_in_the_table_yet_is_given_again() -> None:
    world = Speaking()
    message = world.decide()
    world.messages.messages.clear()
    with pytest.raises(TryAgain, match="message_unknown"):
        world.give(message)


@pytest.mark.parametrize(
    ("status", "reason"),
    [("PENDING", "template_pending"), ("PAUSED", "template_paused"), ("REJECTED", "template_rejected")],
)
def test_a_template_that_meta_does_not_send_is_another_channels_turn(status: str, reason: str) -> None:
    world = Speaking()
    world.publish(TEMPLATE, status=status)
    message = world.give(world.decide(fallback=FALLBACK))
    assert (message.state, message.reason) == (MessageState.FAILED, reason)
    assert world.outcomes == [("failed", reason)]
    assert world.whatsapp.sent == []


def test_without_another_channel_it_waits_for_the_template() -> None:
    world = Speaking()
    world.publish(TEMPLATE, status="PENDING")
    message = world.give(world.decide())
    assert (message.state, message.parked_until) == (MessageState.PARKED, START + timedelta(hours=1))
    world.publish(TEMPLATE)
    world.later(hours=1)
    assert world.give(message).state is MessageState.ACCEPTED


def test_waiting_for_a_template_uses_up_no_attempt() -> None:
    world = Speaking()
    world.publish(TEMPLATE, status="PENDING")
    message = world.decide()
    for _ in range(10):
        waiting = world.give(message)
        world.later(hours=1)
        assert (waiting.state, waiting.attempt) == (MessageState.PARKED, 0)


def test_marketing_that_was_held_up_past_the_hours_waits_for_the_morning() -> None:
    world = Speaking()
    world.later(hours=11)  # 06:00 in Tokyo, by the customer's number
    message = world.give(world.decide(purpose=Purpose.MARKETING))
    assert (message.state, message.reason) == (MessageState.PARKED, "outside_hours")
    assert message.parked_until == START + timedelta(hours=14)
    assert world.give(world.decide(message_id="m2")).state is MessageState.ACCEPTED
    world.later(hours=12)
    assert world.give(message).state is MessageState.ACCEPTED


def test_the_hours_are_those_of_the_customers_own_clock() -> None:
    world = Speaking()
    world.change_customer(ahead_s=timedelta(hours=11).total_seconds())
    message = world.give(world.decide(purpose=Purpose.MARKETING))
    assert message.parked_until == START + timedelta(hours=3)


def test_what_was_decided_just_now_is_not_asked_for_the_hours_again() -> None:
    world = Speaking()
    at_night = world.later(hours=11)
    fresh = world.decide(purpose=Purpose.MARKETING, state_at=at_night - timedelta(minutes=14))
    assert world.give(fresh).state is MessageState.ACCEPTED
    held_up = world.decide(message_id="m2", purpose=Purpose.MARKETING, state_at=at_night - timedelta(minutes=15))
    assert world.give(held_up).state is MessageState.PARKED


def test_a_new_version_that_meta_has_not_seen_is_not_sent() -> None:
    world = Speaking()
    world.publish(TEMPLATE.model_copy(update={"version": 2}), meta_name="order_confirmation_v1")
    assert world.give(world.decide()).reason == "template_not_pushed"


def test_a_template_that_meta_made_marketing_needs_that_consent() -> None:
    world = Speaking()
    world.publish(TEMPLATE, category="MARKETING")
    assert world.give(world.decide()).state is MessageState.ACCEPTED
    order_only = {"whatsapp:order": Consent(given=True, at=START, source="test")}
    world.change_customer(consents=order_only)
    refused = world.give(world.decide(message_id="m2", fallback=FALLBACK))
    assert refused.reason == "template_is_marketing"
    assert world.outcomes == [("failed", "template_is_marketing")]


def test_words_that_cannot_be_filled_fail_before_anything_is_claimed() -> None:
    world = Speaking()
    world.words.broken = GiveUp("template_variable_empty")
    message = world.give(world.decide(fallback=FALLBACK))
    assert message.state is MessageState.FAILED
    assert MessageState.SENDING not in [state for _, state, _ in world.messages.moves]
    assert world.outcomes == [("failed", "template_variable_empty")]


# Free-form answers


def test_an_answer_quotes_what_it_answers_and_needs_no_template_at_meta() -> None:
    world = Speaking()
    world.templates.states.clear()
    message = world.decide(free_form=True, refs=MessageRefs(reply_to="wamid.in"))
    assert world.give(message).state is MessageState.ACCEPTED
    [sent] = world.whatsapp.sent
    assert (sent["reply_to"], sent["content"].meta_name) == ("wamid.in", "")


@pytest.mark.parametrize(("wrote_from", "expected"), [(PHONE, PHONE), (None, OTHER), ("+819000000000", OTHER)])
def test_an_answer_goes_to_the_number_that_wrote_whatever_a_checkout_named_since(
    wrote_from: str | None, expected: str
) -> None:
    world = Speaking()
    customer = CUSTOMER.model_copy(update={"version": 2, "phones": (OTHER, PHONE), "wrote_from": wrote_from})
    world.customers.save(customer, sweep_at=None)
    world.give(world.decide(free_form=True, refs=MessageRefs()))
    world.give(world.decide(message_id="m2", refs=MessageRefs()))
    assert [sent["address"] for sent in world.whatsapp.sent] == [expected, OTHER]


def test_an_answer_is_not_sent_when_the_24_hours_are_over() -> None:
    world = Speaking()
    world.publish(TEMPLATE.model_copy(update={"whatsapp": None}))
    message = world.decide(free_form=True, refs=MessageRefs())
    world.later(hours=24)
    assert world.give(message).reason == "window_closed"
    assert world.whatsapp.sent == []


def test_an_answer_is_said_by_its_template_when_the_24_hours_are_over() -> None:
    world = Speaking()
    message = world.decide(free_form=True, refs=MessageRefs())
    world.later(hours=24)
    assert world.give(message).state is MessageState.ACCEPTED
    [sent] = world.whatsapp.sent
    assert sent["content"].meta_name == "order_confirmation_v1"


def test_what_a_person_wrote_is_not_announced_by_a_template_that_cannot_bring_it() -> None:
    world = Speaking()
    world.publish(TEMPLATE.model_copy(update={"name": STAFF_REPLY}))
    message = world.decide(template=STAFF_REPLY, free_form=True, refs=MessageRefs(), data={"reply.text": "It left."})
    world.later(hours=24)
    assert world.give(message).reason == "window_closed"
    assert world.whatsapp.sent == []


def test_words_that_were_published_anew_without_any_for_the_window_are_said_by_their_template() -> None:
    world = Speaking()
    world.publish(TEMPLATE.model_copy(update={"chat": None}))
    message = world.give(world.decide(free_form=True, refs=MessageRefs()))
    assert message.cost
    assert (message.state, message.cost.category) == (MessageState.ACCEPTED, "utility")
    [sent] = world.whatsapp.sent
    assert sent["content"].meta_name == "order_confirmation_v1"


def test_an_answer_whose_template_meta_has_not_approved_is_given_up_outside_the_24_hours() -> None:
    world = Speaking()
    world.publish(TEMPLATE, status="PAUSED")
    message = world.decide(free_form=True, refs=MessageRefs())
    world.later(hours=24)
    assert world.give(message).reason == "window_closed"


# Refused


def test_a_refusal_that_will_pass_goes_back_to_the_queue_with_the_next_attempt() -> None:
    world = Speaking()
    world.whatsapp.answers = [TryAgain("131000"), TryAgain("131056", after_s=16)]
    first = world.give(world.decide())
    assert (first.state, first.attempt, first.reason) == (MessageState.QUEUED, 1, "131000")
    second = world.give(first)
    assert second.attempt == 2
    assert [(m.queued.attempt, m.delay_s, m.lane) for m in world.queues.messages] == [
        (1, 5, Lane.TRANSACTIONAL),
        (2, 16, Lane.TRANSACTIONAL),
    ]
    assert world.give(second).state is MessageState.ACCEPTED
    assert [sent["attempt"] for sent in world.whatsapp.sent] == [0, 1, 2]


def test_a_message_that_is_refused_again_and_again_fails_at_last() -> None:
    world = Speaking()
    world.whatsapp.answers = [TryAgain("131000")] * 10
    message = world.decide()
    for _ in range(10):
        message = world.give(message)
    assert (message.state, len(world.whatsapp.sent)) == (MessageState.FAILED, 6)
    assert world.outcomes[0] == ("failed", "131000")


def test_a_person_who_is_not_on_whatsapp_is_told_to_the_engine_with_the_address() -> None:
    world = Speaking()
    world.whatsapp.answers = [GiveUp("131026")]
    world.give(world.decide(fallback=FALLBACK))
    [(lane, envelope)] = world.queues.evidence
    told = envelope.evidence
    assert (told.kind, lane) == ("message.outcome", Lane.TRANSACTIONAL)
    assert told.model_dump(include={"outcome", "code", "address"}) == {
        "outcome": "failed",
        "code": "131026",
        "address": PHONE,
    }


def test_a_marketing_failure_is_told_in_the_marketing_lane() -> None:
    world = Speaking()
    world.whatsapp.answers = [GiveUp("131050")]
    world.give(world.decide(purpose=Purpose.MARKETING))
    assert [lane for lane, _ in world.queues.evidence] == [Lane.MARKETING]


def test_an_expired_token_parks_the_message_and_rings() -> None:
    world = Speaking()
    world.whatsapp.answers = [StopSender("190", until_s=900)]
    message = world.give(world.decide())
    assert (message.state, message.attempt) == (MessageState.PARKED, 0)
    assert message.parked_until == START + timedelta(minutes=15)
    [(level, line, fields)] = world.log.lines
    assert (level, line, fields["code"]) == ("error", "sender stopped", "190")
    assert PHONE not in str(fields)


def test_the_per_person_cap_of_marketing_parks_for_a_day() -> None:
    world = Speaking()
    world.whatsapp.answers = [TryAgain("131049", after_s=86_400)]
    message = world.give(world.decide(purpose=Purpose.MARKETING))
    assert (message.state, message.parked_until) == (MessageState.PARKED, START + timedelta(days=1))


# Lost


def test_a_lost_answer_is_neither_sent_again_nor_given_up() -> None:
    world = Speaking()
    world.whatsapp.answers = [AnswerLost("graph_answer_lost")]
    message = world.give(world.decide())
    assert message.state is MessageState.UNCONFIRMED
    assert world.give(message).state is MessageState.UNCONFIRMED
    assert len(world.whatsapp.sent) == 1
    assert set(world.checks) == {900}


def test_a_worker_that_died_while_sending_leaves_the_message_unconfirmed() -> None:
    world = Speaking()
    world.whatsapp.answers = [RuntimeError("out of memory")]
    message = world.decide()
    with pytest.raises(RuntimeError):
        world.give(message)
    with pytest.raises(TryAgain, match="sending_elsewhere"):
        world.give(message)
    world.later(seconds=180)
    assert world.give(message).state is MessageState.UNCONFIRMED
    assert (len(world.whatsapp.sent), world.checks) == (1, [900])


def test_a_slow_workers_own_word_is_better_than_the_guess_that_it_died() -> None:
    world = Speaking()
    message = world.decide()

    def call_it_lost() -> None:
        world.whatsapp.during = None
        world.later(seconds=61)
        world.give(message)

    world.whatsapp.during = call_it_lost
    assert world.give(message).state is MessageState.ACCEPTED
    assert len(world.whatsapp.sent) == 1


def test_a_worker_that_died_before_telling_has_it_told_by_the_next() -> None:
    world = Speaking()
    world.whatsapp.answers = [GiveUp("131026")]
    message = world.decide(fallback=FALLBACK)
    world.queues.failing = True
    with pytest.raises(TryAgain):
        world.give(message)
    world.queues.failing = False
    world.give(message)
    world.give(message)
    assert world.outcomes == [("failed", "131026")] * 2
    assert len({envelope.id for _, envelope in world.queues.evidence}) == 1


def test_a_retry_that_could_not_be_queued_is_taken_up_by_the_redelivery() -> None:
    world = Speaking()
    world.whatsapp.answers = [TryAgain("131000")]
    message = world.decide()
    world.queues.failing = True
    with pytest.raises(TryAgain):
        world.give(message)
    world.queues.failing = False
    assert world.give(message).state is MessageState.ACCEPTED
    assert len(world.whatsapp.sent) == 2


def test_a_message_repeated_by_the_engine_is_sent_once_more() -> None:
    world = Speaking()
    world.whatsapp.answers = [AnswerLost("graph_answer_lost")]
    message = world.give(world.decide())
    repeated = world.messages.move(
        message,
        MessageState.QUEUED,
        expected=[MessageState.UNCONFIRMED],
        at=START,
        attempt=1,
        repeated=True,
    )
    assert repeated
    assert world.give(repeated).state is MessageState.ACCEPTED
    assert len(world.whatsapp.sent) == 2


def test_two_workers_with_copies_of_one_queue_message_send_it_once() -> None:
    world = Speaking()
    message = world.decide()

    def be_overtaken() -> None:
        world.words.during = None
        world.give(message)

    world.words.during = be_overtaken
    assert world.give(message).state is MessageState.ACCEPTED
    assert len(world.whatsapp.sent) == 1
