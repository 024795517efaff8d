"""`make test` and `make check`: runs the checks one after the other, the types beside them, and sums them up.

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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.commands import make_environment
from local.paths import PROGRAMS, REPOSITORY
from local.progress import console

REPORTS = REPOSITORY / ".local" / "reports"
WORKERS = min(os.cpu_count() or 2, 8)
STACKS = 3  # a gigabyte each


@dataclass(frozen=True)
class Check:
    """One command of ours and what it is for. `tests` are folders that pytest runs; others are plain commands.

    `is_beside` is one that a single core is enough for: it runs while the others do, and shows its output at the end.
    """

    name: str
    command: Sequence[str] = ()
    tests: Sequence[str] = ()
    options: Sequence[str] = field(default=())
    is_beside: bool = False

    @property
    def report(self) -> Path:
        return REPORTS / f"{self.name}.xml"

    def list_arguments(self) -> list[str]:
        if not self.tests:
            return [str(PROGRAMS / self.command[0]), *self.command[1:]]
        pytest = [sys.executable, "-m", "pytest", *self.tests, "-q", "--durations=5", "--durations-min=2"]
        return [*pytest, f"--junitxml={self.report}", *self.options]


# Tests are dealt out in long stretches of one file after the other; who has none left takes over half of another's.
PARALLEL = ("-n", str(WORKERS), "--dist=worksteal")

LINT = Check("lint", ["ruff", "check"])
FORMAT = Check("format", ["ruff", "format", "--check"])
TYPES = Check("types", ["mypy"], is_beside=True)
UNIT = Check("unit", tests=["tests/unit"], options=PARALLEL)
HISTORIES = Check("histories", tests=["tests/long"], options=PARALLEL)
FUNCTIONAL = Check("functional", tests=["tests/functional"], options=PARALLEL)
TEMPLATE = Check("template", tests=["tests/template"], options=PARALLEL)
# These tests mostly wait for days of ten seconds: each worker has a stack of its own, and files stay whole.
END_TO_END = Check("end to end", tests=["tests/e2e"], options=("-n", str(STACKS), "--dist=loadfile"))

QUICK = (LINT, FORMAT, TYPES, UNIT)
ALL = (*QUICK, HISTORIES, FUNCTIONAL, TEMPLATE, END_TO_END)


@dataclass(frozen=True)
class Result:
    """How a check went: seconds, how many of its tests did what, and what is still to be shown of its output."""

    check: Check
    ok: bool
    seconds: float
    passed: int
    failed: int
    skipped: int
    output: str = ""


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
    """Runs one check with its output on the terminal; kept for later where it runs beside others."""
    if not check.is_beside:
        console.rule(f"[bold]{check.name}", align="left")
    REPORTS.mkdir(parents=True, exist_ok=True)
    check.report.unlink(missing_ok=True)
    began = time.monotonic()
    kept: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if check.is_beside else {}
    ended = subprocess.run(
        check.list_arguments(), cwd=REPOSITORY, env=make_environment(), text=True, check=False, **kept
    )
    passed, failed, skipped = count_tests(check.report) if check.tests else (0, 0, 0)
    ok = ended.returncode == 0
    failed = failed or int(not ok)  # a linter, or a pytest that could not even begin
    return Result(check, ok, time.monotonic() - began, passed, failed, skipped, ended.stdout or "")


def run_checks(checks: Sequence[Check]) -> list[Result]:
    """Runs them all; the results in their order."""
    with ThreadPoolExecutor() as threads:
        beside = {check.name: threads.submit(run_check, check) for check in checks if check.is_beside}
        found = {check.name: run_check(check) for check in checks if not check.is_beside}
        for name, running in beside.items():
            found[name] = running.result()
            console.rule(f"[bold]{name}", align="left")
            console.out(found[name].output.rstrip(), highlight=False)
    return [found[check.name] for check in checks]


def sum_up(results: Sequence[Result], seconds: float) -> None:
    """Prints a line for each check and one for all, which took so long from the first to the last."""
    console.rule("[bold]summary", align="left")
    for result in results:
        mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
        counts = describe_counts(result.passed, result.failed, result.skipped) if result.check.tests else ""
        console.print(f"{mark} {result.check.name:<12} {result.seconds:6.1f} s   {counts}".rstrip())
    counts = describe_counts(
        sum(r.passed for r in results), sum(r.failed for r in results), sum(r.skipped for r in results)
    )
    console.print(f"{f' {counts} in {seconds:.2f}s ':=^80}")


def describe_counts(passed: int, failed: int, skipped: int) -> str:
    """Such as `2 failed, 40 passed, 1 skipped`, as pytest puts it."""
    counts = [f"{failed} failed"] * bool(failed) + [f"{passed} passed"] + [f"{skipped} skipped"] * bool(skipped)
    return ", ".join(counts)


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="local.checks", description=__doc__)
    parser.add_argument("which", choices=["quick", "all"])
    which = parser.parse_args().which
    began = time.monotonic()
    results = run_checks(QUICK if which == "quick" else ALL)
    sum_up(results, time.monotonic() - began)
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
