"""What a template may say of codes and points: what they are worth, and how the reader stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from okaeri.adapters.locale_formats import LocaleFormats, clean_text
from okaeri.adapters.message_fields import LoyaltyFields
from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.customers import Customer
from okaeri.domain.loyalty import (
    count_earned,
    count_missing,
    find_next_tier,
    find_standing,
    find_tier,
    find_worth,
    has_programme,
)
from okaeri.domain.modes import find_mode
from okaeri.domain.stores import Mode, Store

_COUPON, _PERCENT, _AMOUNT, _MINIMUM = "coupon.", ".percent", ".amount", ".minimum"
_ASKED = "points"  # the intent of who wants to know


def describe_worths(data: Mapping[str, str], formats: LocaleFormats, currency: str) -> dict[str, str]:
    """What each code takes off, as it was when it was given, by the id of its step; empty where nobody said."""
    return {code: _describe_worth(data, code, formats, currency) for code in _list_codes(data)}


def describe_minimums(data: Mapping[str, str], formats: LocaleFormats, currency: str) -> dict[str, str]:
    """What an order has to come to for each code, by the id of its step; empty where any order may use it."""
    asked = {code: data.get(f"{_COUPON}{code}{_MINIMUM}") for code in _list_codes(data)}
    return {code: formats.format_money(Decimal(amount), currency) if amount else "" for code, amount in asked.items()}


def _list_codes(data: Mapping[str, str]) -> list[str]:
    return [name.removeprefix(_COUPON) for name in data if name.startswith(_COUPON) and name.count(".") == 1]


def _describe_worth(data: Mapping[str, str], code: str, formats: LocaleFormats, currency: str) -> str:
    if percent := data.get(f"{_COUPON}{code}{_PERCENT}"):
        return formats.format_percent(Decimal(percent))
    amount = data.get(f"{_COUPON}{code}{_AMOUNT}")
    return formats.format_money(Decimal(amount), currency) if amount else ""


def describe_loyalty(customer: Customer, store: Store, formats: LocaleFormats, now: datetime) -> LoyaltyFields:
    """How the customer stands in the shop's programme at the moment when the message is made."""
    programme, standing = store.settings.loyalty, find_standing(customer, now)
    earned = count_earned(customer, now)
    tier, following = find_tier(programme, earned), find_next_tier(programme, earned)
    missing = count_missing(programme, earned)
    worth = find_worth(programme, standing.points, store.currency)
    points, pending = formats.format_number(standing.points), formats.format_number(standing.pending)
    day = formats.format_local_day(standing.free_at) if standing.free_at else ""
    both = formats.words["points_and_more" if standing.points else "points_later"]
    return {
        "points": points,
        "pending": pending if day else "",
        "pending_from": day,
        "standing": str(both.format(points=points, more=pending, day=day)) if day else points,
        "worth": formats.format_money(worth, store.currency) if worth else "",
        "tier": formats.isolate(clean_text(tier.name)) if tier else "",
        "next_tier": formats.isolate(clean_text(following.name)) if following else "",
        "to_next": formats.format_number(missing) if missing is not None else "",
        "asked": has_programme(programme) and _tells_of_points(store),
    }


def _tells_of_points(store: Store) -> bool:
    """Whether a journey of the shop answers who asks for them."""
    told_by = (entry for entry in store.triggers.get(TURN_TAKEN, ()) if _ASKED in entry.intents)
    return any(find_mode(store, entry) not in (Mode.OFF, Mode.SHADOW) for entry in told_by)
