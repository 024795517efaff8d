"""Every function is told what its settings ask for, and nothing that it doesn't need."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from okaeri.settings import FunctionSettings
from tests.template.stack import deployed

FUNCTIONS = sorted(deployed().of_type("Lambda::Function"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_environment_of_a_function_is_what_its_settings_read(function: str) -> None:
    module = import_module(f"okaeri.settings.{re.sub('(?<!^)(?=[A-Z])', '_', function).lower()}")
    kind: type[FunctionSettings] = getattr(module, f"{function}Settings")
    assert set(deployed().environment(function)) == {name.upper() for name in kind.model_fields}
