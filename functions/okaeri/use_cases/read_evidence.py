"""Evidence against the records: what changed, whom it concerns, what to write once the customer is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from okaeri.domain.compare_carts import compare_cart
from okaeri.domain.compare_orders import change_order, compare_order
from okaeri.domain.compare_products import compare_product
from okaeri.domain.compare_shipments import merge_shipments
from okaeri.domain.customers import Identity, IdentityKind
from okaeri.domain.events import Event
from okaeri.domain.evidence import (
    CartCompleted,
    CartSeen,
    CustomerSeen,
    Envelope,
    OrderChanged,
    OrderSeen,
    ProductSeen,
    ShipmentSeen,
    TrackingSeen,
)
from okaeri.domain.identities import name_identities
from okaeri.domain.order_events import REDEEMED
from okaeri.domain.orders import Buyer, Cart, OptIn, Order, Product
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord, ShelfEntry
from okaeri.domain.stores import PublishedJourney
from okaeri.domain.values import make_id

if TYPE_CHECKING:
    from okaeri.domain.tracking import TrackedParcel
    from okaeri.ports import Records, Shelf


@dataclass
class Reading:
    """What one piece of evidence comes to. `writes` are made after the commit, given the customer's id."""

    events: tuple[Event, ...] = ()
    identities: tuple[Identity, ...] = ()
    customer_id: str | None = None
    buyer: Buyer | None = None
    is_past: bool = False  # the buyer's own fields are of long ago
    quiet: str | None = None  # why all of this moves state and starts nothing
    opt_ins: tuple[OptIn, ...] = ()
    opted_in_at: datetime | None = None  # when `opt_ins` were given; no later than we heard of it
    placed_order: Order | None = None
    order: OrderRecord | None = None
    cart: CartRecord | None = None
    summoned: tuple[PublishedJourney, ...] = ()  # journeys that the evidence brings along
    writes: list[Callable[[str], None]] = field(default_factory=list)
    follow: Callable[[], list[Envelope]] | None = None  # after the writes: what else is to be heard
    tell: list[tuple[str, Envelope]] = field(default_factory=list)  # to these customers, where they are others
    referred: tuple[tuple[str, str], ...] = ()  # whose codes the order used that are passed on: customer and code

    def list_proof(self) -> dict[str, str]:
        """What the consents came with, for the ledger."""
        proof = {"order": self.order and self.order.order_id, "cart": self.cart and self.cart.token}
        return {name: value for name, value in proof.items() if value}


def read_order(
    envelope: Envelope, records: Records, *, redelivered: bool, has_carriers: bool = False, has_referrals: bool = False
) -> Reading | None:
    """Order, parcel or fact about an order. None where nothing is new, or where it was parked to wait for its order.

    `has_carriers`: carriers tell the store of its parcels, so their numbers are kept. `has_referrals`: whose code an
    order used is looked for.
    """
    evidence = envelope.evidence
    assert isinstance(evidence, OrderSeen | OrderChanged | ShipmentSeen)
    order_id = evidence.order.order_id if isinstance(evidence, OrderSeen) else evidence.order_id
    record = records.get_order(envelope.store_id, order_id)
    before = record.order if record else None
    if before is None and not isinstance(evidence, OrderSeen):
        records.park_evidence(envelope, order_id)
        return None
    after, events = _apply(envelope.store_id, before, evidence)
    parked = record.parked if record else ()
    for earlier in sorted(parked, key=lambda parked: parked.received_at):
        assert isinstance(earlier.evidence, OrderSeen | OrderChanged | ShipmentSeen)
        after, more = _apply(envelope.store_id, after, earlier.evidence)
        events += more
    if after == before and not events and not redelivered:
        return None
    version = record.version if record else 0
    base = record or OrderRecord(store_id=envelope.store_id, order_id=order_id)
    changed = base.model_copy(update={"order": after, "parked": (), "version": version + 1})
    fallback = Identity(kind=IdentityKind.ORDER, value=order_id)
    is_news = before is None or (after.buyer, after.opt_ins) != (before.buyer, before.opt_ins)
    reading = Reading(
        events=events,
        identities=name_identities(after.buyer, fallback=fallback),
        customer_id=base.customer_id,
        # What was known says nothing new: a parcel of an old order must not bring back the phone of those days.
        buyer=after.buyer if is_news else None,
        opt_ins=after.opt_ins if is_news else (),
        is_past=before is None and after.quiet == "old",
        opted_in_at=min(after.created_at, envelope.received_at),
        placed_order=after if before is None else None,
        order=changed,
    )

    def write(customer_id: str) -> None:
        if after != before or changed.customer_id != customer_id:
            records.put_order(changed.model_copy(update={"customer_id": customer_id}))
        if parked:
            records.unpark_evidence(envelope.store_id, order_id, [earlier.id for earlier in parked])

    if reading.placed_order:
        _complete_carts(envelope, after, records, reading)
    if has_referrals and not after.quiet:
        codes = (event.refs["coupon.code"][0] for event in events if event.name == REDEEMED)
        owned = ((records.find_coupon_owner(envelope.store_id, code), code) for code in codes)
        reading.referred = tuple((owner, code) for owner, code in owned if owner)
    reading.writes.append(write)  # the order last: while it is unknown, a second try does all of this again
    if has_carriers:
        _follow_parcels(reading, None if redelivered else before, after, records)
    return reading


def _follow_parcels(reading: Reading, before: Order | None, after: Order, records: Records) -> None:
    from okaeri.domain.tracking import list_new_numbers  # few shops have carriers tell us

    if tracked := tuple(list_new_numbers(before, after)):
        assert reading.order is not None
        reading.follow = partial(_track_parcels, reading.order.store_id, tracked, records)


def _track_parcels(store_id: str, tracked: Iterable[TrackedParcel], records: Records) -> list[Envelope]:
    """Keeps whose the numbers are, and gives what carriers told of them before."""
    from okaeri.domain.tracking import hand_on

    waiting = []
    for parcel in tracked:
        records.track_parcel(store_id, parcel)
        waiting += [hand_on(parked, parcel) for parked in records.find_tracked(store_id, parcel.number).parked]
    return waiting


def read_tracking(envelope: Envelope, records: Records) -> list[Envelope]:
    """A carrier's word on a number, as evidence of the parcels that carry it. Nobody's waits for its order.

    It is parked before the parcels are looked for a second time: the order may be written at this moment, and looks
    for what is parked once it has put its number.
    """
    from okaeri.domain.carriers import fold_tracking_number
    from okaeri.domain.tracking import hand_on

    evidence = envelope.evidence
    assert isinstance(evidence, TrackingSeen)
    number = fold_tracking_number(evidence.tracking_number)
    if not number:
        return []
    parcels = records.find_tracked(envelope.store_id, number).parcels
    if not parcels:
        records.park_tracking(envelope, number)
        parcels = records.find_tracked(envelope.store_id, number).parcels
    return [hand_on(envelope, parcel) for parcel in parcels]


def _apply(
    store_id: str, before: Order | None, evidence: OrderSeen | OrderChanged | ShipmentSeen
) -> tuple[Order, tuple[Event, ...]]:
    if isinstance(evidence, OrderSeen):
        return compare_order(store_id, before, evidence.order)
    assert before is not None
    if isinstance(evidence, OrderChanged):
        return change_order(store_id, before, evidence)
    shipments, events = merge_shipments(store_id, before, (evidence.shipment,))
    return before.model_copy(update={"shipments": shipments}), events


def _complete_carts(envelope: Envelope, order: Order, records: Records, reading: Reading) -> None:
    """The order's cart is bought: its record says so, and its customer hears of it where that is somebody else."""
    carts: dict[str, CartRecord] = {}
    for token in (order.checkout_token, order.cart_token):
        if token:
            cart = records.get_cart(envelope.store_id, token) or CartRecord(store_id=envelope.store_id, token=token)
            carts[cart.token] = cart  # both tokens may lead to one cart
    for base in carts.values():
        if base.order_id:
            continue
        bought = base.model_copy(update={"order_id": order.order_id, "version": base.version + 1})
        told = CartCompleted(token=base.token, order_id=order.order_id, at=order.created_at)
        notice = Envelope(
            id=make_id(envelope.id, "cart", base.token),
            store_id=envelope.store_id,
            source="okaeri cart.completed",
            received_at=envelope.received_at,
            evidence=told,
        )

        def write(customer_id: str, bought: CartRecord = bought) -> None:
            records.put_cart(bought)

        reading.writes.append(write)
        if base.customer_id is not None:
            reading.tell.append((base.customer_id, notice))


def read_cart(envelope: Envelope, records: Records, *, redelivered: bool) -> Reading | None:
    """A cart as it stands. None where nothing is new, it was bought already, or nobody is known to own it."""
    evidence = envelope.evidence
    assert isinstance(evidence, CartSeen)
    seen: Cart = evidence.cart
    record = records.get_cart(envelope.store_id, seen.token)
    if _is_bought(seen, record, records, envelope.store_id):
        return None
    before = record.cart if record else None
    after, events = compare_cart(envelope.store_id, before, seen)
    if after == before and not events and not redelivered:
        return None
    base = record or CartRecord(store_id=envelope.store_id, token=seen.token)
    changed = base.model_copy(update={"cart": after, "version": base.version + 1})
    identities = name_identities(after.buyer)
    if not identities and base.customer_id is None:
        records.put_cart(changed)
        return None
    is_news = before is None or (after.buyer, after.opt_ins) != (before.buyer, before.opt_ins)
    reading = Reading(
        events=events,
        identities=identities,
        customer_id=None if identities else base.customer_id,
        buyer=after.buyer if is_news else None,
        opt_ins=after.opt_ins if is_news else (),
        opted_in_at=min(after.updated_at, envelope.received_at),
        cart=changed,
    )

    def write(customer_id: str) -> None:
        records.put_cart(changed.model_copy(update={"customer_id": customer_id}))

    reading.writes.append(write)
    return reading


def _is_bought(seen: Cart, record: CartRecord | None, records: Records, store_id: str) -> bool:
    """Whether an order named this cart already, by either of its tokens."""
    if record is None and seen.cart_token:
        record = records.get_cart(store_id, seen.cart_token)
        return record is not None and record.token == seen.cart_token and bool(record.order_id)
    return record is not None and bool(record.order_id)


def read_cart_completed(envelope: Envelope, records: Records) -> Reading | None:
    """A cart was bought, perhaps under other identifiers than it was filled with."""
    evidence = envelope.evidence
    assert isinstance(evidence, CartCompleted)
    record = records.get_cart(envelope.store_id, evidence.token)
    if record is None or record.customer_id is None:
        return None
    event = Event(
        event_id=make_id(envelope.store_id, "cart.completed", evidence.token),
        name="cart.completed",
        occurred_at=evidence.at,
        refs={"cart.token": (evidence.token,)},
    )
    return Reading(events=(event,), customer_id=record.customer_id, cart=record)


def read_customer(envelope: Envelope) -> Reading | None:
    """A customer's own data. None where it names nobody."""
    evidence = envelope.evidence
    assert isinstance(evidence, CustomerSeen)
    identities = name_identities(evidence.buyer)
    if not identities:
        return None
    return Reading(
        identities=identities,
        buyer=evidence.buyer,
        opt_ins=evidence.opt_ins,
        opted_in_at=min(evidence.at, envelope.received_at),
        quiet=evidence.quiet,
    )


def read_product(
    envelope: Envelope,
    records: Records,
    shelf: Shelf,
    *,
    redelivered: bool,
    tell: Callable[[Product | None, Product], None],
) -> tuple[Event, ...]:
    """Keeps the product, shows it on the shelf and tells what turned.

    `tell` hears of each change before it is written, so that no news is lost where a try ends between the two. The
    shelf is written where what a finder sees has changed, and again where an earlier try may have ended before that.
    """
    evidence = envelope.evidence
    assert isinstance(evidence, ProductSeen)
    seen = evidence.product
    record = records.get_product(envelope.store_id, seen.product_id)
    before = record.product if record else None
    after, events = compare_product(envelope.store_id, before, seen, partial=evidence.partial)
    if evidence.gone:
        after = after.model_copy(update={"status": "deleted"})
    version = record.version if record else 0
    if after != before:
        tell(before, after)
        version += 1
        records.put_product(ProductRecord(store_id=envelope.store_id, product=after, version=version))
    from okaeri.domain.shelf import make_entry  # products change seldom

    entry = make_entry(after)
    if redelivered or entry != (before and make_entry(before)):
        _show(shelf, envelope.store_id, after.product_id, entry, version)
    return events


def _show(shelf: Shelf, store_id: str, product_id: str, entry: ShelfEntry | None, version: int) -> None:
    if entry is None:
        shelf.remove_entry(store_id, product_id, version=version)
    else:
        shelf.put_entry(store_id, entry, version=version)
