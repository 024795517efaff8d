"""Waits as they are written → what the engine waits for."""

from __future__ import annotations

from datetime import timedelta

from okaeri.catalogue.compile_conditions import TIME_OF_DAY, Reading, read_span_of
from okaeri.catalogue.journey_source import SourceWait
from okaeri.catalogue.journey_words import DAYS
from okaeri.catalogue.journey_yaml import SourceMap
from okaeri.domain.conditions import Condition, Span
from okaeri.domain.journeys import EventMatch, Moment, WaitStep


def compile_wait(wait: SourceWait, reading: Reading, line: int) -> WaitStep:
    """A wait for a time, a date, or events."""
    when = reading.read_condition(wait.when, wait.find_line("when")) if wait.when is not None else None
    events, all_of = _read_events(wait, reading, when)
    _check_wait(wait, reading, bool(events) or wait.event is not None or wait.all_of is not None, line)
    timeout, timeout_at = _read_timeout(wait, reading)
    until = None
    if wait.until:
        path = reading.use_field(wait.until, wait.find_line("until"), "older_than")
        plus = reading.read_duration(wait.plus, wait.find_line("plus"), "plus", back=True) if wait.plus else None
        otherwise = read_span_of(reading, wait, "else", "otherwise")
        until = Moment(field=path, plus=plus or timedelta(0), otherwise=otherwise)
    reading.outcomes.update(dict.fromkeys((*(event.event for event in events), "timeout")))
    return WaitStep(
        span=read_span_of(reading, wait, "for", "for_"),
        at=wait.at,
        on=tuple(DAYS.index(day) for day in wait.on),
        best_hour=wait.best_hour,
        until=until,
        unchanged_for=read_span_of(reading, wait, "unchanged_for"),
        events=events,
        all_of=all_of,
        timeout=timeout,
        timeout_at=timeout_at,
        line=line,
    )


def _read_events(wait: SourceWait, reading: Reading, when: Condition | None) -> tuple[tuple[EventMatch, ...], bool]:
    if wait.event is not None and wait.all_of is not None:
        fix = "the first of several: event; the last of them: all_of"
        reading.problems.report(wait.find_line("all_of"), "a wait has `event` or `all_of`", fix)
    name = "all_of" if wait.all_of is not None else "event"
    raw = getattr(wait, name)
    if raw is None:
        return (), False
    place = wait.find_line(name)
    events = reading.read_matches(raw, place, "waiting for an event", match=wait.match, when=when)
    return events, name == "all_of"


def _check_wait(wait: SourceWait, reading: Reading, has_events: bool, line: int) -> None:
    report = reading.problems.report
    times = wait.for_ is not None or wait.at or wait.until or wait.on or wait.best_hour
    if not has_events and any(part is not None for part in (wait.timeout, wait.unchanged_for, wait.match, wait.when)):
        report(line, "match, when, timeout and unchanged_for belong to an event", "add event: …")
    if has_events and times:
        report(
            line, "a wait for an event ends with it, or at its time-out", "write timeout instead of for, at, on, until"
        )
    if not has_events and not times:
        report(line, "this wait never ends", "give it for, at, on, until or event")
    if not wait.until and (wait.plus or wait.otherwise is not None):
        report(line, "plus and else belong to a date", "add until: order.eta")
    if wait.unchanged_for is not None and (wait.timeout is not None or wait.all_of is not None):
        report(line, "unchanged_for ends by itself", "leave out timeout and all_of")
    if wait.at and wait.at.startswith("setting."):
        name = wait.at.removeprefix("setting.")
        value = reading.settings.get(name)
        if value is None:
            report(wait.find_line("at"), f"at: no setting {name!r}", f'add {name}: "10:00" to settings')
        elif not TIME_OF_DAY.fullmatch(value):
            report(wait.find_line("at"), f"settings.{name}: {value!r} is no time of day", 'write it as "10:00"')


def _read_timeout(wait: SourceWait, reading: Reading) -> tuple[Span | None, Moment | None]:
    raw, line = wait.timeout, wait.find_line("timeout")
    if isinstance(raw, SourceMap) and "until" in raw:
        return None, reading.read_moment(raw, line, "timeout")
    return (reading.read_span(raw, line, "timeout") if raw is not None else None), None
