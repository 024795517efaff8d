"""The one-minute schedule of each broadcast that is going out (design §5, promise 9)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from okaeri.adapters.aws_errors import aws_errors
from okaeri.domain.values import make_id

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


class SchedulerWakeups:
    """Implements `ports.Wakeups`: a schedule that calls `run_broadcasts` with the broadcast's name.

    Nothing is lost where a call fails: the next one comes after a minute, so none is repeated.
    """

    def __init__(
        self,
        client: EventBridgeSchedulerClient,
        *,
        group: str,
        function_arn: str = "",
        role_arn: str = "",
        dead_letters_arn: str = "",
    ) -> None:
        """Who only stops broadcasts needs no more than the group's name."""
        self._client, self._group = client, group
        self._function_arn, self._role_arn, self._dead_letters_arn = function_arn, role_arn, dead_letters_arn

    def start(self, store_id: str, broadcast_id: str, *, not_before: datetime | None = None) -> None:
        """Every minute from now on, or from a time ahead; one that is set already is fine."""
        beginning: dict[str, Any] = {"StartDate": not_before} if not_before else {}
        try:
            with aws_errors():
                self._client.create_schedule(
                    Name=name_wakeup(store_id, broadcast_id),
                    GroupName=self._group,
                    ScheduleExpression="rate(1 minute)",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    **beginning,
                    Target={
                        "Arn": self._function_arn,
                        "RoleArn": self._role_arn,
                        "Input": json.dumps({"store_id": store_id, "broadcast_id": broadcast_id}),
                        "DeadLetterConfig": {"Arn": self._dead_letters_arn},
                        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
                    },
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise

    def stop(self, store_id: str, broadcast_id: str) -> None:
        """No more; one that is gone is fine."""
        try:
            with aws_errors():
                self._client.delete_schedule(Name=name_wakeup(store_id, broadcast_id), GroupName=self._group)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def name_wakeup(store_id: str, broadcast_id: str) -> str:
    """The schedule's name."""
    return make_id("broadcast", store_id, broadcast_id)
