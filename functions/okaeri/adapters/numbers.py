"""What Meta says of each number, and how many people each portfolio wrote to, hour by hour, in DynamoDB."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from okaeri.adapters import keys
from okaeri.adapters.dynamodb import Table, to_seconds
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.numbers import NumberState, hold_marketing
from okaeri.domain.values import format_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FRESH_S = 30
_KEEP_COUNTS = timedelta(hours=48)
_FLUSH_S = 60  # a busy sender writes its count once a minute, one that sends seldom with each message


class DynamoNumbers:
    """Implements `ports.Numbers`. What is counted and not yet written is lost with the process: the sum is a guess."""

    def __init__(
        self, client: DynamoDBClient, table_name: str, *, read_seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._table, self._read_seconds = Table(client, table_name), read_seconds
        self._states: ExpiringCache[str, NumberState] = ExpiringCache(fresh_s=_FRESH_S, missing_s=_FRESH_S)
        self._opened: dict[tuple[str, datetime], int] = {}
        self._flushed_at = -_FLUSH_S * 2.0

    def get(self, phone_number_id: str) -> NumberState | None:
        """At most 30 s old."""
        return self._states.get(phone_number_id, lambda: self._load(phone_number_id))

    def put(self, state: NumberState) -> None:
        """Keeps what Meta says now; other processes learn of it within 30 s."""
        self._table.update(
            keys.phone_key(state.phone_number_id),
            keys.NUMBER_STATE,
            "SET body = :body",
            values={":body": encode_body(state, whole=True)},
        )
        self._states.forget(state.phone_number_id)

    def hold_marketing(self, phone_number_id: str, reason: str, until: datetime) -> None:
        """Stands beside Meta's own notices, so that neither overwrites the other."""
        self._table.update(
            keys.phone_key(phone_number_id),
            keys.NUMBER_STATE,
            "SET held_for = :reason, held_until = :until",
            values={":reason": {"S": reason}, ":until": {"S": format_time(until)}},
        )
        self._states.forget(phone_number_id)

    def note_opened(self, waba_id: str, at: datetime) -> None:
        """Counts one person written to first; written with others, at most once a minute."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        self._opened[waba_id, hour] = self._opened.get((waba_id, hour), 0) + 1
        now = self._read_seconds()
        if now - self._flushed_at < _FLUSH_S:
            return
        self._flushed_at = now
        for (portfolio, counted), number in list(self._opened.items()):
            self._table.update(
                keys.portfolio_key(portfolio),
                keys.opened_key(counted),
                "ADD opened :number SET expires_at = :expires",
                values={":number": {"N": str(number)}, ":expires": to_seconds(counted + _KEEP_COUNTS)},
            )
            del self._opened[portfolio, counted]

    def count_opened(self, waba_id: str, *, since: datetime) -> int:
        """People written to first since then, over all numbers of the portfolio; whole hours."""
        earliest = keys.opened_key(since)
        items = self._table.query(keys.portfolio_key(waba_id))
        return sum(int(item["opened"]["N"]) for item in items if item["sk"]["S"] >= earliest)

    def _load(self, phone_number_id: str) -> NumberState | None:
        item = self._table.get(keys.phone_key(phone_number_id), keys.NUMBER_STATE, consistent=False)
        if item is None:
            return None
        known = decode_body(NumberState, item["body"]) if "body" in item else None
        state = known or NumberState(phone_number_id=phone_number_id)
        if "held_until" not in item:
            return state
        return hold_marketing(state, item["held_for"]["S"], datetime.fromisoformat(item["held_until"]["S"]))
