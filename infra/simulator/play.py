"""Plays a story on a clock that is moved by hand: the product's own engine, senders and sweep, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from typing import Any

from command_line.publish import Catalogue, load_catalogue
from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.domain.evidence import (
    CartSeen,
    ConsentSeen,
    CustomerSeen,
    Evidence,
    MessageReceived,
    OrderChanged,
    OrderSeen,
    ProductSeen,
    ShipmentSeen,
)
from okaeri.domain.local_time import find_zone
from okaeri.domain.orders import Order, Product
from okaeri.domain.stores import PublishedJourney, Store
from okaeri.domain.values import Channel
from okaeri.errors import OkaeriError
from okaeri.use_cases.carry_out_actions import REFUSALS
from simulator.acts import CALL, CHANGE, COUPON, FAILED
from simulator.acts import SILENT as NO_ANSWER
from simulator.clock import StandingClock
from simulator.goods import make_cart, make_order, make_parcel, make_refund, read_mapping
from simulator.knowledge import MemoryKnowledge
from simulator.living import READ, LivingWorld
from simulator.result import Decided, Result
from simulator.senders import DELIVERED, SILENT
from simulator.shop import publish_for, publish_templates
from simulator.stores import MemoryStores
from simulator.story_source import Story, StoryEvent, list_texts, make_shop, read_consent
from simulator.wants import make_interest, make_product
from simulator.watching import Watch

# How long the world goes on after the last thing that the story tells, if runs still wait.
_LONGEST = timedelta(days=500)
_SAID = {
    "paid": "The money comes for",
    "payment_promised": "The payment is promised for",
    "payment_failed": "The payment fails for",
    "cancelled": "The shop cancels",
    "return_requested": "A return is asked for of",
    "return_approved": "The shop approves a return of",
    "return_declined": "The shop declines a return of",
    "return_closed": "The shop has settled a return of",
}
CHANGES = ("cancel", "address", "variant", "note", "return")
_FATES = {"not on WhatsApp": "131026", "bounced": "bounced", DELIVERED: DELIVERED, READ: READ, SILENT: SILENT}


def play(story: Story, catalogue: Catalogue | None = None, *, store: Store | None = None) -> Result:
    """Plays the story on a catalogue (the shipped one where none is given), in a shop of its own or as `store` is.

    Raises StoryError where something in it cannot happen.
    """
    return _Player(story, catalogue or load_catalogue(), store).play()


class _Player:
    def __init__(self, story: Story, catalogue: Catalogue, store: Store | None) -> None:
        assert story.events[0].at is not None  # the reader saw to it
        self.story = story
        base = store or publish_for(make_shop(story.store, story), catalogue)
        self.store = self._switch(base, story.journeys, 1)
        self.world = LivingWorld(
            clock=StandingClock(story.events[0].at.astimezone(UTC)),
            store=self.store,
            definitions=dict(catalogue.definitions),
            templates=publish_templates(self.store, catalogue),
            interpreter=CatalogueInterpreter(MemoryKnowledge(MemoryStores(self.store))),
        )
        self.watch = Watch(self.world)
        self.orders: dict[str, Order] = {}
        self.products: dict[str, Product] = {}

    def play(self) -> Result:
        story = self.story
        self._hear(
            CustomerSeen(buyer=story.shopper, at=self.world.clock(), opt_ins=story.consents), source="the story begins"
        )
        # That nobody waits for the consents with which the story begins is not worth telling.
        self.watch.log = [entry for entry in self.watch.log if not (isinstance(entry, Decided) and _is_idle(entry))]
        for event in story.events:
            self._pass_time(event)
            try:
                self._act(event)
            except OkaeriError as error:
                raise story.blame(event.line, f"{event.action} could not be played: {error}") from error
        self._finish()
        return self._sum_up()

    def _pass_time(self, event: StoryEvent) -> None:
        now = self.world.clock()
        moment = event.at.astimezone(UTC) if event.at else now + event.after
        if moment < now:
            raise self.story.blame(event.line, "this is before what came before it", "order the events by their time")
        self.world.wait(seconds=(moment - now).total_seconds())

    def _finish(self) -> None:
        """To the end of all waits, or as far as the story says."""
        if self.story.until is not None:
            self.world.wait(seconds=self.story.until.total_seconds())
            return
        end = self.world.clock() + _LONGEST
        while (moment := self.world.find_next()) is not None and moment <= end:
            self.world.wait(seconds=max((moment - self.world.clock()).total_seconds(), 0))

    # -- what happens ----------------------------------------------------------------------------------------------

    def _act(self, event: StoryEvent) -> None:
        acts: dict[str, Callable[[StoryEvent], None]] = {
            "order": self._order,
            "parcel": self._ship,
            "delivered": self._ship,
            "refund": self._refund,
            "cart": self._fill_cart,
            "writes": lambda event: self._write(str(event.value)),
            "stops": lambda event: self._write("STOP"),
            "starts": lambda event: self._write("START"),
            "taps": self._tap,
            "agrees_to": self._consent,
            "withdraws": self._consent,
            "opens": lambda event: self._report(event, READ, "opens"),
            "clicks": lambda event: self._report(event, "clicked", "clicks in"),
            "complains": lambda event: self._report(event, "complained", "calls spam"),
            "messages_are": self._set_fates,
            "webhooks_are": lambda event: self._set_acts(event, CALL, "webhook"),
            "pools_are": lambda event: self._set_acts(event, COUPON, "pool"),
            "changes_are": self._set_changes,
            "shop": self._change_shop,
            "product": self._change_product,
            "looks_at": self._want,
            "asks_for": self._want,
            "saves": self._want,
        }
        acts.get(event.action, self._change_order)(event)

    def _order(self, event: StoryEvent) -> None:
        order = make_order(
            self.story, event, number=len(self.orders), currency=self.store.currency, at=self.world.clock()
        )
        is_new = order.order_id not in self.orders
        self.orders[order.order_id] = order
        items = ", ".join(f"{line.quantity} × {line.title}" for line in order.lines)
        verb = "orders" if is_new else "has changed"
        self._tell(f"{self._name()} {verb} {order.name}: {items}, {order.total} {order.currency}, {order.payment}")
        self._hear(OrderSeen(order=order))

    def _ship(self, event: StoryEvent) -> None:
        order_id, shipment = make_parcel(self.story, event, at=self.world.clock())
        order = self._find_order(event, order_id)
        self._tell(f"The parcel of {order.name} is {shipment.status.replace('_', ' ')}")
        self._hear(ShipmentSeen(order_id=order.order_id, shipment=shipment))

    def _change_order(self, event: StoryEvent) -> None:
        given = read_mapping(self.story, event) if not isinstance(event.value, str | int) else {"order": event.value}
        is_reason = event.action == "cancelled" and isinstance(event.value, str) and event.value not in self.orders
        order = self._find_order(event, None if is_reason else given.get("order"))
        now = self.world.clock()
        if event.action == "payment_promised":
            authorized = order.model_copy(update={"payment": "authorized", "updated_at": now})
            self.orders[order.order_id] = authorized
            self._tell(f"{_SAID[event.action]} {order.name}")
            self._hear(OrderSeen(order=authorized))
            return
        self._tell(f"{_SAID[event.action]} {order.name}" + (f": {event.value}" if is_reason else ""))
        change: Any = event.action
        reason = str(event.value) if is_reason else given.get("reason")
        return_id = f"{order.order_id}-R1" if event.action.startswith("return_") else None
        self._hear(OrderChanged(order_id=order.order_id, change=change, at=now, reason=reason, return_id=return_id))

    def _refund(self, event: StoryEvent) -> None:
        given = event.value if isinstance(event.value, dict) else {}
        order = self._find_order(event, given.get("order"))
        refund = make_refund(self.story, event, order, number=len(self.watch.log), at=self.world.clock())
        self._tell(f"{refund.amount} {order.currency} of {order.name} are given back")
        self._hear(OrderChanged(order_id=order.order_id, change="refunded", at=self.world.clock(), refund=refund))

    def _fill_cart(self, event: StoryEvent) -> None:
        cart = make_cart(self.story, event, currency=self.store.currency, at=self.world.clock())
        items = ", ".join(f"{line.quantity} × {line.title}" for line in cart.lines)
        self._tell(f"{self._name()} puts {items} into the cart" if items else f"{self._name()} empties the cart")
        self._hear(CartSeen(cart=cart))

    def _change_product(self, event: StoryEvent) -> None:
        product = make_product(self.story, event, self.products, at=self.world.clock())
        self.products[product.product_id] = product
        [variant] = product.variants
        pieces = "not counted" if variant.quantity is None else f"{variant.quantity} in stock"
        price = f", {variant.price} {self.store.currency}" if variant.price is not None else ""
        self._tell(f"The shop has {product.title}: {pieces}{price}")
        self._hear(ProductSeen(product=product))

    def _want(self, event: StoryEvent) -> None:
        shopper, now = self.story.shopper, self.world.clock()
        interest, said = make_interest(self.story, event, shopper, self.products, at=now)
        self._tell(f"{self._name()} {said}")
        self._hear(interest)

    def _find_order(self, event: StoryEvent, order_id: Any) -> Order:
        wanted = str(order_id).removeprefix("#") if order_id else next(reversed(self.orders), None)
        if wanted is None or wanted not in self.orders:
            known = ", ".join(self.orders) or "none yet"
            raise self.story.blame(event.line, f"there is no order {wanted or ''}".rstrip(), f"orders so far: {known}")
        return self.orders[wanted]

    def _write(self, text: str, *, payload: str | None = None, reply_to: str | None = None) -> None:
        if payload is None:
            self._tell(f"{self._name()} writes: {text}")
        self._hear(
            MessageReceived(
                provider_id=f"wamid.{len(self.watch.log)}",
                at=self.world.clock(),
                type="button" if payload else "text",
                phone=self.story.shopper.phone,
                text=text,
                payload=payload,
                reply_to=reply_to,
            )
        )

    def _tap(self, event: StoryEvent) -> None:
        """The newest WhatsApp message that has such a button, by its words or what it answers."""
        wanted = str(event.value)
        seen: list[str] = []
        for message in reversed(self.world.outside.arrived):
            words = self.watch.list_buttons(message)
            for index, payload in message.payloads.items():
                label = words.get(index, payload)
                if wanted in (label, payload, *payload.split(":")):
                    self._tell(f"{self._name()} taps “{label}”")
                    self._write(label, payload=payload, reply_to=message.provider_id)
                    return
                seen.append(label)
        shown = ", ".join(dict.fromkeys(seen)) or "none"
        raise self.story.blame(event.line, f"there is no button {wanted!r} to tap", f"buttons so far: {shown}")

    def _consent(self, event: StoryEvent) -> None:
        given = event.action == "agrees_to"
        for text in list_texts(event.value):
            channel, purpose = read_consent(text, self.story.file, event.line)
            evidence = ConsentSeen.model_validate(
                {
                    "channel": channel,
                    "purpose": purpose,
                    "given": given,
                    "at": self.world.clock(),
                    "source": "story",
                    "buyer": self.story.shopper,
                }
            )
            self._tell(f"{self._name()} {'agrees to' if given else 'withdraws from'} {purpose} on {channel}")
            self._hear(evidence)

    def _report(self, event: StoryEvent, fate: str, verb: str) -> None:
        """The newest message, or the newest of a channel or template."""
        wanted = None if event.value in (None, True) else str(event.value)
        for message in reversed(self.world.outside.arrived):
            template = self.world.messages.messages[message.key].template
            if wanted in (None, message.channel, template):
                self._tell(f"{self._name()} {verb} {template} ({message.channel})")
                self.world.tell_fate(message, fate)
                return
        raise self.story.blame(event.line, f"there is no message {wanted or ''}".rstrip(), "it must have come before")

    def _set_fates(self, event: StoryEvent) -> None:
        for channel, fate in read_mapping(self.story, event).items():
            if channel not in tuple(Channel):
                raise self.story.blame(event.line, f"unknown channel {channel!r}", ", ".join(Channel))
            code = _FATES.get(str(fate)) or str(fate).removeprefix("failed ")
            if code not in _FATES.values() and not code.isdigit():
                raise self.story.blame(event.line, f"unknown fate {fate!r}", ", ".join((*_FATES, "failed 131049")))
            self.world.outside.fates[Channel(channel)] = code
            self._tell(f"From now on messages on {channel} are: {fate}")

    def _set_acts(self, event: StoryEvent, kind: str, named: str) -> None:
        for target, fate in read_mapping(self.story, event).items():
            if fate not in (FAILED, NO_ANSWER) and not (kind == CALL and isinstance(fate, dict)):
                words = "failed, silent, or a mapping of what it answers" if kind == CALL else "failed, silent"
                raise self.story.blame(event.line, f"unknown fate {fate!r}", words)
            self.world.acts.fates[kind, target] = fate
            self._tell(f"From now on the {named} {target} is: {fate if isinstance(fate, str) else dict(fate)}")

    def _set_changes(self, event: StoryEvent) -> None:
        for change, fate in read_mapping(self.story, event).items():
            if change not in CHANGES:
                raise self.story.blame(event.line, f"unknown change {change!r}", ", ".join(CHANGES))
            if not isinstance(fate, dict) and fate not in (FAILED, NO_ANSWER, *REFUSALS):
                words = f"failed, silent, a mapping of what it brings, or a reason: {', '.join(sorted(REFUSALS))}"
                raise self.story.blame(event.line, f"unknown fate {fate!r}", words)
            self.world.acts.fates[CHANGE, change] = fate
            self._tell(f"From now on the change {change} is: {fate if isinstance(fate, str) else dict(fate)}")

    def _change_shop(self, event: StoryEvent) -> None:
        given = read_mapping(self.story, event)
        if unknown := set(given) - {"sending", "mode", "paused", "journeys"}:
            raise self.story.blame(event.line, f"unknown key {min(unknown)!r}", "sending, mode, paused, journeys")
        journeys = {name: {"on": on == "on"} for name, on in (given.pop("journeys", None) or {}).items()}
        values = self.store.model_dump(by_alias=True) | given
        self.store = self._switch(make_shop(values, self.story), journeys, event.line)
        self.world.stores.stores[self.store.store_id] = self.store
        changes = [f"{name} {value}" for name, value in given.items()]
        changes += [f"{name} {'on' if change['on'] else 'off'}" for name, change in journeys.items()]
        self._tell(f"The shop switches: {', '.join(changes)}")

    def _switch(self, store: Store, journeys: Mapping[str, Mapping[str, Any]], line: int) -> Store:
        """The store with these journeys' switches and settings changed."""
        known = {entry.journey for entries in store.triggers.values() for entry in entries}
        for name in journeys:
            if name not in known:
                raise self.story.blame(line, f"unknown journey {name!r}", f"one of {', '.join(sorted(known))}")

        def change(entry: PublishedJourney) -> PublishedJourney:
            return entry.model_copy(update=dict(journeys.get(entry.journey, {})))

        triggers = {event: tuple(map(change, entries)) for event, entries in store.triggers.items()}
        return store.model_copy(update={"triggers": triggers})

    def _hear(self, evidence: Evidence, source: str = "story") -> None:
        self.world.hear(evidence, source=source)

    # -- what came of it -------------------------------------------------------------------------------------------

    def _tell(self, text: str) -> None:
        self.watch.tell(text)

    def _name(self) -> str:
        return self.story.shopper.first_name or self.story.shopper.last_name or "The shopper"

    def _sum_up(self) -> Result:
        zone = find_zone(self.world.customer(), self.store)
        return Result(self.story.title, zone, self.watch.list_log(zone), self.watch.list_waiting(zone))


def _is_idle(decided: Decided) -> bool:
    return all(finding.verdict == "nothing to do" for finding in decided.findings)
