"""What each country asks of marketing: when it may be said, whether a sign-up is confirmed, how long consent lasts.

The rules are data (`catalogue/countries.json`), each with its source. Order messages know no hours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from okaeri.domain.values import Channel, Purpose

_CATALOGUE = Path(__file__).parents[1] / "catalogue"  # importlib.resources would cost a cold start 30 ms
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ContactHours(NamedTuple):
    """From when until when on each day of the week, Monday first; None on a day of rest. Never past midnight.

    `source` names the law or the regulator, `note` says what is our own choice.
    """

    days: tuple[tuple[time, time] | None, ...]
    on_holidays: bool = True
    source: str = ""
    note: str = ""


class Requirement(NamedTuple):
    """Something a country asks for, with the law or the regulator that asks, and what is our own choice."""

    source: str = ""
    note: str = ""


class CountryRule(NamedTuple):
    """One country's rule for marketing. `country` is None in the rule for countries that have none of their own."""

    country: str | None
    hours: Mapping[Channel, ContactHours] = MappingProxyType({})
    confirmed: Mapping[Channel, Requirement] = MappingProxyType({})
    consent_lasts: timedelta | None = None
    lasts_because: Requirement = Requirement()

    def find_hours(self, purpose: Purpose, channel: Channel) -> ContactHours | None:
        """The hours in which something of this purpose may be said on this channel; None where all are free."""
        return self.hours.get(channel) if purpose is Purpose.MARKETING else None

    def needs_confirmation(self, purpose: str, channel: str) -> bool:
        """Whether a sign-up counts only once it was confirmed from the address itself (double opt-in)."""
        return purpose == Purpose.MARKETING and any(channel == one for one in self.confirmed)


def find_rule(country: str | None) -> CountryRule:
    """The rule of a country (ISO 3166-1 alpha-2, None where it is unknown), else the careful default."""
    rules = _load_rules()
    return rules.get((country or "").upper()) or rules[None]


def list_rules() -> tuple[CountryRule, ...]:
    """Every country's rule by its code, the default last."""
    return tuple(sorted(_load_rules().values(), key=lambda rule: rule.country or "~"))


def is_holiday(country: str | None, day: date) -> bool:
    """Whether the whole country rests on that day. Regions' own holidays are not known."""
    days = _load_holidays().get((country or "").upper(), {})
    dated = f"{day:%m-%d}"
    return dated in days.get("every", "") or dated in days.get(str(day.year), "")


@cache
def _load_rules() -> dict[str | None, CountryRule]:
    text = (_CATALOGUE / "countries.json").read_text("utf-8")
    raw = json.loads(text)
    default = _read_rule(None, raw["default"], {})
    rules: dict[str | None, CountryRule] = {None: default}
    return rules | {country: _read_rule(country, one, default.hours) for country, one in raw["countries"].items()}


@cache
def _load_holidays() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads((_CATALOGUE / "holidays.json").read_text("utf-8"))
    return table


def _read_rule(country: str | None, raw: dict[str, Any], otherwise: Mapping[Channel, ContactHours]) -> CountryRule:
    own = {channel: _read_hours(raw[channel]) for channel in Channel if channel in raw}
    confirmed = raw.get("double_opt_in", {"channels": ()})
    lasts = raw.get("consent_lasts", {})
    return CountryRule(
        country=country,
        hours={**otherwise, **own},
        confirmed={Channel(name): _read_requirement(confirmed) for name in confirmed["channels"]},
        consent_lasts=timedelta(days=lasts["days"]) if lasts else None,
        lasts_because=_read_requirement(lasts),
    )


def _read_requirement(raw: dict[str, Any]) -> Requirement:
    return Requirement(source=raw.get("source", ""), note=raw.get("note", ""))


def _read_hours(raw: dict[str, Any]) -> ContactHours:
    days: list[tuple[time, time] | None] = [None] * 7
    for span, (opens, closes) in raw["hours"].items():
        first, _, last = span.partition("-")
        for day in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
            days[day] = (time.fromisoformat(opens), time.fromisoformat(closes))
    return ContactHours(
        days=tuple(days),
        on_holidays=raw.get("holidays", True),
        source=raw.get("source", ""),
        note=raw.get("note", ""),
    )
