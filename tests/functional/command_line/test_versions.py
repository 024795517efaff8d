"""`okaeri journeys versions`, `rollback` and `migrate`: what a shop sees and what the engine then does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from command_line import commands, version_commands
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys
from command_line.publish import Catalogue, publish_catalogue
from command_line.records import read_store
from command_line.stack import Stack
from command_line.stores import add_store
from command_line.versions import list_next_messages, list_versions, plan_migration, roll_back, send_migration
from okaeri.adapters.companions import DynamoCompanions
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.queues import read_envelope
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.stores import DynamoStores
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.catalogue.compile_journeys import compile_journey, hash_definition
from okaeri.domain.customers import Customer, Run, Waiting
from okaeri.domain.evidence import Envelope
from okaeri.domain.journeys import Definition
from okaeri.domain.pace import Pace
from okaeri.domain.stores import Platform
from okaeri.use_cases.advance_journeys import AdvanceJourneys
from tests.fakes import FakeInterests, FakeInterpreter, FakeKnowledge, FakeQueues, FakeShelf, FakeTimers
from tests.functional.command_line.stack import make_template

NOW = datetime.now(UTC)


def write_journey(version: int, wait: str, *, template: str = "order_confirmed") -> Definition:
    text = f"""
journey: thanks
version: {version}
purpose: order
trigger: {{event: order.placed, key: order.id}}
steps: [{{wait: {wait}}}, {{send: {template}}}]
"""
    return compile_journey(text, "thanks.yaml")


FIRST, SECOND = write_journey(1, "P7D"), write_journey(2, "P3D")


def make_catalogue(journey: Definition) -> Catalogue:
    return Catalogue(journeys=(journey,), templates=(make_template("order_confirmed", "en"),))


def open_shop(stack: Stack) -> None:
    """Version 1 was published, then version 2; two customers wait in the first, one in the second."""
    choices = {"name": "Own", "domain": "own.example", "locale": "en", "contact-person": "Aya"}
    add_store(stack, "own", choices, platform=Platform.STANDARD, catalogue=make_catalogue(FIRST))
    publish_catalogue(stack, ["own"], catalogue=make_catalogue(SECOND))
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    for number, definition in enumerate((FIRST, FIRST, SECOND), 1):
        due = NOW + timedelta(days=6 if definition is FIRST else 2)
        run = Run(
            journey="thanks",
            definition=hash_definition(definition),
            key=f"500{number}",
            step=0,
            started_at=NOW - timedelta(days=1),
            refs={"order.id": (f"500{number}",)},
            waiting=Waiting(due=due),
        )
        customer = Customer(
            store_id="own", customer_id=f"{number:020}", version=1, created_at=NOW, emails=(f"{number}@own.example",),
            runs=(run,),
        )  # fmt: skip
        customers.save(customer, sweep_at=due)


def take_envelopes(stack: Stack) -> list[Envelope]:
    found = []
    for queue in ("EventsQueue", "BulkQueue"):
        answer = stack.sqs.receive_message(QueueUrl=stack.queues[queue], MaxNumberOfMessages=10)
        found += [read_envelope(message["Body"]) for message in answer.get("Messages", [])]
    return found


def advance(stack: Stack, envelopes: list[Envelope]) -> None:
    parts = (stack.dynamodb, stack.table_name)
    engine = AdvanceJourneys(
        stores=DynamoStores(*parts),
        definitions=DynamoDefinitions(*parts),
        customers=DynamoCustomers(*parts),
        records=DynamoRecords(*parts, lambda: NOW),
        messages=DynamoMessages(*parts, lambda: NOW),
        interpreter=FakeInterpreter(),
        knowledge=FakeKnowledge(DynamoStores(*parts)),
        shelf=FakeShelf(),
        interests=FakeInterests(),
        companions=DynamoCompanions(*parts, lambda: NOW),
        touches=DynamoTouchBook(*parts, lambda: NOW),
        queues=FakeQueues(),
        timers=FakeTimers(),
        clock=lambda: NOW,
        pace=Pace(),
    )
    for envelope in envelopes:
        engine(envelope)


def test_versions_are_listed_with_the_runs_that_walk_in_them(stack: Stack) -> None:
    open_shop(stack)
    listed = [
        (entry.definition.version, entry.is_current, entry.runs) for entry in list_versions(stack, "own", "thanks")
    ]
    assert listed == [(2, True, 1), (1, False, 2)]


def test_a_rollback_lets_new_runs_begin_in_the_former_version_and_can_be_undone(stack: Stack) -> None:
    open_shop(stack)
    left, chosen = roll_back(stack, "own", "thanks")
    assert (left.version, chosen.version) == (2, 1)
    (entry,) = list_journeys(read_store(stack, "own"))
    assert (entry.definition, entry.past) == (hash_definition(FIRST), (hash_definition(SECOND),))
    assert [run.definition for customer in load_all(stack) for run in customer.runs].count(hash_definition(SECOND)) == 1
    roll_back(stack, "own", "thanks", "2")
    (entry,) = list_journeys(read_store(stack, "own"))
    assert entry.definition == hash_definition(SECOND)


def load_all(stack: Stack) -> list[Customer]:
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    return [customer for number in (1, 2, 3) if (customer := customers.load("own", f"{number:020}"))]


def test_a_journey_that_never_changed_has_nothing_to_go_back_to(stack: Stack) -> None:
    choices = {"name": "Own", "domain": "own.example", "locale": "en", "contact-person": "Aya"}
    add_store(stack, "own", choices, platform=Platform.STANDARD, catalogue=make_catalogue(FIRST))
    with pytest.raises(CommandFailure, match="never published in another version"):
        roll_back(stack, "own", "thanks")


def test_a_preview_says_what_each_run_would_wait_for_and_say_and_changes_nothing(stack: Stack) -> None:
    open_shop(stack)
    before = load_all(stack)
    plan = plan_migration(stack, "own", "thanks", by="mika")
    assert [(move.step, move.after, plan.list_next(move)) for move in plan.moves] == [(0, 0, ("order_confirmed",))] * 2
    for move in plan.moves:
        assert move.due_after == NOW - timedelta(days=1) + timedelta(days=3)  # three days from when the wait began
    assert load_all(stack) == before
    assert take_envelopes(stack) == []


def test_moving_has_the_engine_move_each_run_once_and_record_why(stack: Stack) -> None:
    open_shop(stack)
    plan = plan_migration(stack, "own", "thanks", by="mika")
    assert send_migration(stack, plan) == 2
    envelopes = take_envelopes(stack)
    advance(stack, envelopes)
    moved = load_all(stack)
    advance(stack, envelopes)
    assert load_all(stack) == moved
    assert {run.definition for customer in moved for run in customer.runs} == {hash_definition(SECOND)}
    assert plan_migration(stack, "own", "thanks", by="mika").moves == ()
    items = stack.table.query(
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": f"own#C#{moved[0].customer_id}", ":sk": "D#"},
    )["Items"]
    assert len(items) == 1


def test_a_version_that_is_not_known_is_answered_with_those_that_are(stack: Stack) -> None:
    open_shop(stack)
    with pytest.raises(CommandFailure) as caught:
        plan_migration(stack, "own", "thanks", to="7", by="mika")
    assert "2 (" in caught.value.fix and "1 (" in caught.value.fix


def test_the_commands_say_it_in_words(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    open_shop(stack)
    monkeypatch.setattr(version_commands, "open_stack", lambda name: stack)

    def run(*arguments: str, answer: str = "") -> str:
        result = CliRunner().invoke(commands.app, ["journeys", *arguments], input=answer)
        return " ".join(result.output.split())

    preview = run("migrate", "own", "thanks", "--preview")
    assert "2 × version 1, 0: wait 1 week → 0: wait 3 days" in preview
    assert "Nothing was changed." in preview
    assert "moved by the engine" not in run("migrate", "own", "thanks", answer="n")
    assert take_envelopes(stack) == []
    assert "2 customers are moved by the engine" in run("migrate", "own", "thanks", answer="y")
    assert len(take_envelopes(stack)) == 2
    assert "thanks begins in version 1 again, no more in 2" in run("rollback", "own", "thanks")
    listed = run("versions", "own", "thanks")
    assert "current 2" in listed and "former 1" in listed


def test_what_a_run_may_say_next_looks_into_both_arms_of_a_branch() -> None:
    text = """
journey: fork
version: 1
purpose: order
trigger: {event: order.placed, key: order.id}
steps:
  - wait: P1D
  - branch:
      - when: {field: order.payment, is: paid}
        steps: [{send: order_confirmed}]
      - otherwise: [{wait: PT1H}]
  - send: review_request
"""
    definition = compile_journey(text, "fork.yaml")
    assert set(list_next_messages(definition, 0)) == {"order_confirmed", "review_request"}
