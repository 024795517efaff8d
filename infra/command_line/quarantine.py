"""Webhooks with a true signature that our models refused: listed, and sent through the front door again after a fix."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import requests

from command_line import records
from command_line.queues import drop_message, show_again, take_messages
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack
from okaeri.adapters.queues import read_quarantined
from okaeri.domain.carriers import Carrier
from okaeri.domain.stores import Platform, Store

QUEUE = "QuarantineQueue"
TIMEOUT_S = (5, 30)  # to connect, to answer
_LOOK_S, _HOLD_S = 10, 300


@dataclass(frozen=True)
class Quarantined:
    """A refused webhook, put together from its parts. Its body is personal data and is never shown."""

    quarantine_id: str
    store_id: str
    source: str
    path: str
    reason: str
    is_whole: bool
    bodies: tuple[str, ...]
    receipts: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """What came of sending one again."""

    quarantined: Quarantined
    done: bool
    result: str


def list_quarantined(stack: Stack, *, most: int = 1000) -> list[Quarantined]:
    """What waits, without its bodies; it stays where it is."""
    found = _gather(stack, hidden_s=_LOOK_S, most=most)
    for entry in found:
        _put_back(stack, entry)
    return found


def replay_quarantined(stack: Stack, ids: Collection[str] = (), *, most: int = 1000) -> list[Replay]:
    """Signs each anew with its store's secret and posts it to the stack; what is taken leaves the quarantine.

    The deployed functions judge, so deploy the fix first. What they refuse again stays.
    """
    replays = []
    for entry in _gather(stack, hidden_s=_HOLD_S, most=most):
        if ids and entry.quarantine_id not in ids:
            _put_back(stack, entry)
            continue
        done, result = _post(stack, entry) if entry.is_whole else (False, "some of its parts are missing: try again")
        for receipt in entry.receipts:
            if done:
                drop_message(stack, QUEUE, receipt)
        if not done:
            _put_back(stack, entry)
        replays.append(Replay(entry, done, result))
    return replays


def _gather(stack: Stack, *, hidden_s: int, most: int) -> list[Quarantined]:
    parts: dict[str, list[tuple[dict[str, Any], str, str]]] = defaultdict(list)
    for message in take_messages(stack, QUEUE, hidden_s=hidden_s, most=most):
        data = json.loads(message["Body"])
        parts[data["id"]].append((data, message["Body"], message["ReceiptHandle"]))
    gathered = []
    for quarantine_id, found in parts.items():
        head = found[0][0]
        bodies = {data["part"]: body for data, body, _ in found}  # a webhook may have been refused twice
        gathered.append(
            Quarantined(
                quarantine_id=quarantine_id,
                store_id=head["store_id"],
                source=head["source"],
                path=head["path"],
                reason=head["reason"],
                is_whole=len(bodies) == head["parts"],
                bodies=tuple(bodies.values()),
                receipts=tuple(receipt for _, _, receipt in found),
            )
        )
    return gathered


def _put_back(stack: Stack, entry: Quarantined) -> None:
    for receipt in entry.receipts:
        show_again(stack, QUEUE, receipt)


def _post(stack: Stack, entry: Quarantined) -> tuple[bool, str]:
    body = read_quarantined(entry.bodies)
    carrier = entry.source.partition(":")[0]
    if carrier in tuple(Carrier):
        secret = read_secret(stack, name_secret(stack, entry.store_id, f"{carrier}/webhook"))
        if secret is None:
            return False, "the store listens to it no more"
        url = f"{stack.api_url}/carriers/{entry.store_id}/{carrier}"
        headers = sign_for_carrier(Carrier(carrier), body, secret["current"])
    elif entry.store_id:
        store = records.find_store(stack, entry.store_id)
        secret = read_secret(stack, name_secret(stack, entry.store_id, "webhook"))
        if store is None or secret is None:
            return False, "its store is gone"
        url = f"{stack.api_url}/stores/{store.store_id}/events"
        headers = sign_for_store(store, entry, body, secret["current"])
    else:
        app = read_secret(stack, f"{stack.secrets_prefix}/meta-app")
        if app is None or not body.lstrip().startswith(b'{"object"'):
            return False, "a part of Meta's webhook, which has to be read by hand"
        url = f"{stack.api_url}/whatsapp"
        headers = {"x-hub-signature-256": f"sha256={hmac.new(app['app_secret'].encode(), body, 'sha256').hexdigest()}"}
    try:
        answer = requests.post(
            url,
            data=body,
            headers={"content-type": "application/json"} | headers,
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return False, f"{stack.api_url} cannot be reached ({type(error).__name__})"
    return _judge(answer)


def _judge(answer: requests.Response) -> tuple[bool, str]:
    try:
        data = answer.json()
    except ValueError:
        data = {}
    result = str(data.get("result") or data.get("error") or answer.status_code) if isinstance(data, dict) else ""
    if answer.ok and result == "quarantined":
        # The stack has put a fresh copy into quarantine; the old one goes.
        return True, f"refused again: {data.get('at')}: {data.get('reason')}"
    return answer.ok, result


def sign_for_store(store: Store, entry: Quarantined, body: bytes, secret: str) -> dict[str, str]:
    """Headers under which the store's platform would have sent it."""
    topic = entry.source.partition(":")[2]
    match store.platform:
        case Platform.SHOPIFY:
            return {
                "x-shopify-hmac-sha256": _sign(secret.encode(), body),
                "x-shopify-topic": topic,
                "x-shopify-shop-domain": store.domain,
                "x-shopify-webhook-id": entry.quarantine_id,
            }
        case Platform.WOOCOMMERCE:
            return {
                "x-wc-webhook-signature": _sign(secret.encode(), body),
                "x-wc-webhook-topic": topic,
                "x-wc-webhook-source": store.site_url,
            }
        case Platform.STANDARD:
            now = int(time.time())
            key = base64.b64decode(secret.removeprefix("whsec_"))
            signed = f"{entry.quarantine_id}.{now}.".encode() + body
            return {
                "webhook-id": entry.quarantine_id,
                "webhook-timestamp": str(now),
                "webhook-signature": f"v1,{_sign(key, signed)}",
            }


def sign_for_carrier(carrier: Carrier, body: bytes, secret: str) -> dict[str, str]:
    """Headers under which the carrier would have sent it."""
    match carrier:
        case Carrier.AFTERSHIP:
            return {"aftership-hmac-sha256": _sign(secret.encode(), body)}
        case Carrier.EASYPOST:
            key = unicodedata.normalize("NFKD", secret).encode()
            return {"x-hmac-signature": f"hmac-sha256-hex={hmac.new(key, body, hashlib.sha256).hexdigest()}"}
        case Carrier.SHIPPO:
            now = int(time.time())
            signed = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
            return {"shippo-auth-signature": f"t={now},v1={signed}"}


def _sign(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
