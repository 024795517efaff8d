"""The inbox's API as one table: each operation with its path, what it takes, what it answers and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from okaeri.domain.records import Ticket
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.domain.tickets import tag_sight
from okaeri.errors import RefuseRequest
from okaeri.use_cases.answer_customer import Notice, Reply
from okaeri.use_cases.give_remedy import Offer
from okaeri.use_cases.read_inbox import MOST_LISTED, Filter, Row, State
from okaeri.use_cases.serve_inbox import ServeInbox
from serve_inbox import models

PREFIX = "/inbox/{store_id}"
STATES: tuple[State, ...] = ("open", "waiting", "person", "solved")
_STATES = ", ".join(STATES)


@dataclass(frozen=True)
class Call:
    """One request of somebody who was let in. `path` and `query` hold what the address says."""

    inbox: ServeInbox
    store: Store
    by: StaffMember
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Operation:
    """`path` is what follows the store's id; `name` is its id in the document and in the log."""

    name: str
    method: str
    path: str
    summary: str
    told: type[BaseModel]
    run: Callable[[Call], BaseModel]
    given: type[BaseModel] | None = None
    query: tuple[tuple[str, str], ...] = ()


def read_body[M: BaseModel](model: type[M], body: str) -> M:
    """Raises RefuseRequest(422) with the first mistake, without its value."""
    try:
        return model.model_validate_json(body or "{}")
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "body"
        raise RefuseRequest(
            422, "invalid_body", f"{fault['msg']}.", at=where, fix="See docs/inbox-api.json for what it takes."
        ) from None


def tell_ticket(row: Row) -> models.TicketTold:
    """A ticket with what is worked out of it."""
    ticket = row.ticket
    fields = {name: getattr(ticket, name) for name in models.TicketTold.model_fields if hasattr(ticket, name)}
    fields["remedies"] = tuple(models.RemedyTold.model_validate(remedy) for remedy in ticket.remedies)
    return models.TicketTold(
        **fields, deadline=row.deadline, is_owed=row.is_owed, is_urgent=row.is_urgent, seen=tag_sight(ticket)
    )


def _tell(call: Call, ticket: Ticket) -> models.TicketTold:
    return tell_ticket(call.inbox.read.make_row(ticket, call.store))


def _show_me(call: Call) -> models.MeTold:
    staff = (models.MemberTold.model_validate(member) for member in call.inbox.staff.list_all(call.store.store_id))
    store = call.store
    return models.MeTold(
        name=call.by.name, role=call.by.role, store=store.name, currency=store.currency, staff=tuple(staff)
    )


def _list_tickets(call: Call) -> models.TicketsTold:
    asked = call.query.get("state", "open")
    state = next((known for known in STATES if known == asked), None)
    if state is None:
        raise RefuseRequest(422, "state_unknown", "There is no such state.", at="state", fix=f"One of {_STATES}.")
    assignee = call.by.name if call.query.get("assignee") == "me" else call.query.get("assignee", "")
    limit = call.query.get("limit", "50")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_LISTED:
        raise RefuseRequest(422, "limit_refused", "The limit is a number.", at="limit", fix=f"From 1 to {MOST_LISTED}.")
    query = call.query
    wanted = Filter(state, assignee, query.get("queue", ""), query.get("customer_id", ""), query.get("order_id", ""))
    page = call.inbox.read.list(call.store, wanted, limit=int(limit), after=call.query.get("after", ""))
    return models.TicketsTold(tickets=tuple(map(tell_ticket, page.rows)), after=page.after)


def _show_ticket(call: Call) -> models.TicketShown:
    view = call.inbox.read.show(call.store, call.by, call.path["ticket_id"])
    return models.TicketShown(
        ticket=tell_ticket(view.row),
        order_name=view.order_name,
        customer=models.CustomerTold.model_validate(view.customer),
        talk=view.talk.value,
        window=models.WindowTold.model_validate(view.window),
        lines=tuple(map(models.LineTold.model_validate, view.lines)),
        files=tuple(map(models.FileTold.model_validate, view.files)),
        notes=tuple(map(models.NoteTold.model_validate, view.notes)),
        may_give=tuple(map(models.AllowedTold.model_validate, view.may_give)),
        next_stages=view.next_stages,
        quick_replies=tuple(map(models.QuickReplyTold.model_validate, view.quick_replies)),
        learnt=view.row.ticket.data,
    )


def _reply(call: Call) -> models.TicketTold:
    given = read_body(models.ReplyGiven, call.body)
    reply = Reply(**dict(given))
    return _tell(call, call.inbox.answer.reply(call.store, call.by, call.path["ticket_id"], reply))


def _note(call: Call) -> models.NoteTold:
    given = read_body(models.NoteGiven, call.body)
    note = call.inbox.handle.note(call.store, call.by, call.path["ticket_id"], given.text)
    return models.NoteTold.model_validate(note)


def _assign(call: Call) -> models.TicketTold:
    given = read_body(models.AssigneeGiven, call.body)
    return _tell(call, call.inbox.handle.assign(call.store, call.by, call.path["ticket_id"], given.assignee))


def _set_priority(call: Call) -> models.TicketTold:
    given = read_body(models.PriorityGiven, call.body)
    return _tell(call, call.inbox.handle.set_priority(call.store, call.by, call.path["ticket_id"], given.priority))


def _take(call: Call) -> models.TicketTold:
    return _tell(call, call.inbox.handle.take(call.store, call.by, call.path["ticket_id"]))


def _take_talk(call: Call) -> models.TicketTold:
    return _tell(call, call.inbox.handle.take_talk(call.store, call.by, call.path["customer_id"]))


def _solve(call: Call) -> models.TicketTold:
    given = read_body(models.OutcomeGiven, call.body)
    ticket = call.inbox.handle.solve(
        call.store, call.by, call.path["ticket_id"], given.outcome, seen=given.seen, anyway=given.anyway
    )
    return _tell(call, ticket)


def _reopen(call: Call) -> models.TicketTold:
    return _tell(call, call.inbox.handle.reopen(call.store, call.by, call.path["ticket_id"]))


def _give_remedy(call: Call) -> models.TicketTold:
    offer = Offer(**dict(read_body(models.RemedyGiven, call.body)))
    return _tell(call, call.inbox.remedy.give(call.store, call.by, call.path["ticket_id"], offer))


def _move_stage(call: Call) -> models.TicketTold:
    given = read_body(models.StageGiven, call.body)
    ticket = call.inbox.remedy.move_stage(call.store, call.by, call.path["ticket_id"], given.stage, given.text)
    return _tell(call, ticket)


def _keep_file(call: Call) -> models.FileKeptTold:
    given = read_body(models.FileGiven, call.body)
    key = call.inbox.keep_file(call.store, call.by, given.content, claimed=given.content_type)
    return models.FileKeptTold(media_key=key)


def _announce(call: Call) -> models.AnnouncedTold:
    given = read_body(models.NoticeGiven, call.body)
    notice = Notice(given.announcement_id, given.texts, given.queue)
    return models.AnnouncedTold.model_validate(
        call.inbox.answer.announce(call.store, call.by, notice, after=given.after)
    )


_TICKET = "/tickets/{ticket_id}"
_FILTERS = (
    ("state", "open (waiting and person, the default), waiting, person or solved."),
    ("assignee", "A name, `me`, or `-` for nobody's."),
    ("queue", "A queue's name."),
    ("customer_id", "Of one customer."),
    ("order_id", "About one order, by the store's id of it."),
    ("limit", f"From 1 to {MOST_LISTED}; 50 where it is left out."),
    ("after", "`after` of the page before."),
)

OPERATIONS = (
    Operation("show_me", "GET", "/me", "Who you are here, and who else is.", models.MeTold, _show_me),
    Operation(
        "list_tickets", "GET", "/tickets", "Who waits, the most urgent first.", models.TicketsTold, _list_tickets,
        query=_FILTERS,
    ),
    Operation("show_ticket", "GET", _TICKET, "Everything about one ticket.", models.TicketShown, _show_ticket),
    Operation(
        "reply", "POST", f"{_TICKET}/replies", "Answers the customer, now or later.", models.TicketTold, _reply,
        models.ReplyGiven,
    ),
    Operation(
        "note", "POST", f"{_TICKET}/notes", "A note for colleagues.", models.NoteTold, _note, models.NoteGiven
    ),
    Operation(
        "assign", "PUT", f"{_TICKET}/assignee", "Gives it to somebody.", models.TicketTold, _assign,
        models.AssigneeGiven,
    ),
    Operation(
        "set_priority", "PUT", f"{_TICKET}/priority", "How urgent it is.", models.TicketTold, _set_priority,
        models.PriorityGiven,
    ),
    Operation(
        "take", "POST", f"{_TICKET}/take", "Makes it yours; the assistant is silent.", models.TicketTold, _take
    ),
    Operation(
        "solve", "POST", f"{_TICKET}/solve", "Notes how it came out.", models.TicketTold, _solve, models.OutcomeGiven
    ),
    Operation("reopen", "POST", f"{_TICKET}/reopen", "Takes a solved one up again.", models.TicketTold, _reopen),
    Operation(
        "give_remedy", "POST", f"{_TICKET}/remedies",
        "Gives a replacement, refund or credit: recorded and told, done in the store by people.",
        models.TicketTold, _give_remedy, models.RemedyGiven,
    ),
    Operation(
        "move_stage", "PUT", f"{_TICKET}/stage", "Moves a return on and tells the customer.", models.TicketTold,
        _move_stage, models.StageGiven,
    ),
    Operation(
        "take_talk", "POST", "/customers/{customer_id}/take", "Takes a talk over from the assistant.",
        models.TicketTold, _take_talk,
    ),
    Operation(
        "keep_file", "POST", "/files", "Keeps a file to send along with an answer.", models.FileKeptTold, _keep_file,
        models.FileGiven,
    ),
    Operation(
        "announce", "POST", "/announcements", "Tells all who wait.", models.AnnouncedTold, _announce,
        models.NoticeGiven,
    ),
)  # fmt: skip


def find_operation(method: str, rest: str) -> tuple[Operation, dict[str, str]]:
    """The operation of a path after the store's id, with the values in it. Raises RefuseRequest (404, 405)."""
    parts = rest.strip("/").split("/")
    others = []
    for operation in OPERATIONS:
        values = _match(operation.path.strip("/").split("/"), parts)
        if values is None:
            continue
        if operation.method == method:
            return operation, values
        others.append(operation.method)
    if others:
        raise RefuseRequest(405, "method_refused", "Not with this method.", fix=f"Use {' or '.join(others)}.")
    raise RefuseRequest(404, "path_unknown", "There is nothing here.", fix="See docs/inbox-api.json.")


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    values = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            if not part:
                return None
            values[wanted.strip("{}")] = part
        elif wanted != part:
            return None
    return values
