"""`okaeri journeys lint` and `okaeri journeys schema`: journey files checked, and their shape for editors."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from command_line.failures import CommandFailure
from command_line.screen import say
from command_line.source_files import read_source
from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER, read_journey
from okaeri.catalogue.compile_templates import TemplatesInvalid, compile_templates
from okaeri.catalogue.journey_schema import make_journey_schema
from okaeri.catalogue.lint_journeys import lint_journeys
from okaeri.domain.journeys import Definition
from okaeri.domain.templates import Template


def lint_files(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILES…]", help="Journey files, or folders of them. The shipped ones if left out."),
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="A language that the shop speaks; may be given again.")
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(help="A folder of templates beside the shipped ones: <name>/<locale>.yaml.")
    ] = None,
) -> None:
    """Checks journey files: each problem with its line and how to mend it. Ends with 1 where a file cannot be used."""
    paths = _list_files(files or [JOURNEYS_FOLDER])
    texts = {_name_file(path): read_source(path, fix="Name a journey's YAML file.") for path in paths}
    found = lint_journeys(
        texts, _load_templates(templates), languages=tuple(languages or ()), beside=_read_shipped(paths)
    )
    for problem in found:
        say(problem.describe(), style="yellow" if problem.is_warning else "red")
    errors = sum(not problem.is_warning for problem in found)
    if not found:
        say(f"✓ {_count(len(texts), 'journey')}: nothing to mend")
        return
    say(f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')} in {_count(len(texts), 'journey')}")
    if errors:
        raise typer.Exit(1)


def print_schema() -> None:
    """Prints the JSON Schema of journey files, for editors that check while one types."""
    typer.echo(json.dumps(make_journey_schema(), indent=2, ensure_ascii=False))


def _list_files(named: list[Path]) -> list[Path]:
    paths: list[Path] = []
    for path in named:
        if not path.exists():
            raise CommandFailure(f"{path} is not there", at="FILES", fix="Name a journey file, or a folder of them.")
        inside = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not inside:
            raise CommandFailure(f"{path} holds no .yaml file", at="FILES", fix="Name a folder of journey files.")
        paths += inside
    return paths


def _name_file(path: Path) -> str:
    """As it was given; below the present folder without what is above it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _load_templates(folder: Path | None) -> list[Template]:
    try:
        return [*_load_shipped_templates(), *(compile_templates(folder) if folder else [])]
    except TemplatesInvalid as error:
        raise CommandFailure(str(error), at="templates", fix="Mend the templates first.") from error


@cache
def _load_shipped_templates() -> tuple[Template, ...]:
    return tuple(compile_templates())


def _read_shipped(paths: list[Path]) -> list[Definition]:
    """The shipped journeys that are not being checked themselves."""
    checked = {path.resolve() for path in paths}
    others = [path for path in JOURNEYS_FOLDER.glob("*.yaml") if path.resolve() not in checked]
    read = (read_journey(path.read_text("utf-8"), path.name)[0] for path in others)
    return [definition for definition in read if definition is not None]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
