"""What a decision may look at besides the customer and the event, and how a condition reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from okaeri.domain.compare_shipments import has_delivered_all
from okaeri.domain.conditions import Condition, Span
from okaeri.domain.customers import Customer, Run
from okaeri.domain.events import Event
from okaeri.domain.journeys import Definition
from okaeri.domain.messages import Message
from okaeri.domain.orders import ShipmentStatus
from okaeri.domain.pace import Pace
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord
from okaeri.domain.stores import PublishedJourney, ReviewRule, Store


@dataclass(frozen=True)
class Facts:
    """Read before deciding, bounded: the store, the order and cart at hand, the definitions that may be walked."""

    store: Store
    real_now: datetime
    pace: Pace = field(default_factory=Pace)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    order: OrderRecord | None = None
    cart: CartRecord | None = None
    products: Mapping[str, ProductRecord] = field(default_factory=dict)
    message: Message | None = None


@dataclass(frozen=True)
class Scene:
    """Where a condition, a span or a date is read: one run of one customer, on one event."""

    customer: Customer
    run: Run
    event: Event
    facts: Facts
    published: PublishedJourney | None
    definition: Definition

    def read_setting(self, name: str) -> str | None:
        """The shop's value of a journey's setting, else the journey's default."""
        settings = self.published.settings if self.published else {}
        return settings.get(name, self.definition.settings.get(name))

    def read_field(self, path: str) -> Any:
        """The value at a path such as `order.payment`, None where there is none. Compile refused unknown roots."""
        root, _, name = path.partition(".")
        match root:
            case "event":
                return self.event.name if name == "name" else self.event.data.get(name)
            case "run":
                return getattr(self.run, name, None)
            case "setting":
                return self.read_setting(name)
            case "store":
                return getattr(self.facts.store.settings, name, getattr(self.facts.store, name, None))
            case "customer":
                return self._read_customer(name)
            case "order":
                return self._read_order(name)
            case "cart":
                return self._read_cart(name)
        return None

    def _read_customer(self, name: str) -> Any:
        if name == "is_first_order":
            return self.customer.orders_count <= 1
        return getattr(self.customer, name, None)

    def _read_order(self, name: str) -> Any:
        record = self.facts.order
        if record is None or record.order is None or record.order_id not in self.run.refs.get("order.id", ()):
            return None
        order = record.order
        match name:
            case "eta":
                return order.eta or max((s.eta for s in order.shipments if s.eta), default=None)
            case "shipped_at":
                return min((s.at for s in order.shipments if s.status not in _NOT_SHIPPED), default=None)
            case "is_delivered":
                return has_delivered_all(order)
            case "is_cancelled":
                return order.cancelled_at is not None
        return getattr(order, name, None)

    def _read_cart(self, name: str) -> Any:
        record = self.facts.cart
        if record is None:
            return None
        if name == "is_bought":
            return record.order_id is not None or bool(record.cart and record.cart.completed_at)
        return getattr(record.cart, name, None)

    def read_span(self, span: Span) -> timedelta:
        """How long: a rule of the store, a setting, a fixed length; in that order, whichever is there."""
        if span.rule == "review_after":
            found = find_review_wait(self.facts)
            if found is not None:
                return found
        if span.setting and (value := self.read_setting(span.setting)):
            return parse_duration(value)
        return span.fixed or span.default or timedelta(0)


_NOT_SHIPPED = (ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED, ShipmentStatus.CANCELLED)


def holds(condition: Condition, scene: Scene) -> bool:
    """Whether the condition is true in this scene. A missing field equals nothing and is not at least anything."""
    if condition.all:
        return all(holds(part, scene) for part in condition.all)
    if condition.any:
        return any(holds(part, scene) for part in condition.any)
    if condition.none:
        return not any(holds(part, scene) for part in condition.none)
    value = scene.read_field(condition.field or "")
    if condition.exists is not None:
        return (value not in (None, "", ())) is condition.exists
    if condition.one_of:
        return value is not None and str(value) in condition.one_of
    if condition.one_of_field:
        return value is not None and str(value) in (scene.read_field(condition.one_of_field) or ())
    if condition.at_least is not None:
        return value is not None and float(value) >= condition.at_least
    if condition.less_than is not None:
        return value is not None and float(value) < condition.less_than
    if isinstance(condition.equals, bool) or value is None:
        return bool(value) is condition.equals
    return str(value) == str(condition.equals)


def find_review_wait(facts: Facts) -> timedelta | None:
    """The longest wait of the order's items by the shop's rules; None where no rule knows any of them."""
    if facts.order is None or facts.order.order is None:
        return None
    waits = []
    for line in facts.order.order.lines:
        record = facts.products.get(line.product_id or "")
        product = record.product if record else None
        known = {
            "product": (line.product_id,),
            "sku_prefix": (line.sku,),
            "vendor": (line.vendor, product.vendor if product else None),
            "type": (product.product_type if product else None,),
            "tag": product.tags if product else (),
        }
        matching = [rule for rule in facts.store.settings.review_rules if _rule_matches(rule, known)]
        if matching:
            waits.append(matching[0].after)  # the shop lists its rules in the order of their weight
    return max(waits, default=None)


def _rule_matches(rule: ReviewRule, known: Mapping[str, tuple[str | None, ...]]) -> bool:
    values = [value.casefold() for value in known.get(rule.by, ()) if value]
    wanted = rule.value.casefold()
    if rule.by == "sku_prefix":
        return any(value.startswith(wanted) for value in values)
    return wanted in values


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration ("P7D", "PT1H30M"). Raises ValueError."""
    from pydantic import TypeAdapter

    parsed: timedelta = TypeAdapter(timedelta).validate_python(text)
    return parsed
