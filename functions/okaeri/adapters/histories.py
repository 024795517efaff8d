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
from okaeri.domain.records import ConsentEntry, DecisionRecord, FinishedRun, GoalReached, MediaRecord, TimelineEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_MOST_MESSAGES = 1000  # of one customer within the 400 days for which they are kept


class DynamoHistories:
    """Implements `ports.Histories`."""

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def read(self, store_id: str, customer_id: str, *, most: int) -> History:
        """One query, page by page, of at most `most` items."""
        found: dict[str, list[Any]] = {kind: [] for kind in "DFGLMNR"}
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

    def list_webhooks(self, store_id: str) -> dict[str, datetime]:
        """When each source of the store last spoke, to the hour."""
        item = self._table.get(keys.store_key(store_id), keys.SEEN) or {}
        return {
            source: datetime.fromisoformat(value["S"])
            for source, value in item.items()
            if source not in ("pk", "sk") and "S" in value
        }

    def read_talk(self, store_id: str, customer_id: str, *, most: int) -> History:
        """Three queries: the latest of the timeline, the messages, whose keys know no time, and the files."""
        pk, now = keys.customer_key(store_id, customer_id), self._clock()
        said = list(self._table.query_prefix(pk, "N#", most=most, newest_first=True))
        told = [item for item in self._table.query_prefix(pk, "M#", most=_MOST_MESSAGES) if not is_expired(item, now)]
        files = self._table.query_prefix(pk, "F#", most=most)
        return History(
            timeline=tuple(decode_body(TimelineEntry, item["body"]) for item in said),
            messages=tuple(_read_kept_message(item) for item in told),
            media=tuple(_read_media(item) for item in files),
            is_cut=len(said) == most or len(told) == _MOST_MESSAGES,
        )


def _read_media(item: Item) -> MediaRecord:
    agreed = "may_publish" in item and item["may_publish"]["BOOL"]
    return decode_body(MediaRecord, item["body"]).model_copy(update={"may_publish": agreed})


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
    "F": _read_media,
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
        media=tuple(found["F"]),
        is_cut=is_cut,
    )
