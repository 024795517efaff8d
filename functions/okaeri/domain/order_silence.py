"""Why nothing happened on an order: it never came, its parcel came before it, nobody is told of its kind. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from okaeri.domain.explanations import DECISIONS_KEPT
from okaeri.domain.records import OrderRecord
from okaeri.domain.sentences import say_moment, say_reason
from okaeri.domain.standing import list_published, say_switches
from okaeri.domain.stores import Platform, Store

_PARKED_FOR = timedelta(days=7)
_FIRST_TOPICS = {
    Platform.SHOPIFY: "orders/create",
    Platform.WOOCOMMERCE: "order.created",
    Platform.STANDARD: "order.placed",
}


@dataclass(frozen=True)
class Unread:
    """A webhook of the store that could not be read, or an event that failed too often: where it lies, and why."""

    source: str
    why: str
    fix: str


@dataclass(frozen=True)
class OrderSilence:
    """What is known. `lines` are sentences; `order_id` and `customer_id` are None where the order is unknown."""

    lines: tuple[str, ...]
    order_id: str | None = None
    customer_id: str | None = None


def explain_silence(
    text: str,
    record: OrderRecord | None,
    store: Store,
    webhooks: Mapping[str, datetime],
    unread: Sequence[Unread],
    now: datetime,
) -> OrderSilence:
    """What the store's webhooks, what could not be read, and the switches say of an order."""
    lines: list[str] = []
    if record is None or record.order is None:
        lines += _say_missing(text, record, store)
        lines += _say_webhooks(store, webhooks)
    else:
        lines += _say_known(record, store, now)
    lines += [f"{entry.source} of this store is not worked through: {entry.why}. {entry.fix}" for entry in unread]
    lines += say_switches(store)
    if not list_published(store):
        lines.append(f"No journey is published for this store: okaeri publish {store.store_id}")
    known = record is not None and record.order is not None
    return OrderSilence(
        tuple(lines), record.order_id if record else None, record.customer_id if record and known else None
    )


def _say_missing(text: str, record: OrderRecord | None, store: Store) -> Iterator[str]:
    yield f"No event of the order {text} itself ever came."
    if record is None:
        return
    for envelope in record.parked:
        since, until = say_moment(envelope.received_at), say_moment(envelope.received_at + _PARKED_FOR)
        yield (
            f"{envelope.source} ({envelope.evidence.kind}) came at {since} UTC, and waits for the order until {until}."
        )


def _say_webhooks(store: Store, webhooks: Mapping[str, datetime]) -> Iterator[str]:
    if not webhooks:
        yield f"No webhook of this store ever came: okaeri doctor {store.store_id}"
        return
    for source, at in sorted(webhooks.items(), key=lambda pair: pair[1], reverse=True):
        yield f"{source} came last at {say_moment(at)} UTC, give or take an hour."
    topic = _FIRST_TOPICS[store.platform]
    if not any(source.endswith(topic) for source in webhooks):
        yield f"{topic} never came: look whether the store sends it (docs/operations.md)."


def _say_known(record: OrderRecord, store: Store, now: datetime) -> Iterator[str]:
    order = record.order
    assert order is not None  # the caller has looked
    yield f"The order {order.name} is known: placed {say_moment(order.created_at)} UTC, {order.payment}."
    if order.quiet:
        yield f"No journey begins for it: {say_reason(f'quiet:{order.quiet}')}."
    if record.customer_id is None:
        yield "It belongs to nobody yet: it is being written."
    if now - order.created_at > DECISIONS_KEPT:
        yield "It is older than 90 days: what was weighed at the time is not kept any more."
    for envelope in record.parked:
        yield f"{envelope.source} came at {say_moment(envelope.received_at)} UTC and is still to be taken in."
