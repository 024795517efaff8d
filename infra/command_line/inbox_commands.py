"""`okaeri inbox …`"""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from command_line import inbox, records
from command_line.choices import read_pairs
from command_line.failures import CommandFailure
from command_line.screen import say, show_table
from command_line.show_ticket import describe_row, show_view
from command_line.stack import Stack, open_stack
from command_line.store_commands import StoreId
from okaeri.domain.remedies import RemedyKind
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.domain.tickets import STAGES
from okaeri.errors import RefuseRequest
from okaeri.use_cases.answer_customer import Notice, Reply
from okaeri.use_cases.give_remedy import Offer
from okaeri.use_cases.read_inbox import MOST_LISTED, Filter
from okaeri.use_cases.serve_inbox import ServeInbox

app = typer.Typer(help="Who waits for an answer of the shop, and what its people say and do.", no_args_is_help=True)

TicketId = Annotated[str, typer.Argument(metavar="TICKET", help="As listed; its first characters will do.")]
By = Annotated[
    str | None, typer.Option("--by", help="Who of the staff does it, within their limits; the owner if left out.")
]
Anyway = Annotated[bool, typer.Option("--anyway", help="Also where somebody answered just now.")]
StateName = Literal["open", "waiting", "person", "solved"]


class Desk(NamedTuple):
    """The inbox, the store and who sits there."""

    inbox: ServeInbox
    store: Store
    by: StaffMember


@app.command("list")
def list_tickets(
    context: typer.Context,
    store_id: StoreId,
    state: Annotated[StateName, typer.Option(help="Open is waiting and person together.")] = "open",
    assignee: Annotated[str, typer.Option(help="A name, or - for nobody's.")] = "",
    queue: Annotated[str, typer.Option(help="One queue alone.")] = "",
    customer_id: Annotated[str, typer.Option("--customer", help="Those of one customer, by id.")] = "",
    order_id: Annotated[str, typer.Option("--order", help="Those about one order, by the store's id of it.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED)] = 50,
) -> None:
    """Lists tickets: those that wait for the shop first, the urgent ones before them, by when they are due."""
    desk = _sit_down(open_stack(context.obj), store_id, None)
    page = desk.inbox.read.list(desk.store, Filter(state, assignee, queue, customer_id, order_id), limit=limit)
    if not page.rows:
        say("No ticket yet." if state == "solved" else "Nobody waits.")
        return
    show_table(
        ("id", "queue", "deadline", "about", "customer", "whose", "state"),
        [describe_row(row) for row in page.rows],
    )
    if page.after is not None:
        say(f"There are more than {limit}: --limit, --state, --assignee or --queue show others.")


@app.command("show")
def show(context: typer.Context, store_id: StoreId, ticket_id: TicketId, by: By = None) -> None:
    """Shows a ticket with its customer, the talk, the notes, and what may be said and given."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    with _refusals():
        show_view(desk.inbox.read.show(desk.store, desk.by, inbox.find_ticket_id(stack, store_id, ticket_id)))


@app.command("reply")
def reply(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the customer is told.")] = "",
    quick_reply: Annotated[str, typer.Option("--quick", help="A quick reply by its name, in place of a text.")] = "",
    at: Annotated[str | None, typer.Option(help="Later: 2026-12-01T09:00+01:00.")] = None,
    file: Annotated[Path | None, typer.Option(help="A picture, film, sound or PDF of at most 4 MB.")] = None,
    by: By = None,
    anyway: Anyway = False,
) -> None:
    """Answers the customer, now or later."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    found = inbox.find_ticket_id(stack, store_id, ticket_id)
    given = Reply(reply_id=secrets.token_hex(10), text=text, quick_reply=quick_reply, at=_read_time(at), anyway=anyway)
    with _refusals():
        ticket = desk.inbox.answer.reply(desk.store, desk.by, found, given)
        window = desk.inbox.read.show(desk.store, desk.by, ticket.ticket_id).window
    say(f"✓ It is said at {at}." if at else "✓ It is on its way." if window.is_open else f"✓ {window.advice}")


@app.command("note")
def note(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="For colleagues: customers see none of it.")],
    by: By = None,
) -> None:
    """Notes something beside a ticket."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    desk.inbox.handle.note(desk.store, desk.by, inbox.find_ticket_id(stack, store_id, ticket_id), text)
    say("✓ Noted.")


@app.command("assign")
def assign(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Somebody of the staff; nobody if left out.")] = "",
    by: By = None,
) -> None:
    """Gives a ticket to somebody."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    with _refusals():
        desk.inbox.handle.assign(desk.store, desk.by, inbox.find_ticket_id(stack, store_id, ticket_id), name)
    say(f"✓ It is {name}'s." if name else "✓ It is nobody's.")


@app.command("take")
def take(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: Annotated[str, typer.Argument(metavar="[TICKET]", help="As listed.")] = "",
    customer_id: Annotated[
        str, typer.Option("--customer", help="A talk that has no ticket: the customer's id, as explain shows it.")
    ] = "",
    by: By = None,
) -> None:
    """Takes a ticket, or a talk over from the assistant, which is silent from then on."""
    if bool(ticket_id) == bool(customer_id):
        raise CommandFailure("take what?", at="TICKET", fix="Name a ticket, or a customer: --customer ID.")
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    with _refusals():
        if customer_id:
            ticket = desk.inbox.handle.take_talk(desk.store, desk.by, customer_id)
        else:
            found = inbox.find_ticket_id(stack, store_id, ticket_id)
            ticket = desk.inbox.handle.take(desk.store, desk.by, found)
    say(f"✓ {ticket.ticket_id[:10]} is {desk.by.name}'s.")


@app.command("priority")
def set_priority(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    priority: Annotated[Literal["low", "normal", "high"], typer.Argument(metavar="low|normal|high")],
    by: By = None,
) -> None:
    """Moves a ticket to the front, or back."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    found = inbox.find_ticket_id(stack, store_id, ticket_id)
    desk.inbox.handle.set_priority(desk.store, desk.by, found, priority)
    say(f"✓ Its priority is {priority}.")


@app.command("solve")
def solve(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    outcome: Annotated[str, typer.Option("--outcome", help="How it came out; journeys may read it.")],
    by: By = None,
    anyway: Anyway = False,
) -> None:
    """Notes that a ticket is solved; the assistant and marketing may speak to its customer again."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    found = inbox.find_ticket_id(stack, store_id, ticket_id)
    with _refusals():
        solved = desk.inbox.handle.solve(desk.store, desk.by, found, outcome.strip(), anyway=anyway)
    say(f"✓ {solved.ticket_id[:10]} is solved: {solved.outcome}")


@app.command("reopen")
def reopen(context: typer.Context, store_id: StoreId, ticket_id: TicketId, by: By = None) -> None:
    """Takes a solved ticket up again."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    ticket = desk.inbox.handle.reopen(desk.store, desk.by, inbox.find_ticket_id(stack, store_id, ticket_id))
    say(f"✓ {ticket.ticket_id[:10]} is open again.")


@app.command("remedy")
def give_remedy(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    kind: Annotated[RemedyKind, typer.Argument(metavar="replacement|refund|credit")],
    amount: Annotated[str | None, typer.Argument(metavar="[AMOUNT]", help="In the store's currency: 20.00")] = None,
    text: Annotated[str, typer.Option(help="What the customer is told; a ready sentence if left out.")] = "",
    by: By = None,
) -> None:
    """Gives a replacement, refund or credit within a role's limits: recorded and told, done in the store by people."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    found = inbox.find_ticket_id(stack, store_id, ticket_id)
    offer = Offer(secrets.token_hex(10), kind, _read_amount(amount), text)
    with _refusals():
        ticket = desk.inbox.remedy.give(desk.store, desk.by, found, offer)
    say(f"✓ Recorded and told: {ticket.remedy}. Do it in the store now: nothing was moved there.")


@app.command("stage")
def move_stage(
    context: typer.Context,
    store_id: StoreId,
    ticket_id: TicketId,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help=", ".join(STAGES))],
    text: Annotated[str, typer.Option(help="What the customer is told; a ready sentence if left out.")] = "",
    by: By = None,
) -> None:
    """Moves a return on and tells the customer."""
    stack = open_stack(context.obj)
    desk = _sit_down(stack, store_id, by)
    found = inbox.find_ticket_id(stack, store_id, ticket_id)
    with _refusals():
        desk.inbox.remedy.move_stage(desk.store, desk.by, found, stage, text)
    say(f"✓ The return is {stage}, and the customer is told.")


@app.command("announce")
def announce(
    context: typer.Context,
    store_id: StoreId,
    announcement_id: Annotated[
        str, typer.Argument(metavar="NAME", help="Yours: each customer is told once of it, however often it is sent.")
    ],
    texts: Annotated[list[str], typer.Argument(metavar="LANGUAGE=TEXT…", help='en="Answers take a day longer."')],
    queue: Annotated[str, typer.Option(help="Those alone who wait in one queue.")] = "",
    by: By = None,
) -> None:
    """Tells everybody who waits for an answer, each in their language: of a delay, of a peak."""
    desk = _sit_down(open_stack(context.obj), store_id, by)
    notice = Notice(announcement_id, read_pairs(texts), queue)
    told, after = 0, ""
    with _refusals():
        while True:
            announced = desk.inbox.answer.announce(desk.store, desk.by, notice, after=after)
            told += announced.told
            if announced.after is None:
                break
            after = announced.after
    say(f"✓ {told} customers who wait are told; their tickets stay open.")


def _sit_down(stack: Stack, store_id: str, by: str | None) -> Desk:
    store = records.read_store(stack, store_id)
    return Desk(inbox.open_inbox(stack), store, inbox.find_member(stack, store, by))


def _keep_file(desk: Desk, path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        body = path.read_bytes()
    except OSError as error:
        raise CommandFailure(f"{path} cannot be read", at="--file", fix="Name a file.") from error
    claimed = mimetypes.guess_type(path.name)[0] or ""
    return desk.inbox.keep_file(desk.store, desk.by, body, claimed=claimed)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except RefuseRequest as refused:
        raise CommandFailure(str(refused).rstrip("."), at=refused.at, fix=refused.fix) from None


def _read_time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise CommandFailure("it is no time with its zone", at="--at", fix="Write it as 2026-12-01T09:00+01:00.")
    return at


def _read_amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise CommandFailure("it is no amount", at="AMOUNT", fix="Write it as 20.00.") from None
