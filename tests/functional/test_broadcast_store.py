"""Broadcasts in the table and in the fakes: one contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from okaeri import ports, wiring
from okaeri.adapters.broadcasts import DynamoBroadcasts
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.wakeups import SchedulerWakeups, name_wakeup
from okaeri.domain.broadcasts import Broadcast, BroadcastState, Ramp, RampPart
from okaeri.domain.conditions import Condition
from okaeri.errors import Conflict
from tests.fakes import START, FakeBroadcasts, FakeClock
from tests.functional.aws_from_template import MadeStack


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[ports.Broadcasts]:
    if request.param == "fake":
        yield FakeBroadcasts()
    else:
        stack: MadeStack = request.getfixturevalue("made_stack")
        yield DynamoBroadcasts(wiring.connect_dynamodb(), stack.table_name, FakeClock())


def make_broadcast(broadcast_id: str = "summer", version: int = 1, **fields: Any) -> Broadcast:
    return Broadcast(
        **{
            "store_id": "s1",
            "broadcast_id": broadcast_id,
            "name": "Summer",
            "template": "news",
            "made_at": START,
            "version": version,
            **fields,
        }
    )


def test_a_broadcast_is_read_as_it_was_written(kept: ports.Broadcasts) -> None:
    saved = make_broadcast(
        audience=Condition(any=(Condition(field="customer.segments", has="loyal"),)),
        words={"ja": {"title": "夏", "text": "新作", "url": "https://shop.example"}},
        ramp=Ramp(parts=(RampPart(percent=2.5, at_least=7),), watch=timedelta(minutes=3)),
        state=BroadcastState.PAUSED,
        reason="blocked 3 of 7",
        passed_over={"no_marketing_consent": 4},
        cursor="2:s1#C#c9",
    )
    kept.save(saved)
    assert kept.get("s1", "summer") == saved
    assert kept.get("s1", "winter") is None
    assert kept.get("s2", "summer") is None


@pytest.mark.parametrize("version", [1, 3])
def test_who_did_not_see_the_latest_version_loses(kept: ports.Broadcasts, version: int) -> None:
    kept.save(make_broadcast())
    with pytest.raises(Conflict):
        kept.save(make_broadcast(version=version, released=100))
    kept.save(make_broadcast(version=2, released=5))
    found = kept.get("s1", "summer")
    assert found is not None
    assert found.released == 5


def test_the_broadcasts_of_a_store_are_listed_by_id_without_their_recipients(kept: ports.Broadcasts) -> None:
    for name in ("winter", "autumn"):
        kept.save(make_broadcast(name))
        kept.put_recipients(make_broadcast(name), 0, ["c1"])
    kept.save(make_broadcast("spring", store_id="s2"))
    assert [broadcast.broadcast_id for broadcast in kept.list_all("s1")] == ["autumn", "winter"]


def test_recipients_are_listed_in_the_order_of_their_release_as_far_as_it_was_committed(kept: ports.Broadcasts) -> None:
    kept.put_recipients(make_broadcast(), 0, ["c1", "c2"])
    kept.put_recipients(make_broadcast(), 1, ["gone"])
    kept.put_recipients(make_broadcast(), 1, ["c3", "c4"])  # the page was released once more
    kept.put_recipients(make_broadcast(), 2, ["not yet"])
    committed = make_broadcast(pages=2)
    assert list(kept.list_recipients(committed)) == ["c1", "c2", "c3", "c4"]
    assert list(kept.list_recipients(committed, newest_first=True)) == ["c3", "c4", "c1", "c2"]


def test_engine_and_senders_see_a_pause_within_seconds(made_stack: MadeStack) -> None:
    client, clock = wiring.connect_dynamodb(), FakeClock()
    broadcasts = DynamoBroadcasts(client, made_stack.table_name, clock)
    broadcasts.save(make_broadcast(state=BroadcastState.SENDING))
    records = DynamoRecords(client, made_stack.table_name, clock)
    found = records.get_broadcast("s1", "summer")
    assert found is not None and found.state is BroadcastState.SENDING
    broadcasts.save(make_broadcast(version=2, state=BroadcastState.PAUSED))
    fresh = DynamoRecords(client, made_stack.table_name, clock).get_broadcast("s1", "summer")
    assert fresh is not None and fresh.state is BroadcastState.PAUSED


def test_a_broadcasts_minute_is_one_schedule_whatever_is_repeated(made_stack: MadeStack) -> None:
    scheduler = wiring.connect_scheduler()
    wakeups = SchedulerWakeups(
        scheduler,
        group=made_stack.references["ScheduleGroup"],
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:run",
        role_arn=made_stack.arns["BroadcastsSchedulerRole"],
        dead_letters_arn=made_stack.arns["SchedulerDeadLetters"],
    )
    for _ in range(2):
        wakeups.start("s1", "summer")
    schedule = scheduler.get_schedule(GroupName="okaeri", Name=name_wakeup("s1", "summer"))
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["Target"]["Input"] == '{"store_id": "s1", "broadcast_id": "summer"}'
    for _ in range(2):
        wakeups.stop("s1", "summer")
    assert scheduler.list_schedules(GroupName="okaeri")["Schedules"] == []
