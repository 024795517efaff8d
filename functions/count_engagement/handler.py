"""The table's stream: counts what became of messages and what they led to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from okaeri import wiring
from okaeri.adapters.table_changes import read_change
from okaeri.observability import make_logger
from okaeri.settings.count_engagement import CountEngagementSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from okaeri.domain.changes import Change

settings = CountEngagementSettings.from_environment()
count_engagement = wiring.count_engagement(settings)
logger = make_logger(settings)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """One batch. Where it raises, Lambda gives the same batch again; what of it was counted is not counted twice."""
    count_engagement(list(read_changes(event)))


def read_changes(event: dict[str, Any]) -> Iterator[Change]:
    """A record that cannot be read must not hold up those behind it: it is left out, and said."""
    for record in event["Records"]:
        try:
            change = read_change(record)
        except Exception as error:  # whatever is wrong with it
            kind = record["dynamodb"]["Keys"]["sk"]["S"].partition("#")[0]
            logger.warning("change not read", change=record["eventID"], kind=kind, exc_info=error)
            continue
        if change is not None:
            yield change
