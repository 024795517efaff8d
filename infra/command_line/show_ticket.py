"""How a ticket stands on a terminal."""

from __future__ import annotations

from command_line.screen import say
from okaeri.domain.inbox import Line
from okaeri.use_cases.read_inbox import Row, TicketView

_TIME = "%Y-%m-%d %H:%M"


def describe_row(row: Row) -> tuple[str, ...]:
    """One ticket as a line of a table."""
    ticket = row.ticket
    about = " ".join(filter(None, (ticket.subject, ticket.order_id and f"order {ticket.order_id}")))
    return (
        ticket.ticket_id[:10],
        ticket.queue,
        ("! " if row.is_urgent and ticket.solved_at is None else "") + row.deadline,
        about,
        ticket.customer_id,
        ticket.assignee,
        _say_state(row),
    )


def show_view(view: TicketView) -> None:
    """Everything about one ticket, the talk last."""
    ticket = view.row.ticket
    say(f"{ticket.subject or ticket.queue}  ({ticket.ticket_id[:10]})", style="bold")
    say(" · ".join(filter(None, (_say_state(view.row), view.row.deadline, ticket.assignee, ticket.stage))))
    say(f"{view.customer.name} ({ticket.customer_id})")
    for sentence in view.customer.sentences:
        say(f"  {sentence}")
    for name, value in ticket.data.items():
        say(f"  {name}: {value}")
    say(f"Where they are answered: {view.window.channel.value}. {view.window.advice}")
    if ticket.remedies:
        say("Given: " + ", ".join(f"{one.kind} {one.amount} {one.currency}".strip() for one in ticket.remedies))
    if view.may_give:
        allowed = (f"{one.kind} up to {one.left} {one.currency}" if one.left else one.kind for one in view.may_give)
        say("You may give: " + ", ".join(allowed))
    for file in view.files:
        say(f"File {file.content_type or file.media_id}: {file.link or file.refused}")
    for note in view.notes:
        say(f"  # {note.at:{_TIME}} {note.by}, {note.kind}{f': {note.text}' if note.text else ''}")
    say()
    for line in view.lines:
        say(_say_line(line))


def _say_state(row: Row) -> str:
    ticket = row.ticket
    if ticket.solved_at is not None:
        return f"solved {ticket.solved_at:%Y-%m-%d}: {ticket.outcome}"
    return f"{ticket.state}, your turn" if row.is_owed else f"{ticket.state}, theirs"


def _say_line(line: Line) -> str:
    who = {"customer": "←", "assistant": "→ assistant", "shop": f"→ {line.by}"}[line.who]
    what = line.text or f"[{line.template or line.type}]"
    state = " ".join(filter(None, (line.state, line.reason)))
    return f"{line.at:{_TIME}} {line.channel} {who}: {what}{f'  ({state})' if state else ''}"
