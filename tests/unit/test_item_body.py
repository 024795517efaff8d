"""How large a customer is in the table: DynamoDB charges each write by the kilobyte."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.item_body import decode_body, encode_body
from okaeri.adapters.item_dictionary import BY_CHECKSUM, DICTIONARIES
from okaeri.domain.customers import Consent, Customer, Run, Waiting
from okaeri.domain.journeys import Definition, ExitStep, SendStep, WaitStep
from okaeri.domain.knowledge import QuickReply, ShopAnswer
from okaeri.domain.messages import Message
from okaeri.domain.records import (
    CartRecord,
    ConsentEntry,
    DecisionRecord,
    FinishedRun,
    OrderRecord,
    ProductRecord,
    ShelfEntry,
    TimelineEntry,
)
from okaeri.domain.values import Purpose, make_id
from tests.fakes import START
from tests.item_size import measure_item

JOURNEYS = (
    "order-confirmation",
    "delivery-updates",
    "review-request",
    "order-changes",
    "cart-recovery",
    "payment-failed",
)
FIRST_CHECKSUM = 3890712228


def make_run(number: int) -> Run:
    journey = JOURNEYS[number % len(JOURNEYS)]
    order_id = str(6_082_091_194_615 + number // len(JOURNEYS) * 7_919)
    refs = {"order.id": (order_id,), "cart.token": (hashlib.md5(order_id.encode()).hexdigest(),)}
    if journey in ("delivery-updates", "review-request"):
        refs["shipment.id"] = (str(4_910_000_000_000 + number * 104_729),)
    started_at = START + timedelta(days=number, seconds=number * 977, microseconds=number * 31_337)
    return Run(
        journey=journey,
        definition=make_id(journey)[:20],
        key=order_id,
        step=2 + number % 3,
        visit=number % 2,
        started_at=started_at,
        refs=refs,
        waiting=Waiting(due=started_at + timedelta(days=7), events=("shipment.delivered",), scheduled=True),
    )


def make_customer(runs: int) -> Customer:
    consent = Consent(given=True, at=START, source="shopify:checkout")
    return Customer(
        store_id="mori-linen",
        customer_id=make_id("customer"),
        version=231,
        created_at=START,
        first_name="花子",
        last_name="山田",
        locale="ja-JP",
        country="JP",
        time_zone="Asia/Tokyo",
        phones=("+819012345678",),
        emails=("hanako.yamada@example.jp",),
        wa_user_ids=("JP.1081839202938475",),
        store_customer_ids=("7108573036725",),
        consents={f"{c}:{p}": consent for c in ("whatsapp", "email") for p in ("order", "marketing")},
        window_opened_at=START,
        orders=tuple(str(6_082_091_194_615 + number * 7_919) for number in range(min(20, runs))),
        orders_count=runs,
        orders_today=("2026-11-02", 1),
        ended_runs={make_id(number)[:10]: 1 for number in range(8)},
        runs=tuple(make_run(number) for number in range(runs)),
        recent=tuple(make_id("event", number)[:10] for number in range(32)),
    )


class Recorder:
    """A DynamoDB that only remembers what was put."""

    def put_item(self, **request: Any) -> None:
        self.item: dict[str, dict[str, Any]] = request["Item"]


@pytest.mark.parametrize(("runs", "most"), [(6, 1_024), (64, 4_096)])
def test_a_customer_with_many_runs_stays_small(
    runs: int, most: int, record_property: Callable[[str, object], None]
) -> None:
    customer, dynamodb = make_customer(runs), Recorder()
    DynamoCustomers(dynamodb, "table").save(customer, sweep_at=START)  # type: ignore[arg-type]  # one call of it
    print(f"{runs} runs: {measure_item(dynamodb.item)} bytes")
    record_property("bytes", measure_item(dynamodb.item))
    assert decode_body(Customer, dynamodb.item["body"]) == customer
    assert measure_item(dynamodb.item) <= most


def test_a_body_keeps_what_this_version_does_not_know() -> None:
    later = Customer.model_validate(
        {
            **make_customer(2).model_dump(by_alias=True),
            "schema": 2,
            "loyalty": {"points": 7},
            "consents": {"email:order": {"given": True, "at": START, "source": "x", "proof": "form 4"}},
        }
    )
    kept = decode_body(Customer, encode_body(decode_body(Customer, encode_body(later))))
    assert kept == later
    assert kept.schema_version == 2
    assert kept.model_extra == {"loyalty": {"points": 7}}
    assert kept.consents["email:order"].model_extra == {"proof": "form 4"}


def test_a_body_says_its_schema_and_leaves_defaults_out() -> None:
    record = OrderRecord(store_id="s1", order_id="o1", version=3)
    assert read_json(encode_body(record)) == {"schema": 1, "store_id": "s1", "order_id": "o1", "version": 3}


def test_a_definition_is_kept_whole_so_that_its_steps_are_told_apart() -> None:
    definition = Definition(
        journey="j", version=1, purpose=Purpose.ORDER, events=("order.placed",), key="order.id",
        steps=(SendStep(template="t"), WaitStep(at="10:00"), ExitStep()),
    )  # fmt: skip
    assert decode_body(Definition, encode_body(definition, whole=True)) == definition


KEPT_COMPACTLY = (
    Customer,
    OrderRecord,
    CartRecord,
    ProductRecord,
    ShelfEntry,
    ShopAnswer,
    QuickReply,
    DecisionRecord,
    ConsentEntry,
    FinishedRun,
    TimelineEntry,
    Message,
)


@pytest.mark.parametrize("kind", KEPT_COMPACTLY)
def test_what_is_kept_without_its_defaults_has_no_union_told_apart_by_one(kind: type[BaseModel]) -> None:
    assert "discriminator" not in json.dumps(kind.model_json_schema(mode="serialization"))


def test_dictionaries_in_use_never_change() -> None:
    assert list(BY_CHECKSUM)[:1] == [FIRST_CHECKSUM]


def read_json(body: dict[str, bytes]) -> Any:
    return json.loads(zlib.decompressobj(zdict=DICTIONARIES[-1]).decompress(body["B"]))
