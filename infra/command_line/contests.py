"""Draws of a store's contests: who takes part, the draw itself, and its record, which nothing overwrites."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from command_line import records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from command_line.surveys import read_responses
from okaeri.adapters import keys
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.domain.contests import Draw, draw_contest
from okaeri.domain.customers import Customer
from okaeri.domain.records import Response
from okaeri.domain.stores import Store


class Winner(NamedTuple):
    """Who was drawn, and how to reach them; nothing of who is gone from the store since."""

    ticket: str
    customer_id: str
    name: str
    reach: str


def hold_draw(
    stack: Stack, store_id: str, contest: str, *, winners: int, seed: str, public: str, now: datetime
) -> Draw:
    """Draws and keeps it. CommandFailure where nobody has entered, or where it was drawn already."""
    store = records.read_store(stack, store_id)
    entries = list(_list_entries(stack, store, contest))
    if not entries:
        raise CommandFailure(
            f"nobody has entered {contest}", at="CONTEST", fix=f"okaeri surveys show {store_id} {contest}"
        )
    draw = draw_contest(contest, entries, winners=winners, seed=seed, public=public, store_id=store_id, now=now)
    try:
        stack.table.put_item(
            Item={"pk": keys.store_key(store_id), "sk": keys.draw_key(contest), **_encode(draw)},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        fix = f"okaeri contests show {store_id} {contest}; another contest needs a name of its own"
        raise CommandFailure(f"{contest} was drawn already", at="CONTEST", fix=fix) from error
    return draw


def read_draw(stack: Stack, store_id: str, contest: str) -> Draw:
    """The record of a draw. CommandFailure where there was none."""
    place = {"pk": keys.store_key(store_id), "sk": keys.draw_key(contest)}
    item: dict[str, Any] | None = stack.table.get_item(Key=place, ConsistentRead=True).get("Item")
    if item is None:
        fix = f"okaeri contests draw {store_id} {contest} --winners 3 --seed …"
        raise CommandFailure(f"{contest} has not been drawn", at="CONTEST", fix=fix)
    return decode_body(Draw, {"B": bytes(item["body"])})


def name_winners(stack: Stack, draw: Draw) -> list[Winner]:
    """The winners in the order of their lots."""
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    found = (
        (ticket, name, customers.load(draw.store_id, name))
        for ticket, name in zip(draw.winners, draw.customers, strict=True)
    )
    return [Winner(ticket, name, _name(customer), _find_reach(customer)) for ticket, name, customer in found]


def _list_entries(stack: Stack, store: Store, contest: str) -> Iterator[Response]:
    """Each entry under the customer that it belongs to today; the shop's own testers take part in nothing."""
    customers = DynamoCustomers(stack.dynamodb, stack.table_name)
    testers = {*store.settings.test_phones, *store.settings.test_emails}
    for entry in read_responses(stack, store, contest):
        customer = customers.load(store.store_id, entry.customer_id)
        if customer is not None and not testers & {*customer.phones, *customer.emails}:
            yield entry.model_copy(update={"customer_id": customer.customer_id})


def _encode(draw: Draw) -> dict[str, bytes]:
    return {"body": encode_body(draw, whole=True)["B"]}


def _name(customer: Customer | None) -> str:
    names = (customer.first_name, customer.last_name) if customer else ()
    return " ".join(name for name in names if name)


def _find_reach(customer: Customer | None) -> str:
    ways = (*customer.phones[:1], *customer.emails[:1]) if customer else ()
    return next(iter(ways), "")
