"""A shop and its shoppers on a fake clock: plays evidence through the real use case, and days pass at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from okaeri.catalogue.compile_journeys import compile_journeys, hash_definition
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
from okaeri.domain.journeys import Definition, SendStep
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.orders import Buyer, Cart, OptIn, Order, OrderLine, Payment, Shipment, ShipmentStatus
from okaeri.domain.pace import Pace
from okaeri.domain.stores import Platform, PublishedJourney, PublishedTemplate, Store, StoreSettings
from okaeri.domain.values import make_id
from okaeri.use_cases.advance_journeys import AdvanceJourneys
from tests.fakes import (
    FakeClock,
    FakeCustomers,
    FakeDefinitions,
    FakeMessages,
    FakeQueues,
    FakeRecords,
    FakeStores,
    FakeTimers,
)

MONDAY = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)  # noon in Tokyo
AIKO = Buyer(
    store_customer_id="7001",
    email="aiko@example.jp",
    phone="+819012345678",
    first_name="愛子",
    last_name="佐藤",
    locale="ja-JP",
    country="JP",
)
ORDER_OPT_IN = OptIn(channel="whatsapp", purpose="order", source="checkout phone field", wording="…")
BOTH_OPT_INS = (
    OptIn(channel="whatsapp", purpose="order", source="whatsapp_opt_in", explicit=True),
    OptIn(channel="whatsapp", purpose="marketing", source="whatsapp_opt_in", explicit=True),
)


@cache
def load_catalogue() -> dict[str, Definition]:
    """The shipped journeys by content hash."""
    return {hash_definition(definition): definition for definition in compile_journeys()}


def make_store(definitions: dict[str, Definition], **changes: Any) -> Store:
    """A Japanese shop with every shipped journey switched on and all their templates in English and Japanese."""
    triggers: dict[str, tuple[PublishedJourney, ...]] = {}
    names = {"stop_confirmed", "start_confirmed", "marketing_stopped"}
    for key, definition in definitions.items():
        published = PublishedJourney(journey=definition.journey, definition=key)
        for event in definition.events:
            triggers[event] = (*triggers.get(event, ()), published)
        names |= {step.template for step in definition.steps if isinstance(step, SendStep)}
    values: dict[str, Any] = {
        "store_id": "kinari",
        "name": "Kinari",
        "platform": Platform.SHOPIFY,
        "domain": "kinari.myshopify.com",
        "site_url": "https://kinari.example",
        "locale": "ja",
        "country": "JP",
        "time_zone": "Asia/Tokyo",
        "currency": "JPY",
        "from_email": "hello@kinari.example",
        "phone_number_id": "1001",
        "waba_id": "2001",
        "triggers": triggers,
        "templates": {name: PublishedTemplate(whatsapp=("en", "ja"), email=("en", "ja")) for name in names},
    }
    return Store(**values | changes)


@dataclass
class World:
    """Everything between a webhook and a sender's queue, with time in the hand."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(MONDAY))
    customers: FakeCustomers = field(default_factory=FakeCustomers)
    records: FakeRecords = field(default_factory=FakeRecords)
    messages: FakeMessages = field(default_factory=FakeMessages)
    queues: FakeQueues = field(default_factory=FakeQueues)
    timers: FakeTimers = field(default_factory=FakeTimers)
    pace: Pace = field(default_factory=Pace)
    store: Store = field(default_factory=lambda: make_store(load_catalogue()))
    definitions: dict[str, Definition] = field(default_factory=load_catalogue)
    sequence: int = 0

    def __post_init__(self) -> None:
        self.stores = FakeStores(self.store)
        self.advance = AdvanceJourneys(
            stores=self.stores,
            definitions=FakeDefinitions(self.definitions),
            customers=self.customers,
            records=self.records,
            messages=self.messages,
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

    def write(self, text: str, phone: str | None = AIKO.phone, **details: Any) -> Envelope:
        """A shopper writes on WhatsApp."""
        self.sequence += 1
        received = MessageReceived(
            provider_id=f"wamid.{self.sequence}", at=self.clock(), type="text", phone=phone, text=text, **details
        )
        return self.hear(received, source="whatsapp messages")

    def consent(self, channel: Any, purpose: Any, *, given: bool = True, buyer: Buyer = AIKO) -> Envelope:
        """The store tells of consent."""
        return self.hear(
            ConsentSeen(channel=channel, purpose=purpose, given=given, at=self.clock(), source="store", buyer=buyer)
        )

    # -- time ------------------------------------------------------------------------------------------------------

    def wait(self, **span: float) -> None:
        """Time passes; every timer fires in its turn, at its moment."""
        until = self.clock() + timedelta(**span)
        while (moment := self._find_next()) is not None and moment <= until:
            self.clock.now = max(self.clock.now, moment)
            self._run_due()
        self.clock.now = until

    def _find_next(self) -> datetime | None:
        moments = [at for at, _, _ in self._later] + [at for at, _, _ in self.timers.armed.values()]
        return min(moments, default=None)

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
        moved = self.messages.messages[key].model_copy(update={"state": state, "state_at": self.clock()})
        self.messages.messages[key] = moved

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


def make_order(order_id: str = "5001", **changes: Any) -> Order:
    """A paid order of two linen aprons by Aiko, whose phone field carries the shop's WhatsApp wording."""
    values: dict[str, Any] = {
        "order_id": order_id,
        "name": f"#{order_id}",
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "buyer": AIKO,
        "currency": "JPY",
        "lines": (OrderLine(line_id="1", product_id="p1", title='Linen "Apron" <M>', quantity=2, price=Decimal(4800)),),
        "total": Decimal(9600),
        "payment": Payment.PAID,
        "payment_method": "Visa",
        "opt_ins": (ORDER_OPT_IN,),
    }
    return Order(**values | changes)


def make_cart(token: str = "chk1", **changes: Any) -> Cart:
    """A cart with one apron, left by Aiko, who agreed to marketing on WhatsApp."""
    values: dict[str, Any] = {
        "token": token,
        "buyer": AIKO,
        "lines": (OrderLine(line_id="1", variant_id="v1", title="Linen Apron", quantity=1, price=Decimal(4800)),),
        "currency": "JPY",
        "url": "https://kinari.example/checkouts/chk1",
        "updated_at": MONDAY,
        "opt_ins": BOTH_OPT_INS,
    }
    return Cart(**values | changes)


def make_settings(**changes: Any) -> StoreSettings:
    """The shop's settings."""
    return StoreSettings(**changes)
