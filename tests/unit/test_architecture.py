"""Arrows point inward, and an offender is named: domain ← use cases ← adapters, wiring, handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
HANDLERS = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))
# What each room may import of ours, and which third-party packages it must not know.
MAY_IMPORT = {
    "domain": ("okaeri.domain",),
    "use_cases": ("okaeri.domain", "okaeri.ports", "okaeri.errors", "okaeri.use_cases"),
    "adapters": ("okaeri.domain", "okaeri.ports", "okaeri.errors", "okaeri.adapters", "okaeri.catalogue"),
}
AWS = ("boto3", "botocore", "aws_lambda_powertools")


@cache
def list_nodes(path: Path) -> tuple[ast.AST, ...]:
    """What a module imports, and each `this.that` of it; read once for all tests."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom | ast.Attribute))


def list_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and module of every import, also of those inside functions."""
    for node in list_nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("okaeri", *HANDLERS)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_point_inward(room: str) -> None:
    offenders = [
        f"{path.relative_to(FUNCTIONS)}:{line} imports {module}"
        for path in sorted((FUNCTIONS / "okaeri" / room).rglob("*.py"))
        for line, module in list_imports(path)
        if is_ours(module) and not module.startswith(MAY_IMPORT[room])
    ]
    assert offenders == []


@pytest.mark.parametrize("room", ["domain", "use_cases"])
def test_rules_and_use_cases_know_no_aws(room: str) -> None:
    offenders = [
        f"{path.relative_to(FUNCTIONS)}:{line} imports {module}"
        for path in sorted((FUNCTIONS / "okaeri" / room).rglob("*.py"))
        for line, module in list_imports(path)
        if module.startswith(AWS)
    ]
    assert offenders == []


def test_the_domain_reads_no_clock() -> None:
    offenders = [
        f"{path.name}:{node.lineno}"
        for path in sorted((FUNCTIONS / "okaeri" / "domain").rglob("*.py"))
        for node in list_nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "monotonic")
        if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "time")
    ]
    assert offenders == []


def test_only_wiring_and_handlers_know_adapters() -> None:
    may_know = {"adapters", "catalogue"}
    offenders = [
        f"{path.relative_to(FUNCTIONS)}:{line} imports {module}"
        for path in sorted((FUNCTIONS / "okaeri").rglob("*.py"))
        if path.name != "wiring.py" and may_know.isdisjoint(path.relative_to(FUNCTIONS).parts)
        for line, module in list_imports(path)
        if module.startswith("okaeri.adapters")
    ]
    assert offenders == []


def test_the_environment_is_read_in_one_file() -> None:
    offenders = [
        str(path.relative_to(FUNCTIONS))
        for path in sorted(FUNCTIONS.rglob("*.py"))
        if path.parent.name != "settings" and "os.environ" in path.read_text("utf-8")
    ]
    assert offenders == []


def test_a_handler_fits_one_screen() -> None:
    long = {name: (FUNCTIONS / name / "handler.py").read_text("utf-8").count("\n") for name in HANDLERS}
    assert {name: lines for name, lines in long.items() if lines > 90} == {}
