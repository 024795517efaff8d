"""Tickets in DynamoDB: one item each with its notes beside it, listed by the sparse index `inbox`.

Written by updates alone: who serves the inbox may put no customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, expect_version, is_expired, to_seconds
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.records import Ticket
from okaeri.domain.tickets import KEEP_SOLVED, TicketNote, apply_changes, is_open, name_place
from okaeri.errors import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_KEEP_NOTE = 2 * KEEP_SOLVED  # a ticket may be open for as long again
_MOST_NOTES = 500
_RACES = 5


class DynamoTickets:
    """Implements `ports.Tickets`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def get(self, store_id: str, ticket_id: str) -> Ticket | None:
        """Consistent read; one whose days are over is gone."""
        item = self._table.get(keys.ticket_key(store_id, ticket_id), keys.TICKET)
        return self._read(item) if item else None

    def create(self, ticket: Ticket) -> None:
        """The first put wins."""
        first = ticket.model_copy(update={"version": 1})
        with suppress(ConditionFailed):
            self._write(first)

    def save(self, ticket: Ticket) -> None:
        """One conditional update, which keeps a solved one for 400 days. Raises Conflict."""
        try:
            self._write(ticket)
        except ConditionFailed as lost:
            # boto3 repeats a write whose answer was lost: the item is then as we wanted it.
            if lost.item is None or self._read(lost.item) != ticket:
                raise

    def change(self, store_id: str, ticket_id: str, changes: Mapping[str, str | None]) -> None:
        """Sets fields of the ticket as it is now, whoever writes meanwhile; one that is gone is fine."""
        for attempt in range(_RACES):
            ticket = self.get(store_id, ticket_id)
            if ticket is None:
                return
            try:
                return self.save(apply_changes(ticket, changes))
            except Conflict:
                if attempt == _RACES - 1:
                    raise

    def list_open(self, store_id: str, *, beyond: str = "") -> Iterator[Ticket]:
        """In the inbox's order, those beyond a place in it."""
        return self._list(store_id, "open", beyond)

    def list_solved(self, store_id: str, *, beyond: str = "") -> Iterator[Ticket]:
        """The latest first, those before a place."""
        return self._list(store_id, "solved", beyond)

    def put_note(self, note: TicketNote) -> None:
        """Kept for 800 days."""
        self._table.update(
            keys.ticket_key(note.store_id, note.ticket_id),
            keys.note_key(note.at, note.note_id),
            "SET body = :body, expires_at = :expires_at",
            values={":body": encode_body(note), ":expires_at": to_seconds(note.at + _KEEP_NOTE)},
        )

    def list_notes(self, store_id: str, ticket_id: str) -> Sequence[TicketNote]:
        """Oldest first; of more than 500 the latest."""
        pk = keys.ticket_key(store_id, ticket_id)
        found = list(self._table.query_prefix(pk, "N#", most=_MOST_NOTES, newest_first=True))
        return [decode_body(TicketNote, item["body"]) for item in reversed(found)]

    def _list(self, store_id: str, state: str, beyond: str) -> Iterator[Ticket]:
        """The index says which and in what order, the items themselves how they are: an index is a moment late."""
        wants_open = state == "open"
        inbox = keys.inbox_key(store_id, state)
        for page in self._table.query_inbox(inbox, beyond=beyond, newest_first=not wants_open):
            read = (self._read(item) for item in self._table.get_many(page))
            found = {ticket.ticket_id: ticket for ticket in read if ticket and is_open(ticket) is wants_open}
            in_order = (found.get(keys.read_ticket_key(pk)) for pk, _ in page)
            yield from (ticket for ticket in in_order if ticket)

    def _read(self, item: Item) -> Ticket | None:
        return None if is_expired(item, self._clock()) else decode_body(Ticket, item["body"])

    def _write(self, ticket: Ticket) -> None:
        condition, values = expect_version(ticket.version)
        values |= {
            ":body": encode_body(ticket),
            ":version": {"N": str(ticket.version)},
            ":inbox": {"S": keys.inbox_key(ticket.store_id, "open" if is_open(ticket) else "solved")},
            ":place": {"S": name_place(ticket)},
        }
        sets = "SET body = :body, version = :version, inbox = :inbox, inbox_place = :place"
        if ticket.solved_at is not None:
            values[":expires_at"] = to_seconds(ticket.solved_at + KEEP_SOLVED)
            sets += ", expires_at = :expires_at"
        else:
            sets += " REMOVE expires_at"
        pk = keys.ticket_key(ticket.store_id, ticket.ticket_id)
        self._table.update(pk, keys.TICKET, sets, condition=condition, values=values)
