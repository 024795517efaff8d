"""The last look before a message is sent: is it still true, allowed and welcome, and is this the hour? Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from okaeri.domain.broadcasts import BroadcastState
from okaeri.domain.gates import check_permission, check_truth, list_current_parcels
from okaeri.domain.interests import describe_product, is_buyable
from okaeri.domain.local_time import find_window
from okaeri.domain.message_facts import MessageFacts, list_offered
from okaeri.domain.messages import Message, MessageState
from okaeri.domain.modes import find_mode, find_published, find_silence, is_switched_off
from okaeri.domain.orders import Cart, OrderLine, Product
from okaeri.domain.plans import SWITCH_LOOK, TICKET_LOOK
from okaeri.domain.shelf import is_on_sale
from okaeri.domain.values import Purpose

FRESH_FOR = timedelta(minutes=15)
SOLD_OUT = "sold_out"
# What is said of a product only while it can be bought.
ABOUT_STOCK = ("back_in_stock", "launch_alert", "price_drop", "browse_reminder", "wishlist_reminder")
BROADCAST_PAUSE = timedelta(minutes=5)  # how often a message asks whether its broadcast goes on


@dataclass(frozen=True)
class Say:
    """It may be said."""


@dataclass(frozen=True)
class Defer:
    """It may be said later: looked at again after `wait`."""

    wait: timedelta
    why: str


@dataclass(frozen=True)
class End:
    """It is not said."""

    state: MessageState
    why: str


Verdict = Say | Defer | End


def look_again(facts: MessageFacts, real_now: datetime) -> Verdict:
    """The first thing that speaks against it decides; a wait beyond the message's own time ends it with that reason."""
    message = facts.message
    broadcast = facts.broadcast
    if broadcast is not None and broadcast.state is BroadcastState.CANCELLED:
        return End(MessageState.SUPPRESSED, "broadcast_cancelled")
    untrue = _find_untruth(facts)
    if untrue is not None:
        return End(MessageState.EXPIRED if untrue == "too_late" else MessageState.SUPPRESSED, untrue)
    refused = check_permission(message, customer=facts.customer, store=facts.store, real_now=real_now)
    if refused is not None:
        return End(MessageState.SUPPRESSED, refused)
    silence = _find_silence(facts)
    if silence is not None:
        return End(MessageState.SUPPRESSED, silence)
    wait = _find_wait(facts, real_now)
    if wait is not None and message.valid_until is not None and facts.now + wait.wait > message.valid_until:
        return End(MessageState.EXPIRED, wait.why)
    return wait or Say()


def keep_current(facts: MessageFacts) -> MessageFacts:
    """The facts of a message that tells only what still is so: it is rewritten, not sent stale."""
    return _keep_price(_keep_offered(_keep_parcels(_keep_available(facts))))


def _keep_price(facts: MessageFacts) -> MessageFacts:
    """What the product that the message is about costs by now, and what it is called."""
    message = facts.message
    record = facts.products.get(message.data.get("product.id", ""))
    if record is None:
        return facts
    now = describe_product(record.product, message.data.get("product.variant"))
    return replace(facts, message=message.model_copy(update={"data": message.data | now}))


def _keep_parcels(facts: MessageFacts) -> MessageFacts:
    """Of parcels that are told together those that have not travelled on."""
    message, order = facts.message, facts.order.order if facts.order else None
    if order is None or message.refs.shipment_id is None or not message.refs.siblings:
        return facts
    first, *others = list_current_parcels(message, order) or [message.refs.shipment_id]
    refs = message.refs.model_copy(update={"shipment_id": first, "siblings": tuple(others)})
    return replace(facts, message=message.model_copy(update={"refs": refs}))


def _keep_available(facts: MessageFacts) -> MessageFacts:
    """A cart that names only what can still be bought."""
    record = facts.cart
    if record is None or record.cart is None or not facts.products:
        return facts
    left = tuple(line for line in record.cart.lines if not _is_sold_out(line, facts))
    if len(left) in (0, len(record.cart.lines)):
        return facts
    # The sum would still hold what is gone.
    cart = record.cart.model_copy(update={"lines": left, "total": None})
    return replace(facts, cart=record.model_copy(update={"cart": cart}))


def _keep_offered(facts: MessageFacts) -> MessageFacts:
    """A question that offers only what can still be bought."""
    offered = list_offered(facts.message, "products")
    gone = {name for name in offered if (record := facts.products.get(name)) and not is_on_sale(record.product)}
    if not gone:
        return facts
    rows = [row for row in json.loads(facts.message.data["options"]) if row["id"] not in gone]
    data = facts.message.data | {"options": json.dumps(rows, ensure_ascii=False, separators=(",", ":"))}
    return replace(facts, message=facts.message.model_copy(update={"data": data}))


def _find_untruth(facts: MessageFacts) -> str | None:
    message = facts.message
    untrue = check_truth(
        message, customer=facts.customer, store=facts.store, order=facts.order, cart=facts.cart, now=facts.now
    )
    if untrue is not None:
        return untrue
    cart = facts.cart.cart if facts.cart else None
    if cart is not None and _has_nothing_left(cart, facts):
        return SOLD_OUT
    if message.template in ABOUT_STOCK and _is_gone(facts):
        return SOLD_OUT
    if _is_superseded(facts):
        return "superseded"
    return None


def _is_gone(facts: MessageFacts) -> bool:
    """Whether the product that the message is about cannot be bought any more."""
    record = facts.products.get(facts.message.data.get("product.id", ""))
    return record is not None and not is_buyable(record.product, facts.message.data.get("product.variant"))


def _has_nothing_left(cart: Cart, facts: MessageFacts) -> bool:
    return bool(cart.lines) and all(_is_sold_out(line, facts) for line in cart.lines)


def _is_sold_out(line: OrderLine, facts: MessageFacts) -> bool:
    """Only what is known to be out of stock; a product that was never seen may well be there."""
    record = facts.products.get(line.product_id or "")
    product: Product | None = record.product if record else None
    variants = product.variants if product else ()
    meant = [variant for variant in variants if variant.variant_id == line.variant_id] or variants
    return bool(meant) and all(variant.in_stock is False for variant in meant)


def _is_superseded(facts: MessageFacts) -> bool:
    """Whether the same journey has meanwhile said something newer: what was held up is not said after it."""
    message = facts.message
    if message.purpose is Purpose.ORDER or message.state is not MessageState.PARKED:
        return False
    return any(
        entry.journey == message.journey and entry.at > message.decided_at and entry.seed != message.seed[:10]
        for entry in facts.customer.attention
    )


def _find_silence(facts: MessageFacts) -> str | None:
    """A journey or store that was switched off, or to shadow or test, after it decided says no more.

    What no journey decides, such as the answer to STOP, and what is of a broadcast goes by the store's mode.
    """
    message, store = facts.message, facts.store
    if message.journey is not None and message.run_id is None:
        return None  # a trial of a broadcast: the shop itself has just asked for it
    return find_silence(find_mode(store, find_published(store, message.journey)), store, facts.customer)


def _find_wait(facts: MessageFacts, real_now: datetime) -> Defer | None:
    message, store = facts.message, facts.store
    if facts.broadcast is not None and facts.broadcast.state is BroadcastState.PAUSED:
        return Defer(BROADCAST_PAUSE, "broadcast_paused")
    if is_switched_off(store, message.purpose):
        return Defer(SWITCH_LOOK, f"sending_{store.sending}")
    if message.purpose is Purpose.ORDER:
        return None
    if facts.customer.open_tickets:
        return Defer(TICKET_LOOK, "open_ticket")
    if _is_fresh(message, real_now):
        return None
    opening = find_window(
        facts.now, purpose=message.purpose, channel=message.channel, customer=facts.customer, store=store
    )
    return Defer(opening - facts.now, "outside_hours") if opening is not None else None


def _is_fresh(message: Message, real_now: datetime) -> bool:
    """Whether the engine, which minds the hours, has decided it only just now."""
    if message.state is MessageState.PARKED or message.state_at is None or message.stands_in:
        return False
    return real_now - message.state_at < FRESH_FOR
