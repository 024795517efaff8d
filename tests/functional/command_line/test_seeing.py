"""`okaeri journeys simulate` and `graph` as a person runs them: no AWS, no credentials, errors that say where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from command_line import commands, seeing_commands
from command_line.failures import CommandFailure
from command_line.journeys import switch_journey
from command_line.publish import publish_catalogue
from command_line.stack import Stack
from command_line.stores import add_store
from okaeri.domain.stores import Platform

STORY = """
story: One order
shopper: {first_name: Mia, phone: "+6591234567", email: mia@example.sg, locale: en, country: SG}
events:
  - at: "2026-11-02 12:00 Asia/Singapore"
    order: {items: ["1 × Tea bowl @ 40"]}
"""
JOURNEY = """
journey: after-a-year
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
steps: [{wait: P365D}, {send: order_confirmation}]
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a story and a journey."""
    (tmp_path / "story.yaml").write_text(STORY, "utf-8")
    (tmp_path / "after-a-year.yaml").write_text(JOURNEY, "utf-8")
    return tmp_path


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that knows no AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(commands.app, ["journeys", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.usefixtures("no_aws")
def test_a_story_is_told_by_the_shopper_s_clock_without_aws(files: Path) -> None:
    told = run("simulate", str(files / "story.yaml"), "--full")
    assert "Monday 2 November 2026" in told
    assert "12:00  ● Mia orders #1001: 1 × Tea bowl, 40 USD, paid" in told
    assert "✆ whatsapp · order_confirmation_welcome · en" in told
    assert "Tea bowl × 1" in told and "[View your order]" in told
    assert "2 messages in 0 days, 0 not said after all. Times are of Asia/Singapore." in told


def test_the_short_telling_names_what_was_dropped() -> None:
    told = run("simulate", "docs/stories/not-happy.yaml", "--quiet")
    assert "✗ cart_reminder_1 is dropped: a ticket of theirs is open" in told
    assert "cart-recovery begins" not in told
    assert "2 not said after all" in told


def test_a_journey_of_one_s_own_is_played_beside_the_shipped_ones_or_alone(files: Path) -> None:
    story, journey = str(files / "story.yaml"), str(files / "after-a-year.yaml")
    beside = run("simulate", story, "--journey", journey, "--quiet")
    assert "2 November 2026" in beside and "2 November 2027" in beside
    alone = json.loads(run("simulate", story, "--journey", journey, "--only", "--json"))
    assert [entry["template"] for entry in alone["log"] if entry["kind"] == "said"] == ["order_confirmation"]
    assert [entry["at"] for entry in alone["log"] if entry["kind"] == "said"] == ["2027-11-02T12:00:00+08:00"]


def test_a_story_can_be_played_in_a_store_as_it_stands(
    files: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = {"name": "Own", "domain": "own.example", "locale": "en", "contact-person": "Aya",
               "from-email": "hello@own.example"}  # fmt: skip
    add_store(stack, "own", choices, platform=Platform.STANDARD)
    publish_catalogue(stack, ["own"])
    monkeypatch.setattr(seeing_commands, "open_stack", lambda name: stack)
    before: list[Any] = stack.table.scan()["Items"]
    told = run("simulate", str(files / "story.yaml"), "--store", "own")
    assert "email · order_confirmation_welcome" in told
    assert "whatsapp · order_confirmation_welcome · en" not in told  # the store has no number
    switch_journey(stack, "own", "order-confirmation", on=False)
    assert "0 messages" in run("simulate", str(files / "story.yaml"), "--store", "own")
    assert len(stack.table.scan()["Items"]) == len(before)


def test_a_mistake_names_file_and_line(files: Path) -> None:
    (files / "story.yaml").write_text(STORY.replace("order:", "oder:"), "utf-8")
    with pytest.raises(CommandFailure) as caught:
        run("simulate", str(files / "story.yaml"))
    assert (caught.value.at, caught.value.message) == ("story.yaml:5", "unknown happening 'oder'")
    (files / "after-a-year.yaml").write_text(JOURNEY.replace("P365D", "a year"), "utf-8")
    with pytest.raises(CommandFailure, match=r"after-a-year\.yaml:6"):
        run("graph", str(files / "after-a-year.yaml"))
    with pytest.raises(CommandFailure, match="No such file"):
        run("simulate", str(files / "nowhere.yaml"))
    with pytest.raises(CommandFailure, match="nonsense"):
        run("graph", "nonsense")


def test_a_drawing_goes_to_a_file_or_to_standard_output(files: Path) -> None:
    out = files / "drawing.svg"
    assert "open it in a browser" in run("graph", str(files / "after-a-year.yaml"), "--out", str(out))
    assert out.read_text("utf-8") == run("graph", str(files / "after-a-year.yaml"))
    assert ElementTree.fromstring(out.read_text("utf-8")).tag.endswith("svg")
    assert "cart_reminder_1" in run("graph", "cart-recovery")
    with pytest.raises(CommandFailure, match="No such file"):
        run("graph", "cart-recovery", "--out", str(files / "no" / "x.svg"))
