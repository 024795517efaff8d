"""How much marketing waits in the queues, as SQS counts it: approximately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from okaeri.adapters.aws_errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsBacklog:
    """Implements `ports.Backlog` over the queues that recipients and their messages pass."""

    def __init__(self, client: SQSClient, urls: Sequence[str]) -> None:
        self._client, self._urls = client, urls

    def count(self) -> int:
        """Waiting and being worked on; what is delayed has its own time."""
        return sum(self._count(url) for url in self._urls)

    def _count(self, url: str) -> int:
        with aws_errors():
            found = self._client.get_queue_attributes(
                QueueUrl=url,
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )["Attributes"]
        return sum(int(number) for number in found.values())
