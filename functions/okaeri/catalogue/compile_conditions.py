"""Reads what stands inside steps: lengths of time, dates, events, conditions and the fields that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from okaeri.catalogue.journey_source import SourceCondition, SourceMatch, SourceMoment, SourcePart, SourceSpan
from okaeri.catalogue.journey_words import (
    ALIASES,
    CUSTOM,
    EVENTS,
    FIELDS,
    MATCHES,
    ROOTS,
    Field,
    Kind,
    find_event,
)
from okaeri.catalogue.journey_yaml import Problems, SourceList, SourceMap
from okaeri.catalogue.read_parts import read_part, suggest
from okaeri.domain.conditions import Condition, Span
from okaeri.domain.facts import parse_duration
from okaeri.domain.journeys import EventMatch, Moment

DURATION_FIX = "ISO 8601: P7D, PT1H, PT30M"
LONGEST = timedelta(days=3653)  # ten years; a moment beyond the year 9999 would stop every decision about a customer
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
# The tests of a condition, the name of each in the compiled one, and the kinds of fields that it asks.
_TESTS: dict[str, tuple[str, tuple[Kind, ...]]] = {
    "is_": ("equals", ("text", "number", "flag")),
    "in_": ("one_of", ("text", "number")),
    "has": ("has", ("list",)),
    "exists": ("exists", ("text", "number", "flag", "time", "list", "thing")),
    "at_least": ("at_least", ("number",)),
    "less_than": ("less_than", ("number",)),
    "older_than": ("older_than", ("time",)),
    "newer_than": ("newer_than", ("time",)),
}
_TEST_NAMES = ", ".join(name.rstrip("_") for name in _TESTS)
_HINTS: dict[Kind, str] = {
    "text": "it is a text: is, in, exists",
    "number": "it is a number: is, in, at_least, less_than, exists",
    "flag": "it is true or false: is",
    "time": "it is a time: older_than, newer_than, exists",
    "list": "it is a list: has, exists",
    "thing": "it is there or not: exists",
}

TITLE = ".title"  # of an answer that was chosen from the data: answer.item.title


@dataclass
class Reading:
    """What is known of one journey while its file is read.

    `ids` holds, by root (`answer`, `split`, `coupon`, `call`), each id with what its field may be. Fields are checked
    by `check_fields` in the end, since a question may stand below the place where its answer is read.
    """

    problems: Problems
    settings: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, Field]] = field(default_factory=dict)
    events: dict[str, None] = field(default_factory=dict)
    outcomes: dict[str, None] = field(default_factory=dict)
    _fields: list[tuple[str, int, str, tuple[str, ...]]] = field(default_factory=list)

    def read_duration(self, raw: Any, line: int, name: str, *, back: bool = False) -> timedelta | None:
        """A length of time, None where it is none; a negative one only with `back`."""
        try:
            found = parse_duration(raw) if re.fullmatch(r"-?P[\dWDTHMS]+", str(raw)) and isinstance(raw, str) else None
        except ValueError:
            found = None
        if found is None or re.search(r"P[^T]*M", raw):
            self.problems.report(line, f"{name}: {raw!r} is no duration", DURATION_FIX)
            return None
        if abs(found) > LONGEST:
            self.problems.report(line, f"{name}: {raw!r} is longer than ten years", "P3653D at most")
            return None
        if found < timedelta(0) and not back:
            self.problems.report(line, f"{name}: {raw!r} lies in the past", DURATION_FIX)
            return None
        return found

    def read_span(self, raw: Any, line: int, name: str) -> Span | None:
        """A fixed length, a setting of the journey, or a rule of the store; None where it is none of them."""
        if not isinstance(raw, SourceMap):
            fixed = self.read_duration(raw, line, name)
            return Span(fixed=fixed) if fixed is not None else None
        part = read_part(SourceSpan, raw, self.problems, line, name)
        if part is None:
            return None
        default = self.read_duration(part.default, part.find_line("default"), name) if part.default else None
        if (part.setting is None) == (part.rule is None):
            self.problems.report(raw.line, f"{name} is neither fixed nor changeable", "give it one of setting, rule")
        elif part.rule and default is None:
            self.problems.report(raw.line, f"{name}: the store's rule may know nothing", "add default: P7D")
        elif part.setting in self.settings:
            self.read_duration(self.settings[part.setting], part.find_line("setting"), f"settings.{part.setting}")
        elif part.setting and default is None:
            fix = f"add `{part.setting}` to settings, or a default"
            self.problems.report(part.find_line("setting"), f"{name}: no setting {part.setting!r}", fix)
        return Span(setting=part.setting, rule=part.rule, default=default)

    def read_moment(self, raw: Any, line: int, name: str) -> Moment | None:
        """A date in the data plus an offset."""
        part = read_part(SourceMoment, raw, self.problems, line, name)
        if part is None:
            return None
        path = self.use_field(part.until, part.find_line("until"), "older_than")
        plus = self.read_duration(part.plus, part.find_line("plus"), "plus", back=True) if part.plus else None
        otherwise = self.read_span(part.otherwise, part.find_line("else"), "else") if part.otherwise else None
        return Moment(field=path, plus=plus or timedelta(0), otherwise=otherwise)

    def check_event(self, event: str, line: int) -> bool:
        """Whether there is such an event. One that never comes would be waited for in silence for ever."""
        if find_event(event) is None or event == CUSTOM:
            fix = suggest(event, EVENTS, where=f"docs/journeys.md lists them; your own begin with {CUSTOM}")
            self.problems.report(line, f"unknown event {event!r}", fix)
            return False
        self.events[event] = None
        return True

    def read_match(
        self, raw: Any, line: int, what: str, *, match: str | None = None, when: Condition | None = None
    ) -> EventMatch | None:
        """An event with what it must share with the run; `match` and `when` are meant where it names none."""
        if isinstance(raw, str):
            raw = SourceMap(line, {"event": raw}, {"event": line})
        part = read_part(SourceMatch, raw, self.problems, line, what)
        if part is None:
            return None
        line, shared = part.find_line("event"), part.match or match
        if not self.check_event(part.event, line):
            return None
        if shared is None:
            self.problems.report(line, f"{what} needs `match`", "for example match: order.id")
            return None
        if shared not in MATCHES:
            line = part.find_line("match")
            self.problems.report(line, f"unknown match {shared!r}", suggest(shared, MATCHES))
            return None
        shape = find_event(part.event)
        if shape is not None and shared != "customer" and shared not in shape.refs:
            fix = f"match: {' or '.join((*shape.refs, 'customer'))}"
            self.problems.report(part.find_line("match"), f"{part.event} carries no {shared}", fix)
        own = self.read_condition(part.when, part.find_line("when")) if part.when is not None else None
        return EventMatch(event=part.event, match=shared, reason=part.reason, when=own or when)

    def read_matches(
        self, raw: Any, line: int, what: str, *, match: str | None, when: Condition | None
    ) -> tuple[EventMatch, ...]:
        """One event, or a list of them."""
        items = list(zip(raw, raw.lines, strict=True)) if isinstance(raw, SourceList) else [(raw, line)]
        if not items:
            self.problems.report(line, f"{what} names none", "one event, or a list of them")
        found = (self.read_match(item, place, what, match=match, when=when) for item, place in items)
        return tuple(event for event in found if event is not None)

    def read_condition(self, raw: Any, line: int) -> Condition | None:
        """Structured data → a condition, None where it is none."""
        if not isinstance(raw, SourceMap):
            self.problems.report(line, "a condition is a mapping", "{field: order.payment, is: paid}")
            return None
        part = read_part(SourceCondition, raw, self.problems, line, "a condition")
        if part is None:
            return None
        given = [name for name in raw if name in ("all", "any", "none", "field", "answer", "segment", "tag")]
        tests = [name for name in _TESTS if raw.get(name.rstrip("_")) is not None]
        if len(given) != 1:
            fix = "one of all, any, none, field, answer, segment, tag"
            self.problems.report(raw.line, "a condition asks one thing", fix)
            return None
        kind = given[0]
        if kind in ("all", "any", "none"):
            return self._read_group(part, kind, tests)
        if part.segment is not None or part.tag is not None:
            if tests:
                self.problems.report(raw.line, f"{kind} is a test already", f"write {{{kind}: {raw[kind]}}} alone")
            name = "customer.segments" if part.segment is not None else "customer.tags"
            return Condition(field=name, has=part.segment if part.segment is not None else part.tag)
        if len(tests) != 1:
            self.problems.report(raw.line, "a condition has one test", f"one of {_TEST_NAMES}")
            return None
        path = f"answer.{part.answer}" if part.answer is not None else part.field or ""
        return self._read_test(part, path, part.find_line(kind), tests[0])

    def _read_group(self, part: SourceCondition, kind: str, tests: list[str]) -> Condition | None:
        parts = getattr(part, kind)
        if tests:
            self.problems.report(part.find_line(), f"`{kind}` stands alone", "put the test into its list")
        read = [self.read_condition(inner, part.find_line(kind, number)) for number, inner in enumerate(parts)]
        return Condition(**{kind: tuple(inner for inner in read if inner is not None)})

    def _read_test(self, part: SourceCondition, path: str, line: int, test: str) -> Condition:
        value = getattr(part, test)
        if test == "in_":
            if isinstance(value, str):
                other = self.use_field(value, line, "has")
                return Condition(field=self.use_field(path, line, "in_"), one_of_field=other)
            value = tuple(map(str, value))
            if not value:
                self.problems.report(line, "in: an empty list holds nothing", "name what it may be")
        elif test in ("older_than", "newer_than"):
            value = self.read_duration(value, part.find_line(test), test)
        asked = value if test == "in_" else (str(value),) if test == "is_" and not isinstance(value, bool) else ()
        return Condition(field=self.use_field(path, line, test, asked), **{_TESTS[test][0]: value})

    def use_field(self, path: str, line: int, test: str = "", values: Iterable[str] = ()) -> str:
        """The field's own path; whether it exists, and may be tested so, is checked in the end."""
        path = ALIASES.get(path, path)
        self._fields.append((path, line, test, tuple(values)))
        return path

    def list_paths(self) -> list[str]:
        """The fields that the journey asks for."""
        return [path for path, *_ in self._fields]

    def check_fields(self) -> None:
        """Checks every field that the file names, with its test and the values that it is compared with."""
        for path, line, test, values in self._fields:
            found = self._find_field(path, line)
            if found is None or found.kind == "any":
                continue
            if test and found.kind not in _TESTS[test][1]:
                self.problems.report(line, f"{path} cannot be tested with {test.rstrip('_')}", _HINTS[found.kind])
            elif found.values:
                for value in values:
                    if value not in found.values:
                        self.problems.report(line, f"{path} is never {value!r}", suggest(value, found.values))

    def _find_field(self, path: str, line: int) -> Field | None:
        root, _, name = path.partition(".")
        known: dict[str, Field]
        match root:
            case "event":
                known = {"name": Field("text", tuple(self.events))}
                for event in self.events:
                    if event.startswith(CUSTOM) and name:
                        return known.get(name, Field("any"))
                    known.update(getattr(find_event(event), "fields", {}))
            case "setting":
                known = dict.fromkeys(self.settings, Field("any"))
            case "call" | "change":
                known = {f"{call}.{name.partition('.')[2] or '…'}": Field("any") for call in self.ids.get(root, {})}
            case "answer" if name.endswith(TITLE):
                known = {f"{asked}{TITLE}": Field("text") for asked in self.ids.get(root, {})}
            case "answer" | "split" | "coupon" | "find" | "link" | "points":
                known = self.ids.get(root, {})
            case "customer" if re.fullmatch(r"attributes\.[a-z][a-z0-9_]*", name):
                return Field("any")
            case "customer" if re.fullmatch(r"rewarded\.[a-z][a-z0-9_]*", name):
                return Field("time")
            case _:
                known = FIELDS.get(root, {})
        if root == "run" and name == "outcome":
            return Field("text", tuple(self.outcomes))
        if name in known:
            return known[name]
        if root not in ROOTS:
            fix = f"begin with one of {', '.join(ROOTS)}"
        elif not known:
            fix = f"this journey has no {root}"
        else:
            fix = suggest(name, known, before=f"{root}.")
        self.problems.report(line, f"unknown field {path!r}", fix)
        return None


def read_span_of(reading: Reading, part: SourcePart, name: str, attribute: str = "") -> Span | None:
    """The span under this name of a part, None where it has none."""
    raw = getattr(part, attribute or name)
    return reading.read_span(raw, part.find_line(name), name) if raw is not None else None


def read_fields(reading: Reading, part: SourcePart, name: str, attribute: str = "") -> dict[str, str]:
    """The fields under this name of a part, each by the name that it goes under."""
    fields: dict[str, str] = getattr(part, attribute or name)
    return {key: reading.use_field(path, part.find_line(name, key)) for key, path in fields.items()}


def take_id(
    reading: Reading, root: str, name: str, kind: Field, part: SourcePart, outcomes: tuple[str, ...] = ()
) -> None:
    """Makes a step's id known, with what its field may be and how the step may end."""
    known = reading.ids.setdefault(root, {})
    if name in known:
        reading.problems.report(part.find_line("id"), f"the id {name!r} is taken", f"another {root} has it: rename one")
    known[name] = kind
    reading.outcomes.update(dict.fromkeys(outcomes))
