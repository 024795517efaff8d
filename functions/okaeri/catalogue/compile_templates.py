"""Turns `templates/<name>/<locale>.yaml` into Templates, with errors that give file, line and a fix.

PyYAML is a development dependency: senders read published Templates from the table and never import this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from okaeri.catalogue.lint_templates import lint_languages, lint_template
from okaeri.domain.templates import Problem, Template

try:  # libyaml reads hundreds of files in a fifth of the time; not every build of PyYAML has it
    from yaml import CSafeLoader as _SafeLoader
except ImportError:
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # the same loader, in Python

TEMPLATES = Path(__file__).parent / "templates"


class TemplatesInvalid(Exception):
    """One or more files are wrong. `lines` holds `file:line: where: what. Fix: …`, one each."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def compile_templates(folder: Path = TEMPLATES) -> list[Template]:
    """Every template, by name and locale. Raises TemplatesInvalid with all that is wrong in all files."""
    templates: dict[tuple[str, str], Template] = {}
    paths: dict[tuple[str, str], Path] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            template = compile_template(path)
        except TemplatesInvalid as error:
            wrong.extend(error.lines)
        else:
            key = (template.name, template.locale)
            templates[key], paths[key] = template, path
    for (name, locale), problem in lint_languages(templates.values()):
        path = paths[name, locale]
        wrong.append(_describe(path, _map_lines(path), problem))
    if wrong:
        raise TemplatesInvalid(wrong)
    return list(templates.values())


def compile_template(path: Path) -> Template:
    """One file, checked by its model and by `lint_template`. Raises TemplatesInvalid."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "not YAML"
        fix = "Quote texts that begin with `{` or hold `: `."
        raise TemplatesInvalid([f"{path}:{mark.line + 1 if mark else 1}: {what}. Fix: {fix}"]) from error
    if not isinstance(data, dict):
        raise TemplatesInvalid([f"{path}:1: the file is not a mapping. Fix: begin with `name:`."])
    problems: list[Problem] = []
    try:
        template = Template.model_validate(data)
    except ValidationError as error:
        problems = [
            Problem(
                where=".".join(str(part) for part in detail["loc"]),
                what=detail["msg"],
                fix=_suggest_fix(detail["type"], detail.get("ctx", {})),
            )
            for detail in error.errors()
        ]
    else:
        for field, expected in (("name", path.parent.name), ("locale", path.stem)):
            if getattr(template, field) != expected:
                fix = f"Write {expected}, or move the file."
                problems.append(Problem(where=field, what="differs from the file's place", fix=fix))
        problems += [*_find_unknown_fields(template), *lint_template(template)]
        if not problems:
            return template
    lines = _map_lines(path)
    raise TemplatesInvalid(_describe(path, lines, problem) for problem in problems)


def _find_unknown_fields(model: BaseModel, place: str = "") -> Iterator[Problem]:
    """What the stored models keep for a later version is a misspelling in a file of this one."""
    for name in model.model_extra or {}:
        fix = f"One of {', '.join(sorted(type(model).model_fields))}."
        yield Problem(where=f"{place}{name}", what="unknown field", fix=fix)
    for name, value in model:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
        for key, part in [("", value), *inner]:
            if isinstance(part, BaseModel):
                yield from _find_unknown_fields(part, f"{place}{name}.{key}." if key != "" else f"{place}{name}.")


def _suggest_fix(kind: str, details: dict[str, Any]) -> str:
    match kind:
        case "missing":
            return "Add the field."
        case "extra_forbidden":
            return "Remove it, or check its spelling in docs/templates.md."
        case "literal_error":
            return f"Write {details.get('expected', 'one of the allowed values')}."
        case _:
            return "See docs/templates.md."


def _describe(path: Path, lines: dict[str, int], problem: Problem) -> str:
    where = problem.where
    while where and where not in lines:
        where = where.rpartition(".")[0]
    return f"{path}:{lines.get(where, 1)}: {problem.where}: {problem.what}. Fix: {problem.fix}"


class _StrictLoader(_SafeLoader):
    """Refuses a key that is given twice: YAML itself would quietly take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{key_node.value}` is given twice", key_node.start_mark
                )
            seen.add(key_node.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def _map_lines(path: Path) -> dict[str, int]:
    """The line of each value by its dotted path (`whatsapp.buttons.0.text`)."""
    lines: dict[str, int] = {}

    def walk(node: yaml.Node | None, where: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = f"{where}.{key.value}" if where else str(key.value)
                lines[inner] = key.start_mark.line + 1
                walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                inner = f"{where}.{index}"
                lines[inner] = value.start_mark.line + 1
                walk(value, inner)

    walk(yaml.compose(path.read_text(encoding="utf-8"), Loader=_SafeLoader), "")
    return lines
