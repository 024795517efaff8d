"""`okaeri results`: what the counts in the table say."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from command_line import commands, result_commands
from command_line.failures import CommandFailure
from command_line.records import change_store, create_store, put_definitions
from command_line.stack import Stack
from okaeri.adapters.results import DynamoResults
from okaeri.catalogue.compile_journeys import compile_journeys
from okaeri.domain.engagement import SECOND_ORDERS, Place
from okaeri.domain.stores import Platform, PublishedJourney, Store

STORE = Store(
    store_id="aya",
    name="Aya",
    platform=Platform.SHOPIFY,
    domain="aya.myshopify.com",
    site_url="https://aya.example",
    locale="en",
)
REMINDER = Place("2026-11", "cart-recovery", "cart_reminder_2", "whatsapp")
COUNTS: dict[Place, dict[str, Any]] = {
    REMINDER: {
        **{"decided": 1000, "sent": 990, "delivered": 970, "read": 580, "bought": 20, "revenue.JPY": 192000},
        **{"failed": 20, "failed.131026": 20},
    },
    Place("2026-11", "cart-recovery"): {"compared": 900, "goals": 90},
    Place("2026-11", "cart-recovery", arm="holdout"): {"compared": 300, "goals": 12},
    Place("2026-10", "nps", "nps", "email"): {"decided": 3},
    Place("2026-10"): {"orders": 400, "first_orders": 300},
    Place("2026-10", SECOND_ORDERS): {"second_orders": 60, "second_after.31": 60},
    Place("2026-11"): {"orders": 500, "tickets": 2, "answered_tickets": 2, "first_answer.60": 2, "first_orders": 200},
    Place("2026-10", "talk-order-status"): {"started": 60},
    Place("2026-11", "talk-order-status"): {"started": 20},
}
Run = Callable[..., str]


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on a store with `COUNTS`; CommandFailure comes out as it is."""
    create_store(stack, STORE)
    results = DynamoResults(stack.dynamodb, stack.table_name)
    for place, amounts in COUNTS.items():
        results.add("aya", place, {name: Decimal(amount) for name, amount in amounts.items()}, "batch")
    monkeypatch.setattr(result_commands, "open_stack", lambda name: stack)

    def run_command(*arguments: str) -> str:
        result = CliRunner().invoke(commands.app, ["results", "aya", *arguments], env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run_command


def test_each_message_is_a_line_with_what_it_led_to(run: Run) -> None:
    lines = run().splitlines()
    [line] = [line for line in lines if line.startswith("cart_reminder_2 ")]
    assert line.split() == [
        *("cart_reminder_2", "whatsapp", "1000", "990", "(99%)", "970", "(98%)", "580", "(60%)", "0", "0", "0", "20"),
        *("192,000", "JPY", "0", "20", "131026×20", "0", "0"),
    ]


def test_messages_are_added_up_by_what_they_say(run: Run, stack: Stack) -> None:
    [definition] = [compiled for compiled in compile_journeys() if compiled.journey == "cart-recovery"]
    put_definitions(stack, {"d1": definition})
    entry = PublishedJourney(journey="cart-recovery", definition="d1")
    change_store(stack, "aya", lambda store: store.model_copy(update={"triggers": {"cart.updated": (entry,)}}))
    lines = [line.split() for line in run("--by", "content").splitlines()]
    assert lines[0] == ["content", "sent", "delivered", "read", "clicked", "answered", "goal", "bought", "left"]
    none = ["0", "(0%)"]
    read = ["reminder", "990", "970", "(98%)", "580", "(60%)"]
    assert lines[1] == [*read, *none, *none, *none, "20", "(2%)", *none]
    assert lines[2][0] == "other", "of a journey that is published no more"


def test_messages_are_added_up_by_how_they_look(run: Run, stack: Stack) -> None:
    looks = {"buttons/sent": 400, "buttons/delivered": 390, "buttons/read": 290}
    amounts = {name: Decimal(amount) for name, amount in looks.items()}
    DynamoResults(stack.dynamodb, stack.table_name).add("aya", REMINDER, amounts, "looks")
    found = {row["name"]: row["counts"] for row in json.loads(run("--by", "format", "--json"))}
    assert found["buttons (whatsapp)"] == {"sent": 400, "delivered": 390, "read": 290}
    assert found["text (whatsapp)"] == {"sent": 590, "delivered": 580, "read": 290, "bought": 20}
    [whatsapp, email] = json.loads(run("--by", "channel", "--json"))
    assert (whatsapp["name"], whatsapp["counts"]["sent"], email["name"]) == ("whatsapp", 990, "email")


def test_the_numbers_are_put_into_words(run: Run) -> None:
    said = run()
    assert "loses 4 of 10 between delivered and read: try a later hour or e-mail." in said
    assert "90 of 900 who were told reach the goal, 12 of 300 who were not. It helps: +2." in said
    assert "Too few to tell, with under 100 so far: nps (email) 3." in said


def test_one_journey_and_one_month(run: Run) -> None:
    assert "cart_reminder_2" not in run("--journey", "nps")
    assert "nps" not in run("--month", "2026-11")
    assert "Nothing was counted yet." in run("--month", "2026-12")


def test_everything_as_json(run: Run) -> None:
    told = json.loads(run("--json"))
    [reminder] = [message for message in told["messages"] if message["template"] == "cart_reminder_2"]
    assert reminder["counts"]["read"] == 580
    assert reminder["counts"]["revenue.JPY"] == "192000"
    assert told["goals"][0] == {"journey": "cart-recovery", "arm": "", "reached": 90}
    [comparison] = told["comparisons"]
    assert comparison["difference"]["low"] > 0
    assert json.loads(run("cohorts", "--json"))[0]["median_days"] == 31
    assert json.loads(run("service", "--json"))[1]["per_hundred"] == 4


def test_who_came_back_by_the_month_of_their_first_order(run: Run) -> None:
    said = run("cohorts", "--since", "2026-11")
    assert "2026-10      300        60          20.0    15.9 to 24.9    31" in said
    assert "Came again: 20.0 before, 0.0 since, of 100; fewer, 19 times of 20." in said


def test_questions_before_and_after(run: Run) -> None:
    said = run("service", "--since", "2026-11")
    assert "1 h" in said
    assert "Where is my order: 15.0 before, 4.0 since, of 100; fewer, 19 times of 20." in said
    assert "Solved at first contact: too few to tell" in said


@pytest.mark.parametrize("month", ["2026", "2026-13", "11/2026", "2026-1"])
def test_a_month_that_is_none_is_refused_with_an_example(run: Run, month: str) -> None:
    with pytest.raises(CommandFailure, match="is no month") as failure:
        run("--month", month)
    assert failure.value.fix == "Write it like 2026-11."
