"""What Meta's notices about accounts and numbers say, as flat words (facts: WhatsApp §6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_PLAIN = ("event", "max_daily_conversations_per_business", "current_limit", "alert_type", "decision")


def describe_notice(value: dict[str, Any]) -> dict[str, str]:
    """`event`, limits and the like as Meta wrote them; `display_phone_number` in digits; of a restriction its kinds
    (`restriction`) and its last end (`until`, ISO 8601); of a ban its `ban_state`. What is missing is left out.
    """
    details = {name: str(value[name]) for name in _PLAIN if isinstance(value.get(name), str | int)}
    digits = "".join(character for character in str(value.get("display_phone_number", "")) if character.isdecimal())
    if digits:
        details["display_phone_number"] = digits
    ban, violation = value.get("ban_info"), value.get("violation_info")
    if isinstance(ban, dict) and ban.get("waba_ban_state"):
        details["ban_state"] = str(ban["waba_ban_state"])
    if isinstance(violation, dict) and violation.get("violation_type"):
        details["violation"] = str(violation["violation_type"])
    return details | _describe_restrictions(value.get("restriction_info"))


def _describe_restrictions(found: Any) -> dict[str, str]:
    restrictions = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    kinds = sorted({str(one["restriction_type"]) for one in restrictions if one.get("restriction_type")})
    ends = [end for one in restrictions if (end := _read_moment(one.get("expiration")))]
    details = {"restriction": ", ".join(kinds)} if kinds else {}
    return details | ({"until": max(ends).isoformat()} if ends else {})


def _read_moment(value: Any) -> datetime | None:
    """Unix seconds, as number or text, or ISO 8601; None for anything else."""
    text = str(value or "")
    try:
        moment = datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
