"""What is kept with a customer, in one query over their partition; how a store spoke; an order by its name."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Item, Table, is_expired
from okaeri.adapters.item_body import decode_body
from okaeri.adapters.messages import read_message
from okaeri.domain.histories import History, KeptMessage, MessageMove
from okaeri.domain.messages import MessageState
from okaeri.domain.orders import fold_order_name
from okaeri.domain.records import ConsentEntry, DecisionRecord, FinishedRun, GoalReached, Ticket, TimelineEntry
from okaeri.ports import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoHistories:
    """Implements `ports.Histories`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def read(self, store_id: str, customer_id: str, *, most: int) -> History:
        """One query, page by page, of at most `most` items."""
        found: dict[str, list[Any]] = {kind: [] for kind in "DMLRNG"}
        now, count = self._clock(), 0
        for item in self._table.query(keys.customer_key(store_id, customer_id)):
            kind = item["sk"]["S"].partition("#")[0]
            if kind not in found or is_expired(item, now):
                continue
            if count == most:
                return _make_history(found, is_cut=True)
            count += 1
            found[kind].append(_READERS[kind](item))
        return _make_history(found, is_cut=False)

    def find_order_id(self, store_id: str, name: str) -> str | None:
        """The order of that name, as shoppers know it."""
        item = self._table.get(keys.record_key(store_id, keys.ORDER_NAME, fold_order_name(name)), keys.RECORD)
        order_id: str | None = item["order_id"]["S"] if item else None
        return order_id

    def list_webhooks(self, store_id: str) -> dict[str, datetime]:
        """When each source of the store last spoke, to the hour."""
        item = self._table.get(keys.store_key(store_id), keys.SEEN) or {}
        return {
            source: datetime.fromisoformat(value["S"])
            for source, value in item.items()
            if source not in ("pk", "sk") and "S" in value
        }

    def list_tickets(self, store_id: str) -> Iterator[Ticket]:
        """The store's tickets, in no order."""
        return (read_ticket(item) for item in self._table.query(keys.tickets_key(store_id)))


def read_ticket(item: Item) -> Ticket:
    """The ticket as it was opened, with how it was solved, which stands beside it."""
    ticket = decode_body(Ticket, item["body"])
    if "solved_at" not in item:
        return ticket
    solved = {"solved_at": datetime.fromisoformat(item["solved_at"]["S"]), "outcome": item["outcome"]["S"]}
    return ticket.model_copy(update=solved)


def _read_kept_message(item: Item) -> KeptMessage:
    lines = (entry["S"] for entry in item.get("history", {}).get("L", ()))
    return KeptMessage(read_message(item), tuple(read_move(line) for line in lines))


def read_move(line: str) -> MessageMove:
    """`time state reason details`, the last two where they are there; the details are JSON."""
    at, state, *rest = line.split(" ", 2)
    reason, brace, details = (rest[0] if rest else "").partition("{")
    return MessageMove(
        at=datetime.fromisoformat(at),
        state=MessageState(state),
        reason=reason.strip(),
        details=json.loads(brace + details) if brace else {},
    )


_READERS: dict[str, Any] = {
    "D": lambda item: decode_body(DecisionRecord, item["body"]),
    "M": _read_kept_message,
    "L": lambda item: decode_body(ConsentEntry, item["body"]),
    "R": lambda item: decode_body(FinishedRun, item["body"]),
    "N": lambda item: decode_body(TimelineEntry, item["body"]),
    "G": lambda item: decode_body(GoalReached, item["body"]),
}


def _make_history(found: dict[str, list[Any]], *, is_cut: bool) -> History:
    return History(
        decisions=tuple(found["D"]),
        messages=tuple(found["M"]),
        consents=tuple(found["L"]),
        runs=tuple(found["R"]),
        timeline=tuple(found["N"]),
        goals=tuple(found["G"]),
        is_cut=is_cut,
    )
