"""Every quarter of an hour: wakes what should have woken, and sends what was parked until now."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from okaeri import wiring
from okaeri.observability import make_logger
from okaeri.settings.keep_house import KeepHouseSettings

RESERVE_MS = 20_000  # to hand on what is claimed already

settings = KeepHouseSettings.from_environment()
keep_house = wiring.keep_house(settings)
logger = make_logger(settings)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Sweeps until nothing is due or the function's time is nearly over."""
    sweep = keep_house(lambda: context.get_remaining_time_in_millis() > RESERVE_MS)
    logger.info("swept", woken=sweep.woken, sent=sweep.sent, finished=sweep.finished)
