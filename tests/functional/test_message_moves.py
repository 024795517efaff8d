"""Random walks of one message: the fake and DynamoDB answer alike at each step."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okaeri import wiring
from okaeri.adapters.messages import DynamoMessages
from okaeri.domain.messages import Charge, Message, MessageCost, MessageState
from okaeri.domain.values import Channel, Purpose
from tests.fakes import START, FakeClock, FakeMessages
from tests.functional.aws_from_template import MadeStack

states = st.sampled_from(list(MessageState))
moments = st.integers(0, 10_000_000).map(lambda micros: START + timedelta(microseconds=micros))
amounts = st.sampled_from([None, "0", "0.0034"])
words = st.sampled_from(["", "utility", "marketing"])
costs = st.builds(
    MessageCost,
    amount=amounts,
    rate=amounts,
    fee=amounts,
    category=words,
    type=st.sampled_from(["", "regular", "free_entry_point"]),
    market=st.sampled_from(["", "BR", "Rest of Africa"]),
)
charges = st.builds(Charge, st.sampled_from(["", "regular"]), words, st.booleans())
moves = st.fixed_dictionaries(
    {
        "to": states,
        "expected": st.lists(states, min_size=1, max_size=8, unique=True),
        "at": moments,
        "reason": st.sampled_from(["", "131049", "template_paused"]),
    },
    optional={
        "attempt": st.integers(0, 3),
        "provider_id": st.sampled_from(["wamid.1", "wamid.2"]),
        "address": st.just("+819012345678"),
        "parked_until": moments,
        "repeated": st.booleans(),
        "withheld": st.booleans(),
        "cost": costs,
    },
)
reports = st.fixed_dictionaries(
    {"to": states, "at": moments, "reason": st.sampled_from(["", "470"])}, optional={"charge": charges}
)
steps = st.lists(st.tuples(st.booleans(), moves | reports), max_size=12)
numbers = itertools.count()


# One table for all examples: each walk is of a message of its own.
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=steps)
def test_the_fake_and_dynamodb_agree_on_every_walk(
    made_stack: MadeStack, walk: list[tuple[bool, dict[str, Any]]]
) -> None:
    real = DynamoMessages(wiring.connect_dynamodb(), made_stack.table_name, FakeClock())
    follow(walk, real, FakeMessages(), make_message(f"m{next(numbers)}"))


def follow(walk: list[tuple[bool, dict[str, Any]]], real: DynamoMessages, fake: FakeMessages, first: Message) -> None:
    assert real.create(first) == fake.create(first)
    latest = first
    for stale, step in walk:
        seen = first if stale else latest
        if "expected" in step:
            moved, faked = real.move(seen, **step), fake.move(seen, **step)
        else:
            key = (seen.store_id, seen.customer_id, seen.message_id)
            moved, faked = real.report(*key, **step), fake.report(*key, **step)
        assert moved == faked
        latest = moved or latest
        assert real.get("s1", "c1", first.message_id) == fake.get("s1", "c1", first.message_id)


def make_message(message_id: str) -> Message:
    return Message(
        message_id=message_id,
        store_id="s1",
        customer_id="c1",
        channel=Channel.WHATSAPP,
        purpose=Purpose.ORDER,
        template="order_confirmed",
        locale="ja",
        decided_at=START,
    )
