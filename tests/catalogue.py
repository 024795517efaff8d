"""The shipped templates, compiled once for all tests of a process."""

from __future__ import annotations

from functools import cache

from okaeri.catalogue.compile_templates import compile_templates
from okaeri.domain.templates import Template


@cache
def load_templates() -> tuple[Template, ...]:
    """Every template in every language."""
    return tuple(compile_templates())
