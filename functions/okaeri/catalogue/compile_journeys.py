"""Journey files (YAML) → compiled definitions, with errors that give file, line and a fix.

Used by `okaeri publish` and the tests; PyYAML is no dependency of the Lambdas, which read what was published.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from okaeri.catalogue.journey_source import (
    EVENTS,
    KEYS,
    LINE,
    MATCHES,
    ROOTS,
    JourneyError,
    JourneyLoader,
    SourceJourney,
    SourcePart,
    SourceSend,
    SourceWait,
)
from okaeri.domain.conditions import Condition, Span
from okaeri.domain.facts import parse_duration
from okaeri.domain.journeys import (
    Definition,
    EventMatch,
    ExitStep,
    JumpStep,
    Moment,
    SendStep,
    Step,
    WaitStep,
)

JOURNEYS_FOLDER = Path(__file__).parent / "journeys"


def compile_journeys(folder: Path = JOURNEYS_FOLDER) -> list[Definition]:
    """Compiles every `*.yaml` of the folder, in the order of their names. Raises JourneyError."""
    definitions = [compile_journey(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.yaml"))]
    seen: dict[str, int] = {}
    for definition in definitions:
        if definition.journey in seen:
            raise JourneyError(definition.journey, 1, "two files define this journey", "rename one of them")
        seen[definition.journey] = definition.version
    return definitions


def compile_journey(text: str, file: str) -> Definition:
    """Compiles one journey file."""
    try:
        loaded = yaml.load(text, Loader=JourneyLoader)  # our loader is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise JourneyError(file, mark.line + 1 if mark else 1, f"not YAML: {problem}") from None
    if not isinstance(loaded, dict):
        raise JourneyError(file, 1, "a journey is a mapping", "begin with `journey: name`")
    return _Compiler(file).compile(loaded)


def hash_definition(definition: Definition) -> str:
    """The content hash that runs are pinned to: of what the engine walks, not of comments or line numbers."""
    content = definition.model_dump_json(exclude={"steps": {"__all__": {"line"}}})
    return hashlib.sha256(content.encode()).hexdigest()[:20]


class _Compiler:
    def __init__(self, file: str) -> None:
        self.file = file

    def compile(self, loaded: dict[str, Any]) -> Definition:
        settings = {key: str(value) for key, value in (loaded.get("settings") or {}).items() if key != LINE}
        source = self._parse(SourceJourney, loaded | {"settings": settings})
        steps = list(self._compile_steps(source.steps, 0, source.line))
        line = source.trigger.line
        self._check_word(source.trigger.key, KEYS, "key", line)
        return Definition(
            journey=source.journey,
            version=source.version,
            purpose=source.purpose,
            events=tuple(self._list_events(source.trigger.event, line)),
            key=source.trigger.key,
            when=self._compile_condition(source.trigger.when) if source.trigger.when else None,
            again=source.again,
            exits=tuple(self._match(e.event, e.match, e.line, reason=e.reason) for e in source.exit),
            steps=tuple(steps),
            settings=settings,
        )

    def _compile_steps(self, steps: list[Any], start: int, line: int) -> Iterator[Step]:
        """Flattens nested steps; jumps are absolute, so `start` is the index of the first."""
        index = start
        for raw in steps:
            if not isinstance(raw, dict):
                raise JourneyError(self.file, line, f"{raw!r} is no step", f"write it as `{raw}: …`")
            for step in self._compile_step(raw, index):
                yield step
                index += 1

    def _compile_step(self, raw: dict[str, Any], index: int) -> list[Step]:
        line = raw.get(LINE, 0)
        names = [name for name in raw if name != LINE]
        if len(names) != 1 or names[0] not in ("wait", "send", "branch", "exit"):
            raise JourneyError(
                self.file, line, f"a step is one of wait, send, branch, exit; found {', '.join(names) or 'nothing'}"
            )
        body = raw[names[0]]
        match names[0]:
            case "wait":
                return [self._compile_wait(body, line)]
            case "send":
                send = self._parse(SourceSend, body if isinstance(body, dict) else {"template": body, LINE: line})
                return [
                    SendStep(
                        template=send.template,
                        channels=tuple(send.channels),
                        both=send.both,
                        purpose=send.purpose,
                        line=line,
                    )
                ]
            case "exit":
                return [ExitStep(reason=str(body or "done"), line=line)]
        return self._compile_branch(body, index, line)

    def _compile_branch(self, branches: Any, index: int, line: int) -> list[Step]:
        """Each arm: jump past it unless its condition holds; at its end, jump past the rest."""
        if not isinstance(branches, list) or not all(isinstance(branch, dict) for branch in branches):
            raise JourneyError(
                self.file, line, "a branch is a list of arms", "begin each with `- when:` or `- otherwise:`"
            )
        arms: list[tuple[Condition | None, list[Step]]] = []
        position = index
        for number, branch in enumerate(branches):
            arm_line = branch.get(LINE, line)
            body = branch.get("steps", branch.get("otherwise"))
            condition = self._compile_condition(branch["when"]) if "when" in branch else None
            unknown = set(branch) - {"when", "steps", "otherwise", LINE}
            if unknown or not isinstance(body, list):
                raise JourneyError(
                    self.file, arm_line, "a branch has `when` and `steps`, or `otherwise` with a list of steps"
                )
            if condition is None and number != len(branches) - 1:
                raise JourneyError(self.file, arm_line, "`otherwise` comes last", "move it to the end of the branch")
            steps = list(self._compile_steps(body, position + (1 if condition else 0), arm_line))
            position += len(steps) + (1 if condition else 0) + 1
            arms.append((condition, steps))
        end = position
        compiled: list[Step] = []
        for condition, steps in arms:
            after = index + len(compiled) + len(steps) + (1 if condition else 0) + 1
            if condition is not None:
                compiled.append(JumpStep(unless=condition, to=after, line=line))
            compiled += [*steps, JumpStep(to=end, line=line)]
        return compiled

    def _compile_wait(self, body: Any, line: int) -> WaitStep:
        wait = self._parse(SourceWait, body if isinstance(body, dict) else {"for": body, LINE: line})
        if wait.at and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|setting\.[a-z_]+", wait.at):
            raise JourneyError(self.file, line, f"at: {wait.at!r} is no time of day", 'write it as "10:00"')
        events = self._list_events(wait.event, line) if wait.event else []
        if events and not wait.match:
            raise JourneyError(self.file, line, "waiting for an event needs `match`", "for example match: order.id")
        if not events and (wait.timeout or wait.unchanged_for or wait.match):
            raise JourneyError(self.file, line, "match, timeout and unchanged_for belong to an event", "add event: …")
        if not wait.until and (wait.plus or wait.otherwise):
            raise JourneyError(self.file, line, "plus and else belong to a date", "add until: order.eta")
        timeout, timeout_at = self._compile_timeout(wait.timeout, line)
        until = None
        if wait.until:
            self._check_field(wait.until, line)
            until = Moment(
                field=wait.until,
                plus=self._duration(wait.plus, line) if wait.plus else timedelta(0),
                otherwise=self._compile_span(wait.otherwise, line) if wait.otherwise else None,
            )
        if not (wait.for_ or wait.at or until or events):
            raise JourneyError(self.file, line, "this wait never ends", "give it for, at, until or event")
        return WaitStep(
            span=self._compile_span(wait.for_, line) if wait.for_ else None,
            at=wait.at,
            until=until,
            unchanged_for=self._compile_span(wait.unchanged_for, line) if wait.unchanged_for else None,
            events=tuple(self._match(event, wait.match or "", line) for event in events),
            timeout=timeout,
            timeout_at=timeout_at,
            line=line,
        )

    def _compile_timeout(self, raw: Any, line: int) -> tuple[Span | None, Moment | None]:
        if raw is None:
            return None, None
        if isinstance(raw, dict) and "until" in raw:
            self._check_field(raw["until"], line)
            plus = self._duration(raw["plus"], line) if "plus" in raw else timedelta(0)
            otherwise = self._compile_span(raw["else"], line) if "else" in raw else None
            return None, Moment(field=raw["until"], plus=plus, otherwise=otherwise)
        return self._compile_span(raw, line), None

    def _compile_span(self, raw: str | dict[str, Any], line: int) -> Span:
        if isinstance(raw, str):
            return Span(fixed=self._duration(raw, line))
        unknown = set(raw) - {"setting", "rule", "default", LINE}
        if unknown:
            raise JourneyError(self.file, line, f"unknown {', '.join(sorted(unknown))}", "setting, rule or default")
        default = self._duration(raw["default"], line) if "default" in raw else None
        return Span(setting=raw.get("setting"), rule=raw.get("rule"), default=default)

    def _compile_condition(self, raw: Any) -> Condition:
        line = raw.get(LINE, 0) if isinstance(raw, dict) else 0
        if not isinstance(raw, dict):
            raise JourneyError(self.file, line, "a condition is a mapping", "{field: order.payment, is: paid}")
        for group in ("all", "any", "none"):
            if group in raw:
                return Condition(**{group: tuple(self._compile_condition(part) for part in raw[group])})
        field = str(raw.get("field", ""))
        self._check_field(field, line)
        tests = {"is": "equals", "in": "one_of", "exists": "exists", "at_least": "at_least", "less_than": "less_than"}
        given = [name for name in raw if name not in ("field", LINE)]
        if len(given) != 1 or given[0] not in tests:
            raise JourneyError(self.file, line, f"a condition has one test of {', '.join(tests)}")
        value = raw[given[0]]
        if given[0] == "in" and isinstance(value, str):
            self._check_field(value, line)
            return Condition(field=field, one_of_field=value)
        return Condition(field=field, **{tests[given[0]]: tuple(value) if given[0] == "in" else value})

    def _check_field(self, field: str, line: int) -> None:
        root, dot, name = field.partition(".")
        if root not in ROOTS or not dot or not name:
            raise JourneyError(self.file, line, f"unknown field {field!r}", f"begin with one of {', '.join(ROOTS)}")

    def _duration(self, text: Any, line: int) -> timedelta:
        try:
            return parse_duration(str(text))
        except ValueError:
            raise JourneyError(self.file, line, f"{text!r} is no duration", "ISO 8601: P7D, PT1H, PT30M") from None

    def _list_events(self, one_or_more: str | list[str], line: int) -> list[str]:
        events = [one_or_more] if isinstance(one_or_more, str) else one_or_more
        for event in events:
            self._check_word(event, EVENTS, "event", line)
        return events

    def _match(self, event: str, match: str, line: int, *, reason: str = "") -> EventMatch:
        self._check_word(event, EVENTS, "event", line)
        self._check_word(match, MATCHES, "match", line)
        return EventMatch(event=event, match=match, reason=reason)

    def _check_word(self, word: str, known: Sequence[str], kind: str, line: int) -> None:
        """A word that nothing answers to would wait in silence for ever."""
        if word in known:
            return
        close = difflib.get_close_matches(word, known, n=1)
        fix = f"did you mean {close[0]}?" if close else f"one of {', '.join(known)}"
        raise JourneyError(self.file, line, f"unknown {kind} {word!r}", fix)

    def _parse[Part: SourcePart](self, model: type[Part], raw: dict[str, Any]) -> Part:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise JourneyError(self.file, raw.get(LINE, 1), f"{where}: {first['msg']}") from None
