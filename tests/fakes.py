"""Dict-backed fakes of every port, under the same conditions (held to it by functional/test_contract.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from okaeri.domain.customers import Customer, Identity, IdentityRecord
from okaeri.domain.evidence import Envelope, PrivacyRequested
from okaeri.domain.journeys import Definition
from okaeri.domain.messages import Message, MessageState, QueuedMessage, may_move
from okaeri.domain.records import (
    CartRecord,
    ConsentEntry,
    DecisionRecord,
    DueItem,
    FinishedRun,
    OrderRecord,
    ProductRecord,
    TimelineEntry,
)
from okaeri.domain.stores import Store
from okaeri.domain.templates import Template, TemplateState
from okaeri.domain.values import Channel, Lane
from okaeri.errors import Conflict, GiveUp, TryAgain

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SOON_LIMIT_S = 900


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """Moves on by a timedelta's keywords: `advance(hours=1)`."""
        self.now += timedelta(**span)
        return self.now


class FakeStores:
    """Stores by id."""

    def __init__(self, *stores: Store) -> None:
        self.stores = {store.store_id: store for store in stores}
        self.forgotten: list[str] = []

    def get(self, store_id: str) -> Store | None:
        return self.stores.get(store_id)

    def list_ids(self) -> Sequence[str]:
        return tuple(self.stores)

    def find_by_phone_number(self, phone_number_id: str) -> Store | None:
        return next((store for store in self.stores.values() if store.phone_number_id == phone_number_id), None)

    def forget(self, store_id: str) -> None:
        self.forgotten.append(store_id)


class FakeDefinitions:
    """Compiled journeys by hash."""

    def __init__(self, definitions: dict[str, Definition] | None = None) -> None:
        self.definitions = dict(definitions or {})

    def get(self, definition: str) -> Definition:
        if definition not in self.definitions:
            raise TryAgain("definition_missing")
        return self.definitions[definition]


class FakeTemplates:
    """Published templates, and what Meta says of them, by (store, name, locale)."""

    def __init__(self) -> None:
        self.templates: dict[tuple[str, str, str], Template] = {}
        self.states: dict[tuple[str, str, str], TemplateState] = {}

    def get(self, store_id: str, name: str, locale: str) -> Template | None:
        return self.templates.get((store_id, name, locale))

    def get_state(self, store_id: str, name: str, locale: str) -> TemplateState | None:
        return self.states.get((store_id, name, locale))

    def put_state(self, store_id: str, name: str, locale: str, state: TemplateState) -> None:
        self.states[store_id, name, locale] = state


class FakeCustomers:
    """Aggregates with their versions and wake-ups, and the identifiers that name them."""

    MOST_HOPS = 3

    def __init__(self) -> None:
        self.customers: dict[tuple[str, str], Customer] = {}
        self.sweeps: dict[tuple[str, str], datetime | None] = {}
        self.identities: dict[tuple[str, Identity], IdentityRecord] = {}

    def load(self, store_id: str, customer_id: str) -> Customer | None:
        for _ in range(self.MOST_HOPS + 1):
            customer = self.customers.get((store_id, customer_id))
            if customer is None or customer.merged_into is None:
                return customer
            customer_id = customer.merged_into
        raise GiveUp("merged_too_often")

    def save(self, customer: Customer, *, sweep_at: datetime | None) -> None:
        self._check(customer)
        self._put(customer, sweep_at)

    def merge(self, survivor: Customer, lost: Customer, *, sweep_at: datetime | None) -> None:
        self._check(survivor)
        self._check(lost)
        self._put(survivor, sweep_at)
        self._put(lost, None)

    def _check(self, customer: Customer) -> None:
        stored = self.customers.get((customer.store_id, customer.customer_id))
        if (stored.version if stored else 0) != customer.version - 1:
            raise Conflict("changed_meanwhile")

    def _put(self, customer: Customer, sweep_at: datetime | None) -> None:
        self.customers[customer.store_id, customer.customer_id] = customer
        self.sweeps[customer.store_id, customer.customer_id] = sweep_at

    def find(self, store_id: str, identities: Sequence[Identity]) -> dict[Identity, IdentityRecord]:
        return {
            identity: self.identities[store_id, identity]
            for identity in identities
            if (store_id, identity) in self.identities
        }

    def claim(self, store_id: str, identity: Identity, customer_id: str) -> IdentityRecord:
        new = IdentityRecord(identity=identity, customer_id=customer_id)
        return self.identities.setdefault((store_id, identity), new)

    def add_bearer(self, store_id: str, identity: Identity, customer_id: str) -> None:
        record = self.identities.get((store_id, identity))
        if record is not None and record.customer_id != customer_id:
            others = tuple(sorted({*record.others, customer_id}))
            self.identities[store_id, identity] = record.model_copy(update={"others": others})

    def move_identity(self, store_id: str, identity: Identity, customer_id: str) -> None:
        record = self.claim(store_id, identity, customer_id)
        others = tuple(other for other in record.others if other != customer_id)
        moved = record.model_copy(update={"customer_id": customer_id, "others": others})
        self.identities[store_id, identity] = moved

    def mark_shared(self, store_id: str, identities: Iterable[Identity]) -> None:
        for identity in identities:
            record = self.identities.get((store_id, identity))
            if record is not None:
                self.identities[store_id, identity] = record.model_copy(update={"shared": True})


class FakeRecords:
    """Orders, carts, products and what is kept with a customer, each in a dict or list of its own."""

    def __init__(self) -> None:
        self.orders: dict[tuple[str, str], OrderRecord] = {}
        self.parked: dict[tuple[str, str], dict[str, Envelope]] = {}
        self.carts: dict[tuple[str, str], CartRecord] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.products: dict[tuple[str, str], ProductRecord] = {}
        self.decisions: dict[tuple[str, str, str], DecisionRecord] = {}
        self.consents: dict[tuple[str, str], ConsentEntry] = {}
        self.finished_runs: dict[tuple[str, str], FinishedRun] = {}
        self.timeline: dict[tuple[str, str], TimelineEntry] = {}
        self.privacy_tasks: dict[tuple[str, str], PrivacyRequested] = {}
        self.paused: dict[str, str] = {}
        self.webhooks: dict[tuple[str, str], datetime] = {}

    def get_order(self, store_id: str, order_id: str) -> OrderRecord | None:
        record = self.orders.get((store_id, order_id))
        parked = self.parked.get((store_id, order_id), {})
        if record is None and not parked:
            return None
        record = record or OrderRecord(store_id=store_id, order_id=order_id)
        in_order = sorted(parked.values(), key=lambda envelope: (envelope.received_at, envelope.id))
        return record.model_copy(update={"parked": tuple(in_order)})

    def put_order(self, record: OrderRecord) -> None:
        _check_version(self.orders.get((record.store_id, record.order_id)), record)
        self.orders[record.store_id, record.order_id] = record.model_copy(update={"parked": ()})

    def park_evidence(self, envelope: Envelope, order_id: str) -> None:
        self.parked.setdefault((envelope.store_id, order_id), {})[envelope.id] = envelope

    def unpark_evidence(self, store_id: str, order_id: str, envelope_ids: Iterable[str]) -> None:
        for envelope_id in envelope_ids:
            self.parked.get((store_id, order_id), {}).pop(envelope_id, None)

    def get_cart(self, store_id: str, token: str) -> CartRecord | None:
        if (store_id, token) in self.carts:
            return self.carts[store_id, token]
        return self.carts.get((store_id, self.aliases.get((store_id, token), "")))

    def put_cart(self, record: CartRecord) -> None:
        _check_version(self.carts.get((record.store_id, record.token)), record)
        self.carts[record.store_id, record.token] = record
        alias = record.cart.cart_token if record.cart else None
        if alias and alias != record.token:
            self.aliases[record.store_id, alias] = record.token

    def get_product(self, store_id: str, product_id: str) -> ProductRecord | None:
        return self.products.get((store_id, product_id))

    def get_products(self, store_id: str, product_ids: Sequence[str]) -> dict[str, ProductRecord]:
        found = {product_id: self.products.get((store_id, product_id)) for product_id in product_ids}
        return {product_id: record for product_id, record in found.items() if record}

    def put_product(self, record: ProductRecord) -> None:
        _check_version(self.products.get((record.store_id, record.product.product_id)), record)
        self.products[record.store_id, record.product.product_id] = record

    def has_decision(self, store_id: str, customer_id: str, event_id: str) -> bool:
        return (store_id, customer_id, event_id) in self.decisions

    def put_decision(self, record: DecisionRecord) -> None:
        self.decisions[record.store_id, record.customer_id, record.event_id] = record

    def put_consent_entry(self, entry: ConsentEntry) -> None:
        self.consents[entry.customer_id, entry.entry_id] = entry

    def put_finished_run(self, run: FinishedRun) -> None:
        self.finished_runs[run.customer_id, run.run_id] = run

    def put_timeline_entry(self, entry: TimelineEntry) -> None:
        self.timeline[entry.customer_id, entry.entry_id] = entry

    def put_privacy_task(self, store_id: str, task_id: str, request: PrivacyRequested) -> None:
        self.privacy_tasks[store_id, task_id] = request

    def pause_store(self, store_id: str, reason: str) -> None:
        self.paused[store_id] = reason

    def note_webhook(self, store_id: str, source: str, at: datetime) -> None:
        noted = self.webhooks.get((store_id, source))
        if noted is None or at - noted >= timedelta(hours=1):
            self.webhooks[store_id, source] = at


def _check_version(
    stored: OrderRecord | CartRecord | ProductRecord | None, new: OrderRecord | CartRecord | ProductRecord
) -> None:
    if (stored.version if stored else 0) != new.version - 1:
        raise Conflict("changed_meanwhile")


class FakeMessages:
    """Message items; `moves` remembers each move as (message id, state, reason)."""

    def __init__(self) -> None:
        self.messages: dict[tuple[str, str, str], Message] = {}
        self.sweeps: dict[tuple[str, str, str], datetime] = {}
        self.moves: list[tuple[str, MessageState, str]] = []

    def create(self, message: Message) -> MessageState:
        key = (message.store_id, message.customer_id, message.message_id)
        return self.messages.setdefault(key, message).state

    def get(self, store_id: str, customer_id: str, message_id: str) -> Message | None:
        return self.messages.get((store_id, customer_id, message_id))

    def move(
        self,
        message: Message,
        to: MessageState,
        *,
        expected: Sequence[MessageState],
        at: datetime,
        reason: str = "",
        attempt: int | None = None,
        provider_id: str | None = None,
        address: str | None = None,
        parked_until: datetime | None = None,
        repeated: bool | None = None,
    ) -> Message | None:
        stored = self.get(message.store_id, message.customer_id, message.message_id)
        if stored is None or stored.state not in expected or stored.attempt != message.attempt:
            return None
        given = {"attempt": attempt, "provider_id": provider_id, "address": address, "repeated": repeated}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        changes["parked_until"] = parked_until if to is MessageState.PARKED else None
        return self._write(stored, to, at, reason, changes)

    def report(
        self,
        store_id: str,
        customer_id: str,
        message_id: str,
        to: MessageState,
        *,
        at: datetime,
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> Message | None:
        stored = self.get(store_id, customer_id, message_id)
        if stored is None or not may_move(stored.state, to):
            return None
        return self._write(stored, to, at, reason, {"parked_until": None})

    def _write(self, stored: Message, to: MessageState, at: datetime, reason: str, changes: dict[str, Any]) -> Message:
        moved = stored.model_copy(update={**changes, "state": to, "state_at": at, "reason": reason})
        key = (stored.store_id, stored.customer_id, stored.message_id)
        self.messages[key] = moved
        self.sweeps.pop(key, None)
        if moved.parked_until:
            self.sweeps[key] = moved.parked_until
        self.moves.append((stored.message_id, to, reason))
        return moved


class FakeDueIndex:
    """The due index as the customers' and messages' fakes would have it."""

    def __init__(self, customers: FakeCustomers, messages: FakeMessages) -> None:
        self._customers, self._messages = customers, messages

    def list_due(self, until: datetime) -> Iterator[DueItem]:
        yield from sorted((item for item in self._list() if item.sweep_at <= until), key=lambda item: item.sweep_at)

    def _list(self) -> Iterator[DueItem]:
        for (store_id, customer_id), sweep_at in list(self._customers.sweeps.items()):
            if sweep_at:
                yield DueItem(store_id=store_id, customer_id=customer_id, sweep_at=sweep_at)
        for (store_id, customer_id, message_id), parked_until in list(self._messages.sweeps.items()):
            yield DueItem(store_id=store_id, customer_id=customer_id, message_id=message_id, sweep_at=parked_until)

    def postpone(self, item: DueItem, until: datetime) -> bool:
        if item not in self._list():
            return False
        if item.message_id is None:
            self._customers.sweeps[item.store_id, item.customer_id] = until
        else:
            self._messages.sweeps[item.store_id, item.customer_id, item.message_id] = until
        return True


@dataclass
class SentMessage:
    """What a sender's queue was given."""

    queued: QueuedMessage
    channel: Channel
    lane: Lane
    delay_s: float


@dataclass
class FakeQueues:
    """Remembers what was sent where. `failing` makes every send raise TryAgain."""

    evidence: list[tuple[Lane, Envelope]] = field(default_factory=list)
    later: list[tuple[float, Envelope]] = field(default_factory=list)
    messages: list[SentMessage] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    quarantined: list[tuple[str, str, bytes, str, str]] = field(default_factory=list)
    failing: bool = False

    def send_evidence(self, envelopes: Sequence[Envelope], *, lane: Lane = Lane.TRANSACTIONAL) -> None:
        self._check()
        self.evidence += [(lane, envelope) for envelope in envelopes]

    def send_later(self, envelope: Envelope, *, delay_s: float) -> None:
        self._check()
        self.later.append((min(max(delay_s, 0.0), SOON_LIMIT_S), envelope))

    def send_message(self, queued: QueuedMessage, *, channel: Channel, lane: Lane, delay_s: float = 0) -> None:
        self._check()
        self.messages.append(SentMessage(queued, channel, lane, min(max(delay_s, 0.0), SOON_LIMIT_S)))

    def send_statuses(self, bodies: Sequence[str]) -> None:
        self._check()
        self.statuses += bodies

    def quarantine(self, store_id: str, source: str, body: bytes, *, path: str, reason: str) -> None:
        self._check()
        self.quarantined.append((store_id, source, body, path, reason))

    def _check(self) -> None:
        if self.failing:
            raise TryAgain("queue_unreachable")


@dataclass
class FakeTimers:
    """Schedules by name."""

    armed: dict[str, tuple[datetime, Envelope, Lane]] = field(default_factory=dict)

    def arm(self, name: str, at: datetime, envelope: Envelope, *, lane: Lane) -> None:
        self.armed.setdefault(name, (at, envelope, lane))

    def disarm(self, name: str) -> None:
        self.armed.pop(name, None)

    def take_due(self, now: datetime) -> list[Envelope]:
        """Fires and forgets what is due at `now`, earliest first."""
        due = sorted((at, name) for name, (at, _, _) in self.armed.items() if at <= now)
        return [self.armed.pop(name)[1] for _, name in due]


@dataclass
class FakeSecrets:
    """Secrets by their name within the stack."""

    secrets: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, name: str) -> dict[str, str]:
        if name not in self.secrets:
            raise GiveUp("secret_missing")
        return self.secrets[name]
