"""Webhooks as stores send them: recorded payloads, signed for real."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from okaeri.adapters import webhook_signatures
from okaeri.domain.carriers import ADDRESS_TOKEN, Carrier
from okaeri.domain.stores import Platform, Store, StoreSettings
from okaeri.use_cases.receive_store_event import ReceiveStoreEvent, Request
from receive_store_event.dialects import load_dialect
from tests.fakes import FakeClock, FakeQueues, FakeSecrets, FakeStores

EVENTS = Path(__file__).parent / "events"
SECRET = "shpss_3f1d9c5b7a"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, no more").decode()
PHONE_WORDING = "We send news of your order to this number on WhatsApp."

NAMI = Store(
    store_id="nami",
    name="Nami Works",
    platform=Platform.SHOPIFY,
    domain="nami-works.myshopify.com",
    site_url="https://nami-works.example",
    locale="ja",
    country="JP",
    currency="JPY",
    settings=StoreSettings(phone_field_is_opt_in=True, phone_field_wording=PHONE_WORDING),
)
KRAUT = Store(
    store_id="kraut",
    name="Kraut",
    platform=Platform.WOOCOMMERCE,
    domain="kraut.example",
    site_url="https://kraut.example",
    locale="de",
    country="DE",
    currency="EUR",
)
SOL = Store(
    store_id="sol",
    name="Sol",
    platform=Platform.STANDARD,
    domain="sol.example",
    site_url="https://sol.example",
    locale="pt-BR",
    country="BR",
    currency="BRL",
)


def read_event(path: str) -> dict[str, Any]:
    """A recorded payload: `shopify/orders_create`."""
    payload: dict[str, Any] = json.loads((EVENTS / f"{path}.json").read_text())
    return payload


def to_body(payload: object) -> bytes:
    """As most senders write it."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def sign_hmac(body: bytes, secret: str = SECRET) -> str:
    """Shopify's and WooCommerce's signature."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def send_shopify(topic: str, payload: object, *, secret: str = SECRET, **headers: str) -> Request:
    """A signed Shopify webhook; keywords become headers, `event_id` → X-Shopify-Event-Id."""
    body = payload if isinstance(payload, bytes) else to_body(payload)
    return Request(
        store_id=NAMI.store_id,
        headers={
            "content-type": "application/json",
            "x-shopify-hmac-sha256": sign_hmac(body, secret),
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": NAMI.domain,
            "x-shopify-api-version": "2026-04",
            "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
            **{f"x-shopify-{name.replace('_', '-')}": value for name, value in headers.items()},
        },
        body=body,
    )


def send_woocommerce(topic: str, payload: object, *, secret: str = SECRET) -> Request:
    """A signed WooCommerce webhook."""
    body = payload if isinstance(payload, bytes) else to_body(payload)
    return Request(
        store_id=KRAUT.store_id,
        headers={
            "content-type": "application/json",
            "user-agent": "WooCommerce/11.1.0 Hookshot (WordPress/7.0)",
            "x-wc-webhook-source": "https://kraut.example/",
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-signature": sign_hmac(body, secret),
            "x-wc-webhook-id": "4",
            "x-wc-webhook-delivery-id": "8cb6a4bd0f1d1f7a",
        },
        body=body,
    )


def send_standard(
    payload: object, *, webhook_id: str = "msg_2KWP", secret: str = STANDARD_SECRET, at: datetime | None = None
) -> Request:
    """A signed event of our own store API, sent now where `at` says nothing else."""
    body = payload if isinstance(payload, bytes) else to_body(payload)
    at = at or datetime.now(UTC)
    return Request(
        store_id=SOL.store_id,
        headers={
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
        },
        body=body,
    )


def send_carrier(carrier: Carrier, payload: object, *, secret: str = SECRET, token: str = "") -> Request:
    """A webhook of a carrier for Nami's parcels, signed as that one signs; Shippo's with a token where one is given."""
    body = payload if isinstance(payload, bytes) else to_body(payload)
    in_hex = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    stamped = hmac.digest(secret.encode(), b"1763632800." + body, hashlib.sha256).hex()
    signatures = {
        Carrier.AFTERSHIP: {"aftership-hmac-sha256": sign_hmac(body, secret)},
        Carrier.EASYPOST: {"x-hmac-signature": f"hmac-sha256-hex={in_hex}"},
        Carrier.SHIPPO: {ADDRESS_TOKEN: token} if token else {"shippo-auth-signature": f"t=1763632800,v1={stamped}"},
    }
    headers = {"content-type": "application/json", **signatures[carrier]}
    return Request(NAMI.store_id, headers, body, carrier=carrier)


def make_receiver(
    queues: FakeQueues,
    *stores: Store,
    clock: FakeClock | None = None,
    secrets: Mapping[str, dict[str, str]] | None = None,
    **limits: int,
) -> ReceiveStoreEvent:
    """The use case with fakes for everything that is not receiving; real signatures, real payload models."""
    webhook_secrets = {
        "stores/nami/webhook": {"current": SECRET},
        "stores/kraut/webhook": {"current": SECRET},
        "stores/sol/webhook": {"current": STANDARD_SECRET},
        **{f"stores/nami/{carrier}/webhook": {"current": SECRET} for carrier in Carrier},
        **(secrets or {}),
    }
    return ReceiveStoreEvent(
        stores=FakeStores(*(stores or (NAMI, KRAUT, SOL))),
        secrets=FakeSecrets(webhook_secrets),
        queues=queues,
        clock=clock or FakeClock(),
        signatures={
            Platform.SHOPIFY: webhook_signatures.is_signed_by_shopify,
            Platform.WOOCOMMERCE: webhook_signatures.is_signed_by_woocommerce,
            Platform.STANDARD: webhook_signatures.is_signed_by_standard,
            Carrier.AFTERSHIP: webhook_signatures.is_signed_by_aftership,
            Carrier.EASYPOST: webhook_signatures.is_signed_by_easypost,
            Carrier.SHIPPO: webhook_signatures.is_signed_by_shippo,
        },
        load_dialect=load_dialect,
        **limits,
    )
