"""Services that tell of parcels by their tracking number: who they are, and how a number is compared."""

from __future__ import annotations

from enum import StrEnum

ADDRESS_TOKEN = "okaeri-token"  # the header under which a token in a webhook's address is handed on


class Carrier(StrEnum):
    """Whose webhooks are understood. Each asks many carriers and tells us in its own words."""

    AFTERSHIP = "aftership"
    EASYPOST = "easypost"
    SHIPPO = "shippo"


def fold_tracking_number(number: str) -> str:
    """`1z 999-aa1` and `1Z999AA1` are one number: stores and carriers print them differently."""
    return "".join(character for character in number if character.isalnum()).upper()
