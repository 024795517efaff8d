"""Orders, carts, products and what is kept with a customer, in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, expect_version, is_expired, to_key, to_seconds
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.counted import is_counted_consent, is_counted_decision, is_counted_order
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
from okaeri.domain.stores import Store
from okaeri.domain.values import format_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.adapters.tickets import DynamoTickets
    from okaeri.adapters.tracking import DynamoTracking
    from okaeri.domain.broadcasts import Broadcast
    from okaeri.domain.tracking import Tracked, TrackedParcel
    from okaeri.ports import Clock

_KEEP_PARKED = timedelta(days=7)
_KEEP_CART = timedelta(days=90)
_KEEP_DECISION = timedelta(days=90)
_NOTE_EVERY = timedelta(hours=1)
_BROADCAST_FRESH_S = 15  # one that is paused or cancelled stops within the minute, also what is queued already
COUNTED: Item = {"counted": {"S": "1"}}  # count_engagement is woken for new items that bear it
_MOST_REMEMBERED = 10_000  # entries of each of the two memories below

Record = OrderRecord | CartRecord | ProductRecord


class DynamoRecords:
    """Implements `ports.Records`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._client, self._table_name = client, table_name
        self._table, self._clock = Table(client, table_name), clock
        self._known_aliases: dict[tuple[str, str], str] = {}
        self._noted: dict[tuple[str, str], datetime] = {}
        self._broadcasts: ExpiringCache[tuple[str, str], Broadcast] = ExpiringCache(fresh_s=_BROADCAST_FRESH_S)

    def get_order(self, store_id: str, order_id: str) -> OrderRecord | None:
        """One query over the order's partition: its record and the evidence parked there, oldest first."""
        record, parked, now = None, [], self._clock()
        for item in self._table.query(keys.record_key(store_id, "order", order_id)):
            if item["sk"]["S"] == keys.RECORD:
                record = decode_body(OrderRecord, item["body"])
            elif not is_expired(item, now):
                parked.append(decode_body(Envelope, item["body"]))
        if record is None and not parked:
            return None
        record = record or OrderRecord(store_id=store_id, order_id=order_id)
        parked.sort(key=lambda envelope: (envelope.received_at, envelope.id))
        return record.model_copy(update={"parked": tuple(parked)})

    def put_order(self, record: OrderRecord) -> None:
        """One conditional put; a new order is found by its name too. Raises Conflict."""
        if record.version == 1 and record.order is not None:
            self._put_order_name(record.store_id, record.order_id, record.order.name)
        counted = COUNTED if is_counted_order(record) else None
        self._put_record(record, keys.record_key(record.store_id, "order", record.order_id), counted)

    def _put_order_name(self, store_id: str, order_id: str, name: str) -> None:
        folded = fold_order_name(name)
        if folded and folded != order_id:
            item = to_key(keys.record_key(store_id, keys.ORDER_NAME, folded), keys.RECORD)
            self._table.put({**item, "order_id": {"S": order_id}})

    def park_evidence(self, envelope: Envelope, order_id: str) -> None:
        """Keeps it for seven days; the same envelope twice is one item."""
        pk = keys.record_key(envelope.store_id, "order", order_id)
        item = to_key(pk, keys.parked_key(envelope.id))
        item |= {"body": encode_body(envelope, whole=True), "expires_at": self._after(_KEEP_PARKED)}
        self._table.put(item)

    def unpark_evidence(self, store_id: str, order_id: str, envelope_ids: Iterable[str]) -> None:
        """Deletes what was applied."""
        pk = keys.record_key(store_id, "order", order_id)
        for envelope_id in envelope_ids:
            self._table.delete(pk, keys.parked_key(envelope_id))

    def find_tracked(self, store_id: str, number: str) -> Tracked:
        """One consistent query."""
        return self._load_tracking().find(store_id, number)

    def track_parcel(self, store_id: str, parcel: TrackedParcel) -> None:
        """Kept for 180 days."""
        self._load_tracking().put(store_id, parcel)

    def park_tracking(self, envelope: Envelope, number: str) -> None:
        """Kept for seven days."""
        self._load_tracking().park(envelope, number)

    def get_cart(self, store_id: str, token: str) -> CartRecord | None:
        """One read by checkout token, two by cart token."""
        item = self._get_record(keys.record_key(store_id, "cart", token))
        if item is not None and "alias_of" in item:
            token = item["alias_of"]["S"]
            item = self._get_record(keys.record_key(store_id, "cart", token))
        if item is None:
            return None
        if "alias" in item:
            _remember(self._known_aliases, (store_id, item["alias"]["S"]), token)
        return decode_body(CartRecord, item["body"])

    def put_cart(self, record: CartRecord) -> None:
        """One conditional put, kept for 90 days; once per cart also the alias. Raises Conflict."""
        alias = record.cart.cart_token if record.cart else None
        extra: Item = {"expires_at": self._after(_KEEP_CART)}
        if alias and alias != record.token:
            self._put_alias(record.store_id, alias, record.token)
            extra["alias"] = {"S": alias}
        self._put_record(record, keys.record_key(record.store_id, "cart", record.token), extra)

    def _put_alias(self, store_id: str, alias: str, token: str) -> None:
        if self._known_aliases.get((store_id, alias)) == token:
            return
        item = to_key(keys.record_key(store_id, "cart", alias), keys.RECORD)
        # Twice as long as a cart: an alias is not written again when its cart is.
        item |= {"alias_of": {"S": token}, "expires_at": self._after(2 * _KEEP_CART)}
        with suppress(ConditionFailed):  # a cart that was bought under its cart token has the place already
            self._table.put(item, condition="attribute_not_exists(pk) OR attribute_exists(alias_of)")
        _remember(self._known_aliases, (store_id, alias), token)

    def get_product(self, store_id: str, product_id: str) -> ProductRecord | None:
        """One read."""
        item = self._get_record(keys.record_key(store_id, "product", product_id))
        return decode_body(ProductRecord, item["body"]) if item else None

    def get_products(self, store_id: str, product_ids: Sequence[str]) -> dict[str, ProductRecord]:
        """Those that are known, read at once."""
        pks = (keys.record_key(store_id, "product", product_id) for product_id in product_ids)
        items = self._table.get_many((pk, keys.RECORD) for pk in pks)
        records = (decode_body(ProductRecord, item["body"]) for item in items)
        return {record.product.product_id: record for record in records}

    def put_product(self, record: ProductRecord) -> None:
        """One conditional put. Raises Conflict."""
        self._put_record(record, keys.record_key(record.store_id, "product", record.product.product_id))

    def has_decision(self, store_id: str, customer_id: str, event_id: str) -> bool:
        """Whether the event was decided within the last 90 days."""
        pk, sk = keys.customer_key(store_id, customer_id), keys.decision_key(event_id)
        item = self._table.get(pk, sk, only="pk, expires_at")
        return item is not None and not is_expired(item, self._clock())

    def put_decision(self, record: DecisionRecord) -> None:
        """Kept for 90 days."""
        sk = keys.decision_key(record.event_id)
        counted = COUNTED if is_counted_decision(record) else {}
        self._put_kept(record, sk, {"expires_at": self._after(_KEEP_DECISION), **counted})

    def put_consent_entry(self, entry: ConsentEntry) -> None:
        """Kept for ever; the same entry twice is one item."""
        counted = COUNTED if is_counted_consent(entry) else None
        self._put_kept(entry, keys.consent_key(entry.at, entry.entry_id), counted)

    def put_finished_run(self, run: FinishedRun) -> None:
        """Kept for ever."""
        self._put_kept(run, keys.finished_run_key(run.run_id))

    def put_ticket(self, ticket: Ticket) -> None:
        """Into the store's inbox; the first put wins."""
        self._load_tickets().create(ticket)

    def get_ticket(self, store_id: str, ticket_id: str) -> Ticket | None:
        """Consistent read."""
        return self._load_tickets().get(store_id, ticket_id)

    def change_ticket(self, store_id: str, ticket_id: str, changes: Mapping[str, str | None]) -> None:
        """One read and one conditional write. Raises Conflict where others keep writing."""
        self._load_tickets().change(store_id, ticket_id, changes)

    def put_goal(self, goal: GoalReached) -> None:
        """Kept for ever."""
        self._put_kept(goal, keys.goal_key(goal.run_id))

    def put_response(self, response: Response) -> None:
        """Kept for ever, under the survey."""
        pk = keys.responses_key(response.store_id, response.survey)
        sk = keys.response_key(response.at, response.response_id)
        self._table.put({**to_key(pk, sk), "body": encode_body(response)})

    def find_coupon_owner(self, store_id: str, code: str) -> str | None:
        """Who passes this code on, in whatever case it was entered; None for every other code."""
        item = self._table.get(keys.coupon_key(store_id, fold_code(code)), keys.OWNER)
        return str(item["customer"]["S"]) if item else None

    def find_order_id(self, store_id: str, name: str) -> str | None:
        """The order of that name, as shoppers know it; None where none is known by it."""
        item = self._table.get(keys.record_key(store_id, keys.ORDER_NAME, fold_order_name(name)), keys.RECORD)
        return str(item["order_id"]["S"]) if item else None

    def put_points(self, entry: PointsEntry) -> None:
        """Kept for ever; the same entry twice is one item."""
        self._put_kept(entry, keys.points_key(entry.at, entry.entry_id))

    def put_timeline_entry(self, entry: TimelineEntry) -> None:
        """Kept for ever."""
        self._put_kept(entry, keys.timeline_key(entry.at, entry.entry_id))

    def put_media(self, record: MediaRecord) -> None:
        """Puts or replaces it. Who agreed to publish stands beside the body, which does not undo it."""
        update = "SET body = :body" + (", may_publish = :yes" if record.may_publish else "")
        values: Item = {":body": encode_body(record)} | ({":yes": {"BOOL": True}} if record.may_publish else {})
        pk = keys.customer_key(record.store_id, record.customer_id)
        self._table.update(pk, keys.media_key(record.media_id), update, values=values)

    def note_showing(self, store_id: str, customer_id: str, media_id: str, *, agreed: bool) -> None:
        """One conditional write."""
        with suppress(ConditionFailed):
            self._table.update(
                keys.customer_key(store_id, customer_id),
                keys.media_key(media_id),
                "SET may_publish = :agreed",
                condition="attribute_exists(body)",
                values={":agreed": {"BOOL": agreed}},
            )

    def put_privacy_task(self, store_id: str, task_id: str, request: PrivacyRequested) -> None:
        """Kept until it is carried out."""
        self._table.put({**to_key(keys.privacy_key(store_id), task_id), "body": encode_body(request, whole=True)})

    def get_broadcast(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        """At most 15 s old; one that is unknown is looked for again after 10 s."""
        return self._broadcasts.get((store_id, broadcast_id), lambda: self._load_broadcast(store_id, broadcast_id))

    def pause_store(self, store_id: str, reason: str) -> None:
        """Reads and writes the store, unless it was removed. Raises Conflict where the shop changes it too."""
        item = self._table.get(keys.store_key(store_id), keys.STORE)
        if item is None:
            return
        paused = decode_body(Store, item["body"]).model_copy(update={"paused": reason})
        changed = {**item, "body": encode_body(paused, whole=True)}
        self._table.put(changed, condition="body = :before", values={":before": item["body"]})

    def note_webhook(self, store_id: str, source: str, at: datetime) -> None:
        """At most one write an hour for each source, over all processes."""
        noted = self._noted.get((store_id, source))
        if noted is not None and at - noted < _NOTE_EVERY:
            return
        with suppress(ConditionFailed):
            self._table.update(
                keys.store_key(store_id),
                keys.SEEN,
                "SET #source = :at",
                condition="attribute_not_exists(#source) OR #source <= :hour_ago",
                names={"#source": source},
                values={":at": {"S": format_time(at)}, ":hour_ago": {"S": format_time(at - _NOTE_EVERY)}},
            )
        _remember(self._noted, (store_id, source), at)

    def _load_broadcast(self, store_id: str, broadcast_id: str) -> Broadcast | None:
        from okaeri.adapters.broadcasts import DynamoBroadcasts  # few messages are of one: not at each cold start

        return DynamoBroadcasts(self._client, self._table_name, self._clock).get(store_id, broadcast_id)

    def _load_tracking(self) -> DynamoTracking:
        from okaeri.adapters.tracking import DynamoTracking  # only stores that listen to carriers ask

        return DynamoTracking(self._client, self._table_name, self._clock)

    def _load_tickets(self) -> DynamoTickets:
        from okaeri.adapters.tickets import DynamoTickets  # few events open one: not at each cold start

        return DynamoTickets(self._client, self._table_name, self._clock)

    def _get_record(self, pk: str) -> Item | None:
        item = self._table.get(pk, keys.RECORD)
        return None if item is None or is_expired(item, self._clock()) else item

    def _put_record(self, record: Record, pk: str, extra: Item | None = None) -> None:
        condition, values = expect_version(record.version)
        item = to_key(pk, keys.RECORD)
        item |= {"version": {"N": str(record.version)}, "body": encode_body(record), **(extra or {})}
        self._table.put(item, condition=condition, values=values)

    def _put_kept(
        self,
        model: DecisionRecord | ConsentEntry | FinishedRun | GoalReached | PointsEntry | TimelineEntry,
        sk: str,
        extra: Item | None = None,
    ) -> None:
        item = to_key(keys.customer_key(model.store_id, model.customer_id), sk)
        self._table.put({**item, "body": encode_body(model), **(extra or {})})

    def _after(self, span: timedelta) -> Item:
        return to_seconds(self._clock() + span)


def _remember[K, V](memory: dict[K, V], key: K, value: V) -> None:
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()
    memory[key] = value
