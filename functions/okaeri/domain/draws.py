"""Lots that are drawn without chance: the same customer draws the same one, whoever decides and whenever. Pure."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

_LOTS = 10_000  # a hundredth of a percent each


def name_period(per: str, local: datetime) -> str:
    """For how long a lot stands, by the store's own clock: "2026-W48", "2026-11", or for ever."""
    if per == "once":
        return ""
    if per == "month":
        return f"{local:%Y-%m}"
    year, week, _ = local.isocalendar()
    return f"{year}-W{week:02}"


def wins(store_id: str, customer_id: str, draw: str, period: str, percent: float) -> bool:
    """Whether the lot that this customer draws in the period is among the winning ones."""
    drawn = sha256("\x1f".join(("draw", store_id, draw, period, customer_id)).encode()).hexdigest()
    return int(drawn[:12], 16) % _LOTS < percent * _LOTS / 100
