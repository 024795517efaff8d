"""Every `okaeri …` line in the documents is one that the command understands."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from command_line.choices import apply_choices, read_pairs
from command_line.commands import app
from command_line.journeys import find_definition
from command_line.publish import load_catalogue
from okaeri.domain.stores import Platform, Store

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("infra/**/*.md"))]
_FENCE = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(?:\./)?okaeri ([^`\n]+)`")


def list_lines() -> list[tuple[str, str]]:
    """Document and arguments of each command in a fenced block, its continued lines joined, comments dropped."""
    return [
        (path.name, re.sub(r"\s+#.*", "", found[1]))
        for path in DOCUMENTS
        for block in _FENCE.findall(path.read_text("utf-8"))
        for line in re.sub(r"\\\n\s*", " ", block).splitlines()
        if (found := re.match(r"\s*(?:\$ )?(?:\./)?okaeri (.+)", line))
    ]


def list_mentions() -> list[tuple[str, str]]:
    """Document and words of each command in running text, where names and values may be left out."""
    return [(path.name, words) for path in DOCUMENTS for words in _INLINE.findall(path.read_text("utf-8"))]


@cache
@cache
def load_commands() -> Any:
    """The command with every action taken out: it reads its arguments, and does nothing."""

    def disarm(command: Any) -> Any:
        command.callback = lambda **options: None
        for child in getattr(command, "commands", {}).values():
            disarm(child)
        return command

    return disarm(typer.main.get_command(app))


@pytest.mark.parametrize(("document", "line"), list_lines())
def test_each_documented_command_is_understood(document: str, line: str) -> None:
    arguments = shlex.split(line)
    load_commands().main(arguments, prog_name="okaeri", standalone_mode=False)
    match arguments:
        case ["stores", "set", store_id, *pairs]:
            domain = "kinari.myshopify.com"
            store = Store(
                store_id=store_id, name="K", platform=Platform.SHOPIFY, domain=domain, site_url=f"https://{domain}"
            )
            changed = apply_choices(store, read_pairs(pairs), spoken=load_catalogue().languages)
            assert changed != store
        case ["journeys", "on" | "off" | "set", _, journey, *pairs]:
            definition = find_definition(journey, load_catalogue())
            assert read_pairs(pairs).keys() <= definition.settings.keys()


@pytest.mark.parametrize(("document", "words"), list_mentions())
def test_each_command_that_a_text_mentions_exists(document: str, words: str) -> None:
    command = load_commands()
    for word in shlex.split(words.replace("…", "")):
        if not hasattr(command, "commands") or word.startswith("-"):
            break
        assert word in command.commands, f"{document}: okaeri {words}"
        command = command.commands[word]


def test_the_documents_show_every_group_of_commands() -> None:
    shown = {shlex.split(line)[0] for _, line in list_lines()}
    assert set(load_commands().commands) <= shown
