"""One contract for tickets and the shop's people: what unit tests believe of the fakes holds for the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from okaeri import ports, wiring
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.histories import DynamoHistories
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.staff import DynamoStaff
from okaeri.adapters.tickets import DynamoTickets
from okaeri.domain.records import MediaRecord, Ticket, TimelineEntry
from okaeri.domain.tickets import KEEP_SOLVED, TicketNote, apply_changes, name_place
from okaeri.domain.values import format_time
from okaeri.errors import Conflict
from simulator.histories import MemoryHistories
from simulator.tickets import MemoryStaff, MemoryTickets
from tests.desk import KEN, MIA
from tests.fakes import START, FakeClock, FakeMessages, FakeRecords
from tests.functional.aws_from_template import MadeStack

HOUR = timedelta(hours=1)


@dataclass
class Kept:
    """The ports, all fake or all real."""

    tickets: ports.Tickets
    records: ports.Records
    staff: ports.Staff
    histories: ports.Histories
    clock: FakeClock


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Kept:
    clock = FakeClock()
    if request.param == "fake":
        records = FakeRecords()
        histories = MemoryHistories(records, FakeMessages())
        return Kept(MemoryTickets(records), records, MemoryStaff(), histories, clock)
    stack: MadeStack = request.getfixturevalue("made_stack")
    client, table = wiring.connect_dynamodb(), stack.table_name
    return Kept(
        DynamoTickets(client, table, clock),
        DynamoRecords(client, table, clock),
        DynamoStaff(client, table),
        DynamoHistories(client, table, clock),
        clock,
    )


def make_ticket(ticket_id: str = "t1", store_id: str = "s1", **fields: Any) -> Ticket:
    given: dict[str, Any] = {"due": START + 4 * HOUR, "data": {"reason": "broken"}}
    return Ticket(
        store_id=store_id, ticket_id=ticket_id, customer_id="c1", queue="help", opened_at=START, **given | fields
    )


def look(kept: Kept, ticket_id: str = "t1") -> Ticket:
    found = kept.tickets.get("s1", ticket_id)
    assert found is not None
    return found


def solve(kept: Kept, ticket_id: str, at: datetime) -> None:
    kept.tickets.save(apply_changes(look(kept, ticket_id), {"solved_at": at, "state": "solved"}))


def test_a_ticket_is_read_as_it_was_opened_and_the_first_opening_counts(kept: Kept) -> None:
    kept.records.put_ticket(make_ticket(subject="Broken cup"))
    kept.records.put_ticket(make_ticket(subject="Another"))
    assert look(kept) == make_ticket(subject="Broken cup", version=1)
    assert kept.records.get_ticket("s1", "t1") == look(kept)
    assert kept.tickets.get("s1", "t2") is None and kept.tickets.get("s2", "t1") is None


def test_who_writes_over_a_colleague_is_refused(kept: Kept) -> None:
    kept.tickets.create(make_ticket())
    mine, theirs = apply_changes(look(kept), {"assignee": "mia"}), apply_changes(look(kept), {"assignee": "ken"})
    kept.tickets.save(mine)
    with pytest.raises(Conflict):
        kept.tickets.save(theirs)
    kept.tickets.save(mine)  # the same write again, whose answer was lost
    assert look(kept).assignee == "mia"


def test_the_engine_changes_fields_and_leaves_the_others_as_people_left_them(kept: Kept) -> None:
    kept.tickets.create(make_ticket())
    kept.tickets.save(apply_changes(look(kept), {"assignee": "mia", "priority": "high"}))
    kept.records.change_ticket("s1", "t1", {"state": "waiting", "last_heard_at": format_time(START + HOUR)})
    kept.records.change_ticket("s1", "t1", {"last_heard_at": format_time(START), "priority": None})
    ticket = look(kept)
    assert (ticket.assignee, ticket.priority, ticket.last_heard_at) == ("mia", "normal", START + HOUR)
    kept.records.change_ticket("s1", "gone", {"state": "waiting"})
    assert kept.tickets.get("s1", "gone") is None


def test_open_tickets_come_by_urgency_and_deadline_and_solved_ones_the_latest_first(kept: Kept) -> None:
    for number, minutes in enumerate((30, 10, 20, 50, 40)):
        kept.tickets.create(make_ticket(f"t{number}", due=START + timedelta(minutes=minutes)))
    kept.tickets.create(make_ticket("other", store_id="s2"))
    solve(kept, "t3", START + HOUR)
    solve(kept, "t4", START + 2 * HOUR)
    kept.records.change_ticket("s1", "t0", {"escalated_at": format_time(START)})
    assert [ticket.ticket_id for ticket in kept.tickets.list_open("s1")] == ["t0", "t1", "t2"]
    assert [ticket.ticket_id for ticket in kept.tickets.list_solved("s1")] == ["t4", "t3"]


def test_a_list_goes_on_behind_a_place(kept: Kept) -> None:
    for number in range(4):
        kept.tickets.create(make_ticket(f"t{number}", due=START + number * HOUR))
    place = name_place(look(kept, "t1"))
    assert [ticket.ticket_id for ticket in kept.tickets.list_open("s1", beyond=place)] == ["t2", "t3"]
    for number in range(3):
        solve(kept, f"t{number}", START + number * HOUR)
    place = name_place(look(kept, "t1"))
    assert [ticket.ticket_id for ticket in kept.tickets.list_solved("s1", beyond=place)] == ["t0"]


def test_a_reopened_ticket_is_open_again(kept: Kept) -> None:
    kept.tickets.create(make_ticket())
    solve(kept, "t1", START)
    kept.tickets.save(apply_changes(look(kept), {"solved_at": None, "state": "person"}))
    assert [ticket.ticket_id for ticket in kept.tickets.list_open("s1")] == ["t1"]
    assert list(kept.tickets.list_solved("s1")) == []


def test_notes_stand_beside_their_ticket_in_the_order_of_time(kept: Kept) -> None:
    def write(ticket_id: str, note_id: str, minutes: int) -> None:
        at = START + timedelta(minutes=minutes)
        kept.tickets.put_note(TicketNote(store_id="s1", ticket_id=ticket_id, note_id=note_id, by="mia", at=at))

    for ticket_id, note_id, minutes in (("t1", "b", 5), ("t1", "a", 9), ("t2", "c", 1), ("t1", "b", 5)):
        write(ticket_id, note_id, minutes)
    assert [note.note_id for note in kept.tickets.list_notes("s1", "t1")] == ["b", "a"]


def test_people_come_and_go(kept: Kept) -> None:
    kept.staff.put(MIA)
    kept.staff.put(KEN)
    kept.staff.put(MIA.model_copy(update={"role": "lead"}))
    assert [(member.name, member.role) for member in kept.staff.list_all("s1")] == [("ken", "lead"), ("mia", "lead")]
    assert kept.staff.remove("s1", "ken") and not kept.staff.remove("s1", "ken")
    assert kept.staff.find("s1", "ken") is None and kept.staff.find("s2", "mia") is None


def test_of_a_long_talk_the_latest_is_read(kept: Kept) -> None:
    for number in range(5):
        at = START + timedelta(minutes=number)
        entry = TimelineEntry(
            store_id="s1", customer_id="c1", entry_id=f"n{number}", at=at, kind="whatsapp.received", text=str(number)
        )
        kept.records.put_timeline_entry(entry)
    record = MediaRecord(store_id="s1", customer_id="c1", media_id="m1", received_at=START)
    kept.records.put_media(record.model_copy(update={"may_publish": True}))
    kept.records.put_media(record)
    talk = kept.histories.read_talk("s1", "c1", most=3)
    assert [entry.text for entry in talk.timeline] == ["4", "3", "2"] and talk.is_cut
    assert [media.may_publish for media in talk.media] == [True]


# ── What the table alone shows ──


def test_a_list_reads_pages_and_no_more_than_is_asked_for(made_stack: MadeStack, monkeypatch: Any) -> None:
    tickets = DynamoTickets(wiring.connect_dynamodb(), made_stack.table_name, FakeClock())
    for number in range(120):
        tickets.create(make_ticket(f"t{number:03}", due=START + timedelta(minutes=number)))
    batches: list[int] = []
    get_many = Table.get_many

    def count(table: Table, keys: list[tuple[str, str]]) -> Any:
        batches.append(len(keys))
        return get_many(table, keys)

    monkeypatch.setattr(Table, "get_many", count)
    listed = tickets.list_open("s1")
    assert [next(listed).ticket_id for _ in range(3)] == ["t000", "t001", "t002"]
    assert batches == [100]
    assert len(list(listed)) == 117 and batches == [100, 20]


def test_a_solved_ticket_is_forgotten_after_400_days_unless_it_is_reopened(made_stack: MadeStack) -> None:
    clock = FakeClock()
    client = wiring.connect_dynamodb()
    tickets, table = DynamoTickets(client, made_stack.table_name, clock), Table(client, made_stack.table_name)
    kept = Kept(tickets, FakeRecords(), MemoryStaff(), MemoryHistories(FakeRecords(), FakeMessages()), clock)
    tickets.create(make_ticket())
    solve(kept, "t1", START)
    item = table.get("s1#T#t1", "T")
    assert item is not None and int(item["expires_at"]["N"]) == (START + KEEP_SOLVED).timestamp()
    clock.advance(days=401)
    assert tickets.get("s1", "t1") is None and list(tickets.list_solved("s1")) == []
    clock.advance(days=-100)
    tickets.save(apply_changes(look(kept), {"solved_at": None}))
    item = table.get("s1#T#t1", "T")
    assert item is not None and "expires_at" not in item
