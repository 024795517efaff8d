"""A store's products from its own API or from a file: each goes the road of its webhook, and so does what follows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from command_line import records
from command_line.csv_rows import Refused
from command_line.failures import CommandFailure
from command_line.loads import Loader, Place, Taking, hash_file, join
from command_line.product_files import read_products
from command_line.source_files import read_source
from command_line.stack import Stack
from okaeri.adapters.interests import DynamoInterests
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.evidence import Envelope, ProductSeen
from okaeri.domain.interests import is_buyable
from okaeri.domain.orders import Product
from okaeri.domain.records import Interest, ProductRecord
from okaeri.domain.stores import Platform, Store
from okaeri.domain.values import make_id
from okaeri.errors import RefuseRequest
from okaeri.use_cases.receive_store_event import PayloadRefused, Request
from receive_store_event.dialects import load_dialect

SOURCE = "okaeri products"
WHAT = "products"
_PART = 100  # products of a file that are put between two notes of the place
_TOPICS = {
    Platform.SHOPIFY: {"x-shopify-topic": "products/update"},
    Platform.WOOCOMMERCE: {"x-wc-webhook-topic": "product.updated"},
    Platform.STANDARD: {"webhook-id": SOURCE},
}
_FIX = "A list of products as the store's API gives them, or a CSV file (docs/products.md)."


class Loaded(NamedTuple):
    """How many products are on their way, of this run and of the one that it went on with; what this run refused."""

    taken: int
    refused: tuple[Refused, ...]


class Demand(NamedTuple):
    """How many wait for a product, or for one form of it; those that are wanted most come first."""

    product_id: str
    title: str
    variant: str
    in_stock: str
    stock: int
    launch: int
    wishlist: int
    since: datetime  # when the first of them asked


def count_demand(stack: Stack, store_id: str) -> list[Demand]:
    """Reads everybody who waits: for people, not for functions."""
    clock = partial(datetime.now, UTC)
    interests = DynamoInterests(stack.dynamodb, stack.table_name, clock)
    known = DynamoRecords(stack.dynamodb, stack.table_name, clock)
    found: list[Demand] = []
    for product_id in interests.read_wanted(store_id):
        record = known.get_product(store_id, product_id)
        waiting: dict[str, list[Interest]] = {}
        for interest in interests.list_everybody(store_id, product_id):
            waiting.setdefault(interest.variant_id or "", []).append(interest)
        found += [_count(product_id, record, variant_id, people) for variant_id, people in waiting.items()]
    return sorted(found, key=lambda one: (-(one.stock + one.launch + one.wishlist), one.product_id, one.variant))


def _count(product_id: str, record: ProductRecord | None, variant_id: str, people: Sequence[Interest]) -> Demand:
    product = record.product if record else None
    meant = next((one for one in (product.variants if product else ()) if one.variant_id == variant_id), None)
    wishes = Counter(interest.wish for interest in people)
    return Demand(
        product_id=product_id,
        title=(product.title if product else None) or "not known yet",
        variant=((meant.title if meant else None) or variant_id) if variant_id else "any",
        in_stock="" if product is None else "yes" if is_buyable(product, variant_id or None) else "no",
        stock=wishes["stock"],
        launch=wishes["launch"],
        wishlist=wishes["wishlist"],
        since=min(interest.at for interest in people),
    )


def pull_products(stack: Stack, store_id: str, *, anew: bool = False, loader: Loader | None = None) -> Loaded:
    """Has the engine take each product of the store's own list; goes on where an earlier pull stopped."""
    store = records.read_store(stack, store_id)
    load = loader or Loader(stack, store, WHAT)
    begun = load.find_place("store", anew=anew)
    return _finish(begun, load.pull("products", begun, partial(_take, store=store)))


def import_products(stack: Stack, store_id: str, path: Path, *, anew: bool = False) -> Loaded:
    """The same of a file: CSV, or JSON as the store's API gives it."""
    store = records.read_store(stack, store_id)
    load = Loader(stack, store, f"{WHAT}-file")
    begun = load.find_place(hash_file(path), anew=anew)
    takings = _read_csv(path, store) if path.suffix == ".csv" else _read_json(path, store)
    parts: list[Callable[[], Taking]] = [
        partial(join, iter(takings[start : start + _PART])) for start in range(0, len(takings), _PART)
    ]
    return _finish(begun, load.put_parts(begun, parts))


def _finish(begun: Place, parts: Iterable[tuple[Place, Taking]]) -> Loaded:
    taken, refused = begun.taken, list[Refused]()
    for place, taking in parts:
        taken, refused = place.taken, [*refused, *taking.refused]
    return Loaded(taken, tuple(refused))


def _read_csv(path: Path, store: Store) -> list[Taking]:
    now = datetime.now(UTC)
    return [
        Taking(refused=(found,)) if isinstance(found, Refused) else _wrap(found, store, now)
        for found in read_products(path, now)
    ]


def _read_json(path: Path, store: Store) -> list[Taking]:
    listed = _load_json(path)
    return [_take(product, store=store, where=f"products[{number}]") for number, product in enumerate(listed)]


def _load_json(path: Path) -> Sequence[Any]:
    try:
        found = json.loads(read_source(path, fix="Give the path of a file with products."))
    except ValueError as error:
        raise CommandFailure("this is no JSON", at=str(path), fix=_FIX) from error
    products = found.get("products") if isinstance(found, dict) else found
    if not isinstance(products, list):
        raise CommandFailure("the file holds no list of products", at=str(path), fix=_FIX)
    return products


def _take(product: Any, *, store: Store, where: str = "") -> Taking:
    """One product as the platform's webhook would tell of it."""
    now = datetime.now(UTC)
    name = where or f"product {product.get('id')}"
    try:
        seen = _read_product(product, store, now)
    except PayloadRefused as error:
        return Taking(refused=(Refused(f"{name}.{error.path}", error.reason, _FIX),))
    except RefuseRequest as error:
        return Taking(refused=(Refused(f"{name}.{error.at}", str(error), error.fix),))
    return _wrap(seen, store, now) if seen else Taking()


def _read_product(product: Any, store: Store, now: datetime) -> ProductSeen | None:
    seen = _read_webhook(product, store, now)
    variations = product.get("variations") if store.platform is Platform.WOOCOMMERCE else None
    if seen is None or not variations or not all(isinstance(one, dict) for one in variations):
        return seen
    # WooCommerce tells of variations apart from their product; with all of them at hand it is whole.
    parts = [part.product for one in variations if (part := _read_webhook(one, store, now))]
    return ProductSeen(product=_add_variants(seen.product, parts))


def _add_variants(product: Product, parts: Sequence[Product]) -> Product:
    updated_at = max(part.updated_at for part in (product, *parts))
    variants = tuple(variant for part in parts for variant in part.variants)
    return product.model_copy(update={"variants": variants, "updated_at": updated_at, "price": None, "in_stock": None})


def _read_webhook(product: Any, store: Store, now: datetime) -> ProductSeen | None:
    told = {"type": "product.updated", "data": product} if store.platform is Platform.STANDARD else product
    request = Request(store.store_id, _TOPICS[store.platform], json.dumps(told).encode())
    reading = load_dialect(store.platform).read(request, store, now)
    return next((found for found in reading.evidence if isinstance(found, ProductSeen)), None)


def _wrap(seen: ProductSeen, store: Store, now: datetime) -> Taking:
    key = make_id(store.store_id, SOURCE, seen.model_dump_json())
    return Taking((Envelope(id=key, store_id=store.store_id, source=SOURCE, received_at=now, evidence=seen),))
