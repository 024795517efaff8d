"""What a refusal or a report means for a message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okaeri.domain.delivery import (
    MAX_ATTEMPTS,
    Advice,
    Fail,
    MessageKey,
    Park,
    Refusal,
    Retry,
    Turn,
    choose_after_refusal,
    find_backoff_s,
    judge_turn,
    read_email_event,
    read_key,
    read_whatsapp_status,
)
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.values import Channel, Purpose
from tests.fakes import START

HOUR = timedelta(hours=1)


def make_message(**change: Any) -> Message:
    values: dict[str, Any] = {
        "message_id": "m1",
        "store_id": "s1",
        "customer_id": "c1",
        "channel": Channel.WHATSAPP,
        "purpose": Purpose.ORDER,
        "template": "order_confirmation",
        "locale": "en",
        "decided_at": START,
        "state": MessageState.QUEUED,
    }
    return Message(**values | change)


def choose(message: Message, refusal: Refusal, chance: float = 0.0) -> Retry | Park | Fail:
    return choose_after_refusal(message, refusal, now=START, chance=chance)


def test_a_passing_fault_is_tried_again_by_the_queue_with_growing_waits() -> None:
    waits = []
    for attempt in range(MAX_ATTEMPTS - 1):
        choice = choose(make_message(attempt=attempt), Refusal(code="131000", advice=Advice.AGAIN))
        assert isinstance(choice, Retry)
        waits.append(choice.delay_s)
    assert waits == [5, 15, 45, 135, 405]


def test_after_the_last_attempt_the_message_has_failed() -> None:
    message = make_message(attempt=MAX_ATTEMPTS - 1)
    assert choose(message, Refusal(code="131000", advice=Advice.AGAIN)) == Fail()


def test_a_wait_of_more_than_15_minutes_is_parked_not_queued() -> None:
    refusal = Refusal(code="131049", advice=Advice.AGAIN, wait_s=86_400)
    assert choose(make_message(), refusal) == Park(until=START + timedelta(days=1), withheld=True)
    assert choose(make_message(), refusal.model_copy(update={"wait_s": 3600.0})) == Park(until=START + HOUR)
    assert choose(make_message(), refusal.model_copy(update={"wait_s": 900.0})) == Retry(delay_s=900)


def test_a_wait_of_a_day_is_granted_once_and_only_while_the_words_are_true() -> None:
    refusal = Refusal(code="131049", advice=Advice.AGAIN, wait_s=86_400)
    assert choose(make_message(withheld=True), refusal) == Fail()
    assert choose(make_message(valid_until=START + timedelta(hours=23)), refusal) == Fail()
    assert isinstance(choose(make_message(valid_until=START + timedelta(hours=25)), refusal), Park)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_long_wait_of_one_message_is_another_channels_turn(purpose: Purpose) -> None:
    message = make_message(purpose=purpose, fallback=(Channel.EMAIL,))
    assert choose(message, Refusal(code="131049", advice=Advice.AGAIN, wait_s=86_400)) == Fail()


def test_a_stopped_sender_sends_order_messages_by_e_mail_and_keeps_marketing_waiting() -> None:
    refusal = Refusal(code="190", advice=Advice.STOP, wait_s=3600)
    order = make_message(fallback=(Channel.EMAIL,))
    assert choose(order, refusal) == Fail()
    marketing = make_message(purpose=Purpose.MARKETING, fallback=(Channel.EMAIL,))
    assert choose(marketing, refusal) == Park(until=START + HOUR)
    assert choose(make_message(), refusal) == Park(until=START + HOUR)


def test_a_definite_no_ends_the_message() -> None:
    assert choose(make_message(), Refusal(code="131026", advice=Advice.GIVE_UP)) == Fail()


@given(st.integers(0, MAX_ATTEMPTS - 1), st.floats(0, 1, exclude_max=True))
def test_retries_spread_out_but_never_come_early(attempt: int, chance: float) -> None:
    assert find_backoff_s(attempt, 0) <= find_backoff_s(attempt, chance) <= 1.5 * find_backoff_s(attempt, 0)


@pytest.mark.parametrize(
    ("state", "change", "turn"),
    [
        (MessageState.QUEUED, {}, Turn.SEND),
        (MessageState.DECIDED, {}, Turn.SEND),
        (MessageState.PARKED, {"parked_until": START + HOUR}, Turn.DONE),
        (MessageState.PARKED, {"parked_until": START}, Turn.SEND),
        (MessageState.SENDING, {"state_at": START - timedelta(seconds=59)}, Turn.WAIT),
        (MessageState.SENDING, {"state_at": START - timedelta(seconds=60)}, Turn.LOST),
        *((state, {}, Turn.DONE) for state in MessageState if state not in
          (MessageState.QUEUED, MessageState.DECIDED, MessageState.PARKED, MessageState.SENDING)),
    ],
)  # fmt: skip
def test_only_a_message_that_waits_is_sent(state: MessageState, change: dict[str, Any], turn: Turn) -> None:
    assert judge_turn(make_message(state=state, **change), START) is turn


def test_the_key_that_goes_out_comes_back() -> None:
    assert read_key(str(MessageKey("s1", "c1", "m1"))) == MessageKey("s1", "c1", "m1")


@pytest.mark.parametrize("text", [None, "", "another-app", "a/b", "a/b/c/d", "a//c", "//"])
def test_callback_data_of_others_names_no_message(text: str | None) -> None:
    assert read_key(text) is None


def test_what_whatsapp_says_moves_a_message() -> None:
    said = {status: read_whatsapp_status(status).state for status in ("sent", "delivered", "read", "played", "failed")}
    assert said == {
        "sent": MessageState.SENT,
        "delivered": MessageState.DELIVERED,
        "read": MessageState.READ,
        "played": MessageState.READ,
        "failed": MessageState.FAILED,
    }
    assert read_whatsapp_status("deleted").state is None


def test_only_a_permanent_bounce_kills_the_address() -> None:
    assert read_email_event("Bounce", permanent=True).outcome == "bounced"
    transient = read_email_event("Bounce", permanent=False)
    assert (transient.outcome, transient.always) == ("failed", False)


@pytest.mark.parametrize("event", ["DeliveryDelay", "Subscription", "Something new"])
def test_other_events_of_ses_mean_nothing(event: str) -> None:
    meaning = read_email_event(event, permanent=False)
    assert (meaning.state, meaning.outcome) == (None, None)
