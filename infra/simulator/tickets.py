"""Tickets and the shop's people in memory, under the table's own conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from okaeri.domain.records import Ticket
from okaeri.domain.staff import StaffMember
from okaeri.domain.tickets import TicketNote, is_open, name_place
from okaeri.errors import Conflict
from simulator.records import MemoryRecords


class MemoryTickets:
    """Implements `ports.Tickets` over the records of a world."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records
        self.notes: dict[tuple[str, str, str], TicketNote] = {}

    def get(self, store_id: str, ticket_id: str) -> Ticket | None:
        return self._records.get_ticket(store_id, ticket_id)

    def create(self, ticket: Ticket) -> None:
        self._records.put_ticket(ticket)

    def save(self, ticket: Ticket) -> None:
        stored = self.get(ticket.store_id, ticket.ticket_id)
        if stored != ticket and (stored.version if stored else 0) != ticket.version - 1:
            raise Conflict("changed_meanwhile")
        self._records.tickets[ticket.store_id, ticket.ticket_id] = ticket

    def list_open(self, store_id: str, *, beyond: str = "") -> Iterator[Ticket]:
        found = (ticket for ticket in self._list(store_id) if is_open(ticket) and name_place(ticket) > beyond)
        return iter(sorted(found, key=name_place))

    def list_solved(self, store_id: str, *, beyond: str = "") -> Iterator[Ticket]:
        solved = (ticket for ticket in self._list(store_id) if not is_open(ticket))
        found = (ticket for ticket in solved if not beyond or name_place(ticket) < beyond)
        return iter(sorted(found, key=name_place, reverse=True))

    def put_note(self, note: TicketNote) -> None:
        self.notes[note.store_id, note.ticket_id, note.note_id] = note

    def list_notes(self, store_id: str, ticket_id: str) -> Sequence[TicketNote]:
        found = (note for key, note in self.notes.items() if key[:2] == (store_id, ticket_id))
        return sorted(found, key=lambda note: (note.at, note.note_id))

    def _list(self, store_id: str) -> Iterator[Ticket]:
        return (ticket for key, ticket in self._records.tickets.items() if key[0] == store_id)


class MemoryStaff:
    """Implements `ports.Staff`."""

    def __init__(self, *members: StaffMember) -> None:
        self._members = {(member.store_id, member.name): member for member in members}

    def find(self, store_id: str, name: str) -> StaffMember | None:
        return self._members.get((store_id, name))

    def put(self, member: StaffMember) -> None:
        self._members[member.store_id, member.name] = member

    def remove(self, store_id: str, name: str) -> bool:
        return self._members.pop((store_id, name), None) is not None

    def list_all(self, store_id: str) -> Sequence[StaffMember]:
        return [self._members[key] for key in sorted(self._members) if key[0] == store_id]
