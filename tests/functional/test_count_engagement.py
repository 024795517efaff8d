"""Counting from the table's own stream: what the adapters write comes back as Lambda hands it over."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from command_line import records as command_records
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.results import DynamoResults
from okaeri.adapters.tickets import DynamoTickets
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.domain.customers import Customer
from okaeri.domain.engagement import SECOND_ORDERS, Place
from okaeri.domain.habits import sum_up
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, Order
from okaeri.domain.records import (
    ConsentEntry,
    DecisionRecord,
    Finding,
    GoalReached,
    OrderRecord,
    Ticket,
)
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import Channel, Purpose, make_id
from okaeri.domain.visits import Visit
from okaeri.errors import TryAgain
from tests.fakes import START, FakeClock
from tests.functional.aws_from_template import STACK_NAME, MadeStack
from tests.table_stream import TableStream
from tests.unit.engine.shops import open_shop, write
from tests.world import make_order

STORE = Store(
    store_id="aya", name="Aya", platform=Platform.SHOPIFY, domain="aya.example",
    site_url="https://aya.example", locale="ja",
    country="JP", time_zone="Asia/Tokyo", currency="JPY",
)  # fmt: skip
REMINDER = Place("2026-11", "cart-recovery", "cart_reminder_1", "whatsapp")
CONTEXT = SimpleNamespace()


@dataclass
class Counting:
    """A store with its table, and the function behind its stream."""

    made: MadeStack
    handler: Any
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        client, name = boto3.client("dynamodb"), self.made.table_name
        self.messages = DynamoMessages(client, name, self.clock)
        self.records = DynamoRecords(client, name, self.clock)
        self.customers = DynamoCustomers(client, name)
        self.tickets = DynamoTickets(client, name, self.clock)
        self.results = DynamoResults(client, name)
        self.touches = DynamoTouchBook(client, name, self.clock)
        self.stream = TableStream(name)

    def count(self) -> list[dict[str, Any]]:
        """Hands over what changed since."""
        batch = self.stream.take()
        if batch:
            self.hand_over(batch)
        return batch

    def hand_over(self, batch: list[dict[str, Any]]) -> None:
        self.handler.lambda_handler({"Records": batch}, CONTEXT)

    def read(self, place: Place = REMINDER) -> Mapping[str, Decimal]:
        return self.results.read("aya").get(place, {})

    def say(self, message_id: str = "m1", **changes: Any) -> Message:
        """One that is decided and waits in its queue, as the engine leaves it."""
        message = Message(
            message_id=message_id, store_id="aya", customer_id="c1", channel=Channel.WHATSAPP,
            purpose=Purpose.MARKETING, template="cart_reminder_1", journey="cart-recovery", locale="ja",
            decided_at=self.clock(), state=MessageState.QUEUED, state_at=self.clock(),
        ).model_copy(update=changes)  # fmt: skip
        self.messages.create(message)
        return message

    def send(self, message: Message) -> None:
        for before, after in (
            (MessageState.QUEUED, MessageState.SENDING),
            (MessageState.SENDING, MessageState.ACCEPTED),
        ):
            provider_id = "wamid.1" if after is MessageState.ACCEPTED else None
            self.messages.move(message, after, expected=[before], at=self.clock(), provider_id=provider_id)

    def hear(self, state: MessageState, message_id: str = "m1", reason: str = "") -> None:
        self.messages.report("aya", "c1", message_id, state, at=self.clock(), reason=reason)

    def order(self, order_id: str, at: datetime, total: str = "9600", quiet: str | None = None) -> None:
        """Placed by the customer, who knows of it, as the engine writes both."""
        before = self.customers.load("aya", "c1")
        customer = before or Customer(store_id="aya", customer_id="c1", created_at=at)
        after = customer.model_copy(
            update={
                "version": customer.version + 1,
                "orders": (*customer.orders, order_id),
                "orders_count": customer.orders_count + 1,
                "first_order_at": customer.first_order_at or at,
                "last_order_at": at,
            }
        )
        self.customers.save(after, sweep_at=None)
        order = Order(
            order_id=order_id, name=f"#{order_id}", created_at=at, updated_at=at, buyer=Buyer(), currency="JPY",
            total=Decimal(total), quiet=quiet,
        )  # fmt: skip
        record = OrderRecord(store_id="aya", order_id=order_id, customer_id="c1", order=order, version=1)
        self.records.put_order(record)

    def decide(self, *findings: Finding, **data: str) -> None:
        record = DecisionRecord(
            store_id="aya", customer_id="c1", event_id=make_id("event", str(findings), str(data)), event="any",
            occurred_at=self.clock(), decided_at=self.clock(), findings=findings, data=data,
        )  # fmt: skip
        self.records.put_decision(record)


@pytest.fixture
def counting(deploy: Callable[[str], MadeStack]) -> Counting:
    made = deploy("CountEngagement")
    stack = Stack(
        name=STACK_NAME, api_url="https://api.example", table_name=made.table_name, secrets_prefix="/okaeri/okaeri",
        graph_api_url="https://graph.example", graph_api_version="v24.0",
    )  # fmt: skip
    command_records.create_store(stack, STORE)
    sys.modules.pop("count_engagement.handler", None)
    return Counting(made, importlib.import_module("count_engagement.handler"))


def test_a_message_is_counted_at_each_step_that_it_takes(counting: Counting) -> None:
    message = counting.say()
    counting.send(message)
    counting.count()
    assert counting.read() == {"decided": 1, "sent": 1}
    counting.hear(MessageState.DELIVERED)
    counting.hear(MessageState.READ)
    counting.hear(MessageState.DELIVERED)
    counting.count()
    assert counting.read() == {"decided": 1, "sent": 1, "delivered": 1, "read": 1}


def test_a_failure_is_counted_with_its_code(counting: Counting) -> None:
    counting.send(counting.say())
    counting.hear(MessageState.FAILED, reason="131026")
    counting.count()
    assert counting.read() == {"decided": 1, "sent": 1, "failed": 1, "failed.131026": 1}


def test_a_mail_is_opened_and_not_read(counting: Counting) -> None:
    counting.send(counting.say(channel=Channel.EMAIL))
    counting.messages.note_machine_open("aya", "c1", "m1")
    counting.hear(MessageState.READ)
    counting.count()
    mail = REMINDER._replace(channel="email")
    assert counting.read(mail) == {"decided": 1, "sent": 1, "delivered": 1, "opened": 1, "machine_opened": 1}


def test_a_batch_that_comes_again_is_counted_once(counting: Counting) -> None:
    counting.send(counting.say())
    batch = counting.count()
    counting.hand_over(batch)
    counting.say("m2")
    counting.count()
    counting.hand_over(batch)
    assert counting.read() == {"decided": 2, "sent": 1}


def test_a_batch_that_was_written_in_half_is_written_in_full_when_it_comes_again(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting.say("m1")
    counting.say("m2", template="cart_reminder_2")
    batch = counting.stream.take()
    add = DynamoResults.add
    written: list[None] = []

    def fail_at_the_second(self: DynamoResults, *given: Any) -> None:
        if written:
            raise TryAgain("aws_busy")
        written.append(add(self, *given))

    with monkeypatch.context() as broken, pytest.raises(TryAgain):
        broken.setattr(DynamoResults, "add", fail_at_the_second)
        counting.hand_over(batch)
    counting.hand_over(batch)
    second = REMINDER._replace(template="cart_reminder_2")
    assert [counting.read(), counting.read(second)] == [{"decided": 1}, {"decided": 1}]


def test_a_click_that_turns_out_to_be_a_scanners_is_taken_back(counting: Counting) -> None:
    counting.send(counting.say())
    at = counting.clock() + timedelta(hours=1)
    counting.messages.note_visit("aya", "c1", "m1", Visit(at, "abc"))
    counting.count()
    assert counting.read()["clicked"] == 1
    counting.messages.note_visit("aya", "c1", "m1", Visit(at, "def"))
    counting.count()
    assert {name: n for name, n in counting.read().items() if "clicked" in name and n} == {"machine_clicked": 1}


def test_a_record_that_cannot_be_read_holds_up_nobody(counting: Counting, caplog: pytest.LogCaptureFixture) -> None:
    counting.say()
    [record] = counting.stream.take()
    broken = {**record, "eventID": "broken", "dynamodb": {**record["dynamodb"], "NewImage": {"sk": {"S": "M#x"}}}}
    counting.hand_over([broken, record])
    assert counting.read() == {"decided": 1}
    said = [record.message for record in caplog.records if record.name == "count_engagement"]
    assert said == ["change not read"]


def test_a_record_whose_customer_cannot_be_read_holds_up_nobody(
    counting: Counting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counting.order("1001", START)
    counting.say()

    def find_it_broken(self: DynamoCustomers, *given: str) -> Customer | None:
        raise ValueError("a shopper's data")

    monkeypatch.setattr(DynamoCustomers, "load", find_it_broken)
    counting.count()
    assert counting.read() == {"decided": 1}
    assert Place("2026-11") not in counting.results.read("aya")  # not half of it either
    [said] = [record for record in caplog.records if record.name == "count_engagement"]
    assert said.getMessage() == "change not counted"
    assert "shopper" not in str(vars(said))


def test_an_order_is_owed_to_the_message_that_last_reached_its_buyer(counting: Counting) -> None:
    counting.send(counting.say())
    counting.send(counting.say("m2", template="cart_reminder_2"))
    counting.hear(MessageState.DELIVERED, "m2")
    counting.clock.now += timedelta(hours=2)
    counting.hear(MessageState.READ, "m1")
    counting.count()
    counting.order("1001", counting.clock() + timedelta(days=4))
    counting.order("1002", counting.clock() + timedelta(days=6))  # five days is the longest
    counting.count()
    assert {name: counting.read()[name] for name in ("bought", "revenue.JPY")} == {"bought": 1, "revenue.JPY": 9600}
    assert "bought" not in counting.read(REMINDER._replace(template="cart_reminder_2"))
    assert counting.read(Place("2026-11"))["orders"] == 2


def learn(counting: Counting, channel: str) -> tuple[float, float, float, float]:
    """What was learned of the customer on one channel: said, read, acted upon, opened by programs alone."""
    touches = counting.touches.get("aya", "c1")
    habit = sum_up(touches.list_habits(counting.clock()) if touches else (), channel)
    return habit.said, habit.seen, habit.acted, habit.hidden


def test_what_a_customer_does_with_marketing_is_learned_as_it_is_counted(counting: Counting) -> None:
    for message_id in ("m1", "m2"):
        counting.send(counting.say(message_id))
        counting.hear(MessageState.DELIVERED, message_id)
    for message_id in ("e1", "e2", "e3"):
        counting.send(counting.say(message_id, channel=Channel.EMAIL))
        counting.hear(MessageState.DELIVERED, message_id)
    counting.hear(MessageState.READ, "e1")
    counting.messages.note_machine_open("aya", "c1", "e2")
    counting.send(counting.say("o1", purpose=Purpose.ORDER, template="order_confirmed"))
    counting.hear(MessageState.READ, "o1")
    batch = counting.count()
    assert learn(counting, "whatsapp") == (2, 0, 0, 0)
    assert learn(counting, "email") == (3, 1, 0, 1)
    counting.hand_over(batch)
    assert learn(counting, "email") == (3, 1, 0, 1), "the batch came again"


def test_an_order_and_an_answer_are_deeds_of_the_message_that_they_are_owed_to(counting: Counting) -> None:
    seed = make_id("run", 2, 0)
    counting.send(counting.say("m1"))
    counting.hear(MessageState.DELIVERED, "m1")
    asked = make_id(seed, "email")
    counting.send(counting.say(asked, channel=Channel.EMAIL, template="win_back", journey="win-back"))
    counting.hear(MessageState.DELIVERED, asked)
    counting.decide(Finding(what="win-back.answer.reason", verdict="answered", why="answer:x"), **{"ask.id": seed})
    counting.count()
    assert (learn(counting, "whatsapp"), learn(counting, "email")) == ((1, 0, 0, 0), (1, 1, 1, 0))
    counting.hear(MessageState.READ, "m1")
    counting.order("1001", counting.clock() + timedelta(hours=1))
    counting.count()
    assert learn(counting, "whatsapp") == (1, 1, 1, 0)


def test_a_scanners_click_is_not_learned_from(counting: Counting) -> None:
    counting.send(counting.say())
    counting.hear(MessageState.DELIVERED)
    at = counting.clock() + timedelta(hours=1)
    counting.messages.note_visit("aya", "c1", "m1", Visit(at, "abc"))
    counting.count()
    assert learn(counting, "whatsapp") == (1, 1, 1, 0)
    counting.messages.note_visit("aya", "c1", "m1", Visit(at, "def"))
    counting.count()
    assert learn(counting, "whatsapp") == (1, 0, 0, 0)


def test_messages_are_counted_by_their_look_besides(counting: Counting) -> None:
    message = counting.say()
    counting.messages.move(
        message, MessageState.SENDING, expected=[MessageState.QUEUED], at=counting.clock(), format="buttons"
    )
    counting.messages.move(
        message, MessageState.ACCEPTED, expected=[MessageState.SENDING], at=counting.clock(), provider_id="wamid.1"
    )
    counting.hear(MessageState.READ)
    counting.order("1001", counting.clock() + timedelta(days=1))
    counting.count()
    whole = {name: 1 for name in ("sent", "delivered", "read", "bought")}
    expected = whole | {f"buttons/{name}": 1 for name in whole} | {"decided": 1, "revenue.JPY": 9600}
    assert counting.read() == expected


def test_what_was_learned_from_the_stream_decides_the_next_message(counting: Counting) -> None:
    for number in range(6):
        for channel in Channel:
            message = counting.say(f"{channel}{number}", channel=channel)
            counting.send(message)
            counting.hear(
                MessageState.DELIVERED if channel is Channel.WHATSAPP else MessageState.READ, f"{channel}{number}"
            )
        counting.clock.now += timedelta(days=1)
    counting.count()
    world = open_shop(write("news", "send: one", channels="best"), settings={"asks_to_confirm": False})
    for channel in Channel:
        world.consent(channel, "marketing")
    customer = world.customer()
    known = counting.touches.get("aya", "c1")
    assert known is not None
    mine = {"store_id": customer.store_id, "customer_id": customer.customer_id, "version": 0}
    world.touches.put(known.model_copy(update=mine))
    world.clock.now = counting.clock.now
    world.order(make_order(opt_ins=(), created_at=world.clock(), updated_at=world.clock()))
    assert [message.channel for message in world.list_messages()] == [Channel.EMAIL]
    assert "news.one preferred heeded:email:6:6:0:whatsapp:6:0:0" in world.why()


def test_what_was_imported_is_owed_to_nobody(counting: Counting) -> None:
    counting.send(counting.say())
    counting.hear(MessageState.DELIVERED)
    counting.count()
    counting.order("900", counting.clock() + timedelta(days=1), quiet="old")
    counting.count()
    assert "bought" not in counting.read()


def test_an_order_message_is_owed_no_order(counting: Counting) -> None:
    counting.send(counting.say(purpose=Purpose.ORDER))
    counting.hear(MessageState.DELIVERED)
    counting.order("1001", counting.clock() + timedelta(days=1))
    counting.count()
    assert "bought" not in counting.read()


def test_a_second_order_stands_in_the_month_of_the_first(counting: Counting) -> None:
    counting.order("1", START)
    counting.order("2", START + timedelta(days=40))
    counting.order("3", START + timedelta(days=41))
    counting.count()
    november, december = counting.read(Place("2026-11")), counting.read(Place("2026-12"))
    assert november["orders"] == november["first_orders"] == 1
    assert counting.read(Place("2026-11", SECOND_ORDERS)) == {"second_orders": 1, "second_after.40": 1}
    assert set(december) == {"orders", "revenue.JPY"}


def test_who_leaves_within_a_day_left_because_of_the_last_message(counting: Counting) -> None:
    counting.send(counting.say())
    counting.hear(MessageState.DELIVERED)
    entry = ConsentEntry(
        store_id="aya", customer_id="c1", entry_id="e1", channel="whatsapp", purpose="marketing", given=False,
        at=counting.clock() + timedelta(hours=23), source="keyword",
    )  # fmt: skip
    counting.records.put_consent_entry(entry)
    counting.records.put_consent_entry(entry.model_copy(update={"entry_id": "e2", "purpose": "all"}))
    late = entry.model_copy(update={"entry_id": "e3", "at": counting.clock() + timedelta(hours=25)})
    counting.records.put_consent_entry(late)
    counting.records.put_consent_entry(late.model_copy(update={"entry_id": "e4", "given": True}))
    counting.count()
    assert counting.read()["unsubscribed"] == 1
    assert counting.read(Place("2026-11", channel="whatsapp")) == {"unsubscribed": 1}


def test_an_answer_counts_for_the_message_that_asked(counting: Counting) -> None:
    seed = make_id("run", 2, 0)
    counting.send(counting.say(make_id(seed, "whatsapp"), journey="nps", template="nps"))
    counting.decide(Finding(what="nps.answer.score", verdict="answered", why="answer:9"), **{"ask.id": seed})
    counting.decide(Finding(what="nps.answer.why", verdict="answered", why="own_words"))
    counting.decide(Finding(what="whatsapp:nps", verdict="said"))
    counting.count()
    assert counting.read(Place("2026-11", "nps", "nps", "whatsapp"))["answered"] == 1
    assert counting.read(Place("2026-11", "nps")) == {"answered": 1}


def test_those_who_are_told_and_those_who_are_not_are_counted_from_the_start(counting: Counting) -> None:
    counting.decide(Finding(what="cart-recovery.run", verdict="held out", why="holdout"))
    counting.decide(Finding(what="cart-recovery.run", verdict="compared"))
    counting.order("1001", START)
    for run, arm in (("r1", "holdout"), ("r2", "")):
        goal = GoalReached(
            store_id="aya", customer_id="c1", run_id=run, journey="cart-recovery", definition="d", arm=arm,
            event="order.placed", event_id=run, at=START, order_id="1001",
        )  # fmt: skip
        counting.records.put_goal(goal)
    counting.count()
    expected = {"compared": 1, "goals": 1, "goal_revenue.JPY": 9600, "goal_squares.JPY": 9600 * 9600}
    assert counting.read(Place("2026-11", "cart-recovery", arm="holdout")) == expected
    assert counting.read(Place("2026-11", "cart-recovery")) == expected


def test_a_goal_counts_for_its_journey_and_for_the_message_that_last_led_there(counting: Counting) -> None:
    for message_id, template, journey in (
        ("m1", "cart_reminder_1", "cart-recovery"),
        ("m2", "cart_reminder_2", "cart-recovery"),
        ("m3", "news", "news"),
    ):
        counting.send(counting.say(message_id, template=template, journey=journey))
        counting.clock.now += timedelta(hours=1)
        counting.hear(MessageState.DELIVERED, message_id)
    goal = GoalReached(
        store_id="aya", customer_id="c1", run_id="r1", journey="cart-recovery", definition="d", event="order.placed",
        event_id="e1", at=counting.clock() + timedelta(days=1),
    )  # fmt: skip
    counting.records.put_goal(goal)
    counting.count()
    goals = {place.template: n["goals"] for place, n in counting.results.read("aya").items() if "goals" in n}
    assert goals == {"": 1, "cart_reminder_2": 1}


def test_a_question_about_an_order_is_counted(counting: Counting) -> None:
    counting.decide(Finding(what="talk-order-status.run", verdict="started", why="key:event.id"))
    counting.decide(Finding(what="order-confirmation.run", verdict="started", why="key:order.id"))
    counting.count()
    assert counting.read(Place("2026-11", "talk-order-status")) == {"started": 1}
    assert Place("2026-11", "order-confirmation") not in counting.results.read("aya")


def test_a_ticket_tells_how_soon_it_was_answered_and_whether_one_answer_was_enough(counting: Counting) -> None:
    ticket = Ticket(store_id="aya", ticket_id="t1", customer_id="c1", queue="conversation", opened_at=START)
    counting.tickets.create(ticket)
    answered = {"first_told_at": START + timedelta(minutes=20), "replies": 1, "version": 2, "state": "person"}
    counting.tickets.save(ticket.model_copy(update=answered))
    solved = answered | {"solved_at": START + timedelta(hours=1), "state": "solved", "version": 3}
    counting.tickets.save(ticket.model_copy(update=solved))
    counting.count()
    whole = {"tickets": 1, "answered_tickets": 1, "first_answer.30": 1, "solved": 1, "solved_at_first": 1}
    assert counting.read(Place("2026-11")) == whole
    again = answered | {"reopened": 1, "version": 4}
    counting.tickets.save(ticket.model_copy(update=again))
    counting.count()
    now = counting.read(Place("2026-11"))
    assert [now[name] for name in ("tickets", "solved", "solved_at_first")] == [1, 0, 0]


def test_months_are_those_of_the_stores_own_calendar(counting: Counting) -> None:
    counting.clock.now = START.replace(day=30, hour=16)  # one o'clock on December 1st in Tokyo
    counting.say()
    counting.count()
    assert counting.read(REMINDER._replace(month="2026-12")) == {"decided": 1}
