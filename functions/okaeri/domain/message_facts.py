"""What a sender reads again just before it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from okaeri.domain.broadcasts import Broadcast
from okaeri.domain.customers import Customer
from okaeri.domain.messages import Message
from okaeri.domain.records import CartRecord, OrderRecord
from okaeri.domain.stores import Store


@dataclass(frozen=True)
class MessageFacts:
    """A message and what it is about, as the table has it now. `now` is in the customer's own time."""

    message: Message
    store: Store
    customer: Customer
    order: OrderRecord | None
    cart: CartRecord | None
    now: datetime
    broadcast: Broadcast | None = None
