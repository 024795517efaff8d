"""Orders, carts, products and decisions in memory, under the table's own conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from okaeri.domain.broadcasts import Broadcast
from okaeri.domain.evidence import Envelope, PrivacyRequested
from okaeri.domain.order_events import fold_code
from okaeri.domain.orders import fold_order_name
from okaeri.domain.records import (
    CartRecord,
    ConsentEntry,
    DecisionRecord,
    FinishedRun,
    GoalReached,
    MediaRecord,
    OrderRecord,
    PointsEntry,
    ProductRecord,
    Response,
    Ticket,
    TimelineEntry,
)
from okaeri.domain.tickets import apply_changes
from okaeri.domain.tracking import Tracked, TrackedParcel
from okaeri.errors import Conflict
from simulator.broadcasts import MemoryBroadcasts


class MemoryRecords:
    """Orders, carts, products and what is kept with a customer, each in a dict or list of its own."""

    def __init__(self) -> None:
        self.orders: dict[tuple[str, str], OrderRecord] = {}
        self.parked: dict[tuple[str, str], dict[str, Envelope]] = {}
        self.tracked: dict[tuple[str, str], dict[TrackedParcel, None]] = {}
        self.carts: dict[tuple[str, str], CartRecord] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.products: dict[tuple[str, str], ProductRecord] = {}
        self.decisions: dict[tuple[str, str, str], DecisionRecord] = {}
        self.consents: dict[tuple[str, str], ConsentEntry] = {}
        self.finished_runs: dict[tuple[str, str], FinishedRun] = {}
        self.timeline: dict[tuple[str, str], TimelineEntry] = {}
        self.tickets: dict[tuple[str, str], Ticket] = {}
        self.goals: dict[tuple[str, str], GoalReached] = {}
        self.responses: dict[tuple[str, str], Response] = {}
        self.points: dict[tuple[str, str], PointsEntry] = {}
        self.coupon_owners: dict[tuple[str, str], str] = {}
        self.media: dict[tuple[str, str, str], MediaRecord] = {}
        self.privacy_tasks: dict[tuple[str, str], PrivacyRequested] = {}
        self.paused: dict[str, str] = {}
        self.webhooks: dict[tuple[str, str], datetime] = {}
        self.broadcasts = MemoryBroadcasts()
        self.heard: Callable[[OrderRecord | DecisionRecord], None] = lambda record: None  # of what is written

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
        self.heard(record)

    def park_evidence(self, envelope: Envelope, order_id: str) -> None:
        self.parked.setdefault((envelope.store_id, order_id), {})[envelope.id] = envelope

    def unpark_evidence(self, store_id: str, order_id: str, envelope_ids: Iterable[str]) -> None:
        for envelope_id in envelope_ids:
            self.parked.get((store_id, order_id), {}).pop(envelope_id, None)

    def find_tracked(self, store_id: str, number: str) -> Tracked:
        parked = self.parked.get((store_id, f"tracking:{number}"), {}).values()
        in_order = sorted(parked, key=lambda envelope: (envelope.received_at, envelope.id))
        return Tracked(tuple(self.tracked.get((store_id, number), ())), tuple(in_order))

    def track_parcel(self, store_id: str, parcel: TrackedParcel) -> None:
        self.tracked.setdefault((store_id, parcel.number), {})[parcel] = None

    def park_tracking(self, envelope: Envelope, number: str) -> None:
        self.park_evidence(envelope, f"tracking:{number}")

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

    def put_response(self, response: Response) -> None:
        self.responses[response.store_id, response.response_id] = response

    def put_points(self, entry: PointsEntry) -> None:
        self.points[entry.store_id, entry.entry_id] = entry

    def find_coupon_owner(self, store_id: str, code: str) -> str | None:
        return self.coupon_owners.get((store_id, fold_code(code)))

    def find_order_id(self, store_id: str, name: str) -> str | None:
        wanted = fold_order_name(name)
        found = (
            record.order_id
            for (owner, _), record in self.orders.items()
            if owner == store_id and record.order is not None and fold_order_name(record.order.name) == wanted
        )
        return next(found, None)

    def has_decision(self, store_id: str, customer_id: str, event_id: str) -> bool:
        return (store_id, customer_id, event_id) in self.decisions

    def put_decision(self, record: DecisionRecord) -> None:
        self.decisions[record.store_id, record.customer_id, record.event_id] = record
        self.heard(record)

    def put_consent_entry(self, entry: ConsentEntry) -> None:
        self.consents[entry.customer_id, entry.entry_id] = entry

    def put_finished_run(self, run: FinishedRun) -> None:
        self.finished_runs[run.customer_id, run.run_id] = run

    def put_ticket(self, ticket: Ticket) -> None:
        self.tickets.setdefault((ticket.store_id, ticket.ticket_id), ticket.model_copy(update={"version": 1}))

    def get_ticket(self, store_id: str, ticket_id: str) -> Ticket | None:
        return self.tickets.get((store_id, ticket_id))

    def change_ticket(self, store_id: str, ticket_id: str, changes: Mapping[str, str | None]) -> None:
        ticket = self.tickets.get((store_id, ticket_id))
        if ticket is not None:
            self.tickets[store_id, ticket_id] = apply_changes(ticket, changes)

    def put_goal(self, goal: GoalReached) -> None:
        self.goals[goal.customer_id, goal.run_id] = goal

    def put_timeline_entry(self, entry: TimelineEntry) -> None:
        self.timeline[entry.customer_id, entry.entry_id] = entry

    def put_media(self, record: MediaRecord) -> None:
        key = (record.store_id, record.customer_id, record.media_id)
        agreed = key in self.media and self.media[key].may_publish
        self.media[key] = record.model_copy(update={"may_publish": record.may_publish or agreed})

    def note_showing(self, store_id: str, customer_id: str, media_id: str, *, agreed: bool) -> None:
        if (record := self.media.get((store_id, customer_id, media_id))) is not None:
            self.media[store_id, customer_id, media_id] = record.model_copy(update={"may_publish": agreed})

    def put_privacy_task(self, store_id: str, task_id: str, request: PrivacyRequested) -> None:
        self.privacy_tasks[store_id, task_id] = request

    def get_broadcast(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        return self.broadcasts.get(store_id, broadcast_id)

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
