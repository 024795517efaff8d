"""`okaeri explain`: why a customer did, or didn't, get something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from shlex import quote
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.quarantine import list_quarantined
from command_line.queues import list_dead_letters
from command_line.screen import OUTPUT, say, warn
from command_line.stack import Stack, open_stack
from command_line.store_commands import StoreId
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.histories import DynamoHistories
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.domain.customers import Customer
from okaeri.domain.explanations import Entry, Explanation, Question
from okaeri.domain.local_time import find_zone
from okaeri.domain.order_silence import OrderSilence, Unread
from okaeri.domain.stores import Store
from okaeri.use_cases.explain_customer import ExplainCustomer, Found

_SIGNS = {"event": "[cyan]●[/]", "message": "[green]✉[/]"}
_BAD = ("failed", "expired", "suppressed", "refused", "not said", "not started", "parked")


def explain(
    context: typer.Context,
    store_id: StoreId,
    customer: Annotated[
        str | None,
        typer.Argument(metavar="[CUSTOMER]", help="E-mail, phone (+81…), order name or id, or customer id."),
    ] = None,
    order: Annotated[
        str | None, typer.Option("--order", metavar="ORDER", help="About one order, by its name or id.")
    ] = None,
    journey: Annotated[str | None, typer.Option("--journey", metavar="NAME", help="About one journey.")] = None,
    message: Annotated[
        str | None, typer.Option("--message", metavar="ID", help="About one message; its first characters will do.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="WHEN", help="From a day (2026-11-01) or a while ago (P3D) on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON, with its codes.")] = False,
) -> None:
    """Tells a customer's story in sentences: what happened, what was weighed, what was said, what became of it.

    With --order and no customer, it also says why nothing happened on that order.
    """
    if customer is None and order is None:
        raise CommandFailure(
            "nobody is asked about",
            at="CUSTOMER",
            fix="Name a customer, or an order with --order: okaeri explain --help.",
        )
    stack = open_stack(context.obj)
    store = records.read_store(stack, store_id)
    use_case = open_explainer(stack)
    silence = None if order is None else use_case.explain_order(store, order, list_unread(stack, store_id))
    found = _find(use_case, store, customer, silence)
    answer = None
    if found is not None:
        zone = find_zone(found.customer, store)
        question = Question(
            since=read_since(since, zone) if since else None,
            order_id=silence.order_id if silence else None,
            journey=journey,
            message_id=message,
        )
        answer = use_case(store, found.customer, question)
    if as_json:
        typer.echo(json.dumps(to_json(answer, silence), ensure_ascii=False, indent=2))
        return
    if silence is not None:
        for line in silence.lines:
            say(f"  {line}")
    if found is not None and answer is not None:
        show_explanation(answer, found)


def open_explainer(stack: Stack) -> ExplainCustomer:
    """The use case on the stack's table."""

    def read_clock() -> datetime:
        return datetime.now(UTC)

    return ExplainCustomer(
        customers=DynamoCustomers(stack.dynamodb, stack.table_name),
        records=DynamoRecords(stack.dynamodb, stack.table_name, read_clock),
        histories=DynamoHistories(stack.dynamodb, stack.table_name, read_clock),
        touches=DynamoTouchBook(stack.dynamodb, stack.table_name, read_clock),
        clock=read_clock,
    )


def list_unread(stack: Stack, store_id: str) -> list[Unread]:
    """What of this store lies in quarantine or among the dead letters; their content is not shown."""
    quarantined = [
        Unread(entry.source, f"{entry.reason} at {entry.path}", "After a fix: okaeri quarantine replay.")
        for entry in list_quarantined(stack)
        if entry.store_id == store_id
    ]
    dead = [
        Unread(letter.what, f"it failed too often, and lies in {letter.queue}", "See okaeri dead-letters list.")
        for letter in list_dead_letters(stack)
        if letter.store_id == store_id
    ]
    return [*quarantined, *dead]


def read_since(text: str, zone: ZoneInfo) -> datetime:
    """A day or moment by the customer's clock, or a length of time before now."""
    if text.strip().upper().startswith("P"):
        return datetime.now(UTC) - checks.check_duration(text, "--since")
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandFailure(
            f"{text!r} is no time", at="--since", fix="Write a day, 2026-11-01, or how long ago: P3D, PT12H."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def to_json(answer: Explanation | None, silence: OrderSilence | None) -> dict[str, Any]:
    """Both parts as plain data, times in ISO 8601."""
    parts = {"order": asdict(silence) if silence else None, "customer": asdict(answer) if answer else None}
    plain: dict[str, Any] = json.loads(json.dumps(parts, default=lambda value: value.isoformat()))
    return plain


def show_explanation(answer: Explanation, found: Found) -> None:
    """Day by day, newest last; then how things stand."""
    who = f"{answer.name} ({answer.customer_id})" if answer.name else answer.customer_id
    OUTPUT.print(f"[bold]{escape(who)}[/], by {escape(found.by)}. Times are of {answer.zone}.", soft_wrap=True)
    if found.others:
        warn(f"Others carry it too, without being the same person: {', '.join(found.others)}")
    day = None
    for entry in answer.entries:
        if entry.at.date() != day:
            day = entry.at.date()
            OUTPUT.print(f"\n[bold]{entry.at:%A} {entry.at.day} {entry.at:%B %Y}[/]")
        _show_entry(entry)
    if not answer.entries:
        say("\nNothing of that is kept.")
    standing = answer.standing
    _show_part("Now", (*standing.waiting, *standing.facts))
    _show_part("May be told", standing.reach)
    _show_part("Switches", standing.switches)
    _show_part("Note", answer.notes)


def _show_entry(entry: Entry) -> None:
    sign = _SIGNS.get(entry.kind, "[magenta]◦[/]")
    OUTPUT.print(f"{entry.at:%H:%M}  {sign} [bold]{escape(entry.text)}[/]", soft_wrap=True)
    for line in entry.lines:
        style = "yellow" if any(f" {word}" in f" {line.code}" for word in _BAD) else "dim"
        OUTPUT.print(f"[{style}]         {escape(line.text)}[/]", soft_wrap=True)


def _show_part(title: str, lines: Sequence[str]) -> None:
    if lines:
        OUTPUT.print(f"\n[bold]{title}[/]")
        for line in lines:
            OUTPUT.print(f"  {escape(line)}", soft_wrap=True)


def _find(use_case: ExplainCustomer, store: Store, text: str | None, silence: OrderSilence | None) -> Found | None:
    if text is not None:
        found = use_case.find(store, text)
        if found is None:
            raise CommandFailure(
                f"nobody in {store.store_id} is known by {text}",
                at="CUSTOMER",
                fix=f"Is it an order's number? Look: okaeri explain {store.store_id} --order {quote(text)}",
            )
        return found
    customer_id = silence.customer_id if silence else None
    customer: Customer | None = use_case.customers.load(store.store_id, customer_id) if customer_id else None
    return Found(customer, "their order") if customer else None
