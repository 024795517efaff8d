"""`okaeri journeys lint` and `schema`, as a person runs them. They need no stack and no account."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from command_line import commands
from command_line.failures import CommandFailure
from okaeri.catalogue.journey_schema import make_journey_schema

JOURNEY = """\
journey: thanks
version: 1
purpose: marketing
trigger: {event: order.delivered, key: order.id}
steps:
  - wait: P14D
  - send: review_request
"""


def lint(*arguments: str | Path) -> Result:
    """Runs the command; CommandFailure comes out as it is."""
    result = CliRunner().invoke(commands.app, ["journeys", "lint", *map(str, arguments)])
    if isinstance(result.exception, CommandFailure):
        raise result.exception
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the person stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_okaeri_ships_has_nothing_to_mend() -> None:
    result = lint()
    assert result.exit_code == 0
    assert re.fullmatch(r"✓ \d+ journeys: nothing to mend\n", result.output)


def test_a_journey_of_the_shop_s_own_is_held_against_the_shipped_templates(folder: Path) -> None:
    (folder / "thanks.yaml").write_text(JOURNEY, "utf-8")
    assert lint("thanks.yaml").output == "✓ 1 journey: nothing to mend\n"
    assert "review_request is not there in tlh" in lint(folder, "--language", "tlh").output


def test_errors_are_printed_with_file_line_and_fix_and_end_with_one(folder: Path) -> None:
    (folder / "a.yaml").write_text(JOURNEY.replace("P14D", "P400D"), "utf-8")
    (folder / "b.yaml").write_text(
        JOURNEY.replace("thanks", "more").replace("review_request", "reviw_request"), "utf-8"
    )
    result = lint(".")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "a.yaml:6: warning: this waits for longer than a year (who still expects a message then?)",
        "b.yaml:7: error: no template 'reviw_request' (did you mean review_request?)",
        "1 error, 1 warning in 2 journeys",
    ]


def test_warnings_alone_end_with_zero(folder: Path) -> None:
    (folder / "a.yaml").write_text(JOURNEY.replace("P14D", "P400D"), "utf-8")
    result = lint("a.yaml")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "0 errors, 1 warning in 1 journey")


def test_templates_of_the_shop_s_own_lie_beside_the_shipped_ones(folder: Path) -> None:
    (folder / "thanks.yaml").write_text(JOURNEY.replace("review_request", "warm_thanks"), "utf-8")
    assert lint("thanks.yaml").exit_code == 1
    template = folder / "templates" / "warm_thanks" / "en.yaml"
    template.parent.mkdir(parents=True)
    words = "email: {subject: Thanks, preheader: From us, heading: Thanks, blocks: [{text: Thanks.}]}\n"
    template.write_text("name: warm_thanks\nlocale: en\npurpose: marketing\n" + words, "utf-8")
    assert lint("thanks.yaml", "--templates", "templates").exit_code == 0
    template.write_text("name: warm_thanks\nlocale: en\n" + words, "utf-8")
    with pytest.raises(CommandFailure, match="purpose: Field required") as refused:
        lint("thanks.yaml", "--templates", "templates")
    assert refused.value.at == "templates"


@pytest.mark.parametrize(("named", "what"), [("nothing.yaml", "is not there"), (".", "holds no .yaml file")])
def test_files_that_are_not_there_are_named(folder: Path, named: str, what: str) -> None:
    with pytest.raises(CommandFailure, match=what):
        lint(named)


def test_the_schema_is_printed_for_editors() -> None:
    printed = CliRunner().invoke(commands.app, ["journeys", "schema"]).output
    assert json.loads(printed) == make_journey_schema()


def test_a_file_that_is_no_text_is_answered_and_one_with_a_byte_order_mark_is_read(folder: Path) -> None:
    (folder / "picture.yaml").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(CommandFailure, match="UTF-8") as refused:
        lint("picture.yaml")
    assert refused.value.at == "picture.yaml"
    (folder / "thanks.yaml").write_text(JOURNEY, "utf-8-sig")
    assert lint("thanks.yaml").exit_code == 0
