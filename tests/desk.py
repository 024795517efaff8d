"""A shop's inbox over fakes: tickets, a customer who wrote, and two of the shop's people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from okaeri.adapters.file_types import recognise_file
from okaeri.adapters.inbox_words import ShippedInboxWords
from okaeri.adapters.recalled_words import RecalledWords
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import Evidence
from okaeri.domain.knowledge import QuickReply
from okaeri.domain.orders import Buyer, Order, Payment
from okaeri.domain.records import OrderRecord, Ticket
from okaeri.domain.staff import StaffMember, hash_token, join_token
from okaeri.domain.stores import Platform, Role, Store, StoreSettings
from okaeri.ports import Histories, Knowledge, Records, Staff, Stores, Templates
from okaeri.use_cases.admit_staff import AdmitStaff
from okaeri.use_cases.answer_customer import AnswerCustomer
from okaeri.use_cases.give_remedy import GiveRemedy
from okaeri.use_cases.handle_ticket import HandleTicket
from okaeri.use_cases.keep_staff_file import KeepStaffFile
from okaeri.use_cases.keep_tickets import KeepTickets
from okaeri.use_cases.read_inbox import ReadInbox
from okaeri.use_cases.serve_inbox import ServeInbox
from simulator.histories import MemoryHistories
from simulator.knowledge import MemoryKnowledge
from simulator.tickets import MemoryStaff, MemoryTickets
from tests.fakes import (
    START,
    FakeClock,
    FakeCustomers,
    FakeMessages,
    FakeQueues,
    FakeRecords,
    FakeStores,
    FakeTemplates,
)

ROLES = {
    "agent": Role(refund=Decimal(20), replacement=True),
    "lead": Role(refund=Decimal(200), credit=Decimal(100), replacement=True),
}
STORE = Store(
    store_id="s1", name="Kinari", platform=Platform.STANDARD, domain="k.example", site_url="https://k.example",
    currency="EUR", country="DE", locale="en", settings=StoreSettings(roles=ROLES),
)  # fmt: skip


def make_member(name: str, role: str) -> StaffMember:
    token = hash_token(join_token(name, "secret"))
    return StaffMember(store_id="s1", name=name, role=role, token_hash=token, added_at=START)


MIA, KEN = make_member("mia", "agent"), make_member("ken", "lead")
ORDER = Order(
    order_id="5001", name="#1001", created_at=START, updated_at=START, buyer=Buyer(), currency="EUR",
    total=Decimal(60), payment=Payment.PAID,
)  # fmt: skip


class FakeMedia:
    """Files in memory, and links to whatever is asked for."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        self.kept[key] = (content_type, body)

    def get(self, key: str) -> tuple[str, bytes]:
        raise AssertionError("the inbox reads no files")

    def make_link(self, key: str, *, seconds: int) -> str:
        return f"https://files.example/{key}?for={seconds}"


def make_inbox(
    keep: KeepTickets,
    stores: Stores,
    staff: Staff,
    records: Records,
    histories: Histories,
    knowledge: Knowledge,
    templates: Templates | None = None,
) -> ServeInbox:
    """The use cases on whatever stands behind the ports."""
    answer, media = AnswerCustomer(keep, knowledge), FakeMedia()
    return ServeInbox(
        stores=stores,
        staff=staff,
        admit=AdmitStaff(staff, keep.clock),
        read=ReadInbox(
            keep, records, histories, knowledge, media, RecalledWords(templates or FakeTemplates(), knowledge)
        ),
        answer=answer,
        handle=HandleTicket(keep, staff),
        remedy=GiveRemedy(keep, answer, records, ShippedInboxWords()),
        keep_file=KeepStaffFile(media, recognise_file),
    )


class Desk:
    """The use cases and what they stand on."""

    def __init__(self, store: Store = STORE) -> None:
        self.store, self.clock = store, FakeClock()
        self.records, self.customers, self.messages = FakeRecords(), FakeCustomers(), FakeMessages()
        self.queues, stores = FakeQueues(), FakeStores(store)
        self.tickets, self.staff = MemoryTickets(self.records), MemoryStaff(MIA, KEN)
        self.knowledge = MemoryKnowledge(stores)
        self.knowledge.put_reply("s1", QuickReply(name="on-its-way", locale="en", text="It is on its way."))
        histories = MemoryHistories(self.records, self.messages)
        keep = KeepTickets(self.tickets, self.customers, self.queues, self.clock)
        self.templates = FakeTemplates()
        self.inbox = make_inbox(keep, stores, self.staff, self.records, histories, self.knowledge, self.templates)
        self.records.put_order(OrderRecord(store_id="s1", order_id="5001", customer_id="c1", order=ORDER, version=1))

    def meet(self, customer_id: str = "c1", **fields: Any) -> Customer:
        """A customer who wrote on WhatsApp an hour ago."""
        known: dict[str, Any] = {
            "first_name": "Aya", "locale": "en", "phones": ("+819012345678",), "orders": ("5001",),
            "window_opened_at": START - timedelta(hours=1),
        }  # fmt: skip
        customer = Customer(store_id="s1", customer_id=customer_id, version=1, created_at=START, **known | fields)
        self.customers.save(customer, sweep_at=None)
        return customer

    def open(self, ticket_id: str = "t1", customer_id: str = "c1", **fields: Any) -> Ticket:
        """A ticket of that customer, opened now."""
        given: dict[str, Any] = {"queue": "help", "due": START + timedelta(hours=4), "order_id": "5001"}
        ticket = Ticket(store_id="s1", ticket_id=ticket_id, customer_id=customer_id, opened_at=START, **given | fields)
        self.tickets.create(ticket)
        return self.look(ticket_id)

    def look(self, ticket_id: str = "t1") -> Ticket:
        found = self.tickets.get("s1", ticket_id)
        assert found is not None
        return found

    def heard(self) -> list[Evidence]:
        """What the engine was told, in order."""
        return [envelope.evidence for _, envelope in self.queues.evidence]

    def list_notes(self, ticket_id: str = "t1") -> list[tuple[str, str, str]]:
        return [(note.kind, note.by, note.text) for note in self.tickets.list_notes("s1", ticket_id)]
