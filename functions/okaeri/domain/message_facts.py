"""What a sender reads again just before it speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from okaeri.domain.broadcasts import Broadcast
from okaeri.domain.customers import Customer
from okaeri.domain.invoices import DocumentFile
from okaeri.domain.messages import Message
from okaeri.domain.records import CartRecord, OrderRecord, ProductRecord
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
    products: Mapping[str, ProductRecord] = field(default_factory=dict)  # what the cart holds, what a question offers
    orders: tuple[OrderRecord, ...] = ()  # those that a question offers
    document: DocumentFile | None = None  # what goes along
    document_fault: str = ""  # why nothing does, where something should


def list_offered(message: Message, *kinds: str) -> list[str]:
    """The ids of the things that the message's question offers, where they are of one of these kinds."""
    if message.data.get("options.of") not in kinds:
        return []
    return [row["id"] for row in json.loads(message.data.get("options", "[]"))]
