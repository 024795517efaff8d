"""The templates satisfy AWS's schemas, cfn-lint and the serverless rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.stack import ROOT

PROGRAMS = Path(sys.executable).parent
TEMPLATES = [ROOT / "template.yaml", *sorted((ROOT / "infra").glob("*.yaml"))]
# sam asks for a region and for credentials even where it calls nobody.
OFFLINE = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "SAM_CLI_TELEMETRY": "0",
}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["cfn-lint", "--non-zero-exit-code", "informational"], id="cfn-lint with the serverless rules"),
        pytest.param(["sam", "validate", "--lint"], id="sam validate"),
    ],
)
def test_the_templates_are_clean(command: list[str]) -> None:
    program, *arguments = command
    ran = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        cwd=ROOT,
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_serverless_rules_take_part() -> None:
    settings = (ROOT / ".cfnlintrc").read_text()
    assert "cfn_lint_serverless.rules" in settings
    assert "infra/*.yaml" in settings


def test_every_ignored_rule_has_its_reason_beside_it() -> None:
    lines = (ROOT / ".cfnlintrc").read_text().splitlines()
    ignored = [number for number, line in enumerate(lines) if re.fullmatch(r"\s+- [A-Z]+\d{4}", line)]
    assert ignored
    for number in ignored:
        assert lines[number - 1].strip().startswith("# "), lines[number]
    for template in TEMPLATES:
        for line in template.read_text().splitlines():
            assert "ignore_checks" not in line or re.search(r"\}\} # \w+", line), line
