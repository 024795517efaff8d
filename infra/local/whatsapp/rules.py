"""Meta's rules on when a business may write to a person: windows, rates, caps. Pure; time is an argument."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import phonenumbers

from .errors import GraphError

HOUR_S = 3600
DAY_S = 24 * HOUR_S
SERVICE_WINDOW_S = DAY_S
FREE_ENTRY_POINT_S = 72 * HOUR_S  # from the business's first answer to a person who came from an ad
PAIR_INTERVAL_S = 6
PAIR_BURST = 45
# Countries where Meta applies no cap on marketing per person: EEA, United Kingdom, Japan, South Korea.
UNCAPPED_COUNTRIES = frozenset(
    """AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO
    GB JP KR""".split()  # noqa: SIM905  # a wrapped line reads better than thirty-three
)
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


def read_phone(text: str, business_phone: str) -> str:
    """The E.164 number that Meta writes to. Without `+` it prepends the business's own country code.

    Raises 131009 for what is no number.
    """
    digits = re.sub(r"[\s()\-]", "", text)
    if not re.fullmatch(r"\+?[0-9]{5,20}", digits):
        raise GraphError(131009, f"Parameter value is not valid: to ({text[:40]!r} is not a phone number)")
    if digits.startswith("+"):
        return digits
    country_code = phonenumbers.parse(business_phone).country_code
    return f"+{country_code}{digits}"


def write_wa_id(phone: str) -> str:
    """What WhatsApp calls a number: no plus, Brazilian mobiles without their ninth digit, Mexican ones with a 1."""
    digits = phone.removeprefix("+")
    if brazilian := re.fullmatch(r"55(\d\d)9(\d{8})", digits):
        return f"55{brazilian[1]}{brazilian[2]}"
    if mexican := re.fullmatch(r"52([2-9]\d{9})", digits):
        return f"521{mexican[1]}"
    return digits


def check_portfolio(opened_at: Mapping[str, float], user_id: str, now: float, limit: int | None) -> None:
    """At most `limit` people written to first within 24 hours; else 131048. `opened_at` is when, by person."""
    lately = {person for person, at in opened_at.items() if now - at < DAY_S}
    if limit is not None and user_id not in lately and len(lately) >= limit:
        raise GraphError(131048, "Message failed to send because the messaging limit of the portfolio is reached.")


def find_country(phone: str) -> str:
    """ISO country of an E.164 number; `ZZ` when it belongs to none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or "ZZ"
    except phonenumbers.NumberParseException:
        return "ZZ"


def is_window_open(last_inbound_at: float | None, now: float) -> bool:
    """Within 24 hours of the person's last message."""
    return last_inbound_at is not None and now - last_inbound_at < SERVICE_WINDOW_S


def check_service_window(last_inbound_at: float | None, now: float) -> None:
    """Free-form messages only within 24 hours of the person's last message; else 131047."""
    if not is_window_open(last_inbound_at, now):
        raise GraphError(
            131047,
            "Message failed to send because more than 24 hours have passed since the customer last replied "
            "to this number.",
        )


def find_free_entry_end(came_by_ad_at: float | None, free_until: float | None, now: float) -> float | None:
    """When the free entry point ends, given a business message now: opened by an answer within 24 hours."""
    if free_until is not None and now < free_until:
        return free_until
    if came_by_ad_at is not None and now - came_by_ad_at < DAY_S:
        return now + FREE_ENTRY_POINT_S
    return None


def count_pair(free_at: float, now: float) -> float:
    """One message each 6 seconds to a person, 45 at once borrowed from the future; else 131056.

    `free_at` is when all that was said so far would have been said at the sustained rate; returns the new one.
    """
    free_at = max(free_at, now) + PAIR_INTERVAL_S
    if free_at - now > PAIR_INTERVAL_S * PAIR_BURST:
        raise GraphError(
            131056,
            "Message failed to send because there were too many messages sent from this phone number to "
            "the same phone number in a short period of time.",
        )
    return free_at


def check_number_rate(sent_at: Sequence[float], now: float, per_second: int) -> None:
    """At most `per_second` messages of a number in any second; else 130429. `sent_at` is in order."""
    if len(sent_at) >= per_second and now - sent_at[-per_second] < 1:
        raise GraphError(130429, "Message failed to send because of too many messages from this phone number.")


def check_marketing(
    phone: str | None, stopped: bool, sent_at: Sequence[float], now: float, per_day: int | None
) -> None:
    """Marketing templates: 131050 when the person stopped them, 131049 in the USA and above the cap."""
    if stopped:
        raise GraphError(131050, "The recipient has stopped marketing messages from this business.")
    country = find_country(phone) if phone else "ZZ"
    if country == "US":
        raise GraphError(131049, "Marketing templates are not delivered to numbers of the United States.")
    if per_day is None or country in UNCAPPED_COUNTRIES:
        return
    if sum(now - at < DAY_S for at in sent_at) >= per_day:
        raise GraphError(
            131049, "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."
        )


BILLED_IN_WINDOW_SINCE = datetime(2026, 10, 1, tzinfo=UTC).timestamp()


def price(category: str, in_free_entry_point: bool, *, in_window: bool, now: float) -> dict[str, object]:
    """`pricing` of a status, per message. Since 2026-10-01 nothing is free but a free entry point; before that
    answers were, and utility templates inside the 24 hours.
    """
    if in_free_entry_point:
        return describe_price("free_entry_point", "referral_conversion", billable=False)
    if in_window and category in ("service", "utility") and now < BILLED_IN_WINDOW_SINCE:
        return describe_price("free_customer_service", category, billable=False)
    return describe_price("regular", category, billable=True)


def describe_price(kind: str, category: str, *, billable: bool) -> dict[str, object]:
    return {"billable": billable, "pricing_model": "PMP", "type": kind, "category": category}
