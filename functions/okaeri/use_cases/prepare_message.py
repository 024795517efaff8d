"""Reads the facts again before a message is sent, and asks every gate once more (design §1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from okaeri.domain.delivery import Turn, judge_turn
from okaeri.domain.evidence import Envelope, InterestSeen
from okaeri.domain.finds import list_finds
from okaeri.domain.interests import WAITED_FOR
from okaeri.domain.last_look import SOLD_OUT, Defer, End, Say, keep_current, look_again
from okaeri.domain.message_facts import MessageFacts, list_offered
from okaeri.domain.messages import Message, MessageState, QueuedMessage
from okaeri.domain.orders import Buyer
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord
from okaeri.domain.values import make_id
from okaeri.errors import AnswerLost, TryAgain
from okaeri.use_cases.settle_message import SettleMessage

if TYPE_CHECKING:
    from okaeri.ports import Clock, Customers, Messages, Records, Stores


@dataclass(frozen=True)
class PrepareMessage:
    """From a queue's body to the facts, or None where there is nothing to send."""

    stores: Stores
    customers: Customers
    records: Records
    messages: Messages
    settle: SettleMessage
    clock: Clock

    def __call__(self, queued: QueuedMessage) -> MessageFacts | None:
        """Raises TryAgain where another worker may be sending it, or where the message is not there (yet)."""
        message = self.messages.get(queued.store_id, queued.customer_id, queued.message_id)
        if message is None:
            raise TryAgain("message_unknown")
        match judge_turn(message, self.clock()):
            case Turn.WAIT:
                raise TryAgain("sending_elsewhere", after_s=60)
            case Turn.LOST:
                self.settle.lose(message, AnswerLost("sender_died"))
                return None
            case Turn.DONE:
                self.settle.follow_up(message)
                return None
        facts = self._read_facts(message)
        return keep_current(facts) if facts and self._may_be_said(facts) else None

    def _read_facts(self, message: Message) -> MessageFacts | None:
        store = self.stores.get(message.store_id)
        customer = self.customers.load(message.store_id, message.customer_id) if store else None
        if store is None or customer is None:
            missing = "customer_gone" if store else "store_gone"
            self.settle.end(message, MessageState.SUPPRESSED, missing)
            return None
        refs = message.refs
        order = self.records.get_order(message.store_id, refs.order_id) if refs.order_id else None
        cart = self.records.get_cart(message.store_id, refs.cart_token) if refs.cart_token else None
        broadcast = self.records.get_broadcast(message.store_id, refs.broadcast_id) if refs.broadcast_id else None
        if (refs.order_id and (order is None or order.order is None)) or (refs.cart_token and cart is None):
            # Decided by a process that died before it wrote the record; the event's redelivery writes it.
            raise TryAgain("record_not_written_yet")
        return MessageFacts(
            message=message,
            store=store,
            customer=customer,
            order=order,
            cart=cart,
            broadcast=broadcast,
            products=self._read_products(message, cart),
            orders=tuple(self._read_orders(message)),
            now=self.clock() + timedelta(seconds=customer.ahead_s),
        )

    def _may_be_said(self, facts: MessageFacts) -> bool:
        match look_again(facts, self.clock()):
            case Say():
                return True
            case Defer() as defer:
                self.settle.defer(facts.message, self.clock() + defer.wait, defer.why)
            case End() as end:
                if end.why == SOLD_OUT:
                    self._keep_waiting(facts)
                self.settle.end(facts.message, end.state, end.why)
        return False

    def _keep_waiting(self, facts: MessageFacts) -> None:
        """Who was to hear of a product that is gone again keeps their place among those who wait for it."""
        message, customer = facts.message, facts.customer
        wish = WAITED_FOR.get(message.template)
        if wish is None:
            return
        ids, emails, phones = customer.store_customer_ids, customer.emails, customer.phones
        interest = InterestSeen.model_validate(
            {
                "wish": wish,
                "product_id": message.data["product.id"],
                "variant_id": message.data.get("product.variant") or None,
                "buyer": Buyer(
                    store_customer_id=next(iter(ids), None),
                    email=next(iter(emails), None),
                    phone=next(iter(phones), None),
                ),
                "at": self.clock(),
                "kept": True,
            }
        )
        envelope = Envelope(
            id=make_id(message.message_id, SOLD_OUT),
            store_id=message.store_id,
            source=f"send_{message.channel}",
            received_at=self.clock(),
            evidence=interest,
        )
        self.settle.queues.send_evidence([envelope], lane=message.lane)

    def _read_orders(self, message: Message) -> Iterator[OrderRecord]:
        """What the question offers to choose from, as it stands now."""
        for order_id in list_offered(message, "orders", "open_orders"):
            if record := self.records.get_order(message.store_id, order_id):
                yield record

    def _read_products(self, message: Message, cart: CartRecord | None) -> dict[str, ProductRecord]:
        """What the cart holds, as the shop has it now: a reminder of what is sold out helps nobody."""
        lines = cart.cart.lines if cart and cart.cart else ()
        in_cart = (line.product_id for line in lines if line.product_id)
        named = (message.data.get("product.id", ""), *list_offered(message, "products"))
        found = chain.from_iterable(list_finds(message.data).values())
        product_ids = list(filter(None, dict.fromkeys((*named, *in_cart, *found))))
        return self.records.get_products(message.store_id, product_ids) if product_ids else {}
