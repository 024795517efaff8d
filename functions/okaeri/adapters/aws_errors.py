"""AWS's errors as ours, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from okaeri.errors import Conflict, TryAgain

_CONFLICTS = frozenset(
    {
        "ConditionalCheckFailed",  # a reason within a cancelled transaction
        "ConditionalCheckFailedException",
        "TransactionConflict",  # likewise
        "TransactionConflictException",
    }
)
_PASSING = frozenset(
    {
        "InternalServerError",
        "ItemCollectionSizeLimitExceededException",
        "KmsThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


class ConditionFailed(Conflict):
    """A conditional write found another item than it expected; `item` is that item where DynamoDB says it."""

    def __init__(self, item: dict[str, Any] | None = None) -> None:
        super().__init__("changed_meanwhile")
        self.item = item


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turns lost races into ConditionFailed, passing faults into TryAgain; what a person must mend stays itself."""
    try:
        yield
    except (ConnectionError, HTTPClientError) as error:  # refused, lost, too slow
        raise TryAgain("aws_unreachable", type(error).__name__) from error
    except ClientError as error:
        codes = _list_codes(error)
        if codes & _CONFLICTS:
            raise ConditionFailed(error.response.get("Item")) from error  # type: ignore[arg-type]
        if codes & _PASSING or _is_server_fault(error):
            raise TryAgain("aws_busy", ", ".join(sorted(codes))) from error
        raise


def _list_codes(error: ClientError) -> set[str]:
    reasons = error.response.get("CancellationReasons", [])  # of a transaction, "None" for those without fault
    return {error.response["Error"]["Code"], *(reason.get("Code", "None") for reason in reasons)}


def _is_server_fault(error: ClientError) -> bool:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
