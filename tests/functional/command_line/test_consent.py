"""`okaeri consent show`: the ledger as sentences a shop can hand over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, consent
from command_line.checks import check_days
from command_line.failures import CommandFailure
from command_line.stack import Stack
from command_line.stores import add_store
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.customers import Consent, Customer, Identity, IdentityKind
from okaeri.domain.records import ConsentEntry, DecisionRecord
from okaeri.domain.stores import Platform
from tests.functional.command_line.stack import make_catalogue

AT = datetime(2026, 11, 2, 9, 41, tzinfo=UTC)
EMAIL = "jana@example.de"


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command against the stack; CommandFailure comes out as it is."""
    monkeypatch.setattr(consent, "open_stack", lambda name: stack)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        return result

    return run_command


def keep(records: DynamoRecords, number: int, **details: Any) -> None:
    given: dict[str, Any] = {"channel": "email", "purpose": "marketing", "given": True, "address": EMAIL}
    who = {"store_id": "aya", "customer_id": "c1", "entry_id": f"e{number}", "at": AT + timedelta(hours=number)}
    entry = ConsentEntry.model_validate(who | given | details)
    records.put_consent_entry(entry)


@pytest.fixture
def ledger(stack: Stack) -> None:
    """Jana signed up, confirmed, said STOP on WhatsApp; one entry came from a record that was joined to hers."""
    choices = {"domain": "aya.example", "name": "Aya"}
    add_store(stack, "aya", choices, platform=Platform.STANDARD, catalogue=make_catalogue())
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    consents = {
        "email:marketing": Consent(given=True, at=AT, source="confirmation_page"),
        "whatsapp:all": Consent(given=False, at=AT, source="whatsapp reply"),
    }
    jana = Customer(
        store_id="aya",
        customer_id="c1",
        version=1,
        created_at=AT,
        emails=(EMAIL,),
        country="DE",
        consents=consents,
        absorbed=("c0",),
    )
    customers.claim("aya", Identity(kind=IdentityKind.EMAIL, value=EMAIL), "c1")
    customers.save(jana, sweep_at=None)
    records = DynamoRecords(stack.dynamodb, stack.table_name, lambda: AT)
    keep(records, 2, confirmed=True, source="confirmation_page", proof={"page": "confirm", "message": "m1"})
    keep(records, 1, needs_confirmation=True, source="newsletter form", wording="News, please", customer_id="c0")
    keep(records, 3, channel="whatsapp", purpose="all", given=False, source="whatsapp reply", address=None)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("named", ["c1", EMAIL, "Jana@Example.DE"])
def test_the_ledger_is_told_oldest_first_with_what_follows_from_it(run: Any, named: str) -> None:
    lines = run("consent", "show", "aya", named).output.splitlines()
    assert lines == [
        "2026-11-02 10:41 UTC  signed up, to be confirmed, for marketing by e-mail; source: 'newsletter form'; "
        "address: jana@example.de; words: “News, please”",
        "2026-11-02 11:41 UTC  confirmed marketing by e-mail; source: our confirmation page; address: jana@example.de; "
        "proof: page confirm, message m1",
        "2026-11-02 12:41 UTC  refused everything on WhatsApp; source: their own message on WhatsApp",
        "Now: nothing on WhatsApp, they said STOP.",
        "Now: news of their orders by e-mail: yes, these need no consent.",
        "Now: marketing by e-mail: yes, since 2026-11-02.",
    ]


def put_decision(stack: Stack, number: int, event: str, **data: str) -> None:
    record = DecisionRecord(
        store_id="aya", customer_id="c1", event_id=f"d{number}", event=event, data=data,
        occurred_at=AT + timedelta(hours=number), decided_at=AT + timedelta(hours=number),
    )  # fmt: skip
    DynamoRecords(stack.dynamodb, stack.table_name, lambda: AT).put_decision(record)


@pytest.mark.usefixtures("ledger")
def test_what_the_store_was_told_of_it_follows_or_why_it_was_not(run: Any, stack: Stack) -> None:
    put_decision(stack, 4, "consent.told", channel="whatsapp", given="no", written="yes")
    put_decision(stack, 5, "consent.failed", channel="email", reason="no_store_customer")
    put_decision(stack, 6, "consent.failed", channel="sms", reason="store_timeout")
    put_decision(stack, 7, "consent.told", channel="email", given="yes", written="no")
    put_decision(stack, 8, "order.placed")
    assert run("consent", "show", "aya", "c1").output.splitlines()[6:] == [
        "2026-11-02 13:41 UTC  the store was told: refused marketing on WhatsApp",
        "2026-11-02 14:41 UTC  the store was not told of marketing by e-mail: the store has no record of them",
        "2026-11-02 15:41 UTC  the store was not told of marketing by text message: store timeout",
        "2026-11-02 16:41 UTC  the store knew already: agreed to marketing by e-mail",
    ]


@pytest.mark.usefixtures("ledger")
def test_a_customer_whom_nobody_knows_is_said(run: Any) -> None:
    with pytest.raises(CommandFailure, match="nobody in aya is known by this"):
        run("consent", "show", "aya", "someone@else.example")


def test_a_shop_chooses_the_days_on_which_marketing_speaks() -> None:
    assert check_days("mon-fri", "days") == (0, 1, 2, 3, 4)
    assert check_days("Sat, mon,sat", "days") == (0, 5)
    for text in ("", "fri-mon", "someday"):
        with pytest.raises(CommandFailure):
            check_days(text, "days")
