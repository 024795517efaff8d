"""What README and docs say is true: rows have their tests, links lead somewhere, snippets compile."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from command_line.commands import app
from okaeri.catalogue.compile_journeys import JOURNEYS_FOLDER, compile_journey, hash_definition
from okaeri.catalogue.journey_yaml import JourneyError
from okaeri.domain.orders import Payment, ShipmentStatus
from tests.world import BOTH_OPT_INS, World, make_order, make_store

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
ROOT_DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")

# Every promise of the product, by letter: A the order … H running it.
ROWS_PER_LETTER = {"A": 7, "B": 15, "C": 8, "D": 14, "E": 10, "F": 11, "G": 12, "H": 8}
ROW_IDS = [f"{letter}{number}" for letter, last in ROWS_PER_LETTER.items() for number in range(1, last + 1)]
STATES = ("works", "partly", "planned")

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(?P<kind>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?:^ *|`)(?:\./)?okaeri (?P<words>[a-z-]+ [^`#\n]*|[a-z-]+)", re.MULTILINE)
_TEST = re.compile(r"tests/[\w/]+\.py::\w+")


class Row(NamedTuple):
    """One line of docs/features.md."""

    row_id: str
    state: str
    test: str
    note: str


def list_documents() -> list[Path]:
    """README and its like, and everything under docs/."""
    return [*(REPOSITORY / name for name in ROOT_DOCUMENTS), *sorted(DOCS.rglob("*.md"))]


def read_rows() -> list[Row]:
    """The tables of docs/features.md, without their heads, each row with its note from below the table."""
    text = (DOCS / "features.md").read_text("utf-8")
    notes = dict(re.findall(r"^- \*\*([A-Z]\d+)\*\*: (.+)$", text, re.MULTILINE))
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [Row(row[0], row[1], row[2], notes.get(row[0], "")) for row in cells if re.fullmatch(r"[A-Z]\d+", row[0])]


@cache
def list_tests(path: Path) -> frozenset[str]:
    """Names of the tests of a module, by reading it."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


def is_a_test(named: str) -> bool:
    """Whether `tests/…py::test_…` names a test that exists."""
    path, _, name = named.partition("::")
    return (REPOSITORY / path).is_file() and name in list_tests(REPOSITORY / path)


def list_snippets(document: Path, kind: str) -> list[str]:
    """The fenced blocks of a kind (the words after the opening fence)."""
    found = _FENCE.finditer(document.read_text("utf-8"))
    return [snippet["text"] for snippet in found if snippet["kind"].strip() == kind]


def list_links(document: Path) -> Iterator[str]:
    """Targets of the relative links outside of code."""
    prose = _FENCE.sub("", document.read_text("utf-8"))
    for target in _LINK.findall(prose):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def test_every_promise_stands_once_in_the_table_of_features() -> None:
    assert [row.row_id for row in read_rows()] == ROW_IDS


def test_every_promise_works_partly_works_or_is_planned() -> None:
    assert {row.row_id: row.state for row in read_rows() if row.state not in STATES} == {}


def test_what_works_names_the_test_that_shows_it() -> None:
    claimed = {row.row_id: _TEST.findall(row.test) for row in read_rows() if row.state != "planned"}
    assert [row_id for row_id, tests in claimed.items() if not tests] == []
    assert {row_id: tests for row_id, tests in claimed.items() if not all(map(is_a_test, tests))} == {}


def test_what_is_planned_claims_no_test() -> None:
    assert [row.row_id for row in read_rows() if row.state == "planned" and row.test != "—"] == []


def test_what_partly_works_says_what_is_missing() -> None:
    assert [row.row_id for row in read_rows() if row.state == "partly" and "missing:" not in row.note] == []


@cache
def load_command() -> Any:
    """The whole command; typer carries a click of its own, without types."""
    return typer.main.get_command(app)


@pytest.mark.parametrize("document", list_documents(), ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_commands_that_the_documents_name_exist(document: Path) -> None:
    """Groups, commands and options; arguments are not looked at."""
    text = document.read_text("utf-8").replace("\\\n", " ")
    strange = []
    for found in _COMMAND.finditer(text):
        command = load_command()
        for word in found["words"].split():
            if word.startswith("--"):
                options = {option for parameter in command.params for option in parameter.opts}
                options |= {option for parameter in command.params for option in parameter.secondary_opts}
                strange += [found[0]] * (word not in options | {"--help"})
            elif word != "…" and (commands := getattr(command, "commands", None)):
                if word not in commands:
                    strange.append(found[0])
                    break
                command = commands[word]
    assert strange == []


@pytest.mark.parametrize("document", list_documents(), ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_relative_links_lead_somewhere(document: Path) -> None:
    broken = [target for target in list_links(document) if not (document.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("document", list_documents(), ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_tests_that_the_documents_name_exist(document: Path) -> None:
    named = _TEST.findall(document.read_text("utf-8"))
    assert [test for test in named if not is_a_test(test)] == []


def test_documents_that_the_code_names_exist() -> None:
    sources = (path for folder in ("functions", "infra") for path in (REPOSITORY / folder).rglob("*.py"))
    named = {name for source in sources for name in re.findall(r"docs/[\w-]+\.md", source.read_text("utf-8"))}
    assert sorted(name for name in named if not (REPOSITORY / name).exists()) == []


def test_journeys_that_the_documents_show_compile() -> None:
    shown = [(path, text) for path in list_documents() for text in list_snippets(path, "yaml journey")]
    assert len(shown) >= 3
    for path, text in shown:
        compile_journey(text, path.name)


def play_documented(journey: str) -> World:
    """A shop that has this journey of docs/journeys.md and no other."""
    texts = list_snippets(DOCS / "journeys.md", "yaml journey")
    definitions = [compile_journey(text, "journeys.md") for text in texts]
    chosen = {hash_definition(found): found for found in definitions if found.journey == journey}
    return World(store=make_store(chosen), definitions=chosen)


def test_the_documented_thanks_come_two_weeks_after_delivery_at_ten() -> None:
    world = play_documented("thank-you")
    world.order(make_order(opt_ins=BOTH_OPT_INS))
    world.ship("5001", ShipmentStatus.DELIVERED)
    world.wait(days=14)
    assert world.told() == []
    world.wait(days=1)
    (message,) = world.list_messages()
    assert message.template == "thank_you_first"
    assert message.decided_at.strftime("%d %H") == "17 01"  # the 17th, ten in Tokyo, at most 15 minutes late


def test_the_documented_bank_transfer_asks_once_and_thanks_for_a_late_payment() -> None:
    world = play_documented("bank-transfer")
    world.order(make_order(payment=Payment.PENDING, offline_payment=True))
    world.wait(days=4)
    assert world.told("whatsapp") == ["payment_pending"]
    world.order(make_order(payment=Payment.PAID, offline_payment=True, updated_at=world.clock()))
    assert world.told("whatsapp") == ["payment_pending", "payment_received"]


def test_mistakes_that_the_documents_show_are_answered_as_they_say() -> None:
    """A `yaml mistake` block is followed by a `text error` block with the compiler's words on it."""
    document = DOCS / "journeys.md"
    mistakes, errors = list_snippets(document, "yaml mistake"), list_snippets(document, "text error")
    assert mistakes
    answers = []
    for mistake in mistakes:
        with pytest.raises(JourneyError) as caught:
            compile_journey(mistake, "thank-you.yaml")
        answers.append(str(caught.value))
    assert answers == [error.strip() for error in errors]


def test_every_shipped_journey_is_described() -> None:
    text = (DOCS / "journeys.md").read_text("utf-8")
    assert [path.stem for path in sorted(JOURNEYS_FOLDER.glob("*.yaml")) if f"`{path.stem}`" not in text] == []


def test_make_targets_that_the_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for path in list_documents()
        for target in re.findall(r"(?:`|^)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert {"demo", "test"} <= named
    assert sorted(named - targets) == []


def test_the_architecture_names_every_function() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    folders = sorted(path.parent.name for path in (REPOSITORY / "functions").glob("*/handler.py"))
    assert folders
    assert [folder for folder in folders if f"`{folder}`" not in text] == []


def test_decisions_are_numbered_without_a_gap_and_say_what_would_change_our_mind() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    headings = ("## Context", "## Choice", "## What would change our mind")
    assert [path.name for path in records if any(heading not in path.read_text("utf-8") for heading in headings)] == []
