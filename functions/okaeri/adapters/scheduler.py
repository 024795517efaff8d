"""Waits of more than fifteen minutes: one-time schedules that put evidence on a FIFO queue (design §5, promise 7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from okaeri.adapters.aws_errors import aws_errors
from okaeri.adapters.queues import make_group_id
from okaeri.domain.evidence import Envelope
from okaeri.domain.values import Lane

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_LONGEST_RETRY_S = 86_400  # both are the most that EventBridge Scheduler allows
_MOST_RETRIES = 185


class SchedulerTimers:
    """Implements `ports.Timers`. The queues deduplicate by content: a schedule gives no deduplication id."""

    def __init__(
        self,
        client: EventBridgeSchedulerClient,
        *,
        group: str,
        role_arn: str,
        dead_letters_arn: str,
        queue_arns: Mapping[Lane, str],
    ) -> None:
        self._client, self._group, self._role_arn = client, group, role_arn
        self._dead_letters_arn, self._queue_arns = dead_letters_arn, queue_arns

    def arm(self, name: str, at: datetime, envelope: Envelope, *, lane: Lane) -> None:
        """Fires within the minute of `at`, never before its second, and deletes itself then."""
        try:
            with aws_errors():
                self._client.create_schedule(
                    Name=name,
                    GroupName=self._group,
                    ScheduleExpression=f"at({_round_up(at):%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self._queue_arns[lane],
                        "RoleArn": self._role_arn,
                        "Input": envelope.to_body(),
                        "SqsParameters": {"MessageGroupId": make_group_id(envelope)},
                        "DeadLetterConfig": {"Arn": self._dead_letters_arn},
                        "RetryPolicy": {
                            "MaximumEventAgeInSeconds": _LONGEST_RETRY_S,
                            "MaximumRetryAttempts": _MOST_RETRIES,
                        },
                    },
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise

    def disarm(self, name: str) -> None:
        """One that fired, or never was, is fine."""
        try:
            with aws_errors():
                self._client.delete_schedule(Name=name, GroupName=self._group)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def _round_up(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc if utc.microsecond == 0 else utc.replace(microsecond=0) + timedelta(seconds=1)
