"""What the inbox tells: deadlines in shop hours, the window, the customer, the talk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okaeri.domain.conversations import Conversation, ConversationState, HeldReply
from okaeri.domain.customers import Customer
from okaeri.domain.histories import History, KeptMessage, MessageMove
from okaeri.domain.inbox import (
    describe_customer,
    describe_deadline,
    describe_window,
    find_channel,
    list_lines,
    measure_shop_time,
    say_span,
)
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.records import Ticket, TimelineEntry
from okaeri.domain.stores import Platform, ShopHours, Store, StoreSettings
from okaeri.domain.values import Channel, Purpose

FRIDAY = datetime(2026, 11, 6, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NINE_TO_FIVE = ShopHours(days={day: (("09:00", "17:00"),) for day in ("mon", "tue", "wed", "thu", "fri")})


def make_store(hours: ShopHours | None = None) -> Store:
    settings = StoreSettings(shop_hours=hours or ShopHours())
    return Store(
        store_id="s1", name="Kinari", platform=Platform.STANDARD, domain="k.example", site_url="https://k.example",
        time_zone="UTC", country="DE", currency="EUR", settings=settings,
    )  # fmt: skip


def make_ticket(**fields: Any) -> Ticket:
    return Ticket(store_id="s1", ticket_id="t1", customer_id="c1", queue="help", opened_at=FRIDAY, **fields)


def make_customer(**fields: Any) -> Customer:
    return Customer(store_id="s1", customer_id="c1", created_at=FRIDAY, **fields)


# ── Deadlines ──


def test_a_deadline_counts_the_hours_in_which_somebody_is_there() -> None:
    store = make_store(NINE_TO_FIVE)
    monday_at_ten = FRIDAY + timedelta(days=2, hours=18)
    assert measure_shop_time(store, FRIDAY, monday_at_ten) == 2 * HOUR
    assert describe_deadline(make_ticket(due=monday_at_ten), store, FRIDAY) == "due in 2 h (shop hours)"


def test_what_is_late_is_late_by_shop_hours_too() -> None:
    saturday = FRIDAY + timedelta(days=1)
    store = make_store(NINE_TO_FIVE)
    assert describe_deadline(make_ticket(due=FRIDAY), store, saturday) == "late by 1 h (shop hours)"


def test_a_shop_without_hours_counts_by_the_clock() -> None:
    assert describe_deadline(make_ticket(due=FRIDAY + 90 * timedelta(minutes=1)), make_store(), FRIDAY) == (
        "due in 1 h 30 min"
    )
    assert describe_deadline(make_ticket(), make_store(), FRIDAY) == ""
    assert describe_deadline(make_ticket(due=FRIDAY, solved_at=FRIDAY), make_store(), FRIDAY) == "solved"


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "less than a minute"), (59, "59 min"), (60, "1 h"), (1200, "20 h"), (2880, "2 days")]
)
def test_spans_read_as_people_say_them(minutes: int, said: str) -> None:
    assert say_span(timedelta(minutes=minutes)) == said


# ── The window ──


def test_an_open_window_says_until_when() -> None:
    customer = make_customer(phones=("+819012345678",), window_opened_at=FRIDAY - HOUR)
    window = describe_window(Channel.WHATSAPP, customer, FRIDAY)
    assert window.is_open and window.until == FRIDAY + 23 * HOUR and "23 h" in window.advice


def test_a_closed_window_says_since_when_and_what_becomes_of_an_answer() -> None:
    customer = make_customer(phones=("+819012345678",), window_opened_at=FRIDAY - 26 * HOUR)
    window = describe_window(Channel.WHATSAPP, customer, FRIDAY)
    assert not window.is_open and window.since == FRIDAY - 2 * HOUR
    assert "held" in window.advice and "2 h" in window.advice


def test_who_never_wrote_has_no_window() -> None:
    window = describe_window(Channel.WHATSAPP, make_customer(phones=("+819012345678",)), FRIDAY)
    assert (window.is_open, window.until, window.since) == (False, None, None)


def test_a_letter_may_be_answered_at_any_time() -> None:
    assert describe_window(Channel.EMAIL, make_customer(emails=("a@example.jp",)), FRIDAY).is_open
    assert not describe_window(Channel.EMAIL, make_customer(), FRIDAY).is_open
    assert not describe_window(Channel.WHATSAPP, make_customer(), FRIDAY).is_open


# ── Who it is ──


def test_a_customer_is_told_in_plain_words() -> None:
    customer = make_customer(
        first_name="Aya", last_name="Sato", orders_count=3, spent={"EUR": "120.00"}, last_order_at=FRIDAY, tags=("vip",)
    )
    summary = describe_customer(customer, None, make_store(), FRIDAY)
    assert summary.name == "Aya Sato"
    assert summary.sentences == ("3 orders, 120.00 EUR paid; ordered often.", "Tags: vip.")
    assert describe_customer(make_customer(), None, make_store(), FRIDAY).sentences == ("No order yet.",)


# ── The talk ──


def test_the_talk_is_what_they_wrote_and_what_was_told_in_the_order_of_time() -> None:
    heard = TimelineEntry(
        store_id="s1", customer_id="c1", entry_id="n1", at=FRIDAY, kind="whatsapp.received", text="Where is it?",
        data={"type": "text"},
    )  # fmt: skip
    click = TimelineEntry(store_id="s1", customer_id="c1", entry_id="n2", at=FRIDAY, kind="link.clicked")

    def tell(message_id: str, minutes: int, **fields: Any) -> KeptMessage:
        at = FRIDAY + timedelta(minutes=minutes)
        message = Message(
            message_id=message_id, store_id="s1", customer_id="c1", channel=Channel.WHATSAPP, purpose=Purpose.ORDER,
            template=fields.pop("template", "staff_reply"), locale="en", decided_at=FRIDAY, state_at=at, **fields,
        )  # fmt: skip
        return KeptMessage(message, (MessageMove(at, MessageState.SENT),))

    told = (
        tell("m2", 5, data={"reply.by": "mia", "reply.text": "Tomorrow."}, free_form=True, state=MessageState.READ),
        tell("m1", 1, template="talk_wait", state=MessageState.DELIVERED),
    )
    lines = list_lines(History(timeline=(click, heard), messages=told), make_customer())
    assert [(line.who, line.by, line.text or line.template) for line in lines] == [
        ("customer", "", "Where is it?"),
        ("assistant", "", "talk_wait"),
        ("shop", "mia", "Tomorrow."),
    ]


def test_what_could_not_be_said_says_why() -> None:
    message = Message(
        message_id="m1", store_id="s1", customer_id="c1", channel=Channel.WHATSAPP, purpose=Purpose.ORDER,
        template="talk_wait", locale="en", decided_at=FRIDAY, state=MessageState.FAILED, reason="131026",
    )  # fmt: skip
    [line] = list_lines(History(messages=(KeptMessage(message),)), make_customer())
    assert line.state == "failed" and "131026" in line.reason


def test_an_answer_that_waits_for_the_window_stands_in_the_talk_as_held() -> None:
    request = Message(
        message_id="m1", store_id="s1", customer_id="c1", channel=Channel.WHATSAPP, purpose=Purpose.ORDER,
        template="staff_reply", locale="en", decided_at=FRIDAY, data={"reply.text": "Tomorrow.", "reply.by": "mia"},
    )  # fmt: skip
    reply = HeldReply(reply_id="r1", text="Tomorrow.", by="mia", at=FRIDAY)
    customer = make_customer(conversation=Conversation(held=(reply,)))
    lines = list_lines(History(messages=(KeptMessage(request),)), customer)
    assert [(line.who, line.text, line.state) for line in lines] == [
        ("assistant", "", "decided"),
        ("shop", "Tomorrow.", "held"),
    ]


def test_who_writes_elsewhere_meanwhile_is_answered_there() -> None:
    talk = Conversation(state=ConversationState.WAITING, channel=Channel.EMAIL, ticket_id="t1")
    assert find_channel(make_ticket(), make_customer(conversation=talk)) is Channel.EMAIL
    other = talk.model_copy(update={"ticket_id": "t2"})
    assert find_channel(make_ticket(), make_customer(conversation=other)) is Channel.WHATSAPP
