"""Meta's app, data protection requests, and waits that must be armed again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched

from boto3.dynamodb.conditions import Key

from command_line import records
from command_line.failures import CommandFailure
from command_line.queues import open_queues
from command_line.secrets import read_secret, write_secret
from command_line.stack import Stack
from okaeri.adapters import keys
from okaeri.adapters.due_index import DynamoDueIndex
from okaeri.adapters.item_body import decode_body
from okaeri.domain.evidence import PrivacyRequested
from okaeri.domain.records import DueItem
from okaeri.use_cases.keep_house import make_wake

# Waits are at most 400 days long.
_EVER = timedelta(days=500)
_BATCH = 10  # what SQS takes at once


def set_meta_app(stack: Stack, *, app_secret: str | None = None, verify_token: str | None = None) -> dict[str, str]:
    """Keeps Meta's app secret and our verify token (made where none is given); returns both. Raises CommandFailure."""
    name = f"{stack.secrets_prefix}/meta-app"
    before = read_secret(stack, name) or {}
    secret = (app_secret or before.get("app_secret", "")).strip()
    if not secret:
        raise CommandFailure(
            "Meta signs its webhooks with the app secret",
            at="--app-secret",
            fix="Copy it from the app's dashboard: App settings → Basic.",
        )
    value = {
        "app_secret": secret,
        "verify_token": verify_token or before.get("verify_token") or secrets.token_urlsafe(24),
    }
    write_secret(stack, name, value)
    return value


def list_privacy_tasks(stack: Stack, store_id: str) -> list[tuple[str, PrivacyRequested]]:
    """The store's data protection requests that wait to be carried out, by their task ids."""
    found = stack.table.query(KeyConditionExpression=Key("pk").eq(keys.privacy_key(store_id)))["Items"]
    return [(str(item["sk"]), decode_body(PrivacyRequested, {"B": bytes(item["body"])})) for item in found]  # type: ignore[arg-type]  # a Binary


def rebuild_timers(stack: Stack, store_id: str | None = None) -> int:
    """Has every customer with a wait looked at, so that its timer is armed again; returns how many."""
    if store_id is not None:
        records.read_store(stack, store_id)
    queues = open_queues(stack)
    now = datetime.now(UTC)
    woken = 0
    for items in batched(_list_waiting(stack, store_id, now), _BATCH, strict=False):
        queues.send_evidence([make_wake(item, now, rearm=True) for item in items])
        woken += len(items)
    return woken


def _list_waiting(stack: Stack, store_id: str | None, now: datetime) -> Iterator[DueItem]:
    for item in DynamoDueIndex(stack.dynamodb, stack.table_name).list_due(now + _EVER):
        if item.message_id is None and store_id in (None, item.store_id):
            yield item
