"""`okaeri products`: a store's own list at the store's pace, files, and going on where a load stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from command_line.failures import CommandFailure
from command_line.loads import Loader
from command_line.products import WHAT, count_demand, import_products, pull_products
from command_line.queues import take_messages
from command_line.records import create_store
from command_line.secrets import name_secret, write_secret
from command_line.stack import Stack
from okaeri.adapters.interests import DynamoInterests
from okaeri.adapters.queues import read_envelope
from okaeri.adapters.records import DynamoRecords
from okaeri.domain.evidence import ProductSeen
from okaeri.domain.orders import Guide, Product, Variant
from okaeri.domain.records import Interest, ProductRecord
from okaeri.domain.stores import Platform, Store
from tests.fakes import FakeClock
from tests.functional.aws_from_template import MadeStack
from tests.functional.command_line.stack import describe_stack
from tests.functional.local.conftest import running

STATES = ("instock", "outofstock")
STORE = Store(
    store_id="kinari",
    name="Kinari",
    platform=Platform.SHOPIFY,
    domain="kinari.example",
    site_url="https://kinari.example",
    country="JP",
    currency="JPY",
)


@pytest.fixture(scope="module")
def shops() -> Iterator[str]:
    with running("local.shops") as url:
        yield url


class Shop:
    """A store and its stand-in."""

    def __init__(self, stack: Stack, url: str, store: Store) -> None:
        self.stack, self.url, self.store = stack, url, store
        self.waits: list[float] = []
        access = {"store_id": store.store_id, "platform": store.platform, "domain": store.domain}
        self.order("reset")
        shops = [access | {"token": "shpat_1", "key": "ck", "secret": "cs"}]
        self.order("configure", shops=shops, bucket_holds=1_000, bucket_per_second=5_000, calls_before_429=0)
        create_store(stack, store)
        secret = {"token": "shpat_1", "key": "ck", "secret": "cs", "url": f"{url}/{store.domain}"}
        write_secret(stack, name_secret(stack, store.store_id, "api"), secret)

    def order(self, what: str, **body: Any) -> None:
        requests.post(f"{self.url}/_/{what}", json=body, timeout=5).raise_for_status()

    def stock(self, product: dict[str, Any]) -> None:
        self.order("products", store=self.store.store_id, product=product)

    def rest(self, seconds: float) -> None:
        self.waits.append(seconds)
        time.sleep(min(seconds, 0.5))

    def pull(self, **options: Any) -> Any:
        loader = Loader(self.stack, self.store, WHAT, sleep=self.rest)
        return pull_products(self.stack, self.store.store_id, loader=loader, **options)

    def receive(self) -> list[ProductSeen]:
        """What is on its way to the engine, oldest first."""
        bodies = [message["Body"] for message in take_messages(self.stack, "BulkQueue", hidden_s=60, most=9_999)]
        seen = [read_envelope(body).evidence for body in bodies]
        assert all(isinstance(evidence, ProductSeen) for evidence in seen)
        return seen  # type: ignore[return-value]  # looked at above


@pytest.fixture
def stack(made_stack: MadeStack) -> Stack:
    return replace(describe_stack(made_stack), stage="local")


@pytest.fixture
def shopify(stack: Stack, shops: str) -> Shop:
    return Shop(stack, shops, STORE)


@pytest.fixture
def woocommerce(stack: Stack, shops: str) -> Shop:
    return Shop(stack, shops, STORE.model_copy(update={"store_id": "casa", "platform": Platform.WOOCOMMERCE}))


def make_product(number: int, **changes: Any) -> dict[str, Any]:
    variant = {"id": number * 1000, "title": "Default Title", "price": "48.00", "inventory_quantity": number % 3}
    return {
        "id": number,
        "title": f"Apron {number}",
        "handle": f"apron-{number}",
        "status": "active",
        "product_type": "Aprons",
        "tags": "linen, kitchen",
        "updated_at": "2026-11-01T10:00:00Z",
        "images": [{"src": "https://cdn.example/apron.jpg"}],
        "variants": [variant],
    } | changes


def test_a_whole_shop_comes_page_by_page_as_its_webhooks_would_tell_of_it(shopify: Shop) -> None:
    for number in range(1, 26):
        shopify.stock(make_product(number))
    assert shopify.pull().taken == 25
    seen = shopify.receive()
    assert [one.product.product_id for one in seen] == [str(number) for number in range(1, 26)]
    product = seen[0].product
    assert (product.title, product.product_type, product.tags) == ("Apron 1", "Aprons", ("linen", "kitchen"))
    assert (product.url, product.image_url) == (
        "https://kinari.example/products/apron-1",
        "https://cdn.example/apron.jpg",
    )
    [variant] = product.variants
    assert (variant.variant_id, variant.title, variant.in_stock) == ("1000", None, True)
    assert [one.product.variants[0].in_stock for one in seen[:3]] == [True, True, False]


def test_a_product_with_very_many_variants_comes_whole(shopify: Shop) -> None:
    variants = [{"id": 5000 + n, "title": f"Size {n}", "price": "48.00", "inventory_quantity": 1} for n in range(260)]
    shopify.stock(make_product(5, variants=variants))
    shopify.pull()
    [seen] = shopify.receive()
    assert [variant.title for variant in seen.product.variants] == [f"Size {n}" for n in range(260)]


def test_the_shop_s_own_pace_is_kept(shopify: Shop) -> None:
    """The bucket holds one page and fills at once only where it is waited for."""
    shopify.order("configure", bucket_holds=940, bucket_per_second=500)
    for number in range(1, 26):
        shopify.stock(make_product(number))
    assert shopify.pull().taken == 25
    assert any(0 < wait < 1 for wait in shopify.waits)


def test_a_load_that_was_throttled_or_failed_is_tried_again_after_the_wait_that_was_asked_for(shopify: Shop) -> None:
    shopify.stock(make_product(1))
    shopify.order("faults", code="THROTTLED", times=2)
    shopify.order("faults", http_status=503, times=1)
    assert shopify.pull().taken == 1
    assert len([wait for wait in shopify.waits if wait > 0]) == 3


def test_what_was_stopped_goes_on_where_it_stopped(shopify: Shop) -> None:
    for number in range(1, 31):
        shopify.stock(make_product(number))

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_products(shopify.stack, "kinari", loader=Loader(shopify.stack, STORE, WHAT, sleep=stop))
    assert len(shopify.receive()) == 10
    assert shopify.pull().taken == 30
    assert [one.product.product_id for one in shopify.receive()] == [str(number) for number in range(11, 31)]
    assert shopify.pull().taken == 30  # it was done: the next one begins anew


def test_a_store_that_does_not_answer_leaves_the_load_where_it_is(shopify: Shop) -> None:
    for number in range(1, 16):
        shopify.stock(make_product(number))
    failing = Loader(shopify.stack, STORE, WHAT, sleep=lambda seconds: shopify.order("faults", http_status=503))
    with pytest.raises(CommandFailure) as failure:
        pull_products(shopify.stack, "kinari", loader=failing)
    assert "goes on where it stopped" in failure.value.fix
    assert len(shopify.receive()) == 10
    requests.delete(f"{shopify.url}/_/faults", timeout=5)
    assert shopify.pull().taken == 15


def test_what_the_app_may_not_read_is_said(shopify: Shop) -> None:
    access = {"store_id": "kinari", "platform": "shopify", "domain": "kinari.example", "token": "shpat_1"}
    shopify.order("configure", shops=[access | {"scopes": ["read_orders"]}])
    with pytest.raises(CommandFailure, match="read_products"):
        shopify.pull()


def test_a_product_s_extra_fields_become_its_care(shopify: Shop) -> None:
    fields = {
        "refill_days": "45",
        "specification": '{"Material": "Linen"}',
        "guides": '[{"title": "Washing", "url": "https://kinari.example/wash", "kind": "video", "locale": "en"}]',
        "review_days": "soon",  # no number: it says nothing
    }
    given = [{"namespace": "okaeri", "key": key, "value": value} for key, value in fields.items()]
    shopify.stock(make_product(1, metafields=[*given, {"namespace": "other", "key": "parcel", "value": "no"}]))
    shopify.pull()
    [seen] = shopify.receive()
    care = seen.product.care
    assert care is not None
    assert (care.refill_days, care.review_days, care.parcel) == (45, None, "")
    assert care.specification == {"Material": "Linen"}
    assert care.guides == (Guide(title="Washing", url="https://kinari.example/wash", kind="video", locale="en"),)


def test_woocommerce_s_pages_come_with_all_variations_of_each_product(woocommerce: Shop) -> None:
    for number in range(1, 61):
        woocommerce.stock({"id": number, "name": f"Cup {number}", "type": "simple", "price": "9", "status": "publish"})
    sizes = [
        {"id": 9000 + n, "price": "12", "stock_status": STATES[n > 0], "attributes": [{"option": f"{n} l"}]}
        for n in range(120)
    ]
    pot = {"id": 99, "name": "Pot", "type": "variable", "price": "12", "status": "publish", "variations": sizes}
    woocommerce.stock(pot | {"meta_data": [{"key": "_okaeri_parcel", "value": "A pot and its lid"}]})
    assert woocommerce.pull().taken == 61
    seen = {one.product.product_id: one for one in woocommerce.receive()}
    assert len(seen) == 61
    whole = seen["99"]
    assert not whole.partial
    assert [variant.in_stock for variant in whole.product.variants] == [True] + [False] * 119
    assert whole.product.variants[1].title == "1 l"
    assert whole.product.care is not None
    assert whole.product.care.parcel == "A pot and its lid"


def test_a_host_that_counts_calls_is_waited_for(woocommerce: Shop) -> None:
    woocommerce.order("configure", calls_before_429=1)
    for number in range(1, 121):
        woocommerce.stock({"id": number, "name": f"Cup {number}", "type": "simple", "price": "9", "status": "publish"})
    assert woocommerce.pull().taken == 120
    assert 1.0 in woocommerce.waits  # its Retry-After


def test_a_platform_of_its_own_is_told_to_give_a_file(stack: Stack) -> None:
    create_store(stack, STORE.model_copy(update={"platform": Platform.STANDARD}))
    with pytest.raises(CommandFailure, match="platform of its own"):
        pull_products(stack, "kinari")


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CSV = """\
product_id,title,variant_id,variant,price,quantity,tags,specification,guides,videos,refill_days,review_days,parcel
1,Apron,11,M,4800,3,linen|top,Material: linen | Care: 40 °C,Wash = https://k.example/w,[ja] 洗う = https://k.example/v,90,14,Bag
1,,12,L,4800,0,,,,,,,
2,,,,,,,,,,30,,
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "products.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_spreadsheet_s_lines_become_products_with_their_care(shopify: Shop, tmp_path: Path) -> None:
    loaded = import_products(shopify.stack, "kinari", write(tmp_path, CSV))
    assert (loaded.taken, loaded.refused) == (2, ())
    apron, other = shopify.receive()
    assert [(variant.title, variant.in_stock) for variant in apron.product.variants] == [("M", True), ("L", False)]
    care = apron.product.care
    assert care is not None
    assert care.specification == {"Material": "linen", "Care": "40 °C"}
    assert [(guide.title, guide.kind, guide.locale) for guide in care.guides] == [
        ("Wash", "guide", ""),
        ("洗う", "video", "ja"),
    ]
    assert (care.refill_days, care.review_days, care.parcel) == (90, 14, "Bag")
    assert other.partial  # its record is the store's: nothing else of it changes
    assert other.product.care is not None
    assert other.product.care.refill_days == 30


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("3,Cup,,,dear,,,,,,,,", "line 2, price"),
        (",Cup,,,1,,,,,,,,", "line 2, product_id"),
        ("3,Cup,,,1,,,,somewhere,,,,", "line 2, guides"),
        ("3,Cup,,,1,,,,,,-3,,", "line 2, refill_days"),
        ("3,Cup,,,1,few,,,,,,,", "line 2, quantity"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_column_and_the_others_are_taken(
    shopify: Shop, tmp_path: Path, line: str, where: str
) -> None:
    heads, rest = CSV.split("\n", 1)
    loaded = import_products(shopify.stack, "kinari", write(tmp_path, f"{heads}\n{line}\n{rest}"))
    assert loaded.taken == 2
    [refused] = loaded.refused
    assert refused.where == where
    assert refused.fix


def test_columns_that_nobody_knows_are_refused(shopify: Shop, tmp_path: Path) -> None:
    with pytest.raises(CommandFailure, match="unknown columns: colour"):
        import_products(shopify.stack, "kinari", write(tmp_path, "product_id,colour\n1,red\n"))


# ── Demand ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_shop_sees_who_waits_for_what(stack: Stack) -> None:
    create_store(stack, STORE)
    clock = FakeClock()
    interests = DynamoInterests(stack.dynamodb, stack.table_name, clock)
    variants = (
        Variant(variant_id="11", title="M", quantity=0, in_stock=False),
        Variant(variant_id="12", title="L", quantity=4, in_stock=True),
    )
    product = Product(product_id="1", title="Linen Apron", updated_at=clock(), variants=variants)
    DynamoRecords(stack.dynamodb, stack.table_name, clock).put_product(
        ProductRecord(store_id="kinari", product=product, version=1)
    )
    apron = [("stock", "1", "11"), ("stock", "1", "11"), ("wishlist", "1", "11"), ("wishlist", "1", "12")]
    for number, (wish, product_id, variant_id) in enumerate([*apron, ("launch", "9", None)]):
        values = {"store_id": "kinari", "customer_id": f"c{number}", "wish": wish, "at": clock()}
        interests.put(Interest.model_validate(values | {"product_id": product_id, "variant_id": variant_id}))
    found = count_demand(stack, "kinari")
    assert [(one.title, one.variant, one.in_stock, one.stock, one.launch, one.wishlist) for one in found] == [
        ("Linen Apron", "M", "no", 2, 0, 1),
        ("Linen Apron", "L", "yes", 0, 0, 1),
        ("not known yet", "any", "", 0, 1, 0),
    ]
