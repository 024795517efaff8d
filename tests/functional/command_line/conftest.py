"""One stack for each test."""

from __future__ import annotations

import pytest

from command_line.stack import Stack
from tests.functional.aws_from_template import MadeStack
from tests.functional.command_line.stack import describe_stack


@pytest.fixture
def stack(made_stack: MadeStack) -> Stack:
    return describe_stack(made_stack)
