"""Everything between a webhook and a sender's queue, with time in the hand: evidence goes through the real engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from okaeri.domain.customers import Customer
from okaeri.domain.evidence import (
    CartSeen,
    ConsentSeen,
    Envelope,
    Evidence,
    MessageReceived,
    OrderSeen,
    ShipmentSeen,
    TimerDue,
)
from okaeri.domain.journeys import Definition
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, Cart, Order, Shipment, ShipmentStatus
from okaeri.domain.pace import Pace
from okaeri.domain.stores import Store
from okaeri.domain.values import make_id
from okaeri.ports import Interpreter
from okaeri.use_cases.advance_journeys import AdvanceJourneys
from simulator.clock import StandingClock
from simulator.customers import MemoryCustomers
from simulator.habits import LearnedTouchBook, MemoryTouchBook
from simulator.interests import MemoryInterests
from simulator.knowledge import DeafInterpreter, MemoryKnowledge, MemoryShelf
from simulator.messages import MemoryMessages
from simulator.purchases import MemoryCompanions
from simulator.queues import MemoryQueues, MemoryTimers
from simulator.records import MemoryRecords
from simulator.stores import MemoryDefinitions, MemoryStores


@dataclass(kw_only=True)
class World:
    """A shop, its shoppers and the engine. What it hands to the senders is kept in `queues.messages`."""

    clock: StandingClock
    store: Store
    definitions: dict[str, Definition]
    customers: MemoryCustomers = field(default_factory=MemoryCustomers)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    messages: MemoryMessages = field(default_factory=MemoryMessages)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    interests: MemoryInterests = field(default_factory=MemoryInterests)
    interpreter: Interpreter = field(default_factory=DeafInterpreter)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    timers: MemoryTimers = field(default_factory=MemoryTimers)
    pace: Pace = field(default_factory=Pace)
    learned: MemoryTouchBook | None = None  # what customers heed, where that is not learned here
    sequence: int = 0
    engine: type[AdvanceJourneys] = AdvanceJourneys

    def __post_init__(self) -> None:
        self.stores = MemoryStores(self.store)
        self.knowledge = MemoryKnowledge(self.stores)
        self.companions = MemoryCompanions(self.clock)
        self.touches = self.learned or LearnedTouchBook(
            self.stores, self.customers, self.records, self.messages, self.clock
        )
        self.advance = self.engine(
            stores=self.stores,
            definitions=MemoryDefinitions(self.definitions),
            customers=self.customers,
            records=self.records,
            messages=self.messages,
            shelf=self.shelf,
            interests=self.interests,
            companions=self.companions,
            touches=self.touches,
            interpreter=self.interpreter,
            knowledge=self.knowledge,
            queues=self.queues,
            timers=self.timers,
            clock=self.clock,
            pace=self.pace,
        )
        self._later: list[tuple[datetime, int, Envelope]] = []

    # -- the shop and its shoppers ---------------------------------------------------------------------------------

    def hear(self, evidence: Evidence, *, source: str = "shopify test", key: str | None = None) -> Envelope:
        """Evidence comes in and is worked through, with all that it puts on the queues for now."""
        self.sequence += 1
        envelope = Envelope(
            id=make_id(key or str(self.sequence)),
            store_id=self.store.store_id,
            source=source,
            received_at=self.clock(),
            evidence=evidence,
        )
        self.give(envelope)
        return envelope

    def give(self, envelope: Envelope, *, redelivered: bool = False) -> None:
        """Gives an envelope to the engine, then everything that follows at once."""
        self.advance(envelope, redelivered=redelivered)
        self._collect()
        self._run_due()

    def order(self, order: Order) -> Envelope:
        """The store tells of an order."""
        return self.hear(OrderSeen(order=order))

    def ship(self, order_id: str, status: ShipmentStatus, shipment_id: str = "f1", **details: Any) -> Envelope:
        """The store or carrier tells of a parcel."""
        shipment = Shipment(shipment_id=shipment_id, status=status, at=self.clock(), **details)
        return self.hear(ShipmentSeen(order_id=order_id, shipment=shipment))

    def fill_cart(self, cart: Cart) -> Envelope:
        """The store tells of a cart."""
        return self.hear(CartSeen(cart=cart))

    def write(self, text: str, phone: str | None = None, **details: Any) -> Envelope:
        """A shopper writes on WhatsApp."""
        self.sequence += 1
        said = {"provider_id": f"wamid.{self.sequence}", "type": "text"} | details
        received = MessageReceived(at=self.clock(), phone=phone, text=text, **said)
        return self.hear(received, source="whatsapp messages")

    def talk(self, text: str, phone: str | None = None, **details: Any) -> Envelope:
        """A shopper writes, and says no more for the moment: it is read."""
        envelope = self.write(text, phone, **details)
        self.wait(seconds=self.store.settings.burst_s)
        return envelope

    def consent(self, channel: Any, purpose: Any, *, given: bool = True, buyer: Buyer) -> Envelope:
        """The store tells of consent."""
        return self.hear(
            ConsentSeen(channel=channel, purpose=purpose, given=given, at=self.clock(), source="store", buyer=buyer)
        )

    # -- time ------------------------------------------------------------------------------------------------------

    def wait(self, **span: float) -> None:
        """Time passes; every timer fires in its turn, at its moment."""
        until = self.clock() + timedelta(**span)
        while (moment := self.find_next()) is not None and moment <= until:
            self.clock.now = max(self.clock.now, moment)
            self._run_due()
        self.clock.now = until

    def find_next(self) -> datetime | None:
        """When something is due next; None where nothing waits for a time."""
        moments = [at for at, _, _ in self._later] + [at for at, _, _ in self.timers.armed.values()]
        return min(moments, default=None)

    def lose_later(self) -> list[Envelope]:
        """What a queue delays is lost: what it was."""
        lost = [envelope for _, _, envelope in self._later]
        self._later.clear()
        return lost

    def _collect(self) -> None:
        for delay_s, envelope in self.queues.later:
            self.sequence += 1
            self._later.append((self.clock() + timedelta(seconds=delay_s), self.sequence, envelope))
        self.queues.later.clear()

    def _run_due(self) -> None:
        while True:
            due = sorted(item for item in self._later if item[0] <= self.clock())
            waiting = [envelope for _, envelope in self.queues.evidence]
            fired = self.timers.take_due(self.clock())
            if not (due or waiting or fired):
                return
            self._later = [item for item in self._later if item[0] > self.clock()]
            self.queues.evidence.clear()
            for envelope in [*(item[2] for item in due), *fired, *waiting]:
                self.advance(envelope)
                self._collect()

    # -- what came of it -------------------------------------------------------------------------------------------

    def told(self, channel: str | None = None) -> list[str]:
        """The templates said so far, in order, once for each message handed to a sender."""
        return [message.template for message in self.list_messages() if channel in (None, message.channel)]

    def list_messages(self) -> list[Message]:
        """Every message handed to a sender, in order."""
        return [
            self.messages.messages[sent.queued.store_id, sent.queued.customer_id, sent.queued.message_id]
            for sent in self.queues.messages
        ]

    def set_state(self, message: Message, state: MessageState) -> None:
        """A sender or provider moved a message."""
        key = (message.store_id, message.customer_id, message.message_id)
        self.messages.keep(key, state=state, state_at=self.clock())

    def customer(self) -> Customer:
        """The only living customer."""
        alive = [customer for customer in self.customers.customers.values() if customer.merged_into is None]
        assert len(alive) == 1, f"{len(alive)} customers"
        return alive[0]

    def why(self) -> list[str]:
        """Every finding so far, as `what verdict why`."""
        return [
            f"{finding.what} {finding.verdict} {finding.why}".strip()
            for record in self.records.decisions.values()
            for finding in record.findings
        ]

    def list_timers(self) -> list[TimerDue]:
        """The waits that are armed."""
        envelopes = [envelope for _, envelope, _ in self.timers.armed.values()]
        envelopes += [envelope for _, _, envelope in self._later]
        return [envelope.evidence for envelope in envelopes if isinstance(envelope.evidence, TimerDue)]
