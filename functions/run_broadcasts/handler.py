"""Every minute for each broadcast that goes out: releases as many recipients as may go now."""

from __future__ import annotations

from aws_lambda_powertools.utilities.typing import LambdaContext

from okaeri import wiring
from okaeri.settings.run_broadcasts import RunBroadcastsSettings

RESERVE_MS = 20_000  # to finish the page that is begun

settings = RunBroadcastsSettings.from_environment()
run_broadcasts = wiring.run_broadcasts(settings)


def lambda_handler(event: dict[str, str], context: LambdaContext) -> None:
    """`event` names the broadcast, as its schedule was made with."""
    run_broadcasts(
        event["store_id"],
        event["broadcast_id"],
        lambda: context.get_remaining_time_in_millis() > RESERVE_MS,
    )
