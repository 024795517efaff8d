"""A store's products from a file, as its own API or shop window lists them: the finder need not wait for webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from command_line import records
from command_line.failures import CommandFailure
from command_line.faq_files import Refused
from command_line.queues import open_queues
from command_line.source_files import read_source
from command_line.stack import Stack
from okaeri.domain.evidence import Envelope, ProductSeen
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import Lane, make_id
from okaeri.errors import RefuseRequest
from okaeri.use_cases.receive_store_event import PayloadRefused, Request
from receive_store_event.dialects import load_dialect

SOURCE = "okaeri products"
_TOGETHER = 10  # what SQS takes at once
_TOPICS = {
    Platform.SHOPIFY: {"x-shopify-topic": "products/update"},
    Platform.WOOCOMMERCE: {"x-wc-webhook-topic": "product.updated"},
    Platform.STANDARD: {"webhook-id": SOURCE},
}
_FIX = "A list of products as the store's API gives them (docs/faq.md)."


def import_products(stack: Stack, store_id: str, path: Path) -> tuple[int, tuple[Refused, ...]]:
    """Has the engine take each product as it would from a webhook: how many, and what was refused."""
    store = records.read_store(stack, store_id)
    envelopes: list[Envelope] = []
    refused: list[Refused] = []
    for position, product in enumerate(_read_products(path)):
        try:
            envelopes += _wrap(product, store, datetime.now(UTC))
        except PayloadRefused as error:
            refused.append(Refused(f"products[{position}].{error.path}", error.reason, _FIX))
        except RefuseRequest as error:
            refused.append(Refused(f"products[{position}].{error.at}", str(error), error.fix))
    queues = open_queues(stack)
    for start in range(0, len(envelopes), _TOGETHER):
        queues.send_evidence(envelopes[start : start + _TOGETHER], lane=Lane.MARKETING)
    return len(envelopes), tuple(refused)


def _read_products(path: Path) -> Sequence[Any]:
    try:
        found = json.loads(read_source(path, fix="Give the path of a file with products."))
    except ValueError as error:
        raise CommandFailure("this is no JSON", at=str(path), fix=_FIX) from error
    products = found.get("products") if isinstance(found, dict) else found
    if not isinstance(products, list):
        raise CommandFailure("the file holds no list of products", at=str(path), fix=_FIX)
    return products


def _wrap(product: Any, store: Store, now: datetime) -> Iterator[Envelope]:
    """The product as the platform's webhook would tell of it."""
    told = {"type": "product.updated", "data": product} if store.platform is Platform.STANDARD else product
    body = json.dumps(told).encode()
    reading = load_dialect(store.platform).read(Request(store.store_id, _TOPICS[store.platform], body), store, now)
    for evidence in reading.evidence:
        if isinstance(evidence, ProductSeen):
            key = make_id(store.store_id, SOURCE, body.decode())
            yield Envelope(id=key, store_id=store.store_id, source=SOURCE, received_at=now, evidence=evidence)
