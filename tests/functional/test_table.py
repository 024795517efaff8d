"""What DynamoDB alone shows: what is kept how long, lost answers, half answers, stores and templates as published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from okaeri import wiring
from okaeri.adapters.customers import DynamoCustomers
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.dynamodb import Table
from okaeri.adapters.item_body import encode_body
from okaeri.adapters.messages import DynamoMessages
from okaeri.adapters.records import DynamoRecords
from okaeri.adapters.stores import DynamoStores
from okaeri.adapters.templates import DynamoTemplates
from okaeri.domain.evidence import PrivacyRequested
from okaeri.domain.journeys import Definition, ExitStep, SendStep
from okaeri.domain.messages import MessageState
from okaeri.domain.records import CartRecord, ConsentEntry, DecisionRecord, OrderRecord, TimelineEntry
from okaeri.domain.stores import Platform, Store
from okaeri.domain.templates import TemplateState
from okaeri.domain.values import Purpose
from okaeri.errors import Conflict, TryAgain
from tests.fakes import START, FakeClock
from tests.functional.aws_from_template import MadeStack
from tests.functional.test_contract import make_cart, make_customer, make_message, make_parcel
from tests.item_size import measure_item


class Kept:
    """The adapters on one table, and the items themselves."""

    def __init__(self, table_name: str) -> None:
        client = wiring.connect_dynamodb()
        self.clock = FakeClock()
        self.table = Table(client, table_name)
        self.customers = DynamoCustomers(client, table_name)
        self.records = DynamoRecords(client, table_name, self.clock)
        self.messages = DynamoMessages(client, table_name, self.clock)
        self.stores = DynamoStores(client, table_name)
        self.templates = DynamoTemplates(client, table_name)
        self.definitions = DynamoDefinitions(client, table_name)

    def item(self, pk: str, sk: str) -> dict[str, Any]:
        item = self.table.get(pk, sk)
        assert item is not None
        return item

    def put_body(self, pk: str, sk: str, body: dict[str, bytes]) -> None:
        self.table.put({"pk": {"S": pk}, "sk": {"S": sk}, "body": body})


@pytest.fixture
def kept(made_stack: MadeStack) -> Kept:
    return Kept(made_stack.table_name)


def make_decision() -> DecisionRecord:
    return DecisionRecord(
        store_id="s1", customer_id="c1", event_id="e1", event="x", occurred_at=START, decided_at=START
    )


def expiry(item: dict[str, Any]) -> timedelta:
    return datetime.fromtimestamp(int(item["expires_at"]["N"]), START.tzinfo) - START


def test_what_is_kept_for_how_long(kept: Kept) -> None:
    kept.records.put_decision(make_decision())
    kept.records.park_evidence(make_parcel("e1"), "o1")
    kept.records.put_cart(make_cart())
    kept.messages.create(make_message())
    kept.records.put_order(OrderRecord(store_id="s1", order_id="o1", version=1))
    assert expiry(kept.item("s1#C#c1", "D#e1")) == timedelta(days=90)
    assert expiry(kept.item("s1#K#order:o1", "P#e1")) == timedelta(days=7)
    assert expiry(kept.item("s1#K#cart:t1", "K")) == timedelta(days=90)
    assert expiry(kept.item("s1#C#c1", "M#m1")) == timedelta(days=400)
    assert "expires_at" not in kept.item("s1#K#order:o1", "K")


def test_what_has_expired_is_gone_though_dynamodb_has_it_still(kept: Kept) -> None:
    kept.records.put_decision(make_decision())
    kept.records.park_evidence(make_parcel("e1"), "o1")
    kept.records.put_cart(make_cart())
    kept.clock.advance(days=91)
    assert not kept.records.has_decision("s1", "c1", "e1")
    assert kept.records.get_order("s1", "o1") is None
    assert kept.records.get_cart("s1", "t1") is None


def test_the_ledger_and_the_timeline_are_read_in_the_order_of_time(kept: Kept) -> None:
    for minute in (10, 9):
        at = START + timedelta(minutes=minute)
        kept.records.put_consent_entry(
            ConsentEntry(store_id="s1", customer_id="c1", entry_id="e", channel="email", purpose="marketing",
                         given=True, at=at, source="x")
        )  # fmt: skip
        kept.records.put_timeline_entry(
            TimelineEntry(store_id="s1", customer_id="c1", entry_id="e", at=at, kind="message")
        )
    keys = [item["sk"]["S"] for item in kept.table.query("s1#C#c1")]
    assert keys == [
        "L#2026-11-02T10:09:00.000000Z#e",
        "L#2026-11-02T10:10:00.000000Z#e",
        "N#2026-11-02T10:09:00.000000Z#e",
        "N#2026-11-02T10:10:00.000000Z#e",
    ]


def test_an_address_that_is_longer_than_any_key_names_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**request: Any) -> Any:
        raise AssertionError("DynamoDB would call this a fault")

    monkeypatch.setattr(wiring.connect_dynamodb(), "get_item", refuse)
    assert kept.stores.get("s" * 2048) is None
    assert kept.table.get("s1#STAFF", "n" * 1025) is None


def test_a_partition_of_many_pages_is_read_whole(kept: Kept) -> None:
    envelopes = [make_parcel(f"{number:03}", START + timedelta(seconds=number)) for number in range(250)]
    for envelope in envelopes:
        kept.records.park_evidence(envelope, "o1")
    record = kept.records.get_order("s1", "o1")
    assert record is not None
    assert record.parked == tuple(envelopes)


def test_a_privacy_request_is_kept_until_it_is_carried_out(kept: Kept) -> None:
    request = PrivacyRequested(request="erase_customer", at=START, email="a@example.com")
    kept.records.put_privacy_task("s1", "t1", request)
    assert "expires_at" not in kept.item("s1#PRIVACY", "t1")


# ── Lost and half answers ──────────────────────────────────────────────────────────────────────────────────────────


def repeat_calls(monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    """As boto3 does when an answer is lost: the call arrives, and then arrives again."""
    client = wiring.connect_dynamodb()
    call = getattr(client, operation)

    def call_twice(**request: Any) -> Any:
        call(**request)
        return call(**request)

    monkeypatch.setattr(client, operation, call_twice)


def test_a_move_whose_answer_was_lost_is_still_this_workers(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    message = make_message(state=MessageState.QUEUED)
    kept.messages.create(message)
    repeat_calls(monkeypatch, "update_item")
    moved = kept.messages.move(message, MessageState.SENDING, expected=[MessageState.QUEUED], at=START)
    assert moved is not None
    assert moved.state is MessageState.SENDING
    assert kept.messages.report("s1", "c1", "m1", MessageState.SENT, at=START) is not None


def test_a_message_whose_creation_was_answered_late_is_as_it_was_created(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeat_calls(monkeypatch, "put_item")
    assert kept.messages.create(make_message(state=MessageState.QUEUED)) is MessageState.QUEUED


def test_keys_that_dynamodb_leaves_for_later_are_asked_for_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, made_stack: MadeStack
) -> None:
    for number in range(3):
        kept.put_body(f"p{number}", "K", encode_body(make_cart()))
    client = wiring.connect_dynamodb()
    get_batch = client.batch_get_item

    def answer_one(*, RequestItems: dict[str, Any]) -> dict[str, Any]:
        wanted = RequestItems[made_stack.table_name]
        first, rest = wanted["Keys"][:1], wanted["Keys"][1:]
        request: Any = {made_stack.table_name: {**wanted, "Keys": first}}
        answer: Any = get_batch(RequestItems=request)
        left = {made_stack.table_name: {**wanted, "Keys": rest}} if rest else {}
        return {**answer, "UnprocessedKeys": left}

    monkeypatch.setattr(client, "batch_get_item", answer_one)
    found = kept.table.get_many((f"p{number}", "K") for number in range(3))
    assert sorted(item["pk"]["S"] for item in found) == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ProvisionedThroughputExceededException", 400, TryAgain),
        ("ThrottlingException", 400, TryAgain),
        ("InternalServerError", 500, TryAgain),
        ("TransactionConflictException", 400, Conflict),
        ("AccessDeniedException", 400, ClientError),
    ],
)
def test_what_dynamodb_refuses_becomes_what_to_do_next(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, code: str, status: int, kind: type[Exception]
) -> None:
    def refuse(**request: Any) -> None:
        answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise ClientError(answer, "PutItem")

    monkeypatch.setattr(wiring.connect_dynamodb(), "put_item", refuse)
    with pytest.raises(kind) as caught:
        kept.customers.save(make_customer(), sweep_at=None)
    assert isinstance(caught.value, Conflict) == (kind is Conflict)


# ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_remembers_how_it_came_here(kept: Kept) -> None:
    message = make_message()
    kept.messages.create(message)
    kept.messages.move(message, MessageState.SENDING, expected=[MessageState.DECIDED], at=START)
    details = {"code": 131026, "title": "Message undeliverable"}
    kept.messages.report("s1", "c1", "m1", MessageState.FAILED, at=START, reason="undeliverable", details=details)
    assert [entry["S"] for entry in kept.item("s1#C#c1", "M#m1")["history"]["L"]] == [
        "2026-11-02T10:00:00.000000Z decided",
        "2026-11-02T10:00:00.000000Z sending",
        '2026-11-02T10:00:00.000000Z failed undeliverable {"code":131026,"title":"Message undeliverable"}',
    ]


def test_a_message_parked_for_weeks_keeps_its_first_and_its_latest_history(kept: Kept) -> None:
    message = make_message(state=MessageState.QUEUED)
    kept.messages.create(message)
    for number in range(60):
        parked = kept.messages.move(
            message,
            MessageState.PARKED,
            expected=[MessageState.QUEUED, MessageState.PARKED],
            at=START + timedelta(hours=number),
            reason=f"try_{number}",
            parked_until=START + timedelta(hours=number + 1),
        )
        assert parked is not None
    history = [entry["S"] for entry in kept.item("s1#C#c1", "M#m1")["history"]["L"]]
    assert len(history) <= 40
    assert history[0].endswith(" queued")
    assert history[-1].endswith(" parked try_59")


def test_a_message_stays_within_the_kilobyte_of_a_write_unit_all_its_life(kept: Kept) -> None:
    message = make_message(data={"order": "#1001"}, run_id="r" * 40, journey="order-confirmation")
    kept.messages.create(message)
    moved = kept.messages.move(message, MessageState.QUEUED, expected=[MessageState.DECIDED], at=START)
    assert moved is not None
    moved = kept.messages.move(
        moved, MessageState.SENDING, expected=[MessageState.QUEUED], at=START, address="+819012345678"
    )
    assert moved is not None
    kept.messages.move(
        moved, MessageState.ACCEPTED, expected=[MessageState.SENDING], at=START, provider_id="wamid." + "x" * 56
    )
    for state in (MessageState.SENT, MessageState.DELIVERED, MessageState.READ):
        kept.messages.report("s1", "c1", "m1", state, at=START)
    item = kept.item("s1#C#c1", "M#m1")
    print(f"{measure_item(item)} bytes")
    assert measure_item(item) <= 1_024


# ── What the command line publishes ────────────────────────────────────────────────────────────────────────────────


def make_store(store_id: str = "s1", **fields: Any) -> Store:
    return Store(
        store_id=store_id,
        name="Mori Linen",
        platform=Platform.SHOPIFY,
        domain="mori.example",
        site_url="https://mori.example",
        **fields,
    )


def put_store(kept: Kept, store: Store) -> None:
    kept.put_body(f"STORE#{store.store_id}", "STORE", encode_body(store, whole=True))


def test_a_store_is_found_by_its_id_and_by_its_whatsapp_number(kept: Kept) -> None:
    store = make_store(phone_number_id="1065")
    put_store(kept, store)
    kept.table.put({"pk": {"S": "PHONE#1065"}, "sk": {"S": "PHONE"}, "store_id": {"S": "s1"}})
    kept.table.put({"pk": {"S": "STORES"}, "sk": {"S": "s1"}})
    assert kept.stores.get("s1") == store
    assert kept.stores.find_by_phone_number("1065") == store
    assert kept.stores.find_by_phone_number("1066") is None
    assert kept.stores.get("s2") is None
    assert list(kept.stores.list_ids()) == ["s1"]


def test_a_removed_app_pauses_the_store_and_nothing_else_of_it(kept: Kept) -> None:
    put_store(kept, make_store(currency="JPY"))
    assert kept.stores.get("s1") == make_store(currency="JPY")
    kept.records.pause_store("s1", "uninstalled")
    kept.records.pause_store("unknown", "uninstalled")
    kept.stores.forget("s1")
    assert kept.stores.get("s1") == make_store(currency="JPY", paused="uninstalled")
    assert kept.stores.get("unknown") is None


def test_a_webhook_is_noted_at_most_once_an_hour(kept: Kept, made_stack: MadeStack) -> None:
    def read(source: str) -> str:
        text: str = kept.item("STORE#s1", "SEEN")[source]["S"]
        return text

    source = "shopify:orders/create"
    kept.records.note_webhook("s1", source, START)
    kept.records.note_webhook("s1", source, START + timedelta(minutes=59))
    other = DynamoRecords(wiring.connect_dynamodb(), made_stack.table_name, kept.clock)
    other.note_webhook("s1", source, START + timedelta(minutes=59))
    assert read(source) == "2026-11-02T10:00:00.000000Z"
    other.note_webhook("s1", "shopify:carts/update", START + timedelta(minutes=5))
    kept.records.note_webhook("s1", source, START + timedelta(minutes=60))
    assert read(source) == "2026-11-02T11:00:00.000000Z"
    assert read("shopify:carts/update") == "2026-11-02T10:05:00.000000Z"


def test_a_definition_is_read_once_and_one_that_is_missing_waits(kept: Kept) -> None:
    definition = Definition(
        journey="j",
        version=1,
        purpose=Purpose.ORDER,
        events=("order.placed",),
        key="order.id",
        steps=(SendStep(template="t"), ExitStep()),
    )
    with pytest.raises(TryAgain, match="definition"):
        kept.definitions.get("hash")
    kept.put_body("DEF#hash", "DEF", encode_body(definition, whole=True))
    assert kept.definitions.get("hash") == definition
    kept.table.delete("DEF#hash", "DEF")
    assert kept.definitions.get("hash") == definition


def test_what_meta_says_of_a_template_is_kept_beside_it(kept: Kept) -> None:
    assert kept.templates.get_state("s1", "order_confirmed", "ja") is None
    approved = TemplateState(status="APPROVED", category="UTILITY", meta_id="7")
    kept.templates.put_state("s1", "order_confirmed", "ja", approved)
    assert kept.templates.get_state("s1", "order_confirmed", "ja") == approved
    assert kept.templates.get_state("s1", "order_confirmed", "en") is None
    assert kept.templates.get("s1", "order_confirmed", "ja") is None


def test_an_aliased_cart_costs_one_more_write_and_only_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    client, written = wiring.connect_dynamodb(), list[str]()
    put_item = client.put_item

    def note(**request: Any) -> Any:
        written.append(request["Item"]["pk"]["S"])
        return put_item(**request)

    monkeypatch.setattr(client, "put_item", note)
    kept.records.put_cart(make_cart())
    seen = kept.records.get_cart("s1", "t1")
    assert isinstance(seen, CartRecord)
    kept.records.put_cart(make_cart(2))
    assert written == ["s1#K#cart:k1", "s1#K#cart:t1", "s1#K#cart:t1"]
