"""A ticket's life: what may change of it, whose turn it is, and what comes first in the inbox. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from okaeri.domain.records import Ticket
from okaeri.domain.values import Stored, format_time, make_id

KEEP_SOLVED = timedelta(days=400)  # as long as messages
DISPUTES = frozenset({"dispute", "disputes", "chargeback"})  # queues whose tickets come first
# A ticket without a deadline stands in the list as if it were due a day after it was opened.
_NO_DEADLINE = timedelta(days=1)
_JUST_NOW = timedelta(minutes=1)
# Two processes that report one after the other may come in the other order.
_LATEST_WINS = ("escalated_at", "last_heard_at", "last_told_at", "replied_at", "solved_at")
_FIRST_WINS = ("first_told_at",)

STAGES = ("requested", "approved", "received", "refunded", "declined")
_NEXT_STAGES = {
    "": STAGES,
    "requested": ("approved", "received", "declined"),
    "approved": ("received", "refunded", "declined"),
    "received": ("refunded", "declined"),
}

type NoteKind = Literal[
    "note", "assigned", "priority", "scheduled", "remedy", "stage", "solved", "reopened", "taken", "announced"
]


class TicketNote(Stored):
    """What the shop's people keep beside a ticket: a note of their own, or what one of them did. Customers see none."""

    store_id: str
    ticket_id: str
    note_id: str
    kind: NoteKind = "note"
    by: str
    at: datetime
    text: str = ""


def apply_changes(ticket: Ticket, changes: Mapping[str, Any]) -> Ticket:
    """The ticket with the named fields set, None emptying one, as its next version.

    Of what was heard, told or escalated the latest time stays, of the first answer the earliest. It is solved exactly
    while it has a time at which it was.
    """
    fields = type(ticket).model_fields
    wanted = {
        name: fields[name].get_default(call_default_factory=True) if value is None and name in fields else value
        for name, value in changes.items()
    }
    before = {name: getattr(ticket, name) for name in fields}
    changed = type(ticket).model_validate({**before, **(ticket.model_extra or {}), **wanted})
    kept: dict[str, Any] = {"version": ticket.version + 1}
    for names, choose in ((_LATEST_WINS, max), (_FIRST_WINS, min)):
        for name in names:
            old, new = getattr(ticket, name), getattr(changed, name)
            if old is not None and new is not None:
                kept[name] = choose(old, new)
    changed = changed.model_copy(update=kept)
    # What the engine says of an answer may come after the ticket was solved.
    is_out_of_step = (changed.state == "solved") is not (changed.solved_at is not None)
    state = "person" if changed.solved_at is None else "solved"
    return changed.model_copy(update={"state": state}) if is_out_of_step else changed


def is_owed(ticket: Ticket) -> bool:
    """Whether it is the shop's turn: the customer wrote after the shop did, or has heard nothing at all."""
    told = max(filter(None, (ticket.last_told_at, ticket.replied_at)), default=None)
    return told is None or (ticket.last_heard_at or ticket.opened_at) > told


def is_urgent(ticket: Ticket) -> bool:
    """Whether it comes before all others: escalated, a dispute, or put in front by a person."""
    return ticket.escalated_at is not None or ticket.queue in DISPUTES or ticket.priority == "high"


def is_open(ticket: Ticket) -> bool:
    """Whether people still have to do with it."""
    return ticket.solved_at is None


def name_place(ticket: Ticket) -> str:
    """Where it stands among the open or the solved, as a text that sorts.

    Open: urgent ones that wait for the shop, then the others that do, then those that wait for the customer; in each
    the oldest deadline first. Solved: by when.
    """
    if ticket.solved_at is not None:
        return f"{format_time(ticket.solved_at)}#{ticket.ticket_id}"
    rank = 2 if not is_owed(ticket) else 0 if is_urgent(ticket) else 1
    return f"{rank}#{format_time(ticket.due or ticket.opened_at + _NO_DEADLINE)}#{ticket.ticket_id}"


def tag_sight(ticket: Ticket) -> str:
    """What somebody saw of it that an answer may depend on: the same text as long as all of that is the same.

    Four short hashes: whether it is solved, what the customer said last, what a person answered last, the rest.
    """
    solved, heard = (format_time(at) if at else "" for at in (ticket.solved_at, ticket.last_heard_at))
    parts = (solved, heard, ticket.reply_id, make_id(ticket.stage, len(ticket.remedies)))
    return "-".join(make_id(part)[:6] for part in parts)


class Clash(NamedTuple):
    """What happened to a ticket since somebody looked: a code, who did it, and when (None where that is not known)."""

    code: Literal["answered_meanwhile", "customer_wrote_meanwhile", "solved_meanwhile", "changed_meanwhile"]
    by: str = ""
    at: datetime | None = None


def find_clash(ticket: Ticket, *, by: str, seen: str | None, now: datetime) -> Clash | None:
    """Whether what `by` is about to do rests on an old sight of it; `seen` is its tag.

    Without a tag only a colleague's answer within the last minute is in the way.
    """
    answered = ticket.replied_at is not None and ticket.replied_by != by
    if seen is None:
        is_fresh = ticket.replied_at is not None and now - ticket.replied_at < _JUST_NOW
        return Clash("answered_meanwhile", ticket.replied_by, ticket.replied_at) if answered and is_fresh else None
    if seen == tag_sight(ticket):
        return None
    before, after = seen.split("-"), tag_sight(ticket).split("-")
    is_other = dict(zip(("solved", "heard", "answered", "rest"), map(str.__ne__, before, after), strict=False))
    if is_other.get("solved") and ticket.solved_at is not None:
        return Clash("solved_meanwhile", ticket.solved_by, ticket.solved_at)
    if is_other.get("answered") and answered:
        return Clash("answered_meanwhile", ticket.replied_by, ticket.replied_at)
    if is_other.get("heard"):
        return Clash("customer_wrote_meanwhile", at=ticket.last_heard_at)
    return Clash("changed_meanwhile")


def may_move_to(ticket: Ticket, stage: str) -> bool:
    """Whether a return may come to that stage from the one in which it is. It never goes back."""
    return stage in _NEXT_STAGES.get(ticket.stage, ())


def list_next_stages(ticket: Ticket) -> tuple[str, ...]:
    """The stages to which a return may come next."""
    return _NEXT_STAGES.get(ticket.stage, ())
