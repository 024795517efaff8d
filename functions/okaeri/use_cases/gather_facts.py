"""What one decision may look at, read from the table: bounded, whatever the customer's past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from okaeri.domain.choices import names_another_number
from okaeri.domain.conversations import LETTER_RECEIVED, TURN_TAKEN
from okaeri.domain.customers import Customer, Run
from okaeri.domain.decide import TIMER_DUE
from okaeri.domain.entries import list_beginnings
from okaeri.domain.events import Event
from okaeri.domain.facts import Facts
from okaeri.domain.goals import matches
from okaeri.domain.interpretations import FAQ, Interpretation
from okaeri.domain.journeys import AskStep, Definition, FindStep, FocusStep, WaitStep
from okaeri.domain.languages import SHIPPED, choose_locale
from okaeri.domain.messages import Message
from okaeri.domain.modes import find_mode
from okaeri.domain.pace import Pace
from okaeri.domain.purchases import Goods, Purchases
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord, ShelfEntry
from okaeri.domain.stores import Mode, Store
from okaeri.use_cases.read_evidence import Reading

if TYPE_CHECKING:
    from okaeri.domain.habits import Habit
    from okaeri.domain.knowledge import FaqEntry
    from okaeri.ports import Clock, Companions, Definitions, Interpreter, Knowledge, Records, Shelf, TouchBook

MAX_OWN_ORDERS = 10  # the rows of a list
MAX_PRODUCTS = 50
MAX_ASKED = 20  # products whose companions are asked for


@dataclass(frozen=True)
class GatherFacts:
    """Order, cart, products and definitions that concern one event of one customer."""

    records: Records
    definitions: Definitions
    interpreter: Interpreter
    knowledge: Knowledge
    shelf: Shelf
    companions: Companions
    touches: TouchBook
    clock: Clock
    pace: Pace

    def __call__(
        self, customer: Customer, event: Event, reading: Reading, store: Store, message: Message | None
    ) -> Facts:
        """Raises TryAgain where a run's definition is not there."""
        definitions = self._read_definitions(customer, event, reading, store)
        concerned = _find_concerned(customer, event, _leave_out_switched_off(customer, event, definitions, store))
        orders, carts = self._read_subjects(customer, event, reading, concerned)
        return Facts(
            store=store,
            real_now=self.clock(),
            pace=self.pace,
            definitions=definitions,
            orders=orders,
            carts=carts,
            products=self._read_products(event, concerned, orders.values(), carts.values(), store),
            message=message,
            interpret=cache(partial(self._interpret, customer, store)),  # a fragment is asked about, then read
            faq=self._read_faq(customer, concerned, store),
            shelf=self._read_shelf(concerned, store),
            read_goods=cache(partial(self._read_goods, customer, store, orders)),
            read_habits=cache(partial(self._read_habits, customer)),
            summoned=reading.summoned,
        )

    def look_up(self, customer: Customer, event: Event, store: Store) -> Event:
        """The event with what its words name: an order, only where it is the customer's own, and a known answer."""
        if faq := self._find_question(customer, event, store):
            is_known = self.knowledge.get_answer(store.store_id, faq, _choose_language(customer, store)) is not None
            event = event.model_copy(update={"data": event.data | {"faq": faq, "faq_known": is_known}})
        name = str(event.data.get("order_name", ""))
        if not name or event.refs.get("order.id"):
            return event
        order_id = self.records.find_order_id(customer.store_id, name)
        record = self.records.get_order(customer.store_id, order_id or name)
        is_own = record is not None and record.customer_id in (customer.customer_id, *customer.absorbed)
        if record is None or not is_own or (event.name == TURN_TAKEN and _is_withheld(record, customer)):
            return event.model_copy(update={"data": event.data | {"order_unknown": True}})
        return event.model_copy(update={"refs": event.refs | {"order.id": (record.order_id,)}})

    def _find_question(self, customer: Customer, event: Event, store: Store) -> str:
        """The common question that was asked; a letter is read for it here."""
        if event.name == LETTER_RECEIVED and not event.data.get("is_threaded"):
            text = f"{event.data.get('subject', '')} {event.data.get('text', '')}"
            guess = self._interpret(customer, store, text).guess
            return guess.faq if guess.intent == FAQ else ""
        return str(event.data.get("faq", ""))

    def _interpret(self, customer: Customer, store: Store, text: str) -> Interpretation:
        return self.interpreter.interpret(text, store, locale=choose_locale(customer, store, SHIPPED))

    def _read_faq(self, customer: Customer, concerned: _Concerned, store: Store) -> tuple[FaqEntry, ...]:
        """Only where a question offers questions."""
        if not any(offers(definition, "faq", "guesses") for definition in concerned.walked):
            return ()
        return tuple(self.knowledge.list_faq(store.store_id, _choose_language(customer, store)))

    def _read_shelf(self, concerned: _Concerned, store: Store) -> tuple[ShelfEntry, ...]:
        """Only where products are looked for, or their kinds are offered."""
        if not any(_looks_for_products(definition) for definition in concerned.walked):
            return ()
        return tuple(self.shelf.list_entries(store.store_id))

    def _read_goods(
        self, customer: Customer, store: Store, known: Mapping[str, OrderRecord], at_hand: tuple[str, ...]
    ) -> Goods:
        """Read at the step that recommends, for most runs of a journey never come to it."""
        records = {**known, **self._read_orders(customer, known)}
        owners = (customer.customer_id, *customer.absorbed)
        own = [record.order for record in records.values() if record.customer_id in owners and record.order]
        orders = sorted(own, key=lambda order: order.created_at, reverse=True)
        had = (line.product_id for order in orders for line in order.lines if line.product_id)
        wanted = list(dict.fromkeys(at_hand or had))[:MAX_ASKED]
        together = self.companions.get_many(store.store_id, wanted) if wanted else {}
        purchases = Purchases(together, self.companions.list_bought(store.store_id))
        return Goods(tuple(self.shelf.list_entries(store.store_id)), tuple(orders), purchases)

    def _read_habits(self, customer: Customer) -> Sequence[Habit]:
        """Read at the marketing step that may choose its channel: order messages never come to it."""
        from okaeri.domain.touches import list_habits

        owners = (customer.customer_id, *customer.absorbed)
        return list_habits(self.touches.get_many(customer.store_id, owners), self.clock())

    def _read_subjects(
        self, customer: Customer, event: Event, reading: Reading, concerned: _Concerned
    ) -> tuple[dict[str, OrderRecord], dict[str, CartRecord]]:
        """The orders and carts of the event and of the runs that it may move; no more than there are runs."""
        orders = {reading.order.order_id: reading.order} if reading.order else {}
        carts = {reading.cart.token: reading.cart} if reading.cart else {}
        orders |= self._read_own_orders(customer, concerned, orders)
        for refs in (event.refs, *(run.refs for run in concerned.runs)):
            order_id = next(iter(refs.get("order.id") or refs.get("friend.order", ())), None)
            token = next(iter(refs.get("cart.token", ())), None)
            if order_id:
                if order_id not in orders and (order := self.records.get_order(customer.store_id, order_id)):
                    orders[order_id] = order
            elif token and token not in carts and (cart := self.records.get_cart(customer.store_id, token)):
                carts[token] = cart
        return orders, carts

    def _read_own_orders(
        self, customer: Customer, concerned: _Concerned, known: Mapping[str, OrderRecord]
    ) -> dict[str, OrderRecord]:
        """The latest ones, where a journey at hand takes one of them up."""
        if not any(_takes_orders_up(definition) for definition in concerned.walked):
            return {}
        return self._read_orders(customer, known)

    def _read_orders(self, customer: Customer, known: Mapping[str, OrderRecord]) -> dict[str, OrderRecord]:
        found = {}
        for order_id in customer.orders[-MAX_OWN_ORDERS:]:
            if order_id not in known and (record := self.records.get_order(customer.store_id, order_id)):
                found[order_id] = record
        return found

    def _read_definitions(
        self, customer: Customer, event: Event, reading: Reading, store: Store
    ) -> dict[str, Definition]:
        hashes = {run.definition for run in customer.runs}
        hashes |= {watch.definition for watch in customer.goals}  # of runs that have ended, too
        started = (*list_beginnings(event, store), *reading.summoned)
        hashes |= {published.definition for published in started}
        return {name: self.definitions.get(name) for name in hashes}

    def _read_products(
        self,
        event: Event,
        concerned: _Concerned,
        orders: Iterable[OrderRecord],
        carts: Iterable[CartRecord],
        store: Store,
    ) -> dict[str, ProductRecord]:
        """What event and runs are about; of an order's lines where something asks for what they do not say."""
        about = (event.refs, *(run.refs for run in concerned.runs))
        wanted = [name for refs in about for name in refs.get("product.id", ())]
        has_rules = any(rule.by in ("type", "tag") for rule in store.settings.review_rules)
        if has_rules or any("order_products" in definition.needs for definition in concerned.walked):
            lines = [line for record in orders if record.order for line in record.order.lines]
            lines += [line for record in carts if record.cart for line in record.cart.lines]
            wanted += [line.product_id for line in lines if line.product_id]
        product_ids = list(dict.fromkeys(wanted))[:MAX_PRODUCTS]
        return self.records.get_products(store.store_id, product_ids) if product_ids else {}


def _choose_language(customer: Customer, store: Store) -> str:
    return choose_locale(customer, store, SHIPPED) or "en"


def _is_withheld(record: OrderRecord, customer: Customer) -> bool:
    return record.order is not None and names_another_number(record.order, customer)


def _leave_out_switched_off(
    customer: Customer, event: Event, definitions: Mapping[str, Definition], store: Store
) -> Mapping[str, Definition]:
    """What is to be read for: a journey that the shop itself has switched off is noted, and begins for nobody."""
    off = {entry.definition for entry in list_beginnings(event, store) if find_mode(store, entry) is Mode.OFF}
    off -= {run.definition for run in customer.runs}
    return {name: definition for name, definition in definitions.items() if name not in off}


class _Concerned(NamedTuple):
    """The runs that an event may move on, and the journeys that it may begin or move."""

    runs: Sequence[Run]
    walked: Sequence[Definition]


def _find_concerned(customer: Customer, event: Event, definitions: Mapping[str, Definition]) -> _Concerned:
    runs = _list_moving(customer, event, definitions)
    moving = {
        run.definition for run in runs if event.name == TIMER_DUE or not _rests(definitions[run.definition], run.step)
    }
    begun = [
        definition
        for definition in definitions.values()
        if event.name in definition.events and not (definition.when is None and _rests(definition, 0))
    ]
    return _Concerned(runs, [*(definitions[name] for name in moving), *begun])


def _rests(definition: Definition, step: int) -> bool:
    """Whether an event can only make it wait anew: each change of a cart would be asked for what nobody says yet."""
    at = definition.steps[step]
    return isinstance(at, WaitStep) and at.unchanged_for is not None


def offers(definition: Definition, *kinds: str) -> bool:
    """Whether a question of the journey offers answers of one of these kinds."""
    asked = (step.choices for step in definition.steps if isinstance(step, AskStep) and step.choices is not None)
    return any(choices.of in kinds for choices in asked)


def _looks_for_products(definition: Definition) -> bool:
    is_finder = any(isinstance(step, FindStep) for step in definition.steps)
    return is_finder or offers(definition, "product_types", "products")


def _takes_orders_up(definition: Definition) -> bool:
    is_focused = any(isinstance(step, FocusStep) for step in definition.steps)
    return is_focused or "past_orders" in definition.needs or offers(definition, "orders", "open_orders")


def _list_moving(customer: Customer, event: Event, definitions: Mapping[str, Definition]) -> list[Run]:
    """The runs that this event may move on, by what they wait for; the one that wakes, by its timer."""
    if event.name == TIMER_DUE:
        wanted = event.refs["run.id"]
        return [run for run in customer.runs if run.make_id(customer.store_id) in wanted]
    return [run for run in customer.runs if _may_move(run, event, definitions[run.definition])]


def _may_move(run: Run, event: Event, definition: Definition) -> bool:
    """Whether the run waits for this event about this very thing, or might leave by it under a condition."""
    if any(match.when is not None and matches(match, event, run.refs) for match in definition.exits):
        return True
    if run.waiting is None or event.name not in run.waiting.events:
        return False
    step = definition.steps[run.step]
    return not isinstance(step, WaitStep) or any(matches(match, event, run.refs) for match in step.events)
