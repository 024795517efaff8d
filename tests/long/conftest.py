"""Says at the end how many histories were played, over all processes."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line below the results."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    found = [(name, int(str(value))) for r in reports for name, value in r.user_properties]
    played, talks = (sum(count for name, count in found if name == what) for what in ("histories", "with_talks"))
    if played:
        terminalreporter.write_line(f"{played} histories were played, {talks} of them with talks")
