"""What functional tests share: moto's AWS with the stack of template.yaml in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from okaeri import wiring
from tests.functional.aws_from_template import MadeStack, make_stack

CLIENTS = (wiring.connect_dynamodb, wiring.connect_sqs, wiring.connect_scheduler, wiring.connect_ssm)


@pytest.fixture
def made_stack() -> Iterator[MadeStack]:
    """A fresh table and fresh queues; the clients that wiring keeps are made anew inside moto."""
    with mock_aws():
        for connect in CLIENTS:
            connect.cache_clear()
        yield make_stack()
    for connect in CLIENTS:
        connect.cache_clear()


@pytest.fixture
def deploy(made_stack: MadeStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Sets the environment of one function: `deploy("AdvanceJourneys")`."""

    def set_environment(function: str) -> MadeStack:
        for name, value in made_stack.environment(function).items():
            monkeypatch.setenv(name, value)
        return made_stack

    yield set_environment
