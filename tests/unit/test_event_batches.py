"""A batch from SQS: who failed is given again alone, in time, and without a word of what was in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from okaeri.errors import Conflict, GiveUp, TryAgain
from okaeri.event_batches import EventBatches, QueuedEvent, choose_delay
from okaeri.observability import make_logger
from okaeri.settings import FunctionSettings

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/okaeri-events.fifo"
ARN = "arn:aws:sqs:eu-central-1:123456789012"


class HidingQueue:
    """An SQS that remembers how long which message was hidden."""

    def __init__(self) -> None:
        self.hidden: list[tuple[str, str, int]] = []
        self.failing = False

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        if self.failing:
            raise ConnectionError
        self.hidden.append((QueueUrl, ReceiptHandle, VisibilityTimeout))


@pytest.fixture
def sqs() -> HidingQueue:
    return HidingQueue()


@pytest.fixture
def batches(sqs: HidingQueue) -> EventBatches:
    return make_batches(sqs, "advance_journeys")


def make_batches(sqs: HidingQueue, service: str) -> EventBatches:
    settings = FunctionSettings(stage="local", stack_name="okaeri", powertools_service_name=service)
    return EventBatches(sqs, queue_url=URL, make_logger=lambda: make_logger(settings))  # type: ignore[arg-type]  # one call of it


def make_record(body: str, *, received: int = 1, queue: str = "okaeri-events.fifo") -> dict[str, Any]:
    return {
        "messageId": f"id-{body}",
        "receiptHandle": f"handle-{body}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(received)},
        "eventSourceARN": f"{ARN}:{queue}",
    }


def test_a_poison_event_fails_alone_and_the_later_ones_go_on(sqs: HidingQueue, batches: EventBatches) -> None:
    handled = []

    def handle(event: QueuedEvent) -> None:
        if event.body == "poison":
            raise ValueError("+819012345678")
        handled.append((event.body, event.redelivered))

    batch = {"Records": [make_record("a"), make_record("poison", queue="soon"), make_record("b", received=2)]}
    answer = batches.handle(batch, handle)
    assert handled == [("a", False), ("b", True)]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "id-poison"}]}
    assert sqs.hidden == [("https://sqs.eu-central-1.amazonaws.com/123456789012/soon", "handle-poison", 1)]


def test_a_failure_is_one_line_with_its_place_and_without_its_text(
    sqs: HidingQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    batches = make_batches(sqs, "a_service_of_this_test")  # a logger keeps the stream that it was made with

    def handle(event: QueuedEvent) -> None:
        raise ValueError("Hanako, +819012345678, hanako@example.jp")

    batches.handle({"Records": [make_record("Hanako", received=3)]}, handle)
    [line] = capsys.readouterr().out.splitlines()
    for secret in ("Hanako,", "+819012345678", "hanako@example.jp"):
        assert secret not in line
    logged = json.loads(line)
    assert logged["message"] == "event failed"
    assert logged["service"] == "a_service_of_this_test"
    assert (logged["code"], logged["exception_name"]) == ("unforeseen", "ValueError")
    assert (logged["received"], logged["again_in_s"]) == (3, 15)
    assert "test_event_batches.py" in logged["exception"]
    assert len(line) < 1_000


def test_an_event_that_cannot_be_hidden_is_still_reported(sqs: HidingQueue, batches: EventBatches) -> None:
    sqs.failing = True

    def handle(event: QueuedEvent) -> None:
        raise TryAgain("aws_busy")

    answer = batches.handle({"Records": [make_record("a")]}, handle)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "id-a"}]}


def test_a_poison_event_reaches_the_dead_letters_in_about_a_minute() -> None:
    assert [choose_delay(ValueError(), received) for received in range(1, 6)] == [1, 4, 15, 40, 0]
    assert choose_delay(GiveUp("never"), 1) == 1


def test_a_passing_fault_is_given_minutes_to_pass() -> None:
    assert sum(choose_delay(TryAgain("aws_busy"), received) for received in range(1, 6)) > 400


@pytest.mark.parametrize(
    ("error", "received", "delay_s"),
    [
        (TryAgain("rate", after_s=60.2), 1, 61),
        (TryAgain("rate", after_s=1), 3, 90),
        (TryAgain("rate", after_s=100_000), 1, 43_200),
        (Conflict("changed_meanwhile", after_s=7), 1, 7),
        (TryAgain("rate", after_s=60), 5, 0),
        (ValueError(), 9, 0),
    ],
)
def test_an_event_waits_as_long_as_its_error_asks(error: Exception, received: int, delay_s: int) -> None:
    assert choose_delay(error, received) == delay_s
