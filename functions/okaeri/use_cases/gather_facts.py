"""What one decision may look at, read from the table: bounded, whatever the customer's past."""

from __future__ import annotations

from dataclasses import dataclass

from okaeri.domain.customers import Customer
from okaeri.domain.decide import TIMER_DUE
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts
from okaeri.domain.journeys import Definition
from okaeri.domain.messages import Message
from okaeri.domain.pace import Pace
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord
from okaeri.domain.stores import Store
from okaeri.ports import Clock, Definitions, Records
from okaeri.use_cases.read_evidence import Reading


@dataclass(frozen=True)
class GatherFacts:
    """Order, cart, products and definitions that concern one event of one customer."""

    records: Records
    definitions: Definitions
    clock: Clock
    pace: Pace

    def __call__(
        self, customer: Customer, event: Event, reading: Reading, store: Store, message: Message | None
    ) -> Facts:
        """Raises TryAgain where a run's definition is not there."""
        order, cart = reading.order, reading.cart
        if event.name == TIMER_DUE:
            order, cart = self._read_run(customer, event)
        return Facts(
            store=store,
            real_now=self.clock(),
            pace=self.pace,
            definitions=self._read_definitions(customer, event, reading, store),
            order=order,
            cart=cart,
            products=self._read_products(order, store),
            message=message,
            summoned=reading.summoned,
        )

    def _read_run(self, customer: Customer, event: Event) -> tuple[OrderRecord | None, CartRecord | None]:
        """The order or cart of the run that wakes."""
        wanted = event.refs["run.id"][0]
        run = next((run for run in customer.runs if run.make_id(customer.store_id) == wanted), None)
        if run is None:
            return None, None
        order_id = next(iter(run.refs.get("order.id", ())), None)
        token = next(iter(run.refs.get("cart.token", ())), None)
        order = self.records.get_order(customer.store_id, order_id) if order_id else None
        cart = self.records.get_cart(customer.store_id, token) if token and not order_id else None
        return order, cart

    def _read_definitions(
        self, customer: Customer, event: Event, reading: Reading, store: Store
    ) -> dict[str, Definition]:
        hashes = {run.definition for run in customer.runs}
        started = (*store.triggers.get(event.name, ()), *reading.summoned)
        hashes |= {published.definition for published in started}
        return {name: self.definitions.get(name) for name in hashes}

    def _read_products(self, order: OrderRecord | None, store: Store) -> dict[str, ProductRecord]:
        """Only where a rule of the shop asks for what an order's lines do not say."""
        if order is None or order.order is None:
            return {}
        if not any(rule.by in ("type", "tag") for rule in store.settings.review_rules):
            return {}
        product_ids = [line.product_id for line in order.order.lines if line.product_id]
        return self.records.get_products(store.store_id, product_ids) if product_ids else {}
