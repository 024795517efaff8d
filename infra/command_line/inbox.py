"""The inbox by command: the use cases of the function serve_inbox, on the stack that is at hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, islice

import boto3

from command_line import records
from command_line.failures import CommandFailure
from command_line.queues import open_queues
from command_line.stack import CALLS, Stack
from okaeri.adapters.media_store import S3MediaStore
from okaeri.adapters.stores import DynamoStores
from okaeri.domain.staff import StaffMember
from okaeri.domain.stores import Store
from okaeri.use_cases.serve_inbox import ServeInbox
from okaeri.wiring import make_inbox

OWNER = "owner"  # who has the stack's credentials and names nobody
_MOST_SOLVED = 1000  # looked through for an id that was cut short


def open_inbox(stack: Stack) -> ServeInbox:
    """What the shop's people see and do."""
    return make_inbox(
        stack.dynamodb,
        stack.table_name,
        stores=DynamoStores(stack.dynamodb, stack.table_name),
        queues=open_queues(stack),
        media=S3MediaStore(boto3.client("s3", config=CALLS), stack.outputs.get("MediaBucketName", "")),
    )


def find_member(stack: Stack, store: Store, name: str | None) -> StaffMember:
    """The member of that name, with their role's limits; without a name the owner, who counts as a lead."""
    if name is None:
        return StaffMember(store_id=store.store_id, name=OWNER, role="lead", token_hash="", added_at=datetime.now(UTC))
    staff = open_inbox(stack).staff
    member = staff.find(store.store_id, name)
    if member is None:
        known = ", ".join(one.name for one in staff.list_all(store.store_id)) or "nobody yet"
        raise CommandFailure(f"nobody here is called {name}", at="--by", fix=f"The staff of this store: {known}.")
    return member


def find_ticket_id(stack: Stack, store_id: str, text: str) -> str:
    """The id of which these are the first characters. Raises CommandFailure."""
    records.read_store(stack, store_id)
    tickets = open_inbox(stack).read.keep.tickets
    if tickets.get(store_id, text) is not None:
        return text
    looked_at = chain(tickets.list_open(store_id), islice(tickets.list_solved(store_id), _MOST_SOLVED))
    found = [ticket.ticket_id for ticket in looked_at if ticket.ticket_id.startswith(text)]
    if len(found) != 1:
        what = "several tickets have such an id" if found else "no ticket has such an id"
        raise CommandFailure(what, at="TICKET", fix=f"See okaeri inbox list {store_id}.")
    return found[0]
