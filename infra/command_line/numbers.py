"""What Meta says of a store's number, asked for and kept for the senders."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from command_line import graph
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.adapters.numbers import DynamoNumbers
from okaeri.domain.numbers import STANDARD_PER_SECOND, UPGRADED_PER_SECOND, NumberState, read_tier
from okaeri.domain.stores import Store


def find_number(stack: Stack, store: Store) -> NumberState | None:
    """What is kept of the store's number; None where nothing is."""
    number = store.phone_number_id
    return DynamoNumbers(stack.dynamodb, stack.table_name).get(number) if number else None


def keep_display(stack: Stack, store: Store, digits: str) -> None:
    """Keeps the number as shoppers know it, where Meta does not tell."""
    if store.phone_number_id:
        numbers = DynamoNumbers(stack.dynamodb, stack.table_name)
        before = numbers.get(store.phone_number_id) or NumberState(phone_number_id=store.phone_number_id)
        numbers.put(before.model_copy(update={"display": digits}))


def learn_number(stack: Stack, store: Store, token: str) -> NumberState | None:
    """Asks Meta for limit, quality and rate, and keeps them; webhooks bring what changes later.

    None where Meta does not tell, as with an older version of its API.
    """
    if not store.phone_number_id:
        return None
    fields = "display_phone_number,quality_rating,throughput,whatsapp_business_manager_messaging_limit"
    try:
        told = graph.call_graph(stack, "GET", store.phone_number_id, token, query={"fields": fields})
    except CommandFailure:
        return None
    numbers = DynamoNumbers(stack.dynamodb, stack.table_name)
    before = numbers.get(store.phone_number_id) or NumberState(phone_number_id=store.phone_number_id)
    quality = str(told.get("quality_rating", ""))
    level = (told.get("throughput") or {}).get("level", "STANDARD")
    learnt = before.model_copy(
        update={
            "waba_id": store.waba_id or "",
            "display": re.sub(r"\D", "", str(told.get("display_phone_number", ""))) or before.display,
            "tier": read_tier(str(told.get("whatsapp_business_manager_messaging_limit", ""))) or before.tier,
            "quality": quality if quality in ("GREEN", "YELLOW", "RED") else "",
            "quality_at": datetime.now(UTC),
            "per_second": UPGRADED_PER_SECOND if level == "HIGH" else STANDARD_PER_SECOND,
        }
    )
    numbers.put(learnt)
    return learnt
