"""`make test` and `make check`: runs the checks one after the other and sums them up.

All checks run, whatever fails. The last line counts the tests of all of them in pytest's words; a linter that
finds something counts as one that failed.
"""

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.commands import make_environment
from local.paths import PROGRAMS, REPOSITORY
from local.progress import console

REPORTS = REPOSITORY / ".local" / "reports"
WORKERS = min(os.cpu_count() or 2, 8)


@dataclass(frozen=True)
class Check:
    """One command of ours and what it is for. `tests` are folders that pytest runs; others are plain commands."""

    name: str
    command: Sequence[str] = ()
    tests: Sequence[str] = ()
    options: Sequence[str] = field(default=())

    @property
    def report(self) -> Path:
        return REPORTS / f"{self.name}.xml"

    def list_arguments(self) -> list[str]:
        if not self.tests:
            return [str(PROGRAMS / self.command[0]), *self.command[1:]]
        pytest = [sys.executable, "-m", "pytest", *self.tests, "-q", "--durations=5", "--durations-min=2"]
        return [*pytest, f"--junitxml={self.report}", *self.options]


PARALLEL = ("-n", str(WORKERS), "--dist=loadfile")

LINT = Check("lint", ["ruff", "check"])
FORMAT = Check("format", ["ruff", "format", "--check"])
TYPES = Check("types", ["mypy"])
UNIT = Check("unit", tests=["tests/unit"], options=PARALLEL)
# One test is one part of the histories: they are dealt out singly, not by file.
HISTORIES = Check("histories", tests=["tests/long"], options=("-n", str(WORKERS), "--dist=worksteal"))
FUNCTIONAL = Check("functional", tests=["tests/functional"], options=PARALLEL)
TEMPLATE = Check("template", tests=["tests/template"], options=PARALLEL)
END_TO_END = Check("end to end", tests=["tests/e2e"])

QUICK = (LINT, FORMAT, TYPES, UNIT)
ALL = (*QUICK, HISTORIES, FUNCTIONAL, TEMPLATE, END_TO_END)


@dataclass(frozen=True)
class Result:
    """How a check went: seconds, and how many of its tests did what."""

    check: Check
    ok: bool
    seconds: float
    passed: int
    failed: int
    skipped: int


def count_tests(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of a JUnit report; zeros when there is none."""
    if not report.exists():
        return 0, 0, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        for key in totals:
            totals[key] += int(suite.get(key, 0))
    failed = totals["failures"] + totals["errors"]
    return max(totals["tests"] - failed - totals["skipped"], 0), failed, totals["skipped"]


def run_check(check: Check) -> Result:
    """Runs one check with its output on the terminal."""
    console.rule(f"[bold]{check.name}", align="left")
    REPORTS.mkdir(parents=True, exist_ok=True)
    check.report.unlink(missing_ok=True)
    began = time.monotonic()
    ended = subprocess.run(check.list_arguments(), cwd=REPOSITORY, env=make_environment(), check=False)
    passed, failed, skipped = count_tests(check.report) if check.tests else (0, 0, 0)
    ok = ended.returncode == 0
    failed = failed or int(not ok)  # a linter, or a pytest that could not even begin
    return Result(check, ok, time.monotonic() - began, passed, failed, skipped)


def sum_up(results: Sequence[Result]) -> None:
    """Prints a line for each check and one for all."""
    console.rule("[bold]summary", align="left")
    for result in results:
        mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
        counts = describe_counts(result.passed, result.failed, result.skipped) if result.check.tests else ""
        console.print(f"{mark} {result.check.name:<12} {result.seconds:6.1f} s   {counts}".rstrip())
    counts = describe_counts(
        sum(r.passed for r in results), sum(r.failed for r in results), sum(r.skipped for r in results)
    )
    console.print(f"{f' {counts} in {sum(r.seconds for r in results):.2f}s ':=^80}")


def describe_counts(passed: int, failed: int, skipped: int) -> str:
    """Such as `2 failed, 40 passed, 1 skipped`, as pytest puts it."""
    counts = [f"{failed} failed"] * bool(failed) + [f"{passed} passed"] + [f"{skipped} skipped"] * bool(skipped)
    return ", ".join(counts)


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="local.checks", description=__doc__)
    parser.add_argument("which", choices=["quick", "all"])
    which = parser.parse_args().which
    results = [run_check(check) for check in (QUICK if which == "quick" else ALL)]
    sum_up(results)
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
