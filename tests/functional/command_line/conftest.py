"""One stack for each test."""

from __future__ import annotations

from functools import cache

import pytest
from typer import testing
from typer.main import get_command

from command_line.stack import Stack
from tests.functional.aws_from_template import MadeStack
from tests.functional.command_line.stack import describe_stack


@pytest.fixture
def stack(made_stack: MadeStack) -> Stack:
    return describe_stack(made_stack)


build_command = cache(get_command)


@pytest.fixture(autouse=True)
def built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typer's runner builds each of the two hundred commands anew for every call: once is enough."""
    monkeypatch.setattr(testing, "_get_command", build_command)
