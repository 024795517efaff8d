"""What a journey would have done with what a store recorded: read from the table, replayed in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from pydantic import BaseModel

from command_line import records
from command_line.chosen_journeys import read_published
from command_line.publish import Catalogue, load_catalogue
from command_line.reading import count_aloud
from command_line.stack import Stack
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import decode_body
from okaeri.adapters.prices import DynamoPrices
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.touch_book import DynamoTouchBook
from okaeri.domain.customers import Customer
from okaeri.domain.events import Event
from okaeri.domain.journeys import AskStep, Definition, SendStep
from okaeri.domain.records import CartRecord, ConsentEntry, DecisionRecord, OrderRecord, ProductRecord
from okaeri.domain.stores import PublishedTemplate, Store
from okaeri.domain.touches import Touches
from okaeri.use_cases.list_customers import list_customers

if TYPE_CHECKING:
    from simulator.replay import Past, Replayed
    from simulator.tally import Tally

_SAMPLE = 3


@dataclass
class Backtest:
    """What came of it: the sums, some customers to look at, and who was asked for by id."""

    tally: Tally
    since: datetime
    until: datetime
    samples: list[Replayed] = field(default_factory=list)
    asked: Replayed | None = None


def run_backtest(
    stack: Stack, store_id: str, definition: Definition, *, days: int, explain: str | None = None
) -> Backtest:
    """Replays every customer of the store. `explain` is the beginning of a customer's id. Writes nothing."""
    # Here, since the engine and the words take half a second to load, and other commands need neither.
    from simulator.replay import make_live, replay_customer
    from simulator.shop import publish_templates
    from simulator.tally import Tally

    now = datetime.now(UTC)
    found = records.read_store(stack, store_id)
    catalogue = _add_templates(read_published(stack, found), definition)
    store = make_live(_publish(found, catalogue, definition), definition)
    templates = publish_templates(store, catalogue)
    prices = DynamoPrices(stack.dynamodb, stack.table_name).get()
    result = Backtest(Tally(), since=now - timedelta(days=days), until=now)
    customers = list_customers(DynamoCustomers(stack.dynamodb, stack.table_name), store_id)
    for customer in count_aloud(customers, "customers replayed"):
        events = read_events(stack, customer)
        if not any(event.name in definition.events and at > result.since for at, event in events):
            result.tally.pass_by()
            continue
        past = read_past(stack, customer, events, now)
        replayed = replay_customer(past, store, definition, templates, since=result.since, until=now, prices=prices)
        result.tally.add(replayed)
        if explain and customer.customer_id.startswith(explain):
            result.asked = replayed
        if replayed.messages and len(result.samples) < _SAMPLE:
            result.samples.append(replayed)
    return result


def read_events(stack: Stack, customer: Customer) -> tuple[tuple[datetime, Event], ...]:
    """What happened to the customer in the last 90 days, and when it was decided on, in that order."""
    from simulator.rewind import read_event

    decisions = _read_kept(stack, customer, "D#", DecisionRecord)
    events = ((record.decided_at, read_event(record)) for record in decisions)
    return tuple(sorted(events, key=lambda pair: pair[0]))


def read_past(stack: Stack, customer: Customer, events: tuple[tuple[datetime, Event], ...], now: datetime) -> Past:
    """The customer with these events, and what they speak of."""
    from simulator.replay import Past

    order_ids = dict.fromkeys([*customer.orders, *_list_refs(events, "order.id")])
    tokens = dict.fromkeys(_list_refs(events, "cart.token"))
    stored = DynamoRecords(stack.dynamodb, stack.table_name, lambda: now)
    orders: dict[str, OrderRecord] = {}
    for order_id in order_ids:
        if record := stored.get_order(customer.store_id, order_id):
            orders[order_id] = record
    carts: dict[str, CartRecord] = {}
    for token in tokens:
        if cart := stored.get_cart(customer.store_id, token):
            carts[cart.token] = cart
    return Past(
        customer=customer,
        events=events,
        ledger=tuple(_read_kept(stack, customer, "L#", ConsentEntry)),
        orders=orders,
        carts=carts,
        products=_read_products(stored, customer.store_id, orders.values()),
        touches=tuple(_read_touches(stack, customer, now)),
    )


def _list_refs(events: Iterable[tuple[datetime, Event]], name: str) -> Iterator[str]:
    for _, event in events:
        yield from event.refs.get(name, ())


def _read_touches(stack: Stack, customer: Customer, now: datetime) -> Sequence[Touches]:
    book = DynamoTouchBook(stack.dynamodb, stack.table_name, lambda: now)
    return book.get_many(customer.store_id, (customer.customer_id, *customer.absorbed))


def _read_products(stored: DynamoRecords, store_id: str, orders: Iterable[OrderRecord]) -> dict[str, ProductRecord]:
    lines = (line for record in orders if record.order for line in record.order.lines)
    product_ids = list(dict.fromkeys(line.product_id for line in lines if line.product_id))
    return stored.get_products(store_id, product_ids) if product_ids else {}


def _read_kept[M: BaseModel](stack: Stack, customer: Customer, prefix: str, kind: type[M]) -> Iterator[M]:
    """Items of the customer, and of the records that were joined to theirs."""
    for holder in (customer.customer_id, *customer.absorbed):
        condition = Key("pk").eq(keys.customer_key(customer.store_id, holder)) & Key("sk").begins_with(prefix)
        more: dict[str, Any] = {}
        while True:
            page = stack.table.query(KeyConditionExpression=condition, **more)
            for item in page["Items"]:
                yield decode_body(kind, {"B": bytes(item["body"])})  # type: ignore[arg-type]  # a Binary
            if "LastEvaluatedKey" not in page:
                break
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _add_templates(published: Catalogue, definition: Definition) -> Catalogue:
    """What the store has published, and this checkout's templates that the journey says and the store lacks."""
    said = _list_templates(definition) - {template.name for template in published.templates}
    added = tuple(template for template in load_catalogue().templates if template.name in said) if said else ()
    return Catalogue(journeys=published.journeys, templates=(*published.templates, *added))


def _publish(store: Store, catalogue: Catalogue, definition: Definition) -> Store:
    """The store with the templates that would be published along with the journey."""
    index = dict(store.templates)
    for name in _list_templates(definition) - set(index):
        texts = [template for template in catalogue.templates if template.name == name]
        if texts:
            index[name] = PublishedTemplate(
                whatsapp=tuple(text.locale for text in texts if text.whatsapp),
                email=tuple(text.locale for text in texts if text.email),
                chat=tuple(text.locale for text in texts if text.chat),
                valid_for=texts[0].valid_for,
            )
    return store.model_copy(update={"templates": index})


def _list_templates(definition: Definition) -> set[str]:
    steps = [step for step in definition.steps if isinstance(step, SendStep | AskStep)]
    return {step.template for step in steps}
