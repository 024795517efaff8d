"""Records of the table's stream, as Lambda hands them over, as changes that can be counted.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html: items stand in them as DynamoDB writes them in JSON, binary
attributes in Base64.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Item
from okaeri.adapters.item_body import decode_body
from okaeri.adapters.messages import read_message
from okaeri.domain.changes import (
    Change,
    ConsentKept,
    DecisionKept,
    GoalKept,
    MessageMoved,
    OrderPlaced,
    TicketMoved,
)
from okaeri.domain.records import ConsentEntry, DecisionRecord, GoalReached, OrderRecord, Ticket


def read_change(record: Mapping[str, Any]) -> Change | None:
    """The change; None for what is not counted. KeyError, ValueError or zlib.error for what is no item of ours."""
    told = record["dynamodb"]
    if record["eventName"] not in ("INSERT", "MODIFY"):
        return None  # what is forgotten by its time, or by a privacy request, stays counted
    after = _read_item(told["NewImage"])
    before = _read_item(told["OldImage"]) if "OldImage" in told else None
    kind = after["sk"]["S"].partition("#")[0]
    change_id = str(record["eventID"])
    if kind == "M":
        at = datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC)
        return MessageMoved(change_id, at, read_message(before) if before else None, read_message(after))
    if kind == keys.TICKET and "inbox" in after:
        return TicketMoved(change_id, decode_body(Ticket, before["body"]) if before else None, _read(Ticket)(after))
    return _NEW[kind](change_id, after) if before is None and kind in _NEW else None


def _read_item(image: Mapping[str, Any]) -> Item:
    item = dict(image)
    if isinstance(body := item.get("body", {}).get("B"), str):
        item["body"] = {"B": base64.b64decode(body)}
    return item


def _read[M: (Ticket, OrderRecord, GoalReached, ConsentEntry, DecisionRecord)](kind: type[M]) -> Callable[[Item], M]:
    return lambda item: decode_body(kind, item["body"])


_NEW: Mapping[str, Callable[[str, Item], Change]] = {
    keys.RECORD: lambda change_id, item: OrderPlaced(change_id, _read(OrderRecord)(item)),
    "G": lambda change_id, item: GoalKept(change_id, _read(GoalReached)(item)),
    "L": lambda change_id, item: ConsentKept(change_id, _read(ConsentEntry)(item)),
    "D": lambda change_id, item: DecisionKept(change_id, _read(DecisionRecord)(item)),
}
