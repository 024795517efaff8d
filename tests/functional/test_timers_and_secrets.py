"""Schedules as EventBridge Scheduler takes them, and secrets as SSM gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from okaeri import wiring
from okaeri.adapters.queues import read_envelope
from okaeri.adapters.scheduler import SchedulerTimers
from okaeri.adapters.secrets import SsmSecrets
from okaeri.domain.evidence import Envelope, TimerDue
from okaeri.domain.values import Lane, make_id
from okaeri.errors import GiveUp, TryAgain
from okaeri.settings.advance_journeys import AdvanceJourneysSettings
from tests.fakes import START
from tests.functional.aws_from_template import MadeStack

NAME = make_id("run", 3, "due")


@pytest.fixture
def timers(made_stack: MadeStack) -> SchedulerTimers:
    names = made_stack.environment("AdvanceJourneys")
    return wiring.make_timers(
        AdvanceJourneysSettings.model_validate({name.lower(): value for name, value in names.items()})
    )


def make_timer() -> Envelope:
    evidence = TimerDue(customer_id="c1", run_id="r1", step=3, due=START)
    return Envelope(id=NAME, store_id="s1", source="timer", received_at=START, evidence=evidence)


def read_schedule() -> Any:
    return wiring.connect_scheduler().get_schedule(Name=NAME, GroupName="okaeri")


def test_a_timer_puts_its_evidence_on_the_fifo_queue_of_its_lane_and_deletes_itself(
    made_stack: MadeStack, timers: SchedulerTimers
) -> None:
    timers.arm(NAME, START, make_timer(), lane=Lane.MARKETING)
    schedule = read_schedule()
    assert schedule["ScheduleExpression"] == "at(2026-11-02T10:00:00)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ActionAfterCompletion"] == "DELETE"
    target = schedule["Target"]
    assert target["Arn"] == made_stack.arns["BulkQueue"]
    assert target["RoleArn"] == made_stack.arns["SchedulerRole"]
    assert target["DeadLetterConfig"] == {"Arn": made_stack.arns["SchedulerDeadLetters"]}
    assert target["SqsParameters"] == {"MessageGroupId": make_id("s1", "run:r1:c1")}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
    assert read_envelope(target["Input"]) == make_timer()


@pytest.mark.parametrize(
    ("at", "expression"),
    [
        (START + timedelta(microseconds=1), "at(2026-11-02T10:00:01)"),
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC), "at(2027-01-01T00:00:00)"),
        (datetime(2026, 11, 2, 19, 0, tzinfo=timezone(timedelta(hours=9))), "at(2026-11-02T10:00:00)"),
    ],
)
def test_a_timer_never_fires_before_its_second(timers: SchedulerTimers, at: datetime, expression: str) -> None:
    timers.arm(NAME, at, make_timer(), lane=Lane.TRANSACTIONAL)
    assert read_schedule()["ScheduleExpression"] == expression


def test_arming_twice_and_disarming_twice_are_fine(timers: SchedulerTimers) -> None:
    timers.arm(NAME, START, make_timer(), lane=Lane.TRANSACTIONAL)
    timers.arm(NAME, START, make_timer(), lane=Lane.TRANSACTIONAL)
    timers.disarm(NAME)
    timers.disarm(NAME)
    client = wiring.connect_scheduler()
    assert client.list_schedules(GroupName="okaeri")["Schedules"] == []


@pytest.mark.parametrize("operation", ["create_schedule", "delete_schedule"])
def test_another_refusal_of_the_scheduler_is_not_swallowed(
    timers: SchedulerTimers, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    def refuse(**request: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, operation)

    monkeypatch.setattr(wiring.connect_scheduler(), operation, refuse)
    with pytest.raises(ClientError):
        timers.arm(NAME, START, make_timer(), lane=Lane.TRANSACTIONAL)
        timers.disarm(NAME)


# ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secrets(made_stack: MadeStack) -> SsmSecrets:
    wiring.connect_ssm().put_parameter(
        Name="/okaeri/okaeri/stores/s1/webhook",
        Value=json.dumps({"current": "a", "previous": "b"}),
        Type="SecureString",
    )
    return SsmSecrets(wiring.connect_ssm(), "/okaeri/okaeri")


def test_a_secret_is_read_decrypted_and_once(secrets: SsmSecrets) -> None:
    assert secrets.get("stores/s1/webhook") == {"current": "a", "previous": "b"}
    wiring.connect_ssm().delete_parameter(Name="/okaeri/okaeri/stores/s1/webhook")
    assert secrets.get("stores/s1/webhook") == {"current": "a", "previous": "b"}


def test_a_missing_secret_is_given_up_and_its_name_alone_is_told(secrets: SsmSecrets) -> None:
    with pytest.raises(GiveUp) as caught:
        secrets.get("stores/s2/webhook")
    assert caught.value.code == "secret_missing"


def test_a_secret_that_was_never_read_waits_for_ssm_to_answer(
    secrets: SsmSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**request: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://ssm")

    monkeypatch.setattr(wiring.connect_ssm(), "get_parameter", fail)
    with pytest.raises(TryAgain):
        secrets.get("stores/s1/webhook")
