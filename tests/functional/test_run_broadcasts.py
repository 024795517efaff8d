"""A minute of a broadcast as its schedule calls it: the roster in, the bulk queue out."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest

from okaeri import wiring
from okaeri.adapters.broadcasts import DynamoBroadcasts
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.wakeups import SchedulerWakeups
from okaeri.domain.broadcasts import Broadcast, BroadcastState, EarlyAccess, Ramp, RampPart, name_event
from okaeri.domain.conditions import Condition
from okaeri.domain.customers import Consent, Customer
from okaeri.domain.decide import shorten
from okaeri.domain.evidence import BroadcastDue, Envelope
from okaeri.domain.stores import Store
from tests.functional.aws_from_template import MadeStack

NOW = datetime.now(UTC)
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 120_000)
EVENT = {"store_id": "aya", "broadcast_id": "summer"}


@pytest.fixture
def made(deploy: Callable[[str], MadeStack]) -> MadeStack:
    """A shop with thirty customers in Japan and one broadcast."""
    made = deploy("RunBroadcasts")
    store = Store(
        store_id="aya", name="Aya", platform="standard", domain="aya.example", site_url="https://aya.example",
        from_email="a@aya.example", phone_number_id="1001", waba_id="2001",
    )  # fmt: skip
    boto3.resource("dynamodb").Table(made.table_name).put_item(
        Item={"pk": "STORE#aya", "sk": "STORE", "body": encode_body(store)["B"]}
    )
    customers = DynamoCustomers(wiring.connect_dynamodb(), made.table_name)
    agreed = Consent(given=True, at=NOW - timedelta(days=3), source="signup")
    for number in range(30):
        customer = Customer(
            store_id="aya", customer_id=f"c{number:02}", version=1, created_at=NOW, country="JP" if number else "DE",
            phones=(f"+8190{number:08}",), consents={"whatsapp:marketing": agreed},
        )  # fmt: skip
        customers.save(customer, sweep_at=None)
    return made


def save_broadcast(made: MadeStack, **fields: object) -> DynamoBroadcasts:
    kept = DynamoBroadcasts(wiring.connect_dynamodb(), made.table_name, wiring.read_clock)
    values = {
        "store_id": "aya", "broadcast_id": "summer", "name": "Summer", "template": "news", "made_at": NOW,
        "audience": Condition(field="customer.country", equals="JP"), "definition": "d1", "size": 29,
        "state": BroadcastState.SENDING, "ramp": Ramp(parts=()), "version": 1,
    }  # fmt: skip
    kept.save(Broadcast.model_validate(values | fields))
    return kept


def run_minute() -> None:
    sys.modules.pop("run_broadcasts.handler", None)
    importlib.import_module("run_broadcasts.handler").lambda_handler(EVENT, CONTEXT)


def take_recipients(made: MadeStack) -> list[str]:
    """Everything on the bulk queue, sorted; it is deleted."""
    sqs, url = boto3.client("sqs"), made.queue_url("BulkQueue")
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            evidence = Envelope.model_validate_json(message["Body"]).evidence
            assert isinstance(evidence, BroadcastDue)
            found.append(evidence.customer_id)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return sorted(found)


def test_a_minute_puts_the_audience_on_the_bulk_queue_and_the_schedule_ends(made: MadeStack) -> None:
    kept = save_broadcast(made)
    scheduler = wiring.connect_scheduler()
    SchedulerWakeups(
        scheduler, group="okaeri", function_arn="arn:aws:lambda:us-east-1:123456789012:function:run",
        role_arn=made.arns["BroadcastsSchedulerRole"], dead_letters_arn=made.arns["SchedulerDeadLetters"],
    ).start("aya", "summer")  # fmt: skip
    run_minute()
    everybody = [f"c{number:02}" for number in range(1, 30)]
    assert take_recipients(made) == everybody
    done = kept.get("aya", "summer")
    assert done is not None
    assert (done.state, done.released) == (BroadcastState.DONE, 29)
    assert sorted(kept.list_recipients(done)) == everybody
    assert scheduler.list_schedules(GroupName="okaeri")["Schedules"] == []


def test_the_ramp_is_kept_over_minutes(made: MadeStack) -> None:
    ramp = Ramp(parts=(RampPart(percent=1, at_least=5),), watch=timedelta(hours=1))
    kept = save_broadcast(made, ramp=ramp)
    run_minute()
    run_minute()
    first = take_recipients(made)
    assert len(first) == 5
    paused = kept.get("aya", "summer")
    assert paused is not None and paused.watch_until is not None
    assert paused.watch_until > NOW + timedelta(minutes=59)


def test_early_access_goes_first_and_the_others_when_it_opens(made: MadeStack) -> None:
    """Of thirty the loyal ten; the envelopes say which of both it is."""
    customers = DynamoCustomers(wiring.connect_dynamodb(), made.table_name)
    for number in range(20, 30):
        customer = customers.load("aya", f"c{number:02}")
        assert customer is not None
        loyal = {"orders_count": 4, "last_order_at": NOW - timedelta(days=5), "version": customer.version + 1}
        customers.save(customer.model_copy(update=loyal), sweep_at=None)
    access = EarlyAccess(segment="loyal", ahead=timedelta(hours=1))
    opens = NOW + timedelta(hours=1)
    kept = save_broadcast(made, early_access=access, early_definition="d0", opens_at=opens)
    run_minute()
    run_minute()
    assert take_recipients(made) == [f"c{number:02}" for number in range(20, 30)]
    between = kept.get("aya", "summer")
    assert between is not None
    assert (between.state, between.has_told_early, between.released) == (BroadcastState.SENDING, True, 10)
    for who in kept.list_recipients(between):  # as the engine leaves them
        customer = customers.load("aya", who)
        assert customer is not None
        heard = {"recent": (shorten(name_event(between)),), "version": customer.version + 1}
        customers.save(customer.model_copy(update=heard), sweep_at=None)
    kept.save(between.model_copy(update={"opens_at": NOW, "version": between.version + 1}))
    run_minute()
    assert take_recipients(made) == [f"c{number:02}" for number in range(1, 20)]
    done = kept.get("aya", "summer")
    assert done is not None
    assert (done.state, done.released) == (BroadcastState.DONE, 29)


def test_what_still_waits_counts_against_the_minute(made: MadeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new portfolio may write to 250 people a day, a fifth of them kept for orders; two hundred wait already."""
    save_broadcast(made)
    sqs, url = boto3.client("sqs"), made.queue_url("WhatsappMarketingQueue")
    for start in range(0, 190, 10):
        sqs.send_message_batch(
            QueueUrl=url,
            Entries=[{"Id": str(n), "MessageBody": json.dumps({"n": start + n})} for n in range(10)],
        )
    run_minute()
    assert len(take_recipients(made)) == 10
