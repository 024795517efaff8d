"""The sweep hands on everything whose time has come, and loses nothing when it is interrupted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okaeri.domain.customers import Customer
from okaeri.domain.evidence import CustomerWake
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.values import Channel, Lane, Purpose
from okaeri.errors import TryAgain
from okaeri.use_cases.keep_house import CLAIM, KeepHouse, Sweep
from tests.fakes import START, FakeClock, FakeCustomers, FakeDueIndex, FakeMessages, FakeQueues


class House:
    """A sweep with its surroundings."""

    def __init__(self) -> None:
        self.clock, self.queues = FakeClock(), FakeQueues()
        self.customers, self.messages = FakeCustomers(), FakeMessages()
        due = FakeDueIndex(self.customers, self.messages)
        self.keep_house = KeepHouse(due, self.messages, self.queues, self.clock)

    def add_customer(self, name: str, *, due_in: timedelta) -> None:
        customer = Customer(store_id="aya", customer_id=name, version=1, created_at=START)
        self.customers.save(customer, sweep_at=START + due_in)

    def park_message(self, name: str, *, due_in: timedelta, channel: Channel = Channel.WHATSAPP) -> Message:
        message = Message(
            message_id=name, store_id="aya", customer_id="c", channel=channel, purpose=Purpose.ORDER,
            template="order_confirmed", locale="en", decided_at=START, attempt=3,
        )  # fmt: skip
        self.messages.create(message)
        parked = self.messages.move(
            message, MessageState.PARKED, expected=[MessageState.DECIDED], at=START, parked_until=START + due_in
        )
        assert parked is not None
        return parked

    def list_woken(self) -> list[str]:
        return [e.evidence.customer_id for _, e in self.queues.evidence if isinstance(e.evidence, CustomerWake)]


def sweep(house: House) -> Sweep:
    return house.keep_house(lambda: True)


def test_a_customer_whose_time_has_come_is_woken_and_others_sleep_on() -> None:
    house = House()
    house.add_customer("late", due_in=timedelta(minutes=-5))
    house.add_customer("now", due_in=timedelta(0))
    house.add_customer("tomorrow", due_in=timedelta(days=1))
    assert sweep(house) == Sweep(woken=2, sent=0, finished=True)
    assert house.list_woken() == ["late", "now"]


def test_a_parked_message_goes_to_the_queue_of_its_channel_and_lane_with_its_attempt() -> None:
    house = House()
    house.park_message("soon", due_in=timedelta(0), channel=Channel.EMAIL)
    house.park_message("later", due_in=timedelta(hours=1))
    assert sweep(house) == Sweep(woken=0, sent=1, finished=True)
    [sent] = house.queues.messages
    assert (sent.queued.message_id, sent.queued.attempt) == ("soon", 3)
    assert (sent.channel, sent.lane) == (Channel.EMAIL, Lane.TRANSACTIONAL)


def test_what_is_handed_on_is_left_alone_until_its_claim_runs_out() -> None:
    house = House()
    house.add_customer("late", due_in=timedelta(0))
    house.park_message("parked", due_in=timedelta(0))
    sweep(house)
    assert sweep(house) == Sweep(woken=0, sent=0, finished=True)
    house.clock.now += CLAIM
    assert sweep(house) == Sweep(woken=1, sent=1, finished=True)
    first, second = (envelope.id for _, envelope in house.queues.evidence)
    assert first != second  # or SQS would drop the second as a repetition of the first


def test_a_message_that_was_sent_meanwhile_is_not_queued_again() -> None:
    house = House()
    parked = house.park_message("parked", due_in=timedelta(0))
    house.messages.messages["aya", "c", "parked"] = parked.model_copy(update={"state": MessageState.SENDING})
    assert sweep(house).sent == 0
    assert house.queues.messages == []


def test_a_queue_out_of_reach_loses_nothing() -> None:
    house = House()
    house.add_customer("late", due_in=timedelta(0))
    house.park_message("parked", due_in=timedelta(0))
    house.queues.failing = True
    with pytest.raises(TryAgain):
        sweep(house)
    house.queues.failing = False
    house.clock.now += CLAIM
    assert sweep(house) == Sweep(woken=1, sent=1, finished=True)


def test_a_sweep_stops_in_time_and_the_next_one_goes_on() -> None:
    house = House()
    for number in range(25):
        house.add_customer(f"c{number:02}", due_in=timedelta(minutes=number - 30))
    turns = iter([True] * 12)
    assert house.keep_house(lambda: next(turns, False)) == Sweep(woken=12, sent=0, finished=False)
    assert sweep(house) == Sweep(woken=13, sent=0, finished=True)
    assert len(set(house.list_woken())) == 25
