"""`make test` sums up what its parts found."""

from pathlib import Path

import pytest

from local import checks
from local.checks import Check, Result, count_tests, run_check, run_checks, sum_up

REPORT = """<testsuites><testsuite errors="1" failures="2" skipped="3" tests="10"/></testsuites>"""


@pytest.fixture(autouse=True)
def reports_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "REPORTS", tmp_path)


def test_errors_count_as_failures(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(REPORT)
    assert count_tests(report) == (4, 3, 3)


def test_no_report_is_no_test(tmp_path: Path) -> None:
    assert count_tests(tmp_path / "none.xml") == (0, 0, 0)


def test_a_linter_that_finds_something_counts_as_one_failure() -> None:
    found = run_check(Check("lint", ["python", "-c", "raise SystemExit(1)"]))
    assert (found.ok, found.passed, found.failed) == (False, 0, 1)


def test_a_linter_that_finds_nothing_counts_as_no_test() -> None:
    found = run_check(Check("lint", ["python", "-c", ""]))
    assert (found.ok, found.passed, found.failed) == (True, 0, 0)


def test_the_closing_line_counts_all_tests_in_pytests_words(capsys: pytest.CaptureFixture[str]) -> None:
    unit = Result(Check("unit", tests=["tests/unit"]), False, 1.5, passed=40, failed=2, skipped=0)
    lint = Result(Check("lint", ["ruff"]), True, 0.5, passed=0, failed=0, skipped=0)
    sum_up([lint, unit], 2)
    closing = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert closing.strip("= ") == "2 failed, 40 passed in 2.00s"


def test_a_check_beside_the_others_is_shown_after_them_and_counted_in_its_place(
    capfd: pytest.CaptureFixture[str],
) -> None:
    types = Check("types", ["python", "-c", "print('one error'); raise SystemExit(1)"], is_beside=True)
    unit = Check("unit", ["python", "-c", "print('all well')"])
    found = run_checks([types, unit])
    assert [(result.check.name, result.ok) for result in found] == [("types", False), ("unit", True)]
    shown = capfd.readouterr().out
    assert shown.index("all well") < shown.index("one error")
