"""What Meta says of a number and its account: quality, limits, restrictions; and what senders make of it.

https://developers.facebook.com/docs/whatsapp/messaging-limits
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import Field

from okaeri.domain.values import Purpose, Stored

STANDARD_PER_SECOND = 80
UPGRADED_PER_SECOND = 1000
UNLIMITED = "unlimited"
# A restriction without an end of its own is believed for a day; then Meta's answer to the next message says more.
_BELIEVED_FOR = timedelta(days=1)
# A number whose quality is low gets better over days: marketing looks again after hours, and should nobody tell
# that it did, goes on after a few days.
_QUALITY_WAIT, _QUALITY_BELIEVED_FOR = timedelta(hours=6), timedelta(days=3)


# The notices that say something of a number; what else comes is for a person to read.
FIELDS = frozenset({"phone_number_quality_update", "business_capability_update", "account_update"})


class NumberState(Stored):
    """One number. `tier` is the portfolio's limit of people per 24 hours: digits, `unlimited`, empty where unknown.

    `stopped` and `marketing_stopped` say why nothing, or no marketing, may be sent before their time.
    `heard` is when each field of Meta's was last told, for notices come late and twice.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    phone_number_id: str
    waba_id: str = ""
    display: str = ""  # digits, as Meta's notices name the number
    tier: str = ""
    quality: str = ""  # GREEN, YELLOW, RED, empty where unknown
    quality_at: datetime | None = None  # when it was told
    per_second: int = STANDARD_PER_SECOND
    stopped: str = ""
    stopped_until: datetime | None = None
    marketing_stopped: str = ""
    marketing_stopped_until: datetime | None = None
    heard: dict[str, datetime] = Field(default_factory=dict)

    model_config = Stored.model_config | {"populate_by_name": True}

    @property
    def limit(self) -> int | None:
        """People per 24 hours, None where there is no limit or it is not known (see `tier`)."""
        return int(self.tier) if self.tier.isdecimal() else None


class Stop(NamedTuple):
    """Why a sender stands still, and until when."""

    reason: str
    until: datetime


def find_stop(state: NumberState | None, purpose: Purpose, now: datetime) -> Stop | None:
    """Whether a message of this purpose must wait; marketing is the first to stop. None where it may be sent."""
    if state is None:
        return None
    if state.stopped and state.stopped_until and now < state.stopped_until:
        return Stop(state.stopped, state.stopped_until)
    if purpose is Purpose.ORDER:
        return None
    if state.marketing_stopped and state.marketing_stopped_until and now < state.marketing_stopped_until:
        return Stop(state.marketing_stopped, state.marketing_stopped_until)
    is_recent = state.quality_at is None or now - state.quality_at < _QUALITY_BELIEVED_FOR
    if state.quality == "RED" and is_recent:
        return Stop("number_quality_red", now + _QUALITY_WAIT)
    return None


def hold_marketing(state: NumberState, reason: str, until: datetime) -> NumberState:
    """The number with a refusal of its own in mind; a longer stop that Meta announced stays."""
    known = state.marketing_stopped_until
    if known is not None and known >= until:
        return state
    return state.model_copy(update={"marketing_stopped": reason, "marketing_stopped_until": until})


def read_tier(value: str) -> str:
    """Meta's word for a limit: `TIER_10K`, `2000`, `TIER_UNLIMITED`; empty for one that is none."""
    word = value.strip().upper().removeprefix("TIER_")
    if word == "UNLIMITED":
        return UNLIMITED
    digits, thousands = word.removesuffix("K"), word.endswith("K")
    if not digits.isdecimal():
        return ""
    return str(int(digits) * (1000 if thousands else 1))


def concerns(state: NumberState, details: Mapping[str, str]) -> bool:
    """Whether a notice that names a number speaks of this one; a number whose digits are unknown is concerned."""
    named = details.get("display_phone_number", "")
    return not named or not state.display or named == state.display


def take_notice(state: NumberState, field: str, details: Mapping[str, str], at: datetime) -> NumberState:
    """The number after a notice: `field` is the webhook's, `details` its words. An older notice changes nothing."""
    if field in state.heard and at < state.heard[field]:
        return state
    changes: dict[str, object] = {"heard": {**state.heard, field: at}}
    event = details.get("event", "")
    match field:
        case "phone_number_quality_update":
            changes |= _read_quality(state, event, details, at)
        case "business_capability_update":
            changes["tier"] = read_tier(details.get("max_daily_conversations_per_business", "")) or state.tier
        case "account_update":
            changes |= _read_account(event, details, at)
    return state.model_copy(update=changes)


def _read_quality(state: NumberState, event: str, details: Mapping[str, str], at: datetime) -> dict[str, object]:
    told = details.get("max_daily_conversations_per_business") or details.get("current_limit", "")
    changes: dict[str, object] = {"tier": read_tier(told) or state.tier}
    match event:
        case "FLAGGED":
            changes |= {"quality": "RED", "quality_at": at}
        case "UNFLAGGED":
            changes |= {"quality": "", "quality_at": at}
        case "THROUGHPUT_UPGRADE":
            changes["per_second"] = UPGRADED_PER_SECOND
    return changes


_FREE_AGAIN: dict[str, object] = {
    "stopped": "",
    "stopped_until": None,
    "marketing_stopped": "",
    "marketing_stopped_until": None,
}


def _read_account(event: str, details: Mapping[str, str], at: datetime) -> dict[str, object]:
    until = at + _BELIEVED_FOR
    if "until" in details:
        until = datetime.fromisoformat(details["until"])
    match event:
        case "ACCOUNT_RESTRICTION":
            # Order messages go on: Meta refuses each that it will not carry, and those take another channel.
            reason = f"account_restricted {details.get('restriction', '')}".strip()
            return {"marketing_stopped": reason, "marketing_stopped_until": until}
        case "DISABLED_UPDATE":
            ban = details.get("ban_state", "").upper()
            if "REINSTATE" in ban:
                return _FREE_AGAIN
            if "SCHEDULE" in ban:
                return {"marketing_stopped": "account_will_be_disabled", "marketing_stopped_until": until}
            return {"stopped": "account_disabled", "stopped_until": until}
        case "ACCOUNT_DELETED" | "ACCOUNT_OFFBOARDED":
            return {"stopped": event.lower(), "stopped_until": until}
        case "ACCOUNT_RECONNECTED":
            return _FREE_AGAIN
        case _:
            return {}
