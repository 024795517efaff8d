"""One contract for what is kept with a customer: what `explain` believes of the simulator holds for the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from okaeri import ports, wiring
from okaeri.adapters.histories import DynamoHistories
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, Order
from okaeri.domain.records import ConsentEntry, DecisionRecord, OrderRecord
from okaeri.domain.values import Channel, Purpose
from simulator.histories import MemoryHistories
from tests.fakes import START, FakeClock, FakeMessages, FakeRecords
from tests.functional.aws_from_template import MadeStack


@dataclass
class Kept:
    """Where it is written and where it is read, both fake or both real."""

    records: ports.Records
    messages: ports.Messages
    histories: ports.Histories
    clock: FakeClock


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Kept:
    clock = FakeClock()
    if request.param == "fake":
        records, messages = FakeRecords(), FakeMessages()
        return Kept(records, messages, MemoryHistories(records, messages), clock)
    stack: MadeStack = request.getfixturevalue("made_stack")
    client, table = wiring.connect_dynamodb(), stack.table_name
    return Kept(
        DynamoRecords(client, table, clock),
        DynamoMessages(client, table, clock),
        DynamoHistories(client, table, clock),
        clock,
    )


def decide(kept: Kept, customer_id: str, event_id: str) -> None:
    kept.records.put_decision(
        DecisionRecord(
            store_id="s1", customer_id=customer_id, event_id=event_id, event="order.placed", occurred_at=START,
            decided_at=START,
        )
    )  # fmt: skip


def test_a_customers_things_are_read_and_nobody_elses(kept: Kept) -> None:
    decide(kept, "c1", "e1")
    decide(kept, "c2", "e2")
    entry = ConsentEntry(
        store_id="s1", customer_id="c1", entry_id="l1", channel="email", purpose="marketing", given=True, at=START,
        source="page",
    )  # fmt: skip
    kept.records.put_consent_entry(entry)
    message = Message(
        message_id="m1", store_id="s1", customer_id="c1", channel=Channel.EMAIL, purpose=Purpose.ORDER, template="t",
        locale="en", decided_at=START, state=MessageState.QUEUED, state_at=START,
    )  # fmt: skip
    kept.messages.create(message)
    kept.messages.move(
        message, MessageState.PARKED, expected=(MessageState.QUEUED,), at=START + timedelta(minutes=1),
        reason="account_restricted RESTRICTED_BIZ", parked_until=START + timedelta(hours=1),
    )  # fmt: skip
    history = kept.histories.read("s1", "c1", most=100)
    assert [decision.event_id for decision in history.decisions] == ["e1"]
    assert history.consents == (entry,) and not history.is_cut
    (found,) = history.messages
    assert found.message.state is MessageState.PARKED
    moves = [(move.state, move.reason, move.at - START) for move in found.moves]
    assert moves == [
        (MessageState.QUEUED, "", timedelta(0)),
        (MessageState.PARKED, "account_restricted RESTRICTED_BIZ", timedelta(minutes=1)),
    ]


def test_more_than_is_asked_for_is_cut_and_said(kept: Kept) -> None:
    for number in range(3):
        decide(kept, "c1", f"e{number}")
    assert len(kept.histories.read("s1", "c1", most=2).decisions) == 2
    assert kept.histories.read("s1", "c1", most=2).is_cut
    assert not kept.histories.read("s1", "c1", most=3).is_cut


def test_an_order_is_found_by_its_name_however_it_is_written(kept: Kept) -> None:
    order = Order(
        order_id="9001", name="#K1001", created_at=START, updated_at=START, buyer=Buyer(), currency="JPY", lines=(),
        total="1",
    )  # fmt: skip
    kept.records.put_order(OrderRecord(store_id="s1", order_id="9001", order=order, version=1))
    assert [kept.records.find_order_id("s1", name) for name in ("#K1001", "k1001", " K1001 ")] == ["9001"] * 3
    assert kept.records.find_order_id("s1", "K1002") is None
    assert kept.records.find_order_id("s2", "K1001") is None


def test_when_a_source_last_spoke_is_known(kept: Kept) -> None:
    assert kept.histories.list_webhooks("s1") == {}
    kept.records.note_webhook("s1", "shopify orders/create", START)
    assert kept.histories.list_webhooks("s1") == {"shopify orders/create": START}
