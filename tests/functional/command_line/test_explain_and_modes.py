"""`okaeri explain`, modes, the switch, testers and tickets, on a table with what the functions write into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import (
    care_commands,
    catalogue_commands,
    commands,
    doctor,
    explain,
    inbox_commands,
    mode_commands,
    records,
    store_commands,
)
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.histories import DynamoHistories
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.customers import Customer, Identity, IdentityKind, OpenTicket, Run, Waiting
from okaeri.domain.messages import Message, MessageRefs, MessageState
from okaeri.domain.orders import Buyer, Order, Payment
from okaeri.domain.records import ConsentEntry, DecisionRecord, Finding, OrderRecord, Ticket, TimelineEntry
from okaeri.domain.stores import Mode, Sending
from okaeri.domain.values import Channel, Purpose

ADD = ["stores", "add", "woo", "--platform", "woocommerce", "--domain", "woo.example", "--name", "Woo"]
NOW = datetime.now(UTC).replace(microsecond=0)
PLACED = NOW - timedelta(days=2)


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command against the stack, with one store added."""
    modules = (store_commands, catalogue_commands, care_commands, explain, mode_commands, inbox_commands)
    for module in modules:
        monkeypatch.setattr(module, "open_stack", lambda name: stack)

    def run_command(*arguments: str, **options: Any) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1"}, **options)
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        return result

    run_command(*ADD)
    return run_command


def read_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def customer(stack: Stack) -> Customer:
    """Aya, who ordered two days ago, with all that the functions keep of it."""
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    kept = DynamoRecords(stack.dynamodb, stack.table_name, read_clock)
    messages = DynamoMessages(stack.dynamodb, stack.table_name, read_clock)
    review = Run(
        journey="review-request",
        definition="d1",
        key="9001",
        started_at=PLACED,
        refs={"order.id": ("9001",)},
        waiting=Waiting(due=NOW + timedelta(days=5)),
    )
    aya = Customer(
        store_id="woo", customer_id="c1", version=1, created_at=PLACED, first_name="Aya", time_zone="Asia/Tokyo",
        emails=("aya@example.jp",), phones=("+819012345678",), orders=("9001",), orders_count=1, runs=(review,),
        open_tickets=(OpenTicket(ticket_id="t1t1t1t1", queue="help", opened_at=PLACED),),
    )  # fmt: skip
    customers.save(aya, sweep_at=NOW + timedelta(minutes=30))
    customers.claim("woo", Identity(kind=IdentityKind.EMAIL, value="aya@example.jp"), "c1")
    order = Order(
        order_id="9001", name="#1001", created_at=PLACED, updated_at=PLACED, buyer=Buyer(email="aya@example.jp"),
        currency="JPY", lines=(), total="10", payment=Payment.PAID,
    )  # fmt: skip
    kept.put_order(OrderRecord(store_id="woo", order_id="9001", customer_id="c1", order=order, version=1))
    kept.put_decision(
        DecisionRecord(
            store_id="woo",
            customer_id="c1",
            event_id="e1",
            event="order.placed",
            occurred_at=PLACED,
            decided_at=PLACED,
            data={"order.id": "9001"},
            findings=(
                Finding(what="order-confirmation.run", verdict="started", why="key:order.id"),
                Finding(what="whatsapp:order_confirmation", verdict="said"),
                Finding(what="cart-recovery.run", verdict="not started", why="condition_not_met"),
            ),
        )
    )
    message = Message(
        message_id="m1m1m1", store_id="woo", customer_id="c1", channel=Channel.WHATSAPP, purpose=Purpose.ORDER,
        template="order_confirmation", locale="ja", journey="order-confirmation", refs=MessageRefs(order_id="9001"),
        decided_at=PLACED, state=MessageState.QUEUED, state_at=PLACED,
    )  # fmt: skip
    messages.create(message)
    messages.report("woo", "c1", "m1m1m1", MessageState.DELIVERED, at=PLACED, details={"id": "wamid.{1}"})
    messages.report("woo", "c1", "m1m1m1", MessageState.READ, at=PLACED + timedelta(minutes=3))
    kept.put_consent_entry(
        ConsentEntry(
            store_id="woo",
            customer_id="c1",
            entry_id="l1",
            channel="email",
            purpose="marketing",
            given=True,
            at=PLACED,
            source="newsletter",
            wording="News, please",
        )
    )
    kept.put_timeline_entry(
        TimelineEntry(
            store_id="woo", customer_id="c1", entry_id="n1", at=PLACED, kind="whatsapp.received", text="[Hello]"
        )
    )
    kept.put_ticket(
        Ticket(
            store_id="woo",
            ticket_id="t1t1t1t1",
            customer_id="c1",
            queue="help",
            subject="Broken [cup]",
            opened_at=PLACED,
            due=PLACED + timedelta(hours=4),
            order_id="9001",
        )
    )
    return aya


# -- explain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["aya@example.jp", "c1", "#1001", "9001"])
def test_the_story_is_told_by_each_name(run: Any, customer: Customer, who: str) -> None:
    told = run("explain", "woo", who).output
    assert "Aya (c1)" in told and "Times are of Asia/Tokyo." in told
    assert "Order #1001 is placed" in told
    assert "order_confirmation goes out by WhatsApp" in told
    assert "cart-recovery does not begin: its condition does not hold" in told
    assert "order_confirmation by WhatsApp, in ja: read" in told and " delivered\n" in told
    assert "They agree to marketing on e-mail" in told and "Source: newsletter: “News, please”" in told
    assert "They write on WhatsApp: “[Hello]”" in told
    assert "review-request (9001) waits until" in told
    assert "A ticket for help is open since" in told
    assert "Marketing by e-mail: no," in told


def test_the_story_as_json_carries_codes(run: Any, customer: Customer) -> None:
    data = json.loads(run("explain", "woo", "aya@example.jp", "--order", "#1001", "--json").output)
    assert data["order"]["order_id"] == "9001"
    codes = [line["code"] for entry in data["customer"]["entries"] for line in entry["lines"]]
    assert "cart-recovery.run not started condition_not_met" in codes
    assert {entry["kind"] for entry in data["customer"]["entries"]} == {"event", "message"}


def test_since_and_message_narrow_the_story(run: Any, customer: Customer) -> None:
    assert "Nothing of that is kept." in run("explain", "woo", "c1", "--since", "P1D").output
    assert "is placed" in run("explain", "woo", "c1", "--since", f"{PLACED - timedelta(days=1):%Y-%m-%d}").output
    assert "order_confirmation by WhatsApp" in run("explain", "woo", "c1", "--message", "m1").output
    with pytest.raises(CommandFailure, match="no time"):
        run("explain", "woo", "c1", "--since", "yesterday")


def test_an_unknown_order_is_explained_by_what_the_store_sent(run: Any, stack: Stack) -> None:
    kept = DynamoRecords(stack.dynamodb, stack.table_name, read_clock)
    kept.note_webhook("woo", "woocommerce order.updated", NOW)
    told = run("explain", "woo", "--order", "4711").output
    assert "No event of the order 4711 itself ever came." in told
    assert "woocommerce order.updated came last at" in told and "order.created never came" in told


def test_what_lies_in_quarantine_is_named(run: Any, stack: Stack) -> None:
    from command_line.queues import open_queues

    open_queues(stack).quarantine("woo", "woocommerce order.created", b"{}", path="lines.0", reason="missing")
    open_queues(stack).quarantine("other", "woocommerce order.deleted", b"{}", path="", reason="missing")
    told = run("explain", "woo", "--order", "4711").output
    assert "woocommerce order.created of this store is not worked through: missing at lines.0." in told
    assert "order.deleted" not in told


def test_nobody_and_nothing_to_ask_about_are_answered_with_a_way_out(run: Any) -> None:
    with pytest.raises(CommandFailure, match=r"nobody in woo is known by x@example\.com"):
        run("explain", "woo", "x@example.com")
    with pytest.raises(CommandFailure) as unknown:
        run("explain", "woo", "#4711")
    assert unknown.value.fix.endswith("okaeri explain woo --order '#4711'")  # to a shell, a bare # begins a comment
    with pytest.raises(CommandFailure, match="nobody is asked about"):
        run("explain", "woo")


def test_more_than_is_read_is_said_to_be_cut(stack: Stack, customer: Customer) -> None:
    histories = DynamoHistories(stack.dynamodb, stack.table_name, read_clock)
    whole, cut = histories.read("woo", "c1", most=100), histories.read("woo", "c1", most=2)
    assert (len(whole.decisions), len(whole.messages), whole.is_cut) == (1, 1, False)
    assert cut.is_cut
    states = [move.state for move in whole.messages[0].moves]
    assert states == ["queued", "delivered", "read"]
    assert whole.messages[0].moves[1].details == {"id": "wamid.{1}"}


# -- modes -------------------------------------------------------------------------------------------------------------


def find_entry(stack: Stack, journey: str = "cart-recovery") -> Any:
    store = records.read_store(stack, "woo")
    return next(e for entries in store.triggers.values() for e in entries if e.journey == journey)


def test_a_journey_is_put_into_each_mode_and_keeps_it_when_it_is_published(run: Any, stack: Stack) -> None:
    assert "notes everything, and sends nothing" in run("journeys", "mode", "woo", "cart-recovery", "shadow").output
    assert find_entry(stack).mode is Mode.SHADOW
    assert "10 % of the customers" in run("journeys", "mode", "woo", "cart-recovery", "share", "10").output
    run("publish")
    entry = find_entry(stack)
    assert (entry.mode, entry.share, entry.on) == (Mode.SHARE, 10, True)
    assert "share 10 %" in run("journeys", "list", "woo").output
    run("journeys", "off", "woo", "cart-recovery")
    assert (find_entry(stack).mode, find_entry(stack).on) == (Mode.OFF, False)
    run("journeys", "on", "woo", "cart-recovery")
    assert (find_entry(stack).mode, find_entry(stack).on) == (Mode.ON, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cart-recovery", "share"), "how large"),
        (("cart-recovery", "share", "100"), "how large"),
        (("cart-recovery", "on", "10"), "takes no number"),
        (("card-recovery", "on"), "not known here"),
    ],
)
def test_a_mode_that_does_not_fit_is_refused(run: Any, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandFailure, match=said):
        run("journeys", "mode", "woo", *arguments)


def test_the_whole_store_has_a_mode_and_the_stricter_one_is_shown(run: Any, stack: Stack) -> None:
    run("stores", "mode", "woo", "test")
    assert records.read_store(stack, "woo").mode is Mode.TEST
    run("journeys", "mode", "woo", "review-request", "shadow")
    listed = run("journeys", "list", "woo").output
    assert "test (the store's; its own: on)" in listed and "shadow" in listed
    with pytest.raises(CommandFailure, match="nobody is here"):
        run("stores", "mode", "woo", "off")
    run("stores", "mode", "woo", "off", "--yes")
    assert records.read_store(stack, "woo").mode is Mode.OFF


def test_testers_are_kept_as_customers_are(run: Any, stack: Stack) -> None:
    assert "No tester yet" in run("stores", "testers", "list", "woo").output
    run("stores", "testers", "add", "woo", "+81 90-1234-5678", "Me@Woo.example")
    settings = records.read_store(stack, "woo").settings
    assert (settings.test_phones, settings.test_emails) == (("+819012345678",), ("me@woo.example",))
    assert run("stores", "testers", "remove", "woo", "+819012345678").output.split() == ["me@woo.example"]
    with pytest.raises(CommandFailure, match="neither a phone nor"):
        run("stores", "testers", "add", "woo", "Aya")
    with pytest.raises(CommandFailure, match="not known here"):
        run("stores", "testers", "remove", "woo", "you@woo.example")


def park(stack: Stack, message_id: str, *, reason: str, valid_until: datetime) -> None:
    messages = DynamoMessages(stack.dynamodb, stack.table_name, read_clock)
    messages.create(
        Message(
            message_id=message_id,
            store_id="woo",
            customer_id="c9",
            channel=Channel.EMAIL,
            purpose=Purpose.MARKETING,
            template="news",
            locale="en",
            decided_at=PLACED,
            valid_until=valid_until,
            state=MessageState.PARKED,
            state_at=NOW,
            reason=reason,
            parked_until=NOW + timedelta(minutes=50),
        )
    )


def test_the_switch_asks_before_everything_stops_and_tells_what_it_holds_back(run: Any, stack: Stack) -> None:
    with pytest.raises(CommandFailure, match="nobody is here"):
        run("stores", "sending", "woo", "off")
    assert "nothing goes out any more" in run("stores", "sending", "woo", "off", "--yes").output
    assert records.read_store(stack, "woo").sending is Sending.OFF
    park(stack, "m1", reason="sending_off", valid_until=NOW + timedelta(days=1))
    park(stack, "m2", reason="sending_off", valid_until=NOW - timedelta(hours=1))
    park(stack, "m3", reason="template_paused", valid_until=NOW + timedelta(days=1))
    wishing = Run(
        journey="news", definition="d1", key="customer", started_at=PLACED,
        waiting=Waiting(due=NOW + timedelta(minutes=40), wish="news", wanted_at=NOW - timedelta(days=3)),
    )  # fmt: skip
    held_one = Customer(store_id="woo", customer_id="c8", version=1, created_at=PLACED, runs=(wishing,))
    DynamoCustomers(stack.dynamodb, stack.table_name).save(held_one, sweep_at=NOW + timedelta(minutes=45))
    held = run("stores", "sending", "woo").output
    assert "3 messages wait (2 ready, 1 not yet decided)" in held and "2 have grown stale" in held
    assert "3 messages wait" in run("stores", "sending", "woo", "on").output
    assert records.read_store(stack, "woo").sending is Sending.ON
    assert "wait" not in run("stores", "sending", "woo").output
    with pytest.raises(CommandFailure, match="not known here"):
        run("stores", "sending", "woo", "of")


def test_at_a_terminal_the_question_may_be_answered_with_no(
    run: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode_commands, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    assert run("stores", "sending", "woo", "off", input="n\n").exit_code == 1
    assert records.read_store(stack, "woo").sending is Sending.ON
    run("stores", "sending", "woo", "off", input="y\n")
    assert records.read_store(stack, "woo").sending is Sending.OFF


def test_the_doctor_reminds_of_modes_and_of_the_switch(run: Any, stack: Stack) -> None:
    def check() -> doctor.Finding:
        return doctor.check_modes(records.read_store(stack, "woo"))

    assert check().verdict is doctor.Verdict.OK
    run("journeys", "mode", "woo", "cart-recovery", "shadow")
    run("stores", "sending", "woo", "orders-only")
    found = check()
    assert found.verdict is doctor.Verdict.NOTE
    assert found.state == "The shop has stopped marketing; cart-recovery is in mode shadow"
    run("stores", "sending", "woo", "off", "--yes")
    assert check().verdict is doctor.Verdict.NOT_READY


# -- tickets -----------------------------------------------------------------------------------------------------------


def test_a_ticket_is_listed_solved_once_and_the_engine_hears_of_it(run: Any, stack: Stack, customer: Customer) -> None:
    listed = run("inbox", "list", "woo").output
    assert "Broken [cup] order 9001" in listed and "late by" in listed
    run("inbox", "solve", "woo", "t1", "--outcome", "refunded")
    queue = stack.queues["EventsQueue"]
    [body] = [m["Body"] for m in stack.sqs.receive_message(QueueUrl=queue).get("Messages", [])]
    evidence = json.loads(body)["evidence"]
    assert (evidence["kind"], evidence["customer_id"], evidence["outcome"]) == ("ticket.solved", "c1", "refunded")
    assert "Nobody waits." in run("inbox", "list", "woo").output
    again = run("inbox", "solve", "woo", "t1t1t1t1", "--outcome", "something else").output
    assert "refunded" in again  # the first outcome stays
    assert "solved" in run("inbox", "list", "woo", "--state", "solved").output
    with pytest.raises(CommandFailure, match="no ticket has such an id"):
        run("inbox", "solve", "woo", "zz", "--outcome", "x")
