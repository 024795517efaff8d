"""Broadcast and segment files (YAML) → what the engine runs, in the journeys' own words for conditions.

Errors give file, line and a fix, as those of journeys do.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from okaeri.catalogue.compile_conditions import Reading
from okaeri.catalogue.journey_source import SourcePart
from okaeri.catalogue.journey_yaml import JourneyError, Problems, SourceMap, read_journey_file
from okaeri.catalogue.read_parts import read_part
from okaeri.domain.broadcasts import WORDS, Broadcast, BroadcastCoupon, EarlyAccess, Ramp, RampLimits, RampPart
from okaeri.domain.conditions import Condition
from okaeri.domain.coupons import is_pool_name
from okaeri.domain.segments import SHIPPED, find_mistakes
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel

NEEDED_WORDS = ("title", "text")
LONGEST_TITLE, LONGEST_TEXT = 60, 600  # characters: Meta takes 1024 with all that stands around them
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


class SourceRampPart(SourcePart):
    """A part that goes before the rest."""

    percent: float = Field(gt=0, le=100, description="a share of the audience in percent, above 0 and at most 100")
    at_least: int = Field(0, ge=0, description="a number of people")


class SourceLimits(SourcePart):
    """Shares from 0 to 1 above which a broadcast pauses."""

    failed: float = Field(RampLimits().failed, ge=0, le=1, description="a share from 0 to 1")
    blocked: float = Field(RampLimits().blocked, ge=0, le=1, description="a share from 0 to 1")
    complained: float = Field(RampLimits().complained, ge=0, le=1, description="a share from 0 to 1")
    unsubscribed: float = Field(RampLimits().unsubscribed, ge=0, le=1, description="a share from 0 to 1")
    chance: int = Field(RampLimits().chance, ge=0, description="a number of people that is no reason to pause")


class SourceRamp(SourcePart):
    """Small parts first."""

    parts: list[Any] = Field(description="a list such as [{percent: 1, at_least: 50}, {percent: 10}]")
    watch: str | None = Field(None, description="ISO 8601: PT30M")
    limits: dict[str, Any] | None = Field(None, description="a mapping of failed, blocked, complained, unsubscribed")


class SourceBroadcastCoupon(SourcePart):
    """A code of their own for each: from a pool, or made in the store."""

    pool: str | None = Field(None, description="the name of a pool")
    percent: float | None = Field(None, gt=0, le=100, description="above 0 and at most 100")
    amount: float | None = Field(None, gt=0, description="an amount in the store's currency")
    days: int | None = Field(None, gt=0, description="a whole number")
    minimum: float | None = Field(None, ge=0, description="an amount in the store's currency")
    budget: float | None = Field(None, ge=0, description="an amount in the store's currency")
    worth: float | None = Field(None, ge=0, description="an amount in the store's currency")


class SourceEarlyAccess(SourcePart):
    """Who is told before the others: a segment or a tier."""

    segment: str | None = Field(None, description="the name of a segment, such as loyal")
    tier: str | None = Field(None, description="the name of a tier of the loyalty programme")
    ahead: str = Field(description="how long before the others, ISO 8601: PT24H")
    template: str | None = Field(None, description="the name of a marketing template, such as sale_early")


class SourceBroadcast(SourcePart):
    """A broadcast file."""

    broadcast: str = Field(description="an id of a-z, 0-9 and -, at most 60 characters")
    name: str = Field("", description="a few words")
    template: str = Field(description="the name of a marketing template, such as news")
    to: dict[str, Any] | None = Field(None, description="a condition, such as {segment: loyal}")
    channels: list[Literal["whatsapp", "email"]] = Field(
        ["whatsapp", "email"], min_length=1, description="a list of whatsapp, email: the first that reaches them"
    )
    words: dict[str, dict[str, str]] = Field(description="by language: {en: {title: …, text: …, url: …}}")
    valid_for: str | None = Field(None, description="ISO 8601: P2D")
    ramp: dict[str, Any] | None = Field(None, description="parts, watch and limits")
    early_access: dict[str, Any] | None = Field(None, description="segment or tier, ahead, template")
    coupon: dict[str, Any] | None = Field(None, description="pool, percent or amount, days, minimum, budget, worth")


def compile_broadcast_file(text: str, file: str, store: Store, *, made_at: datetime, made_by: str = "") -> Broadcast:
    """A draft for this store. Raises JourneyError with all that is wrong."""
    problems = Problems(file)
    raw = read_journey_file(text, problems)
    part = read_part(SourceBroadcast, raw, problems, 1, "a broadcast") if raw is not None else None
    draft = _compile(part, raw, store, problems, made_at, made_by) if part is not None and raw is not None else None
    found = problems.list_all()
    if draft is None or found:
        raise JourneyError(found)
    return draft


def compile_segment(text: str, file: str) -> Condition:
    """The condition of a segment of the shop's own. Raises JourneyError."""
    problems = Problems(file)
    raw = read_journey_file(text, problems)
    condition = _read_audience(raw, 1, problems, is_own_segment=True) if raw is not None else None
    found = problems.list_all()
    if condition is None or found:
        raise JourneyError(found)
    return condition


def _compile(
    part: SourceBroadcast, raw: SourceMap, store: Store, problems: Problems, made_at: datetime, made_by: str
) -> Broadcast:
    reading = Reading(problems)
    if not _ID.fullmatch(part.broadcast):
        problems.report(part.find_line("broadcast"), f"{part.broadcast!r} is no id", "a-z, 0-9 and -: summer-news")
    _check_template(part.template, store, part.find_line("template"), problems)
    _check_words(part, store, problems)
    audience = None
    if part.to is not None:
        audience = _read_audience(raw["to"], part.find_line("to"), problems)
        _check_segments(audience, store, part.find_line("to"), problems)
    valid_for = (
        reading.read_duration(part.valid_for, part.find_line("valid_for"), "valid_for") if part.valid_for else None
    )
    return Broadcast(
        store_id=store.store_id,
        broadcast_id=part.broadcast,
        name=part.name or part.broadcast,
        template=part.template,
        channels=tuple(Channel(channel) for channel in part.channels),
        audience=audience,
        words=part.words,
        coupon=_read_coupon(raw["coupon"], part.find_line("coupon"), problems) if part.coupon is not None else None,
        early_access=(
            _read_early_access(raw["early_access"], part.find_line("early_access"), store, reading)
            if part.early_access is not None
            else None
        ),
        valid_for=valid_for or timedelta(days=2),
        ramp=_read_ramp(raw["ramp"], part.find_line("ramp"), reading) if part.ramp is not None else Ramp(),
        made_at=made_at,
        made_by=made_by,
    )


def _check_template(template: str, store: Store, line: int, problems: Problems) -> None:
    if template not in store.templates:
        fix = f"okaeri publish {store.store_id}, or one of {', '.join(sorted(store.templates)) or 'none yet'}"
        problems.report(line, f"{store.store_id} has no template {template!r}", fix)


def _read_early_access(raw: Any, line: int, store: Store, reading: Reading) -> EarlyAccess | None:
    problems = reading.problems
    part = read_part(SourceEarlyAccess, raw, problems, line, "early_access")
    if part is None:
        return None
    if (part.segment is None) == (part.tier is None):
        problems.report(line, "early_access: who has it is open", "give it a segment or a tier, one of them")
    tiers = [tier.name for tier in store.settings.loyalty.tiers]
    for name, value, known in (
        ("segment", part.segment, [*SHIPPED, *sorted(store.settings.segments)]),
        ("tier", part.tier, tiers),
    ):
        if value is not None and value not in known:
            fix = f"one of {', '.join(known)}" if known else f"okaeri loyalty set {store.store_id} tier:{value}=500"
            problems.report(part.find_line(name), f"no {name} {value!r}", fix)
    if part.template is not None:
        _check_template(part.template, store, part.find_line("template"), problems)
    ahead = reading.read_duration(part.ahead, part.find_line("ahead"), "ahead")
    if ahead == timedelta(0):
        problems.report(part.find_line("ahead"), "ahead: nobody is told before the others", "a while such as PT24H")
    if ahead is None:
        return None
    return EarlyAccess(segment=part.segment or "", tier=part.tier or "", ahead=ahead, template=part.template or "")


def _read_coupon(raw: Any, line: int, problems: Problems) -> BroadcastCoupon | None:
    part = read_part(SourceBroadcastCoupon, raw, problems, line, "coupon")
    if part is None:
        return None
    if (part.percent is None) == (part.amount is None) and not (part.pool and part.percent is None):
        problems.report(line, "coupon: where the code comes from is open", "give it percent, amount, or pool")
    if part.pool is not None and not is_pool_name(part.pool):
        problems.report(part.find_line("pool"), f"{part.pool!r} is no pool", "small letters, digits, _ and -")
    if part.budget is not None and part.amount is None and part.worth is None:
        problems.report(part.find_line("budget"), "coupon: what a code takes of the budget is open", "add worth")
    given = part.model_dump(exclude_none=True)
    return BroadcastCoupon(**{name: value if name == "pool" else _write_number(value) for name, value in given.items()})


def _write_number(value: float) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def _check_words(part: SourceBroadcast, store: Store, problems: Problems) -> None:
    if not part.words:
        problems.report(part.find_line("words"), "words: no language", "give title and text in one at least")
    for locale, words in part.words.items():
        line = part.find_line("words", locale)
        if not _LOCALE.fullmatch(locale):
            problems.report(line, f"{locale!r} is no language", "such as en, ja, pt_BR")
        for missing in (name for name in NEEDED_WORDS if not words.get(name, "").strip()):
            fix = f"title and text, in {locale}; url is the shop's own page where it is left out"
            problems.report(line, f"words.{locale} lacks `{missing}`", fix)
        for unknown in words.keys() - set(WORDS):
            problems.report(part.find_line("words", locale, unknown), f"words have no `{unknown}`", ", ".join(WORDS))
        for name, most in (("title", LONGEST_TITLE), ("text", LONGEST_TEXT)):
            if len(words.get(name, "")) > most:
                place = part.find_line("words", locale, name)
                problems.report(place, f"{name}: {len(words[name])} characters", f"at most {most}")
        if words.get("url") and not re.match(r"https://[^/\s]+", words["url"]):
            problems.report(part.find_line("words", locale, "url"), f"url: {words['url']!r}", "an address: https://…")


def _read_audience(raw: Any, line: int, problems: Problems, *, is_own_segment: bool = False) -> Condition | None:
    reading = Reading(problems)
    condition = reading.read_condition(raw, line)
    reading.check_fields()
    if condition is not None:
        for mistake in find_mistakes(condition, is_own_segment=is_own_segment):
            problems.report(line, mistake, "docs/broadcasts.md lists what can be asked")
    return condition


def _check_segments(condition: Condition | None, store: Store, line: int, problems: Problems) -> None:
    """A segment that nobody can be in is a misspelt one."""
    for part in _list_tests(condition):
        if part.field == "customer.segments" and part.has not in (None, *SHIPPED, *store.settings.segments):
            known = ", ".join((*SHIPPED, *sorted(store.settings.segments)))
            problems.report(line, f"no segment {part.has!r}", f"one of {known}")


def _list_tests(condition: Condition | None) -> list[Condition]:
    if condition is None:
        return []
    parts = (*condition.all, *condition.any, *condition.none)
    return [test for part in parts for test in _list_tests(part)] if parts else [condition]


def _read_ramp(raw: Any, line: int, reading: Reading) -> Ramp:
    problems = reading.problems
    part = read_part(SourceRamp, raw, problems, line, "ramp")
    if part is None:
        return Ramp()
    read = [
        read_part(SourceRampPart, entry, problems, part.find_line("parts", number), "a part of the ramp")
        for number, entry in enumerate(part.parts)
    ]
    parts = [found for found in read if found is not None]
    if [found.percent for found in parts] != sorted({found.percent for found in parts}):
        problems.report(part.find_line("parts"), "the ramp does not rise", "each part with more percent than the last")
    watch = reading.read_duration(part.watch, part.find_line("watch"), "watch") if part.watch else None
    limits = None
    if part.limits is not None:
        limits = read_part(SourceLimits, raw["limits"], problems, part.find_line("limits"), "limits")
    return Ramp(
        parts=tuple(RampPart(percent=found.percent, at_least=found.at_least) for found in parts),
        watch=watch if watch is not None else Ramp().watch,
        limits=RampLimits(**limits.model_dump()) if limits is not None else RampLimits(),
    )
