"""One moto account and one stack for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from command_line.stack import Stack
from tests.functional.command_line.stack import create_stack


@pytest.fixture
def stack() -> Iterator[Stack]:
    with mock_aws():
        yield create_stack()
