"""Batches from SQS, one event at a time: what failed is given again alone, soon at first, then more slowly.

Not Powertools' batch utility: it costs a tenth of a second of each cold start, and knows nothing of waits.
Nor does a failed event hold back the later ones of its FIFO group: evidence may come in any order (design §5,
promise 2), and one that was skipped counts as received, so it would follow a poison one to the dead letters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from okaeri.domain.messages import QueuedMessage
from okaeri.errors import OkaeriError, TryAgain

if TYPE_CHECKING:
    from aws_lambda_powertools.logging import Logger
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_sqs import SQSClient

    from okaeri.use_cases.send_email import SendEmail
    from okaeri.use_cases.send_whatsapp import SendWhatsapp

# Seconds to hide an event after its 1st, 2nd, … failure; after the 5th the queue moves it to its dead letters.
_AFTER_A_FAULT_S = (1, 4, 15, 40, 0)  # a minute in all: trying again seldom mends what we did not foresee
_AFTER_A_PASSING_FAULT_S = (2, 20, 90, 300, 0)  # seven minutes: what was away has time to come back
_LONGEST_S = 43_200  # SQS's longest visibility time-out

# Milliseconds that one attempt to send may take: 2 s to connect, 8 s for the provider's answer, and the table. A
# function that is ended in the middle of an attempt leaves a message of which nobody knows whether it was sent.
_ATTEMPT_MS = 12_000

Batch = Mapping[str, Any]
BatchResponse = dict[str, list[dict[str, str]]]


class QueuedEvent(NamedTuple):
    """One record of a batch: its body, and how often SQS has given it so far (1 is the first time)."""

    body: str
    received: int

    @property
    def redelivered(self) -> bool:
        """Whether an earlier try may have come half way."""
        return self.received > 1


class EventBatches:
    """Hands each record to a function and reports those that failed (`ReportBatchItemFailures`)."""

    def __init__(self, sqs: SQSClient, *, queue_url: str, make_logger: Callable[[], Logger]) -> None:
        """`queue_url` is that of any queue of the stack: all have the same address but for the name."""
        self._sqs = sqs
        self._base_url = queue_url.rsplit("/", 1)[0]
        self._make_logger = make_logger

    @cached_property
    def _logger(self) -> Logger:
        """Made for the first line: what goes well writes none, and Powertools takes a thirtieth of a cold start."""
        return self._make_logger()

    def handle(self, batch: Batch, handle_event: Callable[[QueuedEvent], object]) -> BatchResponse:
        """Calls `handle_event` with each. An exception fails that one alone and is logged."""
        failed = []
        for record in batch["Records"]:
            received = int(record["attributes"]["ApproximateReceiveCount"])
            try:
                handle_event(QueuedEvent(record["body"], received))
            except Exception as error:  # whatever it is, it must not take the rest of the batch with it
                failed.append({"itemIdentifier": record["messageId"]})
                self._hide(record, received, error)
        return {"batchItemFailures": failed}

    def send(self, batch: Batch, context: LambdaContext, send_message: SendEmail | SendWhatsapp) -> BatchResponse:
        """Sends each message, and hands back those for which the function's time is too short."""

        def handle_event(event: QueuedEvent) -> None:
            queued = QueuedMessage.model_validate_json(event.body)
            if context.get_remaining_time_in_millis() < _ATTEMPT_MS:
                send_message.settle.hand_back(queued)
            else:
                send_message(queued)

        return self.handle(batch, handle_event)

    def _hide(self, record: Mapping[str, Any], received: int, error: Exception) -> None:
        delay_s = choose_delay(error, received)
        queue = str(record["eventSourceARN"]).rsplit(":", 1)[1]
        self._logger.warning(
            "event failed",
            queue=queue,
            sqs_id=record["messageId"],
            code=error.code if isinstance(error, OkaeriError) else "unforeseen",
            received=received,
            again_in_s=delay_s,
            exc_info=error,
        )
        try:
            self._sqs.change_message_visibility(
                QueueUrl=f"{self._base_url}/{queue}",
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=delay_s,
            )
        except Exception as failure:  # then it is given again when the queue's own time is over
            self._logger.warning("event not hidden", sqs_id=record["messageId"], exc_info=failure)


def choose_delay(error: Exception, received: int) -> int:
    """Seconds to hide an event after its `received`-th failure; at least what the error asks for."""
    delays = _AFTER_A_PASSING_FAULT_S if isinstance(error, TryAgain) else _AFTER_A_FAULT_S
    delay_s: float = delays[min(max(received, 1), len(delays)) - 1]
    if isinstance(error, TryAgain) and error.after_s is not None and received < len(delays):
        delay_s = max(delay_s, error.after_s)
    return min(math.ceil(delay_s), _LONGEST_S)
