"""`okaeri inbox` and `okaeri staff`: the same use cases as the function's, on a stack."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, inbox_commands, records, staff_commands, store_commands
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.queues import read_envelope
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.staff import DynamoStaff
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import StaffReplied, TicketReopened
from okaeri.domain.records import Ticket, TimelineEntry
from okaeri.domain.staff import is_token_of

ADD = ["stores", "add", "woo", "--platform", "woocommerce", "--domain", "woo.example", "--name", "Woo"]
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against the stack, with a store, a customer who wrote, and a ticket of theirs."""
    for module in (store_commands, inbox_commands, staff_commands):
        monkeypatch.setattr(module, "open_stack", lambda name: stack)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    run_command(*ADD)
    aya = Customer(
        store_id="woo", customer_id="c1", version=1, created_at=NOW, first_name="Aya", locale="en",
        phones=("+819012345678",), window_opened_at=NOW - timedelta(hours=1),
    )  # fmt: skip
    DynamoCustomers(stack.dynamodb, stack.table_name).save(aya, sweep_at=None)
    kept = DynamoRecords(stack.dynamodb, stack.table_name, lambda: NOW)
    kept.put_timeline_entry(
        TimelineEntry(
            store_id="woo", customer_id="c1", entry_id="n1", at=NOW, kind="whatsapp.received", text="[It broke]"
        )
    )
    kept.put_ticket(
        Ticket(store_id="woo", ticket_id="t1t1t1t1", customer_id="c1", queue="help", opened_at=NOW, subject="Cup")
    )
    return run_command


def list_evidence(stack: Stack) -> list[Any]:
    found = stack.sqs.receive_message(QueueUrl=stack.queues["EventsQueue"], MaxNumberOfMessages=10)
    return [read_envelope(message["Body"]).evidence for message in found.get("Messages", [])]


def test_a_ticket_is_shown_with_its_talk_and_what_may_be_said(run: Any) -> None:
    run("inbox", "note", "woo", "t1", "Second time.")
    told = run("inbox", "show", "woo", "t1").output
    for line in ("Cup  (t1t1t1t1)", "waiting, your turn", "Aya (c1)", "No order yet.", "whatsapp ←: [It broke]"):
        assert line in told
    assert "Free words until then" in told and "owner, note: Second time." in told
    assert "You may give: replacement" in told


def test_an_answer_is_said_now_or_later(run: Any, stack: Stack) -> None:
    assert "on its way" in run("inbox", "reply", "woo", "t1", "A new one comes tomorrow.").output
    at = (NOW + timedelta(days=1)).isoformat()
    assert "It is said at" in run("inbox", "reply", "woo", "t1", "Did it arrive?", "--at", at).output
    now, later = list_evidence(stack)
    assert isinstance(now, StaffReplied) and isinstance(later, StaffReplied)
    assert (now.by, now.text, later.at) == ("owner", "A new one comes tomorrow.", NOW + timedelta(days=1))
    with pytest.raises(CommandFailure, match="no time with its zone"):
        run("inbox", "reply", "woo", "t1", "Hello", "--at", "tomorrow")


def test_somebody_of_the_staff_does_it_within_their_limits(run: Any, stack: Stack) -> None:
    run("staff", "add", "woo", "mia", "--role", "agent")
    assert "replacement" in run("inbox", "remedy", "woo", "t1", "replacement", "--by", "mia").output
    with pytest.raises(CommandFailure, match="no refund") as refused:
        run("inbox", "remedy", "woo", "t1", "refund", "5", "--by", "mia")
    assert refused.value.fix == "No role may. A lead raises it: okaeri staff role woo."
    run("staff", "role", "woo", "agent", "--refund", "10")
    told = run("inbox", "remedy", "woo", "t1", "refund", "5", "--by", "mia").output
    assert "refund 5.00 USD. Do it in the store now: nothing was moved there." in told
    with pytest.raises(CommandFailure, match="nobody here is called zoe"):
        run("inbox", "take", "woo", "t1", "--by", "zoe")


def test_tickets_are_taken_given_moved_and_reopened(run: Any, stack: Stack) -> None:
    run("staff", "add", "woo", "mia", "--role", "agent")
    assert "is mia's" in run("inbox", "take", "woo", "t1", "--by", "mia").output
    assert "It is nobody's" in run("inbox", "assign", "woo", "t1").output
    run("inbox", "priority", "woo", "t1", "high")
    assert "! " in run("inbox", "list", "woo").output
    run("inbox", "stage", "woo", "t1", "approved", "--text", "Send it back, please.")
    with pytest.raises(CommandFailure, match="does not become requested"):
        run("inbox", "stage", "woo", "t1", "requested")
    run("inbox", "solve", "woo", "t1", "--outcome", "replaced", "--anyway")
    assert "open again" in run("inbox", "reopen", "woo", "t1").output
    kinds = [type(one) for one in list_evidence(stack)]
    assert kinds.count(TicketReopened) == 2


def test_a_talk_is_taken_over_by_its_customer(run: Any, stack: Stack) -> None:
    run("inbox", "take", "woo", "--customer", "c1")
    [told] = list_evidence(stack)
    assert isinstance(told, TicketReopened) and told.queue == "conversation"
    with pytest.raises(CommandFailure, match="take what"):
        run("inbox", "take", "woo")


def test_all_who_wait_are_told(run: Any, stack: Stack) -> None:
    told = run("inbox", "announce", "woo", "storm-2026", "en=Answers take until Monday.").output
    assert "1 customers who wait are told" in told
    [notice] = list_evidence(stack)
    assert isinstance(notice, StaffReplied) and notice.expected


def test_a_token_is_shown_once_and_its_hash_alone_is_kept(run: Any, stack: Stack) -> None:
    told = run("staff", "add", "woo", "mia", "--role", "lead").output
    [token] = re.findall(r"^mia\.\S{43}$", told, re.MULTILINE)
    staff = DynamoStaff(stack.dynamodb, stack.table_name)
    first = staff.find("woo", "mia")
    assert first is not None and is_token_of(first, token) and token not in first.model_dump_json()
    with pytest.raises(CommandFailure, match="is here already"):
        run("staff", "add", "woo", "mia", "--role", "agent")
    run("staff", "add", "woo", "mia", "--role", "agent", "--new-token")
    assert not is_token_of(staff.find("woo", "mia"), token)
    assert token not in run("staff", "list", "woo").output
    run("staff", "remove", "woo", "mia")
    assert "Nobody yet" in run("staff", "list", "woo").output
    with pytest.raises(CommandFailure, match="nobody here is called mia"):
        run("staff", "remove", "woo", "mia")


@pytest.mark.parametrize("name", ["Mia", "mia.b", "-mia", "m" * 40])
def test_a_name_fits_into_a_token(run: Any, name: str) -> None:
    with pytest.raises(CommandFailure, match="is no such name"):
        run("staff", "add", "woo", "--role", "agent", "--", name)


def test_limits_are_kept_with_the_store(run: Any, stack: Stack) -> None:
    run("staff", "role", "woo", "lead", "--refund", "200.50", "--credit", "50", "--no-replacement")
    role = records.read_store(stack, "woo").settings.roles["lead"]
    assert (str(role.refund), str(role.credit), role.replacement) == ("200.5", "50.0", False)
