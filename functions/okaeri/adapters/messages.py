"""Message items in DynamoDB: what is said is one immutable body, how far it is stands beside it.

Each move carries a random `mover`. boto3 repeats a write whose answer was lost, and the repetition then fails on its
own condition: the mover tells that from a race that somebody else won.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from okaeri.adapters import keys
from okaeri.adapters.aws_errors import ConditionFailed
from okaeri.adapters.dynamodb import Item, Table, to_due, to_key, to_seconds
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.messages import RANK, Charge, Message, MessageCost, MessageState, find_floor, settle_cost
from okaeri.domain.values import format_time
from okaeri.domain.visits import MOST_VISITS, Visit, Visitor, judge_visits

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from okaeri.ports import Clock

_KEEP = timedelta(days=400)
_MOST_HISTORY = 40  # entries; a message that is parked again and again keeps its first and its latest ones
_BESIDE_BODY = frozenset(
    {
        *("state", "state_at", "reason", "attempt", "repeated", "withheld", "provider_id", "address", "parked_until"),
        *("cost", "clicked", "machine_opened", "format"),
    }
)
# Gone with each move that does not name them anew.
_OF_PARKING = ("parked_until", "due_shard", "sweep_at")


class DynamoMessages:
    """Implements `ports.Messages`. `history` is a list of "time state reason details", the last as JSON.

    `cost` is our estimate and `charge` the provider's word on it; each is a line of words, for an item should stay
    within the same write unit.
    """

    def __init__(self, client: DynamoDBClient, table_name: str, clock: Clock) -> None:
        self._table, self._clock = Table(client, table_name), clock

    def create(self, message: Message) -> MessageState:
        """Puts it, kept for 400 days, if it is new; returns the state it is in afterwards."""
        pk = keys.customer_key(message.store_id, message.customer_id)
        moment = message.state_at or self._clock()
        changes = _list_changes(message.state, moment, message.reason)
        changes |= _to_attributes(
            attempt=message.attempt,
            provider_id=message.provider_id,
            address=message.address,
            repeated=message.repeated or None,
            withheld=message.withheld or None,
            cost=message.cost,
            format=message.format or None,
        )
        item = {
            **to_key(pk, keys.message_key(message.message_id)),
            **changes,
            "body": encode_body(message, leave_out=_BESIDE_BODY),
            "history": {"L": [_make_entry(message.state, moment, message.reason, None)]},
            "expires_at": to_seconds(self._clock() + _KEEP),
            **_park(pk, message.parked_until),
        }
        if message.state_at is None:
            del item["state_at"]
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as exists:
            if exists.item is None:
                raise
            return MessageState(exists.item["state"]["S"])
        return message.state

    def get(self, store_id: str, customer_id: str, message_id: str) -> Message | None:
        """Consistent read."""
        item = self._table.get(keys.customer_key(store_id, customer_id), keys.message_key(message_id))
        return read_message(item) if item else None

    def get_many(self, store_id: str, wanted: Iterable[tuple[str, str]]) -> list[Message]:
        """Those that exist of (customer id, message id)."""
        found = self._table.get_many(
            (keys.customer_key(store_id, customer_id), keys.message_key(message_id))
            for customer_id, message_id in wanted
        )
        return [read_message(item) for item in found]

    def move(
        self,
        message: Message,
        to: MessageState,
        *,
        expected: Sequence[MessageState],
        at: datetime,
        reason: str = "",
        attempt: int | None = None,
        provider_id: str | None = None,
        address: str | None = None,
        parked_until: datetime | None = None,
        repeated: bool | None = None,
        withheld: bool | None = None,
        cost: MessageCost | None = None,
        format: str | None = None,
    ) -> Message | None:
        """Moves it if it is in one of `expected` and still at `message.attempt`; None when it is not."""
        pk = keys.customer_key(message.store_id, message.customer_id)
        changes = _list_changes(to, at, reason) | _to_attributes(
            attempt=attempt,
            provider_id=provider_id,
            address=address,
            repeated=repeated,
            withheld=withheld,
            cost=cost,
            format=format,
        )
        if to is MessageState.PARKED:
            changes |= _park(pk, parked_until)
        states = {f":expected{number}": {"S": state} for number, state in enumerate(expected)}
        condition = f"#state IN ({', '.join(states)}) AND attempt = :attempt_before"
        values = states | {":attempt_before": {"N": str(message.attempt)}}
        entry = _make_entry(to, at, reason, None)
        stale = ("charge",) if cost else ()
        return self._write(pk, keys.message_key(message.message_id), changes, entry, condition, values, stale=stale)

    def report(
        self,
        store_id: str,
        customer_id: str,
        message_id: str,
        to: MessageState,
        *,
        at: datetime,
        reason: str = "",
        details: dict[str, Any] | None = None,
        charge: Charge | None = None,
    ) -> Message | None:
        """Moves it forward by rank; `details` are kept in its history, `charge` beside it."""
        told = {"charge": {"S": f"{charge.type} {charge.category} {charge.billable:d}"}} if charge else {}
        return self._write(
            keys.customer_key(store_id, customer_id),
            keys.message_key(message_id),
            _list_changes(to, at, reason) | told,
            _make_entry(to, at, reason, details),
            "#rank < :rank AND #rank >= :floor",
            {":floor": {"N": str(find_floor(to))}},
        )

    def note_visit(self, store_id: str, customer_id: str, message_id: str, visit: Visit) -> Visitor | None:
        """Adds it to the message's visits, once, and keeps who was there by all of them."""
        pk, sk = keys.customer_key(store_id, customer_id), keys.message_key(message_id)
        entry = {"S": f"{format_time(visit.at)} {visit.link} {visit.machine or '-'}"}
        is_new = "attribute_not_exists(visits) OR (NOT contains(visits, :entry) AND size(visits) < :most)"
        try:
            item = self._table.update(
                pk,
                sk,
                "SET visits = list_append(if_not_exists(visits, :none), :entries)",
                condition=f"attribute_exists(pk) AND ({is_new})",
                values={
                    ":none": {"L": []},
                    ":entry": entry,
                    ":entries": {"L": [entry]},
                    ":most": {"N": str(MOST_VISITS)},
                },
            )
        except ConditionFailed as known:
            if not known.item or "visits" not in known.item:
                return None
            item = known.item
        visitor = judge_visits([_read_visit(line["S"]) for line in item["visits"]["L"]], _find_delivery(item))
        if visitor and item.get("clicked", {}).get("S") != visitor:
            self._table.update(pk, sk, "SET clicked = :visitor", values={":visitor": {"S": visitor}})
        return visitor

    def note_machine_open(self, store_id: str, customer_id: str, message_id: str) -> None:
        """One write, once."""
        with suppress(ConditionFailed):
            self._table.update(
                keys.customer_key(store_id, customer_id),
                keys.message_key(message_id),
                "SET machine_opened = :yes",
                condition="attribute_exists(pk) AND attribute_not_exists(machine_opened)",
                values={":yes": {"BOOL": True}},
            )

    def _write(
        self,
        pk: str,
        sk: str,
        changes: Item,
        entry: Item,
        condition: str,
        values: Item,
        *,
        stale: tuple[str, ...] = (),
    ) -> Message | None:
        """One conditional update; `stale` and what `changes` doesn't name of the parking are removed."""
        mover = secrets.token_hex(4)
        changes = changes | {"mover": {"S": mover}}
        # Each name through an alias: state, rank and others are reserved words of DynamoDB's.
        sets = [f"#{name} = :{name}" for name in changes]
        sets.append("history = list_append(if_not_exists(history, :none), :entry)")
        removes = [name for name in (*_OF_PARKING, *stale) if name not in changes]
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        try:
            item = self._table.update(
                pk,
                sk,
                expression,
                condition=f"attribute_exists(pk) AND {condition}",
                names={f"#{name}": name for name in changes},
                values=values
                | {f":{name}": value for name, value in changes.items()}
                | {":none": {"L": []}, ":entry": {"L": [entry]}},
            )
        except ConditionFailed as lost:
            if lost.item is None or lost.item.get("mover", {}).get("S") != mover:
                return None
            item = lost.item
        self._shorten_history(item)
        return read_message(item)

    def _shorten_history(self, item: Item) -> None:
        if len(item["history"]["L"]) <= _MOST_HISTORY:
            return
        middle = ", ".join(f"history[{index}]" for index in range(1, _MOST_HISTORY // 2))
        self._table.update(item["pk"]["S"], item["sk"]["S"], f"REMOVE {middle}")


def _list_changes(state: MessageState, at: datetime, reason: str) -> Item:
    return {
        "state": {"S": state},
        "rank": {"N": str(RANK[state])},
        "state_at": {"S": format_time(at)},
        "reason": {"S": reason},
    }


def _to_attributes(
    *,
    attempt: int | None,
    provider_id: str | None,
    address: str | None,
    repeated: bool | None,
    withheld: bool | None,
    cost: MessageCost | None,
    format: str | None,
) -> Item:
    attributes: dict[str, Item | None] = {
        "attempt": None if attempt is None else {"N": str(attempt)},
        "provider_id": None if provider_id is None else {"S": provider_id},
        "address": None if address is None else {"S": address},
        "repeated": None if repeated is None else {"BOOL": repeated},
        "withheld": None if withheld is None else {"BOOL": withheld},
        "cost": None if cost is None else {"S": _write_cost(cost)},
        "format": None if format is None else {"S": format},
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _park(pk: str, parked_until: datetime | None) -> Item:
    if parked_until is None:
        return {}
    return {"parked_until": {"S": format_time(parked_until)}, **to_due(pk, parked_until)}


def _make_entry(state: MessageState, at: datetime, reason: str, details: dict[str, Any] | None) -> Item:
    words = [format_time(at), state, reason]
    if details:
        words.append(json.dumps(details, ensure_ascii=False, separators=(",", ":"), default=str))
    return {"S": " ".join(word for word in words if word)}


def _read_visit(line: str) -> Visit:
    at, link, machine = line.split(" ", 2)
    return Visit(datetime.fromisoformat(at), link, "" if machine == "-" else machine)


def _find_delivery(item: Item) -> datetime | None:
    """When it was told to have arrived; None where the first that was told is that it was read."""
    entries = (entry["S"].split(" ", 2) for entry in item.get("history", {}).get("L", ()))
    return next((datetime.fromisoformat(at) for at, state, *_ in entries if state == MessageState.DELIVERED), None)


def _write_cost(cost: MessageCost) -> str:
    """Words in a fixed order, `-` for what is unknown; the market comes last, for its name may have spaces."""
    words = (cost.currency, cost.amount, cost.rate, cost.fee, cost.category, cost.type, cost.market)
    return " ".join(word or "-" for word in words)


def _read_cost(estimate: str | None, charge: str | None) -> MessageCost | None:
    """The estimate with the provider's own word; None where neither was written."""
    cost = None
    if estimate:
        currency, *words = estimate.split(" ", 6)
        amount, rate, fee, category, kind, market = (None if word == "-" else word for word in words)
        cost = MessageCost(
            currency=currency,
            amount=amount,
            rate=rate,
            fee=fee,
            category=category or "",
            type=kind or "",
            market=market or "",
        )
    if charge is None:
        return cost
    kind, category, billable = charge.split(" ")
    return settle_cost(cost, Charge(kind, category, billable == "1"))


def read_message(item: Item) -> Message:
    """The message, with how far it is."""

    def text(name: str) -> str | None:
        value: str | None = item.get(name, {}).get("S")
        return value

    def moment(name: str) -> datetime | None:
        value = text(name)
        return datetime.fromisoformat(value) if value else None

    return decode_body(Message, item["body"]).model_copy(
        update={
            "state": MessageState(item["state"]["S"]),
            "state_at": moment("state_at"),
            "reason": text("reason") or "",
            "attempt": int(item["attempt"]["N"]),
            "repeated": item.get("repeated", {}).get("BOOL", False),
            "withheld": item.get("withheld", {}).get("BOOL", False),
            "cost": _read_cost(text("cost"), text("charge")),
            "provider_id": text("provider_id"),
            "address": text("address"),
            "parked_until": moment("parked_until"),
            "clicked": text("clicked") or "",
            "machine_opened": "machine_opened" in item,
            "format": text("format") or "",
        }
    )
