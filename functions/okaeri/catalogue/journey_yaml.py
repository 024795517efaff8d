"""Reads a journey file into mappings and lists that know their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

_MOST_NODES = 100_000  # with what aliases stand for: aliases of aliases grow a short file without an end


class JourneyProblem(NamedTuple):
    """What is wrong with a journey file, where, and how to mend it. A warning stops nothing."""

    file: str
    line: int
    what: str
    fix: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" + (f" ({self.fix})" if self.fix else "")

    def describe(self) -> str:
        """As editors and people read it, with its weight."""
        return str(self._replace(what=f"{'warning' if self.is_warning else 'error'}: {self.what}"))


class JourneyError(ValueError):
    """One or more journey files that cannot be used: all that is wrong with them, in the order of lines."""

    def __init__(self, problems: list[JourneyProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """What was found in one file so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[JourneyProblem] = []

    def report(self, line: int, what: str, fix: str = "") -> None:
        """Notes something that makes the file unusable; reading goes on, to find the rest."""
        self._found.append(JourneyProblem(self.file, line, what, fix))

    def warn(self, line: int, what: str, fix: str = "") -> None:
        """Notes something that is likely not meant."""
        self._found.append(JourneyProblem(self.file, line, what, fix, is_warning=True))

    def list_all(self) -> list[JourneyProblem]:
        """Each problem once, in the order of lines."""
        return sorted(dict.fromkeys(self._found), key=lambda problem: problem.line)


class SourceList(list[Any]):
    """A list of a file, with the line of each item."""

    def __init__(self, line: int, items: list[Any], lines: list[int]) -> None:
        super().__init__(items)
        self.line, self.lines = line, lines


class SourceMap(dict[str, Any]):
    """A mapping of a file, with its own line and the line of each key."""

    def __init__(self, line: int, items: dict[str, Any], lines: dict[str, int]) -> None:
        super().__init__(items)
        self.line, self.lines = line, lines

    def find_line(self, *path: str | int) -> int:
        """The line of what is at the path, or of the last part of the path that is there."""
        line = self.line
        here: Any = self
        for part in path:
            if isinstance(here, SourceMap) and part in here:
                line, here = here.lines[str(part)], here[str(part)]
            elif isinstance(here, SourceList) and isinstance(part, int) and part < len(here):
                line, here = here.lines[part], here[part]
            else:
                break
        return line


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain values: `on` and `no` are words, 10:00 is no number in base sixty, a date is a text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if yaml.__with_libyaml__:  # three times as fast; its own composer would crash on a file nested too deeply
            events = yaml.CSafeLoader(text)
            for name in ("check_event", "peek_event", "get_event"):
                setattr(self, name, getattr(events, name))


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", "~n"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+$", "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), [*_first, ""])


def read_journey_file(text: str, problems: Problems) -> SourceMap | None:
    """The file's mapping, None (and a problem) where it is none."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        read = _read_node(loader, node, problems, (), iter(range(_MOST_NODES))) if node is not None else None
    except RecursionError:
        problems.report(1, "the file is nested too deeply", "branches inside branches: say it in several journeys")
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.report(line, f"the character {error.character:#06x} has no place in a text", "remove it")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        problems.report(mark.line + 1 if mark else 1, f"not YAML: {what}", "quote texts that hold `: ` or begin with {")
        return None
    if isinstance(read, SourceMap):
        return read
    problems.report(1, "a journey is a mapping", "begin with `journey: name`")
    return None


def _read_node(
    loader: _Loader, node: yaml.Node, problems: Problems, above: tuple[yaml.Node, ...], left: Iterator[int]
) -> Any:
    line = node.start_mark.line + 1
    if next(left, None) is None:
        raise yaml.constructor.ConstructorError(None, None, "the file is too large", node.start_mark)
    if node in above:
        raise yaml.constructor.ConstructorError(None, None, "an alias names what it stands in", node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        items = [_read_node(loader, item, problems, (*above, node), left) for item in node.value]
        return SourceList(line, items, [item.start_mark.line + 1 for item in node.value])
    if isinstance(node, yaml.MappingNode):
        items_by_key: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, key_line = str(key.value), key.start_mark.line + 1
            if name in items_by_key:
                problems.report(key_line, f"`{name}` is given twice", f"first in line {lines[name]}")
                continue
            items_by_key[name] = _read_node(loader, value, problems, (*above, node), left)
            lines[name] = key_line
        return SourceMap(line, items_by_key, lines)
    return loader.construct_object(node, deep=True)
