"""What functional tests share: moto's AWS with the stack of template.yaml in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from tests.functional.aws_from_template import MadeStack, make_stack


@pytest.fixture
def made_stack() -> Iterator[MadeStack]:
    """A fresh table and fresh queues. The clients that wiring keeps for the process reach moto from inside it."""
    with mock_aws():
        yield make_stack()


@pytest.fixture
def deploy(made_stack: MadeStack, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], MadeStack]:
    """Sets the environment of one function: `deploy("AdvanceJourneys")`."""

    def set_environment(function: str) -> MadeStack:
        for name, value in made_stack.environment(function).items():
            monkeypatch.setenv(name, value)
        return made_stack

    return set_environment
