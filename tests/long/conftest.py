"""Says at the end how many histories were played and what a year brought, over all processes."""

from __future__ import annotations

import json

import pytest

from tests.year import Summary


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A few lines below the results."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    found = [(name, str(value)) for report in reports for name, value in report.user_properties]
    played, talks = (sum(int(count) for name, count in found if name == what) for what in ("histories", "with_talks"))
    if played:
        terminalreporter.write_line(f"{played} histories were played, {talks} of them with talks")
    year = Summary()
    for name, written in found:
        if name == "year":
            year.add(Summary.read(json.loads(written)))
    if year.shoppers:
        for line in year.describe():
            terminalreporter.write_line(line)
