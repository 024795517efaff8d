"""`okaeri contests …`: a draw is held once, among customers and not records, and can be checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, contest_commands
from command_line.contests import read_draw
from command_line.failures import CommandFailure
from command_line.records import create_store
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.contests import commit, find_winners
from okaeri.domain.customers import Customer
from okaeri.domain.records import Response
from okaeri.domain.stores import Platform, Store, StoreSettings
from tests.fakes import FakeClock

NOW = datetime(2026, 12, 1, tzinfo=UTC)
STORE = Store(
    store_id="aya",
    name="Aya",
    platform=Platform.SHOPIFY,
    domain="aya.myshopify.com",
    site_url="https://aya.example",
    settings=StoreSettings(test_emails=("me@aya.example",)),
)
Run = Callable[..., Result]


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    create_store(stack, STORE)
    monkeypatch.setattr(contest_commands, "open_stack", lambda name: stack)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, ["contests", *arguments], env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return run_command


def enter(stack: Stack, customer_id: str, *, merged_into: str | None = None, email: str = "") -> None:
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    if customers.load("aya", customer_id) is None:
        customer = Customer(
            store_id="aya",
            customer_id=customer_id,
            created_at=NOW,
            first_name=customer_id.title(),
            emails=(email or f"{customer_id}@example.com",),
            merged_into=merged_into,
        )
        customers.save(customer.model_copy(update={"version": 1}), sweep_at=None)
    response = Response(
        store_id="aya",
        survey="contest",
        response_id=f"r-{customer_id}",
        customer_id=customer_id,
        journey="contest",
        at=NOW,
        answers={"entry": "m1"},
    )
    DynamoRecords(stack.dynamodb, stack.table_name, FakeClock(NOW)).put_response(response)


def test_a_draw_names_the_winners_and_is_kept(run: Run, stack: Stack) -> None:
    for name in ("ana", "bo", "cem", "dora"):
        enter(stack, name)
    shown = run("draw", "aya", "contest", "--winners", "2", "--seed", "s", "--public", "4 8").output
    held = read_draw(stack, "aya", "contest")
    assert find_winners(held.tickets, 2, "s", "4 8") == held.winners
    assert all(name.title() in shown for name in held.customers)
    assert commit("s") in shown
    again = run("show", "aya", "contest", "--tickets").output
    assert all(ticket in again for ticket in held.tickets)


def test_what_was_drawn_is_not_drawn_again(run: Run, stack: Stack) -> None:
    enter(stack, "ana")
    run("draw", "aya", "contest", "--seed", "s")
    with pytest.raises(CommandFailure, match="drawn already"):
        run("draw", "aya", "contest", "--seed", "another")
    assert read_draw(stack, "aya", "contest").seed == "s"


def test_two_records_of_one_person_are_one_ticket_and_testers_take_no_part(run: Run, stack: Stack) -> None:
    enter(stack, "ana")
    enter(stack, "bo", merged_into="ana")
    enter(stack, "tester", email="me@aya.example")
    run("draw", "aya", "contest", "--winners", "9", "--seed", "s")
    assert read_draw(stack, "aya", "contest").customers == ("ana",)


def test_a_seed_comes_with_what_to_publish(run: Run) -> None:
    words = run("seed").output.split()
    assert commit(words[words.index("seed") + 1]) == words[words.index("commitment") + 1]
