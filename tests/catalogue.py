"""The shipped journeys and templates, compiled once for all tests of a process."""

from __future__ import annotations

from functools import cache

from okaeri.catalogue.compile_journeys import compile_journeys
from okaeri.domain.journeys import Definition
from okaeri.domain.templates import Template


@cache
def load_journeys() -> tuple[Definition, ...]:
    """Every journey."""
    return tuple(compile_journeys())


@cache
def load_templates() -> tuple[Template, ...]:
    """Every template in every language: those that `okaeri publish` has compiled where a test has called it."""
    from command_line.publish import load_catalogue  # boto3 and all, which tests of the engine alone do without

    return load_catalogue().templates
