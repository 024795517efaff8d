"""What could not be handled, and how it is handled again: dead letters looked at, explained and sent home."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.queues import SqsQueues, make_group_id, read_envelope
from okaeri.domain.evidence import Envelope

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

DEAD_LETTERS = ("EventsDeadLetters", "DeadLetters", "SchedulerDeadLetters")
_LOOK_S = 10  # seconds that a message stays hidden while it is only looked at
_HOLD_S = 120  # … while it is sent again
_FIFO = frozenset({"EventsQueue", "BulkQueue"})


@dataclass(frozen=True)
class DeadLetter:
    """A message that failed too often. `home` is the queue that it goes back to, None where that helps nobody."""

    queue: str
    message_id: str
    what: str
    store_id: str
    since: datetime
    home: str | None
    body: str
    group: str
    receipt: str


def open_queues(stack: Stack) -> SqsQueues:
    """The queues as the functions use them."""
    return SqsQueues(stack.sqs, {name_as_functions_do(name): url for name, url in stack.queues.items()})


def name_as_functions_do(logical_id: str) -> str:
    """`WhatsappMarketingQueue` → `whatsapp_marketing`."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in logical_id.removesuffix("Queue"))
    return words.lstrip("_")


def count_messages(stack: Stack, queue: str) -> int:
    """About how many messages the queue holds, hidden ones too."""
    found = stack.sqs.get_queue_attributes(
        QueueUrl=stack.find_queue(queue),
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return sum(int(number) for number in found.values())


def take_messages(stack: Stack, queue: str, *, hidden_s: int, most: int) -> Iterator[MessageTypeDef]:
    """Receives until the queue gives no more, or `most`; what is not deleted shows up again after `hidden_s`."""
    taken = 0
    while taken < most:
        answer = stack.sqs.receive_message(
            QueueUrl=stack.find_queue(queue),
            MaxNumberOfMessages=min(10, most - taken),
            VisibilityTimeout=hidden_s,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        taken += len(messages)
        yield from messages


def show_again(stack: Stack, queue: str, receipt: str) -> None:
    """Hides a received message no longer."""
    stack.sqs.change_message_visibility(QueueUrl=stack.find_queue(queue), ReceiptHandle=receipt, VisibilityTimeout=0)


def drop_message(stack: Stack, queue: str, receipt: str) -> None:
    """Deletes a received message."""
    stack.sqs.delete_message(QueueUrl=stack.find_queue(queue), ReceiptHandle=receipt)


def list_dead_letters(stack: Stack, *, most: int = 100) -> list[DeadLetter]:
    """At most `most` of each dead-letter queue; they stay where they are."""
    found = []
    for queue in DEAD_LETTERS:
        letters = [
            explain_message(queue, message) for message in take_messages(stack, queue, hidden_s=_LOOK_S, most=most)
        ]
        for letter in letters:
            show_again(stack, queue, letter.receipt)
        found += letters
    return found


def redrive_dead_letters(stack: Stack, queue: str, *, most: int = 10_000) -> tuple[int, int]:
    """Sends each message home with a new deduplication id, then deletes it here: (sent, left).

    The same id within 5 minutes would be accepted and silently not delivered. A message that is sent and not deleted,
    because this was interrupted, is sent again: everything downstream takes a repetition.
    """
    if queue not in DEAD_LETTERS:
        raise CommandFailure(
            f"{queue} holds no dead letters", at="QUEUE", fix=f"Choose one of {', '.join(DEAD_LETTERS)}."
        )
    sent = left = 0
    for message in take_messages(stack, queue, hidden_s=_HOLD_S, most=most):
        letter = explain_message(queue, message)
        if letter.home is None:
            left += 1
            continue
        _send_home(stack, letter)
        drop_message(stack, queue, letter.receipt)
        sent += 1
    return sent, left


def explain_message(queue: str, message: MessageTypeDef) -> DeadLetter:
    """What the message is, since when it waits, and where it belongs."""
    attributes = message.get("Attributes", {})
    body = message.get("Body", "")
    what, store_id, home, group = _explain_body(queue, body)
    # The Scheduler says in attributes where a timer was to go.
    target = message.get("MessageAttributes", {}).get("TARGET_ARN", {"StringValue": "", "DataType": "String"})
    source = attributes.get("DeadLetterQueueSourceArn") or target.get("StringValue", "")
    return DeadLetter(
        queue=queue,
        message_id=message.get("MessageId", ""),
        what=what,
        store_id=store_id,
        since=datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, UTC),
        home=_name_home(source) or home,
        body=body,
        group=str(attributes.get("MessageGroupId") or group),
        receipt=message.get("ReceiptHandle", ""),
    )


def _explain_body(queue: str, body: str) -> tuple[str, str, str | None, str]:
    """What it is, whose, the queue that it came from if AWS doesn't say, and its group."""
    try:
        data = json.loads(body)
    except ValueError:
        return "not JSON", "", None, ""
    match data:
        case {"evidence": _} | {"gzip": _}:
            envelope: Envelope = read_envelope(body)
            home = "SoonQueue" if queue == "DeadLetters" else "EventsQueue"
            return envelope.evidence.kind, envelope.store_id, home, make_group_id(envelope)
        case {"broadcast_id": _, "store_id": str(store_id)}:
            return "minute of a broadcast (the next one made up for it)", store_id, None, ""
        case {"message_id": _, "store_id": str(store_id)}:
            return "message to send", store_id, None, store_id
        case {"source": "aws.ses"}:
            return "e-mail event", "", "StatusesQueue", ""
        case {"requestContext": _} | {"source": "aws.events"}:
            return "sweep that failed (the next one made up for it)", "", None, ""
    return "statuses of messages", "", "StatusesQueue", ""


def _name_home(source_arn: str) -> str | None:
    """The logical id in a queue's ARN: names end in the stack's fixed names or hold CloudFormation's logical id."""
    name = source_arn.rpartition(":")[2]
    if name.endswith("-events.fifo"):
        return "EventsQueue"
    if name.endswith("-bulk.fifo"):
        return "BulkQueue"
    known = (
        "SoonQueue", "StatusesQueue", "WhatsappTransactionalQueue", "WhatsappMarketingQueue",
        "EmailTransactionalQueue", "EmailMarketingQueue",
    )  # fmt: skip
    return next((logical_id for logical_id in known if logical_id in name), None)


def _send_home(stack: Stack, letter: DeadLetter) -> None:
    assert letter.home is not None  # the caller left the others where they are
    more: dict[str, str] = {"MessageGroupId": letter.group} if letter.group else {}
    if letter.home in _FIFO:
        more["MessageDeduplicationId"] = uuid.uuid4().hex
    stack.sqs.send_message(QueueUrl=stack.find_queue(letter.home), MessageBody=letter.body, **more)  # type: ignore[arg-type]  # a mapping of two texts
