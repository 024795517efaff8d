"""Files that a customer sent, as the commands read them, and whether they may be published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import boto3

from command_line.consent import find_customer
from command_line.failures import CommandFailure
from command_line.records import read_store
from command_line.stack import CALLS, Stack
from okaeri.adapters.histories import DynamoHistories
from okaeri.adapters.media_store import S3MediaStore
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.customers import Customer
from okaeri.domain.records import MediaRecord
from okaeri.errors import GiveUp

_MOST = 1000  # files of one customer


def list_media(stack: Stack, store_id: str, customer: str) -> Sequence[MediaRecord]:
    """What the customer sent, oldest first, with what the records sent that were joined to theirs."""
    return _list_media(stack, find_customer(stack, read_store(stack, store_id), customer))


def fetch_media(stack: Stack, store_id: str, customer: str, media_id: str) -> tuple[MediaRecord, bytes]:
    """The file. CommandFailure where there is none, it was refused, or its time is over."""
    record = find_media(stack, store_id, customer, media_id)
    if record.refused:
        raise CommandFailure(f"{record.media_id} was not kept: {record.refused}", at="MEDIA")
    store = S3MediaStore(boto3.client("s3", config=CALLS), stack.outputs["MediaBucketName"])
    try:
        return record, store.get(record.key)[1]
    except GiveUp as gone:
        fix = "Files are kept for as many days as the stack's parameter MediaRetentionDays says."
        raise CommandFailure(f"{record.media_id} is no longer kept", at="MEDIA", fix=fix) from gone


def set_publishable(stack: Stack, store_id: str, customer: str, media_id: str, *, agreed: bool) -> MediaRecord:
    """Notes whether the customer agreed to have it published."""
    record = find_media(stack, store_id, customer, media_id)
    records = DynamoRecords(stack.dynamodb, stack.table_name, lambda: datetime.now(UTC))
    records.note_showing(store_id, record.customer_id, record.media_id, agreed=agreed)
    return record


def find_media(stack: Stack, store_id: str, customer: str, media_id: str) -> MediaRecord:
    """The one file whose id begins so. CommandFailure where there is none, or more than one."""
    found = [record for record in list_media(stack, store_id, customer) if record.media_id.startswith(media_id)]
    if len(found) != 1:
        raise CommandFailure(
            f"{len(found) or 'no'} files of this customer have an id that begins with {media_id}",
            at="MEDIA",
            fix=f"List them: okaeri media list {store_id} {customer}",
        )
    return found[0]


def _list_media(stack: Stack, customer: Customer) -> Sequence[MediaRecord]:
    histories = DynamoHistories(stack.dynamodb, stack.table_name, lambda: datetime.now(UTC))
    holders = (customer.customer_id, *customer.absorbed)
    found = [r for holder in holders for r in histories.read_talk(customer.store_id, holder, most=_MOST).media]
    return sorted(found, key=lambda record: record.received_at)
