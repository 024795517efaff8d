"""`okaeri surveys …`: what was answered, counted by month and question, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, survey_commands
from command_line.failures import CommandFailure
from command_line.records import change_store, create_store, put_definitions
from command_line.stack import Stack
from okaeri.adapters.records import DynamoRecords
from okaeri.catalogue.compile_journeys import compile_journeys, hash_definition
from okaeri.domain.records import Response
from okaeri.domain.stores import Platform, PublishedJourney, Store
from tests.fakes import FakeClock

STORE = Store(
    store_id="aya",
    name="Aya",
    platform=Platform.SHOPIFY,
    domain="aya.myshopify.com",
    site_url="https://aya.example",
    locale="en",
)
Run = Callable[..., Result]


@pytest.fixture
def shop(stack: Stack) -> Stack:
    """Shipped surveys are published; the one of scores is on."""
    create_store(stack, STORE)
    wanted = [definition for definition in compile_journeys() if definition.journey in ("nps", "survey-delivery")]
    put_definitions(stack, {hash_definition(definition): definition for definition in wanted})
    published = tuple(
        PublishedJourney(journey=each.journey, definition=hash_definition(each), on=each.journey == "nps")
        for each in wanted
    )
    change_store(stack, "aya", lambda store: store.model_copy(update={"triggers": {"order.delivered": published}}))
    return stack


@pytest.fixture
def run(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    monkeypatch.setattr(survey_commands, "open_stack", lambda name: shop)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, ["surveys", *arguments], env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return run_command


def keep(shop: Stack, number: int, survey: str = "nps", day: str = "2026-10-05", **changes: Any) -> None:
    values: dict[str, Any] = {
        "store_id": "aya",
        "survey": survey,
        "response_id": f"r{number}",
        "customer_id": f"c{number}",
        "journey": survey,
        "at": datetime.fromisoformat(day).replace(tzinfo=UTC),
        "order_id": f"50{number:02}",
    }
    records = DynamoRecords(shop.dynamodb, shop.table_name, FakeClock(datetime(2026, 11, 22, tzinfo=UTC)))
    records.put_response(Response(**values | changes))


def test_each_survey_says_whether_it_asks_and_how_many_have_answered(shop: Stack, run: Run) -> None:
    keep(shop, 1, score=9)
    keep(shop, 2, score=3, day="2026-11-03")
    lines = run("list", "aya").output.splitlines()
    rows = [line.split() for line in lines[1:]]
    assert rows == [["delivery", "survey-delivery", "no", "0"], ["nps", "nps", "yes", "2", "2026-11-03"]]


def test_scores_give_the_net_promoter_score_of_each_month_with_the_reasons_in_own_words(shop: Stack, run: Run) -> None:
    for number, (day, score) in enumerate(
        [("2026-10-05", 10), ("2026-10-09", 9), ("2026-10-11", 8), ("2026-10-12", 2), ("2026-11-01", 6)]
    ):
        answers = {"why": "It took three weeks"} if score == 2 else {}
        keep(shop, number, score=score, day=day, answers=answers)
    shown = run("show", "aya", "nps").output
    assert "5 answers" in shown
    months = [line.split() for line in shown.splitlines() if line.startswith("2026-")]
    assert months == [["2026-10", "+25", "4", "2", "1"], ["2026-11", "-100", "1", "0", "1"]]
    assert "2026-10-12 (2)  It took three weeks" in shown


def test_what_can_be_tapped_is_counted_and_what_was_written_is_shown(shop: Stack, run: Run) -> None:
    for number, answers in enumerate(
        [
            {"went": "good", "better": "Less plastic"},
            {"went": "good"},
            {"went": "bad", "what": "damaged"},
            {"went": "fair", "what": "The box was [red] too big"},
        ]
    ):
        keep(shop, number, "delivery", answers=answers)
    lines = [line.strip() for line in run("show", "aya", "delivery").output.splitlines()]
    assert "2  good" in lines
    assert "1  damaged" in lines
    assert "2026-10-05  The box was [red] too big" in lines
    assert "2026-10-05  Less plastic" in lines


def test_only_as_many_words_as_are_wanted(shop: Stack, run: Run) -> None:
    for number in range(3):
        keep(shop, number, "delivery", day=f"2026-10-0{number + 1}", answers={"better": f"Words {number}"})
    shown = run("show", "aya", "delivery", "--words", "1").output
    assert "Words 2" in shown
    assert "Words 1" not in shown
    assert "and 2 more" in shown


def test_a_file_holds_every_answer_and_no_formula(shop: Stack, run: Run, tmp_path: Path) -> None:
    keep(shop, 1, score=4, answers={"why": "=HYPERLINK(1)"})
    keep(shop, 2, score=9, day="2026-10-06")
    path = tmp_path / "nps.csv"
    run("export", "aya", "nps", "--output", str(path))
    first, second = csv.DictReader(io.StringIO(path.read_text("utf-8")))
    assert first == {
        "at": "2026-10-05T00:00:00.000000Z",
        "response": "r1",
        "customer": "c1",
        "order": "5001",
        "score": "4",
        "why": "'=HYPERLINK(1)",
    }
    assert (second["score"], second["why"]) == ("9", "")
    printed = run("export", "aya", "nps").output
    assert [row["response"] for row in csv.DictReader(io.StringIO(printed))] == ["r1", "r2"]


def test_a_survey_that_is_not_there_is_named_with_those_that_are(run: Run) -> None:
    with pytest.raises(CommandFailure) as caught:
        run("show", "aya", "npss")
    assert "delivery, nps" in caught.value.fix


def test_a_survey_that_nobody_answered_yet_is_empty(run: Run) -> None:
    assert "0 answers" in run("show", "aya", "nps").output
