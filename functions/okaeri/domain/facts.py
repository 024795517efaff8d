"""What a decision may look at besides the customer and the event, and how a condition reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from okaeri.domain.compare_shipments import has_delivered_all
from okaeri.domain.conditions import Condition, Span, holds
from okaeri.domain.customer_fields import read_customer_field
from okaeri.domain.customers import Customer, Run
from okaeri.domain.delivery_times import DELIVERY_FIELDS, read_delivery_field
from okaeri.domain.events import Event
from okaeri.domain.interpretations import UNKNOWN, Guess, Interpretation
from okaeri.domain.journeys import Definition
from okaeri.domain.messages import Message
from okaeri.domain.order_mail import choose_confirmation, may_promote
from okaeri.domain.orders import Cart, Order, Product
from okaeri.domain.pace import Pace
from okaeri.domain.purchases import Goods, find_no_goods
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord, ShelfEntry
from okaeri.domain.shop_hours import find_promise
from okaeri.domain.spending import find_worth
from okaeri.domain.store_fields import read_store_field
from okaeri.domain.stores import PublishedJourney, ReviewRule, Store

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from okaeri.domain.habits import Habit
    from okaeri.domain.knowledge import FaqEntry

LAST_DAY = ".last_day"  # of a code: coupon.thanks.last_day


def interpret_nothing(text: str) -> Interpretation:
    """Where no words are expected."""
    return Interpretation(Guess(UNKNOWN, 0))


def find_no_habits() -> Sequence[Habit]:
    """Where nothing was learned."""
    return ()


class Facts(NamedTuple):
    """Read before deciding, bounded: the store, the orders and carts at hand, the definitions that may be walked."""

    store: Store
    real_now: datetime
    pace: Pace = Pace()
    definitions: Mapping[str, Definition] = MappingProxyType({})
    orders: Mapping[str, OrderRecord] = MappingProxyType({})
    carts: Mapping[str, CartRecord] = MappingProxyType({})
    products: Mapping[str, ProductRecord] = MappingProxyType({})
    message: Message | None = None
    interpret: Callable[[str], Interpretation] = interpret_nothing
    faq: tuple[FaqEntry, ...] = ()  # likely questions, in the customer's language
    shelf: tuple[ShelfEntry, ...] = ()
    read_goods: Callable[[tuple[str, ...]], Goods] = find_no_goods  # what recommendations of these are made of
    read_habits: Callable[[], Sequence[Habit]] = find_no_habits  # what they heed, where marketing chooses its channel
    summoned: tuple[PublishedJourney, ...] = ()  # journeys that the event brings along, beside the store's (broadcasts)


class Scene(NamedTuple):
    """Where a condition, a span or a date is read: one run of one customer, on one event. `now` is the customer's."""

    customer: Customer
    run: Run
    event: Event
    now: datetime
    facts: Facts
    published: PublishedJourney | None
    definition: Definition

    def holds(self, condition: Condition) -> bool:
        """Whether the condition is true here."""
        return holds(condition, self.read_field, self.now)

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
                return read_store_field(self.facts.store, name, self.now)
            case "customer":
                return read_customer_field(self.customer, self.facts.store, name, self.now)
            case "coupon" if path.endswith(LAST_DAY):
                return read_day(self.run.data.get(path))
            case "answer" | "split" | "coupon" | "call" | "find" | "change" | "link" | "points":
                return self.run.data.get(path)
            case "ticket":
                return self._read_ticket(name)
            case "turn":
                return read_learnt(self.run.data.get(path))
            case "order":
                return self._read_order(name)
            case "cart":
                return self._read_cart(name)
            case "product":
                return self._read_product(name)
        return None

    def find_order(self) -> Order | None:
        """The order that the run is about, as it stands."""
        record = self._find(self.facts.orders, "order.id") or self._find(self.facts.orders, "friend.order")
        return record.order if record else None

    def _find[R](self, records: Mapping[str, R], ref: str) -> R | None:
        return next((records[name] for name in self.run.refs.get(ref, ()) if name in records), None)

    def _read_order(self, name: str) -> Any:
        order = self.find_order()
        if order is None:
            return None
        if name in DELIVERY_FIELDS:
            return read_delivery_field(order, self.facts.store, name, self.now)
        match name:
            case "is_delivered":
                return has_delivered_all(order)
            case "is_cancelled":
                return order.cancelled_at is not None
            case "kept":
                return find_worth(order)
            case "points":
                return self.customer.order_points.get(order.order_id, 0)
            case "product_types":
                return self._list_product_types(order)
            case "guides":
                from okaeri.domain.guides import list_guides  # which reads this scene

                return len(list_guides(self))
            case "confirmation":
                return choose_confirmation(self.customer, self.facts.store, self.now)
            case "may_promote":
                return may_promote(self.customer, self.facts.store)
            case "refill_at" | "reorders":
                return self._read_refills(order, name)
            case "is_guest":
                return order.buyer.is_registered is False and self.customer.registered_at is None
        return getattr(order, name, None)

    def _list_product_types(self, order: Order) -> tuple[str, ...]:
        """What kinds of things were ordered, each once."""
        records = (self.facts.products.get(line.product_id or "") for line in order.lines)
        types = (record.product.product_type for record in records if record)
        return tuple(dict.fromkeys(name for name in types if name))

    def _read_refills(self, order: Order, name: str) -> Any:
        from okaeri.domain import refills  # few journeys ask how a supply holds out

        owners = (self.customer.customer_id, *self.customer.absorbed, None)  # a new order is nobody's until it is kept
        orders = [
            record.order for record in self.facts.orders.values() if record.customer_id in owners and record.order
        ]
        if name == "reorders":
            return refills.count_reorders(order, orders)
        cares = {name: record.product.care for name, record in self.facts.products.items()}
        return refills.find_refill(order, orders, {n: c.refill_days for n, c in cares.items() if c and c.refill_days})

    def _read_ticket(self, name: str) -> Any:
        """Of the run's ticket, while it is open."""
        wanted = self.run.refs.get("ticket.id", ())
        found = (ticket for ticket in self.customer.open_tickets if ticket.ticket_id in wanted)
        return getattr(next(found, None), name, None)

    def find_cart(self) -> Cart | None:
        """The cart that the run is about, as it stands."""
        record = self._find(self.facts.carts, "cart.token")
        return record.cart if record else None

    def _read_cart(self, name: str) -> Any:
        record = self._find(self.facts.carts, "cart.token")
        if record is None:
            return None
        if name == "is_bought":
            return record.order_id is not None or bool(record.cart and record.cart.completed_at)
        return getattr(record.cart, name, None)

    def find_product(self) -> Product | None:
        """The product that the run is about."""
        record = self._find(self.facts.products, "product.id")
        return record.product if record else None

    def _read_product(self, name: str) -> Any:
        product = self.find_product()
        if product is None:
            return None
        wanted = self.run.refs.get("variant.id", ())
        meant = [variant for variant in product.variants if variant.variant_id in wanted]
        match name:
            case "in_stock":
                return any(variant.in_stock is not False for variant in meant) if meant else product.is_in_stock
            case "price":
                variants = meant or product.variants
                return min((variant.price for variant in variants if variant.price is not None), default=product.price)
            case "refill_days" | "review_days" | "guides":
                return getattr(product.care, name, None)
        return getattr(product, name, None)

    def read_span(self, span: Span) -> timedelta:
        """How long: a rule of the store, a setting, a fixed length; in that order, whichever is there."""
        if span.rule == "review_after":
            found = find_review_wait(self.find_order(), self.facts)
            if found is not None:
                return found
        if span.rule == "answer_within":
            return find_promise(self.facts.store)
        if span.setting and (value := self.read_setting(span.setting)):
            return parse_duration(value)
        return span.fixed or span.default or timedelta(0)


def read_day(text: str | None) -> datetime | None:
    """The beginning of a day that was kept as text, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def read_learnt(value: str | None) -> Any:
    """What was kept of the event that began the run: a time where it is one, a number where it is one."""
    if value is None:
        return None
    if value.isdecimal() and len(value) < 4:
        return int(value)
    try:
        return datetime.fromisoformat(value) if value.endswith("Z") else value
    except ValueError:
        return value


def find_review_wait(order: Order | None, facts: Facts) -> timedelta | None:
    """The longest wait of the order's items by the shop's rules; None where no rule knows any of them."""
    waits = []
    for line in order.lines if order else ():
        record = facts.products.get(line.product_id or "")
        product = record.product if record else None
        known = {
            "product": (line.product_id,),
            "sku_prefix": (line.sku,),
            "vendor": (line.vendor, product.vendor if product else None),
            "type": (product.product_type if product else None,),
            "tag": product.tags if product else (),
        }
        if product is not None and product.care is not None and product.care.review_days is not None:
            waits.append(timedelta(days=product.care.review_days))  # of this very product
            continue
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
    return _load_duration_reader().validate_python(text)


@cache
def _load_duration_reader() -> TypeAdapter[timedelta]:
    from pydantic import TypeAdapter  # made where a length is read: most cold starts read none

    return TypeAdapter(timedelta)
