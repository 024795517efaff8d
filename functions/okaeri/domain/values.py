"""The words that every other module speaks: channels, purposes, lanes, and the two kinds of frozen models."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


# Models are built when they are first used: one that is only part of others, or that a function never meets, never is.
# Modules that hold models do without `from __future__ import annotations`: pydantic reads all annotations as a module
# loads, and compiles each one that is a text, which makes a third of what a model costs each cold start. For the same
# reason a default that is a model itself comes from a factory: to make one builds it. What is passed on and never kept
# is a NamedTuple: a frozen dataclass costs a cold start three times as much.
class Value(BaseModel):
    """A frozen domain value. Unknown fields are refused: what we make ourselves is exact."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Stored(BaseModel):
    """A frozen value that is kept in the table or in a queue.

    Unknown fields are kept and written back, so that code of the version before does not lose what the
    version after has written (design §4, shapes change safely).
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)


class Channel(StrEnum):
    """How a message reaches a person. A new channel is one adapter and one wiring line."""

    WHATSAPP = "whatsapp"
    EMAIL = "email"


class Purpose(StrEnum):
    """What a message is for: decides consent, lane, hours and priority."""

    ORDER = "order"
    MARKETING = "marketing"


class Lane(StrEnum):
    """Which queue a message takes; a broadcast never delays an order confirmation."""

    TRANSACTIONAL = "transactional"
    MARKETING = "marketing"


def choose_lane(purpose: Purpose) -> Lane:
    """Order messages are transactional, everything else is marketing."""
    return Lane.TRANSACTIONAL if purpose is Purpose.ORDER else Lane.MARKETING


def make_id(*parts: str | int) -> str:
    """A stable 40-hex id of the parts (schedule names take ≤ 64 characters, SES tags refuse `/`)."""
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:40]


def format_time(moment: datetime) -> str:
    """ISO 8601 in UTC, microseconds kept, ending in Z; sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
